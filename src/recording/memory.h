/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What later records need to be understood: names of devices, namespaces,
 * owners, chains, rules, symbols, and the last full record of each skb under way.
 * Of each kind so many; then the oldest are forgotten, and that is counted.
 */
#ifndef SKBSCOPE_RECORDING_MEMORY_H
#define SKBSCOPE_RECORDING_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

#define MEMORY_PACKETS 65536u
#define MEMORY_RULESETS 64u		 /* namespaces */
#define MEMORY_RULESET_BYTES (32u << 20) /* of all, the one that is being read included */

struct memory;

struct memory *memory_new(void); /* NULL: no memory */
void memory_free(struct memory *m);

/* Any event; those that tell no name are ignored. */
void memory_take(struct memory *m, const struct event *ev, size_t size);

/* All that is remembered: names first, then packets in the order in which they were told. */
void memory_retell(
	const struct memory *m, void (*fn)(void *ctx, const struct event *ev, size_t size), void *ctx);

/* Records that were forgotten for want of room. */
uint64_t memory_lost(const struct memory *m);

#endif
