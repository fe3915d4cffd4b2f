/* SPDX-License-Identifier: GPL-2.0 */
/* Which key does what, in which pane. */
#ifndef SKBSCOPE_TUI_KEYMAP_H
#define SKBSCOPE_TUI_KEYMAP_H

#include <stddef.h>

#include "action.h"
#include "widgets/layout.h"

#define KEY_CTRL(c) ((c)&0x1f)
#define KEY_ALT(c) (0x200000 | (c))  /* above every character and every key of curses */
#define KEY_WIDE(c) (0x400000 | (c)) /* a character beyond ASCII: its number may also be a key of curses */
#define KEYMAP_ANY (-1)

struct key_binding {
	int pane; /* enum pane_id or KEYMAP_ANY */
	int key;
	enum action action;
};

#define KEYMAP_MAX 320 /* bindings; the built-in ones are about 90 */

struct keymap {
	struct key_binding v[KEYMAP_MAX];
	size_t n;
};

/* The built-in bindings. */
void keymap_default(struct keymap *km);

/* The pane's own binding, else the one for any pane; ACTION_NONE: none. */
enum action keymap_lookup(const struct keymap *km, enum pane_id pane, int key);

/* First key of an action in a pane as people write it: "Space", "Ctrl-D", "F10". "" when it has none. */
const char *keymap_key(
	const struct keymap *km, enum pane_id pane, enum action action, char *buf, size_t size);

/* All keys that do it, with the text between them. */
const char *keymap_keys(
	const struct keymap *km, int pane, enum action action, const char *between, char *buf, size_t size);

/*
 * Instead of the keys that an action has: "quit" or, in one pane only,
 * "help.page-down"; keys with commas between, or "none". Without a pane, an action
 * that has keys in some panes only keeps to those. 0, or -EINVAL with a line in err.
 */
int keymap_set(struct keymap *km, const char *name, const char *keys, char *err, size_t size);

/*
 * Does a key mean two things in one pane? Then -EINVAL, a line in err, and the two
 * actions in clash.
 */
int keymap_check(const struct keymap *km, enum action clash[2], char *err, size_t size);

/* "quit", "help.page-down": what keymap_set() takes for that. Returns buf. */
const char *keymap_name(int pane, enum action action, char *buf, size_t size);

/* Of a pane, as keymap_set() takes it. */
const char *keymap_pane_name(int pane);

/* key_names.c: a key as people write it, and back; 0: there is no such key. */
const char *keymap_key_name(int key, char *buf, size_t size);
int keymap_key_by_name(const char *name);

/* Enter and Backspace come in several codes: the next one with the same name; 0: no more. */
int keymap_same_key(int key, size_t i);

#endif
