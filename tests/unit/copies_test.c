/* SPDX-License-Identifier: GPL-2.0 */
/* One packet in several skbs: copies, what became of the headers, where it got to. */
#include "unit/sender.h"

#define XMIT_FUNC 3

static struct probe probes[5];
static struct probe_table table = { .v = probes, .n = 5 };

static int setup(void **state)
{
	probes[XMIT_FUNC].class.layer = LAYER_XMIT;
	*state = store_new(1 << 20);
	if (!*state)
		return -1;
	store_probes(*state, &table);
	return 0;
}

static int teardown(void **state)
{
	store_free(*state);
	return 0;
}

static void test_copies(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	const struct copy *c;
	struct hop hop[16];

	full(&s, 0, 0, tuple(1, 1000), 0);
	func(&s, 0, 1);
	full(&s, 5, 0, tuple(1, 1000), 0);
	func(&s, 5, 2);
	full(&s, 9, 5, tuple(1, 1000), 0);
	end(&s, 5, 0);
	assert_int_equal(packet(&s)->ncopies, 3);
	assert_int_equal(packet(&s)->live, 2);
	assert_int_equal(packet(&s)->fate, FATE_LIVE);
	assert_int_equal(packet(&s)->nchanges, 1); /* they began as what they were made from */
	c = store_copy(s.store, packet(&s), 1);
	assert_int_equal(c->id, 5);
	assert_int_equal(c->parent, 0);
	assert_int_equal(c->skb, 0xff05);
	assert_int_equal(c->first, 30);
	assert_int_equal(c->last, 60);
	assert_int_equal(c->nhops, 3);
	assert_int_equal(c->fate, FATE_CONSUMED);
	assert_int_equal(store_copy(s.store, packet(&s), 2)->parent, 1);
	assert_int_equal(store_copy(s.store, packet(&s), 0)->parent, COPY_UNKNOWN);
	assert_null(store_copy(s.store, packet(&s), 3));
	assert_int_equal(store_hops(s.store, packet(&s), 0, hop, 16), 6);
	assert_int_equal(hop[1].copy, 0);
	assert_int_equal(hop[3].copy, 1);
	assert_int_equal(hop[3].seq, 1);
	assert_int_equal(hop[4].copy, 2);
	end(&s, 9, 0);
	end(&s, 0, 0);
	assert_int_equal(packet(&s)->fate, FATE_CONSUMED);
	assert_int_equal(totals(&s).ended, 1);
	assert_int_equal(totals(&s).copies, 3);
	/* sent once more: it lives again */
	full(&s, 11, 0, tuple(1, 1000), 0);
	assert_int_equal(packet(&s)->fate, FATE_LIVE);
	assert_int_equal(totals(&s).ended, 0);
	func(&s, 11, XMIT_FUNC);
	end(&s, 11, 0);
	assert_int_equal(packet(&s)->fate, FATE_TRANSMITTED);
	assert_int_equal(totals(&s).ended, 1);
	assert_int_equal(packet(&s)->lost, 0);
}

static void test_parent_unknown(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };

	func(&s, 4, 1); /* the original was never shown */
	full(&s, 4, 3, tuple(1, 1000), 0);
	assert_int_equal(store_copy(s.store, packet(&s), 0)->id, 4);
	assert_int_equal(store_copy(s.store, packet(&s), 0)->parent, COPY_UNKNOWN);
	full(&s, 6, 3, tuple(1, 1000), 0);
	assert_int_equal(store_copy(s.store, packet(&s), 1)->parent, COPY_UNKNOWN);
	assert_int_equal(packet(&s)->nchanges, 1);
	full(&s, 8, 6, tuple(2, 1000), 0);
	assert_int_equal(store_copy(s.store, packet(&s), 2)->parent, 1);
	assert_int_equal(packet(&s)->nchanges, 2);
	/* its parent is told by a later record only */
	func(&s, 10, 1);
	full(&s, 10, 8, tuple(2, 1000), 0);
	assert_int_equal(store_copy(s.store, packet(&s), 3)->parent, 2);
	assert_int_equal(packet(&s)->nchanges, 2);
	/* or by its socket, the first record that it has */
	to_socket(&s, 11, 4711);
	assert_int_equal(store_copy(s.store, packet(&s), 4)->parent, 0);
	/* its own parent: nonsense of a broken recording */
	full(&s, 12, 12, tuple(2, 1000), 0);
	assert_int_equal(store_copy(s.store, packet(&s), 5)->parent, COPY_UNKNOWN);
}

