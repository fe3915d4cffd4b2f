/* SPDX-License-Identifier: GPL-2.0 */
#include "demo_source.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ULL
#define SECOND 1000000000ULL
#define ATTACH_NS (25 * MS) /* an attached function takes */
#define NETNS_BASE 4026532000u
#define BUFFER (4 * 1024 * 1024)
#define NOTICES 32
#define HOPS(...) {__VA_ARGS__}

static const char *const functions[] = {
	"__netif_receive_skb_core", "netif_receive_skb", "__netif_receive_skb", "netif_rx",
	"napi_gro_receive", "dev_gro_receive", "inet_gro_receive", "tcp4_gro_receive", "udp4_gro_receive",
	"ipv6_gro_receive", "gro_cells_receive", "ip_rcv", "ip_rcv_core", "ip_rcv_finish",
	"ip_local_deliver", "ip_local_deliver_finish", "ip_forward", "ip_forward_finish", "ip_output",
	"ip_finish_output", "ip_finish_output2", "__ip_local_out", "ip_local_out", "ip_mc_output",
	"ip_fragment", "ip_defrag", "ip_send_skb", "__ip_finish_output", "ip_error", "ip_options_compile",
	"ipv6_rcv", "ip6_rcv_core", "ip6_rcv_finish", "ip6_input", "ip6_input_finish", "ip6_forward",
	"ip6_forward_finish", "ip6_output", "ip6_finish_output", "ip6_finish_output2", "ip6_xmit",
	"ip6_local_out", "ip6_fragment", "tcp_v4_rcv", "tcp_v4_do_rcv", "tcp_rcv_established",
	"tcp_rcv_state_process", "tcp_v6_rcv", "tcp_v6_do_rcv", "tcp_queue_rcv", "tcp_add_backlog",
	"__tcp_transmit_skb", "tcp_ack", "tcp_data_queue", "tcp_filter", "tcp_v4_early_demux", "udp_rcv",
	"__udp4_lib_rcv", "udp_queue_rcv_skb", "udp_unicast_rcv_skb", "udp_send_skb", "udpv6_rcv",
	"__udp6_lib_rcv", "__udp_enqueue_schedule_skb", "icmp_rcv", "icmp_echo", "icmp_reply",
	"__icmp_send", "icmpv6_rcv", "icmp6_send", "icmpv6_echo_reply", "icmp_unreach", "nf_hook_slow",
	"nft_do_chain", "nft_do_chain_ipv4", "nft_do_chain_inet", "nf_nat_ipv4_fn", "nf_nat_packet",
	"ipt_do_table", "nf_queue", "nf_conntrack_in", "nf_ct_get_tuple", "nf_confirm",
	"nf_conntrack_tcp_packet", "nf_conntrack_udp_packet", "nf_conntrack_icmp_packet",
	"__nf_conntrack_confirm", "ip_route_input_noref", "ip_route_input_slow", "ip_route_use_hint",
	"ip6_route_input", "ip_route_me_harder", "br_handle_frame", "br_handle_frame_finish",
	"br_forward", "br_pass_frame_up", "br_dev_queue_push_xmit", "br_nf_pre_routing",
	"__dev_queue_xmit", "dev_hard_start_xmit", "validate_xmit_skb", "sch_direct_xmit", "__qdisc_run",
	"pfifo_fast_enqueue", "fq_codel_enqueue", "tcf_classify", "process_backlog", "veth_xmit",
	"skb_checksum_help", "vxlan_xmit", "vxlan_rcv", "ip_tunnel_rcv", "ip_tunnel_xmit", "gre_rcv",
	"xfrm4_rcv", "xfrm_input", "xfrm_output", "esp_input", "sock_queue_rcv_skb", "sk_filter_trim_cap",
	"sock_rfree", "__sock_queue_rcv_skb", "skb_consume_udp", "arp_rcv", "arp_process",
	"neigh_resolve_output", "kfree_skb_reason", "consume_skb", "skb_clone", "pskb_expand_head",
};

static const char *const reasons[] = {
	"NOT_DROPPED_YET", "CONSUMED", "NOT_SPECIFIED", "NO_SOCKET", "PKT_TOO_SMALL", "TCP_CSUM",
	"SOCKET_FILTER", "UDP_CSUM", "NETFILTER_DROP", "OTHERHOST", "IP_CSUM", "IP_INHDR",
};

enum { DROP_NO_SOCKET = 3, DROP_NETFILTER = 8 };

