/* SPDX-License-Identifier: GPL-2.0 */
/* Host a talks to host b through router r. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "demo_private.h"

#define NETNS_BASE 4026532000u
#define PLAIN_DEVICES 4 /* the others are met on journeys only */
#define HOPS(...)                                                                                            \
	{                                                                                                    \
		__VA_ARGS__                                                                                  \
	}

enum { DROP_NO_SOCKET = 3, DROP_NETFILTER = 8 };

static const struct {
	char host;
	const char *dev;
} devices[] = { { 'a', "va" }, { 'r', "ra" }, { 'r', "rb" }, { 'b', "vb" }, { 'r', "wan" }, { 'w', "eth0" },
	{ 'h', "p0" }, { 'h', "br0" }, { 'h', "v1" }, { 'h', "v2" }, { 'h', "v3" }, { 'w', "vxlan0" } };

struct step {
	unsigned char device; /* index above */
	unsigned char us10;   /* tenths of a microsecond since the step before */
	short len;	      /* beyond the packet's IP length */
	const char *func;
};

#define V4_SENT                                                                                              \
	{ 0, 0, 0, "__ip_local_out" }, { 0, 6, 0, "nf_hook_slow" }, { 0, 9, 0, "ip_output" },                \
		{ 0, 7, 0, "ip_finish_output" }, { 0, 8, 14, "__dev_queue_xmit" },                           \
		{ 0, 12, 14, "dev_hard_start_xmit" },                                                        \
	{                                                                                                    \
		0, 5, 14, "veth_xmit"                                                                        \
	}
#define V4_ROUTER_IN                                                                                         \
	{ 1, 58, 0, "__netif_receive_skb_core" }, { 1, 8, 0, "ip_rcv" }, { 1, 11, 0, "nf_conntrack_in" },    \
		{ 1, 14, 0, "ip_route_input_noref" }, { 1, 9, 0, "ip_forward" },                             \
	{                                                                                                    \
		1, 6, 0, "nf_hook_slow"                                                                      \
	}
#define V4_ROUTER_OUT                                                                                        \
	{ 2, 16, 0, "ip_forward_finish" }, { 2, 5, 0, "ip_output" }, { 2, 8, 0, "ip_finish_output" },        \
		{ 2, 7, 14, "__dev_queue_xmit" },                                                            \
	{                                                                                                    \
		2, 10, 14, "dev_hard_start_xmit"                                                             \
	}
#define V4_RECEIVED                                                                                          \
	{ 3, 61, 0, "__netif_receive_skb_core" }, { 3, 7, 0, "ip_rcv" },                                     \
	{                                                                                                    \
		3, 9, 0, "ip_local_deliver"                                                                  \
	}

static const struct step path_icmp[] = HOPS(V4_SENT, V4_ROUTER_IN, V4_ROUTER_OUT, V4_RECEIVED,
	{ 3, 6, -20, "icmp_rcv" }, { 3, 4, -20, "icmp_echo" });
static const struct step path_tcp[] = HOPS(V4_SENT, V4_ROUTER_IN, V4_ROUTER_OUT, V4_RECEIVED,
	{ 3, 9, -20, "tcp_v4_rcv" }, { 3, 15, -20, "tcp_v4_do_rcv" }, { 3, 8, -20, "tcp_rcv_established" });
static const struct step path_udp[] = HOPS(V4_SENT, V4_ROUTER_IN, V4_ROUTER_OUT, V4_RECEIVED,
	{ 3, 9, -20, "udp_rcv" }, { 3, 200, -20, "udp_queue_rcv_skb" });
static const struct step path_filtered[] = HOPS(V4_SENT, V4_ROUTER_IN);
static const struct step path_no_socket[] =
	HOPS(V4_SENT, V4_ROUTER_IN, V4_ROUTER_OUT, V4_RECEIVED, { 3, 9, -20, "udp_rcv" });
static const struct step path_icmp6[] =
	HOPS({ 0, 0, 0, "ip6_output" }, { 0, 8, 0, "ip6_finish_output" }, { 0, 9, 14, "__dev_queue_xmit" },
		{ 0, 11, 14, "dev_hard_start_xmit" }, { 1, 55, 0, "__netif_receive_skb_core" },
		{ 1, 9, 0, "ipv6_rcv" }, { 1, 12, 0, "ip6_forward" }, { 2, 9, 0, "ip6_output" },
		{ 2, 11, 14, "dev_hard_start_xmit" }, { 3, 60, 0, "__netif_receive_skb_core" },
		{ 3, 8, 0, "ipv6_rcv" }, { 3, 9, 0, "ip6_input" }, { 3, 7, -40, "icmpv6_rcv" });
