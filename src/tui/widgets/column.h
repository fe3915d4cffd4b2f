/* SPDX-License-Identifier: GPL-2.0 */
/* Columns of a list: which of them a width has room for, and how wide. */
#ifndef SKBSCOPE_TUI_WIDGETS_COLUMN_H
#define SKBSCOPE_TUI_WIDGETS_COLUMN_H

#include <stdbool.h>

#include "canvas.h"

#define COLUMNS_MAX 16

struct column {
	const char *title;
	const char *sort;     /* name as sort order, NULL: cannot be sorted by */
	short min, max;	      /* width; grows from min to max */
	bool whole;	      /* grows to max at once or not at all */
	bool right;	      /* numbers */
	unsigned char leaves; /* 0 never; else the highest leaves first when it gets narrow */
};

struct column_fit {
	short x[COLUMNS_MAX];
	short w[COLUMNS_MAX]; /* 0: has left */
};

/* One space between columns. */
void columns_fit(const struct column *columns, int n, int width, struct column_fit *fit);

/* Titles; the one sorted by (-1 none) carries the direction. */
void columns_draw_titles(struct canvas *cv, const struct column *columns, int n, const struct column_fit *fit,
	int sort, bool ascending);

/* Text in column i, aligned as the column says. */
void column_draw(struct canvas *cv, const struct column *columns, const struct column_fit *fit, int i,
	enum role role, const char *text);

/* The next (step 1) or previous (-1) column that can be sorted by. */
int columns_next_sort(const struct column *columns, int n, int sort, int step);

#endif
