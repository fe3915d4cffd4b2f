/* SPDX-License-Identifier: GPL-2.0 */
#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "keymap.h"
#include "status.h"
#include "ui.h"

static struct canvas canvas_at(struct ui *ui, const struct rect *r)
{
	return (struct canvas){ .palette = ui->palette, .x = r->x, .y = r->y, .w = r->w, .h = r->h };
}

static const enum action pane_key[PANE_LIVE] = { ACTION_LAYERS, ACTION_FUNCTIONS, ACTION_FLOWS,
	ACTION_JOURNEY };

/* "F4 Flows", and returns the column after it. */
static int draw_name(struct ui *ui, struct canvas *cv, int x, enum pane_id id, bool focused)
{
	char key[16];

	if (id < PANE_LIVE) {
		x += canvas_text(
			cv, x, 0, ROLE_KEY, keymap_key(&ui->keymap, id, pane_key[id], key, sizeof(key)));
		x += canvas_text(cv, x, 0, ROLE_TEXT, " ");
	}
	return x + canvas_text(cv, x, 0, focused ? ROLE_FOCUS : ROLE_TITLE, ui->pane[id].ops->name);
}

/* ─ F2 Layers · what the pane says about itself ────── */
static void draw_title(struct ui *ui, const struct rect *r, enum pane_id id, bool focused)
{
	struct canvas cv = canvas_at(ui, r);
	struct pane *p = &ui->pane[id];
	char buf[PANE_TITLE_MAX], cut[PANE_TITLE_MAX + 8];
	const char *more = pane_title(p, buf, sizeof(buf));
	int x = 1;

	canvas_fill(&cv, 0, 0, cv.w, focused ? ROLE_FOCUS : ROLE_FRAME, "─");
	canvas_fill(&cv, x, 0, 1, ROLE_TEXT, " ");
	x = draw_name(ui, &cv, x + 1, id, focused);
	if (*more && cv.w - x > 8) {
		x += canvas_text(&cv, x, 0, ROLE_DIM, " · ");
		x += canvas_text(&cv, x, 0, ROLE_TEXT, text_shorten(cut, sizeof(cut), more, cv.w - x - 2));
	}
	canvas_fill(&cv, x, 0, 1, ROLE_TEXT, " ");
}

/* The frame that four panes share: one vertical line, two horizontal ones with their titles. */
static void draw_split(struct ui *ui)
{
	const struct layout *l = &ui->layout;
	struct canvas cv = canvas_at(ui, &l->body);
	int i, left, right;

	for (i = 0; i < PANE_LIVE; i++)
		draw_title(ui, &l->title[i], (enum pane_id)i, ui->overlay < 0 && (int)ui->active == i);
	for (i = 0; i < l->body.h; i++)
		canvas_text(&cv, l->divider, i, ROLE_FRAME, "│");
	canvas_text(&cv, l->divider, 0, ROLE_FRAME, "┬");
	left = l->title[PANE_FUNCTIONS].y - l->body.y;
	right = l->title[PANE_JOURNEY].y - l->body.y;
	canvas_text(&cv, l->divider, left, ROLE_FRAME, left == right ? "┼" : "┤");
	if (left != right)
		canvas_text(&cv, l->divider, right, ROLE_FRAME, "├");
}

/* Columns of the tab line without what the pane says about itself. */
static int tabs_width(struct ui *ui, bool names)
{
	int i, w = 2;

	for (i = 0; i < PANE_LIVE; i++)
		w += names || i == (int)ui->active ? text_width(ui->pane[i].ops->name) + 5 : 3;
	return w;
}

/*
 * A tab for each pane. Names of the others give way to what the pane has to
 * say, and their keys too where even that is too much.
 */
