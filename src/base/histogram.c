/* SPDX-License-Identifier: GPL-2.0 */
#include "base/histogram.h"

#define STEPS_LOG2 3
#define STEPS (1u << STEPS_LOG2) /* buckets an octave */
#define TIME_MAX ((1ull << 40) - 1)

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int octave;

	if (ns < (uint64_t)2 * STEPS)
		return (unsigned int)ns;
	if (ns > TIME_MAX)
		ns = TIME_MAX;
	octave = 63 - (unsigned int)__builtin_clzll(ns) - STEPS_LOG2;
	return octave * STEPS + (unsigned int)(ns >> octave);
}

uint64_t histogram_bucket_start(unsigned int i)
{
	unsigned int octave = i / STEPS;

	if (i < 2 * STEPS)
		return i;
	return (uint64_t)(STEPS + i % STEPS) << (octave - 1);
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	uint32_t *bucket = &h->bucket[bucket_of(ns)];

	if (*bucket < UINT32_MAX)
		++*bucket;
	h->count++;
	h->sum += ns;
	if (ns > h->max)
		h->max = ns;
}

void histogram_remove(struct histogram *h, uint64_t ns)
{
	uint32_t *bucket = &h->bucket[bucket_of(ns)];

	if (!*bucket || !h->count)
		return;
	--*bucket;
	h->count--;
	h->sum -= ns < h->sum ? ns : h->sum;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t sum = (uint64_t)h->bucket[i] + other->bucket[i];

		h->bucket[i] = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
	}
	h->count += other->count;
	h->sum += other->sum;
	if (other->max > h->max)
		h->max = other->max;
}

uint64_t histogram_quantile(const struct histogram *h, double q)
{
	uint64_t below = 0, total = 0, rank;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		total += h->bucket[i];
	if (!total)
		return 0;
	rank = q <= 0 ? 0 : (uint64_t)(q * (double)total);
	if (rank >= total)
		return h->max;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t start, middle;

		below += h->bucket[i];
		if (below <= rank)
			continue;
		if (i == HISTOGRAM_BUCKETS - 1)
			break;
		start = histogram_bucket_start(i);
		middle = start + (histogram_bucket_start(i + 1) - start) / 2;
		return middle < h->max ? middle : h->max;
	}
	return h->max;
}

uint64_t histogram_mean(const struct histogram *h)
{
	return h->count ? h->sum / h->count : 0;
}
