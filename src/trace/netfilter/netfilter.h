/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which rule did it: a thread that attaches netfilter's programs as far as they
 * are wanted and rulesets use them, and hands up the counters and the text of
 * rules. Everything it does takes its time; nothing of the rest waits for it.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_NETFILTER_H
#define SKBSCOPE_TRACE_NETFILTER_NETFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/attach/guard.h"
#include "trace/discover/targets.h"
#include "trace/source.h"

struct skbscope_bpf;
struct netfilter;

struct netfilter_ops {
	/* a line for the user, or progress; from its thread */
	void (*notice)(void *ctx, const struct notice *notice);
	/* records wait to be taken */
	void (*waits)(void *ctx);
	/* what is wanted is attached */
	void (*settled)(void *ctx);
	void (*milestone)(void *ctx, const char *what);
	void *ctx;
};

struct netfilter_options {
	struct skbscope_bpf *main; /* loaded; outlives it */
	struct guard *guard;
	struct kept_programs *kept;
	struct targets *targets; /* taken over */
	unsigned int cpus;
	bool wanted;
	struct netfilter_ops ops;
};

/* NULL: no memory, or no thread. */
struct netfilter *netfilter_start(const struct netfilter_options *options);

/* Any thread; none waits. */
void netfilter_want(struct netfilter *nf, bool wanted);
void netfilter_see(struct netfilter *nf, uint32_t netns);
bool netfilter_settled(struct netfilter *nf);
uint64_t netfilter_skipped(struct netfilter *nf);
/* Functions of modules that came; empties it. */
void netfilter_targets(struct netfilter *nf, struct targets *came);
/* Drain thread: records EVENT_RULE_HITS, EVENT_RULESET, EVENT_RULE_TEXT. */
void netfilter_take(struct netfilter *nf, void (*put)(void *ctx, const void *record, size_t size), void *ctx);

/* Ends the thread and closes its descriptors; the last counters wait to be taken. */
void netfilter_stop(struct netfilter *nf);
void netfilter_free(struct netfilter *nf);

#endif
