/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "model/names.h"
#include "model/names_sized.h"

static void test_printable(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "eth0", "eth0" },
		{ "caf\xc3\xa9 \xe2\x9c\x93 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x9c\x93 \xf0\x9f\x98\x80" },
		{ "a\x1b[31mb\tc\n", "a?[31mb?c?" },
		{ "\x7f", "?" },
		{ "\xc2\x9b", "?" },		/* CSI, a C1 control */
		{ "\xc0\xaf", "??" },		/* overlong slash */
		{ "\xe0\x80\xaf", "???" },	/* overlong */
		{ "\xf0\x80\x80\xaf", "????" }, /* overlong */
		{ "\xed\xa0\x80", "???" },	/* surrogate */
		{ "\xf4\x90\x80\x80", "????" }, /* beyond U+10FFFF */
		{ "\xf5\x80", "??" },
		{ "x\xe2\x80\xaey", "x?y" },	      /* right-to-left override */
		{ "x\xe2\x81\xa6y", "x?y" },	      /* isolate */
		{ "\xe2\x80\x8b\xef\xbb\xbf", "??" }, /* zero width space, byte order mark */
		{ "\xf3\xa0\x81\x81", "?" },	      /* tag */
		{ "a\xe2\x9c", "a??" },		      /* cut off */
		{ "\x80\xbf", "??" },
	};
	char buf[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
			printable(buf, sizeof(buf), cases[i].in, strlen(cases[i].in)), cases[i].out);
}

static void test_printable_bounds(void **state)
{
	char buf[8] = "XXXXXXX";

	assert_string_equal(printable(buf, 4, "abcdef", 6), "abc");
	assert_int_equal(buf[4], 'X');
	assert_string_equal(printable(buf, 4, "ab\xe2\x9c\x93", 5), "ab"); /* not half a character */
	assert_string_equal(printable(buf, sizeof(buf), "abc", 2), "ab");  /* no NUL there */
	assert_string_equal(printable(buf, sizeof(buf), "a\0b", 3), "a");
	buf[0] = 'Y';
	printable(buf, 0, "abc", 3);
	assert_int_equal(buf[0], 'Y');
	assert_string_equal(printable(buf, 1, "abc", 3), "");
}

/* Whatever bytes: the result is well-formed, and clean a second time too. */
static void test_printable_any_bytes(void **state)
{
	char in[16], out[17], again[17];
	uint32_t seed = 7;

	for (int round = 0; round < 200000; round++) {
		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1664525 + 1013904223;
			in[i] = (char)(seed >> 24 | (round & 1 ? 0x80 : 0));
		}
		printable(out, sizeof(out), in, sizeof(in));
		for (size_t i = 0, n; out[i]; i += n) {
			uint32_t cp;

			n = utf8_decode(out + i, strlen(out + i), &cp);
			assert_true(n && utf8_printable(cp));
		}
		assert_string_equal(printable(again, sizeof(again), out, sizeof(out)), out);
	}
}

static void add_device(struct names *names, uint32_t netns, uint32_t ifindex, const char *name)
{
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = netns, .ifindex = ifindex } };

	memcpy(dev.name, name, strnlen(name, sizeof(dev.name)));
	names_apply(names, &dev.ev, sizeof(dev));
}

static void test_names(void **state)
{
	struct event_netns netns = { .ev = { .type = EVENT_NETNS, .netns = 7 }, .name = "blue\x1b]0;x" };
	struct event other = { .type = EVENT_FUNC, .netns = 9, .ifindex = 9 };
	struct names *names = names_new();

	assert_non_null(names);
	assert_null(names_device(names, 7, 2));
	assert_null(names_netns(names, 7));
	add_device(names, 7, 2, "0123456789abcdef"); /* all 16 bytes, no NUL */
	add_device(names, 8, 2, "eth0");
	names_apply(names, &netns.ev, sizeof(netns));
	names_apply(names, &other, sizeof(other));
	assert_string_equal(names_device(names, 7, 2), "0123456789abcdef");
	assert_string_equal(names_device(names, 8, 2), "eth0");
	assert_string_equal(names_netns(names, 7), "blue?]0;x");
	assert_null(names_device(names, 7, 0));
	assert_null(names_netns(names, 8));
	add_device(names, 8, 2, "lan0");
	assert_string_equal(names_device(names, 8, 2), "lan0");
	/* too short to have a name */
	netns.ev.netns = 10;
	names_apply(names, &netns.ev, sizeof(struct event));
	assert_null(names_netns(names, 10));
	names_free(names);
	names_free(NULL);
}

