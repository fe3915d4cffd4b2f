/* SPDX-License-Identifier: GPL-2.0 */
/* How far a replay is: the clock of the events, driven by a real one. ns. */
#ifndef SKBSCOPE_TRACE_REPLAY_PACE_H
#define SKBSCOPE_TRACE_REPLAY_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	double speed;	/* 0: everything is due */
	bool paused;	/* nothing is due behind at */
	uint64_t at;	/* of the events */
	uint64_t since; /* when it was there */
};

/* Events up to there are due; UINT64_MAX: all. */
uint64_t pace_due(const struct pace *p, uint64_t now);

/* When an event will be due, of the real clock; UINT64_MAX: never by itself. */
uint64_t pace_when(const struct pace *p, uint64_t ts);

/* It is there now, and goes on from there. */
void pace_set(struct pace *p, uint64_t at, uint64_t now);

#endif
