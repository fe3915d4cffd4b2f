/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nftables rulesets of the network namespaces that were seen, read again
 * when they change (by their own thread, in each namespace): as records
 * EVENT_RULESET and EVENT_RULE_TEXT, and as the set of statements in use. Text
 * comes from libnftables when it can be loaded; handles, names and statements
 * from netlink. And the rules of legacy iptables, as far as they can be read,
 * with what the kernel has counted there: as records EVENT_RULE_HITS.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_RULESETS_H
#define SKBSCOPE_TRACE_NETFILTER_RULESETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rulesets;

struct rulesets_ops {
	/* from its thread: the set of statements is another one, or a ruleset waits */
	void (*changed)(void *ctx);
	void (*waits)(void *ctx);			      /* and only hits wait */
	void (*say)(void *ctx, bool error, const char *text); /* a line for the user, once for each cause */
	void *ctx;
};

/* Starts the thread; it reads this process' own namespace and those with a name at once. NULL: no memory. */
struct rulesets *rulesets_start(const struct rulesets_ops *ops, bool count);
/* Counts for the last time and ends the thread; what waits can still be taken. Waits for a reading at work:
 * at most a second. */
void rulesets_stop(struct rulesets *r);
void rulesets_free(struct rulesets *r); /* stops first */

/* Hits of legacy iptables are counted from now on, or not any more. Any thread, does not wait. */
void rulesets_want_counts(struct rulesets *r, bool count);
/* A namespace that packets were seen in, by its inode; any thread, does not wait. */
void rulesets_see(struct rulesets *r, uint32_t netns);
/* All namespaces known so far were read once. */
bool rulesets_ready(struct rulesets *r);
/* Bits by the table of statements: in use anywhere. */
uint64_t rulesets_statements(struct rulesets *r);
/* Some namespace has chains of nftables; tables of legacy iptables. */
bool rulesets_any(struct rulesets *r);
bool rulesets_any_legacy(struct rulesets *r);
/* Hands over the records that wait, one thread; one ruleset's are kept together. */
void rulesets_take(struct rulesets *r, void (*put)(void *ctx, const void *record, size_t size), void *ctx);

#endif
