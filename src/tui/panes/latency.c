/* SPDX-License-Identifier: GPL-2.0 */
/* Where the time went: by layer, by function, between two functions; the slowest packets. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "model/latency.h"
#include "tui/journey/words.h"
#include "tui/ui.h"

#define BINS 24		 /* of a strip: four a decade */
#define STRIP_FROM 1e2	 /* ns */
#define STRIP_DECADES 6	 /* up to 100 ms; what is beyond stands in the last bin */
#define P99_SLOW 1000000 /* ns: pointed at from here on */

enum { NAME, COUNT, P50, P90, P99, MAX, STRIP, COLUMNS };

static const struct column columns[COLUMNS] = {
	[NAME] = { .title = "where", .sort = "order", .min = 12, .max = 44 },
	[COUNT] = { .title = "times", .sort = "times", .min = 6, .max = 6, .right = true, .leaves = 3 },
	[P50] = { .title = "p50", .sort = "p50", .min = 6, .max = 6, .right = true },
	[P90] = { .title = "p90", .sort = "p90", .min = 6, .max = 6, .right = true, .leaves = 4 },
	[P99] = { .title = "p99", .sort = "p99", .min = 6, .max = 6, .right = true },
	[MAX] = { .title = "max", .sort = "max", .min = 6, .max = 6, .right = true, .leaves = 2 },
	[STRIP] = { .title = "100ns–100ms", .min = BINS / 2, .max = BINS, .whole = true, .leaves = 5 },
};

enum { TOOK, HOPS, FATE, FLOW, SLOW_COLUMNS };

static const struct column slow_columns[SLOW_COLUMNS] = {
	[TOOK] = { .title = "took", .min = 8, .max = 9, .right = true },
	[HOPS] = { .title = "hops", .min = 5, .max = 5, .right = true, .leaves = 2 },
	[FATE] = { .title = "end", .min = 13, .max = 13, .leaves = 1 },
	[FLOW] = { .title = "flow", .min = 20, .max = 110 },
};

enum list { LIST_LAYERS, LIST_FUNCTIONS, LIST_SLOWEST };

enum row_kind { ROW_PACKETS = 1, ROW_LAYER, ROW_BETWEEN, ROW_FUNCTION };

struct latency_row {
	enum row_kind kind;
	uint16_t id;
	uint64_t count, p50, p90, p99, max;
	float bin[BINS];
};

struct latency_state {
	struct latency_row *row;
	size_t n, cap;
	enum layer layer; /* LIST_FUNCTIONS: of that one */
	struct slow_packet slow[LATENCY_SLOWEST];
	size_t nslow;
	int sort; /* of the lists that can be sorted, while the other one is shown */
	struct column columns[COLUMNS];
};

static enum list list_of(const struct pane *p)
{
	return (enum list)p->list;
}

static int latency_open(struct pane *p)
{
	struct latency_state *s = p->state;

	s->cap = probe_capacity(p->ui->src->probes) + LAYER_COUNT + LATENCY_BETWEEN + 1;
	s->row = calloc(s->cap, sizeof(*s->row));
	p->sort = NAME;
	p->ascending = true;
	return s->row ? 0 : -ENOMEM;
}

static void latency_close(struct pane *p)
{
	free(((struct latency_state *)p->state)->row);
}

static void take_bins(struct latency_row *row, const struct histogram *h)
{
	unsigned int i;
	double at;
	int bin;

	memset(row->bin, 0, sizeof(row->bin));
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		at = (double)histogram_bucket_start(i);
		bin = at <= STRIP_FROM ? 0 : (int)(log10(at / STRIP_FROM) * BINS / STRIP_DECADES);
		row->bin[bin < BINS ? bin : BINS - 1] += (float)h->bucket[i];
	}
}

