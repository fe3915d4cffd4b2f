/* SPDX-License-Identifier: GPL-2.0 */
#include "column.h"

#include <stdio.h>
#include <string.h>

static int used(const struct column_fit *fit, int n)
{
	int i, sum = 0;

	for (i = 0; i < n; i++)
		if (fit->w[i])
			sum += fit->w[i] + (sum > 0);
	return sum;
}

/* Hands spare columns out: evenly to what grows bit by bit, after what grows at once. */
static void grow(const struct column *columns, int n, int spare, struct column_fit *fit)
{
	bool again;
	int i, turn;

	for (i = 0; i < n; i++)
		if (columns[i].whole && fit->w[i] && fit->w[i] < columns[i].max &&
			columns[i].max - fit->w[i] <= spare) {
			spare -= columns[i].max - fit->w[i];
			fit->w[i] = columns[i].max;
		}
	/* What never leaves grows before what may. */
	for (turn = 0; turn < 2; turn++)
		for (again = true; again && spare > 0;) {
			again = false;
			for (i = 0; i < n && spare > 0; i++)
				if (!columns[i].whole && fit->w[i] && fit->w[i] < columns[i].max &&
					(columns[i].leaves > 0) == turn) {
					fit->w[i]++;
					spare--;
					again = true;
				}
		}
}

void columns_fit(const struct column *columns, int n, int width, struct column_fit *fit)
{
	int i, worst, x = 0;

	memset(fit, 0, sizeof(*fit));
	for (i = 0; i < n; i++)
		fit->w[i] = columns[i].min;
	while (used(fit, n) > width) {
		worst = -1;
		for (i = 0; i < n; i++)
			if (fit->w[i] && columns[i].leaves &&
				(worst < 0 || columns[i].leaves >= columns[worst].leaves))
				worst = i;
		if (worst < 0)
			break;
		fit->w[worst] = 0;
	}
	grow(columns, n, width - used(fit, n), fit);
	for (i = 0; i < n; i++) {
		fit->x[i] = (short)x;
		x += fit->w[i] ? fit->w[i] + 1 : 0;
	}
}

void columns_draw_titles(struct canvas *cv, const struct column *columns, int n, const struct column_fit *fit,
	int sort, bool ascending)
{
	char title[40];
	int i;

	for (i = 0; i < n; i++) {
		if (!fit->w[i])
			continue;
		snprintf(title, sizeof(title), "%s%s", columns[i].title,
			i != sort   ? ""
			: ascending ? "▴"
				    : "▾");
		canvas_cell(cv, fit->x[i], 0, fit->w[i], columns[i].right, i == sort ? ROLE_TEXT : ROLE_DIM,
			title);
	}
}

void column_draw(struct canvas *cv, const struct column *columns, const struct column_fit *fit, int i,
	enum role role, const char *text)
{
	if (fit->w[i])
		canvas_cell(cv, fit->x[i], 0, fit->w[i], columns[i].right, role, text);
}

int columns_next_sort(const struct column *columns, int n, int sort, int step)
{
	int i;

	for (i = 0; i < n; i++) {
		sort = (sort + step + n) % n;
		if (columns[sort].sort)
			break;
	}
	return sort;
}
