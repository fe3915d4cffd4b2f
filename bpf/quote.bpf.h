/* SPDX-License-Identifier: GPL-2.0 */
/* An ICMP error quotes the packet that it is about (RFC 792, RFC 4443). */
#ifndef SKBSCOPE_QUOTE_BPF_H
#define SKBSCOPE_QUOTE_BPF_H

#include "maps.bpf.h"
#include "tuple.bpf.h"

static __always_inline bool is_icmp_error(const struct wire_tuple *t)
{
	if (!(t->flags & TUPLE_ICMP))
		return false;
	if (t->proto == PROTO_ICMPV6)
		return t->icmp_type >= 1 && t->icmp_type <= 4;
	return t->icmp_type == 3 || t->icmp_type == 4 || t->icmp_type == 5 || t->icmp_type == 11 ||
	       t->icmp_type == 12;
}

/*
 * The quoted packet of the skb in this seat's scratch is left in the seat's
 * quote. Returns 0 when its header cannot be read. Verified by itself, as
 * tuple_of(). IPv6 extension headers before the ICMP header are not looked behind.
 */
__noinline __u32 quote_of(__u32 seat)
{
	struct cpu_stats *st = this_stats(seat);
	const struct skb_copy *copy;
	struct wire_tuple *t;
	struct header h;
	__u32 at;
	int room;

	if (!st)
		return 0;
	copy = (const struct skb_copy *)st->scratch;
	t = (struct wire_tuple *)st->quote;
	__builtin_memset(t, 0, sizeof(*t));
	at = network_offset(copy);
	if (!at || bpf_probe_read_kernel(&h, 1, SKB(copy, head) + at))
		return 0;
	at += (h.b[0] >> 4 == 6 ? 40 : (h.b[0] & 0xf) * 4) + 8;
	room = (int)SKB(copy, tail) - (int)at;
	if (room < 20 || bpf_probe_read_kernel(&h, sizeof(h), SKB(copy, head) + at))
		return 0;
	t->l2proto = h.b[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
	return read_ipv4(t, &h, SKB(copy, head) + at, room) || read_ipv6(t, &h, SKB(copy, head) + at, room);
}

#endif
