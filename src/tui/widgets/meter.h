/* SPDX-License-Identifier: GPL-2.0 */
/* Exact counters of the source, by function and by layer, and what they make a second. */
#ifndef SKBSCOPE_TUI_WIDGETS_METER_H
#define SKBSCOPE_TUI_WIDGETS_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/layers.h"
#include "model/selection.h"
#include "trace/source.h"

#define METER_HISTORY 16 /* seconds */

struct layer_meter {
	size_t known, wanted, attached; /* functions; attached ones of the wanted */
	size_t refused;			/* wanted, and the kernel does not let us */
	size_t pending;			/* still to be attached or detached */
	uint64_t hits;
	double rate;
	double history[METER_HISTORY]; /* a second each, oldest first; -1 not measured */
};

struct meter {
	size_t cap; /* of the arrays: the table of functions may grow */
	uint64_t *hits, *lost, *before;
	double *rate; /* -1 not measured yet */
	struct layer_meter layer[LAYER_COUNT];
	uint64_t counted_at; /* when before was read */

	struct source_totals totals, totals_before;
	uint64_t totals_at;
	double events;	   /* a second, -1 not measured yet */
	double refused;	   /* packets that the filter did not let pass, a second; -1 not measured yet */
	double cost;	   /* share of the machine, -1 not measured yet */
	uint64_t last_hit; /* when the number of hits last grew */
};

int meter_init(struct meter *meter, size_t cap, uint64_t now);
void meter_fini(struct meter *meter);

/* Totals; some times a second. */
void meter_totals(struct meter *meter, struct source *src, uint64_t now);

/* Counters by function and layer. */
void meter_counters(struct meter *meter, struct source *src, uint64_t now);

/* How many functions of each layer are in which state. */
void meter_states(struct meter *meter, const struct probe_table *probes, const struct selection *sel);

#endif
