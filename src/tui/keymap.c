/* SPDX-License-Identifier: GPL-2.0 */
#include "keymap.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>

#define ANY KEYMAP_ANY

/* The first key of an action is the one that help and key bar show first. */
static const struct key_binding bindings[] = {
	{ ANY, KEY_UP, ACTION_UP },
	{ ANY, 'k', ACTION_UP },
	{ ANY, KEY_DOWN, ACTION_DOWN },
	{ ANY, 'j', ACTION_DOWN },
	{ ANY, KEY_PPAGE, ACTION_PAGE_UP },
	{ ANY, KEY_CTRL('b'), ACTION_PAGE_UP },
	{ ANY, KEY_NPAGE, ACTION_PAGE_DOWN },
	{ ANY, KEY_CTRL('f'), ACTION_PAGE_DOWN },
	{ ANY, KEY_CTRL('u'), ACTION_HALF_UP },
	{ ANY, KEY_CTRL('d'), ACTION_HALF_DOWN },
	{ ANY, KEY_HOME, ACTION_FIRST },
	{ ANY, 'g', ACTION_FIRST },
	{ ANY, KEY_END, ACTION_LAST },
	{ ANY, 'G', ACTION_LAST },
	{ ANY, '\n', ACTION_OPEN },
	{ ANY, '\r', ACTION_OPEN },
	{ ANY, KEY_ENTER, ACTION_OPEN },
	{ ANY, KEY_RIGHT, ACTION_OPEN },
	{ ANY, 'l', ACTION_OPEN },
	{ ANY, 27, ACTION_BACK },
	{ ANY, KEY_LEFT, ACTION_BACK },
	{ ANY, KEY_BACKSPACE, ACTION_BACK },
	{ ANY, 127, ACTION_BACK },
	{ PANE_LAYERS, ' ', ACTION_TOGGLE },
	{ PANE_FUNCTIONS, ' ', ACTION_TOGGLE },
	{ PANE_JOURNEY, ' ', ACTION_FOLD },
	{ PANE_RULES, ' ', ACTION_FOLD },
	{ PANE_HELP, ' ', ACTION_PAGE_DOWN },
	{ PANE_MESSAGES, ' ', ACTION_PAGE_DOWN },
	{ ANY, '0', ACTION_PRIORITY_0 },
	{ ANY, '1', ACTION_PRIORITY_1 },
	{ ANY, '2', ACTION_PRIORITY_2 },
	{ ANY, '3', ACTION_PRIORITY_3 },
	{ ANY, 's', ACTION_SORT },
	{ ANY, '>', ACTION_SORT },
	{ ANY, KEY_F(6), ACTION_SORT },
	{ ANY, '<', ACTION_SORT_BACK },
	{ ANY, 'I', ACTION_REVERSE },
	{ ANY, 'S', ACTION_REVERSE },
	{ PANE_FLOWS, 'D', ACTION_DROPS_FIRST },
	{ PANE_JOURNEY, 'D', ACTION_NEXT_DROP },
	{ ANY, '/', ACTION_SEARCH },
	{ ANY, 'n', ACTION_SEARCH_NEXT },
	{ ANY, 'N', ACTION_SEARCH_PREV },
	{ ANY, '&', ACTION_ROWS },
	{ ANY, 'f', ACTION_FILTER },
	{ ANY, ':', ACTION_COMMAND },
	{ ANY, '\t', ACTION_NEXT_PANE },
	{ ANY, KEY_BTAB, ACTION_PREV_PANE },
	{ ANY, KEY_F(2), ACTION_LAYERS },
	{ ANY, KEY_ALT('1'), ACTION_LAYERS },
	{ ANY, KEY_F(3), ACTION_FUNCTIONS },
	{ ANY, KEY_ALT('2'), ACTION_FUNCTIONS },
	{ ANY, KEY_F(4), ACTION_FLOWS },
	{ ANY, KEY_ALT('3'), ACTION_FLOWS },
	{ ANY, KEY_F(5), ACTION_JOURNEY },
	{ ANY, KEY_ALT('4'), ACTION_JOURNEY },
	{ ANY, 'z', ACTION_ZOOM },
	{ ANY, 'O', ACTION_ZOOM },
	{ ANY, 'p', ACTION_PAUSE },
	{ ANY, ']', ACTION_FASTER },
	{ ANY, '[', ACTION_SLOWER },
	{ ANY, '.', ACTION_STEP },
	{ ANY, 'E', ACTION_TO_END },
	{ ANY, 'r', ACTION_RECORD },
	{ ANY, 'e', ACTION_MESSAGES },
	{ ANY, 'm', ACTION_MARK },
	{ ANY, '=', ACTION_COMPARE },
	{ ANY, 'd', ACTION_DROPS },
	{ ANY, 'R', ACTION_RULES },
	{ ANY, 'L', ACTION_LATENCY },
	{ PANE_LATENCY, KEY_CTRL('r'), ACTION_RESET },
	{ PANE_COMPARE, ' ', ACTION_NEXT_DIFFERENCE },
	{ ANY, 'M', ACTION_MOUSE },
	{ ANY, KEY_CTRL('l'), ACTION_REDRAW },
	{ ANY, KEY_CTRL('z'), ACTION_SUSPEND },
	{ ANY, '?', ACTION_HELP },
	{ ANY, KEY_F(1), ACTION_HELP },
	{ ANY, 'h', ACTION_HELP },
	{ ANY, 'q', ACTION_QUIT },
	{ ANY, KEY_F(10), ACTION_QUIT },
	{ ANY, KEY_CTRL('c'), ACTION_QUIT },
};

