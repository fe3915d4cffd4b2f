/* SPDX-License-Identifier: GPL-2.0 */
#include "model/packet_filter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static char err[256];

/* Parses, and sees to it that the text form parses to the same. */
static struct packet_filter parsed(const char *text)
{
	struct packet_filter f, again;
	char buf[FILTER_TEXT_MAX];

	if (packet_filter_parse(&f, text, err, sizeof(err)))
		fail_msg("%s: %s", text, err);
	packet_filter_format(&f, buf, sizeof(buf));
	if (packet_filter_parse(&again, buf, err, sizeof(err)))
		fail_msg("%s, written as %s: %s", text, buf, err);
	assert_memory_equal(&f, &again, sizeof(f));
	return f;
}

static void written(const char *text, const char *want)
{
	struct packet_filter f = parsed(text);
	char buf[FILTER_TEXT_MAX];

	assert_string_equal(packet_filter_format(&f, buf, sizeof(buf)), want);
}

static void refused(const char *text, const char *what)
{
	struct packet_filter f, before;

	memset(&f, 0x5a, sizeof(f));
	before = f;
	err[0] = '\0';
	assert_int_equal(packet_filter_parse(&f, text, err, sizeof(err)), -EINVAL);
	if (!strstr(err, what) || strchr(err, '\n') || strchr(err, '\x1b'))
		fail_msg("%s: \"%s\" does not tell \"%s\"", text, err, what);
	assert_memory_equal(&f, &before, sizeof(f));
}

static void everything(void **state)
{
	struct packet_filter f = parsed("  if=eth0 netns=web cgroup=/system.slice/ssh.service comm='my prog' "
					"mark=0x10/0xf0 pid=42 uid=0 sample=1:100 inner=\"udp port 53\"  "
					"host 10.0.0.1 and tcp ");

	assert_string_equal(f.interface, "eth0");
	assert_string_equal(f.netns, "web");
	assert_string_equal(f.cgroup, "/system.slice/ssh.service");
	assert_string_equal(f.comm, "my prog");
	assert_int_equal(f.mark, 0x10);
	assert_int_equal(f.mark_mask, 0xf0);
	assert_int_equal(f.pid, 42);
	assert_int_equal(f.uid, 0);
	assert_true(f.by_uid);
	assert_int_equal(f.sample, 100);
	assert_string_equal(f.inner, "udp port 53");
	assert_string_equal(f.expr, "host 10.0.0.1 and tcp");
	assert_false(packet_filter_is_empty(&f));
}

static void nothing(void **state)
{
	static const char *const texts[] = { "", "   ", "sample=1", "sample=1:1" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct packet_filter f = parsed(texts[i]);

		assert_true(packet_filter_is_empty(&f));
		written(texts[i], "");
	}
}

static void expressions_stay(void **state)
{
	static const char *const texts[] = { "tcp[13] = 2", "ip[6:2]&0x1fff=0", "ether[0]&1=0", "len = 100",
		"len == 5", "len==5", "not port 22", "(len=5)", "tcp  and   port 80", "tcp[tcpflags]=2",
		"a==b", "10.0.0.1=5", "=5" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct packet_filter f = parsed(texts[i]);

		assert_string_equal(f.expr, texts[i]);
		written(texts[i], texts[i]);
	}
	written("pid=7 len = 100", "pid=7 len = 100");
}

static void numbers(void **state)
{
	assert_int_equal(parsed("mark=10").mark, 10);
	assert_int_equal(parsed("mark=10").mark_mask, 0xffffffff);
	assert_int_equal(parsed("mark=0").mark_mask, 0xffffffff);
	assert_int_equal(parsed("mark=0XfF").mark, 255);
	assert_int_equal(parsed("mark=0/1").mark_mask, 1);
	assert_int_equal(parsed("mark=4294967295").mark, 0xffffffff);
	assert_int_equal(parsed("sample=1000000").sample, 1000000);
	assert_int_equal(parsed("sample=0x10").sample, 16);
	assert_int_equal(parsed("uid=4294967294").uid, 4294967294);
	refused("mark=4294967296", "\"mark=4294967296\"");
	refused("mark=0x100000000", "0xffffffff");
	refused("mark=-1", "\"mark=-1\"");
	refused("mark=+1", "mark=+1");
	refused("mark=1/", "mark=1/");
	refused("mark=/1", "mark=/1");
	refused("mark=1/2/3", "V/M");
	refused("mark=0x", "mark=0x");
	refused("mark=0x0x1", "mark");
	refused("mark=1/0", "mask of 0");
	refused("mark=0x10/0xf", "never true");
	refused("mark='1 2'", "mark=1 2");
	refused("pid=0", "from 1 to");
	refused("pid=x", "\"pid=x\"");
	refused("pid=99999999999999999999", "from 1 to");
	refused("uid=4294967295", "from 0 to 4294967294");
	refused("sample=0", "from 1 to 1000000");
	refused("sample=2:3", "from 1 to 1000000");
	refused("sample=1:", "from 1 to 1000000");
	refused("sample=1000001", "from 1 to 1000000");
}

