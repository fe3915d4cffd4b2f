/* SPDX-License-Identifier: GPL-2.0 */
/* Who called whom, without those who only watch. */
#ifndef SKBSCOPE_MODEL_STACK_H
#define SKBSCOPE_MODEL_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "model/names.h"

/*
 * Keeps of a stack (n addresses, innermost first) what is worth showing: no
 * trampolines, not the function again that each was entered from, not our program
 * when the stack begins with it. Programs of others stay, and what has no name yet.
 * Returns how many are left.
 */
size_t stack_shown(const struct names *names, uint64_t *stack, size_t n);

#endif
