/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What several recordings have in common: one table of functions, one of drop
 * reasons, and numbers under which packets, namespaces, sockets and kernel
 * addresses of different ones do not meet.
 *
 * Files of one run (those of a rotation) share everything; runs on one machine
 * between two boots share all but the packets.
 */
#ifndef SKBSCOPE_TRACE_REPLAY_MERGE_H
#define SKBSCOPE_TRACE_REPLAY_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../bpf/event.h"
#include "base/hashmap.h"
#include "model/reasons.h"
#include "model/run_figures.h"
#include "recording/reader.h"

#define MERGE_RUNS 128u /* packets have that many kinds of ids; files are no more either */

struct run {
	unsigned int no;      /* in the order of their begin */
	unsigned int machine; /* number of the first run of this machine */
	uint32_t file;	      /* of its rotation, the last one met */
	uint64_t begun;	      /* of its own clock */
	int64_t boot;	      /* ns since 1970: what its clock counts from */
	uint64_t shift;	      /* from its clock to that of the replay */
	const struct reader_head *head;
	uint16_t *reason; /* its core reasons → those of all; NULL: the same */
	uint64_t *hits, *lost;
	struct source_totals totals;
	struct run_figures figures;
	bool has_figures;
	uint64_t round; /* replay.c, next_track() */
};

struct merge {
	struct probe_table probes;
	struct run run[MERGE_RUNS];
	size_t nruns;
	int64_t boot; /* what the clock of the replay counts from; ns since 1970 */

	/* of machines that are not the only one */
	struct hashmap netns;	    /* machine and inode → number */
	struct hashmap netns_taken; /* number → machine + 1 */
	uint32_t netns_made;	    /* numbers given so far: 1, 2 ... are no inodes */

	struct source_info info;
	char host[128], kernel[128];
	const char **reasons;
	size_t reasons_max;
	struct reason_subsystem subsystem[REASON_SUBSYSTEMS];
	uint16_t subsystem_of[MERGE_RUNS][REASON_SUBSYSTEMS];
};

/* n heads of open recordings in the order of their begin; run_of[i] becomes the number of its run. */
int merge_init(struct merge *m, const struct reader_head *const *head, size_t n, size_t functions,
	unsigned int *run_of);
void merge_fini(struct merge *m);

/*
 * Index among all of a function of one file, which may be new; not one of the
 * ntaken that stand for another of that file. -ENOSPC, -ENOMEM.
 */
int merge_function(struct merge *m, const struct probe *entry, const bool *taken, size_t ntaken);

/*
 * Gives the record (size bytes, a copy) the numbers that all share; its function
 * is left to the caller. *name becomes a record to be handed over before, when
 * .ev.type is set.
 */
void merge_event(
	struct merge *m, const struct run *run, struct event *ev, size_t size, struct event_netns *name);

#endif
