/* SPDX-License-Identifier: GPL-2.0 */
#include "packet_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "tui/ui.h"
#include "words.h"

#define HEADED 3 /* hops until headers stand before what TCP sends */

enum { AGE, DIRECTION, HOPS, DURATION, LENGTH, END, COLUMNS, FLOW = COLUMNS, FLOW_COLUMNS };

static const struct column columns[COLUMNS] = {
	[AGE] = { .title = "age", .min = 6, .max = 6, .right = true },
	[DIRECTION] = { .title = "", .min = 1, .max = 1 },
	[HOPS] = { .title = "hops", .min = 4, .max = 5, .right = true, .leaves = 2 },
	[DURATION] = { .title = "duration", .min = 8, .max = 9, .right = true, .leaves = 1 },
	[LENGTH] = { .title = "len", .min = 5, .max = 6, .right = true, .leaves = 3 },
	[END] = { .title = "end", .min = 10, .max = 60 },
};

/* The same where each may be of another flow. */
static const struct column flow_columns[FLOW_COLUMNS] = {
	[AGE] = { .title = "age", .min = 6, .max = 6, .right = true },
	[DIRECTION] = { .title = "", .min = 1, .max = 1 },
	[HOPS] = { .title = "hops", .min = 4, .max = 5, .right = true, .leaves = 2 },
	[DURATION] = { .title = "duration", .min = 8, .max = 9, .right = true, .leaves = 1 },
	[LENGTH] = { .title = "len", .min = 5, .max = 6, .right = true, .leaves = 3 },
	[END] = { .title = "end", .min = 13, .max = 40 },
	[FLOW] = { .title = "flow", .min = 24, .max = 110 },
};

const struct column *packet_row_columns(bool flows, int *n)
{
	*n = flows ? FLOW_COLUMNS : COLUMNS;
	return flows ? flow_columns : columns;
}

void packet_row_take(const struct ui *ui, struct packet_row *row, const struct packet *packet)
{
	struct hop hop[HEADED];
	size_t n = store_hops(ui->store, packet, 0, hop, HEADED);

	*row = (struct packet_row){
		.id = packet->id,
		.first = packet->first,
		.last = packet->last,
		.flow = packet->flow,
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

/* What became of its copies, where that is not the same for all. */
static enum role copies_text(const struct packet_row *k, char *buf, size_t size)
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

void packet_row_text(const struct ui *ui, const struct packet_row *k, bool flows, char *buf, size_t size)
{
	char fate[120], copies[48], flow[160] = "";
	enum role role;

	copies_text(k, copies, sizeof(copies));
	if (flows)
		words_flow(ui, k->flow, flow, sizeof(flow));
	snprintf(buf, size, "%s%s%s%s",
		words_fate(ui, (enum fate)k->fate, k->reason, &role, fate, sizeof(fate)), copies,
		flows ? " " : "", flow);
}

static void draw_end(
	const struct ui *ui, struct canvas *cv, const struct packet_row *k, const struct column_fit *fit)
{
	char fate[120], copies[48];
	enum role role, more;
	int x = fit->x[END], w = fit->w[END], width;

	words_fate(ui, (enum fate)k->fate, k->reason, &role, fate, sizeof(fate));
	more = copies_text(k, copies, sizeof(copies));
	width = text_width(fate);
	canvas_cell(cv, x, 0, w, false, role, fate);
	canvas_cell(cv, x + width, 0, w - width, false, more, copies);
}

void packet_row_draw(
	const struct ui *ui, struct canvas *cv, const struct packet_row *k, const struct column_fit *fit)
{
	char text[WORDS_MAX];

	column_draw(cv, columns, fit, AGE, ROLE_TIME,
		human_ns(text, sizeof(text), since(ui_view_time(ui), k->first), false));
	column_draw(
		cv, columns, fit, DIRECTION, k->direction ? ROLE_DIM : ROLE_TEXT, k->direction ? "←" : "→");
	column_draw(cv, columns, fit, HOPS, ROLE_TEXT, human_count(text, sizeof(text), k->hops));
	column_draw(cv, columns, fit, DURATION, ROLE_TIME,
		words_time(since(k->last, k->first), text, sizeof(text)));
	column_draw(cv, columns, fit, LENGTH, ROLE_DIM, human_count(text, sizeof(text), k->len));
	draw_end(ui, cv, k, fit);
	if (fit->w[FLOW])
		column_draw(
			cv, flow_columns, fit, FLOW, ROLE_TEXT, words_flow(ui, k->flow, text, sizeof(text)));
}

void packet_list_take(struct packet_list *list, const struct ui *ui, const uint64_t *ids, size_t n)
{
	const struct packet *packet;
	struct packet_row *v;
	size_t i;

	if (n > list->cap) {
		v = reallocarray(list->v, n, sizeof(*v));
		if (!v)
			return;
		list->v = v;
		list->cap = n;
	}
	list->n = list->gone = 0;
	for (i = 0; i < n; i++) {
		packet = store_packet(ui->store, ids[i]);
		if (packet)
			packet_row_take(ui, &list->v[list->n++], packet);
		else
			list->gone++;
	}
}

void packet_list_free(struct packet_list *list)
{
	free(list->v);
	*list = (struct packet_list){ 0 };
}
