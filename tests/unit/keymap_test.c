/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curses.h>
#include <errno.h>
#include <string.h>

#include "tui/keymap.h"
#include "tui/widgets/prompt.h"

static void no_key_is_bound_twice(void **state)
{
	enum action clash[2];
	struct keymap km;
	char err[200];

	keymap_default(&km);
	if (keymap_check(&km, clash, err, sizeof(err)))
		fail_msg("%s", err);
}

static void panes_come_before_any(void **state)
{
	struct keymap km;

	keymap_default(&km);
	assert_int_equal(keymap_lookup(&km, PANE_LAYERS, ' '), ACTION_TOGGLE);
	assert_int_equal(keymap_lookup(&km, PANE_HELP, ' '), ACTION_PAGE_DOWN);
	assert_int_equal(keymap_lookup(&km, PANE_FLOWS, ' '), ACTION_NONE);
	assert_int_equal(keymap_lookup(&km, PANE_FLOWS, 'q'), ACTION_QUIT);
}

static void keys_have_the_names_people_use(void **state)
{
	struct keymap km;
	char buf[64];
	int i;

	for (i = 0; i < PANE_COUNT; i++)
		assert_non_null(keymap_pane_name(i));
	keymap_default(&km);
	assert_string_equal(keymap_key_name(KEY_CTRL('d'), buf, sizeof(buf)), "Ctrl-D");
	assert_string_equal(keymap_key_name(KEY_F(10), buf, sizeof(buf)), "F10");
	assert_string_equal(keymap_key_name(KEY_ALT('1'), buf, sizeof(buf)), "Alt-1");
	assert_string_equal(
		keymap_keys(&km, KEYMAP_ANY, ACTION_OPEN, " ", buf, sizeof(buf)), "Enter Right l");
}

static void names_lead_back_to_keys(void **state)
{
	char name[16];
	struct keymap km;
	size_t i;

	keymap_default(&km);
	for (i = 0; i < km.n; i++) {
		int key = keymap_key_by_name(keymap_key_name(km.v[i].key, name, sizeof(name)));

		/* one of several codes of the same key */
		assert_true(key == km.v[i].key || keymap_same_key(key, 0) == km.v[i].key ||
			    keymap_same_key(key, 1) == km.v[i].key);
	}
	assert_int_equal(keymap_key_by_name("pgdn"), KEY_NPAGE);
	assert_int_equal(keymap_key_by_name("ctrl-d"), KEY_CTRL('d'));
	assert_int_equal(keymap_key_by_name("€"), KEY_WIDE(0x20ac));
	assert_string_equal(keymap_key_name(KEY_WIDE(0x20ac), name, sizeof(name)), "€");
	assert_int_equal(keymap_key_by_name("Comma"), ',');
	assert_int_equal(keymap_key_by_name(""), 0);
	assert_int_equal(keymap_key_by_name("F0"), 0);
	assert_int_equal(keymap_key_by_name("F99"), 0);
	assert_int_equal(keymap_key_by_name("Ctrl-"), 0);
	assert_int_equal(keymap_key_by_name("qq"), 0);
}

static void keys_are_given_anew(void **state)
{
	struct keymap km;
	char err[200], keys[64];

	keymap_default(&km);
	assert_int_equal(keymap_set(&km, "pause", "P,F9", err, sizeof(err)), 0);
	assert_int_equal(keymap_lookup(&km, PANE_FLOWS, 'P'), ACTION_PAUSE);
	assert_int_equal(keymap_lookup(&km, PANE_FLOWS, KEY_F(9)), ACTION_PAUSE);
	assert_int_equal(keymap_lookup(&km, PANE_FLOWS, 'p'), ACTION_NONE);
	/* an action of some panes stays theirs */
	assert_int_equal(keymap_set(&km, "toggle", "Alt-t", err, sizeof(err)), 0);
	assert_int_equal(keymap_lookup(&km, PANE_LAYERS, KEY_ALT('t')), ACTION_TOGGLE);
	assert_int_equal(keymap_lookup(&km, PANE_FUNCTIONS, KEY_ALT('t')), ACTION_TOGGLE);
	assert_int_equal(keymap_lookup(&km, PANE_FLOWS, KEY_ALT('t')), ACTION_NONE);
	/* one of all panes keeps what single ones have besides, and the other way round */
	assert_int_equal(keymap_set(&km, "page-down", "x", err, sizeof(err)), 0);
	assert_int_equal(keymap_lookup(&km, PANE_HELP, ' '), ACTION_PAGE_DOWN);
	assert_int_equal(keymap_set(&km, "help.page-down", "none", err, sizeof(err)), 0);
	assert_int_equal(keymap_lookup(&km, PANE_HELP, ' '), ACTION_NONE);
	assert_int_equal(keymap_lookup(&km, PANE_HELP, 'x'), ACTION_PAGE_DOWN);
	/* all codes of a key */
	assert_int_equal(keymap_set(&km, "open", "Enter, o", err, sizeof(err)), 0);
	assert_int_equal(keymap_lookup(&km, PANE_FLOWS, '\r'), ACTION_OPEN);
	assert_int_equal(keymap_lookup(&km, PANE_FLOWS, KEY_ENTER), ACTION_OPEN);
	assert_string_equal(keymap_keys(&km, KEYMAP_ANY, ACTION_OPEN, ", ", keys, sizeof(keys)), "Enter, o");
}

