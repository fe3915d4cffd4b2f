/* SPDX-License-Identifier: GPL-2.0 */
#include "unit/sender.h"

#include <errno.h>

#include "model/latency.h"

static struct probe probes[200];
static struct probe_table table = { .v = probes, .n = 200 };

static int setup(void **state)
{
	for (int i = 0; i < 200; i++)
		probes[i].class.layer = i < 100 ? LAYER_IPV4 : LAYER_QDISC;
	*state = store_new(4 << 20);
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

static void func_at(struct sender *s, uint32_t copy, uint16_t at, uint64_t ts)
{
	s->ts = ts - 10;
	func(s, copy, at);
}

static void end_at(struct sender *s, uint32_t copy, uint64_t ts)
{
	s->ts = ts - 10;
	end(s, copy, 0);
}

static void begin_at(struct sender *s, uint32_t copy, uint64_t ts)
{
	s->ts = ts - 10;
	full(s, copy, 0, tuple(1, 1000), 0);
}

static void test_gaps(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	const struct latency *l;
	struct slow_packet slow[2];

	assert_null(store_latency(s.store));
	begin_at(&s, 0, 1000); /* function 0 */
	func_at(&s, 0, 120, 1010);
	begin_at(&s, 3, 1012);
	func_at(&s, 0, 5, 1022);
	func_at(&s, 3, 120, 1025);
	to_socket(&s, 3, 1);
	end_at(&s, 0, 1500);
	assert_null(store_latency(s.store));
	end_at(&s, 3, 1028);
	l = store_latency(s.store);
	assert_non_null(l);
	assert_int_equal(latency_func(l, 0)->count, 2);
	assert_int_equal(latency_func(l, 0)->sum, 10 + 13);
	assert_int_equal(latency_func(l, 120)->count, 2);
	assert_int_equal(latency_func(l, 120)->sum, 12 + 3);
	assert_int_equal(latency_func(l, 5)->sum, 478);
	assert_null(latency_func(l, 6));
	assert_null(latency_func(l, 65535));
	assert_int_equal(latency_layer(l, LAYER_QDISC)->sum, 15);
	assert_int_equal(latency_layer(l, LAYER_IPV4)->count, 3);
	assert_null(latency_layer(l, LAYER_TCP));
	assert_int_equal(latency_packets(l)->count, 1);
	assert_int_equal(latency_packets(l)->sum, 500);
	assert_int_equal(latency_skipped(l), 0);
	assert_int_equal(latency_slowest(l, slow, 2), 1);
	assert_int_equal(slow[0].id, 7);
	assert_int_equal(slow[0].duration, 500);
	assert_int_equal(slow[0].flow, 1);
	assert_int_equal(slow[0].fate, FATE_DELIVERED);
	/* it lives again: what is new is counted, and its time is the whole */
	begin_at(&s, 4, 2000);
	end_at(&s, 4, 2003);
	assert_int_equal(latency_func(l, 0)->count, 3);
	assert_int_equal(latency_func(l, 0)->sum, 26);
	assert_int_equal(latency_packets(l)->count, 1);
	assert_int_equal(latency_packets(l)->sum, 1003);
	assert_int_equal(latency_slowest(l, slow, 2), 1);
	assert_int_equal(slow[0].duration, 1003);
	store_latency_reset(s.store);
	assert_null(latency_func(l, 0));
	assert_int_equal(latency_packets(l)->count, 0);
	assert_int_equal(latency_slowest(l, slow, 2), 0);
}

static void test_losses_are_no_times(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	const struct latency *l;

	begin_at(&s, 0, 1000);
	s.seq[0]++;
	func_at(&s, 0, 1, 2000);
	func_at(&s, 0, 2, 2005);
	s.seq[0] += 2;
	end_at(&s, 0, 3000);
	l = store_latency(s.store);
	assert_null(latency_func(l, 0));
	assert_int_equal(latency_func(l, 1)->sum, 5);
	assert_null(latency_func(l, 2));
	assert_int_equal(latency_skipped(l), 2);
	assert_int_equal(latency_packets(l)->sum, 2000); /* both ends were seen */
	/* its beginning was not */
	s = (struct sender){ .store = *state, .packet = 8, .seq = { 4 } };
	func_at(&s, 0, 1, 5000);
	func_at(&s, 0, 2, 5003);
	end_at(&s, 0, 5004);
	assert_int_equal(latency_func(l, 1)->sum, 8);
	assert_int_equal(latency_packets(l)->count, 1);
}

static void test_drops_end_a_gap(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	const struct latency *l;

	begin_at(&s, 0, 1000);
	func_at(&s, 0, 1, 1010);
	s.ts = 1030;
	drop(&s, 0, 3); /* at 1040, the end at 1050 */
	l = store_latency(s.store);
	assert_int_equal(latency_func(l, 1)->count, 1);
	assert_int_equal(latency_func(l, 1)->sum, 30);
	assert_int_equal(latency_packets(l)->sum, 50);
}

static void test_between(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	const struct latency *l;
	int n = store_between(s.store, 2, 4), m = store_between(s.store, 4, 2);

	assert_int_equal(n, 0);
	assert_int_equal(m, 1);
	assert_int_equal(store_between(s.store, 2, 4), n);
	begin_at(&s, 0, 1000);
	func_at(&s, 0, 4, 1005);
	func_at(&s, 0, 2, 1020);
	begin_at(&s, 1, 1030);
	func_at(&s, 0, 2, 1040);
	func_at(&s, 1, 4, 1055); /* in a copy */
	func_at(&s, 1, 4, 1070);
	end_at(&s, 1, 1080);
	end_at(&s, 0, 1090);
	l = store_latency(s.store);
	assert_int_equal(latency_between(l, n)->time.count, 1);
	assert_int_equal(latency_between(l, n)->time.sum, 35);
	assert_int_equal(latency_between(l, m)->time.sum, 15);
	/* again: neither pair a second time; but one that waited for its end */
	begin_at(&s, 2, 2000);
	func_at(&s, 2, 4, 2001);
	func_at(&s, 2, 2, 2002);
	end_at(&s, 2, 2003);
	assert_int_equal(latency_between(l, n)->time.count, 1);
	assert_int_equal(latency_between(l, m)->time.count, 1);
	s = (struct sender){ .store = *state, .packet = 8 };
	begin_at(&s, 0, 3000);
	func_at(&s, 0, 2, 3010);
	end_at(&s, 0, 3020);
	begin_at(&s, 1, 3030);
	func_at(&s, 1, 4, 3110);
	end_at(&s, 1, 3120);
	assert_int_equal(latency_between(l, n)->time.count, 2);
	assert_int_equal(latency_between(l, n)->time.sum, 35 + 100);

	store_between_remove(s.store, n);
	assert_null(latency_between(l, n));
	for (uint16_t i = 0; i < 7; i++)
		assert_true(store_between(s.store, 10, i) >= 0);
	assert_int_equal(store_between(s.store, 11, 11), -ENOSPC);
	store_latency_reset(s.store);
	assert_int_equal(latency_between(l, m)->time.count, 0);
	assert_null(latency_between(l, 8));
	assert_null(latency_between(l, -1));
}

/* A pair that is asked for later knows what was before. */
static void test_between_before(void **state)
{
	struct sender s;
	int n;

	for (uint64_t id = 1; id <= 100; id++) {
		s = (struct sender){ .store = *state, .packet = id };
		begin_at(&s, 0, id * 1000);
		func_at(&s, 0, 2, id * 1000 + 10);
		func_at(&s, 0, 4, id * 1000 + 10 + id);
		if (id < 100)
			end_at(&s, 0, id * 1000 + 200);
	}
	n = store_between(*state, 2, 4);
	assert_int_equal(latency_between(store_latency(*state), n)->time.count, 99);
	assert_int_equal(latency_between(store_latency(*state), n)->time.sum, 99 * 100 / 2);
	end_at(&s, 0, 100200);
	assert_int_equal(latency_between(store_latency(*state), n)->time.count, 100);
	/* one that lives again was counted */
	begin_at(&s, 1, 100300);
	func_at(&s, 1, 4, 100310);
	end_at(&s, 1, 100320);
	assert_int_equal(latency_between(store_latency(*state), n)->time.count, 100);
	/* the other pairs are left alone */
	assert_int_equal(store_between(*state, 4, 2), 1);
	assert_int_equal(latency_between(store_latency(*state), 1)->time.count, 0);
	assert_int_equal(latency_between(store_latency(*state), n)->time.count, 100);
}

static void test_slowest(void **state)
{
	struct slow_packet slow[100];
	const struct latency *l;
	uint32_t seed = 5;

	/* more than the store keeps */
	for (uint64_t id = 1; id < 30000; id++) {
		struct sender s = { .store = *state, .packet = id };

		seed = seed * 1664525 + 1013904223;
		begin_at(&s, 0, id * 100000);
		end_at(&s, 0, id * 100000 + 50 + (id % 1000 == 7 ? id : seed % 1000));
	}
	l = store_latency(*state);
	assert_null(store_packet(*state, 7));
	assert_int_equal(latency_slowest(l, slow, 100), LATENCY_SLOWEST);
	for (int i = 0; i < 28; i++) {
		assert_int_equal(slow[i].id, 29007 - i * 1000);
		assert_int_equal(slow[i].duration, 50 + slow[i].id);
	}
	for (int i = 1; i < LATENCY_SLOWEST; i++)
		assert_true(slow[i].duration <= slow[i - 1].duration);
	assert_int_equal(latency_packets(l)->count, 29999);
}

/* Packets that leave before they end: their gaps are known. */
static void test_evicted(void **state)
{
	const struct latency *l;
	struct store_totals t;
	uint64_t ended = 0;

	for (uint64_t id = 1; id < 30000; id++) {
		struct sender s = { .store = *state, .packet = id };

		begin_at(&s, 0, id * 100);
		func_at(&s, 0, 3, id * 100 + 5);
		func_at(&s, 0, 4, id * 100 + 9);
	}
	l = store_latency(*state);
	store_totals(*state, &t);
	assert_int_equal(latency_func(l, 3)->count, t.evicted_packets);
	assert_int_equal(latency_func(l, 3)->sum, t.evicted_packets * 4);
	assert_null(latency_func(l, 4));
	assert_int_equal(latency_packets(l)->count, ended);
}

/* A store of any size: never a byte over, with every function there is. */
static void test_budget(void **state)
{
	static const size_t budgets[] = { 256 << 10, 1 << 20, 2 << 20, 16 << 20 };

	for (size_t b = 0; b < sizeof(budgets) / sizeof(budgets[0]); b++) {
		struct store *store = store_new(budgets[b]);
		struct store_totals t;
		uint64_t counted = 0, sum;

		for (uint64_t id = 1; id < 20000; id++) {
			struct sender s = { .store = store, .packet = id };

			begin_at(&s, 0, id * 100);
			for (uint32_t i = 0; i < 8; i++)
				func_at(&s, 0, (uint16_t)(id * 8 + i), id * 100 + 1 + i * 4);
			end_at(&s, 0, id * 100 + 33);
			store_totals(store, &t);
			assert_true(t.bytes <= t.budget);
		}
		if (!store_latency(store)) {
			assert_true(b == 0);
			assert_int_equal(store_between(store, 1, 2), -ENOMEM);
			store_latency_reset(store);
			store_free(store);
			continue;
		}
		sum = latency_unkept(store_latency(store));
		for (uint32_t i = 0; i < 65536; i++) {
			const struct histogram *h = latency_func(store_latency(store), (uint16_t)i);

			counted += h != NULL;
			sum += h ? h->count : 0;
		}
		assert_true(counted >= 1 && counted <= 4096);
		assert_true(budgets[b] < 16 << 20 || counted > 500);
		assert_int_equal(sum, 19999 * 9);
		store_free(store);
	}
}

/* More copies at once than are looked at at once: no gap is wrong, some are skipped. */
static void test_many_copies(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };
	const struct latency *l;
	struct event r;

	for (uint32_t round = 0; round < 4; round++) {
		for (uint32_t copy = 0; copy < 1000; copy++) {
			r = (struct event){ .type = round == 3 ? EVENT_END : EVENT_FUNC,
				.packet = 7,
				.copy = copy,
				.ts = 1000 * (round + 1) + copy,
				.func = 1,
				.seq = (uint16_t)round };
			store_add(s.store, &r, sizeof(r));
		}
	}
	l = store_latency(s.store);
	assert_true(latency_func(l, 1)->count >= 24 * 3);
	assert_int_equal(latency_func(l, 1)->sum, latency_func(l, 1)->count * 1000);
	assert_true(latency_skipped(l) > 1000);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_gaps),
		TEST(test_losses_are_no_times),
		TEST(test_drops_end_a_gap),
		TEST(test_between),
		TEST(test_between_before),
		TEST(test_slowest),
		TEST(test_evicted),
		TEST(test_budget),
		TEST(test_many_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
