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

	s->from_overlay = -1;
	s->list = calloc(PACKETS_MAX, sizeof(*s->list));
	return s->list ? 0 : -ENOMEM;
}

static void journey_close(struct pane *p)
{
	struct journey_state *s = p->state;

	timeline_fini(&s->shown);
	paths_free(&s->paths);
	free(s->list);
}

/* Reads the packet shown as it is now. */
static void take_packet(struct pane *p, uint64_t id)
{
	struct journey_state *s = p->state;

	timeline_read(&s->shown, p->ui->store, p->ui->src->probes, id);
	journey_measure(p);
}

void journey_show(struct pane *p, uint64_t id)
{
	struct journey_state *s = p->state;

	timeline_clear(&s->shown);
	take_packet(p, id);
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

void journey_mode(struct pane *p, enum journey_mode mode)
{
	struct journey_state *s = p->state;

	s->mode = mode;
	p->list = (int)mode;
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
	s->ntrail = 0;
	timeline_clear(&s->shown);
	p->search[0] = '\0';
	memset(p->filter.text, 0, sizeof(p->filter.text));
	journey_mode(p, drill ? JOURNEY_PATHS : JOURNEY_FOLLOW);
	s->nlist = 0;
	if (ui_frozen(p->ui))
		paths_take(p);
}

static void journey_refresh(struct pane *p, bool order)
{
	struct journey_state *s = p->state;
	uint64_t id;

	follow_focus(p);
	if (ui_frozen(p->ui) && s->shown.n && s->mode != JOURNEY_PATHS && s->mode != JOURNEY_PACKETS)
		return;
	switch (s->mode) {
	case JOURNEY_FOLLOW:
		id = newest_complete(p, &s->number);
		if (id)
			take_packet(p, id);
		break;
	case JOURNEY_PATHS:
		if (!ui_frozen(p->ui) || !s->paths.n)
			paths_take(p);
		break;
	case JOURNEY_PACKETS:
		if (!ui_frozen(p->ui) || !s->nlist)
			packets_take(p);
		break;
	case JOURNEY_HOPS:
		take_packet(p, s->shown.packet.id);
		break;
	case JOURNEY_DETAIL:
		break;
	}
}

size_t journey_rows(struct pane *p)
{
	struct journey_state *s = p->state;

	switch (s->mode) {
	case JOURNEY_PATHS:
		return s->paths.n;
	case JOURNEY_PACKETS:
		return s->nlist;
	case JOURNEY_DETAIL:
		return s->facts.n;
	default:
		return s->shown.packet.id ? s->shown.n : 0;
	}
}

/* A line is what it tells of which record: folding and late records move it, and it stays the same. */
static uint64_t line_key(const struct line *line)
{
	return (uint64_t)(line->kind + 1) << 56 | (uint64_t)line->copy << 32 |
	       (line->kind == LINE_CHANGE ? line->look : line->hop);
}

uint64_t journey_key(struct pane *p, size_t row)
{
	struct journey_state *s = p->state;

	switch (s->mode) {
	case JOURNEY_PATHS:
		return s->paths.v[row].key;
	case JOURNEY_PACKETS:
		return s->list[row].id;
	case JOURNEY_DETAIL:
		return row + 1;
	default:
		return line_key(&s->shown.line[row]);
	}
}

static void journey_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	struct journey_state *s = p->state;

	if (s->mode == JOURNEY_PATHS)
		paths_draw(p, cv, row, fit);
	else if (s->mode == JOURNEY_PACKETS)
		packets_draw(p, cv, row, fit);
	else if (s->mode == JOURNEY_DETAIL)
		facts_draw(&s->facts, cv, row);
	else
		journey_draw_line(p, cv, row, fit);
}

static void line_text(struct pane *p, size_t row, char *buf, size_t size)
{
	const struct timeline *tl = &((struct journey_state *)p->state)->shown;
	const struct line *line = &tl->line[row];
	char text[WORDS_MAX], netns[80] = "", device[24] = "";
	enum role role;

	words_line(p->ui, tl, line, &role, text, sizeof(text));
	if (line->hop != TIMELINE_NONE) {
		words_netns(p->ui, tl->hop[line->hop].netns, netns, sizeof(netns));
		words_device(p->ui, &tl->hop[line->hop], device, sizeof(device));
	}
	snprintf(buf, size, "%s %s %s", text, netns, device);
}

static void journey_text(struct pane *p, size_t row, char *buf, size_t size)
{
	struct journey_state *s = p->state;

	if (s->mode == JOURNEY_DETAIL)
		facts_text(&s->facts, row, buf, size);
	else if (s->mode == JOURNEY_PATHS)
		paths_text(p, row, buf, size);
	else if (s->mode == JOURNEY_PACKETS)
		packets_text(p, row, buf, size);
	else
		line_text(p, row, buf, size);
}

/* Who looks at a packet closely wants to keep it: the newest one stays from the first movement on. */
void journey_moved(struct pane *p)
{
	struct journey_state *s = p->state;

	if (s->mode == JOURNEY_FOLLOW && s->shown.packet.id) {
		s->mode = JOURNEY_HOPS;
		s->ntrail = 0;
		s->from_list = false;
		s->from_overlay = -1;
	}
}

