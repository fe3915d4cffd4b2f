/* SPDX-License-Identifier: GPL-2.0 */
/* How fast a counter grows, smoothed: half of what is told is of the last 1.4 seconds. */
#ifndef SKBSCOPE_MODEL_RATE_H
#define SKBSCOPE_MODEL_RATE_H

#include <stdint.h>

/* Zeroed it is one that was never asked. */
struct rate {
	uint64_t at; /* ns; when it was asked last */
	uint64_t count;
	double value;
};

#define RATE_SMOOTH_NS 2e9
#define RATE_STEP_MIN_NS 200000000u /* asked sooner it tells the same again */

/* A second. The first time, with at 0, the count is only remembered. */
static inline double rate_update(struct rate *rate, uint64_t count, uint64_t now)
{
	double span, grown, share;

	if (!rate->at || now < rate->at || count < rate->count) {
		*rate = (struct rate){ .at = now, .count = count };
		return 0;
	}
	if (now - rate->at < RATE_STEP_MIN_NS)
		return rate->value;
	span = (double)(now - rate->at);
	grown = (double)(count - rate->count);
	share = span / (span + RATE_SMOOTH_NS);
	rate->value += (grown * 1e9 / span - rate->value) * share;
	if (!grown && rate->value < 0.05)
		rate->value = 0;
	rate->at = now;
	rate->count = count;
	return rate->value;
}

#endif
