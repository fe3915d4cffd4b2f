/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/frame.h"

static struct wire_tuple tuple(const char *src, const char *dst, uint8_t proto)
{
	bool six = strchr(src, ':');
	struct wire_tuple t = { .proto = proto,
		.sport = 4000,
		.dport = 443,
		.flags = TUPLE_IP | TUPLE_PORTS,
		.family = six ? 6 : 4,
		.l2proto = six ? 0x86dd : 0x0800 };

	assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, src, t.saddr), 1);
	assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, dst, t.daddr), 1);
	return t;
}

static struct wire_tuple tuple4(uint8_t proto)
{
	return tuple("10.1.0.2", "10.2.0.2", proto);
}

static const char *hex(const uint8_t *at, size_t len)
{
	static char text[2 * FRAME_MAX + 1];

	text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", at[i]);
	return text;
}

#define MACS "000000000000000000000000"

static void test_tcp(void **state)
{
	struct wire_tuple t = tuple4(6);
	struct frame f;

	t.tcp_flags = 0x12;
	frame_build(&f, &t, 60, FRAME_KNOWN);
	assert_int_equal(f.whole, 74);
	/* checksum by hand: 4500 + 003c + 0006 + 0a01 + 0002 + 0a02 + 0002 = 5949, inverted a6b6 */
	assert_string_equal(hex(f.data, f.len), MACS "0800"
						     "4500003c000000000006a6b60a0100020a020002"
						     "0fa001bb");
	frame_build(&f, &t, 60, FRAME_WHOLE);
	assert_string_equal(hex(f.data, f.len), MACS "0800"
						     "4500003c000000000006a6b60a0100020a020002"
						     "0fa001bb0000000000000000501200000000"
						     "0000");
	assert_int_equal(f.whole, 74);
}

static void test_udp_behind_a_tag(void **state)
{
	struct wire_tuple t = tuple("fd01::1", "fd02::2", 17);
	struct frame f;

	t.flags |= TUPLE_VLAN;
	t.vlan = 0xf064; /* no more than 12 bits are the id */
	frame_build(&f, &t, 100, FRAME_KNOWN);
	assert_int_equal(f.whole, 118);
	assert_string_equal(hex(f.data, f.len), MACS "8100006486dd"
						     "60000000003c1100"
						     "fd010000000000000000000000000001"
						     "fd020000000000000000000000000002"
						     "0fa001bb003c");
	frame_build(&f, &t, 100, FRAME_WHOLE);
	assert_int_equal(f.len, 18 + 40 + 8);
}

static void test_fragments(void **state)
{
	struct wire_tuple t = tuple4(17);
	struct frame f;

	t.flags |= TUPLE_FRAGMENT;
	frame_build(&f, &t, 1500, FRAME_KNOWN);
	assert_string_equal(hex(f.data + 14 + 6, 2), "2000"); /* more to come */
	/* how long the datagram is nobody knows */
	assert_int_equal(f.len, 14 + 20 + 4);
	t.flags = TUPLE_IP | TUPLE_FRAGMENT;
	t.frag_off = 1480;
	frame_build(&f, &t, 548, FRAME_WHOLE);
	assert_string_equal(hex(f.data + 14 + 6, 2), "00b9");
	assert_int_equal(f.len, 14 + 20);
	assert_int_equal(f.whole, 562);

	t = tuple("fd01::1", "fd02::2", 17);
	t.flags |= TUPLE_FRAGMENT;
	frame_build(&f, &t, 1496, FRAME_KNOWN);
	assert_int_equal(f.data[14 + 6], 44);
	assert_string_equal(hex(f.data + 14 + 4, 2), "05b0");
	assert_string_equal(hex(f.data + 54, 12), "11000001000000000fa001bb");
	assert_int_equal(f.len, 66);
	t.frag_off = 1448;
	frame_build(&f, &t, 600, FRAME_KNOWN);
	assert_string_equal(hex(f.data + 54, 8), "110005a800000000");
	assert_int_equal(f.len, 62);
}

