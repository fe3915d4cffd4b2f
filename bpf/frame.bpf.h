/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet as tcpdump would see it on the wire, for the program of a filter:
 * Ethernet header, maybe a tag, then what is in the linear area from the
 * network header on. What the skb does not have (yet) stands there as zeros.
 */
#ifndef SKBSCOPE_FRAME_BPF_H
#define SKBSCOPE_FRAME_BPF_H

#include "config.h"
#include "tuple.bpf.h"

#define ETHERTYPE_TEB 0x6558 /* Ethernet inside GRE or Geneve */
#define PORT_VXLAN 4789
#define PORT_VXLAN_LINUX 8472 /* drivers/net/vxlan: the default without dstport */
#define PORT_GENEVE 6081
#define PROTO_IPIP 4
#define PROTO_IPV6 41
#define PROTO_GRE 47

/* Where the bytes of a frame come from. Offsets count from skb->head. */
struct frame_plan {
	__u32 from; /* the bytes behind the part that is made up */
	__u32 at;   /* and where they go in the frame */
};

enum frame_state { FRAME_PENDING, FRAME_CUT, FRAME_READY };

static __always_inline void put16(__u8 *to, __u16 host)
{
	to[0] = host >> 8;
	to[1] = host;
}

/* The Ethernet header in front of the network header, tags included. */
static __always_inline bool has_link_header(const struct skb_copy *copy, __u32 network)
{
	__u32 mac = SKB(copy, mac_header);

	return mac != HEADER_UNSET && network >= mac + 14 && network <= mac + 22;
}

/* Copies what is there behind plan->from. */
static __always_inline bool frame_fill(
	struct work *w, const struct skb_copy *copy, const struct frame_plan *plan)
{
	__u32 data = (__u32)((__u64)SKB(copy, data) - (__u64)SKB(copy, head));
	__u32 tail = SKB(copy, tail), at = plan->at & 31, n;

	if (tail < plan->from)
		return false;
	n = tail - plan->from;
	if (n > FILTER_FRAME - 32)
		n = FILTER_FRAME - 32;
	if (bpf_probe_read_kernel(w->frame + at, n, SKB(copy, head) + plan->from))
		return false;
	w->caplen = at + n;
	w->wirelen = at + SKB(copy, len) + data - plan->from;
	return true;
}

/* Behind tags that the frame still has; type is what follows them. */
static __always_inline __u32 skip_tags(const struct skb_copy *copy, __u32 network)
{
	__u16 type = __builtin_bswap16(SKB(copy, protocol));
	__u8 b[8];

	for (int i = 0; i < 2; i++) {
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
			break;
		if (bpf_probe_read_kernel(b, sizeof(b), SKB(copy, head) + network) || !is_tag(b))
			break;
		type = be16(b + 2);
		network += 4;
	}
	return network;
}

/*
 * The usual case of what tuple_of() finds out, for a fourth of its price: an IP
 * header that is there and needs no second look. Its ethertype, 0: ask tuple_of().
 * b: twelve bytes that nobody uses; there is no room for them on the stack.
 */
static __always_inline __u16 plain_ip(const struct skb_copy *copy, __u8 *b)
{
	__u32 network = SKB(copy, network_header);
	__u16 type = __builtin_bswap16(SKB(copy, protocol));
	int room = (int)SKB(copy, tail) - (int)network;

	if (!network || network == HEADER_UNSET || headers_pending(copy) ||
		bpf_probe_read_kernel(b, 12, SKB(copy, head) + network))
		return 0;
	if (!type) /* not set yet on the way out */
		type = b[0] >> 4 == 4 ? ETHERTYPE_IPV4 : 0;
	if (type == ETHERTYPE_IPV4 ? b[0] >> 4 != 4 || (b[0] & 0xf) < 5 || room < 20
				   : type != ETHERTYPE_IPV6 || b[0] >> 4 != 6 || room < 40)
		return 0;
	/* without a device ports may be pending, and extension headers stand before them */
	return SKB(copy, dev) || (type == ETHERTYPE_IPV4 && b[9] != PROTO_UDP) ? type : 0;
}

/*
 * The frame of the packet whose skb stands in this seat's scratch, into its struct
 * work. flags: of the filter. Returns enum frame_state. Verified by itself, as tuple_of().
 */