static void test_flood(void **state)
{
	struct sender s = { .store = *state, .packet = 1 };
	const struct packet *p;

	for (uint32_t i = 0; i < 3000; i++) {
		struct event_full r = {
			.ev = { .type = EVENT_FUNC_FULL, .packet = 1, .copy = i * 7, .ts = 10 + i },
			.tuple = tuple(1, 1000)
		};

		store_add(s.store, &r.ev, sizeof(r));
	}
	p = packet(&s);
	assert_int_equal(p->ncopies, 2048); /* those beyond are counted, their records kept */
	assert_int_equal(totals(&s).copies_over, 3000 - 2048);
	assert_int_equal(p->nhops, 3000);
	for (uint32_t i = 0; i < 2048; i++) {
		const struct copy *c = store_copy(s.store, p, i);

		assert_int_equal(c->id, i * 7);
		assert_int_equal(c->parent, i ? 0 : COPY_UNKNOWN);
	}
	for (uint32_t i = 0; i < 3000; i++) {
		struct event r = { .type = EVENT_END, .packet = 1, .copy = i * 7, .ts = 5000 + i, .seq = 1 };

		assert_int_equal(p->fate, FATE_LIVE + (i > 2047));
		store_add(s.store, &r, sizeof(r));
	}
	assert_int_equal(p->live, 0);
	assert_int_equal(p->lost, 0);
	assert_true(totals(&s).bytes <= totals(&s).budget);
}

static void test_fates(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	const struct flow *flow;
	const struct copy *c;

	full(&s, 0, 0, tuple(1, 1000), 0);
	flow = store_flow(s.store, 1);
	full(&s, 1, 0, tuple(1, 1000), 0);
	full(&s, 2, 0, tuple(1, 1000), 0);
	drop(&s, 1, 5);
	assert_int_equal(packet(&s)->fate, FATE_LIVE);
	assert_int_equal(packet(&s)->so_far, FATE_DROPPED);
	assert_int_equal(packet(&s)->drops, 1);
	assert_int_equal(packet(&s)->reason, 5);
	assert_int_equal(packet(&s)->location, 0xabc5);
	assert_int_equal(flow->drops, 1);
	assert_int_equal(totals(&s).dropped, 1);
	drop(&s, 2, 6);
	assert_int_equal(packet(&s)->drops, 2);
	assert_int_equal(packet(&s)->reason, 5);
	assert_int_equal(store_copy(s.store, packet(&s), 2)->reason, 6);
	assert_int_equal(flow->drops, 1);
	/* the third one arrives: the packet was not dropped after all */
	to_socket(&s, 0, 4711);
	assert_int_equal(packet(&s)->so_far, FATE_DROPPED); /* the socket may still refuse it */
	end(&s, 0, 0);
	c = store_copy(s.store, packet(&s), 0);
	assert_int_equal(c->fate, FATE_DELIVERED);
	assert_int_equal(c->facts, COPY_ENDED | COPY_SOCKET);
	assert_int_equal(c->inode, 4711);
	assert_int_equal(c->cgroup, 99);
	assert_int_equal(c->uid, 1000);
	assert_int_equal(packet(&s)->fate, FATE_DELIVERED);
	assert_int_equal(flow->drops, 0);
	assert_int_equal(flow->delivered, 1);
	assert_int_equal(totals(&s).dropped, 0);
	assert_int_equal(totals(&s).delivered, 1);

	s = (struct sender){ .store = *state, .packet = 8, .ts = 1000 };
	full(&s, 0, 0, tuple(1, 1000), 0);
	to_socket(&s, 0, 4712);
	drop(&s, 0, 9); /* its buffer was full */
	assert_int_equal(packet(&s)->fate, FATE_DROPPED);
	assert_int_equal(packet(&s)->reason, 9);
	assert_int_equal(flow->drops, 1);

	s = (struct sender){ .store = *state, .packet = 9, .ts = 2000 };
	full(&s, 0, 0, tuple(1, 1000), 0);
	func(&s, 0, XMIT_FUNC);
	func(&s, 0, 60000); /* of a newer program: an index without a function */
	end(&s, 0, EVENT_MERGED);
	assert_int_equal(packet(&s)->fate, FATE_MERGED);
	assert_int_equal(flow->drops, 1);
}