static const struct step path_arp[] =
	HOPS({ 0, 0, 14, "__dev_queue_xmit" }, { 0, 9, 14, "dev_hard_start_xmit" },
		{ 1, 40, 0, "__netif_receive_skb_core" }, { 1, 8, 0, "arp_rcv" }, { 1, 5, 0, "arp_process" });

#define PATH(p) (p), sizeof(p) / sizeof((p)[0])

static const struct talk {
	const struct step *path;
	size_t steps;
	unsigned char family, proto;
	unsigned short l2proto, sport, dport, len, ms; /* ms: between two packets */
	unsigned char answered;			       /* every packet has one the other way */
	unsigned char reason;
	const char *client, *server, *comm;
} talks[] = {
	{ PATH(path_tcp), 4, 6, 0x0800, 41874, 443, 60, 25, 1, 0, "10.1.0.2", "10.2.0.2", "curl" },
	{ PATH(path_filtered), 4, 6, 0x0800, 50122, 9999, 60, 1000, 0, DROP_NETFILTER, "10.1.0.2", "10.2.0.2",
		"nc" },
	{ PATH(path_udp), 4, 17, 0x0800, 5353, 53, 71, 50, 1, 0, "10.1.0.2", "10.2.0.2", "dig" },
	{ PATH(path_icmp), 4, 1, 0x0800, 305, 305, 84, 200, 1, 0, "10.1.0.2", "10.2.0.2", "ping" },
	{ PATH(path_icmp6), 6, 58, 0x86dd, 12, 12, 104, 200, 1, 0, "fd01::2", "fd02::2", "ping" },
	{ PATH(path_no_socket), 4, 17, 0x0800, 40000, 7, 36, 700, 0, DROP_NO_SOCKET, "10.1.0.2", "10.2.0.2",
		"nc" },
	{ PATH(path_arp), 0, 0, 0x0806, 0, 0, 28, 3000, 0, 0, NULL, NULL, "ping" },
	{ PATH(path_tcp), 6, 6, 0x86dd, 35210, 8080, 80, 400, 1, 0, "2001:db8:85a3:8d3:1319:8a2e:370:7348",
		"2001:db8:85a3:8d3::2", "curl" },
};

#define NTALKS (sizeof(talks) / sizeof(talks[0]))

_Static_assert(NTALKS <= DEMO_TALKS, "struct demo has a time for each");

uint32_t demo_random(struct demo *d, uint32_t n)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return (uint32_t)(d->random >> 32) % n;
}

void demo_push(struct demo *d, const void *ev, size_t size)
{
	size = (size + 7) & ~(size_t)7;
	if (d->len + size + 8 > DEMO_BUFFER) {
		d->totals.lost_channel++;
		return;
	}
	memcpy(d->buf + d->len, &size, sizeof(size));
	memcpy(d->buf + d->len + 8, ev, size);
	d->len += size + 8;
	d->totals.events++;
}

uint32_t demo_netns(int device)
{
	return NETNS_BASE + (uint32_t)(unsigned char)devices[device].host;
}

uint32_t demo_ifindex(int device)
{
	return (uint32_t)device + 2;
}

void demo_traffic_name_things(struct demo *d)
{
	size_t i, n = sizeof(devices) / sizeof(devices[0]);

	if (d->options.journeys)
		demo_journeys_owners(d);
	else
		n = PLAIN_DEVICES;
	for (i = 0; i < n; i++) {
		struct event_dev dev = { .ev = { .ts = d->now,
						 .type = EVENT_DEV,
						 .ifindex = demo_ifindex((int)i),
						 .netns = demo_netns((int)i) } };
		struct event_netns ns = {
			.ev = { .ts = d->now, .type = EVENT_NETNS, .netns = demo_netns((int)i) }
		};

		snprintf(dev.name, sizeof(dev.name), "%s", devices[i].dev);
		ns.name[0] = devices[i].host;
		demo_push(d, &dev, sizeof(dev));
		demo_push(d, &ns, sizeof(ns));
	}
	d->named = true;
}

static void fill_tuple(struct wire_tuple *t, const struct talk *talk, bool back)
{
	t->l2proto = talk->l2proto;
	if (!talk->family)
		return;
	t->family = talk->family;
	t->proto = talk->proto;
	t->flags = TUPLE_IP;
	inet_pton(talk->family == 4 ? AF_INET : AF_INET6, back ? talk->server : talk->client, t->saddr);
	inet_pton(talk->family == 4 ? AF_INET : AF_INET6, back ? talk->client : talk->server, t->daddr);
	if (talk->proto == 1 || talk->proto == 58) {
		t->flags |= TUPLE_ICMP | TUPLE_ICMP_ID;
		t->icmp_type = talk->proto == 1 ? back ? 0 : 8 : back ? 129 : 128;
		t->sport = talk->sport;
		t->dport = 1;
	} else {
		t->flags |= TUPLE_PORTS;
		t->sport = back ? talk->dport : talk->sport;
		t->dport = back ? talk->sport : talk->dport;
		t->tcp_flags = talk->proto == 6 ? 0x18 : 0;
	}
}

