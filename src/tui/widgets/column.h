/* SPDX-License-Identifier: GPL-2.0 */
/* Columns of a list: which of them a width has room for, and how wide. */
#ifndef SKBSCOPE_TUI_WIDGETS_COLUMN_H
#define SKBSCOPE_TUI_WIDGETS_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"

#define COLUMNS_MAX 16

struct column {
	const char *title;
	const char *name;     /* in a file of settings; NULL: it cannot be chosen, and is always there */
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

/* Some of the columns, in an order of one's own. */
struct column_choice {
	unsigned char n; /* 0: all of them, as they are */
	unsigned char at[COLUMNS_MAX];
};

/* One space between columns; choice may be NULL. */
void columns_fit(const struct column *columns, int n, const struct column_choice *choice, int width,
	struct column_fit *fit);

/* From names with commas between. 0, or -EINVAL with a line in err. */
int columns_choose(const struct column *columns, int n, const char *names, struct column_choice *choice,
	char *err, size_t size);

/* Titles; the one sorted by (-1 none) carries the direction. */
void columns_draw_titles(struct canvas *cv, const struct column *columns, int n, const struct column_fit *fit,
	int sort, bool ascending);

/* Text in column i, aligned as the column says. */
void column_draw(struct canvas *cv, const struct column *columns, const struct column_fit *fit, int i,
	enum role role, const char *text);

/* The next (step 1) or previous (-1) column that can be sorted by. */
int columns_next_sort(const struct column *columns, int n, int sort, int step);

#endif