static const struct {
	char host;
	const char *dev;
} devices[] = {{'a', "va"}, {'r', "ra"}, {'r', "rb"}, {'b', "vb"}};

struct step {
	unsigned char device; /* index above */
	unsigned char us10;   /* tenths of a microsecond since the step before */
	short len;	      /* beyond the packet's IP length */
	const char *func;
};

#define V4_SENT                                                                                              \
	{0, 0, 0, "__ip_local_out"}, {0, 6, 0, "nf_hook_slow"}, {0, 9, 0, "ip_output"},                      \
		{0, 7, 0, "ip_finish_output"}, {0, 8, 14, "__dev_queue_xmit"},                               \
		{0, 12, 14, "dev_hard_start_xmit"},                                                          \
	{                                                                                                    \
		0, 5, 14, "veth_xmit"                                                                        \
	}
#define V4_ROUTER_IN                                                                                         \
	{1, 58, 0, "__netif_receive_skb_core"}, {1, 8, 0, "ip_rcv"}, {1, 11, 0, "nf_conntrack_in"},          \
		{1, 14, 0, "ip_route_input_noref"}, {1, 9, 0, "ip_forward"},                                 \
	{                                                                                                    \
		1, 6, 0, "nf_hook_slow"                                                                      \
	}
#define V4_ROUTER_OUT                                                                                        \
	{2, 16, 0, "ip_forward_finish"}, {2, 5, 0, "ip_output"}, {2, 8, 0, "ip_finish_output"},              \
		{2, 7, 14, "__dev_queue_xmit"},                                                              \
	{                                                                                                    \
		2, 10, 14, "dev_hard_start_xmit"                                                             \
	}
#define V4_RECEIVED                                                                                          \
	{3, 61, 0, "__netif_receive_skb_core"}, {3, 7, 0, "ip_rcv"}, {3, 9, 0, "ip_local_deliver"}

static const struct step path_icmp[] = HOPS(V4_SENT, V4_ROUTER_IN, V4_ROUTER_OUT, V4_RECEIVED,
	{3, 6, -20, "icmp_rcv"}, {3, 4, -20, "icmp_echo"});
static const struct step path_tcp[] = HOPS(V4_SENT, V4_ROUTER_IN, V4_ROUTER_OUT, V4_RECEIVED,
	{3, 9, -20, "tcp_v4_rcv"}, {3, 15, -20, "tcp_v4_do_rcv"}, {3, 8, -20, "tcp_rcv_established"});
static const struct step path_udp[] = HOPS(V4_SENT, V4_ROUTER_IN, V4_ROUTER_OUT, V4_RECEIVED,
	{3, 9, -20, "udp_rcv"}, {3, 200, -20, "udp_queue_rcv_skb"});
static const struct step path_filtered[] = HOPS(V4_SENT, V4_ROUTER_IN);
static const struct step path_no_socket[] = HOPS(V4_SENT, V4_ROUTER_IN, V4_ROUTER_OUT, V4_RECEIVED,
	{3, 9, -20, "udp_rcv"});
static const struct step path_icmp6[] = HOPS({0, 0, 0, "ip6_output"}, {0, 8, 0, "ip6_finish_output"},
	{0, 9, 14, "__dev_queue_xmit"}, {0, 11, 14, "dev_hard_start_xmit"},
	{1, 55, 0, "__netif_receive_skb_core"}, {1, 9, 0, "ipv6_rcv"}, {1, 12, 0, "ip6_forward"},
	{2, 9, 0, "ip6_output"}, {2, 11, 14, "dev_hard_start_xmit"}, {3, 60, 0, "__netif_receive_skb_core"},
	{3, 8, 0, "ipv6_rcv"}, {3, 9, 0, "ip6_input"}, {3, 7, -40, "icmpv6_rcv"});
