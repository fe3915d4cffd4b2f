/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "export/groups.h"
#include "export/list.h"
#include "export/sink.h"

enum { IP_RCV, NFT_DO_CHAIN };

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

struct out {
	struct store *store;
	struct sink *sink;
	FILE *file;
	char *text;
	size_t len, checked;
};

static void open_sink(struct out *o, const struct sink_ops *ops, struct sink_options options)
{
	*o = (struct out){ .store = store_new(1 << 20) };
	o->file = open_memstream(&o->text, &o->len);
	store_probes(o->store, &table);
	options.probes = &table;
	options.info = &info;
	options.store = o->store;
	o->sink = ops->open(o->file, &options);
	assert_non_null(o->sink);
}

static void close_sink(struct out *o)
{
	o->sink->ops->close(o->sink);
	store_free(o->store);
	fclose(o->file);
	free(o->text);
}

/* What was written since the last time must be that. */
static void check(struct out *o, const char *golden)
{
	fflush(o->file);
	assert_string_equal(o->text + o->checked, golden);
	o->checked = o->len;
}

static void emit(struct out *o, const struct event *ev, size_t size)
{
	store_add(o->store, ev, size);
	assert_int_equal(o->sink->ops->event(o->sink, ev, size), 0);
}

static struct event_full full_record(uint64_t packet, uint64_t ts)
{
	return (struct event_full){
		.ev = { .ts = ts,
			.packet = packet,
			.type = EVENT_FUNC_FULL,
			.len = 60,
			.ifindex = 2,
			.netns = 7 },
		.tuple = { .saddr = { 10, 1, 0, 2 },
			.daddr = { 10, 2, 0, (uint8_t)packet },
			.sport = 4000,
			.dport = 443,
			.l2proto = 0x0800,
			.proto = 6,
			.family = 4,
			.flags = TUPLE_IP | TUPLE_PORTS },
		.l3_len = 60,
	};
}

static void put_names(struct out *o)
{
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = 7, .ifindex = 2 }, .name = "va\x1b[m" };
	struct event_netns netns = { .ev = { .type = EVENT_NETNS, .netns = 7 }, .name = "caf\xc3\xa9" };

	emit(o, &dev.ev, sizeof(dev));
	emit(o, &netns.ev, sizeof(netns));
}

static void put_full(struct out *o, uint64_t packet, uint64_t ts)
{
	struct event_full full = full_record(packet, ts);

	emit(o, &full.ev, sizeof(full));
}

static void put(struct out *o, uint8_t type, uint64_t packet, uint64_t ts, uint16_t func, uint32_t copy)
{
	struct event_full full = full_record(packet, ts);
	struct event_drop drop = { .ev = full.ev, .location = 0xffffffff81000000, .reason = 3 };
	struct event_socket socket = { .ev = full.ev, .inode = 12, .uid = 33 };
	struct event *ev = type == EVENT_SOCKET ? &socket.ev : &drop.ev;

	ev->type = type;
	ev->func = func;
	ev->copy = copy;
	emit(o, ev, type == EVENT_DROP ? sizeof(drop) : type == EVENT_SOCKET ? sizeof(socket) : sizeof(*ev));
}

static void play(struct out *o)
{
	struct event ev = full_record(99, 5000002100).ev;

	put_names(o);
	put_full(o, 99, 5000000000);
	ev.type = EVENT_FUNC;
	ev.func = NFT_DO_CHAIN;
	ev.cpu = 12;
	ev.netns = 4026531840;
	emit(o, &ev, sizeof(ev));
	ev.packet = 0;
	ev.func = 1000;
	ev.netns = ev.ifindex = 0;
	ev.ts = 4999999000;
	emit(o, &ev, sizeof(ev));
	put(o, EVENT_DROP, 99, 17345678901, 0, 0);
	put(o, EVENT_END, 99, 17345678901, 0, 0);
}

static const uint64_t hits[] = { 1, 2, 0 };
static const struct run_figures run = { .seconds = 2,
	.totals = { .events = 5, .attached = 2, .wanted = 3, .refused = 1, .lost_ring = 4 } };

