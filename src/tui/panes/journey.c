/* SPDX-License-Identifier: GPL-2.0 */
/* Where a packet was: the packets of the selected flow, their hops, and all about one hop. */
#include "journey.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPLETE_WITHIN 64 /* newest packets among which a complete one is looked for */

static int journey_open(struct pane *p)
{
	struct journey_state *s = p->state;

	s->hop = calloc(HOPS_MAX, sizeof(*s->hop));
	s->list = calloc(PACKETS_MAX, sizeof(*s->list));
	if (s->hop && s->list)
		return 0;
	free(s->hop);
	free(s->list);
	return -ENOMEM;
}

static void journey_close(struct pane *p)
{
	struct journey_state *s = p->state;

	free(s->hop);
	free(s->list);
}

/* Reads the hops of the packet shown; those known stay when the store has let it go. */
static void take_hops(struct pane *p)
{
	struct journey_state *s = p->state;
	const struct packet *packet = store_packet(p->ui->store, s->packet.id);
	size_t i, n;
	uint64_t gap;

	if (!packet)
		return;
	s->packet = *packet;
	n = store_hops(p->ui->store, packet, 0, s->hop, HOPS_MAX);
	s->nhops = n > HOPS_MAX ? HOPS_MAX : n;
	/* That it was freed after it was dropped goes without saying. */
	if (s->nhops > 1 && s->hop[s->nhops - 1].type == EVENT_END && s->hop[s->nhops - 2].type == EVENT_DROP)
		s->nhops--;
	s->slowest = 0;
	for (i = 1; i < s->nhops; i++) {
		gap = s->hop[i].ts > s->hop[i - 1].ts ? s->hop[i].ts - s->hop[i - 1].ts : 0;
		if (gap > s->slowest)
			s->slowest = gap;
	}
	journey_measure(p);
}

/* The newest packet that has ended: one that is still on its way would change under the eye. */
static uint64_t newest_complete(struct pane *p, uint64_t *number)
{
	struct journey_state *s = p->state;
	const struct flow *flow = store_flow(p->ui->store, s->flow);
	const struct packet *packet = NULL;
	uint64_t newest = 0, total = flow ? flow->packets[0] + flow->packets[1] : 0;
	int i;

	s->total = *number = total;
	for (i = 0; i < COMPLETE_WITHIN; i++) {
		packet = store_flow_packet(p->ui->store, s->flow, packet);
		if (!packet)
			break;
		if (!newest)
			newest = packet->id;
		if (packet->fate != FATE_LIVE) {
			*number = total - (uint64_t)i;
			return packet->id;
		}
	}
	return newest;
}

static void take_list(struct pane *p)
{
	struct journey_state *s = p->state;
	const struct packet *packet = NULL;
	struct journey_packet *row;
	struct hop first;

	s->nlist = 0;
	while (s->nlist < PACKETS_MAX && (packet = store_flow_packet(p->ui->store, s->flow, packet))) {
		if (ui_frozen(p->ui) && packet->first > p->ui->paused_at)
			continue;
		row = &s->list[s->nlist++];
		*row = (struct journey_packet){
			.id = packet->id,
			.first = packet->first,
			.last = packet->last,
			.hops = packet->nhops,
			.reason = packet->reason,
			.state = packet->fate,
			.direction = packet->direction,
		};
		if (store_hops(p->ui->store, packet, 0, &first, 1))
			row->len = first.len;
	}
}

static void set_mode(struct pane *p, enum journey_mode mode)
{
	struct journey_state *s = p->state;

	s->mode = mode;
	pane_reset(p);
}

/* Another flow was selected, or the same was opened with Enter. */
static void follow_focus(struct pane *p)
{
	struct journey_state *s = p->state;
	const struct focus *focus = &p->ui->focus;
	bool drill = focus->drill != s->drill;

	if (focus->flow == s->flow && !drill)
		return;
	s->flow = focus->flow;
	s->drill = focus->drill;
	s->packet.id = 0;
	s->nhops = 0;
	p->search[0] = '\0';
	set_mode(p, drill ? JOURNEY_PACKETS : JOURNEY_FOLLOW);
	if (ui_frozen(p->ui))
		take_list(p);
}

