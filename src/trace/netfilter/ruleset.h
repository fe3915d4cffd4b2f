/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ruleset of one network namespace as it was read: tables, chains and rules
 * in the kernel's order, their names and texts as bytes from elsewhere.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_RULESET_H
#define SKBSCOPE_TRACE_NETFILTER_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

#define RULESET_ITEMS (1u << 18) /* of a kind; the rest is left out, and that is told */
#define RULESET_BYTES (64u << 20)

/* Bytes of a ruleset: good while it lives, also when it grows. */
struct ruleset_text {
	uint32_t at, len;
};

struct ruleset_table {
	uint64_t handle;
	struct ruleset_text name;
	uint8_t family; /* NFPROTO_* */
	uint8_t facts;	/* enum chain_fact: CHAIN_LEGACY */
};

struct ruleset_chain {
	uint64_t handle;
	struct ruleset_text name, comment;
	uint32_t table; /* index */
	uint32_t first, nrules;
	int32_t priority;
	uint8_t hook, facts, policy; /* as in struct event_rule_text */
	bool inner;		     /* nft shows it in the rule that jumps to it, nowhere else */
};

struct ruleset_rule {
	uint64_t handle;
	struct ruleset_text text, comment;
	bool xt_comment; /* the comment is a match of iptables: nft shows none */
};

/* Start with { 0 }. */
struct ruleset {
	struct ruleset_table *tables;
	struct ruleset_chain *chains; /* of one table together, tables in their order */
	struct ruleset_rule *rules;   /* of one chain together, chains in their order */
	size_t ntables, nchains, nrules, tables_room, chains_room, rules_room;
	struct strbuf bytes;
	uint64_t statements; /* in use, by the table of statements */
	uint32_t generation;
	int error;  /* -errno: this is not all */
	bool texts; /* rules have their text */
};

void ruleset_fini(struct ruleset *rs);

/* What finds no place (or no memory) sets .error and is given as length 0 or NULL. */
struct ruleset_text ruleset_put(struct ruleset *rs, const char *s, size_t len);
struct ruleset_table *ruleset_add_table(struct ruleset *rs);
/* Of the table added last, or of any when those of one table come together. */
struct ruleset_chain *ruleset_add_chain(struct ruleset *rs);
/* Chains get their rules in their order. */
struct ruleset_rule *ruleset_add_rule(struct ruleset *rs, size_t chain);

static inline const char *ruleset_str(const struct ruleset *rs, struct ruleset_text t)
{
	return t.len ? rs->bytes.s + t.at : "";
}

bool ruleset_is(const struct ruleset *rs, struct ruleset_text t, const char *s, size_t len);

/* Of all but texts, generation and error: where it is the same, so are the texts of nftables' rules. */
uint64_t ruleset_hash(const struct ruleset *rs);

/*
 * As records EVENT_RULESET and EVENT_RULE_TEXT behind those in out: each
 * begins at a multiple of 8 bytes, behind 8 bytes that tell its size. more: what
 * else belongs to it, behind it; may be NULL.
 */
void ruleset_records(
	const struct ruleset *rs, const struct ruleset *more, uint32_t netns, struct strbuf *out);
/* Another one, of the same shape. */
void ruleset_add_record(struct strbuf *out, const void *record, size_t size);
void ruleset_each_record(
	const char *bytes, size_t len, void (*put)(void *ctx, const void *record, size_t size), void *ctx);

#endif