/* An end that was overtaken by the drop before it. */
static void test_late_drop(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	union record late;

	full(&s, 0, 0, tuple(1, 1000), 0);
	func(&s, 0, XMIT_FUNC);
	late = record(&s, EVENT_DROP, 0);
	end(&s, 0, 0);
	assert_int_equal(packet(&s)->fate, FATE_TRANSMITTED);
	assert_int_equal(packet(&s)->lost, 1);
	put(&s, &late);
	assert_int_equal(packet(&s)->fate, FATE_DROPPED);
	assert_int_equal(packet(&s)->lost, 0);
	assert_int_equal(store_flow(s.store, 1)->drops, 1);
	assert_int_equal(totals(&s).ended, 1);
}

static void test_changes(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	struct wire_tuple sock = tuple(1, 1000), cut = { .l2proto = 0x0800, .flags = TUPLE_CUT }, t;
	struct change change[8], now;
	struct hop hop[16];

	full(&s, 0, 0, cut, 0);
	assert_int_equal(packet(&s)->nchanges, 0);
	assert_int_equal(store_changes(s.store, packet(&s), change, 8), 0);
	sock.flags |= TUPLE_SOCKET;
	full(&s, 0, 0, sock, 0); /* 20 */
	t = tuple(1, 1000);
	t.tcp_flags = 2;
	full(&s, 0, 0, t, 0x1000); /* the same, with a header now */
	assert_int_equal(packet(&s)->nchanges, 1);
	assert_int_equal(packet(&s)->tuple.flags, TUPLE_IP | TUPLE_PORTS);
	assert_int_equal(packet(&s)->tuple.tcp_flags, 2);
	full(&s, 0, 0, tuple(9, 1000), 0x1002); /* 40: source NAT, the entry is the same */
	full(&s, 0, 0, cut, 0);
	full(&s, 0, 0, sock, 0);
	full(&s, 0, 0, tuple(9, 1000), 0);
	assert_int_equal(packet(&s)->nchanges, 2);
	full(&s, 3, 0, tuple(9, 1000), 0); /* made after it: no change */
	t = tuple(9, 1000);
	t.flags |= TUPLE_VLAN;
	t.vlan = 12;
	full(&s, 3, 0, t, 0); /* 90 */
	full(&s, 0, 0, tuple(9, 1000), 0);
	full(&s, 0, 0, tuple(9, 1000), 0x2001); /* 110: another entry, in the next namespace */
	full(&s, 3, 0, tuple(9, 1001), 0);	/* 120 */
	assert_int_equal(packet(&s)->nchanges, 5);
	assert_int_equal(store_changes(s.store, packet(&s), change, 8), 5);
	assert_int_equal(change[0].ts, 20);
	assert_int_equal(change[0].copy, 0);
	assert_int_equal(change[0].ct, 0x1000);
	assert_int_equal(change[1].ts, 40);
	assert_int_equal(change[1].tuple.saddr[3], 9);
	assert_int_equal(change[2].ts, 90);
	assert_int_equal(change[2].copy, 1);
	assert_int_equal(change[2].tuple.vlan, 12);
	assert_int_equal(change[3].ts, 110);
	assert_int_equal(change[3].ct, 0x2001);
	assert_int_equal(change[3].copy, 0);
	assert_int_equal(change[4].tuple.sport, 1001);
	assert_int_equal(store_changes(s.store, packet(&s), change, 2), 2);
	/* what it was at a hop: also in a copy that has not changed yet, or before anything was known */
	assert_int_equal(store_hops(s.store, packet(&s), 0, hop, 16), 12);
	assert_false(store_change_at(s.store, packet(&s), &hop[0], &now));
	for (int i = 1; i < 12; i++) {
		static const uint64_t since[] = { 0, 20, 20, 40, 40, 40, 40, 40, 90, 40, 110, 120 };

		assert_true(store_change_at(s.store, packet(&s), &hop[i], &now));
		assert_int_equal(now.ts, since[i]);
	}
	/* the flow is that of the first */
	assert_int_equal(packet(&s)->tuple.saddr[3], 1);
	assert_int_equal(totals(&s).flows, 1);
}

