/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "export/formats.h"
#include "unit/sender.h"

static struct probe probes[] = {
	{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
};
static const struct probe_table table = { .v = probes, .n = 1 };

#define HEADER                                                                                               \
	"proto,client,client_port,server,server_port,client_packets,client_bytes,server_packets,"            \
	"server_bytes,delivered,dropped,state,first,last,p50_ns,p99_ns,max_ns\r\n"

struct out {
	struct store *store;
	struct sink *sink;
	FILE *file;
	char *text, note[200];
	size_t len;
};

static void out_open(struct out *o, FILE *file)
{
	struct sink_options options = { .probes = &table, .note = o->note, .note_size = sizeof(o->note) };

	assert_non_null(file);
	o->file = file;
	options.store = o->store = store_new(16 << 20);
	o->sink = sink_csv.open(file, &options);
	assert_non_null(o->sink);
	o->sink->wall = 1700000000000000000; /* 2023-11-14 22:13:20 UTC */
}

static void out_close(struct out *o)
{
	o->sink->ops->close(o->sink);
	store_free(o->store);
	fclose(o->file);
	free(o->text);
}

static void test_flows(void **state)
{
	struct out o = { 0 };
	struct sender s = { .packet = 1 };
	struct wire_tuple t = tuple(2, 4000), back = t;

	out_open(&o, open_memstream(&o.text, &o.len));
	s.store = o.store;
	t.tcp_flags = 2;
	full(&s, 0, 0, t, 0); /* at 10 ns */
	to_socket(&s, 0, 4711);
	end(&s, 0, 0);
	s.packet++;
	s.seq[0] = 0;
	memcpy(back.saddr, t.daddr, 4);
	memcpy(back.daddr, t.saddr, 4);
	back.sport = 80;
	back.dport = 4000;
	back.tcp_flags = 0x12;
	full(&s, 0, 0, back, 0);
	drop(&s, 0, 3);
	s.packet++;
	s.seq[0] = 0;
	full(&s, 0, 0, (struct wire_tuple){ .l2proto = 0x0806 }, 0);
	s.packet++;
	s.seq[0] = 0;
	t = (struct wire_tuple){ .family = 6, .proto = 58, .l2proto = 0x86dd, .flags = TUPLE_IP };
	assert_int_equal(inet_pton(AF_INET6, "fd01::1", t.saddr), 1);
	assert_int_equal(inet_pton(AF_INET6, "fd01::2", t.daddr), 1);
	full(&s, 0, 0, t, 0);
	assert_int_equal(o.sink->ops->finish(o.sink, NULL), 0);
	assert_string_equal(o.text,
		HEADER "tcp,10.0.0.2,4000,10.1.0.1,80,1,100,1,100,1,1,new,2023-11-14T22:13:20.000000010Z,"
		       "2023-11-14T22:13:20.000000060Z,20,20,20\r\n"
		       "arp,,,,,1,100,0,0,0,0,,2023-11-14T22:13:20.000000070Z,2023-11-14T22:13:20.000000070Z,"
		       "0,0,0\r\n"
		       "icmp6,fd01::1,,fd01::2,,1,100,0,0,0,0,,2023-11-14T22:13:20.000000080Z,"
		       "2023-11-14T22:13:20.000000080Z,0,0,0\r\n");
	assert_string_equal(o.note, "");
	out_close(&o);
}

static void test_nothing(void **state)
{
	struct out o = { 0 };

	out_open(&o, open_memstream(&o.text, &o.len));
	assert_int_equal(o.sink->ops->finish(o.sink, NULL), 0);
	assert_string_equal(o.text, HEADER);
	out_close(&o);
}

static void test_output_full(void **state)
{
	struct out o = { 0 };

	out_open(&o, fopen("/dev/full", "w"));
	assert_int_equal(o.sink->ops->finish(o.sink, NULL), -ENOSPC);
	out_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_output_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
