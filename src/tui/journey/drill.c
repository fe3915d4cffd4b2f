/* SPDX-License-Identifier: GPL-2.0 */
/* Enter and Esc: from the flow to its paths, packets, one journey, one hop, and back. */
#include <string.h>

#include "journey.h"

static void open_path(struct pane *p, size_t at)
{
	struct journey_state *s = p->state;

	s->path = s->paths.v[at].key;
	s->nlist = 0;
	journey_mode(p, JOURNEY_PACKETS);
}

static void open_packet(struct pane *p, size_t at)
{
	struct journey_state *s = p->state;
	const struct packet *packet = store_packet(p->ui->store, s->list[at].id);

	if (!packet) {
		ui_error(p->ui, "that packet has left the store (--memory keeps more)");
		return;
	}
	s->number = packets_number(p->ui, packet);
	s->from_list = true;
	s->ntrail = 0;
	s->from_overlay = -1;
	journey_show(p, packet->id);
	journey_mode(p, JOURNEY_HOPS);
}

/* Another packet that the detail names; Esc leads back to that row. */
static void open_related(struct pane *p, size_t at)
{
	struct journey_state *s = p->state;
	const struct packet *packet;

	if (!s->facts.v[at].packet)
		return;
	packet = store_packet(p->ui->store, s->facts.v[at].packet);
	if (!packet) {
		ui_error(p->ui, "that packet has left the store (--memory keeps more)");
		return;
	}
	if (s->ntrail == TRAIL_MAX)
		memmove(&s->trail[0], &s->trail[1], --s->ntrail * sizeof(s->trail[0]));
	s->trail[s->ntrail++] = (struct journey_step){
		.packet = s->shown.packet.id, .line = s->detail, .row = at, .flow = s->flow
	};
	s->flow = p->ui->focus.flow = packet->flow;
	s->number = packets_number(p->ui, packet);
	journey_show(p, packet->id);
	journey_mode(p, JOURNEY_HOPS);
}

void journey_open_row(struct pane *p)
{
	struct journey_state *s = p->state;
	size_t at = pane_cursor_row(p);

	if (at >= journey_rows(p))
		return;
	if (s->mode == JOURNEY_DETAIL) {
		open_related(p, at);
	} else if (s->mode == JOURNEY_PATHS) {
		open_path(p, at);
	} else if (s->mode == JOURNEY_PACKETS) {
		open_packet(p, at);
	} else {
		journey_moved(p);
		s->detail = journey_key(p, at);
		journey_facts(p, &s->shown.line[at]);
		journey_mode(p, JOURNEY_DETAIL);
	}
	pane_refresh(p, false);
}

/* Hides or shows the copy that the cursor is on, or in. */
void journey_fold(struct pane *p)
{
	struct journey_state *s = p->state;
	const struct line *line = s->shown.line;
	size_t at = pane_cursor_row(p), in = at;

	if ((s->mode != JOURNEY_FOLLOW && s->mode != JOURNEY_HOPS) || at >= s->shown.n)
		return;
	if (!line[in].depth) {
		ui_error(p->ui, "%s folds copies that were made of a packet on its way",
			ui_key_name(p->ui, p->id, ACTION_FOLD));
		return;
	}
	while (at && (line[at].kind != LINE_COPY || line[at].copy != line[in].copy))
		at--;
	journey_moved(p);
	p->moved = true;
	p->selected = journey_key(p, at);
	timeline_fold(&s->shown, line[at].copy);
	pane_refresh(p, false);
}

/* Back to the row that was opened. */
static void return_to(struct pane *p, enum journey_mode mode, uint64_t key)
{
	journey_mode(p, mode);
	p->selected = key;
	p->moved = key != 0;
	pane_refresh(p, false);
}

/* To the detail that named this packet, or the one before it where that is not kept any more. */
static void back_to_related(struct pane *p)
{
	struct journey_state *s = p->state;
	const struct packet *packet = NULL;
	struct journey_step step;
	size_t i;

	while (!packet && s->ntrail) {
		step = s->trail[--s->ntrail];
		packet = store_packet(p->ui->store, step.packet);
	}
	if (!packet) {
		ui_error(p->ui, "the packet that named this one has left the store (--memory keeps more)");
		s->from_list = false;
		return_to(p, JOURNEY_FOLLOW, 0);
		return;
	}
	s->flow = p->ui->focus.flow = step.flow;
	s->number = packets_number(p->ui, packet);
	journey_show(p, packet->id);
	s->mode = JOURNEY_HOPS;
	s->detail = step.line;
	for (i = 0; i < s->shown.n && journey_key(p, i) != step.line; i++)
		;
	if (i == s->shown.n) {
		return_to(p, JOURNEY_HOPS, 0);
		return;
	}
	journey_facts(p, &s->shown.line[i]);
	return_to(p, JOURNEY_DETAIL, step.row + 1);
}

static void back_to_overlay(struct pane *p)
{
	struct journey_state *s = p->state;

	return_to(p, JOURNEY_FOLLOW, 0);
	p->ui->overlay = s->from_overlay;
	pane_refresh(ui_current(p->ui), true);
}

bool journey_go_back(struct pane *p)
{
	struct journey_state *s = p->state;

	switch (s->mode) {
	case JOURNEY_DETAIL:
		return_to(p, JOURNEY_HOPS, s->detail);
		return true;
	case JOURNEY_HOPS:
		if (s->ntrail)
			back_to_related(p);
		else if (s->from_overlay >= 0)
			back_to_overlay(p);
		else if (s->from_list)
			return_to(p, JOURNEY_PACKETS, s->shown.packet.id);
		else
			return_to(p, JOURNEY_FOLLOW, 0);
		return true;
	case JOURNEY_PACKETS:
		return_to(p, JOURNEY_PATHS, s->path);
		return true;
	case JOURNEY_PATHS:
		return_to(p, JOURNEY_FOLLOW, 0);
		ui_go(p->ui, PANE_FLOWS);
		return true;
	case JOURNEY_FOLLOW:
		if (p->ui->zoomed)
			break;
		ui_go(p->ui, PANE_FLOWS);
		return true;
	}
	return false;
}