static int finish(struct out *o)
{
	return o->sink->ops->finish(o->sink,
		&(struct summary_of){
			.info = &info, .probes = &table, .store = o->store, .run = &run, .hits = hits });
}

static void test_lines(void **state)
{
	struct out o;

	open_sink(&o, &sink_text, (struct sink_options){ 0 });
	play(&o);
	assert_int_equal(finish(&o), 0);
	check(&o, "    seconds cpu packet netns      interface  layer     function                       "
		  "len proto source > destination\n"
		  "   0.000000   0      1 caf\303\251       va?[m      IPv4      ip_rcv                    "
		  "      60 tcp 10.1.0.2:4000 > 10.2.0.99:443\n"
		  "   0.000002  12      1 4026531840 #2         Netfilter nft_do_chain                    "
		  "60 tcp 10.1.0.2:4000 > 10.2.0.99:443\n"
		  "  -0.000001  12      - -          -          -         ?                               "
		  "60\n"
		  "  12.345678   0      1 caf\303\251       va?[m      DROPPED   NETFILTER_DROP            "
		  "         tcp 10.1.0.2:4000 > 10.2.0.99:443 at 0xffffffff81000000\n"
		  "  12.345678   0      1 caf\303\251       va?[m      end       dropped after 12s         "
		  "         tcp 10.1.0.2:4000 > 10.2.0.99:443\n"
		  "\n"
		  "2.000 s: events 5, packets 1, flows 1, delivered 0, dropped 1; functions attached 2 of "
		  "3, refused 1\n"
		  "lost     4 events (ring 4, channel 0); hits not seen: nested 0, without identity 0\n"
		  "packets  dropped 1\n"
		  "drops    NETFILTER_DROP 1\n"
		  "                  1  NETFILTER_DROP at 0xffffffff81000000\n"
		  "flows             1  tcp 10.1.0.2:4000 > 10.2.0.99:443  60 bytes, dropped 1\n"
		  "layers         hits                 times     p50     p90     p99     max\n"
		  "                  1  IPv4               1   2.1us   2.1us   2.1us   2.1us\n"
		  "                  2  Netfilter          1     12s     12s     12s     12s\n"
		  "                     packets            1     12s     12s     12s     12s\n"
		  "top               2  Netfilter nft_do_chain\n"
		  "                  1  IPv4      ip_rcv\n");
	close_sink(&o);
}

static void test_color(void **state)
{
	struct out o;

	open_sink(&o, &sink_text, (struct sink_options){ .color = true });
	play(&o);
	put(&o, EVENT_SOCKET, 99, 17345678902, 0, 1);
	assert_int_equal(finish(&o), 0);
	check(&o, "\033[2m    seconds cpu packet netns      interface  layer     function                  "
		  "     len proto source > destination\033[0m\n"
		  "   0.000000   0      1 caf\303\251       va?[m      \033[92mIPv4\033[0m      "
		  "\033[92mip_rcv\033[0m                          60 tcp 10.1.0.2:4000 > 10.2.0.99:443\n"
		  "   0.000002  12      1 4026531840 #2         \033[95mNetfilter\033[0m "
		  "\033[95mnft_do_chain\033[0m                    60 tcp 10.1.0.2:4000 > 10.2.0.99:443\n"
		  "  -0.000001  12      - -          -          -         ?                               "
		  "60\n"
		  "  12.345678   0      1 caf\303\251       va?[m      \033[1;31mDROPPED\033[0m   "
		  "\033[1;31mNETFILTER_DROP\033[0m                     tcp 10.1.0.2:4000 > 10.2.0.99:443 "
		  "at 0xffffffff81000000\n"
		  "  12.345678   0      1 caf\303\251       va?[m      \033[1;31mend\033[0m       "
		  "\033[1;31mdropped after 12s\033[0m                  tcp 10.1.0.2:4000 > 10.2.0.99:443\n"
		  "  12.345678   0    1.1 caf\303\251       va?[m      \033[32msocket\033[0m    "
		  "\033[32m[12] of uid 33\033[0m\n"
		  "\n"
		  "2.000 s: events 5, packets 1, flows 1, delivered 0, \033[1;31mdropped 1\033[0m; "
		  "functions attached 2 of 3, refused 1\n"
		  "\033[1mlost     \033[0m\033[1;31m4 events (ring 4, channel 0); hits not seen: nested 0, "
		  "without identity 0\033[0m\n"
		  "\033[1mpackets  \033[0m\033[2mlive 1\033[0m\n"
		  "\033[1mdrops    \033[0m\033[1;31mNETFILTER_DROP 1\033[0m\n"
		  "                  1  \033[1;31mNETFILTER_DROP\033[0m at 0xffffffff81000000\n"
		  "\033[1mflows    \033[0m         1  tcp 10.1.0.2:4000 > 10.2.0.99:443  60 bytes, "
		  "\033[1;31mdropped 1\033[0m\n"
		  "\033[1mlayers   \033[0m      hits                 times     p50     p90     p99     "
		  "max\n"
		  "                  1  \033[92mIPv4     \033[0m          1   2.1us   2.1us   2.1us   "
		  "2.1us\n"
		  "                  2  \033[95mNetfilter\033[0m          1     12s     12s     12s     "
		  "12s\n"
		  "                     packets            1     12s     12s     12s     12s\n"
		  "\033[1mtop      \033[0m         2  \033[95mNetfilter\033[0m nft_do_chain\n"
		  "                  1  \033[92mIPv4     \033[0m ip_rcv\n");
	close_sink(&o);
}

