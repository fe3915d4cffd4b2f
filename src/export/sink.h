/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where events go that are not shown on the screen: one contract. A store gets
 * every event before the sink does: names, rules and all sums are the store's.
 */
#ifndef SKBSCOPE_EXPORT_SINK_H
#define SKBSCOPE_EXPORT_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../bpf/event.h"
#include "model/summary.h"

struct sink;

/* What a sink is made with; borrowed, must outlive it. */
struct sink_options {
	const struct probe_table *probes;
	const struct source_info *info; /* NULL: nothing is known */
	const struct store *store;
	bool color;	/* text: SGR sequences */
	bool by_packet; /* text: lines of one packet together */
	bool wall;	/* text: time of day instead of seconds since the first event */
	bool per_hop;	/* pcapng: a block for each record at a function, else one for each packet */
	char *note;	/* what found no place in the output, one line, by finish(); NULL: not wanted */
	size_t note_size;
};

struct sink_ops {
	const char *name;
	/* NULL: no memory. */
	struct sink *(*open)(FILE *out, const struct sink_options *options);
	/* Returns 0, or -errno when the output cannot be written. */
	int (*event)(struct sink *sink, const struct event *ev, size_t size);
	/* Writes out what is whole. now: by the clock of the events, 0 unknown. 0 or -errno. */
	int (*flush)(struct sink *sink, uint64_t now);
	/* What waits, and the statistics. 0 or -errno. */
	int (*finish)(struct sink *sink, const struct summary_of *of);
	void (*close)(struct sink *sink); /* does not close out */
};

/* Lines of events; only the statistics. */
extern const struct sink_ops sink_text, sink_json, sink_stats_text, sink_stats_json;

/* The first member of every sink. */
struct sink {
	const struct sink_ops *ops;
	int64_t wall; /* ns from the clock of the events to the time of day; set by who feeds it */
};

#endif
