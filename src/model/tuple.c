/* SPDX-License-Identifier: GPL-2.0 */
#include "model/tuple.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd

struct number_name {
	uint16_t number;
	const char *name;
};

static const struct number_name ip_protocols[] = {
	{ 0, "hopopt" },
	{ 1, "icmp" },
	{ 2, "igmp" },
	{ 4, "ipip" },
	{ 6, "tcp" },
	{ 8, "egp" },
	{ 17, "udp" },
	{ 27, "rdp" },
	{ 33, "dccp" },
	{ 41, "ip6" },
	{ 43, "ip6-route" },
	{ 44, "ip6-frag" },
	{ 46, "rsvp" },
	{ 47, "gre" },
	{ 50, "esp" },
	{ 51, "ah" },
	{ 58, "icmp6" },
	{ 59, "ip6-none" },
	{ 60, "ip6-opts" },
	{ 88, "eigrp" },
	{ 89, "ospf" },
	{ 94, "ipip-old" },
	{ 97, "etherip" },
	{ 103, "pim" },
	{ 108, "ipcomp" },
	{ 112, "vrrp" },
	{ 115, "l2tp" },
	{ 132, "sctp" },
	{ 133, "fc" },
	{ 135, "mh" },
	{ 136, "udplite" },
	{ 137, "mpls" },
	{ 139, "hip" },
	{ 143, "eth" },
};

static const struct number_name ethertypes[] = {
	{ 0x0004, "802.2" },
	{ 0x0800, "ip4" },
	{ 0x0806, "arp" },
	{ 0x0842, "wol" },
	{ 0x22f0, "avtp" },
	{ 0x8035, "rarp" },
	{ 0x8100, "vlan" },
	{ 0x86dd, "ip6" },
	{ 0x8809, "lacp" },
	{ 0x8847, "mpls" },
	{ 0x8848, "mpls-m" },
	{ 0x8863, "pppoe-d" },
	{ 0x8864, "pppoe" },
	{ 0x888e, "eapol" },
	{ 0x88a8, "qinq" },
	{ 0x88cc, "lldp" },
	{ 0x88e5, "macsec" },
	{ 0x88f7, "ptp" },
	{ 0x8902, "cfm" },
	{ 0x8906, "fcoe" },
	{ 0x8915, "roce" },
	{ 0x894f, "nsh" },
};

static const char *lookup(const struct number_name *table, size_t n, uint16_t number)
{
	for (size_t i = 0; i < n; i++) {
		if (table[i].number == number)
			return table[i].name;
	}
	return NULL;
}

static void copy_addr(uint8_t dst[16], const uint8_t src[16], uint8_t family)
{
	/* What stands behind an IPv4 address must not make two keys of one. */
	memset(dst, 0, 16);
	memcpy(dst, src, family == 4 ? 4 : 16);
}

bool flow_key_from(struct flow_key *key, const struct wire_tuple *tuple)
{
	uint16_t sport = 0, dport = 0;
	bool swap;
	int order;

	memset(key, 0, sizeof(*key));
	if (!(tuple->flags & TUPLE_IP)) {
		key->l2proto = tuple->l2proto;
		return false;
	}
	key->family = tuple->family;
	key->proto = tuple->proto;
	key->l2proto = tuple->family == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
	if (tuple->flags & TUPLE_ICMP_ID) {
		sport = dport = tuple->sport;
	} else if (tuple->flags & TUPLE_PORTS) {
		sport = tuple->sport;
		dport = tuple->dport;
	}
	order = memcmp(tuple->saddr, tuple->daddr, tuple->family == 4 ? 4 : 16);
	swap = order > 0 || (!order && sport > dport);
	copy_addr(key->addr[swap], tuple->saddr, tuple->family);
	copy_addr(key->addr[!swap], tuple->daddr, tuple->family);
	key->port[swap] = sport;
	key->port[!swap] = dport;
	return swap;
}

/* Folds the full product: every bit of both words reaches every bit. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t flow_key_hash(const struct flow_key *key)
{
	uint64_t word[5];

	_Static_assert(sizeof(word) == sizeof(*key), "a key is five words without padding");
	memcpy(word, key, sizeof(word));
	return mix(mix(word[0] ^ 0xa0761d6478bd642fULL, word[1] ^ 0xe7037ed1a0b428dbULL) ^ word[4],
		mix(word[2] ^ 0x8ebc6af09c88c6e3ULL, word[3] ^ 0x589965cc75374cc3ULL) ^
			0x1d8e4e27c47d124fULL);
}

bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

bool tuple_complete(const struct wire_tuple *t)
{
	/* an ethertype of IP without the header is a header still to be read */
	return t->flags & TUPLE_IP ||
	       (t->l2proto && t->l2proto != ETHERTYPE_IPV4 && t->l2proto != ETHERTYPE_IPV6);
}

