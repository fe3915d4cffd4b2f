/* SPDX-License-Identifier: GPL-2.0 */
/* How a line of the journey looks: where, when, what. */
#include "journey.h"
#include "nf_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BAR_FROM 1e2 /* ns: an empty bar */
#define BAR_TO 1e8   /* ns: a full one */
#define NF_DEEPEST 8 /* chains that jumped to each other are moved to the right so often */
#define NF_ROOM 56   /* columns that a rule should have, before it moves to the left */
#define SLOW 10000   /* ns: the largest gap of a journey is pointed at from here on */

enum { NETNS, DEVICE, TIME, GAP, BAR, CPU, FUNC, LAYER, LEN, HOP_COLUMNS };

static const struct column hop_columns[HOP_COLUMNS] = {
	[NETNS] = { .title = "ns", .leaves = 5 },
	[DEVICE] = { .title = "dev", .leaves = 4 },
	[TIME] = { .title = "time", .min = 8, .max = 8, .right = true },
	[GAP] = { .title = "gap", .min = 9, .max = 9, .right = true, .leaves = 2 },
	[BAR] = { .title = "", .min = 3, .max = 8, .leaves = 6 },
	[CPU] = { .title = "cpu", .min = 3, .max = 3, .right = true, .leaves = 8 },
	[FUNC] = { .title = "function", .min = 18 },
	[LAYER] = { .title = "layer", .min = 1, .max = 9, .whole = true, .leaves = 1 },
	[LEN] = { .title = "len", .min = 5, .max = 5, .right = true, .leaves = 7 },
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
	const struct timeline *tl = &s->shown;
	const struct hop *hop, *before = NULL;
	char text[80];
	size_t i;

	memcpy(s->columns, hop_columns, sizeof(hop_columns));
	for (i = 0; tl->hop && i < tl->nhops; i++, before = hop) {
		hop = &tl->hop[i];
		/* Long journeys are in few places. */
		if (!before || before->netns != hop->netns || before->ifindex != hop->ifindex) {
			widen(&s->columns[NETNS], words_netns(p->ui, hop->netns, text, sizeof(text)), 2, 12);
			widen(&s->columns[DEVICE], words_device(p->ui, hop, text, sizeof(text)), 3, 15);
		}
		if (!before || before->func != hop->func)
			widen(&s->columns[FUNC], words_func(p->ui, hop), 18, 56);
	}
	s->columns[NETNS].min = s->columns[NETNS].max < 5 ? s->columns[NETNS].max : 5;
	s->columns[DEVICE].min = s->columns[DEVICE].max < 6 ? s->columns[DEVICE].max : 6;
	if (tl->ncopies > 1)
		s->columns[FUNC].max = (short)(s->columns[FUNC].max + 4);
}

const struct column *journey_columns(struct pane *p, int *n)
{
	struct journey_state *s = p->state;

	switch (s->mode) {
	case JOURNEY_FOLLOW:
	case JOURNEY_HOPS:
		*n = HOP_COLUMNS;
		return s->columns;
	case JOURNEY_PATHS:
		return paths_columns(n);
	case JOURNEY_PACKETS:
		return packets_columns(n);
	default:
		return NULL;
	}
}

static void draw_gap(
	const struct timeline *tl, const struct line *line, struct canvas *cv, const struct column_fit *fit)
{
	uint64_t gap = since(tl->hop[line->hop].ts, tl->hop[line->before].ts);
	enum role role = gap == tl->slowest && gap >= SLOW ? ROLE_WARN : ROLE_BAR;
	char text[32], time[24];

	if (fit->w[GAP]) {
		snprintf(text, sizeof(text), "+%s", words_time(gap, time, sizeof(time)));
		column_draw(cv, hop_columns, fit, GAP, role == ROLE_WARN ? ROLE_WARN : ROLE_DIM, text);
	}
	if (fit->w[BAR])
		canvas_bar(cv, fit->x[BAR], 0, fit->w[BAR], role,
			gap > BAR_FROM ? log10((double)gap / BAR_FROM) / log10(BAR_TO / BAR_FROM) : 0);
}

