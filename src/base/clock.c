/* SPDX-License-Identifier: GPL-2.0 */
#include "base/clock.h"

#include <stddef.h>
#include <time.h>

uint64_t clock_now(const struct clock *clock)
{
	struct timespec ts;

	if (clock && clock->fixed)
		return clock->now;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int64_t clock_wall_offset(void)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return (int64_t)wall.tv_sec * 1000000000 + wall.tv_nsec - (int64_t)clock_now(NULL);
}
