/* SPDX-License-Identifier: GPL-2.0 */
#include "model/flow_times.h"

#include "base/hashmap.h"

#define FIRST_OCTAVE 8 /* 2^8 ns */

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int octave, i;

	if (ns < 1u << FIRST_OCTAVE)
		return 0;
	octave = 63 - (unsigned int)__builtin_clzll(ns);
	/* the upper half begins at 1.5 times the lower: no root is needed to see it */
	i = (octave - FIRST_OCTAVE) * 2 + (unsigned int)(ns >> (octave - 1) & 1);
	return i < FLOW_TIMES_BUCKETS ? i : FLOW_TIMES_BUCKETS - 1;
}

static void bucket_add(struct flow_times *t, uint64_t ns)
{
	uint8_t *bucket = &t->bucket[bucket_of(ns)];

	if (*bucket == UINT8_MAX) {
		uint64_t up = hash_u64(t->n); /* as often as not an odd one is rounded up */

		for (unsigned int i = 0; i < FLOW_TIMES_BUCKETS; i++)
			t->bucket[i] = (uint8_t)((t->bucket[i] + (up >> i & 1)) / 2);
	}
	++*bucket;
	if (ns > t->max)
		t->max = ns;
}

void flow_times_add(struct flow_times *t, uint64_t ns)
{
	bucket_add(t, ns);
	t->sum += ns;
	if (t->n < UINT32_MAX)
		t->n++;
}

void flow_times_replace(struct flow_times *t, uint64_t before, uint64_t ns)
{
	uint8_t *bucket = &t->bucket[bucket_of(before)];

	if (*bucket)
		--*bucket;
	t->sum -= before < t->sum ? before : t->sum;
	t->sum += ns;
	bucket_add(t, ns);
}

static uint64_t bucket_middle(unsigned int i)
{
	uint64_t half = 1ull << (FIRST_OCTAVE + i / 2 - 1); /* of its octave */

	return i ? half * (2 + i % 2) + half / 2 : 2 * half;
}

uint64_t flow_times_quantile(const struct flow_times *t, double q)
{
	uint32_t total = 0, below = 0, rank;
	uint64_t middle;
	unsigned int i;

	for (i = 0; i < FLOW_TIMES_BUCKETS; i++)
		total += t->bucket[i];
	rank = q <= 0 ? 0 : (uint32_t)(q * total);
	if (!total || rank >= total)
		return t->max;
	for (i = 0; below + t->bucket[i] <= rank; i++)
		below += t->bucket[i];
	if (i == FLOW_TIMES_BUCKETS - 1)
		return t->max;
	middle = bucket_middle(i);
	return middle < t->max ? middle : t->max;
}
