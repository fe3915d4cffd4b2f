/* SPDX-License-Identifier: GPL-2.0 */
#include "model/frame.h"

#include <stdbool.h>
#include <string.h>

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100

#define IPV4_HEADER 20u
#define IPV6_HEADER 40u
#define FRAGMENT_HEADER 8u

enum { ICMP = 1, TCP = 6, UDP = 17, DCCP = 33, FRAGMENT = 44, ICMP6 = 58, SCTP = 132, UDPLITE = 136 };

struct maker {
	struct frame *f;
	const struct wire_tuple *t;
	bool whole;  /* FRAME_WHOLE */
	uint32_t l3; /* length from there on */
};

/* The next n bytes, zero. The longest frame is far from FRAME_MAX. */
static uint8_t *take(struct frame *f, uint32_t n)
{
	uint8_t *at = f->data + f->len;

	f->len += n;
	return at;
}

static void put16(uint8_t *at, uint32_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

/* RFC 1071, of an even number of bytes; not folded. */
static uint32_t sum(const uint8_t *at, uint32_t len)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < len; i += 2)
		n += (uint32_t)at[i] << 8 | at[i + 1];
	return n;
}

static uint16_t checksum(uint32_t n)
{
	while (n >> 16)
		n = (n & 0xffff) + (n >> 16);
	return (uint16_t)~n;
}

/* Bytes of the transport header; 0: none that is known here. */
static uint32_t transport_header(uint8_t proto)
{
	switch (proto) {
	case TCP:
		return 20;
	case UDP:
	case UDPLITE:
	case ICMP:
	case ICMP6:
		return 8;
	case SCTP:
		return 12;
	case DCCP:
		return 16;
	default:
		return 0;
	}
}

/* Nothing lies behind an echo's header: then its checksum is known as well. */
static void icmp_checksum(const struct maker *m, uint8_t *icmp, uint32_t len)
{
	uint32_t n = sum(icmp, len);

	if (m->t->family == 6)
		n += sum(m->t->saddr, 16) + sum(m->t->daddr, 16) + len + m->t->proto;
	put16(icmp + 2, checksum(n));
}

/* Destination unreachable, but for the path's MTU, and time exceeded: the next word is unused (RFC 792). */
static bool is_plain_error(const struct wire_tuple *t)
{
	return t->proto == ICMP && ((t->icmp_type == 3 && t->icmp_code != 4) || t->icmp_type == 11);
}

static void add_icmp(struct maker *m, uint32_t behind)
{
	const struct wire_tuple *t = m->t;
	bool id = t->flags & TUPLE_ICMP_ID && t->flags & TUPLE_ICMP;
	uint32_t len = m->whole || id || is_plain_error(t) ? 8 : 2;
	uint8_t *icmp;

	if (!m->whole && !(t->flags & TUPLE_ICMP))
		return;
	icmp = take(m->f, len);
	if (t->flags & TUPLE_ICMP) {
		icmp[0] = t->icmp_type;
		icmp[1] = t->icmp_code;
	}
	if (!id)
		return;
	put16(icmp + 4, t->sport);
	put16(icmp + 6, t->dport);
	if (behind == len && !(t->flags & TUPLE_FRAGMENT))
		icmp_checksum(m, icmp, len);
}

/* behind: bytes from here to the end of the packet. */
static void add_transport(struct maker *m, uint32_t behind)
{
	const struct wire_tuple *t = m->t;
	uint32_t len = transport_header(t->proto);
	bool datagram = t->proto == UDP && !(t->flags & TUPLE_FRAGMENT) && behind <= 0xffff;
	uint8_t *at;

	if (t->frag_off && t->flags & TUPLE_FRAGMENT)
		return; /* it stands in the first fragment */
	if (t->proto == ICMP || t->proto == ICMP6) {
		add_icmp(m, behind);
		return;
	}
	if (!len || (!m->whole && !(t->flags & TUPLE_PORTS)))
		return;
	if (!m->whole)
		len = datagram ? 6 : 4;
	at = take(m->f, len);
	if (t->flags & TUPLE_PORTS) {
		put16(at, t->sport);
		put16(at + 2, t->dport);
	}
	if (datagram)
		put16(at + 4, behind);
	if (m->whole && t->proto == TCP) {
		at[12] = 5 << 4;
		at[13] = t->tcp_flags;
	}
}

