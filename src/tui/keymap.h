/* SPDX-License-Identifier: GPL-2.0 */
/* Which key does what, in which pane. */
#ifndef SKBSCOPE_TUI_KEYMAP_H
#define SKBSCOPE_TUI_KEYMAP_H

#include <stddef.h>

#include "action.h"
#include "widgets/layout.h"

#define KEY_CTRL(c) ((c) & 0x1f)
#define KEY_ALT(c) (0x200000 | (c)) /* above every character and every key of curses */
#define KEY_WIDE(c) (0x400000 | (c)) /* a character beyond ASCII: its number may also be a key of curses */
#define KEYMAP_ANY (-1)

struct key_binding {
	int pane; /* enum pane_id or KEYMAP_ANY */
	int key;
	enum action action;
};

/* The pane's own binding, else the one for any pane; ACTION_NONE: none. */
enum action keymap_lookup(enum pane_id pane, int key);

/* Binding number i, NULL after the last. */
const struct key_binding *keymap_at(size_t i);

/* First key of an action in a pane as people write it: "Space", "Ctrl-D", "F10". "" when it has none. */
const char *keymap_key(enum pane_id pane, enum action action, char *buf, size_t size);

/* All keys that do it, with spaces between. */
const char *keymap_keys(int pane, enum action action, char *buf, size_t size);

const char *keymap_key_name(int key, char *buf, size_t size);

#endif
