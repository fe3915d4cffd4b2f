/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <jansson.h>
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
	{ .name = "nft_do_chain", .module = "nf_tables", .class = { LAYER_NETFILTER, CATEGORY_NFT, 1 } },
	{ .name = "odd\"\\name",
		.class = { LAYER_OTHER, CATEGORY_GENERAL, 3 },
		.state = PROBE_UNUSABLE,
		.why = "inlined" },
};
static const struct probe_table table = { .v = probes, .n = 3 };
static const char *const reasons[] = { "NOT_DROPPED_YET", NULL, "NOT_SPECIFIED", "NETFILTER_DROP" };
static const struct source_info info = {
	.kernel = "6.12", .backend = "test", .reasons = reasons, .nreasons = 4, .cpus = 2
};

struct out {
	struct store *store;
	struct sink *sink;
	FILE *file;
	char *text;
	size_t len;
};

static int setup(void **state)
{
	struct out *o = calloc(1, sizeof(*o));

	o->file = open_memstream(&o->text, &o->len);
	o->store = store_new(1 << 20);
	o->sink = sink_json.open(
		o->file, &(struct sink_options){ .probes = &table, .info = &info, .store = o->store });
	*state = o;
	return o->sink ? 0 : -1;
}

static int teardown(void **state)
{
	struct out *o = *state;

	sink_json.close(o->sink);
	store_free(o->store);
	fclose(o->file);
	free(o->text);
	free(o);
	return 0;
}

/* Line n of the output, parsed; fails when it is no JSON. */
static json_t *line(struct out *o, int n)
{
	json_error_t err;
	json_t *json;
	char *p;

	assert_int_equal(sink_json.flush(o->sink, 0), 0);
	p = o->text;
	while (n--) {
		p = strchr(p, '\n');
		assert_non_null(p);
		p++;
	}
	json = json_loadb(p, (size_t)(strchr(p, '\n') - p), 0, &err);
	if (!json)
		fail_msg("%s in %.300s", err.text, p);
	return json;
}

static const char *str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "(none)";
}

static long long num(const json_t *o, const char *key)
{
	const json_t *n = json_object_get(o, key);

	return n ? json_integer_value(n) : -1;
}

static void emit(struct out *o, const struct event *ev, size_t size)
{
	store_add(o->store, ev, size);
	assert_int_equal(sink_json.event(o->sink, ev, size), 0);
}

static struct store_totals sum(const struct out *o)
{
	struct store_totals totals;

	store_totals(o->store, &totals);
	return totals;
}

static struct event_full full_record(uint64_t id, uint64_t ts)
{
	return (struct event_full){
		.ev = { .ts = ts,
			.packet = id,
			.skb = 0xffff888012345600,
			.type = EVENT_FUNC_FULL,
			.len = 84,
			.ifindex = 2,
			.netns = 4026531840,
			.pid = 42,
			.mark = 7,
			.cpu = 3 },
		.tuple = { .saddr = { 10, 1, 0, 2 },
			.daddr = { 10, 2, 0, 2 },
			.sport = 1,
			.dport = 2,
			.l2proto = 0x0800,
			.proto = 1,
			.family = 4,
			.flags = TUPLE_IP | TUPLE_ICMP_ID },
		.comm = "ping",
	};
}

static void test_function_line(void **state)
{
	struct event_full full = full_record(9, 1000);
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = 4026531840, .ifindex = 2 },
		.name = "va" };
	struct event_netns netns = { .ev = { .type = EVENT_NETNS, .netns = 4026531840 }, .name = "a" };
	static const char golden[] =
		"{\"type\":\"function\",\"ts\":1000,\"packet\":9,\"copy\":0,\"skb\":\"0xffff888012345600\","
		"\"func\":\"ip_rcv\",\"layer\":\"IPv4\",\"priority\":0,\"cpu\":3,\"netns\":4026531840,"
		"\"netns_name\":\"a\","
		"\"ifindex\":2,\"ifname\":\"va\",\"len\":84,\"proto\":\"icmp\",\"src\":\"10.1.0.2\",\"dst\":"
		"\"10.2.0.2\","
		"\"sport\":1,\"dport\":2,\"mark\":7,\"pid\":42,\"comm\":\"ping\"}\n";
	struct out *o = *state;

	emit(o, &dev.ev, sizeof(dev));
	emit(o, &netns.ev, sizeof(netns));
	emit(o, &full.ev, sizeof(full));
	sink_json.flush(o->sink, 0);
	assert_string_equal(o->text, golden);
}