static void test_stats_only(void **state)
{
	struct out o;

	open_sink(&o, &sink_stats_text, (struct sink_options){ 0 });
	play(&o);
	assert_int_equal(o.sink->ops->flush(o.sink, 0), 0);
	check(&o, "");
	assert_int_equal(finish(&o), 0);
	check(&o, "2.000 s: events 5, packets 1, flows 1, delivered 0, dropped 1; functions attached 2 of "
		  "3, refused 1\n"
		  "lost     4 events (ring 4, channel 0); hits not seen: nested 0, without identity 0\n"
		  "packets  dropped 1\n"
		  "drops    NETFILTER_DROP 1\n"
		  "                  1  NETFILTER_DROP at 0xffffffff81000000\n"
		  "flows             1  tcp 10.1.0.2:4000 > 10.2.0.99:443  60 bytes, dropped 1\n"
		  "layers         hits                 times     p50     p90     p99     max\n"
		  "                  1  IPv4               1   2.1us   2.1us   2.1us   2.1us\n"
		  "                  2  Netfilter          1     12s     12s     12s     12s\n"
		  "                     packets            1     12s     12s     12s     12s\n"
		  "top               2  Netfilter nft_do_chain\n"
		  "                  1  IPv4      ip_rcv\n");
	close_sink(&o);
}

static void test_wall(void **state)
{
	struct out o;

	open_sink(&o, &sink_text, (struct sink_options){ .wall = true });
	o.sink->wall = 1700006398ll * 1000000000; /* 2023-11-14 23:59:58 */
	put_full(&o, 1, 123456789);
	put_full(&o, 1, 1999999999);
	put_full(&o, 1, 2000000000);
	put_full(&o, 1, 1000000000); /* of another CPU, late */
	assert_int_equal(o.sink->ops->flush(o.sink, 0), 0);
	check(&o, "     2023-11-14 cpu packet netns      interface  layer     function                     "
		  "  len proto source > destination\n"
		  "23:59:58.123456   0      1 7          #2         IPv4      ip_rcv                       "
		  "   60 tcp 10.1.0.2:4000 > 10.2.0.1:443\n"
		  "23:59:59.999999   0      1 7          #2         IPv4      ip_rcv                       "
		  "   60 tcp 10.1.0.2:4000 > 10.2.0.1:443\n"
		  "     2023-11-15\n"
		  "00:00:00.000000   0      1 7          #2         IPv4      ip_rcv                       "
		  "   60 tcp 10.1.0.2:4000 > 10.2.0.1:443\n"
		  "     2023-11-14\n"
		  "23:59:59.000000   0      1 7          #2         IPv4      ip_rcv                       "
		  "   60 tcp 10.1.0.2:4000 > 10.2.0.1:443\n");
	close_sink(&o);
}

