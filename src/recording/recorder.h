/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes what a source tells into a file (doc/recording.md), by a thread of its
 * own: the caller never waits for a disk. What it cannot keep up with is counted.
 *
 * A recorder is fed from the start of a source and remembers what later records
 * need to be understood (names of devices, namespaces, owners, chains, rules,
 * symbols): a recording may begin at any time, and each file of a rotation stands
 * for itself. All calls come from one thread.
 */
#ifndef SKBSCOPE_RECORDING_RECORDER_H
#define SKBSCOPE_RECORDING_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "model/packet_filter.h"
#include "model/probe.h"
#include "model/run_figures.h"

struct recorder;

struct recorder_options {
	const char *path;
	uint64_t rotate_size;	   /* bytes of a file; 0: one file without limit */
	unsigned int rotate_count; /* files kept, the newest: path, path.1 (the one before) ... */
	const char *options;	   /* the command line's, for who reads it; "" none */
};

/* What it tells about itself; strings are the recorder's, until the next call. */
struct recorder_status {
	bool on;
	const char *path;
	uint64_t begun;	      /* ns, CLOCK_MONOTONIC */
	uint64_t bytes;	      /* written, of all files */
	uint64_t events;      /* recorded */
	uint64_t missed;      /* events for which the writer had no room, or that came after an error */
	unsigned int files;   /* begun so far */
	unsigned int waiting; /* blocks on their way to the disk */
	const char *error;    /* "" none: one line, such as that of a full disk; what is written stays good */
};

/* NULL: no memory. Both are borrowed and live longer. */
struct recorder *recorder_new(const struct source_info *info, const struct probe_table *probes);
/* Ends a recording that is on as if recorder_stop() had been called without figures. */
void recorder_free(struct recorder *r);

/* A source_event_fn: ctx is the recorder. Remembers; writes while a recording is on. */
void recorder_event(void *recorder, const struct event *ev, size_t size);

/* Would recorder_start() take the path? Nothing is made. 0 or -errno with a line in err. */
int recorder_check(const struct recorder_options *options, char *err, size_t size);

/* The file is made anew (0600; no link is followed; an existing recording of ours or an empty file is
 * replaced, anything else is refused with -EEXIST). 0 or -errno with a line in err; -EALREADY: one is on. */
int recorder_start(struct recorder *r, const struct recorder_options *options,
	const struct packet_filter *filter, const bool *wanted, char *err, size_t size);

/* About once a second, and before the end: exact counters (probe_capacity() of each), states of functions. */
void recorder_tick(struct recorder *r, uint64_t now, const uint64_t *hits, const uint64_t *lost,
	const struct source_totals *totals, const bool *wanted);

/* Another filter is in force. */
void recorder_filter(struct recorder *r, const struct packet_filter *filter);

/* Writes all and waits for the disk. run: may be NULL. 0 or -errno with a line in err. */
int recorder_stop(struct recorder *r, const struct run_figures *run, char *err, size_t size);

void recorder_status(const struct recorder *r, struct recorder_status *out);

#endif
