/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SKBSCOPE_TRACE_DISCOVER_SYMBOL_ADDRESS_H
#define SKBSCOPE_TRACE_DISCOVER_SYMBOL_ADDRESS_H

#include <stdint.h>

/* Where the kernel has a symbol of its own; 0: unknown, or not told. Reads /proc/kallsyms until there. */
uint64_t symbol_address(const char *name);

#endif
