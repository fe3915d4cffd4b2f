/* SPDX-License-Identifier: GPL-2.0 */
/* Headers → tuple. Reads only what lies in the linear area and says so otherwise. */
#ifndef SKBSCOPE_TUPLE_BPF_H
#define SKBSCOPE_TUPLE_BPF_H

#include "event.h"
#include "headers.bpf.h"
#include "maps.bpf.h"
#include "skb.bpf.h"

#define HEADER_UNSET 0xffff
#define IPV6_EXTENSIONS_MAX 8

#define be16(p) __builtin_bswap16(*(__u16 *)(p))

/* The fixed part of the longest header and the first words behind it. */
struct header {
	__u8 b[64];
};

/*
 * Offset from skb->head of the network header, 0 when there is none yet.
 * Drivers hand over skbs without one: behind the Ethernet header, then.
 */
static __always_inline __u32 network_offset(const struct skb_copy *copy)
{
	__u32 network = SKB(copy, network_header);
	__u32 mac = SKB(copy, mac_header);

	if (network && network != HEADER_UNSET)
		return network;
	if (mac == HEADER_UNSET || !SKB(copy, protocol))
		return 0;
	network = (__u32)((__u64)SKB(copy, data) - (__u64)SKB(copy, head));
	return network > mac && network < HEADER_UNSET ? network : 0;
}

/*
 * On its way out, before it has a device, an skb gets room for its headers
 * first, then the headers, then (ip_make_skb, ip6_make_skb) its route. Until
 * then that room holds what the last user of the memory left there. One that
 * came in has its link layer header set, also in the queue of its socket, where
 * device and route are gone as well.
 */
static __always_inline bool never_received(const struct skb_copy *copy)
{
	return SKB(copy, mac_header) == HEADER_UNSET;
}

static __always_inline bool headers_pending(const struct skb_copy *copy)
{
	return !SKB(copy, dev) && SKB(copy, sk) && !(SKB(copy, _skb_refdst) & ~7ul) && never_received(copy);
}

/*
 * udp_send_skb() and udp_v6_send_skb() get an skb whose UDP header is still to
 * be written: its source port is not the socket's.
 */
static __always_inline bool ports_pending(const struct skb_copy *copy, const struct wire_tuple *t)
{
	const struct sock *sk = SKB(copy, sk);
	__u16 num;

	if (SKB(copy, dev) || !sk || t->proto != PROTO_UDP || !(t->flags & TUPLE_PORTS))
		return false;
	num = BPF_CORE_READ(sk, __sk_common.skc_num);
	return num && t->sport != num && t->dport != num;
}

/*
 * Tells whether addresses or ports are other ones than at the hop before, or a
 * packet has become a fragment.
 */
static __always_inline __u32 address_sum(__u64 head, __u32 network)
{
	const __u64 at = head + network;
	__u32 w[11];
	__u32 sum;

	if (!network || network == HEADER_UNSET)
		return 0;
	if (bpf_rdonly_cast) {
		/* the kernel's structs as masks on other places: the byte before
		 * the header's second one is its first; two words from the addresses on */
		const __u32 id = type_ids.iphdr;
		const struct iphdr *before = bpf_rdonly_cast((void *)(at - 1), id);

		if (before->tos >> 4 == 4) {
			const struct iphdr *ip = bpf_rdonly_cast((void *)at, id);
			const struct timespec64 *words = bpf_rdonly_cast(
				(void *)(at + 12), type_ids.timespec64);
			__u64 addresses = words->tv_sec;

			return mix(addresses, addresses >> 32, words->tv_nsec) + ip->frag_off;
		}
	}
	if (bpf_probe_read_kernel(w, sizeof(w), (const void *)at))
		return 0;
	if ((w[0] & 0xf0) == 0x40)
		return mix(w[3], w[4], w[5]) + (w[1] >> 16);
	sum = w[1] >> 16 & 0xff; /* the next header; the hop limit is another at each host */
#pragma unroll
	for (int i = 2; i < 11; i++)
		sum = (sum ^ w[i]) * 0x9e3779b1u;
	return sum;
}