static void test_short_line_knows_the_packet(void **state)
{
	struct event_full full = full_record(9, 1000);
	struct event ev = full.ev;
	struct out *o = *state;
	json_t *j;

	emit(o, &full.ev, sizeof(full));
	ev.type = EVENT_FUNC;
	ev.func = 1;
	ev.ifindex = ev.netns = 0;
	emit(o, &ev, sizeof(ev));
	j = line(o, 1);
	assert_string_equal(str(j, "func"), "nft_do_chain");
	assert_string_equal(str(j, "module"), "nf_tables");
	assert_string_equal(str(j, "src"), "10.1.0.2");
	assert_string_equal(str(j, "comm"), "ping");
	assert_null(json_object_get(j, "netns"));
	assert_null(json_object_get(j, "ifindex"));
	json_decref(j);
	ev.pid = 43; /* another process is current: its name was not told */
	ev.func = 77;
	ev.packet = 10;
	emit(o, &ev, sizeof(ev));
	j = line(o, 2);
	assert_null(json_object_get(j, "comm"));
	assert_null(json_object_get(j, "func"));
	assert_null(json_object_get(j, "src"));
	json_decref(j);
	ev.packet = 0;
	emit(o, &ev, sizeof(ev));
	j = line(o, 3);
	assert_null(json_object_get(j, "packet"));
	json_decref(j);
	assert_int_equal(sum(o).packets, 2);
}

static void test_extra_keys(void **state)
{
	struct event_full full = full_record(9, 1000);
	struct out *o = *state;
	json_t *j;

	full.tuple.proto = 6;
	full.tuple.flags = TUPLE_IP | TUPLE_PORTS | TUPLE_VLAN | TUPLE_FRAGMENT;
	full.tuple.tcp_flags = 0x12;
	full.tuple.vlan = 100;
	full.tuple.frag_off = 1480;
	emit(o, &full.ev, sizeof(full));
	j = line(o, 0);
	assert_string_equal(str(j, "tcp_flags"), "SYN,ACK");
	assert_int_equal(num(j, "vlan"), 100);
	assert_int_equal(num(j, "frag_off"), 1480);
	assert_true(json_is_true(json_object_get(j, "fragment")));
	json_decref(j);
	/* the longest there is fits its place */
	memset(&full.tuple, 0xff, sizeof(full.tuple));
	full.tuple.family = 6;
	for (int proto = 0; proto < 256; proto++) {
		full.tuple.proto = (uint8_t)proto;
		emit(o, &full.ev, sizeof(full));
		j = line(o, 1 + proto);
		assert_int_equal(num(j, "icmp_type"), 255);
		json_decref(j);
	}
}

