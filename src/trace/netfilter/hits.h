/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's counters of rules and chains → records EVENT_RULE_HITS, of those that have changed. One
 * thread. */
#ifndef SKBSCOPE_TRACE_NETFILTER_HITS_H
#define SKBSCOPE_TRACE_NETFILTER_HITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/hashmap.h"

struct hits {
	int map; /* descriptor */
	unsigned int cpus;
	struct hashmap known; /* hash of a key → its place in totals + 1 */
	uint64_t *total;      /* as told */
	size_t n, cap;
	void *keys, *values; /* a batch */
};

typedef void (*hits_put_fn)(void *ctx, const void *record, size_t size);

/* 0 or -ENOMEM. */
int hits_init(struct hits *h, int map, unsigned int cpus);
void hits_fini(struct hits *h);
/* Reads all of them, hands over what changed since. 0 or -errno. */
int hits_read(struct hits *h, hits_put_fn put, void *ctx);

#endif
