/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The statistics of a run: one place where they are made up, so that the last
 * lines of trace, record and replay, --stats and the screen tell the same numbers.
 * All of it is read off the store, the counters and the figures of the run.
 */
#ifndef SKBSCOPE_MODEL_SUMMARY_H
#define SKBSCOPE_MODEL_SUMMARY_H

#include "model/fate.h"
#include "model/latency.h"
#include "model/probe.h"
#include "model/run_figures.h"
#include "model/store.h"

#define SUMMARY_TOP 20

/* Where it is taken from; borrowed. */
struct summary_of {
	const struct source_info *info;
	const struct probe_table *probes;
	const struct store *store;
	const struct run_figures *run;
	const uint64_t *hits; /* per probe; NULL: unknown */
};

struct summary_layer {
	enum layer layer;
	uint64_t hits;			    /* by the kernel's counters: exact */
	uint64_t count, p50, p90, p99, max; /* times spent there, ns; count 0: none were measured */
};

struct summary_function {
	size_t probe; /* index */
	uint64_t hits;
};

struct summary_reason {
	uint32_t reason;
	uint64_t count;
};

/* Sorted by weight, the heaviest first. Pointers are the store's. */
struct summary {
	struct store_totals store;
	uint64_t fates[FATE_COUNT];	 /* packets by how they ended; FATE_LIVE: no end was seen */
	uint64_t verdicts[NF_DECISIONS]; /* of base chains */
	size_t nlayers, nfunctions, nreasons, nrules, ndrops;
	struct summary_layer layer[LAYER_COUNT]; /* those with hits or times, in the order of the layers */
	struct summary_function function[SUMMARY_TOP];
	struct summary_reason reason[SUMMARY_TOP];
	uint64_t other_reasons;	    /* drops of reasons beyond */
	uint32_t rule[SUMMARY_TOP]; /* numbers */
	const struct drop_kind *drop[SUMMARY_TOP];
	struct histogram packets; /* from the first record to the last */
};

void summary_make(struct summary *out, const struct summary_of *of);

#endif