static void journey_refresh(struct pane *p, bool order)
{
	struct journey_state *s = p->state;
	uint64_t id;

	follow_focus(p);
	if (ui_frozen(p->ui) && s->nhops && s->mode != JOURNEY_PACKETS)
		return;
	switch (s->mode) {
	case JOURNEY_FOLLOW:
		id = newest_complete(p, &s->number);
		if (id) {
			s->packet.id = id;
			take_hops(p);
		}
		break;
	case JOURNEY_PACKETS:
		if (!ui_frozen(p->ui) || !s->nlist)
			take_list(p);
		break;
	case JOURNEY_HOPS:
		take_hops(p);
		break;
	case JOURNEY_DETAIL:
		break;
	}
}

static size_t journey_rows_count(struct pane *p)
{
	struct journey_state *s = p->state;

	if (s->mode == JOURNEY_PACKETS)
		return s->nlist;
	if (s->mode == JOURNEY_DETAIL)
		return s->facts.n;
	return s->packet.id ? s->nhops : 0;
}

static uint64_t journey_key(struct pane *p, size_t row)
{
	struct journey_state *s = p->state;

	return s->mode == JOURNEY_PACKETS ? s->list[row].id : (uint64_t)row + 1;
}

static void journey_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	struct journey_state *s = p->state;

	if (s->mode == JOURNEY_PACKETS)
		journey_draw_packet(p, cv, row, fit);
	else if (s->mode == JOURNEY_DETAIL)
		facts_draw(&s->facts, cv, row);
	else
		journey_draw_hop(p, cv, row, fit);
}

static void journey_text(struct pane *p, size_t row, char *buf, size_t size)
{
	struct journey_state *s = p->state;
	char netns[80], device[24], reason[64];
	const struct hop *hop;

	if (s->mode == JOURNEY_DETAIL) {
		facts_text(&s->facts, row, buf, size);
	} else if (s->mode == JOURNEY_PACKETS) {
		snprintf(buf, size, "%s", s->list[row].state == FATE_DROPPED ?
			journey_reason(p->ui, s->list[row].reason, reason, sizeof(reason)) :
			s->list[row].state != FATE_LIVE ? "freed" : "live");
	} else {
		hop = &s->hop[row];
		snprintf(buf, size, "%s %s %s", journey_func(p->ui, hop),
			journey_netns(p->ui, hop->netns, netns, sizeof(netns)),
			journey_device(p->ui, hop, device, sizeof(device)));
	}
}

/* Who looks at a packet closely wants to keep it: the newest one stays from the first movement on. */
static void journey_moved(struct pane *p)
{
	struct journey_state *s = p->state;

	if (s->mode == JOURNEY_FOLLOW && s->packet.id) {
		s->mode = JOURNEY_HOPS;
		s->from_list = false;
	}
}

static void open_row(struct pane *p)
{
	struct journey_state *s = p->state;

	if (p->cursor >= journey_rows_count(p) || s->mode == JOURNEY_DETAIL)
		return;
	if (s->mode == JOURNEY_PACKETS) {
		const struct flow *flow = store_flow(p->ui->store, s->flow);
		uint64_t total = flow ? flow->packets[0] + flow->packets[1] : 0;

		s->packet.id = s->list[p->cursor].id;
		s->number = total > p->cursor ? total - p->cursor : 1;
		s->nhops = 0;
		s->from_list = true;
		take_hops(p);
		set_mode(p, JOURNEY_HOPS);
	} else {
		journey_moved(p);
		s->detail = p->cursor;
		journey_facts(p, s->detail);
		set_mode(p, JOURNEY_DETAIL);
	}
	pane_refresh(p, false);
}

/* Back to the row that was opened. */
static void return_to(struct pane *p, enum journey_mode mode, uint64_t key)
{
	set_mode(p, mode);
	p->selected = key;
	p->moved = key != 0;
	pane_refresh(p, false);
}

