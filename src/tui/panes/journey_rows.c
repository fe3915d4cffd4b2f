/* SPDX-License-Identifier: GPL-2.0 */
/* How a hop and a packet look in the journey. */
#include "journey.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/human.h"

#define SECOND 1000000000ULL
#define BAR_FROM 1e2 /* ns: an empty bar */
#define BAR_TO 1e8   /* ns: a full one */
#define SLOW 10000   /* ns: the largest gap of a journey is pointed at from here on */

enum { NETNS, DEVICE, TIME, GAP, BAR, CPU, FUNC, LAYER, LEN, HOP_COLUMNS };

static const struct column hop_columns[HOP_COLUMNS] = {
	[NETNS] = {.title = "ns", .leaves = 5},
	[DEVICE] = {.title = "dev", .leaves = 4},
	[TIME] = {.title = "time", .min = 8, .max = 8, .right = true},
	[GAP] = {.title = "gap", .min = 8, .max = 8, .right = true, .leaves = 2},
	[BAR] = {.title = "", .min = 3, .max = 8, .leaves = 6},
	[CPU] = {.title = "cpu", .min = 3, .max = 3, .right = true, .leaves = 8},
	[FUNC] = {.title = "function", .min = 18},
	[LAYER] = {.title = "layer", .min = 1, .max = 9, .whole = true, .leaves = 1},
	[LEN] = {.title = "len", .min = 5, .max = 5, .right = true, .leaves = 7},
};

enum { AGE, DIRECTION, HOPS, DURATION, LENGTH, END, PACKET_COLUMNS };

static const struct column packet_columns[PACKET_COLUMNS] = {
	[AGE] = {.title = "age", .min = 6, .max = 6, .right = true},
	[DIRECTION] = {.title = "", .min = 1, .max = 1},
	[HOPS] = {.title = "hops", .min = 4, .max = 5, .right = true, .leaves = 2},
	[DURATION] = {.title = "duration", .min = 8, .max = 9, .right = true, .leaves = 1},
	[LENGTH] = {.title = "len", .min = 5, .max = 6, .right = true, .leaves = 3},
	[END] = {.title = "end", .min = 10, .max = 60},
};

static void widen(struct column *column, const char *text, int least, int most)
{
	int w = text_width(text);

	w = w < least ? least : w > most ? most : w;
	if (w > column->max)
		column->max = (short)w;
}

/* Columns of names are as wide as the names of this packet need, so that the functions get the rest. */
void journey_measure(struct pane *p)
{
	struct journey_state *s = p->state;
	char text[80];
	size_t i;

	memcpy(s->columns, hop_columns, sizeof(hop_columns));
	for (i = 0; i < s->nhops; i++) {
		widen(&s->columns[NETNS], journey_netns(p->ui, s->hop[i].netns, text, sizeof(text)), 2, 12);
		widen(&s->columns[DEVICE], journey_device(p->ui, &s->hop[i], text, sizeof(text)), 3, 15);
		widen(&s->columns[FUNC], journey_func(p->ui, &s->hop[i]), 18, 56);
	}
	s->columns[NETNS].min = s->columns[NETNS].max < 5 ? s->columns[NETNS].max : 5;
	s->columns[DEVICE].min = s->columns[DEVICE].max < 6 ? s->columns[DEVICE].max : 6;
}

const struct column *journey_hop_columns(struct pane *p, int *n)
{
	*n = HOP_COLUMNS;
	return ((struct journey_state *)p->state)->columns;
}

const struct column *journey_packet_columns(int *n)
{
	*n = PACKET_COLUMNS;
	return packet_columns;
}

const char *journey_func(const struct ui *ui, const struct hop *hop)
{
	if (hop->type == EVENT_DROP)
		return "DROPPED";
	if (hop->type == EVENT_END)
		return "freed";
	return hop->func < ui->src->probes->n ? ui->src->probes->v[hop->func].name : "?";
}

const char *journey_netns(const struct ui *ui, uint32_t netns, char *buf, size_t size)
{
	const char *name = names_netns(store_names(ui->store), netns);

	if (name)
		snprintf(buf, size, "%s", name);
	else if (netns)
		/* Inode numbers of namespaces differ in their last digits. */
		snprintf(buf, size, "…%04u", (unsigned int)(netns % 10000));
	else
		snprintf(buf, size, "-");
	return buf;
}

const char *journey_device(const struct ui *ui, const struct hop *hop, char *buf, size_t size)
{
	const char *name =
		hop->ifindex ? names_device(store_names(ui->store), hop->netns, hop->ifindex) : NULL;

	if (name)
		snprintf(buf, size, "%s", name);
	else if (hop->ifindex)
		snprintf(buf, size, "if%u", (unsigned int)hop->ifindex);
	else
		snprintf(buf, size, "-");
	return buf;
}

const char *journey_reason(const struct ui *ui, uint32_t reason, char *buf, size_t size)
{
	const struct source_info *info = &ui->src->info;

	if (info->reasons && reason < info->nreasons && info->reasons[reason])
		printable(buf, size, info->reasons[reason], strlen(info->reasons[reason]));
	else if (reason)
		snprintf(buf, size, "reason %u", (unsigned int)reason);
	else
		snprintf(buf, size, "no reason given");
	return buf;
}

/* Fixed decimals, so that times below each other can be compared by their length. */
const char *journey_time(uint64_t ns, char *buf, size_t size)
{
	if (ns < 10000000)
		snprintf(buf, size, "%.1fµs", (double)ns / 1e3);
	else if (ns < 10 * SECOND)
		snprintf(buf, size, "%.2fms", (double)ns / 1e6);
	else
		snprintf(buf, size, "%.1fs", (double)ns / 1e9);
	return buf;
}

