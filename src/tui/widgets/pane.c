/* SPDX-License-Identifier: GPL-2.0 */
#include "pane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLES_FROM 4 /* lines: a pane with fewer shows rows only */

int pane_open(struct pane *p, const struct pane_ops *ops, struct ui *ui, enum pane_id id)
{
	int ret;

	memset(p, 0, sizeof(*p));
	p->ui = ui;
	p->id = id;
	p->height = 1;
	p->sort = -1;
	p->filter.list = -1;
	if (ops->state_size) {
		p->state = calloc(1, ops->state_size);
		if (!p->state)
			return -ENOMEM;
	}
	p->ops = ops;
	ret = ops->open ? ops->open(p) : 0;
	if (ret) {
		free(p->state);
		memset(p, 0, sizeof(*p));
	}
	return ret;
}

void pane_close(struct pane *p)
{
	if (p->ops && p->ops->close)
		p->ops->close(p);
	pane_filter_free(p);
	free(p->state);
	memset(p, 0, sizeof(*p));
}

static uint64_t key_at(struct pane *p, size_t line)
{
	size_t row = pane_filter_row(p, line);

	return p->ops->key ? p->ops->key(p, row) : (uint64_t)row + 1;
}

size_t pane_cursor_row(struct pane *p)
{
	return p->cursor < pane_lines(p) ? pane_filter_row(p, p->cursor) : SIZE_MAX;
}

/* Keeps the cursor inside the rows and the window around the cursor. */
static void settle(struct pane *p, size_t rows)
{
	size_t h = p->height > 0 ? (size_t)p->height : 1;

	if (!rows) {
		p->cursor = p->top = 0;
		return;
	}
	if (p->cursor >= rows)
		p->cursor = rows - 1;
	if (p->cursor < p->top)
		p->top = p->cursor;
	if (p->cursor >= p->top + h)
		p->top = p->cursor - h + 1;
	if (p->top && p->top + h > rows)
		p->top = rows > h ? rows - h : 0;
}

static void take_row(struct pane *p, size_t line)
{
	p->cursor = line;
	p->selected = key_at(p, line);
}

void pane_refresh(struct pane *p, bool order)
{
	uint64_t before = p->selected;
	bool rests = order && pane_filter_rests(p);
	size_t rows, i, line;

	if (p->ops->refresh)
		p->ops->refresh(p, order && !rests);
	if (!rests)
		pane_filter_update(p);
	rows = pane_lines(p);
	if (!rows) {
		settle(p, 0);
		return;
	}
	if (!p->moved && p->id != PANE_FLOWS) {
		take_row(p, 0);
	} else if (p->cursor >= rows || key_at(p, p->cursor) != p->selected) {
		for (i = 0; i < rows && key_at(p, i) != p->selected; i++)
			;
		line = p->cursor - p->top;
		if (i == rows || (!p->moved && i >= (size_t)p->height)) {
			/* It is gone: whatever stands in its place now. */
			take_row(p, !p->moved ? 0 : p->cursor < rows ? p->cursor : rows - 1);
		} else {
			p->cursor = i;
			/* A scrolled list follows the thing, so that it stays on its line. */
			if (p->top > 0)
				p->top = i > line ? i - line : 0;
		}
	}
	settle(p, rows);
	if (p->selected != before && p->ops->chosen)
		p->ops->chosen(p, pane_filter_row(p, p->cursor));
}

void pane_reset(struct pane *p)
{
	p->cursor = p->top = 0;
	p->selected = 0;
	p->moved = false;
}

void pane_move_to(struct pane *p, size_t line)
{
	size_t rows = pane_lines(p);

	if (!rows)
		return;
	take_row(p, line < rows ? line : rows - 1);
	p->moved = true;
	settle(p, rows);
	if (p->ops->chosen)
		p->ops->chosen(p, pane_filter_row(p, p->cursor));
	if (p->ops->moved)
		p->ops->moved(p);
}

bool pane_move_to_row(struct pane *p, size_t row)
{
	size_t rows = pane_lines(p), i;

	for (i = 0; i < rows; i++)
		if (pane_filter_row(p, i) == row) {
			pane_move_to(p, i);
			return true;
		}
	return false;
}