bool tuple_less(const struct wire_tuple *tuple, const struct wire_tuple *before)
{
	bool header = before->flags & TUPLE_IP && !(before->flags & TUPLE_SOCKET);

	if (!tuple_complete(tuple))
		return true;
	return (before->flags & TUPLE_IP && !(tuple->flags & TUPLE_IP)) ||
	       (header && tuple->flags & TUPLE_SOCKET);
}

static bool ports_changed(const struct wire_tuple *a, const struct wire_tuple *b)
{
	int both = a->flags & b->flags;

	return both & (TUPLE_PORTS | TUPLE_ICMP_ID) && (a->sport != b->sport || a->dport != b->dport);
}

bool tuple_changed(const struct wire_tuple *a, const struct wire_tuple *b)
{
	uint8_t differ = a->flags ^ b->flags;
	size_t len = a->family == 4 ? 4 : 16;

	/* A socket knows neither tags nor fragments. */
	if (a->flags & b->flags & TUPLE_SOCKET || !((a->flags | b->flags) & TUPLE_SOCKET)) {
		if (differ & (TUPLE_VLAN | TUPLE_FRAGMENT))
			return true;
		if (a->flags & TUPLE_VLAN && a->vlan != b->vlan)
			return true;
		if (a->flags & TUPLE_FRAGMENT && a->frag_off != b->frag_off)
			return true;
	}
	if (differ & TUPLE_IP)
		return true;
	if (!(a->flags & TUPLE_IP))
		return a->l2proto != b->l2proto;
	return a->family != b->family || a->proto != b->proto || memcmp(a->saddr, b->saddr, len) ||
	       memcmp(a->daddr, b->daddr, len) || ports_changed(a, b);
}

const char *tuple_proto_name(uint8_t family, uint8_t proto, uint16_t l2proto, char *buf, size_t size)
{
	const char *name;

	if (family) {
		name = lookup(ip_protocols, sizeof(ip_protocols) / sizeof(ip_protocols[0]), proto);
		if (!name)
			snprintf(buf, size, "proto %u", proto);
	} else if (l2proto) {
		name = lookup(ethertypes, sizeof(ethertypes) / sizeof(ethertypes[0]), l2proto);
		if (!name)
			snprintf(buf, size, "0x%04x", l2proto);
	} else {
		name = "-";
	}
	if (name)
		snprintf(buf, size, "%s", name);
	return buf;
}

const char *addr_text(const uint8_t addr[16], uint8_t family, char *buf, size_t size)
{
	if (!size)
		return buf;
	if ((family != 4 && family != 6) ||
		!inet_ntop(family == 4 ? AF_INET : AF_INET6, addr, buf, (socklen_t)size))
		snprintf(buf, size, "-");
	return buf;
}

static const char *with_port(
	const uint8_t addr[16], uint8_t family, uint16_t port, bool echo, bool ports, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	addr_text(addr, family, text, sizeof(text));
	if (echo)
		snprintf(buf, size, "%s #%u", text, port);
	else if (ports)
		snprintf(buf, size, family == 6 ? "[%s]:%u" : "%s:%u", text, port);
	else
		snprintf(buf, size, "%s", text);
	return buf;
}

const char *endpoint_text(const struct wire_tuple *tuple, bool source, char *buf, size_t size)
{
	const uint8_t *addr = source ? tuple->saddr : tuple->daddr;
	bool echo = tuple->flags & TUPLE_ICMP_ID;

	if (!(tuple->flags & TUPLE_IP)) {
		snprintf(buf, size, "-");
		return buf;
	}
	return with_port(addr, tuple->family, source || echo ? tuple->sport : tuple->dport, echo,
		tuple->flags & TUPLE_PORTS, buf, size);
}

const char *flow_endpoint_text(const struct flow_key *key, int end, char *buf, size_t size)
{
	bool ports = key->port[0] || key->port[1];
	bool icmp = (key->family == 4 && key->proto == 1) || (key->family == 6 && key->proto == 58);

	if (!key->family) {
		snprintf(buf, size, "-");
		return buf;
	}
	return with_port(
		key->addr[end], key->family, key->port[end], ports && icmp, ports && !icmp, buf, size);
}
