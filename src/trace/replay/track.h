/* SPDX-License-Identifier: GPL-2.0 */
/* One file of a replay: what it tells next, in the numbers and the time of all. */
#ifndef SKBSCOPE_TRACE_REPLAY_TRACK_H
#define SKBSCOPE_TRACE_REPLAY_TRACK_H

#include "trace/replay/merge.h"

#define TRACK_RECORD_MAX 8192u /* bytes; the longest record there is has half of it */

struct track {
	struct reader *reader;
	struct run *run;
	char name[128];	    /* printable */
	uint16_t *function; /* its functions → those of all */
	bool *taken;	    /* per function of all: one of its own is that one */
	size_t nfunctions;
	unsigned int came;
	bool plain;		 /* its numbers are those of all: records need no copy */
	struct reader_item item; /* the next one; ts of all */
	uint64_t reached;	 /* of the last event taken */
	bool goes_on;		 /* with the run of a file before: what it tells again is known */
	bool have, over, told;	 /* told: what is wrong with it was said */
	int error;
	uint64_t strange; /* records of functions that it does not name, or of no length that there is */
	struct event_netns name_before;
	_Alignas(8) uint8_t record[TRACK_RECORD_MAX];
};

/* The reader becomes its own, also on errors. 0 or -ENOMEM. */
int track_init(struct track *t, struct reader *reader, const char *path);
void track_fini(struct track *t);

/* After merge_init(). Names that the file begins with are known after this. */
int track_begin(struct track *t, struct merge *m, struct run *run, bool goes_on);

/* False: it is over (error: it cannot be read any further). item stays until track_taken(). */
bool track_peek(struct track *t, struct merge *m);
void track_taken(struct track *t);

/* From its first record on. */
int track_rewind(struct track *t);

/* One line about number i of what is wrong with it; false: no more. *bad: it is worth an error. */
bool track_flaw(const struct track *t, unsigned int i, bool *bad, char *buf, size_t size);

#endif
