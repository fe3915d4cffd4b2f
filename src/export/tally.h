/* SPDX-License-Identifier: GPL-2.0 */
/* The sums of the last line: drops by reason and place, verdicts, hits by layer, functions and rules by hits.
 */
#ifndef SKBSCOPE_EXPORT_TALLY_H
#define SKBSCOPE_EXPORT_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "model/drops.h"
#include "model/names.h"
#include "model/probe.h"
#include "model/rules.h"
#include "model/source_info.h"

#define TALLY_REASONS 512u

struct tally {
	const struct source_info *info;
	struct tally_reason {
		uint32_t reason;
		uint64_t n;
	} v[TALLY_REASONS]; /* sorted by reason */
	size_t n;
	uint64_t rest;			 /* of reasons beyond TALLY_REASONS */
	uint64_t verdicts[NF_DECISIONS]; /* of base chains */
	struct names *names;
	struct rules *rules;
	struct drops *drops;
};

/* Names, rules, drops; a tally may be without, zeroed. 0 or -ENOMEM. */
int tally_init(struct tally *tally, const struct source_info *info);
void tally_fini(struct tally *tally);

/* What a record tells beside its packet: to the names and rules. */
void tally_apply(struct tally *tally, const struct event *ev, size_t size);

/* rule: number, 0 none. */
void tally_drop(struct tally *tally, const struct event *ev, size_t size, uint32_t rule);

/* Numbers of the at most max rules with most hits, none without; returns how many. */
size_t top_rules(const struct rules *rules, uint32_t *top, size_t max);
/* The at most max kinds of drops with most of them; returns how many. */
size_t top_drops(const struct drops *drops, const struct drop_kind **top, size_t max);

/* As reason_name(); "unknown" where the kernel tells none. Returns buf. */
const char *reason_text(const struct source_info *info, uint32_t reason, char *buf, size_t size);

/* Sorts by count, most first. */
void tally_sort(struct tally *tally);

/* Sums hits (one a function, probe_capacity(probes) of them) by layer. */
void layer_hits(const struct probe_table *probes, const uint64_t *hits, uint64_t sums[LAYER_COUNT]);

/* Indices of the at most max functions with most hits, none without; returns how many. */
size_t top_functions(const struct probe_table *probes, const uint64_t *hits, size_t *top, size_t max);

#endif
