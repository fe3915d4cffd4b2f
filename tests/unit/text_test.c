/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "export/list.h"
#include "export/sink.h"

static struct probe probes[] = {
	{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 }, .arg = 1 },
	{ .name = "nft_do_chain",
		.module = "nf_tables",
		.class = { LAYER_NETFILTER, CATEGORY_NFT, 1 },
		.arg = 2,
		.guessed = true },
	{ .name = "tcp_v4_rcv",
		.class = { LAYER_TCP, CATEGORY_TCP, 0 },
		.state = PROBE_UNUSABLE,
		.why = "not traceable" },
};
static const struct probe_table table = { .v = probes, .n = 3 };
static const char *const reasons[] = { "NOT_DROPPED_YET", NULL, "NOT_SPECIFIED", "NETFILTER_DROP" };
static const struct source_info info = { .reasons = reasons, .nreasons = 4 };

static void emit(struct store *store, struct sink *sink, const struct event *ev, size_t size)
{
	store_add(store, ev, size);
	sink->ops->event(sink, ev, size);
}

static void play(struct store *store, struct sink *sink)
{
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = 7, .ifindex = 2 }, .name = "va\x1b[m" };
	struct event_netns netns = { .ev = { .type = EVENT_NETNS, .netns = 7 }, .name = "caf\xc3\xa9" };
	struct event_full full = {
		.ev = { .ts = 5000000000,
			.packet = 99,
			.type = EVENT_FUNC_FULL,
			.len = 60,
			.ifindex = 2,
			.netns = 7 },
		.tuple = { .saddr = { 10, 1, 0, 2 },
			.daddr = { 10, 2, 0, 2 },
			.sport = 4000,
			.dport = 443,
			.l2proto = 0x0800,
			.proto = 6,
			.family = 4,
			.flags = TUPLE_IP | TUPLE_PORTS },
	};
	struct event ev = full.ev;
	struct event_drop drop = { .ev = full.ev, .location = 0xffffffff81000000, .reason = 3 };

	emit(store, sink, &dev.ev, sizeof(dev));
	emit(store, sink, &netns.ev, sizeof(netns));
	emit(store, sink, &full.ev, sizeof(full));
	ev.type = EVENT_FUNC;
	ev.ts += 2100;
	ev.func = 1;
	ev.cpu = 12;
	ev.netns = 4026531840;
	emit(store, sink, &ev, sizeof(ev));
	ev.packet = 0;
	ev.func = 1000;
	ev.netns = ev.ifindex = 0;
	ev.ts = full.ev.ts - 1000;
	emit(store, sink, &ev, sizeof(ev));
	drop.ev.type = EVENT_DROP;
	drop.ev.ts += 12345678901;
	emit(store, sink, &drop.ev, sizeof(drop));
	drop.ev.type = EVENT_END;
	emit(store, sink, &drop.ev, sizeof(drop.ev));
}

static void test_lines(void **state)
{
	static const uint64_t hits[] = { 1, 2, 0 };
	struct run_figures run = { .seconds = 2,
		.totals = { .events = 5, .attached = 2, .wanted = 3, .refused = 1, .lost_ring = 4 } };
	struct store *store = store_new(1 << 20);
	const struct summary_of of = {
		.info = &info, .probes = &table, .store = store, .run = &run, .hits = hits
	};
	static const char golden[] =
		"    seconds cpu packet netns      interface  layer     function                       len "
		"proto source > destination\n"
		"   0.000000   0      1 caf\xc3\xa9       va?[m      IPv4      ip_rcv                        "
		"  60 tcp 10.1.0.2:4000 > 10.2.0.2:443\n"
		"   0.000002  12      1 4026531840 #2         Netfilter nft_do_chain                    60 "
		"tcp 10.1.0.2:4000 > 10.2.0.2:443\n"
		"  -0.000001  12      - -          -          -         ?                               60\n"
		"  12.345678   0      1 caf\xc3\xa9       va?[m      DROPPED   NETFILTER_DROP                "
		"     tcp 10.1.0.2:4000 > 10.2.0.2:443 at 0xffffffff81000000\n"
		"  12.345678   0      1 caf\xc3\xa9       va?[m      end       dropped after 12s             "
		"     tcp 10.1.0.2:4000 > 10.2.0.2:443\n"
		"\n"
		"2.000 s: events 5, packets 1, dropped 1; functions attached 2 of 3, refused 1\n"
		"lost    4 events (ring 4, channel 0); hits not seen: nested 0, without identity 0\n"
		"drops   NETFILTER_DROP 1\n"
		"hits    IPv4 1, Netfilter 2\n"
		"top              2  Netfilter nft_do_chain\n"
		"                 1  IPv4      ip_rcv\n";
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct sink *sink =
		sink_text.open(f, &(struct sink_options){ .probes = &table, .info = &info, .store = store });

	play(store, sink);
	assert_int_equal(sink_text.finish(sink, &of), 0);
	sink_text.close(sink);
	store_free(store);
	fclose(f);
	assert_string_equal(text, golden);
	free(text);
}

static void test_output_full(void **state)
{
	struct run_figures run = { 0 };
	struct store *store = store_new(1 << 20);
	const struct summary_of of = { .probes = &table, .store = store, .run = &run };
	FILE *out = fopen("/dev/full", "w");
	struct sink *sink;

	if (!out) {
		print_message("skipped: /dev/full cannot be opened\n");
		skip();
	}
	sink = sink_text.open(out, &(struct sink_options){ .probes = &table, .info = &info, .store = store });
	play(store, sink);
	assert_int_equal(sink_text.flush(sink, 0), -ENOSPC);
	assert_int_equal(sink_text.finish(sink, &of), -ENOSPC);
	sink_text.close(sink);
	store_free(store);
	fclose(out);
}

static void test_list(void **state)
{
	static const char golden[] =
		"function     module    layer     category  priority arg  attachable\n"
		"ip_rcv       -         IPv4      ip               0   1  yes\n"
		"nft_do_chain nf_tables Netfilter nft              1  2?  yes\n"
		"tcp_v4_rcv   -         TCP       tcp              0   -  not traceable\n";
	bool show[] = { false, false, true };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(list_text(f, &table, NULL), 0);
	assert_string_equal(text, golden);
	assert_int_equal(list_text(f, &table, show), 0);
	assert_non_null(strstr(text + sizeof(golden) - 1, "tcp_v4_rcv"));
	assert_null(strstr(text + sizeof(golden) - 1, "ip_rcv"));
	fclose(f);
	free(text);
	f = fopen("/dev/full", "w");
	assert_int_equal(list_text(f, &table, NULL), -ENOSPC);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_output_full),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
