/* SPDX-License-Identifier: GPL-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/store.h"

#define SECOND 1000000000ull

struct world {
	struct store *store;
	struct event_full full;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->store = store_new(1 << 20);
	*state = w;
	return w->store ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	store_free(w->store);
	free(w);
	return 0;
}

/* 10.0.x.y:1000 → 10.1.0.1:80, or the way back. */
static struct wire_tuple tuple(uint16_t client, bool back)
{
	struct wire_tuple t = { .proto = 6, .family = 4, .l2proto = 0x0800, .flags = TUPLE_IP | TUPLE_PORTS };
	uint8_t a[4] = { 10, 0, (uint8_t)(client >> 8), (uint8_t)client }, b[4] = { 10, 1, 0, 1 };

	memcpy(back ? t.daddr : t.saddr, a, 4);
	memcpy(back ? t.saddr : t.daddr, b, 4);
	t.sport = back ? 80 : 1000;
	t.dport = back ? 1000 : 80;
	return t;
}

static void add(struct world *w, uint8_t type, uint64_t id, uint64_t ts)
{
	struct event_drop drop = {
		.ev = { .type = type, .packet = id, .ts = ts, .len = 100 }, .location = 0xabc, .reason = 5
	};

	drop.ev.func = (uint16_t)(ts % 1000);
	store_add(w->store, &drop.ev, type == EVENT_DROP ? sizeof(drop) : sizeof(drop.ev));
}

static void add_full(struct world *w, uint64_t id, uint64_t ts, struct wire_tuple t)
{
	struct event_full full = {
		.ev = { .type = EVENT_FUNC_FULL, .packet = id, .ts = ts, .len = 114, .pid = 42 },
		.tuple = t,
		.comm = "ng\x1binx",
		.l3_len = 60,
	};

	store_add(w->store, &full.ev, sizeof(full));
}

static struct store_totals totals(const struct world *w)
{
	struct store_totals t;

	store_totals(w->store, &t);
	return t;
}

static void test_journey(void **state)
{
	struct world *w = *state;
	const struct packet *p;
	const struct flow *f;
	struct hop hop[8];

	add_full(w, 7, 100, tuple(1, false));
	add(w, EVENT_FUNC, 7, 110);
	add(w, EVENT_FUNC, 7, 120);
	add(w, EVENT_END, 7, 130);
	p = store_packet(w->store, 7);
	assert_non_null(p);
	assert_int_equal(p->fate, FATE_CONSUMED);
	assert_int_equal(p->nhops, 4);
	assert_int_equal(p->first, 100);
	assert_int_equal(p->last, 130);
	assert_false(p->cut);
	assert_string_equal(p->comm, "ng?inx");
	assert_int_equal(p->pid, 42);
	assert_int_equal(store_hops(w->store, p, 0, hop, 8), 4);
	assert_int_equal(hop[0].type, EVENT_FUNC_FULL);
	assert_int_equal(hop[2].func, 120);
	assert_int_equal(hop[3].type, EVENT_END);
	assert_int_equal(store_hops(w->store, p, 3, hop, 8), 1);
	assert_int_equal(store_hops(w->store, p, 4, hop, 8), 0);

	f = store_flow(w->store, p->flow);
	assert_non_null(f);
	assert_ptr_equal(f, store_flow_at(w->store, 0));
	assert_int_equal(f->no, 1);
	assert_int_equal(f->packets[0], 1);
	assert_int_equal(f->bytes[0], 60);
	assert_int_equal(f->last, 130);
	assert_int_equal(f->stored, 1);
	assert_int_equal(totals(w).ended, 1);
}

static void test_drop(void **state)
{
	struct world *w = *state;
	const struct packet *p;

	add_full(w, 7, 100, tuple(1, false));
	add(w, EVENT_DROP, 7, 110);
	add(w, EVENT_END, 7, 111);
	p = store_packet(w->store, 7);
	assert_int_equal(p->fate, FATE_DROPPED);
	assert_int_equal(p->reason, 5);
	assert_int_equal(p->location, 0xabc);
	assert_int_equal(p->nhops, 3);
	assert_int_equal(store_flow(w->store, p->flow)->drops, 1);
	assert_int_equal(totals(w).dropped, 1);
	/* dropped before its headers were known: still counted where it belongs */
	add(w, EVENT_DROP, 8, 200);
	assert_true(store_packet(w->store, 8)->cut);
	add_full(w, 8, 201, tuple(1, false));
	assert_int_equal(store_flow(w->store, 1)->drops, 2);
	assert_int_equal(totals(w).dropped, 2);
}

