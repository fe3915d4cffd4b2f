/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long the packets of a flow took, in 72 bytes. Half an octave a bucket from
 * 256 ns to 17 s (what is shorter or longer counts in the first or last): a
 * quantile is off by at most 1/4 of its value there. Buckets hold up to 255 and
 * are halved together when one is full, so that older packets weigh less; n, sum
 * and max are exact.
 */
#ifndef SKBSCOPE_MODEL_FLOW_TIMES_H
#define SKBSCOPE_MODEL_FLOW_TIMES_H

#include <stdint.h>

#define FLOW_TIMES_BUCKETS 52

struct flow_times {
	uint64_t sum, max; /* ns */
	uint32_t n;
	uint8_t bucket[FLOW_TIMES_BUCKETS];
};

void flow_times_add(struct flow_times *t, uint64_t ns);

/* Another time for a packet that was counted: before was its time. */
void flow_times_replace(struct flow_times *t, uint64_t before, uint64_t ns);

/* The time that a share q (0 ... 1) does not exceed; 0 when there is none. */
uint64_t flow_times_quantile(const struct flow_times *t, double q);

#endif
