/* SPDX-License-Identifier: GPL-2.0 */
/* Now. A test hands in a clock that stands where it wants. */
#ifndef SKBSCOPE_BASE_CLOCK_H
#define SKBSCOPE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	bool fixed;
	uint64_t now; /* ns, when fixed */
};

/* ns, CLOCK_MONOTONIC: the clock of the events. NULL is the real clock. */
uint64_t clock_now(const struct clock *clock);

/* ns from there to the time of day (since 1970), as it is now. */
int64_t clock_wall_offset(void);

#endif