static void test_names_bounded(void **state)
{
	struct names *names = names_new_sized(100);
	char text[16];

	for (uint32_t i = 1; i <= 1000; i++) {
		snprintf(text, sizeof(text), "dev%u", i);
		add_device(names, 1, i, text);
	}
	assert_null(names_device(names, 1, 900));
	assert_string_equal(names_device(names, 1, 901), "dev901");
	assert_string_equal(names_device(names, 1, 1000), "dev1000");
	names_free(names);
}

static void add_owner(struct names *names, uint64_t inode, uint32_t pid, const char *comm)
{
	struct event_owner owner = { .ev = { .type = EVENT_OWNER, .pid = pid }, .inode = inode };

	memcpy(owner.comm, comm, strnlen(comm, sizeof(owner.comm)));
	names_apply(names, &owner.ev, sizeof(owner));
}

static void test_owners(void **state)
{
	struct names *names = names_new_sized(100);
	uint32_t pid = 77;

	assert_null(names_owner(names, 5, &pid));
	assert_int_equal(pid, 77);
	add_owner(names, 5, 1234, "0123456789\x1b[m567"); /* all 16 bytes, no NUL */
	add_owner(names, 6, 0, "left over");
	add_owner(names, 0, 9, "nobody's");
	assert_string_equal(names_owner(names, 5, &pid), "0123456789?[m567");
	assert_int_equal(pid, 1234);
	assert_string_equal(names_owner(names, 6, &pid), "");
	assert_int_equal(pid, 0);
	assert_null(names_owner(names, 0, &pid));
	/* found later, and a socket's number used again */
	add_owner(names, 6, 7, "sshd");
	assert_string_equal(names_owner(names, 6, &pid), "sshd");
	assert_int_equal(pid, 7);
	/* names of devices and owners of sockets do not get in each other's way */
	add_device(names, 0, 6, "eth0");
	assert_string_equal(names_owner(names, 6, &pid), "sshd");
	assert_string_equal(names_device(names, 0, 6), "eth0");
	for (uint32_t i = 1000; i < 1100; i++)
		add_owner(names, i, i, "many");
	assert_null(names_owner(names, 6, &pid));
	assert_string_equal(names_owner(names, 1000, &pid), "many");
	assert_string_equal(names_device(names, 0, 6), "eth0");
	names_free(names);
}

static void add_symbol(struct names *names, uint64_t addr, const char *name, const char *module)
{
	struct event_symbol symbol = { .ev = { .type = EVENT_SYMBOL }, .addr = addr, .offset = 26 };

	memcpy(symbol.name, name, strnlen(name, sizeof(symbol.name)));
	memcpy(symbol.module, module, strnlen(module, sizeof(symbol.module)));
	names_apply(names, &symbol.ev, sizeof(symbol));
}

static void test_symbols(void **state)
{
	struct event_symbol cut = { .ev = { .type = EVENT_SYMBOL }, .addr = 9, .name = "cut" };
	struct names *names = names_new_sized(100);
	const char *module;
	uint32_t offset;

	assert_null(names_symbol(names, 5, &module, &offset));
	add_symbol(names, 5, "nf_hook_slow", "");
	add_symbol(names, 6, "nft_do_chain\x1b[m", "nf_tables\n");
	add_symbol(names, 7, "", ""); /* looked for, not found */
	assert_string_equal(names_symbol(names, 5, &module, &offset), "nf_hook_slow");
	assert_string_equal(module, "");
	assert_int_equal(offset, 26);
	assert_string_equal(names_symbol(names, 6, &module, NULL), "nft_do_chain?[m");
	assert_string_equal(module, "nf_tables?");
	assert_null(names_symbol(names, 7, NULL, NULL));
	names_apply(names, &cut.ev, sizeof(cut) - 1);
	assert_null(names_symbol(names, 9, NULL, NULL));
	for (uint64_t addr = 1000; addr < 1100; addr++)
		add_symbol(names, addr, "many", "");
	assert_null(names_symbol(names, 5, NULL, NULL));
	assert_string_equal(names_symbol(names, 1099, NULL, NULL), "many");
	names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_printable_bounds),
		cmocka_unit_test(test_printable_any_bytes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_bounded),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_symbols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