static void test_drop_and_end(void **state)
{
	struct event_full full = full_record(9, 1000);
	struct event_drop drop = { .ev = full.ev, .location = 0xffffffff81234567, .reason = 3 };
	struct event end = full.ev;
	struct out *o = *state;
	json_t *j;

	emit(o, &full.ev, sizeof(full));
	drop.ev.type = EVENT_DROP;
	drop.ev.ts = 1500;
	emit(o, &drop.ev, sizeof(drop));
	end.type = EVENT_END;
	end.ts = 1600;
	emit(o, &end, sizeof(end));
	j = line(o, 1);
	assert_string_equal(str(j, "type"), "drop");
	assert_string_equal(str(j, "reason"), "NETFILTER_DROP");
	assert_string_equal(str(j, "location"), "0xffffffff81234567");
	assert_string_equal(str(j, "dst"), "10.2.0.2");
	json_decref(j);
	j = line(o, 2);
	assert_string_equal(str(j, "type"), "end");
	assert_string_equal(str(j, "fate"), "dropped");
	assert_int_equal(num(j, "duration"), 600);
	json_decref(j);
	assert_int_equal(sum(o).dropped, 1);
	/* one that came to its end, and one of which nothing else was seen */
	full = full_record(10, 2000);
	emit(o, &full.ev, sizeof(full));
	end.packet = 10;
	end.ts = 2001;
	emit(o, &end, sizeof(end));
	end.packet = 11;
	emit(o, &end, sizeof(end));
	j = line(o, 4);
	assert_string_equal(str(j, "fate"), "consumed");
	json_decref(j);
	j = line(o, 5);
	assert_null(json_object_get(j, "duration"));
	json_decref(j);
	assert_int_equal(sum(o).packets, 2);
	/* reasons without a name */
	drop.reason = 0x30001;
	emit(o, &drop.ev, sizeof(drop));
	drop.reason = 1;
	emit(o, &drop.ev, sizeof(drop));
	j = line(o, 6);
	assert_string_equal(str(j, "reason"), "0x30001");
	json_decref(j);
	j = line(o, 7);
	assert_string_equal(str(j, "reason"), "0x1");
	json_decref(j);
}

/* Names are chosen by others: every line stays JSON and shows no control character. */
static void test_hostile_names(void **state)
{
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = 4026531840, .ifindex = 2 } };
	struct event_full full = full_record(9, 1000);
	struct out *o = *state;
	uint32_t seed = 5;

	for (int round = 0; round < 3000; round++) {
		for (int i = 0; i < 16; i++) {
			seed = seed * 1664525 + 1013904223;
			full.comm[i] = (char)(seed >> 24);
			dev.name[i] = (char)(seed >> 16);
		}
		emit(o, &dev.ev, sizeof(dev));
		emit(o, &full.ev, sizeof(full));
	}
	sink_json.flush(o->sink, 0);
	for (char *p = o->text, *end; *p; p = end + 1) {
		json_t *j;

		end = strchr(p, '\n');
		for (char *c = p; c < end; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		j = json_loadb(p, (size_t)(end - p), 0, NULL);
		assert_non_null(j);
		json_decref(j);
	}
	memcpy(full.comm, "a\"\\\x1b\xff\xc3\xa9\xc2\x9bz", 11);
	full.ev.func = 2;
	emit(o, &full.ev, sizeof(full));
	sink_json.flush(o->sink, 0);
	assert_non_null(strstr(o->text, "\"comm\":\"a\\\"\\\\\\u001b\\ufffd\xc3\xa9\\u009bz\"}"));
	assert_non_null(strstr(o->text, "\"func\":\"odd\\\"\\\\name\""));
}

