/* SPDX-License-Identifier: GPL-2.0 */
/* Any record comes back as it was, whatever came before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recording/codec.h"

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Mostly near to the one before, sometimes anything. */
static size_t make_record(uint64_t *seed, uint8_t *record)
{
	static const size_t sizes[] = { 56, 56, 57, 63, 64, 104, 128, 136, 264, 311, 312, 320, 2112, 4095,
		4096 };
	uint64_t how = next_random(seed);
	struct event ev;
	size_t size = sizeof(ev);

	memcpy(&ev, record, sizeof(ev));
	ev.ts += how % 7 ? how >> 8 & 0xffff : 0 - (how >> 8 & 0xffffff);
	ev.func = (uint16_t)(how >> 3 & 31);
	ev.packet = how >> 20 & 63;
	ev.copy = how >> 30 & 1 ? (uint32_t)(how >> 32) & 3 : 0;
	ev.cpu = (uint16_t)(how >> 40 & 3);
	ev.seq++;
	ev.type = EVENT_FUNC;
	if (how % 5 == 0) {
		for (size_t i = 0; i < sizeof(ev); i++)
			((uint8_t *)&ev)[i] = (uint8_t)(next_random(seed) >> 11);
	}
	if (how % 3 == 0)
		size = sizes[next_random(seed) % (sizeof(sizes) / sizeof(sizes[0]))];
	for (size_t i = sizeof(ev); i < size; i++) {
		if (how >> 50 & 3 || i % 24 == 0)
			record[i] = (uint8_t)(next_random(seed) >> 13);
	}
	memcpy(record, &ev, sizeof(ev));
	return size;
}

static void test_any_record(void **state)
{
	enum { RECORDS = 20000, BLOCK = 300 };
	static _Alignas(8) uint8_t made[BLOCK][CODEC_EVENT_MAX], out[BLOCK * CODEC_PUT_MAX];
	static _Alignas(8) uint8_t record[CODEC_EVENT_MAX], back[CODEC_EVENT_MAX];
	struct codec *in = malloc(sizeof(*in)), *from = malloc(sizeof(*from));
	size_t size[BLOCK];
	uint64_t seed = 88172645463325252u;

	assert_true(in && from);
	for (size_t done = 0; done < RECORDS; done += BLOCK) {
		struct bytes bytes = { .p = out };
		uint8_t *end = out;

		codec_reset(in);
		codec_reset(from);
		for (size_t i = 0; i < BLOCK; i++) {
			uint8_t *before = end;

			size[i] = make_record(&seed, record);
			memcpy(made[i], record, size[i]);
			end = codec_put(in, (const struct event *)(const void *)record, size[i], end);
			assert_true((size_t)(end - before) <= CODEC_PUT_MAX);
		}
		bytes.end = end;
		for (size_t i = 0; i < BLOCK; i++) {
			assert_int_equal(codec_get(from, &bytes, (struct event *)(void *)back), size[i]);
			assert_memory_equal(back, made[i], size[i]);
		}
		assert_ptr_equal(bytes.p, bytes.end);
	}
	free(in);
	free(from);
}

/* Bytes of somebody else: a size that is allowed, or none, and never more than there is. */
static void test_any_bytes(void **state)
{
	static _Alignas(8) uint8_t back[CODEC_EVENT_MAX];
	struct codec *c = malloc(sizeof(*c));
	uint64_t seed = 2463534242u;
	size_t good = 0, bad = 0;

	assert_non_null(c);
	for (int round = 0; round < 3000; round++) {
		uint8_t *bytes = malloc(64); /* its own: a byte too far is seen */
		struct bytes in = { .p = bytes, .end = bytes + 64 };

		assert_non_null(bytes);
		for (int i = 0; i < 64; i++)
			bytes[i] = (uint8_t)(next_random(&seed) >> 21 & (round & 1 ? 0xff : 0x3f));
		codec_reset(c);
		while (in.p < in.end) {
			size_t size = codec_get(c, &in, (struct event *)(void *)back);

			good += !!size;
			bad += !size;
			if (!size)
				break;
			assert_in_range(size, sizeof(struct event), CODEC_EVENT_MAX);
		}
		free(bytes);
	}
	assert_true(good && bad);
	free(c);
}

/* What one packet after the other does on one CPU takes a few bytes. */
static void test_short(void **state)
{
	enum { PACKETS = 100, HOPS = 50 };
	static uint8_t out[PACKETS * HOPS * 32];
	struct codec *c = malloc(sizeof(*c));
	uint8_t *end = out;
	struct event ev = { .type = EVENT_FUNC, .netns = 4026531840u, .ifindex = 2, .len = 84 };

	assert_non_null(c);
	codec_reset(c);
	for (int i = 0; i < PACKETS * HOPS; i++) {
		ev.ts += 150 + i % 40;
		ev.packet = 1 + i / HOPS;
		ev.skb = 0xffff888100000000ull + ev.packet * 256;
		ev.func = (uint16_t)(i % HOPS * 13);
		ev.seq = (uint16_t)(i % HOPS);
		end = codec_put(c, &ev, sizeof(ev), end);
	}
	assert_true(end - out < PACKETS * HOPS * 4);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_record),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
