/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netfilter of the made-up hosts: a and the router r have rulesets with the same
 * names and handles, b has none. What a hook of a packet decides is a script.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "demo_private.h"

#define NETNS(host) (4026532000u + (host))
#define DROPPED_AT 0xffffffffc0a011a4ull
#define TRAMPOLINE 0xffffffffc0701020ull
#define NO_SOCKET_AT 0xffffffff81a2b3c4ull
#define HOSTILE "keep\033[2J\033]0;owned\007 this\nrule"

enum { PRE, IN, FORWARD, OUT, POST };
enum { IPV4 = 2, INET = 1, BRIDGE = 7 };

/* A table, chain or rule. */
static const struct item {
	char host;
	unsigned char kind, family, hook, facts, policy;
	unsigned char table, chain, handle;
	int priority;
	const char *table_name, *chain_name, *text, *comment;
} items[] = {
	{ 'a', RULE_TEXT_TABLE, INET, NF_NO_HOOK, 0, 0, 1, 0, 0, 0, "lab", "", "", "" },
	{ 'a', RULE_TEXT_CHAIN, INET, OUT, CHAIN_BASE, NF_DECIDED_ACCEPT, 1, 2, 0, 0, "lab", "output", "",
		"" },
	{ 'a', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 2, 5, 0, "lab", "output",
		"meta skuid 33 tcp dport 25 counter packets 0 bytes 0 reject with icmpx admin-prohibited",
		"" },
	{ 'r', RULE_TEXT_TABLE, INET, NF_NO_HOOK, 0, 0, 1, 0, 0, 0, "lab", "", "", "" },
	{ 'r', RULE_TEXT_CHAIN, INET, FORWARD, CHAIN_BASE, NF_DECIDED_DROP, 1, 2, 0, 0, "lab", "forwarding",
		"", "" },
	{ 'r', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 2, 4, 0, "lab", "forwarding",
		"ct state vmap { invalid : drop, established : accept, related : accept }", "" },
	{ 'r', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 2, 5, 0, "lab", "forwarding",
		"ip saddr 10.1.0.2 tcp dport 9999 counter drop", HOSTILE },
	{ 'r', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 2, 6, 0, "lab", "forwarding",
		"meta l4proto { icmp, ipv6-icmp } accept", "" },
	{ 'r', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 2, 7, 0, "lab", "forwarding",
		"meta l4proto udp jump services", "" },
	{ 'r', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 2, 12, 0, "lab", "forwarding",
		"udp dport 7 counter accept", "" },
	{ 'r', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 2, 9, 0, "lab", "forwarding",
		"tcp dport 22 ip saddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 } limit rate 10/minute "
		"burst 5 "
		"packets counter packets 0 bytes 0 log prefix \"ssh from outside: \" level info accept",
		"administrators only" },
	{ 'r', RULE_TEXT_CHAIN, INET, NF_NO_HOOK, 0, 0, 1, 3, 0, 0, "lab", "services", "", "" },
	{ 'r', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 3, 11, 0, "lab", "services",
		"limit rate 1/second log prefix \"service: \"", "" },
	{ 'r', RULE_TEXT_RULE, INET, NF_NO_HOOK, 0, 0, 1, 3, 10, 0, "lab", "services",
		"udp dport { 53, 123 } counter accept", "" },
	{ 'r', RULE_TEXT_TABLE, IPV4, NF_NO_HOOK, 0, 0, 2, 0, 0, 0, "nat", "", "", "" },
	{ 'r', RULE_TEXT_CHAIN, IPV4, POST, CHAIN_BASE, NF_DECIDED_ACCEPT, 2, 1, 0, 100, "nat", "postrouting",
		"", "" },
	{ 'r', RULE_TEXT_RULE, IPV4, NF_NO_HOOK, 0, 0, 2, 1, 2, 0, "nat", "postrouting",
		"oifname \"wan\" masquerade", "" },
};

