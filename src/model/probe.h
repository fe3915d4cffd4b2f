/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions that can be traced. The table is filled by discovery; later the
 * tracing side, one thread of it, adds the functions of modules that are loaded
 * meanwhile, and everybody reads:
 *  - There is room for all that may come from the start (probe_capacity), so
 *    entries never move. An index keeps its meaning as long as the table lives.
 *  - A new entry is written whole before n counts it. Reading n is an acquire:
 *    take it once per use, and size arrays by the capacity.
 *  - What changes in an entry is atomic. The functions of a module that was
 *    unloaded are PROBE_GONE; when it is loaded again they come back to the same
 *    entries, elsewhere in memory.
 */
#ifndef SKBSCOPE_MODEL_PROBE_H
#define SKBSCOPE_MODEL_PROBE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/layers.h"

enum probe_state {
	PROBE_IDLE,	/* can be attached, is not */
	PROBE_ATTACHED, /* attached */
	PROBE_REFUSED,	/* the kernel refused it: error has the errno */
	PROBE_UNUSABLE, /* cannot be attached; why says the reason */
	PROBE_GONE,	/* its module was unloaded */
};

struct probe {
	const char *name;   /* owned by the table */
	const char *module; /* NULL for vmlinux */
	struct probe_class class;
	const char *why;       /* PROBE_UNUSABLE: the reason, static text */
	bool guessed;	       /* arg comes from the name, not from BTF */
	bool late;	       /* came after the start (of use to the tracing side) */
	bool at_end;	       /* the last function of its module's code (attach/tracefs.c) */
	bool left_out;	       /* came later: --function or --config do not name it */
	signed char asked;     /* came later: 1 or -1 by --config, as selection.func */
	uint32_t btf_id;       /* in the BTF of its module or vmlinux; 0 unknown (attach/fentry.c) */
	_Atomic uint8_t arg;   /* register that holds the skb, 1-6; 0 none */
	_Atomic uint8_t state; /* enum probe_state */
	_Atomic int error;     /* errno of a refusal */
	_Atomic uint64_t addr; /* 0 unknown */
};

struct probe_names;

struct probe_table {
	struct probe *v;
	_Atomic size_t n;	   /* at most MAX_FUNCS that can be attached */
	size_t cap;		   /* of v; does not change. 0: nothing will come */
	_Atomic unsigned int came; /* changes of what can be traced: selections follow */
	char *names;		   /* backing store of the names */
	struct probe_names *more;  /* and of those that came later */
	/* The important functions may be left out: each one traced looks whether a
	 * packet that the filter refused has changed. Set before anything is attached. */
	bool look_everywhere;
	/* Ends of life are seen by probes: trampolines cannot be attached. */
	bool ends_watched;
};

const char *probe_state_name(enum probe_state state);

/* Can be attached, or the kernel alone decides. */
static inline bool probe_usable(const struct probe *p)
{
	int state = atomic_load_explicit(&p->state, memory_order_relaxed);

	return state != PROBE_UNUSABLE && state != PROBE_GONE;
}

/* n will never be greater: arrays with an element a function are that long. */
size_t probe_capacity(const struct probe_table *table);

/*
 * Adds a copy of the entry with its own copy of the names; one thread only.
 * Its index; -ENOSPC: the table is full; -ENOMEM.
 */
int probe_add(struct probe_table *table, const struct probe *entry);

/* What can be traced has changed: whoever holds a selection updates it. */
void probe_table_changed(struct probe_table *table);

void probe_table_free(struct probe_table *table);

/* Index of the probe of that name (and module, when not NULL), -1 none. */
int probe_find(const struct probe_table *table, const char *name, const char *module);

#endif
