/* SPDX-License-Identifier: GPL-2.0 */
#include "prompt.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "tui/keymap.h"

#define NOTE_LINES 12

void prompt_open(struct prompt *p, const char *label, const char *text)
{
	p->open = true;
	p->wrong = false;
	p->note[0] = '\0';
	snprintf(p->label, sizeof(p->label), "%s", label);
	prompt_set(p, text);
}

void prompt_set(struct prompt *p, const char *text)
{
	snprintf(p->text, sizeof(p->text), "%s", text);
	p->cursor = strlen(p->text);
}

static size_t left_of_text(const char *text, size_t at)
{
	while (at > 0 && (text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t left_of(const struct prompt *p, size_t at)
{
	return left_of_text(p->text, at);
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
	case KEY_UP:
	case KEY_CTRL('p'):
		return PROMPT_OLDER;
	case KEY_DOWN:
	case KEY_CTRL('n'):
		return PROMPT_NEWER;
	case '\t':
		return PROMPT_COMPLETE;
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

/* First byte of what is shown, so that the cursor is in the last of room columns at most. */
static size_t first_shown(const struct prompt *p, int room)
{
	size_t from = p->cursor, before;
	int w = 0;

	while (from > 0) {
		char one[8];

		before = left_of(p, from);
		snprintf(one, sizeof(one), "%.*s", (int)(from - before), p->text + before);
		w += text_width(one);
		if (w > room)
			break;
		from = before;
	}
	return from;
}

int prompt_draw(const struct prompt *p, struct canvas *cv, int y)
{
	enum role role = p->wrong ? ROLE_WARN : ROLE_TEXT;
	int x, cursor, room;
	struct canvas part;
	char shown[PROMPT_MAX];
	size_t from;

	canvas_fill(cv, 0, y, cv->w, ROLE_TEXT, " ");
	/* Where it is narrow the text is worth more than the name of the prompt. */
	x = text_width(p->label) <= cv->w / 3 ? canvas_text(cv, 0, y, ROLE_KEY, p->label) : 0;
	if (strlen(p->label) > 1)
		x += canvas_text(cv, x, y, p->wrong ? ROLE_WARN : ROLE_KEY, p->wrong ? "! " : ": ");
	room = cv->w - x;
	from = first_shown(p, room - 1);
	/* Text that goes on to the left is said to: the sign takes the place of a character. */
	if (from > 0)
		from = first_shown(p, room - 2);
	part = canvas_part(cv, x, y, room, 1);
	part.highlight = NULL;
	snprintf(shown, sizeof(shown), "%.*s", (int)(p->cursor - from), p->text + from);
	cursor = from > 0 ? canvas_text(&part, 0, 0, ROLE_DIM, "…") : 0;
	canvas_text(&part, cursor, 0, role, p->text + from);
	if (cursor + text_width(p->text + from) > room)
		canvas_text(&part, room - 1, 0, ROLE_DIM, "…");
	return x + cursor + text_width(shown);
}

/* Bytes of the words that fill at most width columns; a word that is longer is cut. */
static size_t words_in(const char *text, int width)
{
	char part[PROMPT_NOTE_MAX];
	size_t len = strlen(text), at;

	for (at = len; at > 0; at = left_of_text(text, at)) {
		snprintf(part, sizeof(part), "%.*s", (int)at, text);
		if (text_width(part) <= width)
			break;
	}
	if (at == len || text[at] == ' ')
		return at;
	for (len = at; len > 0 && text[len - 1] != ' '; len--)
		;
	return len ? len : at;
}

void prompt_draw_note(const struct prompt *p, struct canvas *cv, int last)
{
	int x = p->wrong ? 2 : 0, lines = 0, max = (last + 1) / 2, y;
	const char *line[NOTE_LINES] = { NULL }, *text = p->note;
	char part[PROMPT_NOTE_MAX + 4];
	size_t len[NOTE_LINES] = { 0 };

	if (max > NOTE_LINES)
		max = NOTE_LINES;
	while (*text && lines < max && cv->w > x + 2) {
		line[lines] = text;
		len[lines] = words_in(text, cv->w - x - 2);
		text += len[lines] ? len[lines] : 1;
		text += strspn(text, " ");
		lines++;
	}
	for (y = 0; y < lines; y++) {
		snprintf(part, sizeof(part), "%.*s%s", (int)len[y], line[y],
			y == lines - 1 && *text ? "…" : "");
		canvas_fill(cv, 0, last - lines + 1 + y, cv->w, ROLE_TEXT, " ");
		if (p->wrong && !y)
			canvas_text(cv, 0, last - lines + 1, ROLE_WARN, "!");
		canvas_text(cv, x, last - lines + 1 + y, p->wrong ? ROLE_WARN : ROLE_DIM, part);
	}
}
