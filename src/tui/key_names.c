/* SPDX-License-Identifier: GPL-2.0 */
#include <ctype.h>
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "base/utf8.h"
#include "keymap.h"

/* The first name of a key is the one that is shown; codes of the same name are the same key. */
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
	{ KEY_IC, "Insert" },
	{ KEY_DC, "Delete" },
	{ '\n', "Enter" },
	{ '\r', "Enter" },
	{ KEY_ENTER, "Enter" },
	{ 27, "Esc" },
	{ ' ', "Space" },
	{ '\t', "Tab" },
	{ KEY_BTAB, "Shift-Tab" },
	{ KEY_BACKSPACE, "Backspace" },
	{ 127, "Backspace" },
	{ ',', "Comma" },
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static size_t row_of(int key)
{
	size_t i;

	for (i = 0; i < NAMES && names[i].key != key; i++)
		;
	return i;
}

static void put_character(char *buf, size_t size, uint32_t cp)
{
	char text[8] = "";
	size_t n = 0;

	if (cp < 0x80) {
		text[n++] = (char)cp;
	} else if (cp < 0x800) {
		text[n++] = (char)(0xc0 | cp >> 6);
		text[n++] = (char)(0x80 | (cp & 0x3f));
	} else {
		if (cp < 0x10000) {
			text[n++] = (char)(0xe0 | cp >> 12);
		} else {
			text[n++] = (char)(0xf0 | (cp >> 18 & 7));
			text[n++] = (char)(0x80 | (cp >> 12 & 0x3f));
		}
		text[n++] = (char)(0x80 | (cp >> 6 & 0x3f));
		text[n++] = (char)(0x80 | (cp & 0x3f));
	}
	snprintf(buf, size, "%s", text);
}

const char *keymap_key_name(int key, char *buf, size_t size)
{
	size_t row = row_of(key);

	if (row < NAMES)
		snprintf(buf, size, "%s", names[row].name);
	else if (key & KEY_WIDE(0))
		put_character(buf, size, (uint32_t)(key & ~KEY_WIDE(0)));
	else if (key & KEY_ALT(0))
		snprintf(buf, size, "Alt-%c", key & 0x7f);
	else if (key >= KEY_F0 && key <= KEY_F(63))
		snprintf(buf, size, "F%d", key - KEY_F0);
	else if (key < 32)
		snprintf(buf, size, "Ctrl-%c", key + '@');
	else
		put_character(buf, size, (uint32_t)key & 0x7f);
	return buf;
}

int keymap_same_key(int key, size_t i)
{
	size_t row = row_of(key), k;

	for (k = 0; row < NAMES && k < NAMES; k++)
		if (!strcmp(names[k].name, names[row].name) && names[k].key != key && !i--)
			return names[k].key;
	return 0;
}

/* "Ctrl-D", "Alt-1": what stands behind the last character of prefix; 0: something else. */
static char behind(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return !strncasecmp(name, prefix, len) && name[len] > ' ' && name[len] < 127 && !name[len + 1]
		       ? name[len]
		       : '\0';
}

int keymap_key_by_name(const char *name)
{
	size_t len = strlen(name), i;
	uint32_t cp;
	char *end;
	long n;

	if (len && utf8_decode(name, len, &cp) == len)
		return !utf8_printable(cp) || cp == ' ' ? 0 : cp < 0x80 ? (int)cp : (int)KEY_WIDE(cp);
	for (i = 0; i < NAMES; i++)
		if (!strcasecmp(names[i].name, name))
			return names[i].key;
	if (behind(name, "Ctrl-")) {
		n = toupper((unsigned char)behind(name, "Ctrl-"));
		return n > '@' && n <= '_' ? (int)KEY_CTRL(n) : 0;
	}
	if (behind(name, "Alt-"))
		return KEY_ALT(behind(name, "Alt-"));
	if ((*name == 'F' || *name == 'f') && isdigit((unsigned char)name[1])) {
		n = strtol(name + 1, &end, 10);
		return *end || n < 1 || n > 24 ? 0 : KEY_F(n);
	}
	return 0;
}