/* Where the eye should fall: a packet that was dropped, the end of a copy that was, and be it folded. */
static bool is_drop(const struct journey_state *s, size_t row)
{
	const struct line *line;
	const struct copy *c;

	if (s->mode == JOURNEY_PATHS)
		return s->paths.v[row].flags & PATH_DROPPED;
	if (s->mode == JOURNEY_PACKETS)
		return s->list[row].drops > 0;
	line = &s->shown.line[row];
	c = timeline_copy(&s->shown, line->copy);
	return c && c->fate == FATE_DROPPED &&
	       (line->kind == LINE_END ||
		       (line->kind == LINE_COPY && timeline_folded(&s->shown, line->copy)));
}

static void next_drop(struct pane *p)
{
	struct journey_state *s = p->state;
	size_t i, line, n = pane_lines(p);

	for (i = 1; i <= n; i++) {
		line = (p->cursor + i) % n;
		if (is_drop(s, pane_filter_row(p, line))) {
			pane_move_to(p, line);
			return;
		}
	}
	ui_error(p->ui, s->mode == JOURNEY_PATHS     ? "no packet was dropped on these paths"
			: s->mode == JOURNEY_PACKETS ? "none of the packets listed was dropped"
						     : "this packet was not dropped");
}

static bool journey_action(struct pane *p, enum action action)
{
	struct journey_state *s = p->state;

	switch (action) {
	case ACTION_OPEN:
		journey_open_row(p);
		return true;
	case ACTION_BACK:
		return journey_go_back(p);
	case ACTION_FOLD:
		journey_fold(p);
		return true;
	case ACTION_NEXT_DROP:
		if (s->mode != JOURNEY_DETAIL)
			next_drop(p);
		return true;
	default:
		return false;
	}
}

static bool shows_packet(const struct journey_state *s)
{
	return s->shown.packet.id && s->mode != JOURNEY_PATHS && s->mode != JOURNEY_PACKETS;
}

/* What of the flow is listed. */
static void title_part(const struct journey_state *s, const struct flow *flow, char *buf, size_t size)
{
	uint64_t total = s->mode == JOURNEY_FOLLOW ? s->total : flow->packets[0] + flow->packets[1];

	buf[0] = '\0';
	if (s->mode == JOURNEY_PATHS)
		snprintf(buf, size, "%zu path%s, %" PRIu64 " packet%s%s", s->paths.n,
			s->paths.n == 1 ? "" : "s", s->paths.packets, s->paths.packets == 1 ? "" : "s",
			s->paths.packets < total ? " kept" : "");
	else if (s->mode == JOURNEY_PACKETS)
		snprintf(buf, size, "%zu%s of one path", s->nlist, s->nlist == PACKETS_MAX ? " newest" : "");
	else if (s->shown.packet.id)
		snprintf(buf, size, "%s %" PRIu64 " of %" PRIu64,
			s->mode == JOURNEY_FOLLOW ? "newest" : "packet", s->number, total);
	if (shows_packet(s) && s->shown.packet.nhops > TIMELINE_HOPS_MAX)
		snprintf(buf + strlen(buf), size - strlen(buf), ", its first %u hops", TIMELINE_HOPS_MAX);
}

static const char *journey_title(struct pane *p, char *buf, size_t size)
{
	struct journey_state *s = p->state;
	const struct flow *flow = s->flow ? store_flow(p->ui->store, s->flow) : NULL;
	char proto[16], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX], part[96];
	int from;

	if (!flow)
		return NULL;
	title_part(s, flow, part, sizeof(part));
	from = shows_packet(s) && s->shown.packet.direction ? !flow->client : flow->client;
	snprintf(buf, size, "%s%s %s → %s · %s",
		shows_packet(s) && s->shown.packet.id == p->ui->mark.packet ? "◆ " : "",
		tuple_proto_name(flow->key.family, flow->key.proto, flow->key.l2proto, proto, sizeof(proto)),
		flow_endpoint_text(&flow->key, from, a, sizeof(a)),
		flow_endpoint_text(&flow->key, !from, b, sizeof(b)), part);
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
		snprintf(buf, size,
			"the packets of this flow are not kept any more "
			"(--memory gives the store more room)");
	return buf;
}

static bool journey_ends_matter(struct pane *p)
{
	enum journey_mode mode = ((struct journey_state *)p->state)->mode;

	return mode == JOURNEY_FOLLOW || mode == JOURNEY_HOPS;
}

/* A path stands for its newest packet, every line of a journey for the packet itself. */
static uint64_t journey_packet(struct pane *p, size_t row)
{
	struct journey_state *s = p->state;

	switch (s->mode) {
	case JOURNEY_PATHS:
		return s->paths.v[row].example;
	case JOURNEY_PACKETS:
		return s->list[row].id;
	default:
		return s->shown.packet.id;
	}
}

const struct pane_ops journey_pane = {
	.name = "Journey",
	.state_size = sizeof(struct journey_state),
	.open = journey_open,
	.close = journey_close,
	.refresh = journey_refresh,
	.rows = journey_rows,
	.key = journey_key,
	.draw_row = journey_draw_row,
	.text = journey_text,
	.moved = journey_moved,
	.action = journey_action,
	.title = journey_title,
	.empty = journey_empty,
	.columns = journey_columns,
	.ends_matter = journey_ends_matter,
	.packet = journey_packet,
};
