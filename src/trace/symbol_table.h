/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of a kernel by their addresses. */
#ifndef SKBSCOPE_TRACE_SYMBOL_TABLE_H
#define SKBSCOPE_TRACE_SYMBOL_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol_table;

/* From the text of /proc/kallsyms, which is needed no more then. NULL: no memory. */
struct symbol_table *symbol_table_new(const char *kallsyms, size_t len);
/*
 * From that file, piece by piece. Empty when it cannot be read; NULL: no memory, or
 * *cancel (NULL: nobody does) became true meanwhile.
 */
struct symbol_table *symbol_table_read(const char *path, const _Atomic bool *cancel);
void symbol_table_free(struct symbol_table *t);
size_t symbol_table_functions(const struct symbol_table *t);

/*
 * The function that addr lies in: name, "" for vmlinux in *module, and the
 * distance from its begin. NULL: none. Both texts are good as long as the table.
 */
const char *symbol_table_find(
	const struct symbol_table *t, uint64_t addr, const char **module, uint32_t *offset);

#endif
