/* SPDX-License-Identifier: GPL-2.0 */
/* Packets grouped by the way they took, and two of them side by side. */
#include "unit/sender.h"

#include <errno.h>

#include "model/path.h"

static int setup(void **state)
{
	*state = store_new(16 << 20);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	store_free(*state);
	return 0;
}

/* Functions 0 (full), then those given, then the end; 0 ends the list. */
static void walk(struct sender *s, const uint16_t *funcs)
{
	full(s, 0, 0, tuple(1, 1000), 0);
	for (; *funcs; funcs++)
		func(s, 0, *funcs);
}

static struct sender next_packet(struct store *store)
{
	static const uint64_t apart = 100000;
	struct store_totals t;

	store_totals(store, &t);
	return (struct sender){ .store = store, .packet = t.packets + 1, .ts = (t.packets + 1) * apart };
}

static void test_groups(void **state)
{
	struct store *store = *state;
	uint64_t ids[64];
	struct paths paths;

	for (int i = 0; i < 100; i++) {
		struct sender s = next_packet(store);

		if (i % 25 == 7) {
			walk(&s, (uint16_t[]){ 5, 6, 0 });
			drop(&s, 0, 9);
		} else if (i % 4 == 1) {
			walk(&s, (uint16_t[]){ 5, 6, 8, 0 });
			s.ts += (uint64_t)i * 10;
			to_socket(&s, 0, 1);
			end(&s, 0, 0);
		} else {
			walk(&s, (uint16_t[]){ 5, 6, 7, 8, 0 });
			end(&s, 0, 0);
		}
	}
	assert_int_equal(paths_build(&paths, store, 1, 0), 0);
	assert_int_equal(paths.packets, 100);
	assert_int_equal(paths.others, 0);
	assert_int_equal(paths.n, 3);
	assert_int_equal(paths.v[0].count, 72);
	assert_true(paths.v[0].share > 0.719 && paths.v[0].share < 0.721);
	assert_int_equal(paths.v[0].fate, FATE_CONSUMED);
	assert_int_equal(paths.v[0].flags, 0);
	assert_int_equal(paths.v[0].example, 100);
	assert_int_equal(paths.v[0].nhops, 6);
	assert_int_equal(paths.v[0].nfuncs, 5);
	assert_memory_equal(paths.v[0].funcs, ((uint16_t[]){ 0, 5, 6, 7, 8 }), 10);
	assert_int_equal(paths.v[0].max, 50);
	assert_in_range(paths.v[0].p99, 47, 50);
	assert_int_equal(paths.v[1].count, 24);
	assert_int_equal(paths.v[1].fate, FATE_DELIVERED);
	assert_true(paths.v[1].p50 < paths.v[1].p99);
	assert_int_equal(paths.v[2].count, 4);
	assert_int_equal(paths.v[2].fate, FATE_DROPPED);
	assert_int_equal(paths.v[2].flags, PATH_DROPPED | PATH_RARE);
	assert_int_equal(paths.v[2].reason, 9);
	assert_int_equal(paths.v[2].location, 0xabc9);
	assert_int_equal(paths.v[2].example, 83);
	assert_int_equal(path_packets(store, 1, 0, paths.v[2].key, ids, 64), 4);
	assert_int_equal(ids[0], 83);
	assert_int_equal(ids[3], 8);
	assert_int_equal(path_packets(store, 1, 0, paths.v[2].key, ids, 2), 2);
	assert_int_equal(path_packets(store, 1, 18, paths.v[2].key, ids, 64), 1);
	assert_int_equal(path_packets(store, 1, 17, paths.v[2].key, ids, 64), 0);
	paths_free(&paths);
	/* only the newest ones */
	assert_int_equal(paths_build(&paths, store, 1, 10), 0);
	assert_int_equal(paths.packets, 10);
	assert_int_equal(paths.n, 2);
	paths_free(&paths);
	assert_int_equal(paths_build(&paths, store, 99, 0), 0);
	assert_int_equal(paths.n, 0);
	paths_free(&paths);
	paths_free(&paths);
}