static void draw_tabs(struct ui *ui, const struct rect *r)
{
	struct canvas cv = canvas_at(ui, r);
	struct pane *p = ui_current(ui);
	char buf[PANE_TITLE_MAX], cut[PANE_TITLE_MAX + 8], key[16];
	const char *more = pane_title(p, buf, sizeof(buf));
	int want = *more ? text_width(more) + 5 : 0, i, x = 1;
	bool names = tabs_width(ui, true) + want <= cv.w, keys = names || tabs_width(ui, false) + 12 <= cv.w;

	canvas_fill(&cv, 0, 0, cv.w, ROLE_FRAME, "─");
	for (i = 0; i < PANE_LIVE; i++) {
		if (!keys && i != (int)ui->active)
			continue;
		canvas_text(&cv, x++, 0, ROLE_TEXT, " ");
		if (names || i == (int)ui->active)
			x = draw_name(ui, &cv, x, (enum pane_id)i, i == (int)ui->active);
		else
			x += canvas_text(&cv, x, 0, ROLE_DIM,
				keymap_key(&ui->keymap, (enum pane_id)i, pane_key[i], key, sizeof(key)));
		canvas_text(&cv, x, 0, ROLE_TEXT, " ");
		x += names;
	}
	x += !names;
	if (*more && cv.w - x > 12) {
		text_shorten(cut, sizeof(cut), more, cv.w - x - 4);
		i = cv.w - text_width(cut) - 2;
		canvas_text(&cv, i - 1, 0, ROLE_TEXT, " ");
		i += canvas_text(&cv, i, 0, ROLE_TEXT, cut);
		canvas_text(&cv, i, 0, ROLE_TEXT, " ");
	}
}

static void draw_overlay(struct ui *ui)
{
	struct rect title = ui->layout.body, rows = ui->layout.body;
	struct canvas cv;

	if (rows.h >= 2) {
		title.h = 1;
		rows.y++;
		rows.h--;
		draw_title(ui, &title, (enum pane_id)ui->overlay, true);
	}
	cv = canvas_at(ui, &rows);
	pane_draw(&ui->pane[ui->overlay], &cv, true);
}

static void draw_panes(struct ui *ui)
{
	struct canvas cv;
	int i;

	if (ui->layout.mode == LAYOUT_SPLIT)
		draw_split(ui);
	else if (ui->layout.mode == LAYOUT_SINGLE)
		draw_tabs(ui, &ui->layout.title[ui->active]);
	for (i = 0; i < PANE_LIVE; i++) {
		if (ui->layout.pane[i].h <= 0)
			continue;
		cv = canvas_at(ui, &ui->layout.pane[i]);
		pane_draw(&ui->pane[i], &cv, i == (int)ui->active);
	}
}

/* The prompt is where it can be typed into on every screen, over whatever stands there. */
static void draw_prompt(struct ui *ui, int w, int h)
{
	struct canvas cv = { .palette = ui->palette, .w = w, .h = h };
	int x;

	ui_filter_look(ui);
	prompt_draw_note(&ui->prompt, &cv, h - 2);
	x = prompt_draw(&ui->prompt, &cv, h - 1);
	curs_set(1);
	move(h - 1, x < w ? x : w - 1);
}

void ui_draw(struct ui *ui, int w, int h)
{
	struct layout_wish wish = {
		.shown = ui->active,
		.single = ui->zoomed,
		.filtered = ui->filter.text[0],
		.layer_rows = (int)pane_lines(&ui->pane[PANE_LAYERS]) + 1,
	};
	struct canvas cv;

	layout_compute(&ui->layout, w, h, &wish);
	attr_set(A_NORMAL, 0, NULL);
	erase();
	cv = canvas_at(ui, &ui->layout.status);
	status_draw(ui, &cv);
	cv = canvas_at(ui, &ui->layout.filter);
	status_draw_filter(ui, &cv);
	if (ui->overlay >= 0)
		draw_overlay(ui);
	else
		draw_panes(ui);
	if (ui->prompt.open) {
		draw_prompt(ui, w, h);
	} else {
		cv = canvas_at(ui, &ui->layout.keys);
		status_draw_keys(ui, &cv);
		curs_set(0);
	}
	ui->dirty = false;
}