static void quotes(void **state)
{
	written("comm=\"a b\"", "comm='a b'");
	written("comm='a\"b c'", "comm='a\"b c'");
	written("comm=\"it's me\"", "comm=\"it's me\"");
	written("comm=it's", "comm=it's");
	written("comm=a'\"", "comm=a'\"");
	written("comm='=x'", "comm='=x'");
	written("inner='  tcp port 80 '", "inner='tcp port 80'");
	written("netns=' a'", "netns=' a'");
	refused("comm='a", "lacks the other '");
	refused("comm=\"a", "lacks the other \"");
	refused("comm='a'b", "needs a blank behind it");
	refused("comm=''", "\"comm=\" lacks its value");
	refused("if= tcp", "\"if=\" lacks its value: if=NAME");
	refused("inner='   '", "\"inner=\" lacks its value");
}

static void unknown_words(void **state)
{
	refused("foo=bar", "\"foo=bar\": there is no such key, only if= netns=");
	refused("len=5", "needs blanks");
	refused("if=eth0 foo=bar tcp", "\"foo=bar\"");
	refused("if=eth0 if=eth1", "\"if=\" is given twice");
	refused("tcp if=eth0", "\"if=eth0\" must stand before the expression");
	refused("tcp and pid=5 or udp", "\"pid=5\" must stand");
}

static void long_values(void **state)
{
	char text[FILTER_EXPR_MAX + 64];

	assert_string_equal(parsed("if=123456789012345").interface, "123456789012345");
	refused("if=1234567890123456", "16 bytes, at most 15");
	refused("comm=systemd-networkd", "16 bytes, at most 15");
	snprintf(text, sizeof(text), "netns=%0127d", 0);
	assert_int_equal(strlen(parsed(text).netns), 127);
	snprintf(text, sizeof(text), "netns=%0128d", 0);
	refused(text, "128 bytes, at most 127");
	snprintf(text, sizeof(text), "cgroup=%0128d", 0);
	refused(text, "cgroup=");
	snprintf(text, sizeof(text), "%01023d", 0);
	assert_int_equal(strlen(parsed(text).expr), 1023);
	snprintf(text, sizeof(text), "%01024d", 0);
	refused(text, "1024 bytes, at most 1023");
	snprintf(text, sizeof(text), "inner=%01023d", 0);
	assert_int_equal(strlen(parsed(text).inner), 1023);
	snprintf(text, sizeof(text), "inner=%01024d", 0);
	refused(text, "inner=");
}

static void hostile_text(void **state)
{
	refused("if=\x1b[2J", "\"if=?[2J\"");
	refused("tcp \x1b[2J", "\"?[2J\": control characters");
	refused("tcp\nudp", "control characters");
	refused("comm='a\tb'", "control characters");
	refused("comm=\xff", "control characters or broken UTF-8");
	refused("comm=\xe2\x80\xae", "control characters");
	refused("if=a/b", "not the name of a device");
	refused("if=..", "not the name of a device");
	refused("if=a:b", "not the name of a device");
	assert_string_equal(parsed("comm=gr\303\274n").comm, "gr\303\274n");
}

static void one_key(void **state)
{
	struct packet_filter f = { 0 };

	assert_int_equal(packet_filter_set(&f, "if", "eth0", err, sizeof(err)), 0);
	assert_int_equal(packet_filter_set(&f, "if", "e1", err, sizeof(err)), 0);
	assert_string_equal(f.interface, "e1");
	assert_int_equal(f.interface[3], 0); /* the kernel compares all of it */
	assert_int_equal(packet_filter_set(&f, "uid", "x", err, sizeof(err)), -EINVAL);
	assert_false(f.by_uid);
	assert_int_equal(packet_filter_set(&f, "nope", "x", err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "\"nope\": there is no such key"));
	assert_int_equal(packet_filter_set(&f, "comm", "a' \"b", err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "quotes"));
	assert_int_equal(packet_filter_set(&f, "comm", "", err, sizeof(err)), -EINVAL);
	for (const struct packet_filter_key *k = packet_filter_keys; k->key; k++)
		assert_true(k->value && k->help);
}

/* The longest of everything fits. */
static void room(void **state)
{
	struct packet_filter f = { .by_uid = true,
		.uid = UINT32_MAX - 1,
		.pid = INT32_MAX,
		.sample = 1000000,
		.mark = 0x80000000,
		.mark_mask = 0x80000001 };
	char buf[FILTER_TEXT_MAX], small[8];

	memset(f.expr, 'e', sizeof(f.expr) - 1);
	memset(f.inner, 'i', sizeof(f.inner) - 1);
	memset(f.netns, ' ', sizeof(f.netns) - 1);
	memset(f.cgroup, ' ', sizeof(f.cgroup) - 1);
	memset(f.comm, ' ', sizeof(f.comm) - 1);
	memset(f.interface, 'f', sizeof(f.interface) - 1);
	packet_filter_format(&f, buf, sizeof(buf));
	assert_string_equal(buf + strlen(buf) - 3, "eee");
	assert_string_equal(packet_filter_format(&f, small, sizeof(small)), "if=ffff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),
		cmocka_unit_test(nothing),
		cmocka_unit_test(expressions_stay),
		cmocka_unit_test(numbers),
		cmocka_unit_test(quotes),
		cmocka_unit_test(unknown_words),
		cmocka_unit_test(long_values),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(one_key),
		cmocka_unit_test(room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