static void branch(struct store *store, int first, uint16_t deep, int change)
{
	struct sender s = next_packet(store);
	int a = first, b = first == 1 ? 2 : 1;

	full(&s, 0, 0, tuple(1, 1000), 0);
	/* two clones whose records come in any order */
	full(&s, (uint32_t)a, 0, tuple(1, 1000), 0);
	full(&s, (uint32_t)b, 0, tuple(1, 1000), 0);
	func(&s, (uint32_t)a, a == 1 ? 10 : 20);
	func(&s, (uint32_t)b, a == 1 ? 20 : 10);
	full(&s, 3, deep, tuple(1, 1000), 0);
	if (change == 1)
		func(&s, 3, 30);
	for (uint32_t copy = 0; copy < 4; copy++)
		end(&s, copy, change == 2 && copy == 3 ? EVENT_MERGED : 0);
}

static void test_copies(void **state)
{
	struct store *store = *state;
	struct paths paths;
	struct sender s;

	branch(store, 1, 0, 0);
	branch(store, 2, 0, 0); /* the same */
	assert_int_equal(paths_build(&paths, store, 1, 0), 0);
	assert_int_equal(paths.n, 1);
	paths_free(&paths);
	branch(store, 1, 1, 0); /* made of a copy */
	branch(store, 1, 0, 1); /* at another function */
	branch(store, 1, 0, 2); /* another end */
	s = next_packet(store);
	full(&s, 0, 0, tuple(1, 1000), 0); /* on its way */
	s = next_packet(store);
	full(&s, 0, 0, tuple(1, 1000), 0);
	s.seq[0]++;
	end(&s, 0, 0);
	assert_int_equal(paths_build(&paths, store, 1, 0), 0);
	assert_int_equal(paths.n, 6);
	assert_int_equal(paths.v[0].count, 2);
	assert_int_equal(paths.v[1].flags, PATH_LOST); /* of one packet each, the newest first */
	assert_int_equal(paths.v[2].flags, PATH_LIVE);
	paths_free(&paths);
}

/* More ways than are told apart. */
static void test_many(void **state)
{
	struct store *store = store_new(64 << 20);
	struct paths paths;
	uint64_t sum = 0;

	for (uint16_t i = 0; i < 3000; i++) {
		struct sender s = next_packet(store);

		walk(&s, (uint16_t[]){ (uint16_t)(1 + i % 1500), 0 });
		end(&s, 0, 0);
	}
	assert_int_equal(paths_build(&paths, store, 1, 0), 0);
	assert_int_equal(paths.n, PATHS_MAX);
	assert_int_equal(paths.packets, 3000);
	assert_int_equal(paths.others, 1000);
	for (size_t i = 0; i < paths.n; i++)
		sum += paths.v[i].count;
	assert_int_equal(sum, 2000);
	paths_free(&paths);
	store_free(store);
}

static uint32_t hop_symbol(const struct hop *hop)
{
	return hop->type == EVENT_END ? 9999 : hop->func;
}

/* The rows are in order, whole, right, and as many as can be are the same. */
static void check_diff(struct store *store, uint64_t ida, uint64_t idb)
{
	static struct hop a[600], b[600];
	static uint16_t best[601][601];
	size_t na = store_hops(store, store_packet(store, ida), 0, a, 600), nexta = 0;
	size_t nb = store_hops(store, store_packet(store, idb), 0, b, 600), nextb = 0;
	size_t same = 0, parted;
	struct path_diff diff;

	assert_int_equal(path_diff(&diff, store, ida, idb), 0);
	parted = diff.n;
	for (size_t i = 0; i < diff.n; i++) {
		const struct diff_row *row = &diff.v[i];

		assert_true(row->a >= 0 || row->b >= 0);
		if (row->a >= 0)
			assert_int_equal(row->a, nexta++);
		if (row->b >= 0)
			assert_int_equal(row->b, nextb++);
		if (row->a >= 0 && row->b >= 0) {
			assert_int_equal(hop_symbol(&a[row->a]), hop_symbol(&b[row->b]));
			same++;
		} else if (parted == diff.n) {
			parted = i;
		}
		if (i && row->a >= 0 && row->b < 0)
			assert_true(row[-1].a >= 0); /* a's own hops stand before b's */
	}
	assert_int_equal(nexta, na);
	assert_int_equal(nextb, nb);
	assert_int_equal(diff.parted, parted);
	assert_false(diff.cut);
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			uint16_t up = best[i - 1][j], left = best[i][j - 1];

			best[i][j] = up > left ? up : left;
			if (hop_symbol(&a[i - 1]) == hop_symbol(&b[j - 1]))
				best[i][j] = (uint16_t)(best[i - 1][j - 1] + 1);
		}
	}
	assert_int_equal(same, best[na][nb]);
	path_diff_free(&diff);
}

