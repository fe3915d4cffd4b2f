/* SPDX-License-Identifier: GPL-2.0 */
/* The conntrack entry of a packet, told when it is another one or has changed. */
#ifndef SKBSCOPE_CONNTRACK_BPF_H
#define SKBSCOPE_CONNTRACK_BPF_H

#include "headers.bpf.h"
#include "hook.bpf.h"

static __always_inline void conntrack_tuple(struct wire_tuple *t, const struct tuple_hash *hash)
{
	__builtin_memset(t, 0, sizeof(*t));
	__builtin_memcpy(t->saddr, hash->src, sizeof(t->saddr));
	__builtin_memcpy(t->daddr, hash->dst, sizeof(t->daddr));
	t->family = hash->family == SOCK_INET ? 4 : hash->family == SOCK_INET6 ? 6 : 0;
	t->l2proto = t->family == 4 ? ETHERTYPE_IPV4 : t->family == 6 ? ETHERTYPE_IPV6 : 0;
	t->proto = hash->protocol;
	t->flags = t->family ? TUPLE_IP : 0;
	if (t->proto == PROTO_ICMP || t->proto == PROTO_ICMPV6) {
		/* one side has the id, the other type and code */
		t->icmp_type = hash->dst_port;
		t->icmp_code = hash->dst_port >> 8;
		t->sport = __builtin_bswap16(hash->src_port);
		t->flags |= TUPLE_ICMP;
	} else {
		t->sport = __builtin_bswap16(hash->src_port);
		t->dport = __builtin_bswap16(hash->dst_port);
		t->flags |= TUPLE_PORTS;
	}
}

/* While the packet is alive. */
static __always_inline void conntrack_look(struct identity *id, __u64 skb)
{
	const struct sk_buff *s = (const struct sk_buff *)skb;
	struct tuple_hash hash[2];
	const struct nf_conn *entry;
	struct event_ct *rec;
	__u32 status, mark = 0, sum;
	__u8 tcp_state = 0;
	__u64 ct;

	if (!bpf_core_field_exists(s->_nfct) || !bpf_core_type_exists(struct nf_conn))
		return;
	ct = BPF_CORE_READ(s, _nfct);
	entry = (const struct nf_conn *)(ct & ~7ull);
	if (!entry) {
		id->ct = ct;
		return;
	}
	status = BPF_CORE_READ(entry, status);
	if (bpf_core_field_exists(entry->mark))
		mark = BPF_CORE_READ(entry, mark);
	if (bpf_core_read(hash, sizeof(hash), &entry->tuplehash))
		return;
	if (hash[0].protocol == PROTO_TCP)
		tcp_state = BPF_CORE_READ(entry, proto.tcp.state);
	/* NAT writes the reply's tuple */
	sum = mix(status, mark, tcp_state) ^ mix(*(__u32 *)hash[1].dst, hash[1].dst_port, hash[1].src_port);
	if (id->ct == ct && id->ct_sum == sum)
		return;
	rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);
	if (!rec) {
		record_lost(id);
		return;
	}
	head_of(&rec->ev, id, skb, EVENT_CT);
	if (bpf_core_field_exists(entry->ct_net.net))
		rec->ev.netns = BPF_CORE_READ(entry, ct_net.net, ns.inum);
	rec->ct = ct;
	rec->status = status;
	rec->mark = mark;
	rec->timeout = 0;
	rec->zone = bpf_core_field_exists(entry->zone) ? BPF_CORE_READ(entry, zone.id) : 0;
	rec->tcp_state = tcp_state;
	rec->reserved = 0;
	conntrack_tuple(&rec->original, &hash[0]);
	conntrack_tuple(&rec->reply, &hash[1]);
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	count_record();
	id->ct = ct;
	id->ct_sum = sum;
}

#endif