static void test_both_directions(void **state)
{
	struct world *w = *state;
	const struct packet *p;
	const struct flow *f;

	add_full(w, 1, 100, tuple(1, true)); /* the end with the higher address speaks first */
	add_full(w, 2, 200, tuple(1, false));
	add_full(w, 3, 300, tuple(1, true));
	add_full(w, 4, 400, tuple(2, true));
	assert_int_equal(totals(w).flows, 2);
	f = store_flow(w->store, 1);
	assert_int_equal(f->packets[0], 2);
	assert_int_equal(f->packets[1], 1);
	assert_int_equal(f->client, 1);
	assert_int_equal(store_packet(w->store, 1)->direction, 0);
	assert_int_equal(store_packet(w->store, 2)->direction, 1);
	/* newest first */
	p = store_flow_packet(w->store, 1, NULL);
	assert_int_equal(p->id, 3);
	p = store_flow_packet(w->store, 1, p);
	assert_int_equal(p->id, 2);
	p = store_flow_packet(w->store, 1, p);
	assert_int_equal(p->id, 1);
	assert_null(store_flow_packet(w->store, 1, p));
	assert_null(store_flow_packet(w->store, 99, NULL));
	assert_null(store_flow(w->store, 99));
	assert_null(store_flow_at(w->store, 2));
}

static void test_flow_when_headers_come(void **state)
{
	struct world *w = *state;
	struct wire_tuple none = { .l2proto = 0x0800, .flags = TUPLE_CUT }, arp = { .l2proto = 0x0806 };
	struct wire_tuple socket = tuple(5, false);

	add_full(w, 1, 100, none);
	assert_int_equal(store_packet(w->store, 1)->flow, 0);
	add_full(w, 1, 110, tuple(1, false));
	assert_int_equal(store_packet(w->store, 1)->flow, 1);
	/* rewritten: it stays where it was first */
	add_full(w, 1, 120, tuple(9, false));
	assert_int_equal(store_packet(w->store, 1)->flow, 1);
	assert_int_equal(store_packet(w->store, 1)->tuple.saddr[3], 1);
	assert_int_equal(store_flow(w->store, 1)->packets[0], 1);
	add_full(w, 2, 200, arp);
	assert_int_equal(store_packet(w->store, 2)->flow, 2);
	socket.flags |= TUPLE_SOCKET;
	socket.l2proto = 0;
	add_full(w, 3, 300, socket);
	add_full(w, 4, 400, tuple(5, true));
	assert_int_equal(store_packet(w->store, 3)->flow, 3);
	assert_int_equal(store_packet(w->store, 4)->flow, 3);
}

static void test_cut_and_unknown(void **state)
{
	struct world *w = *state;
	struct event tiny = { .type = EVENT_FUNC };

	add(w, EVENT_FUNC, 5, 100); /* its start was not seen */
	assert_true(store_packet(w->store, 5)->cut);
	add(w, EVENT_END, 6, 100); /* nothing but an end */
	assert_null(store_packet(w->store, 6));
	assert_int_equal(totals(w).orphans, 1);
	add(w, EVENT_FUNC, 0, 100); /* no identity */
	assert_int_equal(totals(w).events, 3);
	assert_int_equal(totals(w).packets, 1);
	store_add(w->store, &tiny, sizeof(tiny) - 1);
	tiny.type = 200;
	store_add(w->store, &tiny, sizeof(tiny));
	assert_int_equal(totals(w).events, 3);
	/* a full record cut short is read as a short one */
	tiny.type = EVENT_FUNC_FULL;
	tiny.packet = 9;
	store_add(w->store, &tiny, sizeof(tiny));
	assert_int_equal(store_packet(w->store, 9)->flow, 0);
}