static void test_diff_random(void **state)
{
	uint32_t seed = 77;

	for (int round = 0; round < 200; round++) {
		struct store *store = store_new(1 << 20);
		uint32_t letters = 1 + (uint32_t)round % 9;

		for (uint64_t id = 1; id <= 2; id++) {
			struct sender s = next_packet(store);
			int length;

			seed = seed * 1664525 + 1013904223;
			length = 1 + (int)(seed >> 16) % (round % 50 == 0 ? 590 : 60);
			for (int i = 0; i < length; i++) {
				seed = seed * 1664525 + 1013904223;
				func(&s, 0, (uint16_t)((seed >> 16) % letters));
			}
			if (seed & 1 << 20)
				end(&s, 0, 0);
		}
		check_diff(store, 1, 2);
		check_diff(store, 2, 1);
		check_diff(store, 1, 1);
		store_free(store);
	}
}

static void test_diff(void **state)
{
	struct store *store = *state;
	struct sender s = next_packet(store);
	struct path_diff diff;

	walk(&s, (uint16_t[]){ 5, 6, 7, 8, 0 });
	end(&s, 0, 0);
	s = next_packet(store);
	walk(&s, (uint16_t[]){ 5, 6, 0 });
	drop(&s, 0, 9);
	assert_int_equal(path_diff(&diff, store, 1, 2), 0);
	/* 0 5 6 are the same; 7 8 of the one; the drop of the other; the end of both */
	assert_int_equal(diff.n, 7);
	assert_int_equal(diff.parted, 3);
	assert_int_equal(diff.v[3].a, 3);
	assert_int_equal(diff.v[3].b, -1);
	assert_int_equal(diff.v[5].a, -1);
	assert_int_equal(diff.v[5].b, 3);
	assert_int_equal(diff.v[6].a, 5);
	assert_int_equal(diff.v[6].b, 4);
	path_diff_free(&diff);
	assert_int_equal(path_diff(&diff, store, 1, 99), -ENOENT);
	path_diff_free(&diff);
	/* in a clone it is not the same hop */
	s = next_packet(store);
	full(&s, 0, 0, tuple(1, 1000), 0);
	full(&s, 1, 0, tuple(1, 1000), 0);
	func(&s, 1, 5);
	assert_int_equal(path_diff(&diff, store, 1, 3), 0);
	assert_int_equal(diff.parted, 1);
	assert_int_equal(diff.n, 6 + 2);
	path_diff_free(&diff);
}

/* As long as it can be, nothing the same: still an answer, of the first hops. */
static void test_diff_long(void **state)
{
	struct store *store = *state;
	struct path_diff diff;

	for (uint16_t id = 1; id <= 2; id++) {
		struct sender s = next_packet(store);

		for (int i = 0; i < 5000; i++)
			func(&s, 0, id);
	}
	assert_int_equal(path_diff(&diff, store, 1, 2), 0);
	assert_int_equal(diff.n, 2 * DIFF_HOPS_MAX);
	assert_int_equal(diff.parted, 0);
	assert_true(diff.cut);
	path_diff_free(&diff);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_groups),
		TEST(test_copies),
		TEST(test_many),
		TEST(test_diff),
		TEST(test_diff_long),
		cmocka_unit_test(test_diff_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