static const struct step path_arp[] = HOPS({0, 0, 14, "__dev_queue_xmit"}, {0, 9, 14, "dev_hard_start_xmit"},
	{1, 40, 0, "__netif_receive_skb_core"}, {1, 8, 0, "arp_rcv"}, {1, 5, 0, "arp_process"});

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
	{PATH(path_tcp), 4, 6, 0x0800, 41874, 443, 60, 25, 1, 0, "10.1.0.2", "10.2.0.2", "curl"},
	{PATH(path_filtered), 4, 6, 0x0800, 50122, 9999, 60, 1000, 0, DROP_NETFILTER, "10.1.0.2", "10.2.0.2",
		"nc"},
	{PATH(path_udp), 4, 17, 0x0800, 5353, 53, 71, 50, 1, 0, "10.1.0.2", "10.2.0.2", "dig"},
	{PATH(path_icmp), 4, 1, 0x0800, 305, 305, 84, 200, 1, 0, "10.1.0.2", "10.2.0.2", "ping"},
	{PATH(path_icmp6), 6, 58, 0x86dd, 12, 12, 104, 200, 1, 0, "fd01::2", "fd02::2", "ping"},
	{PATH(path_no_socket), 4, 17, 0x0800, 40000, 7, 36, 700, 0, DROP_NO_SOCKET, "10.1.0.2", "10.2.0.2",
		"nc"},
	{PATH(path_arp), 0, 0, 0x0806, 0, 0, 28, 3000, 0, 0, NULL, NULL, "ping"},
	{PATH(path_tcp), 6, 6, 0x86dd, 35210, 8080, 80, 400, 1, 0, "2001:db8:85a3:8d3:1319:8a2e:370:7348",
		"2001:db8:85a3:8d3::2", "curl"},
};

#define NTALKS (sizeof(talks) / sizeof(talks[0]))

struct demo {
	struct source source; /* first */
	struct demo_options options;
	struct probe_table table;
	struct source_totals totals;
	uint64_t *hits;
	uint64_t now, started, attached_at;
	uint64_t next[NTALKS];
	uint64_t packet, random;
	bool changing, ready_said, named, stopped;
	int timer;
	unsigned char *buf;
	size_t len;
	struct notice notices[NOTICES];
	size_t notice_from, notice_to;
};

static struct demo *demo(struct source *src)
{
	return (struct demo *)src;
}

static uint64_t real_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

static uint32_t random_below(struct demo *d, uint32_t n)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return (uint32_t)(d->random >> 32) % n;
}

void demo_source_notice(struct source *src, const struct notice *notice)
{
	struct demo *d = demo(src);

	if (d->notice_to - d->notice_from < NOTICES)
		d->notices[d->notice_to++ % NOTICES] = *notice;
}

static void push(struct demo *d, const void *ev, size_t size)
{
	size = (size + 7) & ~(size_t)7;
	if (d->len + size + 8 > BUFFER) {
		d->totals.lost_channel++;
		return;
	}
	memcpy(d->buf + d->len, &size, sizeof(size));
	memcpy(d->buf + d->len + 8, ev, size);
	d->len += size + 8;
	d->totals.events++;
}

static uint32_t netns_of(int device)
{
	return NETNS_BASE + (uint32_t)(unsigned char)devices[device].host;
}