static void test_echo(void **state)
{
	struct wire_tuple t = tuple4(1);
	struct frame f;

	t.flags = TUPLE_IP | TUPLE_ICMP | TUPLE_ICMP_ID;
	t.icmp_type = 8;
	t.sport = 0x1234;
	t.dport = 7;
	frame_build(&f, &t, 84, FRAME_KNOWN);
	assert_string_equal(hex(f.data + 34, f.len - 34), "0800000012340007");
	/* no data: the checksum is known. 0800 + 1234 + 0007 = 1a3b, inverted e5c4 */
	frame_build(&f, &t, 28, FRAME_KNOWN);
	assert_string_equal(hex(f.data + 34, f.len - 34), "0800e5c412340007");
	/* errors: a word that is unused, and the MTU that is not known */
	t.flags = TUPLE_IP | TUPLE_ICMP;
	t.icmp_type = 3;
	t.icmp_code = 1;
	frame_build(&f, &t, 84, FRAME_KNOWN);
	assert_string_equal(hex(f.data + 34, f.len - 34), "0301000000000000");
	t.icmp_code = 4;
	frame_build(&f, &t, 84, FRAME_KNOWN);
	assert_string_equal(hex(f.data + 34, f.len - 34), "0304");
	frame_build(&f, &t, 84, FRAME_WHOLE);
	assert_string_equal(hex(f.data + 34, f.len - 34), "0304000000000000");
	/* type not known: nothing known behind the IP header */
	t.flags = TUPLE_IP;
	frame_build(&f, &t, 84, FRAME_KNOWN);
	assert_int_equal(f.len, 34);
}

static void test_without_ip(void **state)
{
	struct wire_tuple t = { .l2proto = 0x0806 };
	struct frame f;

	frame_build(&f, &t, 28, FRAME_KNOWN);
	assert_string_equal(hex(f.data, f.len), MACS "0806");
	assert_int_equal(f.whole, 42);
	t = (struct wire_tuple){ .flags = TUPLE_VLAN, .vlan = 5 };
	frame_build(&f, &t, 28, FRAME_KNOWN);
	assert_string_equal(hex(f.data, f.len), MACS "81000005");
	assert_int_equal(f.whole, 46);
	frame_build(&f, &t, 28, FRAME_WHOLE);
	assert_string_equal(hex(f.data, f.len), MACS "810000050000");
}

/* A socket's data have no header yet; and lengths that no header can tell. */
static void test_lengths(void **state)
{
	struct wire_tuple t = tuple4(17);
	struct frame f;

	t.flags |= TUPLE_SOCKET;
	frame_build(&f, &t, 5, FRAME_KNOWN);
	assert_int_equal(f.whole, 14 + 28);
	assert_string_equal(hex(f.data + 16, 2), "001c");
	assert_string_equal(hex(f.data + 38, 2), "0008");
	frame_build(&f, &t, 70000, FRAME_KNOWN);
	assert_int_equal(f.whole, 70014);
	assert_string_equal(hex(f.data + 16, 2), "0000");
	assert_int_equal(f.len, 14 + 20 + 4);
	frame_build(&f, &t, UINT32_MAX, FRAME_KNOWN);
	assert_int_equal(f.whole, UINT32_MAX);
}

/* An IPv4 header whose sum is right adds up to ffff (RFC 1071). */
static bool sums_up(const uint8_t *ip)
{
	uint32_t n = 0;

	for (int i = 0; i < 20; i += 2)
		n += (uint32_t)ip[i] << 8 | ip[i + 1];
	while (n >> 16)
		n = (n & 0xffff) + (n >> 16);
	return n == 0xffff;
}

/* What a recording tells may be anything: every combination of flags, protocols and families. */
static void test_anything(void **state)
{
	static const uint8_t families[] = { 0, 4, 6, 7 };
	static const uint32_t lengths[] = { 0, 1, 20, 48, 0xffff, 0x10000, UINT32_MAX };
	struct wire_tuple t;
	struct frame *f = malloc(sizeof(*f)); /* its ends are watched */
	uint32_t longest = 0;

	for (unsigned int flags = 0; flags < 256; flags++) {
		for (unsigned int proto = 0; proto < 256; proto++) {
			for (unsigned int i = 0; i < 4 * 7 * 2; i++) {
				memset(&t, i & 1 ? 0xff : (int)(flags * 31 + proto), sizeof(t));
				t.flags = (uint8_t)flags;
				t.proto = (uint8_t)proto;
				t.family = families[i % 4];
				t.frag_off *= i >> 2 & 1;
				frame_build(f, &t, lengths[i % 7], i / 28 ? FRAME_WHOLE : FRAME_KNOWN);
				assert_in_range(f->len, 12, FRAME_MAX);
				assert_in_range(f->whole, f->len, UINT32_MAX);
				longest = f->len > longest ? f->len : longest;
				if (flags & TUPLE_IP && t.family == 4)
					assert_true(sums_up(f->data + (flags & TUPLE_VLAN ? 18 : 14)));
			}
		}
	}
	assert_int_equal(longest, 18 + 40 + 8 + 20);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_udp_behind_a_tag),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_without_ip),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
