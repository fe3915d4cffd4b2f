/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curses.h>
#include <string.h>

#include "tui/keymap.h"
#include "tui/widgets/prompt.h"

static void no_key_is_bound_twice(void **state)
{
	const struct key_binding *a, *b;
	size_t i, k;

	for (i = 0; (a = keymap_at(i)); i++)
		for (k = i + 1; (b = keymap_at(k)); k++)
			if (a->pane == b->pane && a->key == b->key)
				fail_msg("%s and %s", action_name(a->action), action_name(b->action));
}

static void panes_come_before_any(void **state)
{
	assert_int_equal(keymap_lookup(PANE_LAYERS, ' '), ACTION_TOGGLE);
	assert_int_equal(keymap_lookup(PANE_HELP, ' '), ACTION_PAGE_DOWN);
	assert_int_equal(keymap_lookup(PANE_FLOWS, ' '), ACTION_NONE);
	assert_int_equal(keymap_lookup(PANE_FLOWS, 'q'), ACTION_QUIT);
}

static void keys_have_the_names_people_use(void **state)
{
	char buf[64];

	assert_string_equal(keymap_key_name(KEY_CTRL('d'), buf, sizeof(buf)), "Ctrl-D");
	assert_string_equal(keymap_key_name(KEY_F(10), buf, sizeof(buf)), "F10");
	assert_string_equal(keymap_key_name(KEY_ALT('1'), buf, sizeof(buf)), "Alt-1");
	assert_string_equal(keymap_keys(KEYMAP_ANY, ACTION_OPEN, buf, sizeof(buf)), "Enter Right l");
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
		cmocka_unit_test(prompt_edits_like_readline),
		cmocka_unit_test(prompt_asks_its_owner_for_more),
		cmocka_unit_test(prompt_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
