/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that is behind the picture: what was seen, what is wanted, where the
 * user is. Nothing here waits or reads a clock: app.c (or a test) says what
 * time it is, hands in keys and asks for a drawing.
 */
#ifndef SKBSCOPE_TUI_UI_H
#define SKBSCOPE_TUI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app.h"
#include "widgets/canvas.h"
#include "widgets/history.h"
#include "keymap.h"
#include "messages.h"
#include "widgets/meter.h"
#include "model/selection.h"
#include "model/store.h"
#include "widgets/pane.h"
#include "widgets/prompt.h"

/* What the panes have in common: one sets it, the others look. */
struct focus {
	uint32_t flow;	/* 0 none */
	int layer;	/* the functions of this one only; -1 all */
	uint64_t drill; /* counts up when a flow was opened with Enter */
};

struct progress {
	bool changing; /* between a wish and NOTICE_READY */
	size_t done, total;
	char text[40];
};

/* Which packets are shown. */
struct filter_state {
	struct packet_filter now;   /* in force, as the source says */
	char text[FILTER_TEXT_MAX]; /* the same as text, "" none */
	struct packet_filter wish;  /* the last one */
	uint64_t asked;		    /* when another was wished for that is not answered yet, 0 none */
	bool unchecked;		    /* the text in the prompt has changed since it was looked at */
	struct history history;
};

enum asking { ASKING_SEARCH, ASKING_ROWS, ASKING_FILTER, ASKING_COMMAND };

struct ui {
	struct source *src;
	struct screen_options options;
	struct palette *palette;
	struct store *store;
	struct selection sel;
	struct meter meter;
	struct messages messages;
	struct progress progress;
	struct focus focus;
	struct layout layout;
	struct prompt prompt;
	enum asking asking; /* what the prompt is for */
	struct filter_state filter;
	struct history commands;
	struct keymap keymap;
	char key_name[4][20]; /* of ui_key_name(), in turn */
	unsigned int key_names;
	uint64_t rules_changed; /* counts what else than a single function was switched */
	size_t search_from;	/* where the cursor was when the search began */

	struct pane pane[PANE_COUNT];
	struct pane_mark mark;
	enum pane_id active; /* of the live ones */
	int overlay;	     /* what lies over the live ones: PANE_HELP or behind it, -1 none */
	bool zoomed;

	uint64_t now, started;
	uint64_t clock;		     /* of the events: now, or where a replay is */
	struct playback_place place; /* of a replay, as of the last look */
	uint64_t recorded_at;	     /* when counters were recorded */
	bool record_failed;	     /* its error was told */
	uint64_t ready;		     /* when all was attached for the first time, 0 not yet */
	uint64_t ticked, refreshed;  /* when */
	uint64_t paused_at;	     /* 0: live */
	uint64_t paused_events;	     /* seen until then */

	bool mouse, mouse_changed; /* wanted; app tells the terminal */
	bool dirty;		   /* the picture is older than what is known */
	bool quit, ended, suspend, redraw;
	char error[240]; /* bottom line until the next key */
	int clicked;	 /* row of the last click, for double clicks */
	uint64_t clicked_at;
};

int ui_init(struct ui *ui, struct source *src, const struct screen_options *options, struct palette *palette,
	uint64_t now);
void ui_fini(struct ui *ui);

/* Takes events and notices, at most max_bytes of the former. True: there may be more. */
bool ui_take(struct ui *ui, size_t max_bytes);

/* Counters, rates, sorting: as often as you like, works when it is time. */
void ui_tick(struct ui *ui, uint64_t now);

void ui_key(struct ui *ui, int key);
void ui_click(struct ui *ui, int x, int y, bool twice);
void ui_wheel(struct ui *ui, int x, int y, int rows);

/* Draws into curses' own picture of the screen; the caller makes it visible. */
void ui_draw(struct ui *ui, int w, int h);

/* Ends a recording that is on. 0 or -errno with a line in err. */
int ui_record_stop(struct ui *ui, char *err, size_t size);

/* For panes */
__attribute__((format(printf, 2, 3))) void ui_error(struct ui *ui, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void ui_say(struct ui *ui, const char *fmt, ...);
/* To the source, and to our own selection. 0 or -errno; refusals were said, but for -ENOENT (a glob). */
int ui_command(struct ui *ui, struct command cmd);
/* The same in the bottom line, until the next key, but it is no error. */
__attribute__((format(printf, 2, 3))) void ui_tell(struct ui *ui, const char *fmt, ...);
void ui_action(struct ui *ui, enum action action);
void ui_go(struct ui *ui, enum pane_id pane);
struct pane *ui_current(struct ui *ui);
bool ui_frozen(const struct ui *ui);
/* By the clock of the events: now, or when the picture was frozen. */
uint64_t ui_view_time(const struct ui *ui);
/* Its journey; Esc leads back to the overlay that is open now. Says so when it is not kept any more. */
void ui_show_packet(struct ui *ui, uint64_t id);
/* Two journeys side by side; Esc leads back to the overlay that is open now. */
void ui_compare(struct ui *ui, uint64_t left, uint64_t right);
/* The key of an action, for texts: "f", or ":filter" when it has none. Holds for the next three calls. */
const char *ui_key_name(struct ui *ui, enum pane_id pane, enum action action);
/* Why no packet is to be seen, for panes without rows. */
const char *ui_why_empty(struct ui *ui, char *buf, size_t size);

/* Prompts: one at a time, in the bottom line. */
void ui_ask(struct ui *ui, enum asking what);
void ui_prompt_key(struct ui *ui, int key);
void ui_search_again(struct ui *ui, int step);

/* The filter: see source.h */
void ui_filter_init(struct ui *ui);
int ui_filter_wish(struct ui *ui, const struct packet_filter *wish); /* 0 or -errno, which was said */
const struct packet_filter *ui_filter_latest(
	const struct ui *ui);	       /* the wish that waits, or the one in force */
void ui_filter_give_up(struct ui *ui); /* the one in force shall stay, whatever was wished for */
void ui_filter_notice(struct ui *ui, bool taken);
bool ui_filter_waits(const struct ui *ui); /* long enough to be told */
void ui_filter_look(struct ui *ui);	   /* at the text in the prompt, if it has changed */
/* 0, or -errno with a line in err; -EAGAIN: only a resolver knows. */
int ui_filter_parse(struct ui *ui, const char *text, struct packet_filter *out, char *err, size_t size);

/* A recording that is replayed. */
void ui_replay_begin(struct ui *ui);			  /* tells of its keys */
void ui_replay_look(struct ui *ui);			  /* where it is */
bool ui_replay_action(struct ui *ui, enum action action); /* false: something else */
int ui_panes_anew(struct ui *ui); /* as at the start, but sorted as they are; -ENOMEM: as they were */

/* A recording that is made. */
bool ui_recording(const struct ui *ui, struct recorder_status *status);
void ui_record_toggle(struct ui *ui);
void ui_record_tick(struct ui *ui);

#define UI_TICK_NS 250000000ULL
#define UI_REFRESH_NS 1000000000ULL

extern const struct pane_ops layers_pane, functions_pane, flows_pane, journey_pane, help_pane, messages_pane,
	latency_pane, compare_pane, drops_pane, rules_pane, stats_pane;

#endif
