/* SPDX-License-Identifier: GPL-2.0 */
#include "prompt.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "keymap.h"

void prompt_open(struct prompt *p, const char *label, const char *text)
{
	p->open = true;
	snprintf(p->label, sizeof(p->label), "%s", label);
	snprintf(p->text, sizeof(p->text), "%s", text);
	p->cursor = strlen(p->text);
}

static size_t left_of(const struct prompt *p, size_t at)
{
	while (at > 0 && (p->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t right_of(const struct prompt *p, size_t at)
{
	if (p->text[at])
		at++;
	while ((p->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static size_t word_left(const struct prompt *p)
{
	size_t at = p->cursor;

	while (at > 0 && p->text[at - 1] == ' ')
		at--;
	while (at > 0 && p->text[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_right(const struct prompt *p)
{
	size_t at = p->cursor;

	while (p->text[at] == ' ')
		at++;
	while (p->text[at] && p->text[at] != ' ')
		at++;
	return at;
}

/* Removes text[from .. to); what is killed (not just deleted) can be put back with Ctrl-Y. */
static enum prompt_event cut(struct prompt *p, size_t from, size_t to, bool kill)
{
	if (from >= to)
		return PROMPT_NOTHING;
	if (kill)
		snprintf(p->killed, sizeof(p->killed), "%.*s", (int)(to - from), p->text + from);
	memmove(p->text + from, p->text + to, strlen(p->text + to) + 1);
	p->cursor = from;
	return PROMPT_CHANGED;
}

static enum prompt_event insert(struct prompt *p, const char *s)
{
	size_t len = strlen(s), have = strlen(p->text);

	if (!len || have + len >= sizeof(p->text))
		return PROMPT_NOTHING;
	memmove(p->text + p->cursor + len, p->text + p->cursor, have - p->cursor + 1);
	memcpy(p->text + p->cursor, s, len);
	p->cursor += len;
	return PROMPT_CHANGED;
}

static enum prompt_event insert_char(struct prompt *p, int key)
{
	char s[5] = "";

	if (key & KEY_WIDE(0))
		key &= ~KEY_WIDE(0);
	else if (key >= 0x80) /* a key, not a character */
		return PROMPT_NOTHING;
	if (key < 0x20 || (key >= 0x7f && key < 0xa0) || key > 0x10ffff)
		return PROMPT_NOTHING;
	if (key < 0x80) {
		s[0] = (char)key;
	} else if (key < 0x800) {
		s[0] = (char)(0xc0 | key >> 6);
		s[1] = (char)(0x80 | (key & 0x3f));
	} else if (key < 0x10000) {
		s[0] = (char)(0xe0 | key >> 12);
		s[1] = (char)(0x80 | (key >> 6 & 0x3f));
		s[2] = (char)(0x80 | (key & 0x3f));
	} else {
		s[0] = (char)(0xf0 | key >> 18);
		s[1] = (char)(0x80 | (key >> 12 & 0x3f));
		s[2] = (char)(0x80 | (key >> 6 & 0x3f));
		s[3] = (char)(0x80 | (key & 0x3f));
	}
	return insert(p, s);
}

static enum prompt_event move_to(struct prompt *p, size_t to)
{
	p->cursor = to;
	return PROMPT_NOTHING;
}

enum prompt_event prompt_key(struct prompt *p, int key)
{
	size_t end = strlen(p->text);

	switch (key) {
	case '\n':
	case '\r':
	case KEY_ENTER:
		p->open = false;
		return PROMPT_ACCEPTED;
	case 27:
	case KEY_CTRL('c'):
	case KEY_CTRL('g'):
		p->open = false;
		return PROMPT_CANCELLED;
	case KEY_LEFT:
	case KEY_CTRL('b'):
		return move_to(p, left_of(p, p->cursor));
	case KEY_RIGHT:
	case KEY_CTRL('f'):
		return move_to(p, right_of(p, p->cursor));
	case KEY_HOME:
	case KEY_CTRL('a'):
		return move_to(p, 0);
	case KEY_END:
	case KEY_CTRL('e'):
		return move_to(p, end);
	case KEY_ALT('b'):
		return move_to(p, word_left(p));
	case KEY_ALT('f'):
		return move_to(p, word_right(p));
	case KEY_BACKSPACE:
	case KEY_CTRL('h'):
	case 127:
		return cut(p, left_of(p, p->cursor), p->cursor, false);
	case KEY_DC:
	case KEY_CTRL('d'):
		return cut(p, p->cursor, right_of(p, p->cursor), false);
	case KEY_CTRL('k'):
		return cut(p, p->cursor, end, true);
	case KEY_CTRL('u'):
		return cut(p, 0, p->cursor, true);
	case KEY_CTRL('w'):
		return cut(p, word_left(p), p->cursor, true);
	case KEY_ALT('d'):
		return cut(p, p->cursor, word_right(p), true);
	case KEY_CTRL('y'):
		return insert(p, p->killed);
	default:
		return insert_char(p, key);
	}
}

int prompt_draw(const struct prompt *p, struct canvas *cv, int y)
{
	char before[PROMPT_MAX];
	int x, room, cursor, shift;

	canvas_fill(cv, 0, y, cv->w, ROLE_TEXT, " ");
	x = canvas_text(cv, 0, y, ROLE_KEY, p->label);
	snprintf(before, sizeof(before), "%.*s", (int)p->cursor, p->text);
	cursor = text_width(before);
	room = cv->w - x - 1;
	/* A line longer than the screen moves left under the cursor. */
	shift = cursor > room ? cursor - room : 0;
	{
		struct canvas part = canvas_part(cv, x, y, cv->w - x, 1);

		part.highlight = NULL;
		canvas_text(&part, -shift, 0, ROLE_TEXT, p->text);
	}
	return x + cursor - shift;
}
