/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The statistics of a run: one place where they are made up, so that the last
 * lines of trace, record and replay, --stats and the screen tell the same numbers.
 * All of it is read off the store, the counters and the figures of the run. The
 * same events in the same order into a store of the same size make the same
 * summary: only rates depend on the clock, and there are none in it.
 */
#ifndef SKBSCOPE_MODEL_SUMMARY_H
#define SKBSCOPE_MODEL_SUMMARY_H

#include "model/fate.h"
#include "model/latency.h"
#include "model/probe.h"
#include "model/run_figures.h"
#include "model/store.h"

#define SUMMARY_TOP 20
#define SUMMARY_REASONS 64

/* Where it is taken from; borrowed. */
struct summary_of {
	const struct source_info *info; /* NULL: nothing is known */
	const struct probe_table *probes;
	const struct store *store;
	const struct run_figures *run;
	const uint64_t *hits; /* per probe; NULL: unknown */
};

/* ns; count 0: none were measured. Quantiles are off by at most 1/16 (base/histogram.h). */
struct summary_times {
	uint64_t count, p50, p90, p99, max;
};

struct summary_layer {
	enum layer layer;
	uint64_t hits; /* by the kernel's counters: exact */
	struct summary_times
		times; /* from functions of the layer to the next record, of packets that are over */
};

struct summary_function {
	size_t probe; /* index */
	uint64_t hits;
};

/* Sorted by weight, the heaviest first; what weighs nothing is not among them. Pointers are the store's. */
struct summary {
	struct store_totals store; /* fates and verdicts too */
	uint64_t drops;		   /* dropped skbs: all reasons together */
	uint64_t other_reasons;	   /* of them those of reasons that are not listed */
	uint64_t flows;		   /* ever seen; those that left and came again count again */
	uint64_t times_skipped;	   /* gaps that were not measured: records were lost in them */
	size_t nlayers, nfunctions, nreasons, nrules, ndrops, nflows;
	struct summary_layer layer[LAYER_COUNT]; /* those with hits or times, in the order of the layers */
	struct summary_function function[SUMMARY_TOP];
	struct drop_reason reason[SUMMARY_REASONS];
	uint32_t rule[SUMMARY_TOP];		   /* numbers, by hits */
	const struct drop_kind *drop[SUMMARY_TOP]; /* reason and place and rule, by dropped skbs */
	const struct flow *flow[SUMMARY_TOP];	   /* by packets */
	struct summary_times packets; /* from the first record to the last, of packets that are over */
};

void summary_make(struct summary *out, const struct summary_of *of);

/* Records that the kernel sent and nobody saw. */
static inline uint64_t summary_lost(const struct source_totals *t)
{
	return t->lost_ring + t->lost_channel;
}

#endif
