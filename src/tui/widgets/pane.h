/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of rows: the frame owns cursor, scrolling, sort order, search and which
 * rows are hidden; the pane behind it knows its rows and draws one. The selected
 * row is known by the key of the thing it shows, not by its number, so that it
 * stays the same thing when rows are sorted again.
 *
 * The frame counts the rows that are shown, the pane counts its own: `row` below
 * is always the pane's. Only pane.c and pane_filter.c know both.
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
#define PANE_LISTS 8  /* different lists that one pane can show */
#define PANE_FILTER_MAX 80

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
	uint64_t (*packet)(struct pane *, size_t row); /* that can be marked and compared; 0 none */
	bool (*ends_matter)(struct pane *); /* the last row must be seen, even if rows between are not */
};

/* Rows without the text are hidden; each list of a pane has its own. */
struct pane_filter {
	char text[PANE_LISTS][PANE_FILTER_MAX]; /* "" all rows are shown */
	uint32_t *row;				/* the pane's rows that are shown */
	size_t n, cap;
	size_t of; /* rows of the pane when they were looked through */
	int list;  /* and of which list; -1 not yet */
	unsigned int rested;
};

/* The packet that others are compared with, and the row it was marked in: a path is marked as such. */
struct pane_mark {
	uint64_t packet; /* 0 none */
	const struct pane *pane;
	int list;
	uint64_t key;
};

struct pane {
	const struct pane_ops *ops;
	struct ui *ui;
	enum pane_id id;
	void *state;
	int list; /* which of its lists the pane shows, < PANE_LISTS */

	size_t cursor, top;
	int height;	   /* rows that fit, known since the last drawing */
	uint64_t selected; /* key, 0 none */
	bool moved;	   /* by the user: until then the list stands at its top */

	int sort; /* column */
	bool ascending;
	char search[120];
	const struct pane_mark *mark;	    /* NULL none */
	const struct column_choice *choice; /* of its columns, NULL all */
	struct pane_filter filter;
};

int pane_open(struct pane *pane, const struct pane_ops *ops, struct ui *ui, enum pane_id id);
void pane_close(struct pane *pane);

/* Asks the pane for its rows and finds the selected thing again. */
void pane_refresh(struct pane *pane, bool order);

/* What is listed has become something else: start at the top. */
void pane_reset(struct pane *pane);

/* The pane's own, then movement and sorting. False: nobody's. */
bool pane_action(struct pane *pane, enum action action);
void pane_move_to(struct pane *pane, size_t line); /* of the lines shown */

/* The pane's row that the cursor is on; SIZE_MAX: there are none. */
size_t pane_cursor_row(struct pane *pane);

/* Moves to a row of the pane; false: it is hidden. */
bool pane_move_to_row(struct pane *pane, size_t row);

/* Moves to the first line from `from` on that contains the search text. step 1 or -1. */
bool pane_search(struct pane *pane, size_t from, int step);

/* Shows rows with that text only, "" all of them; the selected one stays selected when it can. */
void pane_set_filter(struct pane *pane, const char *text);
const char *pane_filter(const struct pane *pane); /* "" none */

/* The packet that the cursor is on, 0 none; is that row marked? */
uint64_t pane_packet(struct pane *pane);
bool pane_marked(struct pane *pane, size_t row);

/* What stands behind the pane's name. */
const char *pane_title(struct pane *pane, char *buf, size_t size);

void pane_draw(struct pane *pane, struct canvas *cv, bool focused);

/* The line of the list at a line of the pane as drawn, -1 none. */
long pane_line_at(struct pane *pane, int line);

/* How many lines the list has: rows that are not hidden. */
size_t pane_lines(struct pane *pane);

/* pane_filter.c, for pane.c */
void pane_filter_update(struct pane *pane);		/* after the rows may have changed */
bool pane_filter_rests(struct pane *pane);		/* a long list need not be looked through now */
size_t pane_filter_row(struct pane *pane, size_t line); /* the pane's row in that line */
void pane_filter_free(struct pane *pane);

#endif
