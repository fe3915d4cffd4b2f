/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is attached is a set of functions; every change is the same operation:
 * make the attached set equal to the wanted one. One file a backend.
 */
#ifndef SKBSCOPE_TRACE_ATTACH_ATTACH_H
#define SKBSCOPE_TRACE_ATTACH_ATTACH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../bpf/config.h"
#include "model/probe.h"
#include "trace/attach/guard.h"

struct skbscope_bpf;

typedef void (*attach_progress_fn)(void *ctx, size_t done, size_t total);

struct kept_programs;

/* What a backend works with; owned by the tracer. */
struct attach_target {
	struct skbscope_bpf *const *skel; /* loaded before set() is called */
	/* the program for functions that come later is loaded by load_more(ctx): 0 or -errno */
	struct skbscope_bpf *const *more;
	int (*load_more)(void *ctx);
	struct probe_table *table;
	struct guard *guard;
	struct kept_programs *kept;
	attach_progress_fn progress;
	void *ctx;	      /* of the two functions */
	_Atomic bool *cancel; /* quitting: give up as soon as may be, -ECANCELED */
	bool verbose;
};

struct attacher;

struct attach_ops {
	const char *name;
	const char *needs; /* for messages */
	size_t limit;	   /* functions attached at once; 0: all */
	/* NULL: no memory. */
	struct attacher *(*open)(const struct attach_target *target);
	/*
	 * What can be done for set() beforehand, side by side with loading the
	 * hooks. NULL: nothing. 0 or -errno.
	 */
	int (*prepare)(struct attacher *a, const bool *wanted);
	/*
	 * Makes it so. Functions that the kernel refuses become PROBE_REFUSED with
	 * their errno, the rest is attached. -errno when nothing works
	 * (-EOPNOTSUPP: this kernel lacks the mechanism).
	 */
	int (*set)(struct attacher *a, const bool *wanted);
	/* Calls that the kernel skipped and no other count has. NULL: none. */
	uint64_t (*skipped)(const struct attacher *a);
	/* Closes our descriptors; the guard's copies keep it attached until it lets go. */
	void (*close)(struct attacher *a);
};

extern const struct attach_ops attach_multi, attach_tracefs, attach_fentry;

/* Named by --backend; NULL: no such. */
const struct attach_ops *attach_by_name(const char *name);
const char *attach_names(void);

/* What is done there beside its hop, whether the function is wanted or not. */
enum watch attach_watch(const struct probe_table *table, const struct probe *p);

/* The cookie of a probe (bpf/config.h). */
uint64_t attach_cookie(const struct probe_table *table, size_t index, uint32_t generation);

#endif