/* at: address of the transport header; room: linear bytes from there on. */
static __always_inline void read_transport(struct wire_tuple *t, const void *at, int room)
{
	__u8 h[16];

	switch (t->proto) {
	case PROTO_TCP:
	case PROTO_UDP:
	case PROTO_UDPLITE:
	case PROTO_SCTP:
	case PROTO_DCCP:
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		break;
	default:
		return;
	}
	if (room < 4 || bpf_probe_read_kernel(h, sizeof(h), at)) {
		t->flags |= TUPLE_CUT;
		return;
	}
	if (t->proto == PROTO_ICMP || t->proto == PROTO_ICMPV6) {
		t->flags |= TUPLE_ICMP;
		t->icmp_type = h[0];
		t->icmp_code = h[1];
		/* echo, and IPv4's timestamp pair, carry an id and a sequence number */
		if (room < 8)
			return;
		if (t->proto == PROTO_ICMPV6 ? h[0] == 128 || h[0] == 129
					     : h[0] == 0 || h[0] == 8 || h[0] == 13 || h[0] == 14) {
			t->flags |= TUPLE_ICMP_ID;
			t->sport = be16(h + 4);
			t->dport = be16(h + 6);
		}
		return;
	}
	t->flags |= TUPLE_PORTS;
	t->sport = be16(h);
	t->dport = be16(h + 2);
	if (t->proto == PROTO_TCP && room >= 14)
		t->tcp_flags = h[13];
}

static __always_inline bool read_ipv4(struct wire_tuple *t, const struct header *h, const void *at, int room)
{
	__u32 ihl = (h->b[0] & 0xf) * 4;
	__u16 frag = be16(h->b + 6);

	if (h->b[0] >> 4 != 4 || ihl < 20 || room < 20)
		return false;
	t->family = 4;
	t->flags |= TUPLE_IP;
	t->proto = h->b[9];
	__builtin_memcpy(t->saddr, h->b + 12, 4);
	__builtin_memcpy(t->daddr, h->b + 16, 4);
	if (frag & 0x3fff)
		t->flags |= TUPLE_FRAGMENT;
	t->frag_off = (frag & 0x1fff) * 8;
	if (!t->frag_off)
		read_transport(t, at + ihl, room - (int)ihl);
	return true;
}

static __always_inline bool read_ipv6(struct wire_tuple *t, const struct header *h, const void *at, int room)
{
	__u32 off = 40;
	__u8 ext[8];
	__u8 next = h->b[6];

	if (h->b[0] >> 4 != 6 || room < 40)
		return false;
	t->family = 6;
	t->flags |= TUPLE_IP;
	__builtin_memcpy(t->saddr, h->b + 8, 16);
	__builtin_memcpy(t->daddr, h->b + 24, 16);
	for (int i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		if (next != PROTO_HOPOPTS && next != PROTO_ROUTING && next != PROTO_FRAGMENT &&
			next != PROTO_DSTOPTS && next != PROTO_MOBILITY && next != PROTO_AH)
			break;
		if (room < (int)off + 8 || bpf_probe_read_kernel(ext, sizeof(ext), at + off)) {
			t->proto = next;
			t->flags |= TUPLE_CUT;
			return true;
		}
		if (next == PROTO_FRAGMENT) {
			t->flags |= TUPLE_FRAGMENT;
			t->frag_off = be16(ext + 2) & 0xfff8;
			off += 8;
		} else if (next == PROTO_AH) {
			off += (ext[1] + 2) * 4;
		} else {
			off += (ext[1] + 1) * 8;
		}
		next = ext[0];
		if (t->frag_off)
			break; /* what follows is payload of the whole packet */
	}
	t->proto = next;
	if (!t->frag_off)
		read_transport(t, at + off, room - (int)off);
	return true;
}

/* A packet on its way out has a socket before it has headers. */
static __always_inline void read_socket(struct wire_tuple *t, const struct sock *sk)
{
	__u16 family, port;
	__u8 state;

	if (!sk)
		return;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	/* request and time-wait sockets end before sk_protocol */
	if (state == SOCK_TIME_WAIT || state == SOCK_NEW_SYN_RECV)
		return;
	if (family == SOCK_INET6 && bpf_core_field_exists(sk->__sk_common.skc_v6_daddr)) {
		BPF_CORE_READ_INTO((struct in6_addr *)t->daddr, sk, __sk_common.skc_v6_daddr);
		BPF_CORE_READ_INTO((struct in6_addr *)t->saddr, sk, __sk_common.skc_v6_rcv_saddr);
		/* ::ffff:0:0/96 */
		if (!*(__u64 *)t->daddr && *(__u32 *)(t->daddr + 8) == 0xffff0000u)
			family = SOCK_INET;
	}
	if (family == SOCK_INET) {
		__builtin_memset(t->saddr, 0, 32);
		*(__be32 *)t->daddr = BPF_CORE_READ(sk, __sk_common.skc_daddr);
		*(__be32 *)t->saddr = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	} else if (family != SOCK_INET6) {
		return;
	}
	if (!(*(__u64 *)t->daddr | *(__u64 *)(t->daddr + 8))) {
		__builtin_memset(t->saddr, 0, 32); /* not connected: it says nothing */
		return;
	}
	t->family = family == SOCK_INET ? 4 : 6;
	t->proto = BPF_CORE_READ(sk, sk_protocol);
	t->flags |= TUPLE_IP | TUPLE_SOCKET;
	port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	if (t->proto == PROTO_TCP || t->proto == PROTO_UDP || t->proto == PROTO_SCTP) {
		t->flags |= TUPLE_PORTS;
		t->dport = __builtin_bswap16(port);
		t->sport = BPF_CORE_READ(sk, __sk_common.skc_num);
	}
}

