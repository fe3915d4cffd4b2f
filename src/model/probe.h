/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions that can be traced. The table is filled by discovery and does
 * not change afterwards, except for the state of each probe, which the
 * tracing side writes and everybody reads.
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
};

struct probe {
	const char *name;   /* owned by the table */
	const char *module; /* NULL for vmlinux */
	uint64_t addr;	    /* 0 unknown */
	uint8_t arg;	    /* register that holds the skb, 1-6; 0 none */
	bool guessed;	    /* arg comes from the name, not from BTF */
	uint32_t btf_id;    /* of the function in the BTF of its module or vmlinux; 0 unknown */
	struct probe_class class;
	const char *why;       /* PROBE_UNUSABLE: the reason, static text */
	_Atomic uint8_t state; /* enum probe_state */
	_Atomic int error;     /* errno of a refusal */
};

struct probe_table {
	struct probe *v;
	size_t n;    /* at most MAX_FUNCS that can be attached */
	char *names; /* backing store of the names */
};

const char *probe_state_name(enum probe_state state);

void probe_table_free(struct probe_table *table);

/* Index of the probe of that name (and module, when not NULL), -1 none. */
int probe_find(const struct probe_table *table, const char *name, const char *module);

#endif
