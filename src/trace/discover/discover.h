/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of this kernel, classified, as a probe table; and what else
 * had to be read from its BTF. */
#ifndef SKBSCOPE_TRACE_DISCOVER_DISCOVER_H
#define SKBSCOPE_TRACE_DISCOVER_DISCOVER_H

#include "model/probe.h"
#include "trace/discover/btf_scan.h"

struct discovery_run;

struct discovery {
	struct probe_table table; /* filled by discover_functions() */
	struct btf_reasons reasons;
	unsigned int kfree_skb_args;
	size_t modules_without_btf;
	bool multi;	  /* kprobe.multi is there */
	bool trampolines; /* and what programs at them need */
	bool hook[HOOKS]; /* functions for trampolines that exist */
	uint32_t hook_id[HOOKS]; /* their BTF ids */
	struct targets targets;
	struct discovery_run *run; /* between the two steps */
};

/*
 * First step: what the types tell. The kernel's symbol lists are read in the
 * background meanwhile and until the second step. excerpt, which may be NULL, is
 * filled. 0, or -errno with one line in err: -ENOENT no BTF.
 */
int discover_types(struct discovery *found, struct btf_excerpt *excerpt, char *err, size_t err_size);

/*
 * Second step: the probe table. Without the list of traceable functions (no
 * tracefs, not root) the table is filled all the same, every function
 * unusable, and note says why ("" otherwise). 0 or -errno with a line in err.
 */
int discover_functions(struct discovery *found, char *note, size_t note_size, char *err, size_t err_size);

/* Called for each function that can be traced; the entry and its names are valid during the call. */
typedef void (*discover_fn)(void *ctx, const struct probe *entry);

/*
 * The functions of modules that were loaded meanwhile. Takes about as long as
 * the first discovery (half a second in an emulated guest). targets gets those of
 * them, reasons the lists of drop reasons that it lacks. 0 or -errno.
 */
int discover_modules(const char *const *modules, size_t n, discover_fn fn, void *ctx, struct targets *targets,
	struct btf_reasons *reasons);

void discovery_fini(struct discovery *found);

#endif
