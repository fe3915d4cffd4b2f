/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes of packets: the newest that fit, found by packet, copy and time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/bytes_ring.h"
#include "model/store.h"

#define ROOM 4096u

struct sent {
	struct event_bytes ev;
	unsigned char data[SNAP_MAX];
};

/* Bytes that tell which ones they are. */
static size_t make(struct sent *b, uint64_t packet, uint32_t copy, uint64_t ts, uint16_t len)
{
	memset(b, 0, sizeof(*b));
	b->ev.ev.type = EVENT_BYTES;
	b->ev.ev.packet = packet;
	b->ev.ev.copy = copy;
	b->ev.ev.ts = ts;
	b->ev.ev.len = len + 100u;
	b->ev.len = len;
	b->ev.l3 = len > 14 ? 14 : 0;
	b->ev.proto = 0x0800;
	for (uint16_t i = 0; i < len; i++)
		b->ev.data[i] = (unsigned char)(packet * 7 + ts * 3 + i);
	return sizeof(b->ev) + len;
}

static bool is_whole(const struct packet_bytes *snap)
{
	for (uint16_t i = 0; i < snap->len; i++) {
		if (snap->data[i] != (unsigned char)(snap->packet * 7 + snap->ts * 3 + i))
			return false;
	}
	return snap->skb_len == snap->len + 100u && snap->proto == 0x0800;
}

/* Whatever came, the newest are there, whole, and the oldest are those that left. */
static void the_newest_stay(void **state)
{
	unsigned char *v = aligned_alloc(64, ROOM);
	struct bytes_ring s = { .v = v, .size = ROOM };
	struct sent b;
	unsigned int seed = 7;
	const uint64_t last = 20000;

	(void)state;
	for (uint64_t i = 1; i <= last; i++) {
		uint16_t len = (uint16_t)(1 + rand_r(&seed) % 900);

		bytes_ring_add(&s, &b.ev, make(&b, i, 0, i, len));
		assert_non_null(bytes_ring_find(&s, i, 0, i));
		assert_true(s.n + s.gone == i);
		for (uint64_t k = i; k > 0 && k + 40 > i; k--) {
			const struct packet_bytes *snap = bytes_ring_find(&s, k, 0, k);

			assert_int_equal(snap != NULL, k + s.n > i);
			assert_true(!snap || is_whole(snap));
		}
	}
	assert_true(s.n >= 3);
	free(v);
}

static void by_copy_and_time(void **state)
{
	unsigned char *v = aligned_alloc(64, ROOM);
	struct bytes_ring s = { .v = v, .size = ROOM };
	struct sent b;

	(void)state;
	assert_null(bytes_ring_find(&s, 5, 0, 100));
	bytes_ring_add(&s, &b.ev, make(&b, 5, 0, 100, 40));
	bytes_ring_add(&s, &b.ev, make(&b, 6, 0, 110, 40));
	bytes_ring_add(&s, &b.ev, make(&b, 5, 1, 200, 50));
	bytes_ring_add(&s, &b.ev, make(&b, 5, 0, 300, 60));
	assert_int_equal(bytes_ring_find(&s, 5, 0, 100)->ts, 100);
	assert_int_equal(bytes_ring_find(&s, 5, 0, 250)->ts, 100);
	assert_int_equal(bytes_ring_find(&s, 5, 1, 250)->ts, 200);
	assert_int_equal(bytes_ring_find(&s, 5, 0, 999)->ts, 300);
	assert_int_equal(
		bytes_ring_find(&s, 5, 1, 150)->ts, 100); /* the copy had none yet: what it was made of */
	assert_int_equal(bytes_ring_find(&s, 5, 9, 250)->ts, 200);
	assert_int_equal(bytes_ring_find(&s, 5, 0, 10)->ts, 100); /* before the first */
	assert_null(bytes_ring_find(&s, 7, 0, 999));
	free(v);
}

static void broken_ones_are_not_kept(void **state)
{
	unsigned char *v = aligned_alloc(64, ROOM);
	struct bytes_ring s = { .v = v, .size = ROOM }, none = { 0 };
	struct sent b;
	size_t size = make(&b, 5, 0, 100, 40);

	(void)state;
	bytes_ring_add(&none, &b.ev, size);
	bytes_ring_add(&s, &b.ev, size - 1);
	bytes_ring_add(&s, &b.ev, sizeof(b.ev) - 1);
	b.ev.l3 = 41;
	bytes_ring_add(&s, &b.ev, size);
	bytes_ring_add(&s, &b.ev, make(&b, 5, 0, 100, 0));
	bytes_ring_add(&s, &b.ev, make(&b, 5, 0, 100, 1500)); /* more than its share */
	assert_int_equal(s.n, 0);
	assert_int_equal(s.gone, 1); /* that one was whole */
	assert_int_equal(none.gone, 1);
	free(v);
}

/* In the store they take none but the budget's memory, and leave packets their room. */
static void in_the_store(void **state)
{
	struct store *store = store_new(1 << 20);
	struct store_totals totals;
	struct sent b;

	(void)state;
	for (uint64_t i = 1; i <= 50000; i++) {
		struct event_full full = { 0 };

		full.ev.type = EVENT_FUNC_FULL;
		full.ev.packet = i;
		full.ev.ts = i * 10;
		store_add(store, &full.ev, sizeof(full));
		store_add(store, &b.ev.ev, make(&b, i, 0, i * 10, (uint16_t)(20 + i % 300)));
		assert_true(store_packet(store, i) != NULL);
		assert_true(is_whole(store_bytes(store, i, 0, i * 10)));
	}
	store_totals(store, &totals);
	assert_true(totals.bytes <= totals.budget);
	assert_true(store_bytes_gone(store) > 0);
	assert_null(store_bytes(store, 1, 0, 10));
	assert_null(store_packet(store, 1));
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_stay),
		cmocka_unit_test(by_copy_and_time),
		cmocka_unit_test(broken_ones_are_not_kept),
		cmocka_unit_test(in_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
