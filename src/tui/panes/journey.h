/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files of the journey pane only. */
#ifndef SKBSCOPE_TUI_PANES_JOURNEY_H
#define SKBSCOPE_TUI_PANES_JOURNEY_H

#include "tui/widgets/facts.h"
#include "tui/ui.h"

#define HOPS_MAX 4096	 /* of one packet shown */
#define PACKETS_MAX 2000 /* of one flow listed */

enum journey_mode {
	JOURNEY_FOLLOW,	 /* hops of the newest complete packet of the selected flow */
	JOURNEY_PACKETS, /* packets of the flow */
	JOURNEY_HOPS,	 /* hops of one packet, pinned */
	JOURNEY_DETAIL,	 /* everything about one hop */
};

/* A packet as listed: stands still while the picture is frozen. */
struct journey_packet {
	uint64_t id, first, last;
	uint32_t hops, len, reason;
	uint8_t state, direction;
};

struct journey_state {
	enum journey_mode mode;
	bool from_list; /* the pinned packet was chosen in the list */
	uint32_t flow;
	uint64_t drill;

	struct packet packet; /* the one shown; .id 0 none */
	uint64_t number;      /* it is number .. of its flow */
	uint64_t total;	      /* packets of the flow when the newest was looked up */
	struct hop *hop;
	size_t nhops;
	uint64_t slowest; /* largest gap, ns */
	struct column columns[COLUMNS_MAX]; /* as wide as the names of this packet */

	struct journey_packet *list;
	size_t nlist;

	size_t detail; /* hop */
	struct facts facts;
};

/* Rows of the two kinds of list, drawn by journey_rows.c. */
void journey_measure(struct pane *p);
const struct column *journey_hop_columns(struct pane *p, int *n);
const struct column *journey_packet_columns(int *n);
void journey_draw_hop(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit);
void journey_draw_packet(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit);

/* Everything about hop `row` of the packet shown. */
void journey_facts(struct pane *p, size_t row);

/* Words */
const char *journey_func(const struct ui *ui, const struct hop *hop);
const char *journey_netns(const struct ui *ui, uint32_t netns, char *buf, size_t size);
const char *journey_device(const struct ui *ui, const struct hop *hop, char *buf, size_t size);
const char *journey_reason(const struct ui *ui, uint32_t reason, char *buf, size_t size);
const char *journey_time(uint64_t ns, char *buf, size_t size);

#endif
