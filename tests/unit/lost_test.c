/* SPDX-License-Identifier: GPL-2.0 */
/* Records that are missing: how many, and before which hop. */
#include "unit/sender.h"

static int setup(void **state)
{
	*state = store_new(1 << 20);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	store_free(*state);
	return 0;
}

static void test_lost(void **state)
{
	struct sender s = { .store = *state, .packet = 7, .seq = { 2 } };
	struct hop hop[8];
	union record late;

	full(&s, 0, 0, tuple(1, 1000), 0); /* number 2: two are missing before it */
	assert_true(packet(&s)->cut);
	assert_int_equal(packet(&s)->lost, 2);
	full(&s, 1, 0, tuple(1, 1000), 0);
	s.seq[0] += 3;
	func(&s, 1, 1);
	late = record(&s, EVENT_FUNC, 0); /* number 6 */
	s.seq[0] += 1;
	end(&s, 0, 0); /* number 8 */
	assert_int_equal(packet(&s)->lost, 2 + 5);
	assert_int_equal(store_copy(s.store, packet(&s), 0)->lost, 7);
	assert_int_equal(store_copy(s.store, packet(&s), 1)->lost, 0);
	assert_int_equal(store_hops(s.store, packet(&s), 0, hop, 8), 4);
	assert_int_equal(hop[0].lost, 2);
	assert_int_equal(hop[2].lost, 0);
	assert_int_equal(hop[3].lost, 5);
	put(&s, &late);
	assert_int_equal(store_hops(s.store, packet(&s), 0, hop, 8), 5);
	assert_int_equal(hop[3].seq, 6);
	assert_int_equal(hop[3].lost, 3);
	assert_int_equal(hop[4].lost, 1);
	assert_int_equal(packet(&s)->lost, 6);
	assert_int_equal(totals(&s).lost, 6);
	put(&s, &late); /* twice: the second one fills no gap of its own */
	assert_int_equal(store_hops(s.store, packet(&s), 0, hop, 8), 6);
	/* many: the hop says "255 or more", the packet knows */
	s.seq[1] += 40000;
	func(&s, 1, 1);
	assert_int_equal(store_copy(s.store, packet(&s), 1)->lost, 40000);
	assert_int_equal(store_hops(s.store, packet(&s), 6, hop, 8), 1);
	assert_int_equal(hop[0].lost, 255);
	func(&s, 1, 1);
	assert_int_equal(store_copy(s.store, packet(&s), 1)->lost, 40000);
}

/* Sources that do not number their records have lost nothing that we could know of. */
static void test_no_numbers(void **state)
{
	struct sender s = { .store = *state, .packet = 7 };

	for (int i = 0; i < 1000; i++) {
		s.seq[0] = 0;
		func(&s, 0, 1);
	}
	assert_int_equal(packet(&s)->lost, 0);
	assert_int_equal(packet(&s)->nhops, 1000);
}

/* Any order within a few records, some lost, numbers that wrap: what is missing is exact. */
static void test_lost_random(void **state)
{
	enum { COPIES = 4, EACH = 70000, WINDOW = 8 };
	struct sender s = { .store = *state, .packet = 7 };
	struct event wait[WINDOW] = { 0 };
	uint64_t dropped[COPIES] = { 0 }, sum = 0, shown[COPIES] = { 0 };
	struct hop hop[64];
	uint32_t seed = 5;

	s.store = store_new(64u << 20);
	for (uint32_t i = 0; i < COPIES * EACH + WINDOW; i++) {
		uint32_t slot, c;

		seed = seed * 1664525 + 1013904223;
		slot = seed >> 24 & (WINDOW - 1);
		c = seed >> 16 & (COPIES - 1);
		if (wait[slot].packet)
			store_add(s.store, &wait[slot], sizeof(wait[slot]));
		wait[slot].packet = 0;
		if (seed >> 10 & 15) {
			wait[slot] = record(&s, EVENT_FUNC, c).ev;
		} else if (s.seq[c] > 20 && seed >> 4 & 1) {
			s.seq[c]++;
			dropped[c]++;
		}
	}
	for (uint32_t i = 0; i < WINDOW; i++) {
		if (wait[i].packet)
			store_add(s.store, &wait[i], sizeof(wait[i]));
	}
	for (uint32_t c = 0; c < COPIES; c++) /* the end tells what was lost last */
		end(&s, c, 0);
	for (size_t from = 0, n; (n = store_hops(s.store, packet(&s), from, hop, 64)); from += n) {
		for (size_t i = 0; i < n; i++)
			shown[hop[i].copy] += hop[i].lost;
	}
	for (uint32_t i = 0; i < COPIES; i++) {
		const struct copy *c = store_copy(s.store, packet(&s), i);

		assert_int_equal(c->lost, dropped[c->id]);
		assert_int_equal(shown[i], dropped[c->id]);
		sum += c->lost;
	}
	assert_true(sum > 1000);
	assert_int_equal(packet(&s)->lost, sum);
	assert_int_equal(totals(&s).lost, sum);
	store_free(s.store);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_lost),
		TEST(test_no_numbers),
		TEST(test_lost_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