static void take_row(struct latency_state *s, enum row_kind kind, uint16_t id, const struct histogram *h)
{
	struct latency_row *row;

	if (!h || (!h->count && kind != ROW_BETWEEN) || s->n == s->cap)
		return;
	row = &s->row[s->n++];
	row->kind = kind;
	row->id = id;
	row->count = h->count;
	row->p50 = histogram_quantile(h, 0.50);
	row->p90 = histogram_quantile(h, 0.90);
	row->p99 = histogram_quantile(h, 0.99);
	row->max = h->max;
	take_bins(row, h);
}

static uint64_t value(const struct latency_row *row, int column)
{
	switch (column) {
	case COUNT:
		return row->count;
	case P50:
		return row->p50;
	case P90:
		return row->p90;
	case P99:
		return row->p99;
	default:
		return row->max;
	}
}

static int compare(const void *pa, const void *pb, void *ctx)
{
	const struct pane *p = ctx;
	const struct latency_row *a = pa, *b = pb;
	uint64_t x = value(a, p->sort), y = value(b, p->sort);

	if (p->sort != NAME && x != y)
		return (x < y) == p->ascending ? -1 : 1;
	if (a->kind != b->kind)
		return (a->kind < b->kind) == (p->sort != NAME || p->ascending) ? -1 : 1;
	return (a->id < b->id) == (p->sort != NAME || p->ascending) ? -1 : a->id != b->id;
}

static void latency_refresh(struct pane *p, bool order)
{
	struct latency_state *s = p->state;
	const struct latency *l = store_latency(p->ui->store);
	const struct probe_table *probes = p->ui->src->probes;
	const struct between *b;
	size_t i, n = probes->n;

	if (ui_frozen(p->ui) && s->n)
		goto sort;
	s->n = s->nslow = 0;
	if (!l)
		return;
	s->nslow = latency_slowest(l, s->slow, LATENCY_SLOWEST);
	if (list_of(p) == LIST_FUNCTIONS) {
		for (i = 0; i < n; i++)
			if (probes->v[i].class.layer == s->layer)
				take_row(s, ROW_FUNCTION, (uint16_t)i, latency_func(l, (uint16_t)i));
	} else {
		take_row(s, ROW_PACKETS, 0, latency_packets(l));
		for (i = 0; i < LAYER_COUNT; i++)
			take_row(s, ROW_LAYER, (uint16_t)i, latency_layer(l, (enum layer)i));
		for (i = 0; i < LATENCY_BETWEEN; i++) {
			b = latency_between(l, (int)i);
			take_row(s, ROW_BETWEEN, (uint16_t)i, b ? &b->time : NULL);
		}
	}
sort:
	if (s->n)
		qsort_r(s->row, s->n, sizeof(*s->row), compare, p);
}

static size_t latency_rows(struct pane *p)
{
	struct latency_state *s = p->state;

	return list_of(p) == LIST_SLOWEST ? s->nslow : s->n;
}

static uint64_t latency_key(struct pane *p, size_t row)
{
	struct latency_state *s = p->state;

	return list_of(p) == LIST_SLOWEST ? s->slow[row].id
					  : (uint64_t)s->row[row].kind << 32 | (s->row[row].id + 1u);
}

static enum role row_name(struct pane *p, const struct latency_row *row, char *buf, size_t size)
{
	const struct probe_table *probes = p->ui->src->probes;
	const struct latency *l = store_latency(p->ui->store);
	const struct between *b;

	switch (row->kind) {
	case ROW_LAYER:
		snprintf(buf, size, "%s", layer_name((enum layer)row->id));
		return (enum role)(ROLE_LAYER + row->id);
	case ROW_FUNCTION:
		snprintf(buf, size, "%s", row->id < probes->n ? probes->v[row->id].name : "?");
		return ROLE_TEXT;
	case ROW_BETWEEN:
		b = l ? latency_between(l, row->id) : NULL;
		if (b && b->from < probes->n && b->to < probes->n)
			snprintf(buf, size, "%s → %s", probes->v[b->from].name, probes->v[b->to].name);
		else
			snprintf(buf, size, "?");
		return ROLE_CHANGED;
	default:
		snprintf(buf, size, "whole packets");
		return ROLE_TITLE;
	}
}

