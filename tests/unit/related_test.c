/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that belong together: echo and answer, one connection; also where addresses are rewritten. */
#include "unit/sender.h"

#include "model/related.h"

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

static struct wire_tuple echo(uint8_t host, uint16_t id, uint16_t number, bool reply)
{
	struct wire_tuple t = tuple(host, id);

	t.proto = 1;
	t.dport = number;
	t.flags = TUPLE_IP | TUPLE_ICMP | TUPLE_ICMP_ID;
	t.icmp_type = reply ? 0 : 8;
	if (reply) {
		memcpy(t.daddr, t.saddr, 4);
		memcpy(t.saddr, (uint8_t[]){ 10, 1, 0, 1 }, 4);
	}
	return t;
}

static void packet_of(struct store *store, uint64_t id, uint64_t ts, struct wire_tuple t, uint64_t ct)
{
	struct sender s = { .store = store, .packet = id, .ts = ts };

	full(&s, 0, 0, t, ct);
}

static size_t related(struct store *store, uint64_t id, struct related *out, size_t max)
{
	return store_related(store, store_packet(store, id), out, max);
}

static void test_echo(void **state)
{
	struct related r[64];

	for (uint16_t i = 0; i < 200; i++) {
		packet_of(*state, 1 + i * 2u, i * 1000u, echo(1, 77, i, false), 0);
		packet_of(*state, 2 + i * 2u, i * 1000u + 300, echo(1, 77, i, true), 0);
		packet_of(*state, 10001 + i, i * 1000u, echo(1, 78, i, true), 0); /* of another */
	}
	assert_int_equal(related(*state, 201, r, 64), 1);
	assert_int_equal(r[0].id, 202);
	assert_int_equal(r[0].kind, RELATED_REPLY);
	assert_int_equal(r[0].apart, 300);
	assert_int_equal(r[0].first, 100310);
	assert_int_equal(related(*state, 2, r, 64), 1);
	assert_int_equal(r[0].id, 1);
	assert_int_equal(related(*state, 10001, r, 64), 0);
	assert_int_equal(related(*state, 201, r, 0), 0);
}

static void test_connection(void **state)
{
	struct related r[64];

	/* one connection, then another with the same addresses; entries say more in their lowest bits */
	for (uint16_t i = 0; i < 20; i++)
		packet_of(*state, 1 + i, i * 1000u, tuple(1, 1000), i < 10 ? 0xff00u + i % 3 : 0xee00);
	assert_int_equal(related(*state, 5, r, 64), 9);
	for (int i = 0; i < 9; i++) {
		assert_in_range(r[i].id, 1, 10);
		assert_int_equal(r[i].kind, RELATED_CONNECTION);
		assert_int_equal(r[i].apart, (i / 2 + 1) * 1000); /* 4 and 6, 3 and 7 ... */
	}
	assert_int_equal(related(*state, 5, r, 3), 3);
	/* no entry is no connection; and the same address much later is chance */
	packet_of(*state, 100, 30000, tuple(2, 1000), 0);
	packet_of(*state, 101, 31000, tuple(2, 1000), 0);
	packet_of(*state, 102, 32000, tuple(2, 1000), 0xaa00);
	packet_of(*state, 103, 32000 + 11000000000, tuple(2, 1000), 0xaa00);
	assert_int_equal(related(*state, 100, r, 64), 0);
	assert_int_equal(related(*state, 102, r, 64), 0);
}

/* The answer goes to the rewritten address, and is of another flow at first. */
static void test_rewritten(void **state)
{
	struct related r[64];

	for (uint16_t i = 0; i < 1000; i++) {
		struct sender s = { .store = *state, .packet = 1 + i * 2u, .ts = i * 1000u };

		full(&s, 0, 0, echo(1, 77, i, false), 0);
		full(&s, 0, 0, echo(99, 500, i, false), 0xab00);
		s = (struct sender){ .store = *state, .packet = 2 + i * 2u, .ts = i * 1000u + 400 };
		full(&s, 0, 0, echo(99, 500, i, true), 0);
		full(&s, 0, 0, echo(1, 77, i, true), 0xab02);
	}
	assert_int_not_equal(store_packet(*state, 1)->flow, store_packet(*state, 2)->flow);
	for (uint64_t id = 1; id < 2000; id += 122) {
		assert_int_equal(related(*state, id, r, 64), 64);
		assert_int_equal(r[0].id, id + 1);
		assert_int_equal(r[0].kind, RELATED_REPLY);
		assert_int_equal(r[0].apart, 400);
		assert_int_equal(r[1].kind, RELATED_CONNECTION);
		assert_int_equal(related(*state, id + 1, r, 1), 1);
		assert_int_equal(r[0].id, id);
	}
}

static void test_nothing_known(void **state)
{
	struct sender s = { .store = *state, .packet = 1 };
	struct related r[4];

	func(&s, 0, 1);
	assert_int_equal(related(*state, 1, r, 4), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_echo),
		TEST(test_connection),
		TEST(test_rewritten),
		TEST(test_nothing_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