static void test_time_order(void **state)
{
	struct world *w = *state;
	struct hop hop[300];
	const struct packet *p;
	uint32_t seed = 3;

	/* pairs and longer runs the wrong way round, over every border of a chunk */
	for (uint64_t i = 0; i < 300; i++) {
		seed = seed * 1664525 + 1013904223;
		add(w, EVENT_FUNC, 1, 1000 + i * 10 - (seed >> 24) % 130);
	}
	p = store_packet(w->store, 1);
	assert_int_equal(store_hops(w->store, p, 0, hop, 300), 300);
	for (int i = 1; i < 300; i++)
		assert_true(hop[i - 1].ts <= hop[i].ts);
	assert_int_equal(p->first, hop[0].ts);
	assert_int_equal(p->last, hop[299].ts);
	for (int i = 0; i < 300; i++)
		assert_int_equal(hop[i].func, hop[i].ts % 1000);
	/* any window of them */
	for (size_t from = 0; from <= 280; from++) {
		struct hop part[20];

		assert_int_equal(store_hops(w->store, p, from, part, 20), 20);
		assert_memory_equal(part, hop + from, sizeof(part));
	}
	/* far too late: the work is bounded, the hop is kept */
	add(w, EVENT_FUNC, 1, 1);
	assert_int_equal(p->nhops, 301);
	assert_int_equal(p->first, 1);
}

static void test_eviction_order(void **state)
{
	struct world *w = *state;
	struct store_totals t;
	uint64_t id = 0, gone;

	while (!totals(w).evicted_packets) {
		id++;
		add_full(w, id, id * 100, tuple((uint16_t)(id % 10), false));
		for (uint64_t i = 1; i < 20; i++)
			add(w, EVENT_FUNC, id, id * 100 + i);
	}
	t = totals(w);
	assert_true(t.bytes <= t.budget);
	assert_int_equal(t.packets, id);
	assert_int_equal(t.live_packets, id - t.evicted_packets);
	assert_true(t.evicted_hops >= 20 * t.evicted_packets);
	for (gone = 1; gone <= t.evicted_packets; gone++)
		assert_null(store_packet(w->store, gone));
	for (; gone <= id; gone++)
		assert_non_null(store_packet(w->store, gone));
	/* an event of one that left is no new packet */
	add(w, EVENT_FUNC, 1, 5000);
	add_full(w, 1, 5001, tuple(1, false));
	assert_null(store_packet(w->store, 1));
	assert_int_equal(totals(w).orphans, 2);
	/* the flow knows how many can still be looked at */
	gone = 0;
	for (size_t i = 0; i < t.flows; i++) {
		const struct flow *f = store_flow_at(w->store, i);
		uint64_t n = 0;

		for (const struct packet *p = NULL; (p = store_flow_packet(w->store, f->no, p));)
			n++;
		assert_int_equal(n, f->stored);
		gone += n;
	}
	assert_int_equal(gone, totals(w).live_packets);
}

/* Two million events of every shape: never a byte over, flows are all there. */
static void test_budget(void **state)
{
	struct world *w = *state;
	uint32_t seed = 11;

	for (uint32_t i = 0; i < 2000000; i++) {
		uint64_t id, ts = 1000ull * i;

		seed = seed * 1664525 + 1013904223;
		id = 1 + i / 40 + (seed >> 16) % 30;
		if (i % 17 == 0)
			add_full(w, id, ts, tuple((uint16_t)(id % 300), seed & 1));
		else
			add(w, i % 101 == 0 ? EVENT_END : i % 103 == 0 ? EVENT_DROP : EVENT_FUNC, id, ts);
		if (i % 4096 == 0) {
			assert_true(totals(w).bytes <= totals(w).budget);
			store_tick(w->store, ts);
		}
	}
	assert_true(totals(w).bytes <= totals(w).budget);
	assert_true(totals(w).bytes > totals(w).budget * 9 / 10);
	assert_int_equal(totals(w).events, 2000000);
	assert_int_equal(totals(w).flows, 300);
	assert_int_equal(totals(w).evicted_flows, 0);
	assert_true(totals(w).live_packets > 50);
}

static void test_one_endless_packet(void **state)
{
	struct world *w = *state;

	for (uint64_t i = 0; i < 100000; i++)
		add(w, EVENT_FUNC, 1, i);
	assert_true(totals(w).bytes <= totals(w).budget);
	assert_int_equal(totals(w).evicted_packets, 1);
	assert_true(totals(w).orphans > 0);
	assert_int_equal(totals(w).orphans + totals(w).evicted_hops, 100000);
	add_full(w, 2, 1, tuple(1, false));
	assert_non_null(store_packet(w->store, 2));
}