#define NITEMS (sizeof(items) / sizeof(items[0]))

_Static_assert(NITEMS <= DEMO_ITEMS, "struct demo counts each");

/* What a hook of a packet goes through. */
struct nf_act {
	unsigned char type, decision, depth, facts, what; /* what: CHAIN_..., of a hook its number */
	unsigned char family, table, chain, handle, to;
};

#define ENTER(depth, table, chain)                                                                           \
	{                                                                                                    \
		EVENT_CHAIN, 0, depth, (depth) ? 0 : CHAIN_BASE, CHAIN_ENTER, INET, table, chain, 0, 0       \
	}
#define LEAVE(depth, table, chain, decision, facts)                                                          \
	{                                                                                                    \
		EVENT_CHAIN, decision, depth, facts, CHAIN_LEAVE, INET, table, chain, 0, 0                   \
	}
#define RULE(depth, table, chain, handle, decision, to)                                                      \
	{                                                                                                    \
		EVENT_RULE, decision, depth, 0, 0, INET, table, chain, handle, to                            \
	}
#define HOOK(hook, decision, facts, pf)                                                                      \
	{                                                                                                    \
		EVENT_HOOK, decision, 0, facts, hook, pf, 0, 0, 0, 0                                         \
	}

static const struct nf_act established[] = {
	ENTER(0, 1, 2),
	RULE(0, 1, 2, 4, NF_DECIDED_ACCEPT, 0),
	LEAVE(0, 1, 2, NF_DECIDED_ACCEPT, 0),
	HOOK(FORWARD, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN, IPV4),
};

static const struct nf_act refused[] = {
	ENTER(0, 1, 2),
	RULE(0, 1, 2, 5, NF_DECIDED_DROP, 0),
	LEAVE(0, 1, 2, NF_DECIDED_DROP, 0),
	HOOK(FORWARD, NF_DECIDED_DROP, HOOK_BY_CHAIN, IPV4),
};

static const struct nf_act by_policy[] = {
	ENTER(0, 1, 2),
	LEAVE(0, 1, 2, NF_DECIDED_DROP, CHAIN_BY_POLICY),
	HOOK(FORWARD, NF_DECIDED_DROP, HOOK_BY_CHAIN, IPV4),
};

static const struct nf_act ping[] = {
	ENTER(0, 1, 2),
	RULE(0, 1, 2, 6, NF_DECIDED_ACCEPT, 0),
	LEAVE(0, 1, 2, NF_DECIDED_ACCEPT, 0),
	HOOK(FORWARD, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN, IPV4),
};

static const struct nf_act service[] = {
	ENTER(0, 1, 2),
	RULE(0, 1, 2, 7, NF_DECIDED_JUMP, 3),
	ENTER(1, 1, 3),
	RULE(1, 1, 3, 11, NF_DECIDED_NOT, 0),
	RULE(1, 1, 3, 10, NF_DECIDED_ACCEPT, 0),
	LEAVE(1, 1, 3, NF_DECIDED_ACCEPT, 0),
	LEAVE(0, 1, 2, NF_DECIDED_ACCEPT, 0),
	HOOK(FORWARD, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN, IPV4),
};

static const struct nf_act no_service[] = {
	ENTER(0, 1, 2),
	RULE(0, 1, 2, 7, NF_DECIDED_JUMP, 3),
	ENTER(1, 1, 3),
	RULE(1, 1, 3, 11, NF_DECIDED_BREAK, 0),
	LEAVE(1, 1, 3, NF_DECIDED_RETURN, 0),
	RULE(0, 1, 2, 12, NF_DECIDED_ACCEPT, 0),
	LEAVE(0, 1, 2, NF_DECIDED_ACCEPT, 0),
	HOOK(FORWARD, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN, IPV4),
};

