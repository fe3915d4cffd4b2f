/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of /proc/kallsyms and available_filter_functions. Nothing is copied or terminated. */
#ifndef SKBSCOPE_TRACE_DISCOVER_SYMBOL_LINE_H
#define SKBSCOPE_TRACE_DISCOVER_SYMBOL_LINE_H

#include <stddef.h>
#include <stdint.h>

/* module has length 0 for vmlinux. */
struct symbol_line {
	const char *name, *module;
	size_t name_len, module_len;
	const char *address; /* symbol_line_address() */
	char type;	     /* as nm says it; 0: the line is broken */
};

/* "ffffffff81000000 T name\t[module]": the line at p. Returns where the next begins. */
const char *symbol_line_read(const char *p, const char *end, struct symbol_line *line);

/* Of a line that is not broken. */
uint64_t symbol_line_address(const struct symbol_line *line);

/* "name [module]" */
const char *symbol_line_read_name(const char *p, const char *end, struct symbol_line *line);

#endif
