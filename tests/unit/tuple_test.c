/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "model/tuple.h"

static struct wire_tuple tuple(
	const char *src, const char *dst, uint8_t proto, uint16_t sport, uint16_t dport)
{
	struct wire_tuple t = { .proto = proto, .sport = sport, .dport = dport, .flags = TUPLE_IP };
	int af = strchr(src, ':') ? AF_INET6 : AF_INET;

	t.family = af == AF_INET ? 4 : 6;
	t.l2proto = af == AF_INET ? 0x0800 : 0x86dd;
	assert_int_equal(inet_pton(af, src, t.saddr), 1);
	assert_int_equal(inet_pton(af, dst, t.daddr), 1);
	if (sport || dport)
		t.flags |= TUPLE_PORTS;
	return t;
}

static void test_endpoint(void **state)
{
	struct wire_tuple t = tuple("10.1.0.2", "10.2.0.2", 6, 4000, 443);
	char buf[ENDPOINT_TEXT_MAX];

	assert_string_equal(endpoint_text(&t, true, buf, sizeof(buf)), "10.1.0.2:4000");
	assert_string_equal(endpoint_text(&t, false, buf, sizeof(buf)), "10.2.0.2:443");
	t = tuple("fd01::1", "fd02::2", 17, 53, 5353);
	assert_string_equal(endpoint_text(&t, true, buf, sizeof(buf)), "[fd01::1]:53");
	t = tuple("fd01::1", "fd02::2", 58, 0, 0);
	assert_string_equal(endpoint_text(&t, false, buf, sizeof(buf)), "fd02::2");
	t = tuple("10.1.0.2", "10.2.0.2", 1, 305, 7);
	t.flags = TUPLE_IP | TUPLE_ICMP | TUPLE_ICMP_ID;
	assert_string_equal(endpoint_text(&t, true, buf, sizeof(buf)), "10.1.0.2 #305");
	assert_string_equal(endpoint_text(&t, false, buf, sizeof(buf)), "10.2.0.2 #305");
	t.flags = 0;
	assert_string_equal(endpoint_text(&t, true, buf, sizeof(buf)), "-");
}

static void test_endpoint_fits(void **state)
{
	struct wire_tuple t;
	char buf[ENDPOINT_TEXT_MAX];

	memset(&t, 0xff, sizeof(t));
	t.family = 6;
	t.flags = TUPLE_IP | TUPLE_PORTS;
	assert_string_equal(
		endpoint_text(&t, true, buf, sizeof(buf)), "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
	assert_string_equal(endpoint_text(&t, true, buf, 5), "[fff");
}

static void test_proto(void **state)
{
	char buf[32];

	assert_string_equal(tuple_proto_name(4, 6, 0x0800, buf, sizeof(buf)), "tcp");
	assert_string_equal(tuple_proto_name(6, 58, 0x86dd, buf, sizeof(buf)), "icmp6");
	assert_string_equal(tuple_proto_name(4, 47, 0, buf, sizeof(buf)), "gre");
	assert_string_equal(tuple_proto_name(4, 50, 0, buf, sizeof(buf)), "esp");
	assert_string_equal(tuple_proto_name(4, 132, 0, buf, sizeof(buf)), "sctp");
	assert_string_equal(tuple_proto_name(4, 99, 0, buf, sizeof(buf)), "proto 99");
	assert_string_equal(tuple_proto_name(0, 0, 0x0806, buf, sizeof(buf)), "arp");
	assert_string_equal(tuple_proto_name(0, 0, 0x88cc, buf, sizeof(buf)), "lldp");
	assert_string_equal(tuple_proto_name(0, 0, 0x1234, buf, sizeof(buf)), "0x1234");
	assert_string_equal(tuple_proto_name(0, 0, 0, buf, sizeof(buf)), "-");
}

static void check_symmetric(struct wire_tuple a, struct wire_tuple b)
{
	struct flow_key ka, kb;
	bool from_a = flow_key_from(&ka, &a), from_b = flow_key_from(&kb, &b);

	assert_true(flow_key_equal(&ka, &kb));
	assert_int_equal(flow_key_hash(&ka), flow_key_hash(&kb));
	assert_true(from_a != from_b);
}

static void test_key_symmetric(void **state)
{
	struct wire_tuple a, b;

	check_symmetric(
		tuple("10.1.0.2", "10.2.0.2", 6, 4000, 443), tuple("10.2.0.2", "10.1.0.2", 6, 443, 4000));
	check_symmetric(tuple("fd01::1", "fd02::2", 17, 1, 2), tuple("fd02::2", "fd01::1", 17, 2, 1));
	check_symmetric(tuple("127.0.0.1", "127.0.0.1", 6, 5, 80), tuple("127.0.0.1", "127.0.0.1", 6, 80, 5));
	/* echo request and reply: one id, whatever the sequence number */
	a = tuple("10.1.0.2", "10.2.0.2", 1, 305, 1);
	b = tuple("10.2.0.2", "10.1.0.2", 1, 305, 9);
	a.flags = b.flags = TUPLE_IP | TUPLE_ICMP_ID;
	check_symmetric(a, b);
}

static void test_key_end(void **state)
{
	struct wire_tuple t = tuple("10.2.0.2", "10.1.0.2", 6, 443, 4000);
	char buf[ENDPOINT_TEXT_MAX];
	struct flow_key key;

	assert_true(flow_key_from(&key, &t));
	assert_string_equal(flow_endpoint_text(&key, 0, buf, sizeof(buf)), "10.1.0.2:4000");
	assert_string_equal(flow_endpoint_text(&key, 1, buf, sizeof(buf)), "10.2.0.2:443");
	t.flags = TUPLE_IP | TUPLE_ICMP_ID;
	t.proto = 1;
	flow_key_from(&key, &t);
	assert_string_equal(flow_endpoint_text(&key, 0, buf, sizeof(buf)), "10.1.0.2 #443");
	memset(&key, 0, sizeof(key));
	assert_string_equal(flow_endpoint_text(&key, 0, buf, sizeof(buf)), "-");
}

static void test_key_differs(void **state)
{
	struct wire_tuple a = tuple("10.1.0.2", "10.2.0.2", 6, 4000, 443), b = a;
	struct flow_key ka, kb;

	flow_key_from(&ka, &a);
	/* what stands behind an IPv4 address is no part of it; neither are the flags of TCP */
	memset(b.saddr + 4, 0xaa, 12);
	b.tcp_flags = 2;
	b.l2proto = 0;
	b.flags |= TUPLE_SOCKET;
	flow_key_from(&kb, &b);
	assert_true(flow_key_equal(&ka, &kb));
	b.proto = 17;
	flow_key_from(&kb, &b);
	assert_false(flow_key_equal(&ka, &kb));
	/* a later fragment has no ports, whatever stands there */
	b = a;
	b.flags = TUPLE_IP | TUPLE_FRAGMENT;
	flow_key_from(&kb, &b);
	assert_int_equal(kb.port[0] | kb.port[1], 0);
	/* without IP only the ethertype counts */
	a.flags = b.flags = 0;
	a.l2proto = b.l2proto = 0x0806;
	b.sport = 77;
	flow_key_from(&ka, &a);
	flow_key_from(&kb, &b);
	assert_true(flow_key_equal(&ka, &kb));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endpoint),
		cmocka_unit_test(test_endpoint_fits),
		cmocka_unit_test(test_proto),
		cmocka_unit_test(test_key_symmetric),
		cmocka_unit_test(test_key_end),
		cmocka_unit_test(test_key_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