bool pane_search(struct pane *p, size_t from, int step)
{
	size_t rows = pane_lines(p), i, row = from;
	char text[PANE_TEXT_MAX];

	if (!p->ops->text || !p->search[0])
		return false;
	for (i = 0; i < rows; i++) {
		row = (from + (step > 0 ? i : rows - i % rows)) % rows;
		p->ops->text(p, pane_filter_row(p, row), text, sizeof(text));
		if (text_find(text, p->search)) {
			pane_move_to(p, row);
			return true;
		}
	}
	return false;
}

static bool move_action(struct pane *p, enum action action)
{
	size_t page = p->height > 1 ? (size_t)p->height - 1 : 1, half = page / 2 + 1;
	size_t rows = pane_lines(p), c = p->cursor;

	switch (action) {
	case ACTION_UP:
		pane_move_to(p, c ? c - 1 : 0);
		return true;
	case ACTION_DOWN:
		pane_move_to(p, c + 1);
		return true;
	case ACTION_PAGE_UP:
		pane_move_to(p, c > page ? c - page : 0);
		return true;
	case ACTION_PAGE_DOWN:
		pane_move_to(p, c + page);
		return true;
	case ACTION_HALF_UP:
		pane_move_to(p, c > half ? c - half : 0);
		return true;
	case ACTION_HALF_DOWN:
		pane_move_to(p, c + half);
		return true;
	case ACTION_FIRST:
		pane_move_to(p, 0);
		p->moved = false;
		return true;
	case ACTION_LAST:
		if (rows)
			pane_move_to(p, rows - 1);
		return true;
	default:
		return false;
	}
}

static bool sort_action(struct pane *p, enum action action)
{
	const struct column *columns;
	int n = 0;

	columns = p->ops->columns && p->sort >= 0 ? p->ops->columns(p, &n) : NULL;
	if (!columns)
		return false;
	if (action == ACTION_REVERSE)
		p->ascending = !p->ascending;
	else
		p->sort = columns_next_sort(columns, n, p->sort, action == ACTION_SORT ? 1 : -1);
	/* Words are read from a to z, numbers from the largest. */
	if (action != ACTION_REVERSE)
		p->ascending = !columns[p->sort].right;
	p->filter.rested = 0;
	pane_refresh(p, true);
	return true;
}

/* What was put over the list goes before the pane itself is asked. */
static bool uncover(struct pane *p)
{
	if (p->search[0])
		p->search[0] = '\0';
	else if (pane_filter(p)[0])
		pane_set_filter(p, "");
	else
		return false;
	return true;
}

bool pane_action(struct pane *p, enum action action)
{
	if (action == ACTION_BACK && uncover(p))
		return true;
	if (p->ops->action && p->ops->action(p, action))
		return true;
	switch (action) {
	case ACTION_SORT:
	case ACTION_SORT_BACK:
	case ACTION_REVERSE:
		return sort_action(p, action);
	default:
		return move_action(p, action);
	}
}

/* Words wrapped at spaces, from line y on. */
static void draw_paragraph(struct canvas *cv, int y, const char *text)
{
	char line[PANE_TEXT_MAX];
	size_t len, fit;
	int w = cv->w - PANE_GUTTER - 1;

	if (w < 8)
		w = 8;
	while (*text && y < cv->h) {
		len = strcspn(text, "\n");
		if (len > (size_t)w) {
			for (fit = (size_t)w; fit && text[fit] != ' '; fit--)
				;
			len = fit ? fit : (size_t)w;
		}
		if (len >= sizeof(line))
			len = sizeof(line) - 1;
		memcpy(line, text, len);
		line[len] = '\0';
		canvas_text(cv, PANE_GUTTER, y++, ROLE_DIM, line);
		text += len;
		text += *text == ' ' || *text == '\n';
	}
}

static bool has_titles(struct pane *p, int h)
{
	int n;

	return h >= TITLES_FROM && p->ops->columns && p->ops->columns(p, &n);
}

/* A list that is looked at from its top shows its last row too, if that is what it is about. */
static bool is_folded(struct pane *p, size_t rows)
{
	return !p->moved && !p->top && rows > (size_t)p->height && p->height >= 4 && p->ops->ends_matter &&
	       p->ops->ends_matter(p);
}

uint64_t pane_packet(struct pane *p)
{
	size_t row = pane_cursor_row(p);

	return row != SIZE_MAX && p->ops->packet ? p->ops->packet(p, row) : 0;
}

