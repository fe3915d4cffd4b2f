/* SPDX-License-Identifier: GPL-2.0 */
/* A replay of recordings in memory, under a clock that stands where the test wants. */
#ifndef SKBSCOPE_TESTS_REPLAY_WORLD_H
#define SKBSCOPE_TESTS_REPLAY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>

#include "fake_reader.h"
#include "trace/replay/replay.h"

#define SECOND 1000000000ull
#define BEGUN (50 * SECOND)
#define WALL (1700000000ll * 1000000000ll)

enum { IP_RCV, NF_HOOK, TCP_RCV, OVS, FUNCTIONS };

static const char *const core[] = { "NOT_SPECIFIED", "NO_SOCKET", "NETFILTER_DROP" };
static const char *const other_core[] = { "NOT_SPECIFIED", "SOMETHING_NEW", "NO_SOCKET" };

struct seen {
	size_t n;
	struct {
		union {
			struct event ev;
			struct event_full full;
			struct event_drop drop;
			struct event_netns netns;
			struct event_symbol symbol;
		};
	} v[FAKE_ITEMS];
};

struct world {
	struct fake_file *file[2];
	struct source *src;
	struct clock clock;
	struct seen seen;
};

static struct fake_file *make_file(const char *path, const char *host)
{
	static const struct probe probes[FUNCTIONS] = {
		[IP_RCV] = { .name = "ip_rcv", .class = { .layer = LAYER_IPV4, .priority = 0 } },
		[NF_HOOK] = { .name = "nf_hook_slow", .class = { .layer = LAYER_NETFILTER, .priority = 1 } },
		[TCP_RCV] = { .name = "tcp_v4_rcv", .class = { .layer = LAYER_TCP, .priority = 0 } },
		[OVS] = { .name = "ovs_vport_receive", .module = "openvswitch", .class = { .priority = 2 } },
	};
	struct fake_file *f = calloc(1, sizeof(*f));

	f->path = path;
	f->head = (struct reader_head){
		.info = { .host = host,
			.kernel = "6.1",
			.backend = "kprobe-multi",
			.reasons = core,
			.nreasons = 3 },
		.options = "",
		.version = "1",
		.begun = BEGUN,
		.wall = WALL,
	};
	f->nprobes = FUNCTIONS;
	f->known = OVS;
	memcpy(f->probe, probes, sizeof(probes));
	f->wanted[IP_RCV] = f->wanted[NF_HOOK] = f->wanted[TCP_RCV] = true;
	return f;
}

static struct fake_item *add_item(struct fake_file *f, enum reader_type type, uint64_t ns)
{
	struct fake_item *it = &f->item[f->n++];

	assert_true(f->n <= FAKE_ITEMS);
	it->type = type;
	it->ts = f->head.begun + ns;
	return it;
}

static void *add_record(struct fake_file *f, uint64_t ns, enum event_type type, size_t size)
{
	struct fake_item *it = add_item(f, READER_EVENT, ns);
	struct event *ev = (struct event *)(void *)it->record;

	it->size = size;
	ev->type = (uint8_t)type;
	ev->ts = it->ts;
	ev->netns = 100;
	ev->ifindex = 2;
	return ev;
}

static struct event *add_hop(struct fake_file *f, uint64_t ns, uint64_t packet, uint16_t func, uint16_t seq)
{
	struct event *ev = add_record(f, ns, EVENT_FUNC, sizeof(*ev));

	ev->packet = packet;
	ev->func = func;
	ev->seq = seq;
	return ev;
}

static struct event_full *add_full(struct fake_file *f, uint64_t ns, uint64_t packet, uint16_t func,
	uint16_t seq, const char *from, uint16_t port)
{
	struct event_full *full = add_record(f, ns, EVENT_FUNC_FULL, sizeof(*full));

	full->ev.packet = packet;
	full->ev.func = func;
	full->ev.seq = seq;
	full->tuple = (struct wire_tuple){ .family = 4,
		.proto = 6,
		.l2proto = 0x0800,
		.dport = port,
		.sport = 999,
		.flags = TUPLE_IP | TUPLE_PORTS };
	inet_pton(AF_INET, from, full->tuple.saddr);
	full->l3_len = 60;
	memcpy(full->comm, "curl", 5);
	return full;
}

