/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a recording (doc/recording.md). It is data of strangers: every length is
 * checked, every block has a CRC. What is broken is left out, counted and told.
 */
#ifndef SKBSCOPE_RECORDING_READER_H
#define SKBSCOPE_RECORDING_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "model/packet_filter.h"
#include "model/probe.h"
#include "model/run_figures.h"

struct reader;

/* Who recorded it. Strings are printable and the reader's. */
struct reader_head {
	struct source_info info; /* backend: that of the run */
	const char *options;	 /* of the command line */
	const char *version;	 /* of the program */
	uint32_t file;		 /* of a rotation; 0: the first, or the only one */
	uint64_t begun;		 /* ns, CLOCK_MONOTONIC of the machine */
	int64_t wall;		 /* ns since 1970 at that time */
};

enum reader_type {
	READER_EVENT,	 /* .event, .size */
	READER_COUNTERS, /* .hits, .lost, .totals: as they were at .ts */
	READER_FILTER,	 /* .filter is in force from here on */
	READER_FIGURES,	 /* .run: how it ended; the last item of a whole recording */
};

struct reader_item {
	enum reader_type type;
	uint64_t ts;		   /* ns, CLOCK_MONOTONIC of the machine */
	const struct event *event; /* aligned to 8, until the next call */
	size_t size;
	/* The event is of before this file: a name, or the last full record of an skb under way. It is
	 * repeated so that the file can be understood alone; behind the file before (a rotation) it is a
	 * double. */
	bool retold;
	const uint64_t *hits, *lost; /* probe_capacity() of them */
	const struct source_totals *totals;
	const struct packet_filter *filter;
	const struct run_figures *run;
	bool goes_on; /* READER_FIGURES: the rotation goes on in another file, the figures are those so far */
};

/* What is wrong with it; zero: nothing so far. */
struct reader_flaws {
	bool unfinished;  /* it ends without READER_FIGURES: killed, or cut off */
	uint64_t broken;  /* blocks that were left out */
	uint64_t bytes;	  /* of the file that could not be used */
	uint64_t unknown; /* blocks or records of a kind that this version does not know */
	uint64_t missed;  /* events that the recorder says it could not keep */
};

/* 0, or -errno with one line in err that names path and what is wrong (no recording, too new, other byte
 * order, empty ...). */
int reader_open(struct reader **out, const char *path, char *err, size_t size);
void reader_close(struct reader *r);

const struct reader_head *reader_head(const struct reader *r);
/* Functions as far as they are known: entries are added as the reading goes on (model/probe.h). */
struct probe_table *reader_probes(struct reader *r);
/* Per probe: it was among those to be traced, as far as was read. */
const bool *reader_wanted(const struct reader *r);

/* 1: *item is the next one, 0: the end; -errno: the file cannot be read. */
int reader_next(struct reader *r, struct reader_item *item);

/* To the last block that begins before ts, so that nothing behind ts is missed; names before it must have
 * been read. Backwards as well. 0: to the very beginning, as after reader_open(). 0 or -errno. */
int reader_seek(struct reader *r, uint64_t ts);

/* Of all that the file holds, by its index or by looking: the time of the first and last event. */
void reader_span(struct reader *r, uint64_t *first, uint64_t *last);

void reader_flaws(const struct reader *r, struct reader_flaws *out);

#endif