/* The least that the packet can have from its network header on. */
static uint32_t least(const struct wire_tuple *t)
{
	bool fragment = t->flags & TUPLE_FRAGMENT;
	uint32_t len = t->family == 4 ? IPV4_HEADER : IPV6_HEADER + (fragment ? FRAGMENT_HEADER : 0);

	return len + (fragment && t->frag_off ? 0 : transport_header(t->proto));
}

static void add_ipv4(struct maker *m)
{
	const struct wire_tuple *t = m->t;
	uint8_t *ip = take(m->f, IPV4_HEADER);

	ip[0] = 0x45;
	put16(ip + 2, m->l3 > 0xffff ? 0 : m->l3); /* as the kernel's own of offloaded ones */
	/* of the others it is not told whether more come */
	if (t->flags & TUPLE_FRAGMENT)
		put16(ip + 6, t->frag_off ? t->frag_off / 8u : 0x2000);
	ip[9] = t->proto;
	memcpy(ip + 12, t->saddr, 4);
	memcpy(ip + 16, t->daddr, 4);
	put16(ip + 10, checksum(sum(ip, IPV4_HEADER)));
	add_transport(m, m->l3 - IPV4_HEADER);
}

static void add_ipv6(struct maker *m)
{
	const struct wire_tuple *t = m->t;
	uint8_t *ip = take(m->f, IPV6_HEADER), *fragment;
	uint32_t behind = m->l3 - IPV6_HEADER;

	ip[0] = 6 << 4;
	put16(ip + 4, behind > 0xffff ? 0xffff : behind); /* 0 wants a header of its own (RFC 2675) */
	ip[6] = t->flags & TUPLE_FRAGMENT ? FRAGMENT : t->proto;
	memcpy(ip + 8, t->saddr, 16);
	memcpy(ip + 24, t->daddr, 16);
	if (t->flags & TUPLE_FRAGMENT) {
		fragment = take(m->f, FRAGMENT_HEADER);
		fragment[0] = t->proto;
		put16(fragment + 2, t->frag_off ? t->frag_off & 0xfff8u : 1);
		behind -= FRAGMENT_HEADER;
	}
	add_transport(m, behind);
}

static bool is_ip(const struct wire_tuple *t)
{
	return t->flags & TUPLE_IP && (t->family == 4 || t->family == 6);
}

static uint16_t ethertype(const struct wire_tuple *t)
{
	if (is_ip(t))
		return t->family == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
	return t->l2proto;
}

void frame_build(struct frame *out, const struct wire_tuple *tuple, uint32_t len, enum frame_extent extent)
{
	struct maker m = { .f = out, .t = tuple, .whole = extent == FRAME_WHOLE, .l3 = len };
	uint16_t type = ethertype(tuple);
	uint32_t link = tuple->flags & TUPLE_VLAN ? 18 : 14;

	memset(out, 0, sizeof(*out));
	take(out, 12);
	if (tuple->flags & TUPLE_VLAN) {
		put16(take(out, 2), ETHERTYPE_VLAN);
		put16(take(out, 2), tuple->vlan & 0xfffu);
	}
	if (type || m.whole)
		put16(take(out, 2), type);
	if (is_ip(tuple)) {
		if (m.l3 < least(tuple)) /* a socket's data before they have headers */
			m.l3 = least(tuple);
		if (tuple->family == 4)
			add_ipv4(&m);
		else
			add_ipv6(&m);
	}
	out->whole = m.l3 > UINT32_MAX - link ? UINT32_MAX : link + m.l3;
}
