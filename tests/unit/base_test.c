/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/hashmap.h"
#include "base/human.h"
#include "base/strbuf.h"

static void test_human_count(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 999, "999" },
		{ 1000, "1.0k" },
		{ 1299, "1.2k" },
		{ 41234, "41.2k" },
		{ 99999, "99.9k" },
		{ 412000, "412k" },
		{ 999999, "999k" },
		{ 1200000, "1.2M" },
		{ UINT64_MAX, "18.4E" },
	};
	char buf[HUMAN_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(human_count(buf, sizeof(buf), cases[i].n), cases[i].text);
	for (uint64_t n = 1; n < UINT64_MAX / 3; n = n * 3 + 1)
		assert_true(strlen(human_count(buf, sizeof(buf), n)) <= 5);
}

static void test_human_rate(void **state)
{
	char buf[HUMAN_MAX];

	assert_string_equal(human_rate(buf, sizeof(buf), 0), "0");
	assert_string_equal(human_rate(buf, sizeof(buf), 0.01), "0");
	assert_string_equal(human_rate(buf, sizeof(buf), 0.3), "0.3/s");
	assert_string_equal(human_rate(buf, sizeof(buf), 0.97), "1/s");
	assert_string_equal(human_rate(buf, sizeof(buf), 80.4), "80/s");
	assert_string_equal(human_rate(buf, sizeof(buf), 1100), "1.1k/s");
	assert_string_equal(human_rate(buf, sizeof(buf), -1), "0");
	assert_string_equal(human_rate(buf, sizeof(buf), 0.0 / (buf[0] == 'x' ? 1.0 : 0.0)), "0");
	assert_string_equal(human_rate(buf, sizeof(buf), 1e300), "999P/s");
}

static void test_human_ns(void **state)
{
	char buf[HUMAN_MAX];

	assert_string_equal(human_ns(buf, sizeof(buf), 340, false), "340ns");
	assert_string_equal(human_ns(buf, sizeof(buf), 9600, false), "9.6µs");
	assert_string_equal(human_ns(buf, sizeof(buf), 9600, true), "9.6us");
	assert_string_equal(human_ns(buf, sizeof(buf), 91000, false), "91µs");
	assert_string_equal(human_ns(buf, sizeof(buf), 999999, true), "999us");
	assert_string_equal(human_ns(buf, sizeof(buf), 1200000, false), "1.2ms");
	assert_string_equal(human_ns(buf, sizeof(buf), 3400000000, false), "3.4s");
	assert_string_equal(human_ns(buf, sizeof(buf), 125000000000, false), "2m05");
	assert_string_equal(human_ns(buf, sizeof(buf), 12000000000000, false), "3h20");
}

static void test_human_bytes(void **state)
{
	char buf[HUMAN_MAX];

	assert_string_equal(human_bytes(buf, sizeof(buf), 812), "812");
	assert_string_equal(human_bytes(buf, sizeof(buf), 1023), "0.9K");
	assert_string_equal(human_bytes(buf, sizeof(buf), 1024), "1.0K");
	assert_string_equal(human_bytes(buf, sizeof(buf), 4300000), "4.1M");
	assert_string_equal(human_bytes(buf, sizeof(buf), 256 << 20), "256M");
	assert_string_equal(human_bytes(buf, sizeof(buf), UINT64_MAX), "15.9E");
}

static void test_parse_size(void **state)
{
	uint64_t n = 7;

	assert_int_equal(parse_size("256M", &n), 0);
	assert_int_equal(n, 256 << 20);
	assert_int_equal(parse_size("64k", &n), 0);
	assert_int_equal(n, 64 << 10);
	assert_int_equal(parse_size("1GiB", &n), 0);
	assert_int_equal(n, 1 << 30);
	assert_int_equal(parse_size("12345", &n), 0);
	assert_int_equal(n, 12345);
	assert_int_equal(parse_size("512B", &n), 0);
	assert_int_equal(n, 512);
	n = 7;
	assert_int_equal(parse_size("", &n), -EINVAL);
	assert_int_equal(parse_size("-1", &n), -EINVAL);
	assert_int_equal(parse_size(" 1", &n), -EINVAL);
	assert_int_equal(parse_size("1X", &n), -EINVAL);
	assert_int_equal(parse_size("1M2", &n), -EINVAL);
	assert_int_equal(parse_size("1Mi", &n), -EINVAL);
	assert_int_equal(parse_size("18446744073709551616", &n), -ERANGE);
	assert_int_equal(parse_size("16E", &n), -ERANGE);
	assert_int_equal(n, 7);
}

static void test_clock(void **state)
{
	struct clock fixed = { .fixed = true, .now = 42 };
	uint64_t before = clock_now(NULL);

	assert_int_equal(clock_now(&fixed), 42);
	assert_true(before > 0 && clock_now(NULL) >= before);
}

static void test_strbuf(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	assert_string_equal(strbuf_str(&sb), "");
	for (int i = 0; i < 100; i++)
		strbuf_addf(&sb, "%d,", i);
	strbuf_putc(&sb, 'x');
	strbuf_puts(&sb, "yz");
	assert_int_equal(sb.len, 10 * 2 + 90 * 3 + 3);
	assert_string_equal(sb.s + sb.len - 6, "99,xyz");
	strbuf_clear(&sb);
	assert_string_equal(strbuf_str(&sb), "");
	strbuf_add(&sb, "a\0b", 3);
	assert_int_equal(sb.len, 3);
	assert_false(sb.failed);
	strbuf_add(&sb, "x", SIZE_MAX / 2);
	assert_true(sb.failed);
	strbuf_fini(&sb);
}

/* Against a plain array, with keys that collide and are removed again. */
static void test_hashmap(void **state)
{
	enum { KEYS = 5000 };
	uint32_t *model = calloc(KEYS, sizeof(*model));
	struct hashmap map;
	uint32_t seed = 1;
	size_t n = 0;

	assert_int_equal(hashmap_init(&map, 0), 0);
	assert_int_equal(hashmap_put(&map, 1, 0), -EINVAL);
	for (uint32_t i = 1; i < 200000; i++) {
		uint32_t key;

		seed = seed * 1664525 + 1013904223;
		key = (seed >> 8) % KEYS;
		if (seed & 0x80) {
			assert_int_equal(hashmap_put(&map, (uint64_t)key << 40 | key, i), 0);
			model[key] = i;
		} else {
			assert_int_equal(hashmap_del(&map, (uint64_t)key << 40 | key), model[key]);
			model[key] = 0;
		}
	}
	for (uint32_t key = 0; key < KEYS; key++) {
		assert_int_equal(hashmap_get(&map, (uint64_t)key << 40 | key), model[key]);
		n += model[key] != 0;
	}
	assert_int_equal(map.n, n);
	assert_true((map.mask + 1) * sizeof(*map.v) <= hashmap_bytes(KEYS));
	hashmap_fini(&map);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_human_count),
		cmocka_unit_test(test_human_rate),
		cmocka_unit_test(test_human_ns),
		cmocka_unit_test(test_human_bytes),
		cmocka_unit_test(test_parse_size),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_strbuf),
		cmocka_unit_test(test_hashmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
