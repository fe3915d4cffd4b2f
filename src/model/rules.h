/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rulesets of the network namespaces as they became known: from the kernel
 * when a chain or rule is met, from user space as a whole (EVENT_RULESET). What
 * was met and is not in the newest ruleset stays, as gone, because journeys
 * name it (of legacy iptables, whose handles are places, only if they do). At most so
 * many are kept; then those that went longest ago are
 * forgotten, and what finds no place at all is counted.
 *
 * Items are numbered 1, 2, 3 ... and a number is never given again. Pointers are
 * good until the next rules_apply(). All text is printable.
 */
#ifndef SKBSCOPE_MODEL_RULES_H
#define SKBSCOPE_MODEL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

enum rules_kind { RULES_TABLE, RULES_CHAIN, RULES_RULE };

enum rules_fact {
	RULES_LISTED = 1 << 0, /* in the newest ruleset of its namespace */
	RULES_LEGACY = 1 << 1, /* of legacy iptables */
	RULES_BASE = 1 << 2,   /* a chain at a hook */
	/* a packet was here (its hits may still be on their way, or nobody counts them) */
	RULES_MET = 1 << 3,
};

#define RULES_RECENT 256u /* packets remembered of an item */

struct rules_item {
	uint32_t no;
	uint32_t parent; /* of a chain its table, of a rule its chain; 0 not known (yet) */
	uint32_t netns;
	uint8_t kind;	/* enum rules_kind */
	uint8_t facts;	/* enum rules_fact */
	uint8_t family; /* NFPROTO_* */
	uint8_t hook;	/* of a base chain, else NF_NO_HOOK */
	uint8_t policy; /* enum nf_decision, of a base chain */
	int32_t priority;
	uint64_t table, handle; /* handle: its own; of a table the same as table */
	const char *name;	/* of a table or chain; of a rule its text, "" unknown */
	const char *comment;	/* of a rule, "" none */
	/*
	 * of a rule: evaluated up to a statement; of a chain: entered. Exact, by the kernel; of a
	 * chain of legacy iptables at a hook it is not known, 0
	 */
	uint64_t hits;
	uint64_t n[NF_DECISIONS]; /* the same by decision; of a base chain by its policy */
	double rate;		  /* hits a second, smoothed; by rules_tick() */
	uint64_t last;		  /* ns, when a packet was seen here; 0 never */
};

struct rules_netns {
	uint32_t netns;
	uint32_t generation;
	bool known;		      /* it was read at least once */
	bool texts;		      /* with the rules' text */
	int error;		      /* -errno: not all of it */
	size_t tables, chains, rules; /* listed */
};

struct rules;

/* So many items and so many bytes of text at most. NULL: no memory. */
struct rules *rules_new(size_t max_items, size_t max_bytes);
void rules_free(struct rules *rules);
size_t rules_bytes(const struct rules *rules);		    /* in use */
size_t rules_bytes_max(size_t max_items, size_t max_bytes); /* what rules_new() of these will ever take */

/* EVENT_CHAIN, EVENT_RULE, EVENT_CHAIN_NAME, EVENT_RULESET, EVENT_RULE_TEXT, EVENT_RULE_HITS; others are
 * ignored. */
void rules_apply(struct rules *rules, const struct event *ev, size_t size);
void rules_tick(struct rules *rules, uint64_t now);

/* Changes whenever the tree does: items, their order, names. Hits do not count. */
uint32_t rules_generation(const struct rules *rules);
size_t rules_lost(const struct rules *rules); /* how often an item found no place */
size_t rules_lost_texts(
	const struct rules *rules); /* how often a text found none: the item has none, or an old one */

/*
 * A rule or chain; with handle 0 the table. 0: not known. Of nftables no two have the
 * same handle; a rule and a chain of legacy iptables may: then it is the rule.
 */
uint32_t rules_find(const struct rules *rules, uint32_t netns, uint64_t table, uint64_t handle);
uint32_t rules_find_chain(const struct rules *rules, uint32_t netns, uint64_t table, uint64_t chain);
const struct rules_item *rules_item(const struct rules *rules, uint32_t no); /* NULL: forgotten */

/*
 * The tree in its order: namespaces by number, tables and chains as they are
 * listed, rules in their order; items that are not listed any more stand last
 * among their kind. Copies numbers [from, from + max) to out; returns how many
 * items there are.
 */
size_t rules_tree(const struct rules *rules, size_t from, uint32_t *out, size_t max);
/* By number; returns how many there are. */
size_t rules_namespaces(const struct rules *rules, struct rules_netns *out, size_t max);

/* Packets that were here lately, newest first; returns how many were written. */
size_t rules_recent(const struct rules *rules, uint32_t no, uint64_t *packets, size_t max);

/* "ip", "ip6", "inet", "arp", "bridge", "netdev"; "?" */
const char *rules_family(unsigned int family);
/* "prerouting", "forward" ... by family and number; "" for NF_NO_HOOK. */
const char *rules_hook(unsigned int family, unsigned int hook);
/* The word of an enum nf_decision, as nft says it: "continue", "accept", "drop" ... */
const char *rules_decision(unsigned int decision);
/* "ipv4", "ipv6", "arp", "bridge", "netdev" of NFPROTO_*. */
const char *rules_pf(unsigned int pf);

/*
 * As a line of a journey: "inet lab forwarding #5  ip saddr 10.1.0.2 tcp dport
 * 9999 counter drop"; of a chain "inet lab forwarding". Returns dst.
 */
char *rules_line(const struct rules *rules, uint32_t no, char *dst, size_t size);

#endif
