/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/drops.h"

static void add(struct drops *d, uint32_t reason, uint64_t location, uint32_t rule, uint64_t packet)
{
	drops_add(d,
		&(struct drop_kind){ .reason = reason,
			.location = location,
			.rule = rule,
			.flow = 10 + reason,
			.packet = packet },
		packet * 100);
}

static void test_kinds(void **state)
{
	struct drops *d = drops_new(100);
	const struct drop_kind *k;
	uint64_t recent[300];

	assert_int_equal(drops_count(d), 0);
	assert_null(drops_at(d, 0));
	assert_null(drops_kind(d, 1));
	add(d, 1, 0xa, 0, 1);
	add(d, 1, 0xa, 7, 2);
	add(d, 1, 0xb, 0, 3);
	add(d, 2, 0xa, 0, 4);
	add(d, 1, 0xa, 0, 5);
	add(d, 1, 0xa, 0, 5); /* another copy of it */
	assert_int_equal(drops_count(d), 4);
	k = drops_at(d, 0);
	assert_int_equal(k->no, 1);
	assert_int_equal(k->count, 3);
	assert_int_equal(k->first, 100);
	assert_int_equal(k->last, 500);
	assert_int_equal(k->packet, 5);
	assert_int_equal(k->flow, 11);
	assert_ptr_equal(drops_kind(d, 1), k);
	assert_int_equal(drops_recent(d, 1, recent, 300), 2);
	assert_int_equal(recent[0], 5);
	assert_int_equal(recent[1], 1);
	for (uint64_t i = 0; i < 1000; i++)
		add(d, 2, 0xa, 0, 100 + i);
	assert_int_equal(drops_recent(d, 4, recent, 300), DROPS_RECENT);
	assert_int_equal(recent[0], 1099);
	assert_int_equal(recent[255], 1099 - 255);
	assert_int_equal(drops_recent(d, 4, recent, 3), 3);
	assert_int_equal(drops_recent(d, 9, recent, 3), 0);
	assert_int_equal(drops_forgotten(d), 0);
	drops_free(d);
	drops_free(NULL);
}

static void test_rates(void **state)
{
	struct drops *d = drops_new(4);

	for (uint64_t i = 1; i <= 3000; i++) {
		drops_add(d, &(struct drop_kind){ .reason = 1 }, i * 10000000);
		if (i % 25 == 0)
			drops_tick(d, i * 10000000);
	}
	assert_true(drops_at(d, 0)->rate > 99 && drops_at(d, 0)->rate < 101);
	for (uint64_t s = 31; s < 70; s++)
		drops_tick(d, s * 1000000000);
	assert_true(drops_at(d, 0)->rate == 0);
	drops_free(d);
}

/* Rare ones of long ago leave and are counted; numbers are not given again. */
static void test_bounded(void **state)
{
	struct drops *d = drops_new(8);

	for (uint64_t i = 0; i < 50; i++)
		add(d, 1, 0xa, 0, 1 + i); /* often, and long ago */
	for (uint32_t rule = 1; rule <= 100; rule++) {
		add(d, 2, 0xb, rule, 1000 + rule);
		add(d, 1, 0xa, 0, 1000 + rule);
	}
	assert_int_equal(drops_count(d), 8);
	assert_int_equal(drops_forgotten(d), 93);
	assert_int_equal(drops_kind(d, 1)->count, 150);
	assert_null(drops_kind(d, 2));
	assert_int_equal(drops_kind(d, 101)->rule, 100);
	add(d, 2, 0xb, 100, 5000);
	assert_int_equal(drops_kind(d, 101)->count, 2);
	assert_true(drops_bytes(d) <= drops_bytes_max(8));
	drops_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
