/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files of the journey pane only. */
#ifndef SKBSCOPE_TUI_JOURNEY_JOURNEY_H
#define SKBSCOPE_TUI_JOURNEY_JOURNEY_H

#include "model/path.h"
#include "packet_rows.h"
#include "timeline.h"
#include "tui/ui.h"
#include "tui/widgets/facts.h"
#include "words.h"

#define PACKETS_MAX 2000  /* of one flow listed */
#define PATHS_NEWEST 5000 /* packets of one flow whose paths are told apart */

enum journey_mode {
	JOURNEY_FOLLOW,	 /* the newest complete packet of the selected flow */
	JOURNEY_PATHS,	 /* the ways that packets of the flow took */
	JOURNEY_PACKETS, /* packets that took one of them */
	JOURNEY_HOPS,	 /* one packet, pinned */
	JOURNEY_DETAIL,	 /* everything about one hop */
};

_Static_assert(JOURNEY_DETAIL < PANE_LISTS, "each is a list of its own");

#define TRAIL_MAX 16 /* packets behind which Esc finds the one before */

/* A packet was opened from the detail of another one. */
struct journey_step {
	uint64_t packet, line; /* the other one; the line whose detail it was */
	size_t row;
	uint32_t flow;
};

struct journey_state {
	enum journey_mode mode;
	bool from_list;	  /* the pinned packet was chosen in the list */
	int from_overlay; /* or there, -1 not */
	uint32_t flow;
	uint64_t drill;

	struct timeline shown;
	uint64_t number;		    /* it is number .. of its flow */
	uint64_t total;			    /* packets of the flow when the newest was looked up */
	struct column columns[COLUMNS_MAX]; /* as wide as the names of this packet */

	struct paths paths;
	uint64_t path; /* key of the one whose packets are listed */
	struct packet_row *list;
	size_t nlist;

	uint64_t detail; /* key of the line */
	struct facts facts;
	struct journey_step trail[TRAIL_MAX];
	size_t ntrail;
};

/* journey.c, for packets.c: another packet in place of the one that is shown. */
void journey_show(struct pane *p, uint64_t id);
void journey_mode(struct pane *p, enum journey_mode mode);

/* journey.c, for drill.c */
size_t journey_rows(struct pane *p);
uint64_t journey_key(struct pane *p, size_t row);
void journey_moved(struct pane *p);

/* drill.c: what the cursor is on, opened; one step back, false: there is none; the copy there folded. */
void journey_open_row(struct pane *p);
bool journey_go_back(struct pane *p);
void journey_fold(struct pane *p);

/* rows.c: a line of the journey. */
void journey_measure(struct pane *p);
const struct column *journey_columns(struct pane *p, int *n);
void journey_draw_line(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit);

/* paths.c: the list of paths. */
void paths_take(struct pane *p);
const struct column *paths_columns(int *n);
void paths_draw(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit);
void paths_text(struct pane *p, size_t row, char *buf, size_t size);

/* packets.c: the list of packets. */
void packets_take(struct pane *p);
uint64_t packets_number(const struct ui *ui, const struct packet *packet); /* in its flow, from 1 */
const struct column *packets_columns(int *n);
void packets_draw(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit);
void packets_text(struct pane *p, size_t row, char *buf, size_t size);

/* detail.c: everything about the hop of a line. */
void journey_facts(struct pane *p, const struct line *line);

/* detail_nf.c, for detail.c */
void detail_nf_record(struct pane *p, const struct hop *hop); /* a record of netfilter */
void detail_hook(struct pane *p, const struct hop *hop);
void detail_conntrack(struct pane *p, const struct hop *hop);
void detail_drop(struct pane *p, const struct line *line);
void detail_bytes(struct pane *p, const struct line *line, const struct hop *hop); /* detail_bytes.c */

#endif