static void test_flows_leave_last(void **state)
{
	struct world *w = *state;
	struct store_totals t;
	uint32_t before = 0;

	/* as in a SYN flood, and one conversation that goes on all the time */
	for (uint64_t i = 0; i < 20000; i++) {
		add_full(w, 2 * i + 1, 1000 * i, tuple((uint16_t)(2 + i), false));
		add_full(w, 2 * i + 2, 1000 * i, tuple(1, false));
	}
	t = totals(w);
	assert_true(t.bytes <= t.budget);
	assert_true(t.evicted_flows > 0);
	assert_int_equal(t.flows + t.evicted_flows, 20001);
	assert_true(t.flows * 256 <= t.budget / 4);
	assert_true(t.flows * 256 > t.budget / 6);
	assert_int_equal(store_flow(w->store, 2)->packets[0], 20000); /* the one that was seen lately */
	assert_null(store_flow(w->store, 1));
	for (size_t i = 0; i < t.flows; i++) {
		const struct flow *f = store_flow_at(w->store, i);

		assert_true(f->no > before); /* in order of appearance */
		assert_ptr_equal(store_flow(w->store, f->no), f);
		before = f->no;
	}
	assert_int_equal(before, 20001);
}

static void test_rates(void **state)
{
	struct world *w = *state;
	const struct flow *f;
	uint64_t now = 1000 * SECOND, id = 0;

	/* 100 packets/s in one flow, 2/s in the other, a tick each 100 ms */
	for (int step = 0; step < 100; step++) {
		for (int i = 0; i < 10; i++)
			add_full(w, ++id, now + (uint64_t)i * SECOND / 100, tuple(1, false));
		if (step % 5 == 0)
			add_full(w, ++id, now, tuple(2, false));
		now += SECOND / 10;
		store_tick(w->store, now);
		f = store_flow(w->store, 1);
		if (step > 40)
			assert_true(fabs(f->rate - 100) < 10);
	}
	assert_true(fabs(store_flow(w->store, 2)->rate - 2) < 0.5);
	for (int step = 0; step < 10; step++) {
		now += SECOND / 10;
		store_tick(w->store, now);
	}
	assert_true(f->rate > 20 && f->rate < 90); /* on its way down */
	for (int step = 0; step < 40; step++) {
		now += SECOND / 10;
		store_tick(w->store, now);
	}
	assert_true(f->rate == 0.0);
	/* slow ticks are fine as well, and so is a clock that starts again */
	add_full(w, ++id, now, tuple(1, false));
	store_tick(w->store, now + 5 * SECOND);
	assert_true(f->rate > 0);
	store_tick(w->store, now + 10 * SECOND);
	assert_true(f->rate == 0.0);
	store_tick(w->store, 1);
	add_full(w, ++id, 2, tuple(1, false));
	store_tick(w->store, SECOND);
	assert_true(fabs(f->rate - 1) < 0.01);
}

static void test_small_budget(void **state)
{
	struct world w = { .store = store_new(1) };

	assert_non_null(w.store);
	for (uint64_t i = 1; i < 20000; i++)
		add_full(&w, i, i, tuple((uint16_t)i, false));
	assert_true(totals(&w).bytes <= totals(&w).budget);
	assert_non_null(store_packet(w.store, 19999));
	store_free(w.store);
	store_free(NULL);
}

static void test_names(void **state)
{
	struct world *w = *state;
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = 3, .ifindex = 2 }, .name = "eth0" };

	store_add(w->store, &dev.ev, sizeof(dev));
	assert_string_equal(names_device(store_names(w->store), 3, 2), "eth0");
	assert_int_equal(totals(w).events, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_journey),
		TEST(test_drop),
		TEST(test_both_directions),
		TEST(test_flow_when_headers_come),
		TEST(test_cut_and_unknown),
		TEST(test_time_order),
		TEST(test_eviction_order),
		TEST(test_budget),
		TEST(test_one_endless_packet),
		TEST(test_flows_leave_last),
		TEST(test_rates),
		TEST(test_names),
		cmocka_unit_test(test_small_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
