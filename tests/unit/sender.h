/* SPDX-License-Identifier: GPL-2.0 */
/* Packets for the tests of the model: every record has the next number of its copy and the next time. */
#ifndef SKBSCOPE_TESTS_UNIT_SENDER_H
#define SKBSCOPE_TESTS_UNIT_SENDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/store.h"

union record {
	struct event ev;
	struct event_full full;
	struct event_drop drop;
	struct event_socket socket;
	struct event_hook hook;
	struct event_chain chain;
	struct event_rule rule;
	struct event_ct ct;
};

struct sender {
	struct store *store; /* or what takes the records instead of it: */
	void (*to)(void *ctx, const struct event *ev, size_t size);
	void *ctx;
	uint64_t packet, ts; /* of the last record */
	uint16_t seq[64];
};

static inline union record record(struct sender *s, uint8_t type, uint32_t copy)
{
	return (union record){ .ev = { .type = type,
				       .packet = s->packet,
				       .copy = copy,
				       .ts = s->ts += 10,
				       .skb = 0xff00 + copy,
				       .seq = s->seq[copy]++,
				       .len = 100 } };
}

static inline void put(struct sender *s, const union record *r)
{
	static const size_t size[] = {
		[EVENT_FUNC] = sizeof(struct event),
		[EVENT_FUNC_FULL] = sizeof(struct event_full),
		[EVENT_END] = sizeof(struct event),
		[EVENT_DROP] = sizeof(struct event_drop),
		[EVENT_SOCKET] = sizeof(struct event_socket),
		[EVENT_HOOK] = sizeof(struct event_hook),
		[EVENT_CHAIN] = sizeof(struct event_chain),
		[EVENT_RULE] = sizeof(struct event_rule),
		[EVENT_CT] = sizeof(struct event_ct),
	};

	if (s->to)
		s->to(s->ctx, &r->ev, size[r->ev.type]);
	else
		store_add(s->store, &r->ev, size[r->ev.type]);
}

static inline void func(struct sender *s, uint32_t copy, uint16_t at)
{
	union record r = record(s, EVENT_FUNC, copy);

	r.ev.func = at;
	put(s, &r);
}

static inline struct wire_tuple tuple(uint8_t last, uint16_t sport)
{
	return (struct wire_tuple){ .saddr = { 10, 0, 0, last },
		.daddr = { 10, 1, 0, 1 },
		.sport = sport,
		.dport = 80,
		.l2proto = 0x0800,
		.proto = 6,
		.family = 4,
		.flags = TUPLE_IP | TUPLE_PORTS };
}

static inline void full(struct sender *s, uint32_t copy, uint32_t parent, struct wire_tuple t, uint64_t ct)
{
	union record r = record(s, EVENT_FUNC_FULL, copy);

	r.full.parent = parent;
	r.full.tuple = t;
	r.full.ct = ct;
	put(s, &r);
}

static inline void end(struct sender *s, uint32_t copy, uint8_t flags)
{
	union record r = record(s, EVENT_END, copy);

	r.ev.flags = flags;
	put(s, &r);
}

static inline void drop(struct sender *s, uint32_t copy, uint32_t reason)
{
	union record r = record(s, EVENT_DROP, copy);

	r.drop.reason = reason;
	r.drop.location = 0xabc0 + reason;
	put(s, &r);
	end(s, copy, 0);
}

#define LAB_NETNS 77u
#define LAB_TABLE 3u

static inline void at_hook(struct sender *s, uint32_t copy, uint8_t decision, uint8_t facts)
{
	union record r = record(s, EVENT_HOOK, copy);

	r.ev.netns = LAB_NETNS;
	r.hook.decision = decision;
	r.hook.hook = 2;
	r.hook.pf = 2;
	r.hook.facts = facts;
	put(s, &r);
}

static inline void at_chain(
	struct sender *s, uint32_t copy, uint64_t chain, uint8_t what, uint8_t decision, uint8_t facts)
{
	union record r = record(s, EVENT_CHAIN, copy);

	r.ev.netns = LAB_NETNS;
	r.chain.table = LAB_TABLE;
	r.chain.chain = chain;
	r.chain.what = what;
	r.chain.decision = decision;
	r.chain.facts = facts;
	r.chain.family = 1;
	r.chain.hook = 2;
	r.chain.pf = 2;
	put(s, &r);
}

static inline void at_rule(struct sender *s, uint32_t copy, uint64_t chain, uint64_t handle, uint8_t decision)
{
	union record r = record(s, EVENT_RULE, copy);

	r.ev.netns = LAB_NETNS;
	r.rule.table = LAB_TABLE;
	r.rule.chain = chain;
	r.rule.handle = handle;
	r.rule.decision = decision;
	r.rule.family = 1;
	put(s, &r);
}

/* A connection whose tuples they are; info: enum ip_conntrack_info. */
static inline void at_ct(struct sender *s, uint32_t copy, uint32_t netns, uint8_t info,
	struct wire_tuple original, struct wire_tuple reply)
{
	union record r = record(s, EVENT_CT, copy);

	r.ev.netns = netns;
	r.ct.ct = 0xffff888000001000u | info;
	r.ct.timeout = 60;
	r.ct.original = original;
	r.ct.reply = reply;
	put(s, &r);
}

static inline void to_socket(struct sender *s, uint32_t copy, uint64_t inode)
{
	union record r = record(s, EVENT_SOCKET, copy);

	r.socket.inode = inode;
	r.socket.cgroup = 99;
	r.socket.uid = 1000;
	r.socket.parent = 4;
	put(s, &r);
}

static inline const struct packet *packet(const struct sender *s)
{
	const struct packet *p = store_packet(s->store, s->packet);

	assert_non_null(p);
	return p;
}

static inline struct store_totals totals(const struct sender *s)
{
	struct store_totals t;

	store_totals(s->store, &t);
	return t;
}

#endif
