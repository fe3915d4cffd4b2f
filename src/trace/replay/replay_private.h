/* SPDX-License-Identifier: GPL-2.0 */
/* Between replay.c (a source), playback.c (a recording) and open.c. */
#ifndef SKBSCOPE_TRACE_REPLAY_PRIVATE_H
#define SKBSCOPE_TRACE_REPLAY_PRIVATE_H

#include "base/clock.h"
#include "trace/replay/merge.h"
#include "trace/replay/pace.h"
#include "trace/replay/replay.h"
#include "trace/replay/sieve.h"
#include "trace/replay/track.h"

#define REPLAY_FILES MERGE_RUNS
#define REPLAY_NOTICES 16u /* that wait; flaws of many files come one after the other */

struct replay {
	struct source source;
	const struct clock *clock;
	struct track *track; /* in the order of their begin */
	size_t ntracks;
	uint64_t round; /* of next_track() */
	struct merge merge;
	struct sieve sieve;
	struct pace pace;
	int timer;
	uint64_t first, last, reached; /* ns of the replay's clock; reached: of the last record taken */
	bool stepping, stopped;
	bool over, over_told;
	size_t flaw_track; /* which is asked for its next flaw */
	unsigned int flaw;
	struct packet_filter recorded, wish;
	bool wished;	      /* wish is in force, else what was recorded */
	bool priority_wished; /* by the user: functions that come do not raise it */
	size_t functions;     /* of the table, that the selection knows */
	struct notice notice[REPLAY_NOTICES];
	unsigned int notice_from, notice_to;
};

extern const struct source_ops replay_ops;
extern const struct playback_ops replay_playback;

__attribute__((format(printf, 3, 4))) void replay_say(
	struct replay *r, enum notice_type type, const char *fmt, ...);

/* The timer is set to when there is something to do. */
void replay_arm(struct replay *r);

/* Where it is, on the clock of its events. */
uint64_t replay_at(const struct replay *r);

/* Functions that were recorded are switched on, also those that came meanwhile. */
void replay_follow(struct replay *r);

#endif
