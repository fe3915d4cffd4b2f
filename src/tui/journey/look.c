/* SPDX-License-Identifier: GPL-2.0 */
/* What happened to the headers between two hops, as far as they tell. */
#include <stdio.h>
#include <string.h>

#include "words.h"

/* How an outer header shows what it carries: by protocol, or by the port of UDP. */
static const struct {
	uint8_t proto;
	uint16_t port;
	const char *name;
} tunnels[] = {
	{ 17, 4789, "VXLAN" },
	{ 17, 8472, "VXLAN" },
	{ 17, 6081, "Geneve" },
	{ 17, 51820, "WireGuard" },
	{ 17, 4500, "IPsec" },
	{ 17, 2152, "GTP" },
	{ 17, 1701, "L2TP" },
	{ 4, 0, "IPIP" },
	{ 41, 0, "IPv6 tunnel" },
	{ 47, 0, "GRE" },
	{ 50, 0, "IPsec" },
	{ 51, 0, "IPsec" },
	{ 115, 0, "L2TP" },
};

static const char *tunnel_of(const struct wire_tuple *t)
{
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
		if (t->proto == tunnels[i].proto &&
			(!tunnels[i].port || (t->flags & TUPLE_PORTS && t->dport == tunnels[i].port)))
			return tunnels[i].name;
	return NULL;
}

static bool same_end(const struct wire_tuple *a, bool a_source, const struct wire_tuple *b, bool b_source)
{
	const uint8_t *x = a_source ? a->saddr : a->daddr, *y = b_source ? b->saddr : b->daddr;
	uint16_t p = a_source ? a->sport : a->dport, q = b_source ? b->sport : b->dport;
	bool ports = (a->flags & b->flags) & TUPLE_PORTS;

	return !memcmp(x, y, 16) && (!ports || p == q);
}

/* The whole of it is another packet: a header was put before it, or taken away. */
static const char *wrapped(
	const struct wire_tuple *a, const struct wire_tuple *b, int more, char *buf, size_t size)
{
	const char *outer = tunnel_of(b), *inner = tunnel_of(a);
	bool all = memcmp(a->saddr, b->saddr, 16) && memcmp(a->daddr, b->daddr, 16);

	if (outer && (!inner || more > 0) && (all || a->proto != b->proto))
		snprintf(buf, size, "%s encapsulated", outer);
	else if (inner && (all || a->proto != b->proto))
		snprintf(buf, size, "%s decapsulated", inner);
	else if (a->family != b->family || (all && a->proto != b->proto))
		snprintf(buf, size, "%s",
			more > 0   ? "encapsulated"
			: more < 0 ? "decapsulated"
				   : "translated");
	else
		return NULL;
	return buf;
}

static void both_ends(const struct wire_tuple *t, char *buf, size_t size)
{
	char proto[16], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	tuple_proto_name(t->family, t->proto, t->l2proto, proto, sizeof(proto));
	if (t->flags & TUPLE_IP)
		snprintf(buf, size, "%s %s → %s", proto, endpoint_text(t, true, a, sizeof(a)),
			endpoint_text(t, false, b, sizeof(b)));
	else
		snprintf(buf, size, "%s", proto);
}

static void one_end(
	const struct wire_tuple *a, const struct wire_tuple *b, bool source, char *buf, size_t size)
{
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX];

	snprintf(buf, size, "%s → %s  %s", endpoint_text(a, source, from, sizeof(from)),
		endpoint_text(b, source, to, sizeof(to)), source ? "SNAT" : "DNAT");
}

static void small_change(const struct wire_tuple *a, const struct wire_tuple *b, char *buf, size_t size)
{
	if (b->flags & TUPLE_FRAGMENT && (!(a->flags & TUPLE_FRAGMENT) || a->frag_off != b->frag_off))
		snprintf(buf, size, "fragment at byte %u", b->frag_off);
	else if (a->flags & TUPLE_FRAGMENT && !(b->flags & TUPLE_FRAGMENT))
		snprintf(buf, size, "fragments joined");
	else if (b->flags & TUPLE_VLAN && (!(a->flags & TUPLE_VLAN) || a->vlan != b->vlan))
		snprintf(buf, size, "VLAN %u", b->vlan);
	else if (a->flags & TUPLE_VLAN && !(b->flags & TUPLE_VLAN))
		snprintf(buf, size, "VLAN %u taken off", a->vlan);
	else
		both_ends(b, buf, size);
}

void words_change(const struct wire_tuple *a, const struct wire_tuple *b, int more, char *buf, size_t size)
{
	char ends[2 * ENDPOINT_TEXT_MAX + 32], how[40], length[24] = "";
	bool source, destination;

	if (more)
		snprintf(length, sizeof(length), " %+d", more);
	if (!(a->flags & b->flags & TUPLE_IP)) {
		both_ends(b, buf, size);
		return;
	}
	source = same_end(a, true, b, true);
	destination = same_end(a, false, b, false);
	both_ends(b, ends, sizeof(ends));
	if (wrapped(a, b, more, how, sizeof(how)))
		snprintf(buf, size, "%s  %s%s", ends, how, length);
	else if (source && destination)
		small_change(a, b, buf, size);
	else if (same_end(a, true, b, false) && same_end(a, false, b, true))
		snprintf(buf, size, "%s  turned round", ends);
	else if (!source && !destination)
		snprintf(buf, size, "%s  NAT", ends);
	else
		one_end(a, b, !source, buf, size);
}
