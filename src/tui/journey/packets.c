/* SPDX-License-Identifier: GPL-2.0 */
/* The packets of a flow that took a certain way. */
#include <stdio.h>
#include <stdlib.h>

#include "base/human.h"
#include "journey.h"

#define HEADED 3 /* hops until headers stand before what TCP sends */

enum { AGE, DIRECTION, HOPS, DURATION, LENGTH, END, COLUMNS };

static const struct column columns[COLUMNS] = {
	[AGE] = { .title = "age", .min = 6, .max = 6, .right = true },
	[DIRECTION] = { .title = "", .min = 1, .max = 1 },
	[HOPS] = { .title = "hops", .min = 4, .max = 5, .right = true, .leaves = 2 },
	[DURATION] = { .title = "duration", .min = 8, .max = 9, .right = true, .leaves = 1 },
	[LENGTH] = { .title = "len", .min = 5, .max = 6, .right = true, .leaves = 3 },
	[END] = { .title = "end", .min = 10, .max = 60 },
};

const struct column *packets_columns(int *n)
{
	*n = COLUMNS;
	return columns;
}

static void take_one(struct pane *p, const struct packet *packet)
{
	struct journey_state *s = p->state;
	struct journey_packet *row = &s->list[s->nlist++];
	struct hop hop[HEADED];
	size_t n = store_hops(p->ui->store, packet, 0, hop, HEADED);

	*row = (struct journey_packet){
		.id = packet->id,
		.first = packet->first,
		.last = packet->last,
		.hops = packet->nhops,
		.reason = packet->reason,
		.copies = packet->ncopies,
		.drops = packet->drops,
		.fate = packet->fate,
		.direction = packet->direction,
	};
	for (size_t i = 0; i < n && i < HEADED; i++)
		row->len = hop[i].len > row->len ? hop[i].len : row->len;
}

void packets_take(struct pane *p)
{
	struct journey_state *s = p->state;
	const struct packet *packet;
	uint64_t *id = calloc(PACKETS_MAX, sizeof(*id));
	size_t n, i;

	if (!id)
		return;
	n = path_packets(p->ui->store, s->flow, PATHS_NEWEST, s->path, id, PACKETS_MAX);
	s->nlist = 0;
	for (i = 0; i < n; i++) {
		packet = store_packet(p->ui->store, id[i]);
		if (packet && (!ui_frozen(p->ui) || packet->first <= p->ui->paused_at))
			take_one(p, packet);
	}
	free(id);
}

/* What became of its copies, where that is not the same for all. */
static enum role copies_text(const struct journey_packet *k, char *buf, size_t size)
{
	buf[0] = '\0';
	if (k->copies < 2)
		return ROLE_DIM;
	if (k->drops && k->fate != FATE_DROPPED) {
		snprintf(buf, size, " · ✗ %u of %u copies", k->drops, k->copies);
		return ROLE_DROP;
	}
	snprintf(buf, size, " · %u copies", k->copies);
	return ROLE_DIM;
}

void packets_text(struct pane *p, size_t row, char *buf, size_t size)
{
	const struct journey_packet *k = &((struct journey_state *)p->state)->list[row];
	char fate[120], copies[48];
	enum role role;

	copies_text(k, copies, sizeof(copies));
	snprintf(buf, size, "%s%s",
		words_fate(p->ui, (enum fate)k->fate, k->reason, &role, fate, sizeof(fate)), copies);
}

static void draw_end(
	struct pane *p, struct canvas *cv, const struct journey_packet *k, const struct column_fit *fit)
{
	char fate[120], copies[48];
	enum role role, more;
	int x = fit->x[END], w = fit->w[END], width;

	words_fate(p->ui, (enum fate)k->fate, k->reason, &role, fate, sizeof(fate));
	more = copies_text(k, copies, sizeof(copies));
	width = text_width(fate);
	canvas_cell(cv, x, 0, w, false, role, fate);
	canvas_cell(cv, x + width, 0, w - width, false, more, copies);
}

void packets_draw(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct journey_packet *k = &((struct journey_state *)p->state)->list[row];
	char text[32];

	column_draw(cv, columns, fit, AGE, ROLE_TIME,
		human_ns(text, sizeof(text), since(ui_view_time(p->ui), k->first), false));
	column_draw(cv, columns, fit, DIRECTION, k->direction ? ROLE_DIM : ROLE_TEXT,
		k->direction ? "←" : "→");
	column_draw(cv, columns, fit, HOPS, ROLE_TEXT, human_count(text, sizeof(text), k->hops));
	column_draw(cv, columns, fit, DURATION, ROLE_TIME,
		words_time(since(k->last, k->first), text, sizeof(text)));
	column_draw(cv, columns, fit, LENGTH, ROLE_DIM, human_count(text, sizeof(text), k->len));
	draw_end(p, cv, k, fit);
}

/* How many packets of its flow came before it, as far as they are kept. */
uint64_t packets_number(const struct ui *ui, const struct packet *packet)
{
	const struct flow *flow = store_flow(ui->store, packet->flow);
	const struct packet *other = NULL;
	uint64_t number = flow ? flow->packets[0] + flow->packets[1] : 0;

	while (packet->flow && (other = store_flow_packet(ui->store, packet->flow, other)) && other != packet)
		number -= number > 1;
	return number;
}

void ui_show_packet(struct ui *ui, uint64_t id)
{
	const struct packet *packet = store_packet(ui->store, id);
	struct pane *p = &ui->pane[PANE_JOURNEY];
	struct journey_state *s = p->state;
	int overlay = ui->overlay;

	if (!packet) {
		ui_error(ui, "that packet has left the store (--memory keeps more)");
		return;
	}
	s->flow = ui->focus.flow = packet->flow;
	s->number = packets_number(ui, packet);
	s->from_list = false;
	s->from_overlay = overlay;
	journey_show(p, id);
	journey_mode(p, JOURNEY_HOPS);
	ui_go(ui, PANE_JOURNEY);
	pane_refresh(p, false);
}
