/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel addresses (of stacks, places of drops, hook functions) → functions: as
 * records EVENT_SYMBOL. The kernel's symbols are read when the first is asked
 * for, and again when a module has come. As struct owners: one thread asks and
 * takes, another looks.
 */
#ifndef SKBSCOPE_TRACE_SYMBOLIZER_H
#define SKBSCOPE_TRACE_SYMBOLIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbolizer;

struct symbolizer *symbolizer_new(void); /* NULL: no memory */
void symbolizer_free(struct symbolizer *s);

/* Drain thread: true when it is a new one, so that the other thread has work. */
bool symbolizer_met(struct symbolizer *s, uint64_t addr);
void symbolizer_take(
	struct symbolizer *s, void (*put)(void *ctx, const void *record, size_t size), void *ctx);

/* The other thread. */
void symbolizer_look(struct symbolizer *s);
void symbolizer_modules_changed(struct symbolizer *s);

#endif
