/* SPDX-License-Identifier: GPL-2.0 */
/* Candidates × what the kernel can trace × where it lies. */
#ifndef SKBSCOPE_TRACE_DISCOVER_SYMBOLS_H
#define SKBSCOPE_TRACE_DISCOVER_SYMBOLS_H

#include <stddef.h>

#include "trace/discover/btf_scan.h"

/* Both texts are read once, side by side with the BTF. */
struct symbol_texts {
	char *traceable, *kallsyms; /* available_filter_functions, /proc/kallsyms */
	size_t traceable_len, kallsyms_len;
	int traceable_err, kallsyms_err; /* 0 or -errno */
};

/* tracefs is a directory such as /sys/kernel/tracing. */
void symbol_texts_read(struct symbol_texts *texts, const char *tracefs);
void symbol_texts_free(struct symbol_texts *texts);

/* Leaves only the lines of these modules. */
void symbol_texts_keep(struct symbol_texts *texts, const char *const *modules, size_t n);

/*
 * Fills listed, symbols and addr of every candidate; adds functions of modules
 * without BTF whose name tells where the skb stands. 0 or -ENOMEM.
 */
int symbols_match(struct btf_scan *scan, const struct symbol_texts *texts);

#endif