static const char *proto_name(const struct talk *talk)
{
	switch (talk->proto) {
	case 1:
		return "icmp";
	case 6:
		return "tcp";
	case 17:
		return "udp";
	case 58:
		return "icmp6";
	default:
		return "arp";
	}
}

/* One packet from its first hop to its end. */
static void send_packet(
	struct demo *d, const struct talk *talk, bool back, uint64_t ts, const struct wire_tuple *tuple)
{
	struct event_full full = { .ev = { .packet = ++d->packet,
					   .skb = 0xffff888100000000ull + d->packet % 64 * 256,
					   .pid = 1200,
					   .cpu = (uint16_t)(d->packet % 4) },
		.tuple = *tuple,
		.l3_len = talk->len };
	struct event_drop drop;
	bool first = true, passes = demo_filter_passes(d, &(struct demo_packet){ .proto = proto_name(talk),
								  .client = talk->client,
								  .server = talk->server,
								  .sport = talk->sport,
								  .dport = talk->dport });
	size_t i;

	snprintf(full.comm, sizeof(full.comm), "%s", talk->comm);
	for (i = 0; i < talk->steps; i++) {
		const struct step *step = &talk->path[i];
		int device = back ? 3 - step->device : step->device, f;

		ts += step->us10 * 100ull + demo_random(d, 90);
		/* The router's softirq runs on another CPU. */
		full.ev.cpu = (uint16_t)((d->packet + (unsigned int)(device == 1 || device == 2)) % 4);
		f = probe_find(&d->table, step->func, NULL);
		if (f < 0 || d->table.v[f].state != PROBE_ATTACHED || !d->source.selection.wanted[f])
			continue;
		d->hits[f]++;
		d->totals.hits++;
		if (!passes)
			continue;
		full.ev.ts = ts;
		full.ev.func = (uint16_t)f;
		full.ev.type = first ? EVENT_FUNC_FULL : EVENT_FUNC;
		full.ev.ifindex = demo_ifindex(device);
		full.ev.netns = demo_netns(device);
		full.ev.len = (uint32_t)(talk->len + step->len);
		demo_push(d, &full, first ? sizeof(full) : sizeof(full.ev));
		full.ev.seq++;
		first = false;
		demo_netfilter(d, &full.ev, tuple, step->func, talk->reason == DROP_NETFILTER);
		ts = full.ev.ts;
	}
	if (first)
		return;
	full.ev.ts = ts + 700;
	full.ev.func = 0;
	if (talk->reason) {
		full.ev.type = EVENT_DROP;
		drop = (struct event_drop){
			.ev = full.ev, .location = 0xffffffff81a2b3c4ull, .reason = talk->reason
		};
		demo_netfilter_drop(d, &drop);
		demo_push(d, &drop, sizeof(drop));
		full.ev.ts += 300;
		full.ev.seq++;
	}
	full.ev.type = EVENT_END;
	demo_push(d, &full, sizeof(full.ev));
}

void demo_traffic_flood(struct demo *d)
{
	static const struct talk *const shape[] = { &talks[0], &talks[1], &talks[2] };
	const struct talk *talk;
	struct wire_tuple t;
	uint32_t flow;

	/* Nobody would see any of it, and the buffer would never be full. */
	if (d->changing)
		return;
	while (d->len + 8192 < DEMO_BUFFER && d->len < DEMO_BUFFER / 2) {
		flow = demo_random(d, d->options.flows);
		talk = shape[flow % 16 == 0 ? 1 : flow % 3 == 0 ? 2 : 0];
		memset(&t, 0, sizeof(t));
		fill_tuple(&t, talk, false);
		memcpy(t.saddr + 1, &flow, 3);
		t.sport = (uint16_t)(1024 + flow % 60000);
		send_packet(d, talk, false, d->now, &t);
		d->now += 1000;
	}
}

void demo_traffic_advance(struct demo *d)
{
	struct wire_tuple t;
	size_t i;

	demo_netfilter_advance(d);
	if (d->options.journeys)
		demo_journeys_advance(d);
	for (i = 0; i < NTALKS; i++) {
		if (d->now < d->next[i])
			continue;
		d->next[i] = d->now + talks[i].ms * MS;
		memset(&t, 0, sizeof(t));
		fill_tuple(&t, &talks[i], false);
		send_packet(d, &talks[i], false, d->now, &t);
		if (!talks[i].answered)
			continue;
		memset(&t, 0, sizeof(t));
		fill_tuple(&t, &talks[i], true);
		send_packet(d, &talks[i], true, d->now + 60000, &t);
	}
}
