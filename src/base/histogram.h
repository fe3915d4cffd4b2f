/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times in ns, counted in buckets an eighth of an octave wide: a quantile is off
 * by at most 1/16 of its value, and exact below 16 ns. Times from 2^40 ns (18
 * minutes) on share the last bucket; max knows. 1.2 KiB, nothing is allocated;
 * zero it to begin.
 */
#ifndef SKBSCOPE_BASE_HISTOGRAM_H
#define SKBSCOPE_BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 304

struct histogram {
	uint64_t count;
	uint64_t sum, max;		    /* ns */
	uint32_t bucket[HISTOGRAM_BUCKETS]; /* a full one stays full */
};

void histogram_add(struct histogram *h, uint64_t ns);

/* Takes one of that time away again, which must have been added; max stays. */
void histogram_remove(struct histogram *h, uint64_t ns);

void histogram_merge(struct histogram *h, const struct histogram *other);

/* The time that a share q (0 ... 1) of all does not exceed; 0 when there is none. */
uint64_t histogram_quantile(const struct histogram *h, double q);

/* 0 when there is none. */
uint64_t histogram_mean(const struct histogram *h);

/* The shortest time of a bucket, ns; i may be HISTOGRAM_BUCKETS: where the last one ends. */
uint64_t histogram_bucket_start(unsigned int i);

#endif