/* Two packets at once; one that nothing more comes of; one that goes on behind its end. */
static void test_by_packet(void **state)
{
	struct out o;

	open_sink(&o, &sink_text, (struct sink_options){ .by_packet = true });
	put_full(&o, 1, 1000000000);
	put_full(&o, 2, 1000001000);
	put_full(&o, 3, 1000001500);
	put(&o, EVENT_FUNC, 1, 1000002000, NFT_DO_CHAIN, 0);
	put(&o, EVENT_FUNC, 2, 1000003000, NFT_DO_CHAIN, 0);
	put(&o, EVENT_FUNC, 2, 1000004000, NFT_DO_CHAIN, 1);
	put(&o, EVENT_SOCKET, 2, 1000005000, 0, 1);
	put(&o, EVENT_DROP, 1, 1000006000, 0, 0);
	assert_int_equal(o.sink->ops->flush(o.sink, 0), 0);
	check(&o, "");
	put(&o, EVENT_END, 1, 1000007000, 0, 0);
	put(&o, EVENT_END, 2, 1000008000, 0, 0);
	put(&o, EVENT_END, 2, 1000009000, 0, 1);
	put(&o, EVENT_FUNC, 2, 1000010000, IP_RCV, 2);
	assert_int_equal(o.sink->ops->flush(o.sink, 3000001500), 0);
	check(&o, "    seconds cpu packet netns      interface  layer     function                       "
		  "len proto source > destination\n"
		  "\n"
		  "packet 1  tcp 10.1.0.2:4000 > 10.2.0.1:443  dropped after 7.0us\n"
		  "   0.000000   0      1 7          #2         IPv4      ip_rcv                          "
		  "60 tcp 10.1.0.2:4000 > 10.2.0.1:443\n"
		  "   0.000002   0      1 7          #2         Netfilter nft_do_chain                    "
		  "60 tcp 10.1.0.2:4000 > 10.2.0.1:443\n"
		  "   0.000006   0      1 7          #2         DROPPED   NETFILTER_DROP                   "
		  "  tcp 10.1.0.2:4000 > 10.2.0.1:443 at 0xffffffff81000000\n"
		  "   0.000007   0      1 7          #2         end       dropped after 7.0us              "
		  "  tcp 10.1.0.2:4000 > 10.2.0.1:443\n"
		  "\n"
		  "packet 2  tcp 10.1.0.2:4000 > 10.2.0.2:443  delivered after 8.0us\n"
		  "   0.000001   0      2 7          #2         IPv4      ip_rcv                          "
		  "60 tcp 10.1.0.2:4000 > 10.2.0.2:443\n"
		  "   0.000003   0      2 7          #2         Netfilter nft_do_chain                    "
		  "60 tcp 10.1.0.2:4000 > 10.2.0.2:443\n"
		  "   0.000004   0    2.1 7          #2         Netfilter nft_do_chain                    "
		  "60\n"
		  "   0.000005   0    2.1 7          #2         socket    [12] of uid 33\n"
		  "   0.000008   0      2 7          #2         end       consumed after 7.0us             "
		  "  tcp 10.1.0.2:4000 > 10.2.0.2:443\n"
		  "   0.000009   0    2.1 7          #2         end       delivered after 5.0us\n");
	assert_int_equal(o.sink->ops->flush(o.sink, 3000001501), 0);
	check(&o, "\n"
		  "packet 3  tcp 10.1.0.2:4000 > 10.2.0.3:443  no end yet after 0ns\n"
		  "   0.000001   0      3 7          #2         IPv4      ip_rcv                          "
		  "60 tcp 10.1.0.2:4000 > 10.2.0.3:443\n");
	assert_int_equal(finish(&o), 0);
	check(&o, "\n"
		  "packet 2 goes on  tcp 10.1.0.2:4000 > 10.2.0.2:443  no end yet after 0ns\n"
		  "   0.000010   0    2.2 7          #2         IPv4      ip_rcv                          "
		  "60\n"
		  "\n"
		  "2.000 s: events 5, packets 3, flows 3, delivered 1, dropped 1; functions attached 2 of "
		  "3, refused 1\n"
		  "lost     4 events (ring 4, channel 0); hits not seen: nested 0, without identity 0\n"
		  "packets  dropped 1, live 2\n"
		  "drops    NETFILTER_DROP 1\n"
		  "                  1  NETFILTER_DROP at 0xffffffff81000000\n"
		  "flows             1  tcp 10.1.0.2:4000 > 10.2.0.1:443  60 bytes, dropped 1\n"
		  "                  1  tcp 10.1.0.2:4000 > 10.2.0.2:443  60 bytes\n"
		  "                  1  tcp 10.1.0.2:4000 > 10.2.0.3:443  60 bytes\n"
		  "layers         hits                 times     p50     p90     p99     max\n"
		  "                  1  IPv4               2   1.9us   1.9us   1.9us   2.0us\n"
		  "                  2  Netfilter          3   4.8us   4.8us   4.8us   5.0us\n"
		  "                     packets            2   7.9us   7.9us   7.9us   8.0us\n"
		  "top               2  Netfilter nft_do_chain\n"
		  "                  1  IPv4      ip_rcv\n");
	close_sink(&o);
}