/* Where it was: bright where that has changed since the line before. */
static void draw_lane(struct pane *p, const struct timeline *tl, const struct line *line, struct canvas *cv,
	const struct column_fit *fit)
{
	const struct hop *hop = &tl->hop[line->hop];
	bool first = line->before == TIMELINE_NONE;
	const struct hop *before = first ? hop : &tl->hop[line->before];
	bool netns = first || before->netns != hop->netns;
	bool device = netns || before->ifindex != hop->ifindex;
	char text[80];

	column_draw(cv, hop_columns, fit, NETNS, netns ? ROLE_CHANGED : ROLE_DIM,
		words_netns(p->ui, hop->netns, text, sizeof(text)));
	column_draw(cv, hop_columns, fit, DEVICE, device ? ROLE_CHANGED : ROLE_DIM,
		words_device(p->ui, hop, text, sizeof(text)));
}

static void draw_times(struct pane *p, const struct timeline *tl, const struct line *line, struct canvas *cv,
	const struct column_fit *fit)
{
	const struct hop *hop = &tl->hop[line->hop];
	const struct hop *before = line->before != TIMELINE_NONE ? &tl->hop[line->before] : NULL;
	char text[32];

	draw_lane(p, tl, line, cv, fit);
	column_draw(cv, hop_columns, fit, TIME, hop->type == EVENT_DROP ? ROLE_DROP : ROLE_TIME,
		words_time(since(hop->ts, tl->hop[0].ts), text, sizeof(text)));
	if (before)
		draw_gap(tl, line, cv, fit);
	snprintf(text, sizeof(text), "%u", hop->cpu);
	column_draw(
		cv, hop_columns, fit, CPU, before && before->cpu != hop->cpu ? ROLE_CHANGED : ROLE_DIM, text);
}

/* What it was handed on as; the skb is not read at its end. */
static void draw_size(
	const struct timeline *tl, const struct line *line, struct canvas *cv, const struct column_fit *fit)
{
	const struct hop *hop = &tl->hop[line->hop];
	const struct hop *before = line->before != TIMELINE_NONE ? &tl->hop[line->before] : hop;
	bool known = event_is_function(before->type);
	int x = fit->x[LEN] + fit->w[LEN] + 1;
	char text[24];

	if (!known) /* a socket's record: the skb is not read there */
		before = hop;
	snprintf(text, sizeof(text), "%u", (unsigned int)hop->len);
	column_draw(cv, hop_columns, fit, LEN, before->len != hop->len ? ROLE_CHANGED : ROLE_DIM, text);
	/* How much that is, where there is nothing else. */
	if (!fit->w[LEN] || before->len == hop->len || cv->w - x < 7)
		return;
	snprintf(text, sizeof(text), "%+d", (int)hop->len - (int)before->len);
	canvas_text(cv, x, 0, ROLE_DIM, text);
}

static void draw_layer(struct pane *p, const struct hop *hop, struct canvas *cv, const struct column_fit *fit)
{
	enum layer layer;
	char letter[2] = "";

	if (hop->func >= p->ui->src->probes->n)
		return;
	layer = p->ui->src->probes->v[hop->func].class.layer;
	letter[0] = layer_letter(layer);
	column_draw(cv, hop_columns, fit, LAYER, (enum role)(ROLE_LAYER + (int)layer),
		fit->w[LAYER] > 1 ? layer_name(layer) : letter);
}

/* Copies stand below what they were made of; returns how many columns that takes. */
static int draw_branch(const struct line *line, struct canvas *cv, int x)
{
	int depth = line->depth, i, w = 0;

	for (i = 0; i < depth; i++)
		w += canvas_text(
			cv, x + w, 0, ROLE_FRAME, line->kind == LINE_COPY && i == depth - 1 ? "╞ " : "│ ");
	return w;
}

/* Where the text of a line may begin when it needs more room than there is from the functions on. */
static int leftmost(const struct timeline *tl, const struct line *line, const struct column_fit *fit)
{
	switch ((enum line_kind)line->kind) {
	case LINE_HOP:
	case LINE_END:
		return line->hop == TIMELINE_NONE ? 2 : fit->x[FUNC];
	case LINE_COPY:
		return fit->x[TIME] + fit->w[TIME] + 1;
	default:
		return 2;
	}
}

