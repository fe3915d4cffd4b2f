/* SPDX-License-Identifier: GPL-2.0 */
/* Which rows of a list are shown: those that contain a text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pane.h"

#define LONG_LIST 50000	  /* rows: from here on they are looked through less often */
#define LONG_LIST_RESTS 5 /* refreshes */

const char *pane_filter(const struct pane *p)
{
	return p->ops->text ? p->filter.text[p->list] : "";
}

static size_t all_rows(struct pane *p)
{
	return p->ops->rows ? p->ops->rows(p) : 0;
}

static bool make_room(struct pane_filter *f, size_t n)
{
	uint32_t *row;

	if (n <= f->cap)
		return true;
	row = realloc(f->row, n * sizeof(*row));
	if (!row)
		return false;
	f->row = row;
	f->cap = n;
	return true;
}

static void look_through(struct pane *p, size_t rows)
{
	struct pane_filter *f = &p->filter;
	char text[PANE_TEXT_MAX];
	size_t i;

	f->n = 0;
	f->of = rows;
	f->list = p->list;
	if (!make_room(f, rows)) {
		/* Rather all rows than none. */
		f->text[p->list][0] = '\0';
		return;
	}
	for (i = 0; i < rows; i++) {
		p->ops->text(p, i, text, sizeof(text));
		if (text_find(text, f->text[p->list]))
			f->row[f->n++] = (uint32_t)i;
	}
}

void pane_filter_update(struct pane *p)
{
	if (pane_filter(p)[0])
		look_through(p, all_rows(p));
}

bool pane_filter_rests(struct pane *p)
{
	if (!pane_filter(p)[0] || p->filter.of < LONG_LIST || p->filter.list != p->list)
		return false;
	return p->filter.rested++ % LONG_LIST_RESTS;
}

size_t pane_lines(struct pane *p)
{
	size_t rows = all_rows(p);

	if (!pane_filter(p)[0])
		return rows;
	/* Rows come between two refreshes too: messages, or another list. */
	if (p->filter.of != rows || p->filter.list != p->list)
		look_through(p, rows);
	return pane_filter(p)[0] ? p->filter.n : rows;
}

size_t pane_filter_row(struct pane *p, size_t line)
{
	return pane_filter(p)[0] && line < p->filter.n ? p->filter.row[line] : line;
}

void pane_set_filter(struct pane *p, const char *text)
{
	struct pane_filter *f = &p->filter;

	if (!p->ops->text)
		return;
	snprintf(f->text[p->list], sizeof(f->text[p->list]), "%s", text);
	f->list = -1;
	pane_refresh(p, false);
}

void pane_filter_free(struct pane *p)
{
	free(p->filter.row);
}