static void name_things(struct demo *d)
{
	size_t i;

	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		struct event_dev dev = {.ev = {.ts = d->now, .type = EVENT_DEV, .ifindex = (uint32_t)i + 2,
			.netns = netns_of((int)i)}};
		struct event_netns ns = {
			.ev = {.ts = d->now, .type = EVENT_NETNS, .netns = netns_of((int)i)}};

		snprintf(dev.name, sizeof(dev.name), "%s", devices[i].dev);
		ns.name[0] = devices[i].host;
		push(d, &dev, sizeof(dev));
		push(d, &ns, sizeof(ns));
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

/* One packet from its first hop to its end. */
static void send_packet(struct demo *d, const struct talk *talk, bool back, uint64_t ts,
	const struct wire_tuple *tuple)
{
	struct event_full full = {.ev = {.packet = ++d->packet,
					  .skb = 0xffff888100000000ull + d->packet % 64 * 256,
					  .pid = 1200,
					  .cpu = (uint16_t)(d->packet % 4)},
		.tuple = *tuple,
		.l3_len = talk->len};
	struct event_drop drop;
	bool first = true;
	size_t i;

	snprintf(full.comm, sizeof(full.comm), "%s", talk->comm);
	for (i = 0; i < talk->steps; i++) {
		const struct step *step = &talk->path[i];
		int device = back ? 3 - step->device : step->device, f;

		ts += step->us10 * 100ull + random_below(d, 90);
		/* The router's softirq runs on another CPU. */
		full.ev.cpu = (uint16_t)((d->packet + (unsigned int)(device == 1 || device == 2)) % 4);
		f = probe_find(&d->table, step->func, NULL);
		if (f < 0 || d->table.v[f].state != PROBE_ATTACHED || !d->source.selection.wanted[f])
			continue;
		d->hits[f]++;
		d->totals.hits++;
		full.ev.ts = ts;
		full.ev.func = (uint16_t)f;
		full.ev.type = first ? EVENT_FUNC_FULL : EVENT_FUNC;
		full.ev.ifindex = (uint32_t)device + 2;
		full.ev.netns = netns_of(device);
		full.ev.len = (uint32_t)(talk->len + step->len);
		push(d, &full, first ? sizeof(full) : sizeof(full.ev));
		first = false;
	}
	if (first)
		return;
	full.ev.ts = ts + 700;
	full.ev.func = 0;
	if (talk->reason) {
		full.ev.type = EVENT_DROP;
		drop = (struct event_drop){
			.ev = full.ev, .location = 0xffffffff81a2b3c4ull, .reason = talk->reason};
		push(d, &drop, sizeof(drop));
		full.ev.ts += 300;
	}
	full.ev.type = EVENT_END;
	push(d, &full, sizeof(full.ev));
}

static void flood(struct demo *d, size_t bytes)
{
	static const struct talk *const shape[] = {&talks[0], &talks[1], &talks[2]};
	const struct talk *talk;
	struct wire_tuple t;
	uint32_t flow;

	while (d->len + 8192 < BUFFER && d->len < bytes) {
		flow = random_below(d, d->options.flows);
		talk = shape[flow % 16 == 0 ? 1 : flow % 3 == 0 ? 2 : 0];
		memset(&t, 0, sizeof(t));
		fill_tuple(&t, talk, false);
		memcpy(t.saddr + 1, &flow, 3);
		t.sport = (uint16_t)(1024 + flow % 60000);
		send_packet(d, talk, false, d->now, &t);
		d->now += 1000;
	}
}

static size_t count_state(const struct demo *d, enum probe_state state, bool wanted)
{
	size_t i, n = 0;

	for (i = 0; i < d->table.n; i++)
		n += (enum probe_state)d->table.v[i].state == state &&
		     d->source.selection.wanted[i] == wanted;
	return n;
}

/* Brings attached nearer to wanted, one function every ATTACH_NS / 10. */
static void attach_some(struct demo *d)
{
	size_t i, left;
	struct notice note = {.type = NOTICE_PROGRESS, .text = "attaching"};

	for (i = 0; i < d->table.n && d->now - d->attached_at >= ATTACH_NS / 10; i++) {
		enum probe_state want = d->source.selection.wanted[i] ? PROBE_ATTACHED : PROBE_IDLE;

		if (d->table.v[i].state > PROBE_ATTACHED || (enum probe_state)d->table.v[i].state == want)
			continue;
		d->table.v[i].state = want;
		if (want == PROBE_ATTACHED && !strcmp(d->table.v[i].name, "br_nf_pre_routing")) {
			d->table.v[i].error = EINVAL;
			d->table.v[i].state = PROBE_REFUSED;
		}
		d->attached_at += ATTACH_NS / 10;
	}
	d->totals.attached = count_state(d, PROBE_ATTACHED, true);
	d->totals.refused = count_state(d, PROBE_REFUSED, true);
	d->totals.wanted = d->source.selection.count;
	left = count_state(d, PROBE_IDLE, true) + count_state(d, PROBE_ATTACHED, false);
	note.done = d->totals.wanted > left ? d->totals.wanted - left : 0;
	note.total = d->totals.wanted;
	if (!left) {
		d->changing = false;
		note = (struct notice){.type = NOTICE_READY};
		snprintf(note.text, sizeof(note.text), "%zu functions attached in %llu ms",
			d->totals.attached, (unsigned long long)((d->now - d->started) / MS));
	}
	demo_source_notice(&d->source, &note);
}

void demo_source_advance(struct source *src, uint64_t ns)
{
	struct demo *d = demo(src);
	uint64_t to = d->now + ns;
	struct wire_tuple t;
	size_t i;

	if (!d->named)
		name_things(d);
	for (; d->now < to && !d->stopped; d->now += 5 * MS) {
		if (d->changing && (d->now - d->started) % (100 * MS) < 5 * MS)
			attach_some(d);
		for (i = 0; i < NTALKS && !d->options.quiet && !d->options.flows; i++) {
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
	if (d->options.flows && !d->stopped)
		flood(d, BUFFER / 2);
	d->now = to;
	d->totals.cost_ns += ns / 1000 * 60;
	d->totals.own_ns += ns / 1000 * 36;
}

uint64_t demo_source_now(const struct source *src)
{
	return ((const struct demo *)src)->now;
}

struct source_totals *demo_source_totals(struct source *src)
{
	return &demo(src)->totals;
}

static int demo_fd(struct source *src)
{
	return demo(src)->timer;
}

static void catch_up(struct demo *d)
{
	uint64_t now, expired;

	if (d->options.start)
		return;
	if (read(d->timer, &expired, sizeof(expired)) < 0 && d->len)
		return;
	now = real_now();
	if (now > d->now)
		demo_source_advance(&d->source, now - d->now);
}

static size_t demo_read(struct source *src, size_t max_bytes, source_event_fn fn, void *ctx)
{
	struct demo *d = demo(src);
	size_t at = 0, size;

	catch_up(d);
	while (at < d->len && at < max_bytes) {
		memcpy(&size, d->buf + at, sizeof(size));
		fn(ctx, (const struct event *)(const void *)(d->buf + at + 8), size);
		at += size + 8;
	}
	memmove(d->buf, d->buf + at, d->len - at);
	d->len -= at;
	d->totals.waiting = d->len;
	return at;
}

static bool demo_notice(struct source *src, struct notice *out)
{
	struct demo *d = demo(src);

	if (d->notice_from == d->notice_to)
		return false;
	*out = d->notices[d->notice_from++ % NOTICES];
	return true;
}

static int demo_command(struct source *src, const struct command *cmd)
{
	struct demo *d = demo(src);

	if (d->options.refuse)
		return -ENOTSUP;
	d->changing = true;
	d->started = d->attached_at = d->now;
	return selection_apply(&src->selection, &d->table, cmd);
}

static void demo_counters(struct source *src, uint64_t *hits, uint64_t *lost)
{
	struct demo *d = demo(src);

	if (hits)
		memcpy(hits, d->hits, d->table.n * sizeof(*hits));
	if (lost)
		memset(lost, 0, d->table.n * sizeof(*lost));
}

static void demo_totals(struct source *src, struct source_totals *out)
{
	*out = demo(src)->totals;
}

static void demo_stop(struct source *src)
{
	struct notice end = {.type = NOTICE_END};

	demo(src)->stopped = true;
	demo_source_notice(src, &end);
}

static void demo_free(struct source *src)
{
	struct demo *d = demo(src);

	selection_fini(&src->selection);
	free(d->table.v);
	free(d->hits);
	free(d->buf);
	close(d->timer);
	free(d);
}

static const struct source_ops demo_ops = {
	.fd = demo_fd,
	.read = demo_read,
	.notice = demo_notice,
	.command = demo_command,
	.counters = demo_counters,
	.totals = demo_totals,
	.stop = demo_stop,
	.free = demo_free,
};

static void fill_probes(struct demo *d)
{
	size_t i, n = sizeof(functions) / sizeof(functions[0]);

	d->table.n = n;
	for (i = 0; i < n; i++) {
		struct probe *p = &d->table.v[i];

		p->name = functions[i];
		p->module = !strncmp(p->name, "nft_", 4)  ? "nf_tables"
			    : !strncmp(p->name, "br_", 3) ? "bridge"
							  : NULL;
		p->addr = 0xffffffff81000000ull + i * 0x400;
		p->arg = 1;
		p->class = classify(p->name, p->module);
		if (!strcmp(p->name, "ip_options_compile")) {
			p->state = PROBE_UNUSABLE;
			p->why = "inlined on this kernel";
		}
	}
}

struct source *demo_source_new(const struct demo_options *options)
{
	struct itimerspec every = {.it_interval = {.tv_nsec = 20 * MS}, .it_value = {.tv_nsec = 1}};
	size_t n = sizeof(functions) / sizeof(functions[0]);
	struct demo *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->options = *options;
	d->random = 0x9e3779b97f4a7c15ull;
	d->now = d->started = d->attached_at = options->start ? options->start : real_now();
	d->table.v = calloc(n, sizeof(*d->table.v));
	d->hits = calloc(n, sizeof(*d->hits));
	d->buf = malloc(BUFFER);
	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!d->table.v || !d->hits || !d->buf || d->timer < 0)
		abort();
	fill_probes(d);
	if (selection_init(&d->source.selection, &d->table))
		abort();
	selection_update(&d->source.selection, &d->table);
	if (!options->start)
		timerfd_settime(d->timer, 0, &every, NULL);
	d->changing = true;
	d->source.ops = &demo_ops;
	d->source.probes = &d->table;
	d->source.info = (struct source_info){.host = "web1", .kernel = "6.12.117", .backend = "kprobe-multi",
		.cpus = 8, .reasons = reasons, .nreasons = sizeof(reasons) / sizeof(reasons[0])};
	return &d->source;
}