#define NBINDINGS (sizeof(bindings) / sizeof(bindings[0]))

enum action keymap_lookup(enum pane_id pane, int key)
{
	enum action any = ACTION_NONE;
	size_t i;

	for (i = 0; i < NBINDINGS; i++) {
		if (bindings[i].key != key)
			continue;
		if (bindings[i].pane == (int)pane)
			return bindings[i].action;
		if (bindings[i].pane == ANY)
			any = bindings[i].action;
	}
	return any;
}

const struct key_binding *keymap_at(size_t i)
{
	return i < NBINDINGS ? &bindings[i] : NULL;
}

const char *keymap_key_name(int key, char *buf, size_t size)
{
	static const struct {
		int key;
		const char *name;
	} names[] = {
		{ KEY_UP, "Up" },
		{ KEY_DOWN, "Down" },
		{ KEY_LEFT, "Left" },
		{ KEY_RIGHT, "Right" },
		{ KEY_PPAGE, "PgUp" },
		{ KEY_NPAGE, "PgDn" },
		{ KEY_HOME, "Home" },
		{ KEY_END, "End" },
		{ '\n', "Enter" },
		{ '\r', "Enter" },
		{ KEY_ENTER, "Enter" },
		{ 27, "Esc" },
		{ ' ', "Space" },
		{ '\t', "Tab" },
		{ KEY_BTAB, "Shift-Tab" },
		{ KEY_BACKSPACE, "Backspace" },
		{ 127, "Backspace" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].key == key) {
			snprintf(buf, size, "%s", names[i].name);
			return buf;
		}
	if (key & KEY_ALT(0))
		snprintf(buf, size, "Alt-%c", key & 0x7f);
	else if (key >= KEY_F0 && key <= KEY_F(63))
		snprintf(buf, size, "F%d", key - KEY_F0);
	else if (key < 32)
		snprintf(buf, size, "Ctrl-%c", key + '@');
	else
		snprintf(buf, size, "%c", key);
	return buf;
}

const char *keymap_key(enum pane_id pane, enum action action, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < NBINDINGS; i++)
		if (bindings[i].action == action && keymap_lookup(pane, bindings[i].key) == action)
			return keymap_key_name(bindings[i].key, buf, size);
	buf[0] = '\0';
	return buf;
}

const char *keymap_keys(int pane, enum action action, char *buf, size_t size)
{
	char name[16], last[16] = "";
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < NBINDINGS; i++) {
		if (bindings[i].action != action || bindings[i].pane != pane)
			continue;
		keymap_key_name(bindings[i].key, name, sizeof(name));
		if (!strcmp(name, last)) /* Enter and Backspace come in several codes */
			continue;
		snprintf(last, sizeof(last), "%s", name);
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "", name);
		if (len >= size)
			break;
	}
	return buf;
}