__noinline __u32 frame_of(__u32 seat, __u64 skb, __u32 flags)
{
	struct work *w = bpf_map_lookup_elem(&works, &seat);
	const struct cpu_stats *st = this_stats(seat);
	struct frame_plan plan = { .at = 12 };
	const struct skb_copy *copy;
	const struct wire_tuple *t;
	__u32 network;
	__u16 type;
	bool linked;

	if (!w || !st)
		return FRAME_PENDING;
	copy = (const struct skb_copy *)st->scratch;
	network = network_offset(copy);
	type = plain_ip(copy, w->frame);
	if (!type) {
		t = (const struct wire_tuple *)st->tuple;
		tuple_of(seat, skb);
		type = t->l2proto;
		if (!network || !type || t->flags & TUPLE_SOCKET)
			return FRAME_PENDING;
		if ((type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6) && !(t->flags & TUPLE_IP))
			return SKB(copy, data_len) && !never_received(copy) ? FRAME_CUT : FRAME_PENDING;
	}
	linked = has_link_header(copy, network);
	__builtin_memset(w->frame, 0, 24);
	if ((flags & FILTER_EXPR_MAC) &&
		(!linked || bpf_probe_read_kernel(w->frame, 12, SKB(copy, head) + SKB(copy, mac_header))))
		return FRAME_PENDING;
	if (flags & FILTER_EXPR_VLAN) {
		__u16 id;

		if (skb_vlan_tag(copy, (const void *)skb, &id)) {
			put16(w->frame + 12, __builtin_bswap16(SKB(copy, vlan_proto)));
			put16(w->frame + 14, SKB(copy, vlan_tci));
			plan.at = 16;
		}
		plan.from = network;
		if (linked) {
			plan.from = SKB(copy, mac_header) + 12;
			return frame_fill(w, copy, &plan) ? FRAME_READY : FRAME_CUT;
		}
		if (SKB(copy, protocol))
			type = __builtin_bswap16(SKB(copy, protocol));
	} else {
		plan.from = skip_tags(copy, network);
	}
	if (plan.at == 16)
		put16(w->frame + 16, type);
	else
		put16(w->frame + 12, type);
	plan.at += 2;
	return frame_fill(w, copy, &plan) ? FRAME_READY : FRAME_CUT;
}

/* Bytes of the GRE header, 0: not the version that carries packets. */
static __always_inline __u32 gre_length(__u16 flags)
{
	if (flags & 0x4007) /* source routing; PPTP's version */
		return 0;
	return 4 + (flags & 0x8000 ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0);
}

/*
 * Finds the packet that a tunnel carries. *type is its ethertype, ETHERTYPE_TEB
 * when it has an Ethernet header. 0: no tunnel that is known here.
 */
static __always_inline __u32 inner_offset(
	const struct skb_copy *copy, const struct wire_tuple *t, __u16 *type)
{
	__u32 at = skip_tags(copy, network_offset(copy)), transport = SKB(copy, transport_header), n;
	__u8 b[16];

	if (!(t->flags & TUPLE_IP) || t->flags & TUPLE_SOCKET || t->frag_off ||
		bpf_probe_read_kernel(b, 8, SKB(copy, head) + at))
		return 0;
	if (t->family == 4)
		at += (b[0] & 0xf) * 4;
	else if (b[6] == t->proto)
		at += 40;
	else if (transport != HEADER_UNSET && transport > at) /* extension headers */
		at = transport;
	else
		return 0;
	*type = t->proto == PROTO_IPIP ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
	if (t->proto == PROTO_IPIP || t->proto == PROTO_IPV6)
		return at;
	if (bpf_probe_read_kernel(b, sizeof(b), SKB(copy, head) + at))
		return 0;
	*type = be16(b + 2);
	if (t->proto == PROTO_GRE) {
		n = gre_length(be16(b));
		return n ? at + n : 0;
	}
	if (t->proto != PROTO_UDP)
		return 0;
	switch (*type) { /* the port */
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		*type = ETHERTYPE_TEB;
		return at + 16;
	case PORT_GENEVE:
		*type = be16(b + 10);
		return at + 16 + (b[8] & 0x3f) * 4;
	}
	return 0;
}

/* The frame of what a tunnel carries; pending where there is none (yet). After frame_of() or not. */
__noinline __u32 inner_frame_of(__u32 seat, __u64 skb)
{
	struct work *w = bpf_map_lookup_elem(&works, &seat);
	const struct cpu_stats *st = this_stats(seat);
	const struct skb_copy *copy;
	struct frame_plan plan = {};
	__u16 type = 0;

	if (!w || !st)
		return FRAME_PENDING;
	copy = (const struct skb_copy *)st->scratch;
	tuple_of(seat, skb);
	plan.from = inner_offset(copy, (const struct wire_tuple *)st->tuple, &type);
	if (!plan.from)
		return FRAME_PENDING;
	if (type != ETHERTYPE_TEB) {
		if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
			return FRAME_PENDING;
		__builtin_memset(w->frame, 0, 12);
		put16(w->frame + 12, type);
		plan.at = 14;
	}
	return frame_fill(w, copy, &plan) ? FRAME_READY : FRAME_CUT;
}

#endif
