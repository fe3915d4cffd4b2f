/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/histogram.h"

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void test_empty(void **state)
{
	struct histogram h = { 0 };

	assert_int_equal(histogram_quantile(&h, 0.5), 0);
	assert_int_equal(histogram_mean(&h), 0);
}

static void test_buckets(void **state)
{
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		struct histogram h = { 0 };
		uint64_t start = histogram_bucket_start(i), last = histogram_bucket_start(i + 1) - 1;

		assert_true(last >= start);
		histogram_add(&h, start);
		histogram_add(&h, last);
		assert_int_equal(h.bucket[i], 2);
		assert_true(i < 16 ? start == last : (last - start + 1) * 8 <= start);
	}
	assert_int_equal(histogram_bucket_start(HISTOGRAM_BUCKETS), 1ull << 40);
}

static void check(const uint64_t *sorted, size_t n, const struct histogram *h)
{
	static const double q[] = { 0, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999 };

	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		double exact = (double)sorted[(size_t)(q[i] * (double)n)];
		double got = (double)histogram_quantile(h, q[i]);

		assert_true(got - exact <= exact / 16 && exact - got <= exact / 16);
		if (exact < 16)
			assert_true(got == exact);
	}
	assert_int_equal(histogram_quantile(h, 1), sorted[n - 1]);
}

/* Against all times, sorted: below 16 ns, over all octaves, and all the same. */
static void test_quantiles(void **state)
{
	enum { N = 20000 };
	static uint64_t ns[N];
	uint32_t seed = 9;

	for (int shape = 0; shape < 4; shape++) {
		struct histogram h = { 0 };
		uint64_t sum = 0;

		for (int i = 0; i < N; i++) {
			seed = seed * 1664525 + 1013904223;
			ns[i] = seed >> 8;
			if (shape == 0)
				ns[i] %= 20;
			else if (shape == 1)
				ns[i] = (1ull << (seed >> 26) % 39) + ns[i] % 1000;
			else if (shape == 2)
				ns[i] = 1234567;
			sum += ns[i];
			histogram_add(&h, ns[i]);
		}
		qsort(ns, N, sizeof(ns[0]), by_size);
		assert_int_equal(h.count, N);
		assert_int_equal(h.sum, sum);
		assert_int_equal(h.max, ns[N - 1]);
		assert_int_equal(histogram_mean(&h), sum / N);
		check(ns, N, &h);
	}
}

static void test_merge_and_remove(void **state)
{
	struct histogram a = { 0 }, b = { 0 }, all = { 0 };

	for (uint64_t i = 1; i < 5000; i++) {
		histogram_add(i % 3 ? &a : &b, i * i);
		histogram_add(&all, i * i);
	}
	histogram_merge(&a, &b);
	assert_memory_equal(&a, &all, sizeof(a));
	histogram_add(&a, 77);
	histogram_remove(&a, 77);
	assert_memory_equal(&a, &all, sizeof(a));
	histogram_remove(&a, 1ull << 39); /* never added: nothing happens */
	assert_memory_equal(&a, &all, sizeof(a));
}

static void test_limits(void **state)
{
	struct histogram h = { 0 };

	histogram_add(&h, UINT64_MAX / 2);
	histogram_add(&h, 1);
	assert_int_equal(h.max, UINT64_MAX / 2);
	assert_int_equal(histogram_quantile(&h, 0.9), UINT64_MAX / 2);
	assert_int_equal(histogram_quantile(&h, 0), 1);
	h.bucket[1] = UINT32_MAX;
	histogram_add(&h, 1);
	assert_int_equal(h.bucket[1], UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_merge_and_remove),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
