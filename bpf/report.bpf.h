/* SPDX-License-Identifier: GPL-2.0 */
/* A packet at a function: what is read of it, and the record that goes up. */
#ifndef SKBSCOPE_REPORT_BPF_H
#define SKBSCOPE_REPORT_BPF_H

#include "device.bpf.h"
#include "quote.bpf.h"
#include "snap.bpf.h"
#include "tuple.bpf.h"

/* Off only for measuring what the check costs. */
extern const volatile bool watch_addresses;

static __always_inline __u64 wakeup(struct cpu_stats *st)
{
	if (++st->since_wakeup < config.wakeup_every)
		return BPF_RB_NO_WAKEUP;
	st->since_wakeup = 0;
	return BPF_RB_FORCE_WAKEUP;
}

/*
 * A breakpoint's handler counts as NMI, and there the ring only tries its lock
 * (kernel/bpf/ringbuf.c): another CPU that holds it is no full ring.
 */
#define RESERVE_ONCE(record)                                                                                 \
	if (!record)                                                                                         \
		record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
#define RESERVE_FOUR_TIMES(record)                                                                           \
	RESERVE_ONCE(record) RESERVE_ONCE(record) RESERVE_ONCE(record) RESERVE_ONCE(record)
#define RESERVE(record)                                                                                      \
	do {                                                                                                 \
		record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);                                   \
		RESERVE_FOUR_TIMES(record)                                                                   \
		RESERVE_FOUR_TIMES(record)                                                                   \
		RESERVE_FOUR_TIMES(record)                                                                   \
	} while (0)

/* What every hop tells of its skb, and what shows that something has changed. */
struct glance {
	__u64 dev;
	__u64 sk;
	__u64 head;
	__u32 len;
	__u32 mark;
	__u32 tag; /* of tag_of() */
	__u16 network;
};

/*
 * Ethertype, in the upper half, and the VLAN tag beside the frame. The kernel
 * sets the type of a packet on its way out late: nothing in the upper half, and
 * what it will be is known from the header.
 */
static __always_inline __u32 tag_of(__be16 protocol, __be16 vlan_proto, __u16 vlan_tci)
{
	return (__u32)(protocol + vlan_proto) << 16 | vlan_tci;
}

#define TAG_PENDING(tag) (!((tag) >> 16))

static __always_inline bool take_glance(struct glance *g, struct skb_copy *copy, const void *skb)
{
	const struct sk_buff *s;

	if (bpf_rdonly_cast) {
		s = bpf_rdonly_cast(skb, type_ids.sk_buff);
		g->dev = (__u64)s->dev;
		g->sk = (__u64)s->sk;
		g->head = (__u64)s->head;
		g->len = s->len;
		g->mark = s->mark;
		g->network = s->network_header;
		g->tag = tag_of(s->protocol, s->vlan_proto, s->vlan_tci);
		return true;
	}
	if (skb_copy_read(copy, skb))
		return false;
	g->dev = (__u64)SKB(copy, dev);
	g->sk = (__u64)SKB(copy, sk);
	g->head = (__u64)SKB(copy, head);
	g->len = SKB(copy, len);
	g->mark = SKB(copy, mark);
	g->network = SKB(copy, network_header);
	g->tag = tag_of(SKB(copy, protocol), SKB(copy, vlan_proto), SKB(copy, vlan_tci));
	return true;
}

/* Filters whose answer depends on more than addresses and ports. */
#define FILTER_MORE                                                                                          \
	(FILTER_EXPR_MAC | FILTER_EXPR_VLAN | FILTER_EXPR_HOP | FILTER_INNER | FILTER_IFINDEX |              \
		FILTER_NETNS | FILTER_MARK | FILTER_SOCKET | FILTER_UID | FILTER_CGROUP)

/* On the way out the type is set late: most are IPv4, and the others are asked again. */
static __always_inline __u32 type_of(__be16 protocol)
{
	return protocol ? protocol : __builtin_bswap16(ETHERTYPE_IPV4);
}

/*
 * What a filter's answer depends on: ethertype, addresses, ports, and if it says
 * so device, tag, mark, socket. Another look is another question: NAT, a tunnel's
 * header, the next device.
 */
static __noinline __u32 look_of(struct cpu_stats *st, const void *skb, __u32 flags)
{
	struct skb_copy *copy = (struct skb_copy *)st->scratch;
	volatile __u64 *spare = st->spare;
	struct glance g;

	if (!(flags & FILTER_MORE) && bpf_rdonly_cast) {
		const struct sk_buff *s = bpf_rdonly_cast(skb, type_ids.sk_buff);

		spare[0] = (__u64)s->head;
		return address_sum(spare[0], s->network_header) ^ type_of(s->protocol);
	}
	if (!take_glance(&g, copy, skb))
		return 0;
	if (!(flags & FILTER_MORE))
		return address_sum(g.head, g.network) ^ type_of(g.tag >> 16);
	/* come back as numbers: pointers take no arithmetic */
	spare[0] = g.dev;
	spare[1] = g.sk;
	return address_sum(g.head, g.network) ^ mix(spare[0] >> 4, spare[1] >> 4, g.mark) ^ g.tag;
}

