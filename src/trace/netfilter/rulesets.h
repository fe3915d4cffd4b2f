/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nftables rulesets of the network namespaces that were seen, read again
 * when they change (by their own thread, in each namespace): as records
 * EVENT_RULESET and EVENT_RULE_TEXT, and as the set of statements in use. Text
 * comes from libnftables when it can be loaded; handles, names and statements
 * from netlink. And the rules of legacy iptables, as far as they can be read.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_RULESETS_H
#define SKBSCOPE_TRACE_NETFILTER_RULESETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rulesets;

struct rulesets_ops {
	void (*changed)(
		void *ctx); /* the set of statements is another one, or records wait: from its thread */
	void (*say)(void *ctx, bool error, const char *text); /* a line for the user, once for each cause */
	void *ctx;
};

/* Starts the thread; it reads this process' own namespace and those with a name at once. NULL: no memory. */
struct rulesets *rulesets_start(const struct rulesets_ops *ops);
void rulesets_stop(struct rulesets *r); /* and frees; waits for a reading at work: at most a second */

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