static bool go_back(struct pane *p)
{
	struct journey_state *s = p->state;

	switch (s->mode) {
	case JOURNEY_DETAIL:
		return_to(p, JOURNEY_HOPS, s->detail + 1);
		return true;
	case JOURNEY_HOPS:
		if (s->from_list)
			return_to(p, JOURNEY_PACKETS, s->packet.id);
		else
			return_to(p, JOURNEY_FOLLOW, 0);
		return true;
	case JOURNEY_PACKETS:
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

static void next_drop(struct pane *p)
{
	struct journey_state *s = p->state;
	size_t i, row, n = journey_rows_count(p);

	for (i = 1; i <= n; i++) {
		row = (p->cursor + i) % n;
		if (s->mode == JOURNEY_PACKETS ? s->list[row].state == FATE_DROPPED :
						 s->hop[row].type == EVENT_DROP) {
			pane_move_to(p, row);
			return;
		}
	}
	ui_error(p->ui, s->mode == JOURNEY_PACKETS ? "none of the packets listed was dropped" :
						     "this packet was not dropped");
}

static bool journey_action(struct pane *p, enum action action)
{
	struct journey_state *s = p->state;

	switch (action) {
	case ACTION_OPEN:
		open_row(p);
		return true;
	case ACTION_BACK:
		return !p->search[0] && go_back(p);
	case ACTION_DROPS:
		if (s->mode != JOURNEY_DETAIL)
			next_drop(p);
		return true;
	default:
		return false;
	}
}

static const char *journey_title(struct pane *p, char *buf, size_t size)
{
	struct journey_state *s = p->state;
	const struct flow *flow = s->flow ? store_flow(p->ui->store, s->flow) : NULL;
	char proto[16], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX], which[64] = "";
	uint64_t total;
	int from;

	if (!flow)
		return NULL;
	total = s->mode == JOURNEY_FOLLOW ? s->total : flow->packets[0] + flow->packets[1];
	from = flow->client;
	if (s->mode == JOURNEY_PACKETS && flow->stored < total)
		snprintf(
			which, sizeof(which), "%" PRIu64 " of %" PRIu64 " packets kept", flow->stored, total);
	else if (s->mode == JOURNEY_PACKETS)
		snprintf(which, sizeof(which), "%" PRIu64 " packet%s", total, total == 1 ? "" : "s");
	else if (s->packet.id)
		snprintf(which, sizeof(which), "%s %" PRIu64 " of %" PRIu64,
			s->mode == JOURNEY_FOLLOW ? "newest" : "packet", s->number, total);
	if (s->mode != JOURNEY_PACKETS && s->packet.id && s->packet.direction)
		from = !from;
	snprintf(buf, size, "%s%s%s → %s · %s",
		tuple_proto_name(flow->key.family, flow->key.proto, flow->key.l2proto, proto, sizeof(proto)),
		" ", flow_endpoint_text(&flow->key, from, a, sizeof(a)),
		flow_endpoint_text(&flow->key, !from, b, sizeof(b)), which);
	return buf;
}

static const char *journey_empty(struct pane *p, char *buf, size_t size)
{
	struct journey_state *s = p->state;
	struct store_totals t;

	store_totals(p->ui->store, &t);
	if (!t.packets)
		return ui_why_empty(p->ui, buf, size);
	if (!s->flow)
		snprintf(buf, size, "no flow is selected");
	else
		snprintf(buf, size, "the packets of this flow are not kept any more "
			"(--memory gives the store more room)");
	return buf;
}

static bool journey_ends_matter(struct pane *p)
{
	enum journey_mode mode = ((struct journey_state *)p->state)->mode;

	return mode == JOURNEY_FOLLOW || mode == JOURNEY_HOPS;
}

static const struct column *journey_columns(struct pane *p, int *n)
{
	struct journey_state *s = p->state;

	if (s->mode == JOURNEY_DETAIL)
		return NULL;
	return s->mode == JOURNEY_PACKETS ? journey_packet_columns(n) : journey_hop_columns(p, n);
}

const struct pane_ops journey_pane = {
	.name = "Journey",
	.state_size = sizeof(struct journey_state),
	.open = journey_open,
	.close = journey_close,
	.refresh = journey_refresh,
	.rows = journey_rows_count,
	.key = journey_key,
	.draw_row = journey_draw_row,
	.text = journey_text,
	.moved = journey_moved,
	.action = journey_action,
	.title = journey_title,
	.empty = journey_empty,
	.columns = journey_columns,
	.ends_matter = journey_ends_matter,
};