static uint64_t since(uint64_t later, uint64_t earlier)
{
	return later > earlier ? later - earlier : 0;
}

static void draw_gap(
	const struct journey_state *s, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	uint64_t gap = since(s->hop[row].ts, s->hop[row - 1].ts);
	enum role role = gap == s->slowest && gap >= SLOW ? ROLE_WARN : ROLE_BAR;
	char text[32], time[24];

	if (fit->w[GAP]) {
		snprintf(text, sizeof(text), "+%s", journey_time(gap, time, sizeof(time)));
		column_draw(cv, hop_columns, fit, GAP, role == ROLE_WARN ? ROLE_WARN : ROLE_DIM, text);
	}
	if (fit->w[BAR])
		canvas_bar(cv, fit->x[BAR], 0, fit->w[BAR], role,
			gap > BAR_FROM ? log10((double)gap / BAR_FROM) / log10(BAR_TO / BAR_FROM) : 0);
}

/* Where it was: bright where that has changed since the hop before. */
static void draw_lane(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct journey_state *s = p->state;
	const struct hop *hop = &s->hop[row], *before = row ? hop - 1 : hop;
	bool netns = !row || before->netns != hop->netns;
	bool device = netns || before->ifindex != hop->ifindex;
	char text[80];

	column_draw(cv, hop_columns, fit, NETNS, netns ? ROLE_CHANGED : ROLE_DIM,
		journey_netns(p->ui, hop->netns, text, sizeof(text)));
	column_draw(cv, hop_columns, fit, DEVICE, device ? ROLE_CHANGED : ROLE_DIM,
		journey_device(p->ui, hop, text, sizeof(text)));
}

/* The end has the rest of the row for itself. */
static void draw_end(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct journey_state *s = p->state;
	char reason[64], text[200];
	int x = fit->x[FUNC], w = cv->w - x - 1, width;

	if (s->hop[row].type == EVENT_END) {
		canvas_cell(cv, x, 0, w, false, ROLE_DIM, "● freed");
		return;
	}
	snprintf(text, sizeof(text), "✗ DROPPED %s",
		journey_reason(p->ui, s->packet.reason, reason, sizeof(reason)));
	canvas_cell(cv, x, 0, w, false, ROLE_DROP, text);
	width = text_width(text);
	if (row && s->hop[row - 1].type != EVENT_DROP && w - width > 12) {
		snprintf(text, sizeof(text), " after %s", journey_func(p->ui, &s->hop[row - 1]));
		canvas_cell(cv, x + width, 0, w - width, false, ROLE_DROP, text);
	}
}

void journey_draw_hop(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct journey_state *s = p->state;
	const struct hop *hop = &s->hop[row];
	char text[80];
	enum layer layer;

	draw_lane(p, cv, row, fit);
	column_draw(cv, hop_columns, fit, TIME, hop->type == EVENT_DROP ? ROLE_DROP : ROLE_TIME,
		journey_time(since(hop->ts, s->hop[0].ts), text, sizeof(text)));
	if (row)
		draw_gap(s, cv, row, fit);
	snprintf(text, sizeof(text), "%u", hop->cpu);
	column_draw(cv, hop_columns, fit, CPU,
		row && s->hop[row - 1].cpu != hop->cpu ? ROLE_CHANGED : ROLE_DIM, text);
	if (hop->type == EVENT_END || hop->type == EVENT_DROP) {
		draw_end(p, cv, row, fit);
		return;
	}
	column_draw(cv, hop_columns, fit, FUNC, ROLE_TEXT, journey_func(p->ui, hop));
	if (hop->func < p->ui->src->probes->n) {
		layer = p->ui->src->probes->v[hop->func].class.layer;
		snprintf(text, sizeof(text), "%c", layer_letter(layer));
		column_draw(cv, hop_columns, fit, LAYER, (enum role)(ROLE_LAYER + (int)layer),
			fit->w[LAYER] > 1 ? layer_name(layer) : text);
	}
	snprintf(text, sizeof(text), "%u", (unsigned int)hop->len);
	column_draw(cv, hop_columns, fit, LEN,
		row && s->hop[row - 1].len != hop->len ? ROLE_CHANGED : ROLE_DIM, text);
}

void journey_draw_packet(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct journey_packet *k = &((struct journey_state *)p->state)->list[row];
	char text[160], reason[64];

	column_draw(cv, packet_columns, fit, AGE, ROLE_TIME,
		human_ns(text, sizeof(text), since(ui_view_time(p->ui), k->first), false));
	column_draw(cv, packet_columns, fit, DIRECTION, k->direction ? ROLE_DIM : ROLE_TEXT,
		k->direction ? "←" : "→");
	column_draw(cv, packet_columns, fit, HOPS, ROLE_TEXT, human_count(text, sizeof(text), k->hops));
	column_draw(cv, packet_columns, fit, DURATION, ROLE_TIME,
		journey_time(since(k->last, k->first), text, sizeof(text)));
	column_draw(cv, packet_columns, fit, LENGTH, ROLE_DIM, human_count(text, sizeof(text), k->len));
	if (k->state == FATE_DROPPED) {
		snprintf(text, sizeof(text), "✗ DROPPED %s",
			journey_reason(p->ui, k->reason, reason, sizeof(reason)));
		column_draw(cv, packet_columns, fit, END, ROLE_DROP, text);
	} else if (k->state != FATE_LIVE) {
		column_draw(cv, packet_columns, fit, END, ROLE_DIM, "● freed");
	} else {
		column_draw(cv, packet_columns, fit, END, ROLE_BUSY, "○ on its way");
	}
}
