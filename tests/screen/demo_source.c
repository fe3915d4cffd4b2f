/* SPDX-License-Identifier: GPL-2.0 */
#include "demo_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define ATTACH_NS (25 * MS) /* an attached function takes */

static const char *const functions[] = {
	"__netif_receive_skb_core",
	"netif_receive_skb",
	"__netif_receive_skb",
	"netif_rx",
	"napi_gro_receive",
	"dev_gro_receive",
	"inet_gro_receive",
	"tcp4_gro_receive",
	"udp4_gro_receive",
	"ipv6_gro_receive",
	"gro_cells_receive",
	"ip_rcv",
	"ip_rcv_core",
	"ip_rcv_finish",
	"ip_local_deliver",
	"ip_local_deliver_finish",
	"ip_forward",
	"ip_forward_finish",
	"ip_output",
	"ip_finish_output",
	"ip_finish_output2",
	"__ip_local_out",
	"ip_local_out",
	"ip_mc_output",
	"ip_fragment",
	"ip_defrag",
	"ip_send_skb",
	"__ip_finish_output",
	"ip_error",
	"ip_options_compile",
	"ipv6_rcv",
	"ip6_rcv_core",
	"ip6_rcv_finish",
	"ip6_input",
	"ip6_input_finish",
	"ip6_forward",
	"ip6_forward_finish",
	"ip6_output",
	"ip6_finish_output",
	"ip6_finish_output2",
	"ip6_xmit",
	"ip6_local_out",
	"ip6_fragment",
	"tcp_v4_rcv",
	"tcp_v4_do_rcv",
	"tcp_rcv_established",
	"tcp_rcv_state_process",
	"tcp_v6_rcv",
	"tcp_v6_do_rcv",
	"tcp_queue_rcv",
	"tcp_add_backlog",
	"__tcp_transmit_skb",
	"tcp_ack",
	"tcp_data_queue",
	"tcp_filter",
	"tcp_v4_early_demux",
	"udp_rcv",
	"__udp4_lib_rcv",
	"udp_queue_rcv_skb",
	"udp_unicast_rcv_skb",
	"udp_send_skb",
	"udpv6_rcv",
	"__udp6_lib_rcv",
	"__udp_enqueue_schedule_skb",
	"icmp_rcv",
	"icmp_echo",
	"icmp_reply",
	"__icmp_send",
	"icmpv6_rcv",
	"icmp6_send",
	"icmpv6_echo_reply",
	"icmp_unreach",
	"nf_hook_slow",
	"nft_do_chain",
	"nft_do_chain_ipv4",
	"nft_do_chain_inet",
	"nf_nat_ipv4_fn",
	"nf_nat_packet",
	"ipt_do_table",
	"nf_queue",
	"nf_conntrack_in",
	"nf_ct_get_tuple",
	"nf_confirm",
	"nf_conntrack_tcp_packet",
	"nf_conntrack_udp_packet",
	"nf_conntrack_icmp_packet",
	"__nf_conntrack_confirm",
	"ip_route_input_noref",
	"ip_route_input_slow",
	"ip_route_use_hint",
	"ip6_route_input",
	"ip_route_me_harder",
	"br_handle_frame",
	"br_handle_frame_finish",
	"br_forward",
	"br_pass_frame_up",
	"br_dev_queue_push_xmit",
	"br_nf_pre_routing",
	"__dev_queue_xmit",
	"dev_hard_start_xmit",
	"validate_xmit_skb",
	"sch_direct_xmit",
	"__qdisc_run",
	"pfifo_fast_enqueue",
	"fq_codel_enqueue",
	"tcf_classify",
	"process_backlog",
	"veth_xmit",
	"skb_checksum_help",
	"vxlan_xmit",
	"vxlan_rcv",
	"ip_tunnel_rcv",
	"ip_tunnel_xmit",
	"gre_rcv",
	"xfrm4_rcv",
	"xfrm_input",
	"xfrm_output",
	"esp_input",
	"sock_queue_rcv_skb",
	"sk_filter_trim_cap",
	"sock_rfree",
	"__sock_queue_rcv_skb",
	"skb_consume_udp",
	"arp_rcv",
	"arp_process",
	"neigh_resolve_output",
	"kfree_skb_reason",
	"consume_skb",
	"skb_clone",
	"pskb_expand_head",
};

