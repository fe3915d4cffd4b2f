/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks of drops as the kernel takes them begin with what took them: our program,
 * the tracepoint, kfree_skb() itself.
 */
#ifndef SKBSCOPE_TRACE_STACK_TRIM_H
#define SKBSCOPE_TRACE_STACK_TRIM_H

#include <stddef.h>

#include "../../bpf/event.h"

/*
 * Lets the stack begin with the location, which is the address that kfree_skb()
 * returns to. One that does not have it stays as it is. rec: a record of size bytes;
 * a cut one is left alone.
 */
void stack_trim(struct event_drop *rec, size_t size);

#endif
