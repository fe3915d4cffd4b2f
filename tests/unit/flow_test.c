/* SPDX-License-Identifier: GPL-2.0 */
/* What a flow knows of its packets: their times, and how far TCP has come. */
#include "unit/sender.h"

#include "model/flow_state.h"
#include "model/flow_times.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static void test_states(void **state)
{
	static const struct {
		uint8_t flags, direction, then;
	} steps[] = {
		{ SYN, 0, FLOW_NEW },
		{ SYN | ACK, 1, FLOW_NEW },
		{ SYN, 0, FLOW_NEW },
		{ ACK, 0, FLOW_ESTABLISHED },
		{ SYN | ACK, 1, FLOW_ESTABLISHED }, /* late */
		{ ACK | 8, 1, FLOW_ESTABLISHED },
		{ FIN | ACK, 1, FLOW_CLOSING },
		{ ACK, 0, FLOW_CLOSING },
		{ FIN | ACK, 1, FLOW_CLOSING }, /* sent again */
		{ FIN | ACK, 0, FLOW_CLOSED },
		{ ACK, 1, FLOW_CLOSED },
		{ RST, 1, FLOW_CLOSED },
		{ SYN, 0, FLOW_NEW }, /* the same ports again */
		{ RST | ACK, 1, FLOW_RESET },
		{ ACK, 0, FLOW_RESET },
		{ FIN | ACK, 0, FLOW_RESET },
		{ SYN, 0, FLOW_NEW },
	};
	struct flow_progress p = { 0 };
	struct wire_tuple t = tuple(1, 1000), other = tuple(1, 1000);

	other.proto = 17;
	other.tcp_flags = SYN;
	flow_state_seen(&p, &other, 0);
	assert_int_equal(p.state, FLOW_UNKNOWN);
	other = t;
	other.flags |= TUPLE_SOCKET;
	other.tcp_flags = RST;
	flow_state_seen(&p, &other, 0);
	flow_state_seen(&p, &t, 0); /* no flags */
	assert_int_equal(p.state, FLOW_UNKNOWN);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		t.tcp_flags = steps[i].flags;
		flow_state_seen(&p, &t, steps[i].direction);
		assert_int_equal(p.state, steps[i].then);
	}
	p.state = FLOW_UNKNOWN; /* joined in the middle */
	t.tcp_flags = ACK;
	flow_state_seen(&p, &t, 1);
	assert_int_equal(p.state, FLOW_ESTABLISHED);
	assert_string_equal(flow_state_name(FLOW_UNKNOWN), "-");
	assert_string_equal(flow_state_name(FLOW_RESET), "reset");
	assert_string_equal(flow_state_name((enum flow_state)77), "?");
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* As long as nothing was halved: within a quarter. */
static void test_times_exact(void **state)
{
	enum { N = 250 };
	uint64_t ns[N], sum = 0;
	uint32_t seed = 4;

	for (int round = 0; round < 200; round++) {
		struct flow_times t = { 0 };

		for (int i = 0; i < N; i++) {
			seed = seed * 1664525 + 1013904223;
			ns[i] = (384ull << (seed >> 27) * 25 / 32) + (seed >> 10 & 255);
			flow_times_add(&t, ns[i]);
		}
		qsort(ns, N, sizeof(ns[0]), by_size);
		assert_int_equal(t.n, N);
		assert_int_equal(t.max, ns[N - 1]);
		for (int i = 0; i < 100; i++) {
			double exact = (double)ns[i * N / 100], got;

			got = (double)flow_times_quantile(&t, (i * N / 100 + 0.5) / N);
			assert_true(got <= exact * 1.2501 && got >= exact * 0.7499);
		}
		assert_int_equal(flow_times_quantile(&t, 1), t.max);
		sum += t.sum;
	}
	assert_true(sum > 0);
}

/* A million, halved many times: shares stay what they are. */
static void test_times_many(void **state)
{
	struct flow_times t = { 0 };
	uint32_t seed = 4;

	assert_int_equal(flow_times_quantile(&t, 0.5), 0);
	for (int i = 0; i < 1000000; i++) {
		seed = seed * 1664525 + 1013904223;
		/* 2 % take a millisecond, the others from 10 to 20 µs */
		flow_times_add(&t, (seed >> 8) % 50 == 0 ? 1000000 : 10000 + (seed >> 8) % 10000);
	}
	assert_int_equal(t.n, 1000000);
	assert_in_range(flow_times_quantile(&t, 0.5), 11000, 19000);
	assert_in_range(flow_times_quantile(&t, 0.9), 15000, 25000);
	assert_in_range(flow_times_quantile(&t, 0.995), 750000, 1000000);
	assert_in_range(t.sum / t.n, 34000, 36000);
	/* and the old times are forgotten */
	for (int i = 0; i < 5000; i++)
		flow_times_add(&t, 100);
	assert_in_range(flow_times_quantile(&t, 0.99), 0, 256);
	assert_int_equal(t.max, 1000000);
	flow_times_add(&t, UINT64_MAX / 4);
	assert_int_equal(t.max, UINT64_MAX / 4);
}

static void test_in_the_store(void **state)
{
	struct sender s = { .store = store_new(4 << 20), .packet = 7 };
	struct wire_tuple t = tuple(1, 1000);
	const struct flow *f;

	t.tcp_flags = SYN;
	full(&s, 0, 0, t, 0); /* 10 */
	f = store_flow(s.store, 1);
	assert_int_equal(f->progress.state, FLOW_NEW);
	assert_int_equal(f->times.n, 0);
	s.ts = 10000;
	end(&s, 0, 0); /* 10010 */
	assert_int_equal(f->times.n, 1);
	assert_int_equal(f->times.sum, 10000);
	/* it goes on in another copy */
	full(&s, 1, 0, t, 0);
	s.ts = 20000;
	end(&s, 1, 0);
	assert_int_equal(f->times.n, 1);
	assert_int_equal(f->times.sum, 20000);
	assert_int_equal(f->times.max, 20000);
	assert_in_range(flow_times_quantile(&f->times, 0.5), 15000, 20000);
	/* one whose beginning is missing has no time */
	s = (struct sender){ .store = s.store, .packet = 8, .seq = { 1 } };
	t.tcp_flags = ACK;
	full(&s, 0, 0, t, 0);
	end(&s, 0, 0);
	assert_int_equal(f->times.n, 1);
	assert_int_equal(f->packets[0], 2);
	assert_int_equal(f->progress.state, FLOW_ESTABLISHED);
	store_free(s.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_times_exact),
		cmocka_unit_test(test_times_many),
		cmocka_unit_test(test_in_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