bool pane_marked(struct pane *p, size_t row)
{
	const struct pane_mark *m = p->mark;
	uint64_t packet;

	if (!m || !m->packet || !p->ops->packet || !p->ops->key)
		return false;
	if (m->pane == p && m->list == p->list && m->key == p->ops->key(p, row))
		return true;
	/* Wherever the packet is a row of its own. */
	packet = p->ops->packet(p, row);
	return packet == m->packet && packet == p->ops->key(p, row);
}

static void draw_one(
	struct pane *p, const struct canvas *cv, int y, size_t i, bool focused, const struct column_fit *fit)
{
	struct canvas row = canvas_part(cv, 0, y, cv->w, 1);
	bool selected = i == p->cursor;
	size_t at = pane_filter_row(p, i);

	row.selected = selected && focused;
	row.highlight = p->search[0] ? p->search : NULL;
	if (row.selected)
		canvas_fill(&row, 0, 0, row.w, ROLE_TEXT, " ");
	if (selected)
		canvas_text(&row, 0, 0, focused ? ROLE_FOCUS : ROLE_DIM, "▸");
	if (pane_marked(p, at))
		canvas_text(&row, 1, 0, ROLE_FOCUS, "◆");
	row.x += PANE_GUTTER;
	row.w -= PANE_GUTTER;
	p->ops->draw_row(p, &row, at, fit);
}

static void draw_rows(
	struct pane *p, struct canvas *cv, int y, size_t rows, bool focused, const struct column_fit *fit)
{
	bool folded = is_folded(p, rows);
	size_t i;

	for (i = p->top; i < rows && y < cv->h; i++, y++) {
		if (folded && y == cv->h - 2) {
			canvas_printf(cv, PANE_GUTTER, y, ROLE_DIM, "⋯ %zu more", rows - 1 - i);
			draw_one(p, cv, y + 1, rows - 1, focused, fit);
			return;
		}
		draw_one(p, cv, y, i, focused, fit);
	}
}

/* Why there is nothing. */
static void draw_empty(struct pane *p, struct canvas *cv)
{
	char why[PANE_TEXT_MAX];
	const char *text = NULL;

	if (pane_filter(p)[0] && p->filter.of) {
		snprintf(why, sizeof(why), "none of the %zu rows contains \"%s\": Esc shows them",
			p->filter.of, pane_filter(p));
		text = why;
	} else if (p->ops->empty) {
		text = p->ops->empty(p, why, sizeof(why));
	}
	if (text)
		draw_paragraph(cv, cv->h > 6 ? 1 : 0, text);
}

const char *pane_title(struct pane *p, char *buf, size_t size)
{
	char own[PANE_TITLE_MAX];
	const char *more = p->ops->title ? p->ops->title(p, own, sizeof(own)) : NULL;

	/* First of all that not everything is to be seen. */
	if (pane_filter(p)[0])
		snprintf(buf, size, "\"%s\" in %zu of %zu%s%s", pane_filter(p), pane_lines(p), p->filter.of,
			more && *more ? " · " : "", more ? more : "");
	else
		snprintf(buf, size, "%s", more ? more : "");
	return buf;
}

void pane_draw(struct pane *p, struct canvas *cv, bool focused)
{
	struct column_fit fit = { 0 };
	const struct column *columns = NULL;
	size_t rows = pane_lines(p);
	struct canvas row;
	int n = 0, y = 0;

	if (cv->h <= 0 || cv->w <= PANE_GUTTER)
		return;
	if (!rows) {
		draw_empty(p, cv);
		return;
	}
	if (p->ops->columns)
		columns = p->ops->columns(p, &n);
	if (columns)
		columns_fit(columns, n, p->choice, cv->w - PANE_GUTTER - 1, &fit);
	if (has_titles(p, cv->h)) {
		row = canvas_part(cv, PANE_GUTTER, y++, cv->w - PANE_GUTTER, 1);
		columns_draw_titles(&row, columns, n, &fit, p->sort, p->ascending);
	}
	p->height = cv->h - y;
	settle(p, rows);
	draw_rows(p, cv, y, rows, focused, &fit);
}

long pane_line_at(struct pane *p, int line)
{
	size_t rows = pane_lines(p);
	int titles = has_titles(p, p->height + 1);

	line -= titles;
	if (line < 0 || p->top + (size_t)line >= rows)
		return -1;
	if (is_folded(p, rows) && line == p->height - 1)
		return (long)rows - 1;
	return (long)(p->top + (size_t)line);
}
