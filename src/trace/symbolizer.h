/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel addresses (of stacks, places of drops, hook functions) → functions: as
 * records EVENT_SYMBOL. The kernel's symbols are read ahead of the first question,
 * or by it, and again after modules or programs have come. One thread asks and
 * takes, another looks.
 */
#ifndef SKBSCOPE_TRACE_SYMBOLIZER_H
#define SKBSCOPE_TRACE_SYMBOLIZER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbolizer;

struct symbolizer *symbolizer_new(void); /* NULL: no memory */
void symbolizer_free(struct symbolizer *s);

typedef void (*symbolizer_fn)(void *ctx, const void *record, size_t size);

/*
 * Drain thread: an address that is new is put at once when the symbols are there,
 * so that its name comes before what it is met in. True: it is not, and the other
 * thread has work.
 */
bool symbolizer_met(struct symbolizer *s, uint64_t addr, symbolizer_fn put, void *ctx);
void symbolizer_take(struct symbolizer *s, symbolizer_fn put, void *ctx);

/* The other thread. */
void symbolizer_look(struct symbolizer *s);
/* Reads them unless they are as they were. Gives up when *cancel becomes true. True: they were read. */
bool symbolizer_prepare(struct symbolizer *s, const _Atomic bool *cancel);
/* Other functions may lie where some were: what is known of them is asked again. */
void symbolizer_modules_changed(struct symbolizer *s);
/* Programs or trampolines have come. */
void symbolizer_programs_changed(struct symbolizer *s);

#endif
