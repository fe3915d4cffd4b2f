/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drawing by role, clipped to a rectangle. Text is UTF-8; what a terminal
 * could take for a command (control characters) never passes, and in ASCII
 * mode every other character has a stand-in.
 */
#ifndef SKBSCOPE_TUI_WIDGETS_CANVAS_H
#define SKBSCOPE_TUI_WIDGETS_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/theme.h"

#define PAIRS_MAX 256

/* How the terminal shows roles: filled by screen_start(). */
struct palette {
	struct theme theme;
	enum theme_depth depth;
	bool ascii;
	/* colour pairs handed out so far: a terminal with 8 colours has few */
	struct {
		short fg, bg;
	} pair[PAIRS_MAX];
	int npairs, pair_limit;
};

struct canvas {
	struct palette *palette;
	int x, y, w, h;	       /* on the screen */
	bool selected;	       /* draws on the selected row */
	const char *highlight; /* text found by a search, NULL none */
};

/* The part of cv at x, y; never larger than cv. */
struct canvas canvas_part(const struct canvas *cv, int x, int y, int w, int h);

/* Draws text at x, y; returns how many columns it needed, clipped or not. */
int canvas_text(struct canvas *cv, int x, int y, enum role role, const char *text);
__attribute__((format(printf, 5, 6))) int canvas_printf(
	struct canvas *cv, int x, int y, enum role role, const char *fmt, ...);

/* Text in a cell of w columns, shortened in the middle when it must be. */
void canvas_cell(struct canvas *cv, int x, int y, int w, bool right, enum role role, const char *text);

/* The same character w times. */
void canvas_fill(struct canvas *cv, int x, int y, int w, enum role role, const char *ch);

/* Values as a graph of seven heights, the newest at the right; largest of them fills the cell. */
void canvas_graph(struct canvas *cv, int x, int y, int w, enum role role, const double *values, int n);

/* A horizontal bar of w columns, share 0 to 1. */
void canvas_bar(struct canvas *cv, int x, int y, int w, enum role role, double share);

/* Columns that text needs. */
int text_width(const char *text);

/* Copies src, with its middle left out so that it needs at most width columns. */
char *text_shorten(char *dst, size_t size, const char *src, int width);

/* The same with its end left out. */
char *text_cut(char *dst, size_t size, const char *src, int width);

/* First place of needle in text, ASCII case ignored; NULL: none. */
const char *text_find(const char *text, const char *needle);

/* Next character of *text, U+FFFD for what is not UTF-8; 0 at the end. */
uint32_t utf8_next(const char **text);

#endif
