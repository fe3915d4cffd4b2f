/* SPDX-License-Identifier: GPL-2.0 */
#include "column.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"

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

void columns_fit(const struct column *columns, int n, const struct column_choice *choice, int width,
	struct column_fit *fit)
{
	int i, at, worst, x = 0;

	memset(fit, 0, sizeof(*fit));
	for (i = 0; i < n; i++)
		fit->w[i] = choice && choice->n ? 0 : columns[i].min;
	for (i = 0; choice && i < choice->n; i++)
		fit->w[choice->at[i]] = columns[choice->at[i]].min;
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
		if (choice && choice->n && i == choice->n)
			break;
		at = choice && choice->n ? choice->at[i] : i;
		fit->x[at] = (short)x;
		x += fit->w[at] ? fit->w[at] + 1 : 0;
	}
}

/* The column of that name; -1: none, with a line in err. */
static int find(const struct column *columns, int n, const char *name, char *err, size_t size)
{
	struct nearest near = NEAREST_INIT(name);
	size_t len;
	int i;

	for (i = 0; i < n; i++) {
		if (!columns[i].name)
			continue;
		if (!strcasecmp(columns[i].name, name))
			return i;
		nearest_try(&near, columns[i].name);
	}
	if (nearest_name(&near)) {
		snprintf(err, size, "no column is called \"%s\" (did you mean %s?)", name,
			nearest_name(&near));
		return -1;
	}
	len = (size_t)snprintf(err, size, "no column is called \"%s\" (there are", name);
	for (i = 0; i < n && len < size; i++)
		if (columns[i].name)
			len += (size_t)snprintf(err + len, size - len, " %s", columns[i].name);
	if (len < size)
		snprintf(err + len, size - len, ")");
	return -1;
}

int columns_choose(const struct column *columns, int n, const char *names, struct column_choice *choice,
	char *err, size_t size)
{
	char name[24];
	size_t len;
	int i, at;

	choice->n = 0;
	for (i = 0; i < n; i++)
		if (!columns[i].name)
			choice->at[choice->n++] = (unsigned char)i;
	for (;; names += len + 1) {
		names += strspn(names, " ");
		len = strcspn(names, ",");
		snprintf(name, sizeof(name), "%.*s", (int)(len < 20 ? len : 20), names);
		name[strcspn(name, " ")] = '\0';
		at = find(columns, n, name, err, size);
		if (at < 0)
			return -EINVAL;
		if (memchr(choice->at, at, choice->n)) {
			snprintf(err, size, "the column \"%s\" is named twice", name);
			return -EINVAL;
		}
		choice->at[choice->n++] = (unsigned char)at;
		if (!names[len])
			return 0;
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