static void wrong_keys_are_named(void **state)
{
	static const struct {
		const char *name, *keys, *err;
	} faults[] = {
		{ "quitt", "q", "quitt: no such action (did you mean quit?)" },
		{ "helpp.quit", "q", "helpp.quit: no pane is called helpp" },
		{ "pause", "pp", "pause: \"pp\" is no key (such as q, F10, Ctrl-D, Space, Comma)" },
		{ "pause", "p,", "pause: \"\" is no key (such as q, F10, Ctrl-D, Space, Comma)" },
		{ "pause", "Ctrl-C", "pause: Ctrl-C always quits" },
	};
	enum action clash[2];
	struct keymap km;
	char err[200];
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		keymap_default(&km);
		assert_int_equal(keymap_set(&km, faults[i].name, faults[i].keys, err, sizeof(err)), -EINVAL);
		assert_string_equal(err, faults[i].err);
	}
	keymap_default(&km);
	assert_int_equal(keymap_set(&km, "pause", "q", err, sizeof(err)), 0);
	assert_int_equal(keymap_check(&km, clash, err, sizeof(err)), -EINVAL);
	assert_string_equal(err, "q means quit and pause everywhere: one of them needs another key");
	keymap_default(&km);
	assert_int_equal(keymap_set(&km, "pause", "Space", err, sizeof(err)), 0);
	assert_int_equal(keymap_check(&km, clash, err, sizeof(err)), -EINVAL);
	assert_string_equal(err, "Space means toggle and pause in the layers: one of them needs another key");
}

static enum prompt_event type(struct prompt *p, const char *keys)
{
	enum prompt_event last = PROMPT_NOTHING;

	for (; *keys; keys++)
		last = prompt_key(p, *keys);
	return last;
}

static void prompt_edits_like_readline(void **state)
{
	struct prompt p = { 0 };

	prompt_open(&p, "/", "");
	assert_int_equal(type(&p, "one two"), PROMPT_CHANGED);
	type(&p, "\001\004"); /* Ctrl-A, Ctrl-D */
	assert_string_equal(p.text, "ne two");
	type(&p, "\005\027"); /* Ctrl-E, Ctrl-W */
	assert_string_equal(p.text, "ne ");
	type(&p, "\031\031"); /* Ctrl-Y */
	assert_string_equal(p.text, "ne twotwo");
	type(&p, "\002\002\013"); /* Ctrl-B, Ctrl-K */
	assert_string_equal(p.text, "ne twot");
	type(&p, "\025"); /* Ctrl-U */
	assert_string_equal(p.text, "");
	prompt_key(&p, KEY_WIDE(0x20ac));
	prompt_key(&p, 'x');
	prompt_key(&p, KEY_LEFT);
	prompt_key(&p, KEY_BACKSPACE);
	assert_string_equal(p.text, "x");
	prompt_key(&p, KEY_F(5));
	prompt_key(&p, KEY_WIDE(0x9b));
	assert_string_equal(p.text, "x");
	assert_int_equal(prompt_key(&p, 27), PROMPT_CANCELLED);
	assert_false(p.open);
}

static void prompt_asks_its_owner_for_more(void **state)
{
	struct prompt p = { 0 };

	prompt_open(&p, "filter", "tcp");
	assert_int_equal(prompt_key(&p, KEY_UP), PROMPT_OLDER);
	assert_int_equal(prompt_key(&p, KEY_CTRL('p')), PROMPT_OLDER);
	assert_int_equal(prompt_key(&p, KEY_DOWN), PROMPT_NEWER);
	assert_int_equal(prompt_key(&p, KEY_CTRL('n')), PROMPT_NEWER);
	assert_int_equal(prompt_key(&p, '\t'), PROMPT_COMPLETE);
	assert_string_equal(p.text, "tcp");
	prompt_set(&p, "udp");
	prompt_key(&p, '!');
	assert_string_equal(p.text, "udp!");
}

static void prompt_has_an_end(void **state)
{
	struct prompt p = { 0 };
	int i;

	prompt_open(&p, "/", "");
	for (i = 0; i < PROMPT_MAX; i++)
		prompt_key(&p, KEY_WIDE(0x20ac));
	assert_true(strlen(p.text) < PROMPT_MAX);
	assert_int_equal(strlen(p.text) % 3, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_is_bound_twice),
		cmocka_unit_test(panes_come_before_any),
		cmocka_unit_test(keys_have_the_names_people_use),
		cmocka_unit_test(names_lead_back_to_keys),
		cmocka_unit_test(keys_are_given_anew),
		cmocka_unit_test(wrong_keys_are_named),
		cmocka_unit_test(prompt_edits_like_readline),
		cmocka_unit_test(prompt_asks_its_owner_for_more),
		cmocka_unit_test(prompt_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