/* Rules and chains stand below each other, wherever they need room. */
static void draw_nf(struct pane *p, const struct timeline *tl, const struct line *line, struct canvas *cv,
	const struct column_fit *fit)
{
	int end = cv->w - 1, x = end - fit->x[FUNC] >= NF_ROOM ? fit->x[FUNC] : fit->x[TIME], room;
	const struct hop *hop = &tl->hop[line->hop];
	int deep = line->kind == LINE_HOOK ? 0 : hop->nf.depth;
	char body[NF_BODY_MAX + 8];
	struct nf_text text;

	nf_text(p->ui, tl, line, &text);
	if (line->kind != LINE_CHAIN || hop->nf.what == CHAIN_LEAVE)
		x += 2;
	x += draw_branch(line, cv, x) + 2 * (deep < NF_DEEPEST ? deep : NF_DEEPEST);
	if (text.lead[0])
		x += canvas_text(cv, x, 0, ROLE_DIM, text.lead) + 2;
	room = end - x - (text.verdict[0] ? text_width(text.verdict) + 1 : 0);
	text_cut(body, sizeof(body), text.body, room);
	x += canvas_text(cv, x, 0, text.body_role, body);
	if (text.verdict[0])
		canvas_cell(cv, x + (body[0] != '\0'), 0, end - x, false, text.verdict_role, text.verdict);
}

/* How much of a drop's text must be seen: up to the handle of its rule, the rest stands in the line above. */
static int least_of_drop(const char *text)
{
	const char *rest = strstr(text, "  ");

	return rest ? text_width(text) - text_width(rest) + 1 : text_width(text);
}

/* First the text of the rule gives way, then the place, then where the rule stands. */
static void shorten_drop(char *text, size_t size, int width)
{
	char cut[WORDS_MAX], *in = strstr(text, " in "), *by = strstr(text, " by "), *name;

	if (by && in && in < by && least_of_drop(text) > width) {
		memmove(in, by, strlen(by) + 1);
		by = in;
	}
	if (by && least_of_drop(text) > width) {
		name = strstr(by, " #");
		name = name ? name : strstr(by, " policy");
		if (name)
			memmove(by + 3, name, strlen(name) + 1);
	}
	text_cut(cut, sizeof(cut), text, width);
	snprintf(text, size, "%s", cut);
}

static void draw_text(struct pane *p, const struct timeline *tl, const struct line *line, struct canvas *cv,
	bool hop, const struct column_fit *fit)
{
	int x = fit->x[FUNC], end = hop ? x + fit->w[FUNC] : cv->w - 1, width,
	    least = leftmost(tl, line, fit);
	char text[WORDS_MAX], *after;
	enum role role;

	words_line(p->ui, tl, line, &role, text, sizeof(text));
	width = text_width(text) + 2 * line->depth;
	/* The row above says it too; the reason must be read. */
	after = line->kind == LINE_END && x + width > end ? strstr(text, " after ") : NULL;
	if (after)
		*after = '\0';
	else if (x + width > end && line->kind == LINE_END && role == ROLE_DROP)
		shorten_drop(text, sizeof(text), end - x - 2 * line->depth);
	else if (x + width > end)
		x = end - width > least ? end - width : least;
	/* The text moved over the columns of the gap. */
	canvas_fill(cv, x, 0, fit->x[FUNC] - x, ROLE_TEXT, " ");
	x += draw_branch(line, cv, x);
	canvas_cell(cv, x, 0, end - x, false, role, text);
}

void journey_draw_line(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct timeline *tl = &((struct journey_state *)p->state)->shown;
	const struct line *line = &tl->line[row];
	bool hop = line->kind == LINE_HOP && tl->hop[line->hop].type != EVENT_SOCKET;

	if (line->hop != TIMELINE_NONE &&
		(line->kind == LINE_HOP || line->kind == LINE_END || line->kind == LINE_COPY))
		draw_times(p, tl, line, cv, fit);
	if (line->kind == LINE_RULE || line->kind == LINE_CHAIN || line->kind == LINE_HOOK) {
		draw_nf(p, tl, line, cv, fit);
		return;
	}
	draw_text(p, tl, line, cv, hop, fit);
	if (!hop)
		return;
	draw_layer(p, &tl->hop[line->hop], cv, fit);
	draw_size(tl, line, cv, fit);
}