static void draw_strip(
	struct canvas *cv, const struct latency_row *row, enum role role, const struct column_fit *fit)
{
	double values[BINS] = { 0 };
	int w = fit->w[STRIP] < BINS ? BINS / 2 : BINS, i;

	for (i = 0; i < BINS; i++)
		values[i * w / BINS] += (double)row->bin[i];
	canvas_graph(cv, fit->x[STRIP], 0, w, role, values, w);
}

static void draw_time(struct canvas *cv, const struct column_fit *fit, int column, enum role role,
	const struct latency_row *row)
{
	char text[HUMAN_MAX];

	if (row->count)
		human_ns(text, sizeof(text), value(row, column), false);
	else
		snprintf(text, sizeof(text), "-");
	column_draw(cv, columns, fit, column, role, text);
}

static void draw_slow(struct pane *p, struct canvas *cv, size_t at, const struct column_fit *fit)
{
	const struct slow_packet *k = &((struct latency_state *)p->state)->slow[at];
	bool gone = !store_packet(p->ui->store, k->id);
	char text[WORDS_MAX];
	enum role role;

	column_draw(cv, slow_columns, fit, TOOK, ROLE_TIME, words_time(k->duration, text, sizeof(text)));
	column_draw(cv, slow_columns, fit, HOPS, ROLE_DIM, human_count(text, sizeof(text), k->nhops));
	words_fate(p->ui, (enum fate)k->fate, 0, &role, text, sizeof(text));
	column_draw(cv, slow_columns, fit, FATE, role, k->fate == FATE_DROPPED ? "✗ dropped" : text);
	words_flow(p->ui, k->flow, text, sizeof(text));
	if (gone)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " (not kept)");
	column_draw(cv, slow_columns, fit, FLOW, gone ? ROLE_DIM : ROLE_TEXT, text);
}

static void latency_draw_row(struct pane *p, struct canvas *cv, size_t at, const struct column_fit *fit)
{
	const struct latency_row *row;
	char text[160];
	enum role role;

	if (list_of(p) == LIST_SLOWEST) {
		draw_slow(p, cv, at, fit);
		return;
	}
	row = &((struct latency_state *)p->state)->row[at];
	role = row_name(p, row, text, sizeof(text));
	column_draw(cv, columns, fit, NAME, role, text);
	column_draw(cv, columns, fit, COUNT, ROLE_DIM, human_count(text, sizeof(text), row->count));
	draw_time(cv, fit, P50, ROLE_TEXT, row);
	draw_time(cv, fit, P90, ROLE_TEXT, row);
	draw_time(cv, fit, P99, row->p99 >= P99_SLOW ? ROLE_WARN : ROLE_TEXT, row);
	draw_time(cv, fit, MAX, ROLE_DIM, row);
	if (fit->w[STRIP])
		draw_strip(cv, row, row->kind == ROW_LAYER ? role : ROLE_BAR, fit);
}

static void latency_text(struct pane *p, size_t at, char *buf, size_t size)
{
	struct latency_state *s = p->state;

	if (list_of(p) == LIST_SLOWEST)
		words_flow(p->ui, s->slow[at].flow, buf, size);
	else
		row_name(p, &s->row[at], buf, size);
}

static void go_list(struct pane *p, enum list list, uint64_t selected)
{
	struct latency_state *s = p->state;

	if (p->sort >= 0)
		s->sort = p->sort;
	p->sort = list == LIST_SLOWEST ? -1 : s->sort;
	p->list = (int)list;
	pane_reset(p);
	p->search[0] = '\0';
	p->selected = selected;
	p->moved = selected != 0;
	/* Another list than that which was frozen. */
	s->n = 0;
	pane_refresh(p, true);
}