static const struct nf_act sent[] = {
	ENTER(0, 1, 2),
	LEAVE(0, 1, 2, NF_DECIDED_ACCEPT, CHAIN_BY_POLICY),
	HOOK(OUT, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN, IPV4),
};

static const struct nf_act masquerade[] = {
	ENTER(0, 2, 1),
	RULE(0, 2, 1, 2, NF_DECIDED_ACCEPT, 0),
	LEAVE(0, 2, 1, NF_DECIDED_ACCEPT, 0),
	HOOK(POST, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN, IPV4),
};

static const struct nf_act bridged[] = {
	HOOK(FORWARD, NF_DECIDED_DROP, 0, BRIDGE),
};

static void count(struct demo *d, char host, const struct nf_act *act)
{
	for (size_t i = 0; i < NITEMS; i++) {
		const struct item *item = &items[i];

		if (item->host != host || item->table != act->table || item->chain != act->chain ||
			item->handle != act->handle || item->kind == RULE_TEXT_TABLE)
			continue;
		if (act->type == EVENT_RULE)
			d->rule_hits[i][act->decision]++;
		else if (act->what == CHAIN_ENTER)
			d->rule_hits[i][NF_DECIDED_NOT]++;
		else if (act->facts & CHAIN_BY_POLICY)
			d->rule_hits[i][act->decision]++;
	}
}

static void push_nf(struct demo *d, struct event *ev, const struct nf_act *act)
{
	struct event_chain chain = { .ev = *ev,
		.table = act->table,
		.chain = act->chain,
		.what = act->what,
		.decision = act->decision,
		.depth = act->depth,
		.facts = act->facts,
		.family = act->table == 2 ? IPV4 : act->family };
	struct event_rule rule = { .ev = *ev,
		.table = act->table,
		.chain = act->chain,
		.handle = act->handle,
		.to = act->to,
		.decision = act->decision,
		.depth = act->depth,
		.facts = act->facts,
		.family = chain.family };
	struct event_hook hook = { .ev = *ev,
		.decision = act->decision,
		.hook = act->what,
		.pf = act->family,
		.facts = act->facts };

	chain.ev.type = rule.ev.type = hook.ev.type = act->type;
	if (act->type == EVENT_CHAIN)
		demo_push(d, &chain, sizeof(chain));
	else if (act->type == EVENT_RULE)
		demo_push(d, &rule, sizeof(rule));
	else
		demo_push(d, &hook, sizeof(hook));
	ev->seq++;
	ev->ts += 90;
}

static void run(struct demo *d, struct event *ev, char host, const struct nf_act *acts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		push_nf(d, ev, &acts[i]);
		count(d, host, &acts[i]);
	}
}

#define RUN(d, ev, host, acts) run(d, ev, host, acts, sizeof(acts) / sizeof((acts)[0]))

static void reversed(struct wire_tuple *to, const struct wire_tuple *from)
{
	*to = *from;
	memcpy(to->saddr, from->daddr, sizeof(to->saddr));
	memcpy(to->daddr, from->saddr, sizeof(to->daddr));
	if (from->flags & TUPLE_PORTS) {
		to->sport = from->dport;
		to->dport = from->sport;
	}
}

/* info: enum ip_conntrack_info. The router hides hosts behind 192.0.2.1. */
static void push_ct(struct demo *d, struct event *ev, const struct wire_tuple *t, unsigned int info,
	uint32_t status, bool nat)
{
	struct event_ct ct = { .ev = *ev,
		.ct = 0xffff888105300000ull + t->sport * 64ull + t->dport * 512ull,
		.status = status,
		.timeout = 431999,
		.tcp_state = t->proto == 6 ? info == 2 ? 1 : 3 : 0 };
	struct wire_tuple back;

	ct.ev.type = EVENT_CT;
	ct.ct = (ct.ct & ~7ull) | info;
	reversed(&back, t);
	ct.original = info >= 3 ? back : *t;
	ct.reply = info >= 3 ? *t : back;
	if (nat) {
		ct.original.sport = 4000;
		inet_pton(AF_INET, "10.1.0.2", ct.original.saddr);
		reversed(&ct.reply, &ct.original);
		ct.reply.dport = 61001;
		inet_pton(AF_INET, "192.0.2.1", ct.reply.daddr);
		ct.ct = 0xffff888105300000ull | info;
	}
	demo_push(d, &ct, sizeof(ct));
	ev->seq++;
	ev->ts += 60;
}

