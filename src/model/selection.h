/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which functions are to be traced: one set, from the options at the start
 * and from the keys later. The screen and the tracing thread each keep a
 * selection and apply the same commands to it, so both see the same set.
 */
#ifndef SKBSCOPE_MODEL_SELECTION_H
#define SKBSCOPE_MODEL_SELECTION_H

#include "model/probe.h"

enum command_type {
	COMMAND_LAYER,	  /* layer .index on or off */
	COMMAND_FUNC,	  /* function .index on or off, whatever its layer and priority */
	COMMAND_PRIORITY, /* everything up to priority .index */
	COMMAND_CATEGORY, /* category .index on or off */
	COMMAND_GLOB,	  /* every function whose name matches .text on or off, as COMMAND_FUNC */
	COMMAND_RULES,	  /* what COMMAND_FUNC and COMMAND_GLOB said is forgotten: the rules decide */
};

struct command {
	enum command_type type;
	int index;
	bool on;
	char text[64]; /* COMMAND_GLOB; shell pattern, fnmatch(3) */
};

struct selection {
	int priority; /* 0-3 */
	bool layer[LAYER_COUNT];
	bool category[CATEGORY_COUNT];
	size_t max;	   /* functions at most, most important first; 0 no limit */
	signed char *func; /* per probe: 1 wanted, -1 not wanted, 0 by the rules above */
	bool *allowed;	   /* per probe: left in by --function and --config */
	bool *wanted;	   /* per probe: the result */
	size_t n;	   /* probes known to it; there is room for all that may come */
	unsigned int came; /* probe_table.came when it was last looked at */
	size_t count;	   /* wanted ones */
	size_t cut;	   /* left out by max */
};

/* Everything on, priority 1, no limit. 0 or -ENOMEM. */
int selection_init(struct selection *sel, const struct probe_table *table);
void selection_fini(struct selection *sel);

/* One's own, as a source's is now: its thread may change it at any time. 0 or -ENOMEM. */
int selection_copy(struct selection *to, const struct selection *from, const struct probe_table *table);

/* Computes wanted anew, with the functions that came meanwhile. */
void selection_update(struct selection *sel, const struct probe_table *table);

/* The same when functions came or went; true: they did. */
bool selection_follow(struct selection *sel, const struct probe_table *table);

/* Applies a command and updates. -EINVAL when the index is out of range, -ENOENT
 * when a glob matches nothing that can be traced. */
int selection_apply(struct selection *sel, const struct probe_table *table, const struct command *cmd);

#endif
