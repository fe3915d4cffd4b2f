/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Roles, not colours: code names what a thing is, the theme says how that
 * looks. Each field of a theme line may hold alternatives for terminals with
 * 256, 16, 8 and no colours: "203/9/1". A missing one is the one before it.
 */
#ifndef SKBSCOPE_TUI_THEME_H
#define SKBSCOPE_TUI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/layers.h"

#define ROLES(_)                                                                                             \
	_(TEXT, "text")                                                                                      \
	_(DIM, "dim")                                                                                        \
	_(TITLE, "title")                                                                                    \
	_(FRAME, "frame")                                                                                    \
	_(FOCUS, "focus")                                                                                    \
	_(SELECTED, "selected")                                                                              \
	_(KEY, "key")                                                                                        \
	_(ON, "on")                                                                                          \
	_(OFF, "off")                                                                                        \
	_(BUSY, "busy")                                                                                      \
	_(OK, "ok")                                                                                          \
	_(WARN, "warn")                                                                                      \
	_(DROP, "drop")                                                                                      \
	_(TIME, "time")                                                                                      \
	_(BAR, "bar")                                                                                        \
	_(MARKED, "marked")                                                                                  \
	_(CHANGED, "changed")                                                                                \
	_(RECORDING, "recording")

#define _(id, name) ROLE_##id,
enum role { ROLES(_) ROLE_LAYER, ROLE_COUNT = ROLE_LAYER + LAYER_COUNT };
#undef _

enum theme_depth { THEME_256, THEME_16, THEME_8, THEME_MONO, THEME_DEPTHS };

#define THEME_DEFAULT (-1) /* the terminal's own colour */

enum theme_attribute {
	THEME_BOLD = 1 << 0,
	THEME_DIM = 1 << 1,
	THEME_REVERSE = 1 << 2,
	THEME_UNDERLINE = 1 << 3,
	THEME_ITALIC = 1 << 4,
};

struct style {
	short fg, bg;
	unsigned int attributes; /* enum theme_attribute */
};

struct theme {
	struct style style[ROLE_COUNT][THEME_DEPTHS];
};

/* The theme that is compiled in. */
void theme_default(struct theme *theme);

/* Reads text over what theme holds; file is for messages only. 0, or -EINVAL
 * with "file:line: what" in err. */
int theme_parse(struct theme *theme, const char *file, const char *text, char *err, size_t size);

/* Finds and reads a theme by name or path; NULL is the default one. */
int theme_load(struct theme *theme, const char *name, char *err, size_t size);

/*
 * One role from the words of a file of settings: a colour, maybe a background,
 * maybe attributes. 0, or -EINVAL with a line in err.
 */
int theme_set(struct theme *theme, const char *role, const char *words, char *err, size_t size);

/* A role as theme_set() takes it. Returns buf. */
const char *theme_get(const struct theme *theme, enum role role, char *buf, size_t size);

/* How a role looks; on the selected row when selected is set. */
struct style theme_style(const struct theme *theme, enum theme_depth depth, enum role role, bool selected);

/* Name of a role; buf (32 bytes) is used for layers. */
const char *role_name(enum role role, char *buf, size_t size);

#endif