static bool is_natted(const struct wire_tuple *t)
{
	return t->sport == 4000 || t->sport == 61001 || t->dport == 61001 || t->dport == 4000;
}

static void conntrack(struct demo *d, struct event *ev, const struct wire_tuple *t, bool dropped)
{
	bool back = t->sport < t->dport && t->proto != 1;

	if (is_natted(t) && back)
		push_ct(d, ev, t, 3, 0x19e, true);
	else if (is_natted(t) || dropped)
		push_ct(d, ev, t, 2, 0, false);
	else
		push_ct(d, ev, t, back ? 3 : 0, 0xe, false);
}

static void forward(struct demo *d, struct event *ev, const struct wire_tuple *t, bool dropped)
{
	if (dropped && t->dport == 9999)
		RUN(d, ev, 'r', refused);
	else if (dropped)
		RUN(d, ev, 'r', by_policy);
	else if (t->proto == 17 && t->dport == 53)
		RUN(d, ev, 'r', service);
	else if (t->proto == 17 && t->dport == 7)
		RUN(d, ev, 'r', no_service);
	else if (t->proto == 1)
		RUN(d, ev, 'r', ping);
	else
		RUN(d, ev, 'r', established);
}

void demo_netfilter(
	struct demo *d, struct event *ev, const struct wire_tuple *t, const char *func, bool dropped)
{
	char host = (char)(ev->netns - NETNS(0));

	if (!d->options.netfilter)
		return;
	ev->ts += 60;
	if (!strcmp(func, "nf_conntrack_in")) {
		conntrack(d, ev, t, dropped);
	} else if (strcmp(func, "nf_hook_slow")) {
		return;
	} else if (host == 'a') {
		RUN(d, ev, host, sent);
	} else if (host == 'h') {
		RUN(d, ev, host, bridged);
	} else if (host == 'r' && ev->ifindex == demo_ifindex(4)) {
		RUN(d, ev, host, masquerade);
		push_ct(d, ev, t, 2, 0x198, true);
	} else if (host == 'r') {
		forward(d, ev, t, dropped);
	}
}

void demo_netfilter_drop(struct demo *d, struct event_drop *drop)
{
	static const uint64_t stack[] = { DROPPED_AT, TRAMPOLINE, DROPPED_AT - 0x19f, 0xffffffffc0a02108ull,
		0xffffffff81b20044ull, 0xffffffff81b7a1f0ull, 0xffffffff81b79c33ull, 0xffffffff81a90e01ull,
		0xffffffff81002222ull };

	if (!d->options.netfilter)
		return;
	drop->location = drop->reason == 8 ? DROPPED_AT : NO_SOCKET_AT;
	drop->depth = sizeof(stack) / sizeof(stack[0]);
	memcpy(drop->stack, stack, sizeof(stack));
	if (drop->reason != 8) {
		drop->stack[0] = 0xffffffff81a2b7f0ull;
		drop->depth = 1;
	}
}