static void open_row(struct pane *p)
{
	struct latency_state *s = p->state;
	size_t at = pane_cursor_row(p);
	const struct latency_row *row;

	if (at >= latency_rows(p))
		return;
	if (list_of(p) == LIST_SLOWEST) {
		ui_show_packet(p->ui, s->slow[at].id);
		return;
	}
	row = &s->row[at];
	if (row->kind == ROW_LAYER) {
		s->layer = (enum layer)row->id;
		go_list(p, LIST_FUNCTIONS, 0);
	} else if (row->kind == ROW_PACKETS) {
		go_list(p, LIST_SLOWEST, 0);
	}
}

static bool latency_action(struct pane *p, enum action action)
{
	struct latency_state *s = p->state;
	enum list list = list_of(p);

	switch (action) {
	case ACTION_OPEN:
		open_row(p);
		return true;
	case ACTION_NEXT_PANE:
	case ACTION_PREV_PANE:
		go_list(p, list == LIST_SLOWEST ? LIST_LAYERS : LIST_SLOWEST, 0);
		return true;
	case ACTION_RESET:
		store_latency_reset(p->ui->store);
		s->n = s->nslow = 0;
		pane_refresh(p, true);
		ui_say(p->ui, "times are measured anew");
		return true;
	case ACTION_BACK:
		if (list == LIST_LAYERS)
			return false;
		go_list(p, LIST_LAYERS,
			list == LIST_FUNCTIONS ? (uint64_t)ROW_LAYER << 32 | ((unsigned int)s->layer + 1u)
					       : 0);
		return true;
	default:
		return false;
	}
}

static const char *latency_title(struct pane *p, char *buf, size_t size)
{
	struct latency_state *s = p->state;
	const struct latency *l = store_latency(p->ui->store);
	uint64_t skipped = l ? latency_skipped(l) : 0;
	char n[HUMAN_MAX];

	if (list_of(p) == LIST_SLOWEST)
		snprintf(buf, size, "the slowest packets · Tab layers");
	else if (list_of(p) == LIST_FUNCTIONS)
		snprintf(buf, size, "%s: from each function to the next", layer_name(s->layer));
	else
		snprintf(buf, size, "from each function to the next, by layer · Tab slowest packets");
	if (skipped && strlen(buf) + 60 < size)
		snprintf(buf + strlen(buf), size - strlen(buf), " · %s gaps with lost records left out",
			human_count(n, sizeof(n), skipped));
	return buf;
}

static const char *latency_empty(struct pane *p, char *buf, size_t size)
{
	struct store_totals t;

	store_totals(p->ui->store, &t);
	if (!t.packets)
		return ui_why_empty(p->ui, buf, size);
	snprintf(buf, size, "no packet has ended yet: times are measured when one is over");
	return buf;
}

static const struct column *latency_columns(struct pane *p, int *n)
{
	struct latency_state *s = p->state;
	size_t i;

	if (list_of(p) == LIST_SLOWEST) {
		*n = SLOW_COLUMNS;
		return slow_columns;
	}
	*n = COLUMNS;
	memcpy(s->columns, columns, sizeof(columns));
	/* Two names in a row need the room more. */
	for (i = 0; i < s->n; i++)
		if (s->row[i].kind == ROW_BETWEEN)
			s->columns[STRIP].max = columns[STRIP].min;
	return s->columns;
}

static uint64_t latency_packet(struct pane *p, size_t row)
{
	return list_of(p) == LIST_SLOWEST ? ((struct latency_state *)p->state)->slow[row].id : 0;
}

const struct pane_ops latency_pane = {
	.name = "Latency",
	.state_size = sizeof(struct latency_state),
	.open = latency_open,
	.close = latency_close,
	.refresh = latency_refresh,
	.rows = latency_rows,
	.key = latency_key,
	.draw_row = latency_draw_row,
	.text = latency_text,
	.action = latency_action,
	.title = latency_title,
	.empty = latency_empty,
	.columns = latency_columns,
	.packet = latency_packet,
};
