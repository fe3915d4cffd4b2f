/* SPDX-License-Identifier: GPL-2.0 */
/* Conditions that are waited for by a clock that nobody sets. */
#ifndef SKBSCOPE_TRACE_COND_H
#define SKBSCOPE_TRACE_COND_H

#include <pthread.h>
#include <time.h>

static inline void cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

/* For pthread_cond_timedwait(): so many milliseconds from now. */
static inline struct timespec cond_in_ms(long ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += ms % 1000 * 1000000;
	at.tv_sec += ms / 1000 + at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

#endif