static void push_text(struct demo *d, const struct item *item)
{
	union {
		struct event_rule_text text;
		char room[sizeof(struct event_rule_text) + 1024];
	} u = { .text = { .ev = { .ts = d->now,
				  .type = EVENT_RULE_TEXT,
				  .netns = NETNS((unsigned char)item->host) },
			.table = item->table,
			.chain = item->chain,
			.handle = item->handle,
			.kind = item->kind,
			.family = item->family,
			.hook = item->hook,
			.facts = item->facts,
			.policy = item->policy,
			.priority = item->priority,
			.table_len = (unsigned short)strlen(item->table_name),
			.chain_len = (unsigned short)strlen(item->chain_name),
			.text_len = (unsigned short)strlen(item->text),
			.comment_len = (unsigned short)strlen(item->comment) } };
	size_t len = 0;

	memcpy(u.text.names + len, item->table_name, u.text.table_len);
	len += u.text.table_len;
	memcpy(u.text.names + len, item->chain_name, u.text.chain_len);
	len += u.text.chain_len;
	memcpy(u.text.names + len, item->text, u.text.text_len);
	len += u.text.text_len;
	memcpy(u.text.names + len, item->comment, u.text.comment_len);
	len += u.text.comment_len;
	demo_push(d, &u, sizeof(u.text) + len);
}

static void push_ruleset(struct demo *d, char host)
{
	struct event_ruleset set = {
		.ev = { .ts = d->now, .type = EVENT_RULESET, .netns = NETNS((unsigned char)host) },
		.generation = 7,
		.what = RULESET_BEGIN,
		.texts = 1
	};

	demo_push(d, &set, sizeof(set));
	for (size_t i = 0; i < NITEMS; i++)
		if (items[i].host == host)
			push_text(d, &items[i]);
	set.what = RULESET_END;
	demo_push(d, &set, sizeof(set));
}

static void push_symbols(struct demo *d)
{
	static const struct {
		uint64_t addr;
		uint32_t offset;
		const char *name, *module;
	} symbols[] = {
		{ DROPPED_AT, 0x1a4, "nft_do_chain", "nf_tables" },
		{ DROPPED_AT - 0x19f, 0x5, "nft_do_chain", "nf_tables" },
		{ TRAMPOLINE, 0x76, "bpf_trampoline_57982153888", "bpf" },
		{ NO_SOCKET_AT, 0x5c, "__udp4_lib_rcv", "" },
		{ 0xffffffffc0a02108ull, 0x68, "nft_do_chain_inet", "nf_tables" },
		{ 0xffffffff81b20044ull, 0x44, "nf_hook_slow", "" },
		{ 0xffffffff81b7a1f0ull, 0x2f0, "ip_forward", "" },
		{ 0xffffffff81b79c33ull, 0x93, "ip_rcv", "" },
		{ 0xffffffff81a90e01ull, 0x101, "__netif_receive_skb_one_core", "" },
		{ 0xffffffff81a2b7f0ull, 0x20, "udp_rcv", "" },
	};

	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		struct event_symbol s = { .ev = { .ts = d->now, .type = EVENT_SYMBOL },
			.addr = symbols[i].addr,
			.offset = symbols[i].offset };

		snprintf(s.name, sizeof(s.name), "%s", symbols[i].name);
		snprintf(s.module, sizeof(s.module), "%s", symbols[i].module);
		demo_push(d, &s, sizeof(s));
	}
}

void demo_netfilter_advance(struct demo *d)
{
	if (!d->options.netfilter || d->now < d->next_hits)
		return;
	if (!d->next_hits) {
		push_symbols(d);
		push_ruleset(d, 'a');
		push_ruleset(d, 'r');
		push_ruleset(d, 'b');
	}
	d->next_hits = d->now + SECOND;
	for (size_t i = 0; i < NITEMS; i++) {
		struct event_rule_hits hits = { .ev = { .ts = d->now,
							.type = EVENT_RULE_HITS,
							.netns = NETNS((unsigned char)items[i].host) },
			.table = items[i].table,
			.handle = items[i].kind == RULE_TEXT_RULE ? items[i].handle : items[i].chain };

		if (items[i].kind == RULE_TEXT_TABLE)
			continue;
		memcpy(hits.n, d->rule_hits[i], sizeof(hits.n));
		demo_push(d, &hits, sizeof(hits));
	}
}
