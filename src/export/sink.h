/* SPDX-License-Identifier: GPL-2.0 */
/* Where events go that are not shown on the screen: one contract, text and JSON lines. */
#ifndef SKBSCOPE_EXPORT_SINK_H
#define SKBSCOPE_EXPORT_SINK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../bpf/event.h"
#include "model/probe.h"
#include "model/source_info.h"

struct sink;

/* What the last line tells. */
struct sink_stats {
	double seconds;
	double attach_ms, detach_ms; /* negative: unknown */
	uint64_t packets, dropped;
	struct source_totals totals;
	const uint64_t *hits; /* per probe */
};

struct sink_ops {
	const char *name;
	/* NULL: no memory. */
	struct sink *(*open)(FILE *out, const struct probe_table *probes, const struct source_info *info);
	/* Returns 0, or -errno when the output cannot be written. */
	int (*event)(struct sink *sink, const struct event *ev, size_t size);
	int (*flush)(struct sink *sink);
	int (*finish)(struct sink *sink, const struct sink_stats *stats);
	void (*close)(struct sink *sink); /* does not close out */
};

extern const struct sink_ops sink_text, sink_json;

/* The first member of every sink. */
struct sink {
	const struct sink_ops *ops;
	uint64_t packets, dropped; /* counted from the events */
};

#endif