static void test_stats_line(void **state)
{
	static const uint64_t hits[] = { 10, 30, 0 };
	struct run_figures run = { .seconds = 1.5,
		.attach_ms = 12.25,
		.detach_ms = -1,
		.totals = { .events = 40, .lost_ring = 3, .lost_recursion = 2, .attached = 2 } };
	struct event_drop drop = { .ev = { .type = EVENT_DROP, .packet = 1 }, .reason = 3 };
	struct out *o = *state;
	const struct summary_of of = {
		.info = &info, .probes = &table, .store = o->store, .run = &run, .hits = hits
	};
	json_t *j, *top;

	emit(o, &drop.ev, sizeof(drop));
	drop.ev.packet = 2;
	emit(o, &drop.ev, sizeof(drop));
	drop.ev.copy = 1;
	drop.reason = 2;
	emit(o, &drop.ev, sizeof(drop));
	assert_int_equal(sink_json.finish(o->sink, &of), 0);
	j = line(o, 3);
	assert_string_equal(str(j, "type"), "stats");
	assert_int_equal(num(j, "events"), 40);
	assert_int_equal(num(j, "packets"), 2);
	assert_int_equal(num(j, "dropped"), 2);
	assert_int_equal(num(j, "delivered"), 0);
	assert_int_equal(num(j, "flows"), 0);
	assert_int_equal(num(json_object_get(j, "fates"), "dropped"), 2);
	assert_int_equal(num(j, "functions"), 3);
	assert_int_equal(num(j, "attached"), 2);
	assert_true(json_real_value(json_object_get(j, "attach_ms")) == 12.25);
	assert_null(json_object_get(j, "detach_ms"));
	assert_int_equal(num(json_object_get(j, "lost"), "ring"), 3);
	assert_int_equal(num(json_object_get(j, "lost"), "channel"), 0);
	assert_int_equal(num(json_object_get(j, "lost"), "evicted"), 0);
	assert_int_equal(num(json_object_get(j, "lost"), "recursion"), 2);
	assert_int_equal(num(json_object_get(j, "layers"), "IPv4"), 10);
	assert_int_equal(num(json_object_get(j, "layers"), "Netfilter"), 30);
	assert_int_equal(num(json_object_get(j, "reasons"), "NETFILTER_DROP"), 2);
	assert_int_equal(num(json_object_get(j, "reasons"), "NOT_SPECIFIED"), 1);
	assert_non_null(json_object_get(j, "verdicts"));
	top = json_object_get(j, "top_functions");
	assert_int_equal(json_array_size(top), 2);
	assert_string_equal(str(json_array_get(top, 0), "func"), "nft_do_chain");
	assert_int_equal(num(json_array_get(top, 0), "hits"), 30);
	json_decref(j);
}

static void test_output_full(void **state)
{
	struct event_full full = full_record(9, 1000);
	struct run_figures run = { 0 };
	struct store *store = store_new(1 << 20);
	const struct summary_of of = { .probes = &table, .store = store, .run = &run };
	FILE *out = fopen("/dev/full", "w");
	struct sink *sink;
	int err = 0;

	if (!out) {
		print_message("skipped: /dev/full cannot be opened\n");
		skip();
	}
	sink = sink_json.open(out, &(struct sink_options){ .probes = &table, .store = store });
	for (int i = 0; i < 10000 && !err; i++)
		err = sink_json.event(sink, &full.ev, sizeof(full));
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(sink_json.flush(sink, 0), -ENOSPC);
	assert_int_equal(sink_json.finish(sink, &of), -ENOSPC);
	sink_json.close(sink);
	store_free(store);
	fclose(out);
}

