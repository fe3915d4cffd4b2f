/* SPDX-License-Identifier: GPL-2.0 */
/* Candidates × what the kernel can trace × where it lies. */
#ifndef SKBSCOPE_TRACE_DISCOVER_SYMBOLS_H
#define SKBSCOPE_TRACE_DISCOVER_SYMBOLS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "trace/discover/btf_scan.h"

enum symbol_list {
	SYMBOLS_TRACEABLE, /* available_filter_functions */
	SYMBOLS_ALL,	   /* /proc/kallsyms */
	SYMBOL_LISTS
};

/* Read side by side, with the BTF as well: each takes a quarter of a second in the kernel. */
struct symbol_texts {
	struct symbol_text {
		char path[256];
		char *v;
		size_t len;
		int err; /* 0 or -errno */
		pthread_t thread;
		bool reading;
	} list[SYMBOL_LISTS];
};

/*
 * Begins to read them; they stay where they are until symbol_texts_free().
 * tracefs is a directory such as /sys/kernel/tracing.
 */
void symbol_texts_begin(struct symbol_texts *texts, const char *tracefs);
/* Waits for one of them. */
const struct symbol_text *symbol_text_wait(struct symbol_texts *texts, enum symbol_list which);
void symbol_texts_free(struct symbol_texts *texts);

/* Waits for them, and leaves only the lines of these modules. */
void symbol_texts_keep(struct symbol_texts *texts, const char *const *modules, size_t n);

/*
 * Fills listed, symbols and addr of every candidate; adds functions of modules
 * without BTF whose name tells where the skb stands. Waits for the texts. 0 or -ENOMEM.
 */
int symbols_match(struct btf_scan *scan, struct symbol_texts *texts);

#endif