static void add_end(struct fake_file *f, uint64_t ns, uint64_t packet, uint16_t seq)
{
	struct event *ev = add_record(f, ns, EVENT_END, sizeof(*ev));

	ev->packet = packet;
	ev->seq = seq;
}

/* Three packets, a second apart: web, dns and web, each with three hops, an end, and a drop for the last. */
static void add_traffic(struct fake_file *f)
{
	struct event_drop *drop;
	struct event_dev *dev = add_record(f, 0, EVENT_DEV, sizeof(*dev));

	memcpy(dev->name, "eth0", 5);
	for (uint16_t i = 0; i < 3; i++) {
		uint64_t at = i * SECOND;

		add_full(f, at, i + 1u, IP_RCV, 0, "10.0.0.1", i == 1 ? 53 : 80);
		add_hop(f, at + 1000, i + 1u, NF_HOOK, 1);
		if (i == 2) {
			drop = add_record(f, at + 2000, EVENT_DROP, sizeof(*drop));
			drop->ev.packet = i + 1u;
			drop->ev.seq = 2;
			drop->reason = 2;
			drop->location = 0xffffffff81000010ull;
		} else {
			add_hop(f, at + 2000, i + 1u, TCP_RCV, 2);
		}
		add_end(f, at + 3000, i + 1u, 3);
	}
}

static void take(void *ctx, const struct event *ev, size_t size)
{
	struct seen *s = ctx;

	assert_true(s->n < FAKE_ITEMS);
	assert_true(size <= sizeof(s->v[0]));
	memcpy(&s->v[s->n++], ev, size);
}

static size_t read_all(struct world *w)
{
	w->seen.n = 0;
	while (w->src->ops->read(w->src, 4096, take, &w->seen))
		;
	return w->seen.n;
}

static size_t count(const struct world *w, uint64_t packet)
{
	size_t n = 0;

	for (size_t i = 0; i < w->seen.n; i++)
		n += w->seen.v[i].ev.packet == packet;
	return n;
}

static void start(struct world *w, double speed, bool paused)
{
	struct replay_options options = { .speed = speed, .paused = paused, .clock = &w->clock };
	char *paths[2], err[200];
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		fake_files[i] = w->file[i];
		if (w->file[i])
			paths[n++] = (char *)(uintptr_t)w->file[i]->path;
	}
	w->clock = (struct clock){ .fixed = true, .now = 7000 * SECOND };
	w->src = replay_open(paths, n, &options, err, sizeof(err));
	if (!w->src)
		fail_msg("%s", err);
}

static void finish(struct world *w)
{
	w->src->ops->free(w->src);
	free(w->file[0]);
	free(w->file[1]);
	fake_files[0] = fake_files[1] = NULL;
}

static struct playback_place place(struct world *w)
{
	struct playback_place p;

	w->src->playback->place(w->src, &p);
	return p;
}

/* The next notice of that type; the others are thrown away. */
static bool notice(struct world *w, enum notice_type type, struct notice *n)
{
	while (w->src->ops->notice(w->src, n))
		if (n->type == type)
			return true;
	return false;
}

static bool readable(struct world *w)
{
	struct pollfd p = { .fd = w->src->ops->fd(w->src), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void command(struct world *w, enum command_type type, int index, bool on)
{
	assert_int_equal(
		w->src->ops->command(w->src, &(struct command){ type, .index = index, .on = on }), 0);
}

static void filter(struct world *w, const char *text)
{
	struct packet_filter f;
	struct notice n;
	char err[300];

	assert_int_equal(packet_filter_parse(&f, text, err, sizeof(err)), 0);
	assert_int_equal(w->src->ops->check_filter(w->src, &f, err, sizeof(err)), 0);
	assert_int_equal(w->src->ops->filter(w->src, &f), 0);
	assert_true(notice(w, NOTICE_FILTER, &n));
}

static void refused(struct world *w, const char *text, const char *why)
{
	struct packet_filter f;
	char err[300] = "";

	assert_int_equal(packet_filter_parse(&f, text, err, sizeof(err)), 0);
	assert_int_equal(w->src->ops->check_filter(w->src, &f, err, sizeof(err)), -EINVAL);
	if (!strstr(err, why))
		fail_msg("\"%s\": %s", text, err);
}

#endif