/* More packets than may wait: the oldest are told, nothing is left out. */
static void test_by_packet_bounds(void **state)
{
	size_t lines = 0, heads = 0;
	struct out o;

	open_sink(&o, &sink_text, (struct sink_options){ .by_packet = true });
	for (uint64_t i = 1; i <= GROUPS_MAX + 5; i++)
		put_full(&o, i, 1000000000 + i);
	/* and one packet with more lines than all may have */
	for (uint64_t i = 0; i < 500000; i++)
		put(&o, EVENT_FUNC, GROUPS_MAX + 5, 1000100000 + i, IP_RCV, 0);
	assert_int_equal(finish(&o), 0);
	fflush(o.file);
	for (const char *p = o.text; *p; p = strchr(p, '\n') + 1) {
		heads += !strncmp(p, "packet ", 7);
		lines += !strncmp(p, "   0.", 5);
	}
	assert_int_equal(lines, GROUPS_MAX + 5 + 500000);
	assert_true(heads > GROUPS_MAX + 5);
	assert_non_null(
		strstr(o.text, "\npacket 16389 goes on  tcp 10.1.0.2:4000 > 10.2.0.5:443  no end yet"));
	assert_non_null(strstr(o.text, " packets were told before their end: more lines waited than 32 MiB"));
	close_sink(&o);
}

static void test_output_full(void **state)
{
	struct store *store = store_new(1 << 20);
	struct event_full full = full_record(1, 1);
	FILE *out = fopen("/dev/full", "w");
	struct sink *sink;

	if (!out) {
		store_free(store);
		print_message("skipped: /dev/full cannot be opened\n");
		skip();
	}
	sink = sink_text.open(out, &(struct sink_options){ .probes = &table, .info = &info, .store = store });
	sink_text.event(sink, &full.ev, sizeof(full));
	assert_int_equal(sink_text.flush(sink, 0), -ENOSPC);
	assert_int_equal(
		sink_text.finish(sink, &(struct summary_of){ .probes = &table, .store = store, .run = &run }),
		-ENOSPC);
	sink_text.close(sink);
	sink = sink_stats_text.open(out, &(struct sink_options){ .probes = &table, .store = store });
	assert_int_equal(sink_stats_text.finish(
				 sink, &(struct summary_of){ .probes = &table, .store = store, .run = &run }),
		-ENOSPC);
	sink_stats_text.close(sink);
	fclose(out);
	store_free(store);
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
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_stats_only),
		cmocka_unit_test(test_wall),
		cmocka_unit_test(test_by_packet),
		cmocka_unit_test(test_by_packet_bounds),
		cmocka_unit_test(test_output_full),
		cmocka_unit_test(test_list),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