static void test_changes_in_time_order(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	struct change change[100];

	for (uint32_t i = 0; i < 100; i++) {
		struct event_full r = {
			.ev = { .type = EVENT_FUNC_FULL,
				.packet = 7,
				.ts = 1000 + (i ^ 1) * 10,
				.seq = (uint16_t)i },
			.tuple = tuple((uint8_t)i, 1000),
		};

		store_add(s.store, &r.ev, sizeof(r));
	}
	assert_int_equal(store_changes(s.store, packet(&s), change, 100), 100);
	for (uint32_t i = 0; i < 100; i++) {
		assert_int_equal(change[i].ts, 1000 + i * 10);
		assert_int_equal(change[i].tuple.saddr[3], i ^ 1);
	}
}

/* Chains of every kind are given back: after all that, the store takes as many packets as a new one. */
static void test_budget(void **state)
{
	struct sender s = { .store = *state, .packet = 1 };
	uint64_t kept = 0;
	uint32_t seed = 3;

	for (uint32_t round = 0; round < 60000; round++) {
		seed = seed * 1664525 + 1013904223;
		s.packet = 1 + round / 20 + (seed >> 28);
		memset(s.seq, 0, sizeof(s.seq));
		for (uint32_t i = 0; i < (seed >> 20 & 15); i++) {
			full(&s, i, i / 2, tuple((uint8_t)(seed >> 8), (uint16_t)(seed >> i & 3)), i);
			func(&s, i & 1, 1);
		}
		if (seed >> 12 & 1)
			drop(&s, seed >> 24 & 63, 3);
		assert_true(totals(&s).bytes <= totals(&s).budget);
	}
	assert_true(totals(&s).evicted_packets > 1000);
	/* packets of one hop, and nothing else is left */
	for (uint64_t id = 1 << 20; id < (1 << 20) + 10000; id++) {
		struct event r = { .type = EVENT_FUNC, .packet = id, .ts = id };

		store_add(s.store, &r, sizeof(r));
	}
	for (uint64_t id = 1 << 20; id < (1 << 20) + 10000; id++)
		kept += store_packet(s.store, id) != NULL;
	assert_int_equal(totals(&s).live_packets, kept);
	/* kept for latency and netfilter */
	assert_true(totals(&s).budget - totals(&s).bytes < 1024 + (1 << 20) / 16 + (1 << 20) / 12);
	assert_in_range(totals(&s).bytes - kept * 512 - totals(&s).flows * 256, 0,
		128 << 10); /* tables, times, rules */
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_copies),
		TEST(test_parent_unknown),
		TEST(test_flood),
		TEST(test_fates),
		TEST(test_late_drop),
		TEST(test_changes),
		TEST(test_changes_in_time_order),
		TEST(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
