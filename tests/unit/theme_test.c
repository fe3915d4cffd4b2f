/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "tui/theme.h"

static void compiled_in_theme_names_every_role(void **state)
{
	struct theme t;
	int i;

	theme_default(&t);
	assert_int_equal(t.style[ROLE_DROP][THEME_256].fg, 203);
	assert_int_equal(t.style[ROLE_DROP][THEME_16].fg, 9);
	assert_int_equal(t.style[ROLE_DROP][THEME_8].fg, 1);
	for (i = 0; i < LAYER_COUNT; i++)
		assert_int_not_equal(t.style[ROLE_LAYER + i][THEME_256].fg, THEME_DEFAULT);
}

static void alternatives_take_the_one_before(void **state)
{
	struct theme t;
	char err[160];

	theme_default(&t);
	assert_int_equal(theme_parse(&t, "x", "Text 100/bright-red - bold/-\n", err, sizeof(err)), 0);
	assert_int_equal(t.style[ROLE_TEXT][THEME_256].fg, 100);
	assert_int_equal(t.style[ROLE_TEXT][THEME_8].fg, 9);
	assert_int_equal(t.style[ROLE_TEXT][THEME_256].attributes, THEME_BOLD);
	assert_int_equal(t.style[ROLE_TEXT][THEME_MONO].attributes, 0);
	/* Eight colours: the bright half is bold. */
	assert_int_equal(theme_style(&t, THEME_8, ROLE_TEXT, false).fg, 1);
	assert_int_equal(theme_style(&t, THEME_8, ROLE_TEXT, false).attributes, THEME_BOLD);
	assert_int_equal(theme_style(&t, THEME_MONO, ROLE_TEXT, false).fg, THEME_DEFAULT);
}

static void faults_are_named_with_their_line(void **state)
{
	static const struct {
		const char *text, *err;
	} faults[] = {
		{ "# x\n\ntekst - -\n", "f:3: no role is called \"tekst\"" },
		{ "text 256 -\n", "f:1: \"256\" is no colour" },
		{ "text - pink\n", "f:1: \"pink\" is no background colour" },
		{ "text - - loud\n", "f:1: \"loud\" is no attribute" },
		{ "text -\n", "f:1: a line is: role colour background [attributes]" },
		{ "text - - bold dim\n",
			"f:1: \"dim\" is one word too many (attributes are joined by commas)" },
		{ "text 1/2/3/4/5 -\n", "f:1: \"5\" is no colour" },
	};
	struct theme t;
	char err[160];
	size_t i;

	theme_default(&t);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		assert_int_equal(theme_parse(&t, "f", faults[i].text, err, sizeof(err)), -EINVAL);
		assert_string_equal(err, faults[i].err);
	}
}

static void what_is_shipped_is_right(void **state)
{
	static const char *const names[] = { "./themes/default.theme", "./themes/mono.theme",
		"./themes/light.theme" };
	struct theme t;
	char err[240];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (theme_load(&t, names[i], err, sizeof(err)))
			fail_msg("%s", err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiled_in_theme_names_every_role),
		cmocka_unit_test(alternatives_take_the_one_before),
		cmocka_unit_test(faults_are_named_with_their_line),
		cmocka_unit_test(what_is_shipped_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
