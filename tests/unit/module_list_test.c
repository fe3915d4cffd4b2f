/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "trace/discover/module_list.h"

static const char lines[] = "vxlan 151552 0 - Live 0xffffffffc053a000\n"
			    "udp_tunnel 36864 1 vxlan, Live 0xffffffffc051d000 (OE)\n"
			    "dummy 12288 1 - Loading 0xffffffffc052c000\n"
			    "ipip 12288 -1 - Unloading 0xffffffffc0530000\n"
			    "broken\n\n"
			    "veth 40960 0 - Live 0x0000000000000000\n";

static void parse(struct module_list *list, const char *text)
{
	char copy[1024];

	strcpy(copy, text);
	assert_int_equal(module_list_parse(list, copy), 0);
}

static void test_only_what_is_live(void **state)
{
	struct module_list list;

	parse(&list, lines);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[0].name, "vxlan");
	assert_true(list.v[0].addr == 0xffffffffc053a000);
	assert_string_equal(list.v[1].name, "udp_tunnel");
	assert_string_equal(list.v[2].name, "veth");
	module_list_free(&list);
	parse(&list, "");
	assert_int_equal(list.n, 0);
	module_list_free(&list);
}

static void test_a_name_too_long_is_no_module(void **state)
{
	struct module_list list;
	char line[256] = "";

	for (int i = 0; i < 100; i++)
		strcat(line, "x");
	strcat(line, " 1 0 - Live 0x1000\n");
	parse(&list, line);
	assert_int_equal(list.n, 0);
	module_list_free(&list);
}

static void test_loaded_again_is_another(void **state)
{
	struct module_list list;
	struct module m;

	parse(&list, lines);
	m = list.v[0];
	assert_true(module_list_has(&list, &m));
	m.addr++;
	assert_false(module_list_has(&list, &m));
	m = list.v[0];
	m.inode++; /* at the same place */
	assert_false(module_list_has(&list, &m));
	strcpy(m.name, "vx");
	assert_false(module_list_has(&list, &m));
	module_list_free(&list);
}

static void test_reading_twice(void **state)
{
	struct module_list a, b;

	assert_int_equal(module_list_read(&a), 0);
	assert_int_equal(module_list_read(&b), 0);
	assert_true(a.hash == b.hash);
	module_list_free(&a);
	module_list_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_live),
		cmocka_unit_test(test_a_name_too_long_is_no_module),
		cmocka_unit_test(test_loaded_again_is_another),
		cmocka_unit_test(test_reading_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