/* Met on those journeys only. */
static const char *const more_functions[] = {
	"enqueue_to_backlog",
	"dev_qdisc_enqueue",
	"__tcp_retransmit_skb",
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))
#define MORE_FUNCTIONS (sizeof(more_functions) / sizeof(more_functions[0]))

static const char *const reasons[] = {
	"NOT_DROPPED_YET",
	"CONSUMED",
	"NOT_SPECIFIED",
	"NO_SOCKET",
	"PKT_TOO_SMALL",
	"TCP_CSUM",
	"SOCKET_FILTER",
	"UDP_CSUM",
	"NETFILTER_DROP",
	"OTHERHOST",
	"IP_CSUM",
	"IP_INHDR",
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

void demo_source_notice(struct source *src, const struct notice *notice)
{
	struct demo *d = demo(src);

	if (d->notice_to - d->notice_from < DEMO_NOTICES)
		d->notices[d->notice_to++ % DEMO_NOTICES] = *notice;
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
	struct notice note = { .type = NOTICE_PROGRESS, .text = "attaching" };

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
		note = (struct notice){ .type = NOTICE_READY };
		snprintf(note.text, sizeof(note.text), "%zu functions attached in %llu ms",
			d->totals.attached, (unsigned long long)((d->now - d->started) / MS));
	}
	demo_source_notice(&d->source, &note);
}

void demo_source_advance(struct source *src, uint64_t ns)
{
	struct demo *d = demo(src);
	uint64_t to = d->now + ns;

	if (!d->named)
		demo_traffic_name_things(d);
	for (; d->now < to && !d->stopped; d->now += 5 * MS) {
		if (d->changing && (d->now - d->started) % (100 * MS) < 5 * MS)
			attach_some(d);
		demo_filter_advance(d);
		if (!d->options.quiet && !d->options.flows)
			demo_traffic_advance(d);
	}
	if (d->options.flows && !d->stopped)
		demo_traffic_flood(d);
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
	*out = d->notices[d->notice_from++ % DEMO_NOTICES];
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
	struct notice end = { .type = NOTICE_END };

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
	.filter = demo_filter,
	.filter_now = demo_filter_now,
	.check_filter = demo_check_filter,
	.counters = demo_counters,
	.totals = demo_totals,
	.stop = demo_stop,
	.free = demo_free,
};

static const struct source_ops demo_ops_unfiltered = {
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
	size_t i, n = FUNCTIONS + (d->options.journeys ? MORE_FUNCTIONS : 0);

	d->table.n = n;
	for (i = 0; i < n; i++) {
		struct probe *p = &d->table.v[i];

		p->name = i < FUNCTIONS ? functions[i] : more_functions[i - FUNCTIONS];
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
	struct itimerspec every = { .it_interval = { .tv_nsec = 20 * MS }, .it_value = { .tv_nsec = 1 } };
	size_t n = FUNCTIONS + MORE_FUNCTIONS;
	struct demo *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->options = *options;
	d->random = 0x9e3779b97f4a7c15ull;
	d->now = d->started = d->attached_at = options->start ? options->start : real_now();
	d->table.v = calloc(n, sizeof(*d->table.v));
	d->hits = calloc(n, sizeof(*d->hits));
	d->buf = malloc(DEMO_BUFFER);
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
	d->source.ops = options->no_filter ? &demo_ops_unfiltered : &demo_ops;
	d->source.probes = &d->table;
	d->source.info = (struct source_info){ .host = "web1",
		.kernel = "6.12.117",
		.backend = "kprobe-multi",
		.cpus = 8,
		.reasons = reasons,
		.nreasons = sizeof(reasons) / sizeof(reasons[0]) };
	return &d->source;
}