static void test_copies(void **state)
{
	struct event_full full = full_record(9, 1000), clone = full;
	struct event_socket sock = { .ev = full.ev, .inode = 4711, .uid = 33, .cgroup = 5 };
	struct event end = full.ev;
	struct out *o = *state;
	json_t *j;

	emit(o, &full.ev, sizeof(full));
	clone.ev.copy = 0x80000001;
	emit(o, &clone.ev, sizeof(clone));
	clone.ev.copy = 77;
	clone.parent = 0x80000001;
	emit(o, &clone.ev, sizeof(clone));
	j = line(o, 1);
	assert_int_equal(num(j, "packet"), 9);
	assert_int_equal(num(j, "copy"), 1);
	assert_int_equal(num(j, "parent"), 0);
	json_decref(j);
	j = line(o, 2);
	assert_int_equal(num(j, "copy"), 2);
	assert_int_equal(num(j, "parent"), 1);
	json_decref(j);
	assert_int_equal(sum(o).packets, 1);
	/* each ends for itself, in its own way */
	sock.ev.type = EVENT_SOCKET;
	sock.ev.copy = 77;
	emit(o, &sock.ev, sizeof(sock));
	end.type = EVENT_END;
	end.copy = 77;
	emit(o, &end, sizeof(end));
	end.copy = 0x80000001;
	end.flags = EVENT_MERGED;
	end.len = 1234;
	end.mark = 1;
	emit(o, &end, sizeof(end));
	end.copy = 0;
	end.flags = 0;
	emit(o, &end, sizeof(end));
	j = line(o, 3);
	assert_string_equal(str(j, "type"), "socket");
	assert_int_equal(num(j, "inode"), 4711);
	assert_int_equal(num(j, "uid"), 33);
	assert_int_equal(num(j, "cgroup"), 5);
	assert_string_equal(str(j, "func"), "ip_rcv");
	json_decref(j);
	for (int i = 0; i < 3; i++) {
		static const char *const fates[] = { "delivered", "merged", "consumed" };

		j = line(o, 4 + i);
		assert_string_equal(str(j, "fate"), fates[i]);
		json_decref(j);
	}
	j = line(o, 5);
	assert_int_equal(num(j, "into"), (1LL << 32) + 1234);
	json_decref(j);
	/* TCP sends it once more: still the same packet */
	clone.ev.copy = 78;
	clone.parent = 0;
	emit(o, &clone.ev, sizeof(clone));
	j = line(o, 7);
	assert_int_equal(num(j, "copy"), 3);
	json_decref(j);
	assert_int_equal(sum(o).packets, 1);
}

/* An ICMP error, and the longest there is. */
static void test_about(void **state)
{
	struct event_full full = full_record(9, 1000);
	struct event_quote quote = { .ev = full.ev, .tuple = full.tuple };
	struct out *o = *state;
	json_t *j, *about;

	quote.ev.type = EVENT_QUOTE;
	quote.tuple.proto = 17;
	quote.tuple.flags = TUPLE_IP | TUPLE_PORTS;
	emit(o, &quote.ev, sizeof(quote));
	emit(o, &full.ev, sizeof(full));
	j = line(o, 0);
	about = json_object_get(j, "about");
	assert_string_equal(str(about, "proto"), "udp");
	assert_string_equal(str(about, "dst"), "10.2.0.2");
	assert_int_equal(num(about, "dport"), 2);
	json_decref(j);
	memset(&full.tuple, 0xff, sizeof(full.tuple));
	full.tuple.family = 6;
	full.tuple.proto = 6;
	quote.tuple = full.tuple;
	quote.ev.packet = full.ev.packet = 10;
	emit(o, &quote.ev, sizeof(quote));
	emit(o, &full.ev, sizeof(full));
	j = line(o, 1);
	assert_non_null(str(json_object_get(j, "about"), "tcp_flags"));
	json_decref(j);
}

static void test_list_json(void **state)
{
	bool show[] = { true, false, true };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	json_t *j, *functions;

	assert_int_equal(list_json(f, &table, show, NULL), 0);
	fclose(f);
	j = json_loadb(text, len, 0, NULL);
	assert_non_null(j);
	assert_int_equal(num(j, "version"), 1);
	functions = json_object_get(j, "functions");
	assert_int_equal(json_array_size(functions), 2);
	assert_string_equal(str(json_array_get(functions, 0), "category"), "ip");
	assert_int_equal(num(json_array_get(functions, 0), "arg"), 1);
	assert_string_equal(str(json_array_get(functions, 1), "why"), "inlined");
	assert_true(json_is_false(json_object_get(json_array_get(functions, 1), "enabled")));
	json_decref(j);
	free(text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_function_line),
		TEST(test_short_line_knows_the_packet),
		TEST(test_extra_keys),
		TEST(test_drop_and_end),
		TEST(test_copies),
		TEST(test_about),
		TEST(test_hostile_names),
		TEST(test_stats_line),
		cmocka_unit_test(test_output_full),
		cmocka_unit_test(test_list_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