/* A tag in the frame, and not an IP header in a frame that is said to be tagged. */
static __always_inline bool is_tag(const __u8 *b)
{
	__u16 inner = be16(b + 2);

	switch (inner) {
	case ETHERTYPE_IPV4:
		return b[4] >> 4 == 4;
	case ETHERTYPE_IPV6:
		return b[4] >> 4 == 6;
	case ETHERTYPE_ARP:
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
		return true;
	}
	return b[0] >> 4 != 4 && b[0] >> 4 != 6;
}

static __always_inline void forget_addresses(struct wire_tuple *t)
{
	__u16 vlan = t->vlan, l2proto = t->l2proto;
	__u8 flags = t->flags & TUPLE_VLAN;

	__builtin_memset(t, 0, sizeof(*t));
	t->vlan = vlan;
	t->l2proto = l2proto;
	t->flags = flags;
}

/* A tag behind the Ethernet addresses. */
static __always_inline void link_tag(const struct skb_copy *copy, struct wire_tuple *t)
{
	__u32 mac = SKB(copy, mac_header);
	__u8 b[4];

	if (mac == HEADER_UNSET || (t->flags & TUPLE_VLAN) ||
		bpf_probe_read_kernel(b, sizeof(b), SKB(copy, head) + mac + 12))
		return;
	if (be16(b) != ETHERTYPE_VLAN && be16(b) != ETHERTYPE_QINQ)
		return;
	t->vlan = be16(b + 2) & 0xfff;
	t->flags |= TUPLE_VLAN;
}

static __always_inline __u32 tuple_read(const struct skb_copy *copy, const void *skb, struct wire_tuple *t)
{
	__u32 network = network_offset(copy);
	const unsigned char *head = SKB(copy, head);
	__u32 data = (__u32)((__u64)SKB(copy, data) - (__u64)head);
	__u16 type = __builtin_bswap16(SKB(copy, protocol));
	struct header h;
	int room;
	__u16 vlan;

	__builtin_memset(t, 0, sizeof(*t));
	if (skb_vlan_tag(copy, skb, &vlan)) {
		t->vlan = vlan;
		t->flags |= TUPLE_VLAN;
	}
	t->l2proto = type;
	if (!network || headers_pending(copy) || bpf_probe_read_kernel(&h, sizeof(h), head + network)) {
		if (never_received(copy))
			read_socket(t, SKB(copy, sk));
		return 0;
	}
	for (int i = 0; i < 2; i++) {
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
			break;
		if (!is_tag(h.b)) { /* the sender's network header: the tag stands before it */
			link_tag(copy, t);
			type = h.b[0] >> 4 == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
			break;
		}
		if (!(t->flags & TUPLE_VLAN)) {
			t->vlan = be16(h.b) & 0xfff;
			t->flags |= TUPLE_VLAN;
		}
		type = be16(h.b + 2);
		network += 4;
		if (bpf_probe_read_kernel(&h, sizeof(h), head + network))
			return 0;
	}
	room = (int)SKB(copy, tail) - (int)network;
	if (!type) /* not set yet on the way out of a raw or tunnel socket */
		type = h.b[0] >> 4 == 4 ? ETHERTYPE_IPV4 : h.b[0] >> 4 == 6 ? ETHERTYPE_IPV6 : 0;
	t->l2proto = type;
	if ((type == ETHERTYPE_IPV4 && read_ipv4(t, &h, head + network, room)) ||
		(type == ETHERTYPE_IPV6 && read_ipv6(t, &h, head + network, room))) {
		if (!ports_pending(copy, t))
			return SKB(copy, len) + data - network;
		forget_addresses(t);
	}
	if ((type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 || !type) && never_received(copy))
		read_socket(t, SKB(copy, sk));
	return 0;
}

/*
 * Of the skb that stands in this seat's scratch; the tuple is left beside it.
 * Returns the length of the IP packet, 0 when no IP header was read. A function
 * of its own for the verifier, which looks at it once and not in every place
 * and state it is called from; hence only numbers as arguments (since 5.6).
 */
__noinline __u32 tuple_of(__u32 seat, __u64 skb)
{
	struct cpu_stats *st = this_stats(seat);

	if (!st)
		return 0;
	return tuple_read((struct skb_copy *)st->scratch, (const void *)skb, (struct wire_tuple *)st->tuple);
}

#endif