static __always_inline void fill(
	struct event *ev, const struct identity *id, const struct glance *g, __u64 ts, __u64 skb, __u32 where)
{
	ev->ts = ts;
	ev->packet = id->id;
	ev->skb = skb;
	ev->func = where;
	ev->cpu = where >> 16;
	ev->flags = flags_of(id);
	ev->seq = id->seq;
	ev->len = g->len;
	ev->ifindex = id->ifindex;
	ev->netns = id->netns;
	ev->mark = g->mark;
	ev->pid = id->pid;
	ev->copy = id->copy;
}

/* Address of the conntrack entry and, in its lowest bits, enum ip_conntrack_info. */
static __always_inline __u64 conntrack_of(const struct skb_copy *copy)
{
	const struct sk_buff *skb = (const void *)copy;

	return bpf_core_field_exists(skb->_nfct) ? SKB(copy, _nfct) : 0;
}

/* Beside the count of the copy's records: it is no hop. */
static __always_inline void report_quote(struct identity *id, struct cpu_stats *st, const struct glance *g,
	__u64 ts, __u64 skb, __u32 where, __u32 seat)
{
	struct event_quote *quote;

	if (!quote_of(seat))
		return;
	RESERVE(quote);
	if (quote) {
		quote->ev.type = EVENT_QUOTE;
		fill(&quote->ev, id, g, ts, skb, where);
		__builtin_memcpy(&quote->tuple, st->quote, sizeof(quote->tuple));
		bpf_ringbuf_submit(quote, BPF_RB_NO_WAKEUP);
	} else {
		st->lost[(__u16)where & (MAX_FUNCS - 1)]++;
	}
}

static __always_inline bool report_full(struct identity *id, struct cpu_stats *st, const struct glance *g,
	__u64 ts, __u64 skb, __u32 where, __u32 seat, __u64 flags)
{
	__u32 l3_len = tuple_of(seat, skb);
	struct event_full *full;

	if (!id->has_tuple && is_icmp_error((const struct wire_tuple *)st->tuple))
		report_quote(id, st, g, ts, skb, where, seat);
	RESERVE(full);
	if (!full)
		return false;
	__builtin_memcpy(&full->tuple, st->tuple, sizeof(full->tuple));
	full->l3_len = l3_len;
	full->parent = id->parent;
	full->ct = conntrack_of((const struct skb_copy *)st->scratch);
	bpf_get_current_comm(full->comm, sizeof(full->comm));
	id->has_tuple = (full->tuple.flags & TUPLE_IP) && !(full->tuple.flags & TUPLE_SOCKET);
	id->head = g->head;
	id->network = g->network;
	id->tag = TAG_PENDING(g->tag) ? tag_of(__builtin_bswap16(full->tuple.l2proto), 0, 0) : g->tag;
	full->ev.type = EVENT_FUNC_FULL;
	fill(&full->ev, id, g, ts, skb, where);
	bpf_ringbuf_submit(full, flags);
	if (config.snap && id->has_tuple && id->snapped != (id->addr_sum | 1))
		snap_of(seat, ts, skb, where);
	return true;
}

/* where: function in the low half, CPU in the high one. */
static __always_inline void report(
	struct cpu_stats *st, struct identity *id, __u64 ts, __u64 skb, __u32 where, __u32 seat)
{
	struct skb_copy *copy = (struct skb_copy *)st->scratch;
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct glance g;
	struct event *ev;
	bool copied = !bpf_rdonly_cast;
	__u32 sum;

	if (!take_glance(&g, copy, (const void *)skb))
		goto unread;
	if (id->dev != g.dev || !id->netns)
		device_enter(id, g.dev, g.sk, ts);
	sum = watch_addresses ? address_sum(g.head, g.network) : 0;
	if (id->has_tuple && id->head == g.head && id->network == g.network &&
		(id->tag == g.tag || TAG_PENDING(g.tag)) && id->addr_sum == sum && id->pid == pid) {
		RESERVE(ev);
		if (!ev)
			goto lost;
		ev->type = EVENT_FUNC;
		fill(ev, id, &g, ts, skb, where);
		id->seq++;
		st->events++;
		id->notes |= NOTE_SHOWN;
		bpf_ringbuf_submit(ev, wakeup(st));
		return;
	}
	if (!copied && skb_copy_read(copy, (const void *)skb))
		goto unread;
	id->addr_sum = sum;
	id->pid = pid;
	if (!report_full(id, st, &g, ts, skb, where, seat, wakeup(st)))
		goto lost;
	id->seq++;
	st->events++;
	st->full++;
	id->notes |= NOTE_SHOWN;
	return;
lost:
	st->lost[(__u16)where & (MAX_FUNCS - 1)]++;
	id->seq++;    /* the gap shows where */
	id->head = 0; /* what the lost record told must be told again */
	return;
unread:
	st->unread++;
	bpf_map_delete_elem(&identities, &skb);
}

#endif
