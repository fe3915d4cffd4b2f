/* SPDX-License-Identifier: GPL-2.0 */
#include "layout.h"

#include <string.h>

static int clamp(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

/* Two panes above each other, the upper one with so many rows. */
static void stack(struct layout *l, enum pane_id upper, enum pane_id lower, int x, int w, int rows)
{
	int top = l->body.y, below = top + 1 + rows;

	l->title[upper] = (struct rect){ x, top, w, 1 };
	l->pane[upper] = (struct rect){ x, top + 1, w, rows };
	l->title[lower] = (struct rect){ x, below, w, 1 };
	l->pane[lower] = (struct rect){ x, below + 1, w, top + l->body.h - below - 1 };
}

static void split(struct layout *l, int layer_rows)
{
	int w = l->body.w, rows = l->body.h - 2, left = clamp(w * 38 / 100, 46, 76);

	l->divider = left;
	/* The layers get what they need, as long as the functions keep two fifths. */
	stack(l, PANE_LAYERS, PANE_FUNCTIONS, 0, left, clamp(layer_rows, 6, rows * 3 / 5));
	/* A journey is long: it gets more than the flows. */
	stack(l, PANE_FLOWS, PANE_JOURNEY, left + 1, w - left - 1, rows * 2 / 5);
}

void layout_compute(struct layout *l, int w, int h, const struct layout_wish *wish)
{
	int status = h >= 8 ? 2 : h >= 5 ? 1 : 0, keys = h >= 4;
	/* Without a filter the line says so where a row is no loss; it does not come and go there. */
	int filter = h >= LAYOUT_TALL || (wish->filtered && h >= 2), above = status + filter;
	enum pane_id shown = wish->shown;

	memset(l, 0, sizeof(*l));
	l->status = (struct rect){ 0, 0, w, status };
	l->filter = (struct rect){ 0, status, w, filter };
	l->keys = (struct rect){ 0, h - 1, w, keys };
	l->body = (struct rect){ 0, above, w, h - above - keys };
	if (w >= LAYOUT_SPLIT_WIDTH && h >= LAYOUT_SPLIT_HEIGHT && !wish->single) {
		l->mode = LAYOUT_SPLIT;
		split(l, wish->layer_rows);
		return;
	}
	if (shown >= PANE_LIVE)
		shown = PANE_LAYERS;
	l->mode = l->body.h >= 2 + filter ? LAYOUT_SINGLE : LAYOUT_BARE;
	l->pane[shown] = l->body;
	if (l->mode == LAYOUT_SINGLE) {
		l->title[shown] = (struct rect){ 0, l->body.y, w, 1 };
		l->pane[shown].y++;
		l->pane[shown].h--;
	}
}
