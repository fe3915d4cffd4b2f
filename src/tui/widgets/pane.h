/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of rows: the frame owns cursor, scrolling, sort order and search; the
 * pane behind it knows its rows and draws one. The selected row is known by
 * the key of the thing it shows, not by its number, so that it stays the same
 * thing when rows are sorted again.
 */
#ifndef SKBSCOPE_TUI_WIDGETS_PANE_H
#define SKBSCOPE_TUI_WIDGETS_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/action.h"
#include "canvas.h"
#include "column.h"
#include "layout.h"

struct ui;
struct pane;

#define PANE_TITLE_MAX 200
#define PANE_TEXT_MAX 400
#define PANE_GUTTER 2 /* columns at the left: the sign of the selected row */

struct pane_ops {
	const char *name;
	size_t state_size;	    /* zeroed private state, owned by the pane */
	int (*open)(struct pane *); /* 0 or -errno; may be NULL, as all below may */
	void (*close)(struct pane *);

	/* Rows as they are now; order: sort them anew too. Called at most once a
	 * second, and when what is shown becomes something else. */
	void (*refresh)(struct pane *, bool order);
	size_t (*rows)(struct pane *);
	uint64_t (*key)(struct pane *, size_t row); /* the same for the same thing, never 0 */
	void (*draw_row)(struct pane *, struct canvas *, size_t row, const struct column_fit *);
	void (*text)(struct pane *, size_t row, char *buf, size_t size); /* what a search looks at */
	void (*chosen)(struct pane *, size_t row);			 /* this is the selected row now */
	void (*moved)(struct pane *);					 /* and the user moved there */
	bool (*action)(struct pane *, enum action);			 /* false: not mine */
	const char *(*title)(struct pane *, char *buf, size_t size);	 /* right of the name */
	const char *(*empty)(struct pane *, char *buf, size_t size);	 /* why there are no rows */
	const struct column *(*columns)(struct pane *, int *n);		 /* NULL: one wide column */
	bool (*ends_matter)(struct pane *); /* the last row must be seen, even if rows between are not */
};

struct pane {
	const struct pane_ops *ops;
	struct ui *ui;
	enum pane_id id;
	void *state;

	size_t cursor, top;
	int height;	   /* rows that fit, known since the last drawing */
	uint64_t selected; /* key, 0 none */
	bool moved;	   /* by the user: until then the list stands at its top */

	int sort; /* column */
	bool ascending;
	char search[120];
};

int pane_open(struct pane *pane, const struct pane_ops *ops, struct ui *ui, enum pane_id id);
void pane_close(struct pane *pane);

/* Asks the pane for its rows and finds the selected thing again. */
void pane_refresh(struct pane *pane, bool order);

/* What is listed has become something else: start at the top. */
void pane_reset(struct pane *pane);

/* Movement, sorting, search; then the pane's own. False: nobody's. */
bool pane_action(struct pane *pane, enum action action);
void pane_move_to(struct pane *pane, size_t row);

/* Moves to the first row from `from` on that contains the search text. step 1 or -1. */
bool pane_search(struct pane *pane, size_t from, int step);

void pane_draw(struct pane *pane, struct canvas *cv, bool focused);

/* Row at a line of the pane as drawn, -1 none. */
long pane_row_at(struct pane *pane, int line);

size_t pane_rows(struct pane *pane);

#endif
