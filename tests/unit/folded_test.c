/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "export/formats.h"
#include "unit/sender.h"

static struct probe probes[] = {
	{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
	{ .name = "odd;na me", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
	{ .name = "dev_hard_start_xmit", .class = { LAYER_XMIT, CATEGORY_NETDEV, 0 } },
};
static const struct probe_table table = { .v = probes, .n = 3 };
static const struct source_info info = { 0 };

struct out {
	struct store *store;
	struct sink *sink;
	FILE *file;
	char *text, note[200];
	size_t len;
};

static int setup(void **state)
{
	struct out *o = calloc(1, sizeof(*o));
	struct sink_options options = { .probes = &table,
		.info = &info,
		.store = o->store = store_new(4 << 20),
		.note = o->note,
		.note_size = sizeof(o->note) };

	o->file = open_memstream(&o->text, &o->len);
	o->sink = sink_folded.open(o->file, &options);
	*state = o;
	return o->sink ? 0 : -1;
}

static int teardown(void **state)
{
	struct out *o = *state;

	o->sink->ops->close(o->sink);
	store_free(o->store);
	fclose(o->file);
	free(o->text);
	free(o);
	return 0;
}

static void to_sink(void *sink, const struct event *ev, size_t size)
{
	struct sink *s = sink;

	assert_int_equal(s->ops->event(s, ev, size), 0);
}

static const char *finish(struct out *o)
{
	assert_int_equal(o->sink->ops->finish(o->sink, NULL), 0);
	return o->text;
}

/* Records of the sender are 10 ns apart. */
static void test_paths(void **state)
{
	struct out *o = *state;
	struct sender s = { .to = to_sink, .ctx = o->sink };

	for (s.packet = 1; s.packet < 3; s.packet++) {
		memset(s.seq, 0, sizeof(s.seq));
		full(&s, 0, 0, tuple(1, 4000), 0);
		at_hook(&s, 0, NF_DECIDED_ACCEPT, 0); /* time at a hook is its function's */
		func(&s, 0, 1);
		func(&s, 0, 2);
		end(&s, 0, 0);
	}
	/* a copy has a way of its own; what the first one did in between counts there */
	full(&s, 0, 0, tuple(1, 4000), 0);
	full(&s, 1, 0, tuple(1, 4000), 0);
	func(&s, 0, 0);
	to_socket(&s, 1, 4711);
	drop(&s, 0, 3);
	end(&s, 1, 0);
	/* begins behind its first function, and has no end */
	s.packet++;
	to_socket(&s, 0, 4712);
	func(&s, 0, 9);
	func(&s, 0, 0);
	assert_string_equal(finish(o), "transmitted;ip_rcv 40\n"
				       "transmitted;ip_rcv;odd_na_me 20\n"
				       "transmitted;ip_rcv;odd_na_me;dev_hard_start_xmit 20\n"
				       "dropped;ip_rcv 20\n"
				       "dropped;ip_rcv;ip_rcv 30\n"
				       "delivered;ip_rcv 50\n"
				       "live 10\n"
				       "live;function_9 10\n");
	assert_string_equal(o->note, "");
}

/* A record of another CPU that is a little older takes no time away. */
static void test_order(void **state)
{
	struct out *o = *state;
	struct sender s = { .to = to_sink, .ctx = o->sink, .packet = 1, .ts = 1000 };

	func(&s, 0, 0);
	s.ts -= 500;
	func(&s, 0, 0);
	s.ts = 1100;
	end(&s, 0, 0);
	func(&s, 0, 0); /* behind its end */
	assert_string_equal(finish(o), "consumed;ip_rcv;ip_rcv 100\n");
}

struct sums {
	struct sink *sink;
	uint64_t first[8][64], last[8][64]; /* of packets 1 ... 8 in turn, by copy */
	uint64_t all;
};

static void count(void *ctx, const struct event *ev, size_t size)
{
	struct sums *sums = ctx;
	uint64_t *first = &sums->first[ev->packet % 8][ev->copy],
		 *last = &sums->last[ev->packet % 8][ev->copy];

	to_sink(sums->sink, ev, size);
	*first = *first ? *first : ev->ts;
	*last = ev->ts;
	if (ev->type != EVENT_END)
		return;
	sums->all += *last - *first;
	*first = 0;
}

static uint64_t sum_of_lines(const char *text)
{
	uint64_t sum = 0;

	for (const char *p = text; *p; p = strchr(p, '\n') + 1)
		sum += strtoull(p + strcspn(p, " "), NULL, 10);
	return sum;
}

/* Whatever happens, the lines are all the time there was: paths of any length, also beyond the longest. */
static void test_sum(void **state)
{
	struct out *o = *state;
	struct sums sums = { .sink = o->sink };
	struct sender s = { .to = count, .ctx = &sums };
	uint32_t seed = 1;

	for (s.packet = 1; s.packet < 400; s.packet++) {
		uint32_t hops = s.packet % 50 ? s.packet % 40 : 700;

		for (uint32_t i = 0; i < hops; i++) {
			seed = seed * 1664525 + 1013904223;
			s.ts += seed >> 20;
			func(&s, (seed >> 8) % 4, (uint16_t)(seed >> 16) % 5);
		}
		for (uint32_t copy = 0; copy < 4; copy++) {
			if (sums.first[s.packet % 8][copy] && copy % 2)
				drop(&s, copy, 2);
			else if (sums.first[s.packet % 8][copy])
				end(&s, copy, 0);
		}
	}
	assert_true(sums.all > 0);
	assert_int_equal(sum_of_lines(finish(o)), sums.all);
	assert_null(strstr(o->text, "(other)")); /* 700 hops in four copies are below 256 each */
	assert_string_equal(o->note, "");
}

static void test_long(void **state)
{
	struct out *o = *state;
	struct sender s = { .to = to_sink, .ctx = o->sink, .packet = 1 };

	for (int i = 0; i < 1000; i++)
		func(&s, 0, 0);
	end(&s, 0, 0);
	assert_int_equal(sum_of_lines(finish(o)), 1000 * 10);
	assert_non_null(strstr(o->text, "\n(other) 7440\n"));
}

/* Copies that never end: the oldest are given up, and told. */
static void test_crowd(void **state)
{
	struct out *o = *state;
	struct sender s = { .to = to_sink, .ctx = o->sink };

	for (s.packet = 1; s.packet <= 65536 + 5; s.packet++) {
		func(&s, 0, 0);
		func(&s, 0, 1);
	}
	assert_string_equal(finish(o), "live;ip_rcv 655410\n");
	assert_non_null(strstr(o->note, "5 copies"));
}

static void test_output_full(void **state)
{
	struct sink_options options = { .probes = &table, .store = store_new(4 << 20) };
	FILE *out = fopen("/dev/full", "w");
	struct sink *sink;
	struct sender s = { .packet = 1, .to = to_sink };

	assert_non_null(out);
	sink = sink_folded.open(out, &options);
	s.ctx = sink;
	func(&s, 0, 0);
	end(&s, 0, 0);
	assert_int_equal(sink->ops->finish(sink, NULL), -ENOSPC);
	sink->ops->close(sink);
	store_free((struct store *)options.store);
	fclose(out);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_paths),
		TEST(test_order),
		TEST(test_sum),
		TEST(test_long),
		TEST(test_crowd),
		cmocka_unit_test(test_output_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
