/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/nearest.h"

static int parse(struct conf *conf, const char *text, char *err, size_t size)
{
	return conf_parse(conf, "f", text, strlen(text), err, size);
}

static void lines_become_entries(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "# a comment\n"
				   "; another\r\n"
				   "[one]\r\n"
				   "  a = 1\r\n"
				   "\tb=x ; y = [z] # no comment\n"
				   "[empty]\n"
				   "\n"
				   "[two]\n"
				   "x;y = 1\n"
				   "compare = =\n"
				   "command = :\n"
				   "none =\n"
				   "a = last, without an end";
	static const struct {
		const char *section, *name, *value;
		unsigned int line;
	} expected[] = {
		{ "one", NULL, NULL, 3 },
		{ "one", "a", "1", 4 },
		{ "one", "b", "x ; y = [z] # no comment", 5 },
		{ "empty", NULL, NULL, 6 },
		{ "two", NULL, NULL, 8 },
		{ "two", "x;y", "1", 9 },
		{ "two", "compare", "=", 10 },
		{ "two", "command", ":", 11 },
		{ "two", "none", "", 12 },
		{ "two", "a", "last, without an end", 13 },
	};
	struct conf conf;
	char err[200] = "";
	size_t i;

	if (parse(&conf, text, err, sizeof(err)))
		fail_msg("%s", err);
	assert_int_equal(conf.n, sizeof(expected) / sizeof(expected[0]));
	for (i = 0; i < conf.n; i++) {
		assert_string_equal(conf.v[i].section, expected[i].section);
		assert_int_equal(conf.v[i].line, expected[i].line);
		if (!expected[i].name) {
			assert_null(conf.v[i].name);
			continue;
		}
		assert_string_equal(conf.v[i].name, expected[i].name);
		assert_string_equal(conf.v[i].value, expected[i].value);
	}
	conf_free(&conf);
}

/* The library takes lines in pieces of 200 bytes: no byte and no blank may get lost where they meet. */
static void long_lines_come_whole(void **state)
{
	char *text = malloc(CONF_LINE_MAX + 64), *value, err[200];
	size_t len, i;
	struct conf conf;

	assert_non_null(text);
	for (len = 150; len < CONF_LINE_MAX - 10; len = len < 450 ? len + 1 : len * 2) {
		value = text + sprintf(text, "[s]\nname = ");
		for (i = 0; i < len; i++)
			value[i] = i % 3 == 1 && i + 1 < len ? ' ' : i % 7 == 2 ? ';' : (char)('a' + i % 26);
		strcpy(value + len, "\nafter = 1\n");
		if (parse(&conf, text, err, sizeof(err)))
			fail_msg("%zu: %s", len, err);
		assert_int_equal(conf.n, 3);
		value[len] = '\0';
		assert_string_equal(conf.v[1].value, value);
		assert_int_equal(conf.v[2].line, 3);
		conf_free(&conf);
	}
	free(text);
}

static void faults_have_their_line(void **state)
{
	static const struct {
		const char *text, *err;
	} faults[] = {
		{ "[a]\nx\n", "f:2: neither [section] nor name = value" },
		{ "[a]\n= 3\n", "f:2: neither [section] nor name = value" },
		{ "[a\n", "f:1: a section is written [name]" },
		{ "[]\n", "f:1: a section is written [name]" },
		{ "[a] b = c\n", "f:1: nothing may stand behind [section]" },
		{ "[a]\nb = 1\n[c]\n[a]\nb = 2\n", "f:5: \"b\" is given twice, in line 2 too" },
		{ "[a]\nb = \033[31m\n", "f:2: control characters or broken UTF-8" },
		{ "[a]\nb = \001\n", "f:2: control characters or broken UTF-8" },
		{ "[a]\nb = \xc3\n", "f:2: control characters or broken UTF-8" },
		{ "[a]\nb = \xe2\x80\xae\n", "f:2: control characters or broken UTF-8" },
		{ "[a]\nab345678901234567890123456789012345678901234567890 = 1\n",
			"f:2: no name has 51 bytes" },
	};
	struct conf conf;
	char err[200], *text;
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		assert_int_equal(parse(&conf, faults[i].text, err, sizeof(err)), -EINVAL);
		assert_string_equal(err, faults[i].err);
		assert_null(conf.v);
	}
	assert_int_equal(conf_parse(&conf, "f", "a\0b", 3, err, sizeof(err)), -EINVAL);
	text = malloc(CONF_LINE_MAX + 2);
	assert_non_null(text);
	memset(text, 'a', CONF_LINE_MAX + 1);
	text[CONF_LINE_MAX + 1] = '\0';
	assert_int_equal(parse(&conf, text, err, sizeof(err)), -EINVAL);
	assert_string_equal(err, "f:1: 8193 bytes, at most 8192");
	free(text);
}

static void there_is_an_end_of_lines(void **state)
{
	char *text = malloc(CONF_ENTRIES_MAX * 16), err[200];
	size_t at = 0, i;
	struct conf conf;

	assert_non_null(text);
	for (i = 0; i <= CONF_ENTRIES_MAX; i++)
		at += (size_t)sprintf(text + at, "n%zu = 1\n", i);
	assert_int_equal(parse(&conf, text, err, sizeof(err)), -EINVAL);
	assert_string_equal(err, "f:1001: more than 1000 lines: nobody needs so many");
	free(text);
}

static const char *meant(const char *word)
{
	struct nearest near = NEAREST_INIT(word);

	nearest_try(&near, "priority");
	nearest_try(&near, "layer");
	nearest_try(&near, "memory");
	return nearest_name(&near);
}

static void what_was_meant(void **state)
{
	assert_string_equal(meant("priorty"), "priority");
	assert_string_equal(meant("prio"), "priority");
	assert_string_equal(meant("laeyr"), "layer");
	assert_null(meant("zzzzzzzzzz"));
	assert_null(meant("0123456789012345678901234567890123456789012345678901234567890123456789"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_entries),
		cmocka_unit_test(long_lines_come_whole),
		cmocka_unit_test(faults_have_their_line),
		cmocka_unit_test(there_is_an_end_of_lines),
		cmocka_unit_test(what_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
