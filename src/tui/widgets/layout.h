/* SPDX-License-Identifier: GPL-2.0 */
/* Where everything stands on a screen of a given size. */
#ifndef SKBSCOPE_TUI_WIDGETS_LAYOUT_H
#define SKBSCOPE_TUI_WIDGETS_LAYOUT_H

#include <stdbool.h>

enum pane_id {
	PANE_LAYERS,
	PANE_FUNCTIONS,
	PANE_FLOWS,
	PANE_JOURNEY,
	PANE_LIVE, /* how many stand side by side */
	PANE_HELP = PANE_LIVE,
	PANE_MESSAGES,
	PANE_LATENCY,
	PANE_COMPARE,
	PANE_DROPS,
	PANE_RULES,
	PANE_STATS,
	PANE_COUNT
};

struct rect {
	int x, y, w, h;
};

enum layout_mode {
	LAYOUT_SPLIT,  /* all four, sharing one frame */
	LAYOUT_SINGLE, /* one of four, the others named in its title line */
	LAYOUT_BARE,   /* no room for anything but rows */
};

struct layout {
	enum layout_mode mode;
	struct rect status;	      /* h 0 to 2 */
	struct rect filter;	      /* h 0 or 1 */
	struct rect body;	      /* title lines included */
	struct rect keys;	      /* h 0 or 1 */
	struct rect pane[PANE_LIVE];  /* rows of each, h 0 when hidden */
	struct rect title[PANE_LIVE]; /* line above each */
	int divider;		      /* LAYOUT_SPLIT: column of the vertical line */
};

#define LAYOUT_SPLIT_WIDTH 100
#define LAYOUT_SPLIT_HEIGHT 30
#define LAYOUT_TALL 40 /* from here on a row for what may be empty is no loss */

struct layout_wish {
	enum pane_id shown; /* the pane that is drawn when there is one */
	bool single;	    /* never all four */
	bool filtered;	    /* packets are hidden: that must be seen on every screen */
	int layer_rows;	    /* how many rows the layers would like to have */
};

void layout_compute(struct layout *layout, int w, int h, const struct layout_wish *wish);

#endif
