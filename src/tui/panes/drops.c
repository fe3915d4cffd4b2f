/* SPDX-License-Identifier: GPL-2.0 */
/* What was dropped: reason × function × rule, and the packets of each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "tui/journey/nf_words.h"
#include "tui/journey/packet_rows.h"
#include "tui/journey/words.h"
#include "tui/ui.h"

#define SECOND 1000000000ULL
#define KIND_KEY(no) (1ull << 63 | (no)) /* no packet has such an id */

enum { COUNT, RATE, REASON, WHERE, RULE, FLOW, SEEN, COLUMNS };

static const struct column columns[COLUMNS] = {
	[COUNT] = { .title = "drops", .sort = "drops", .min = 6, .max = 6, .right = true },
	[RATE] = { .title = "rate", .sort = "rate", .min = 6, .max = 7, .right = true, .leaves = 2 },
	[REASON] = { .title = "reason", .sort = "reason", .min = 14, .max = 20 },
	[WHERE] = { .title = "in function", .sort = "function", .min = 14, .max = 44, .leaves = 1 },
	[RULE] = { .title = "by rule", .sort = "rule", .min = 20, .max = 90 },
	[FLOW] = { .title = "last flow", .min = 36, .max = 60, .leaves = 4 },
	[SEEN] = { .title = "seen", .sort = "last seen", .min = 5, .max = 5, .right = true, .leaves = 3 },
};

enum list { LIST_KINDS, LIST_PACKETS };

struct drops_state {
	struct drop_kind *row; /* as it was at the last refresh */
	size_t n, cap;
	uint64_t dropped, forgotten;
	struct drop_kind kind; /* whose packets are listed */
	struct packet_list packets;
	int sort; /* of the kinds, while packets are listed */
};

static int drops_open(struct pane *p)
{
	p->sort = COUNT;
	return 0;
}

static void drops_close(struct pane *p)
{
	struct drops_state *s = p->state;

	free(s->row);
	packet_list_free(&s->packets);
}

static bool make_room(struct drops_state *s, size_t n)
{
	struct drop_kind *row;

	if (n <= s->cap)
		return true;
	row = reallocarray(s->row, n * 2, sizeof(*row));
	if (!row)
		return false;
	s->row = row;
	s->cap = n * 2;
	return true;
}

/* Words that are sorted by, as they are shown. */
static void column_text(const struct ui *ui, const struct drop_kind *k, int column, char *buf, size_t size)
{
	if (column == REASON)
		words_reason(ui, k->reason, buf, size);
	else if (column == WHERE)
		words_place(ui, k->location, true, buf, size);
	else
		words_rule(ui, k->rule, buf, size);
}

static uint64_t value(const struct drop_kind *k, int column)
{
	return column == SEEN ? k->last / SECOND : column == RATE ? (uint64_t)(k->rate * 1000) : k->count;
}

static int compare(const void *pa, const void *pb, void *ctx)
{
	const struct pane *p = ctx;
	const struct drop_kind *a = pa, *b = pb;
	char x[WORDS_MAX], y[WORDS_MAX];
	uint64_t m, n;
	int c;

	if (p->sort == REASON || p->sort == WHERE || p->sort == RULE) {
		column_text(p->ui, a, p->sort, x, sizeof(x));
		column_text(p->ui, b, p->sort, y, sizeof(y));
		c = strcmp(x, y);
	} else {
		m = value(a, p->sort);
		n = value(b, p->sort);
		c = (m > n) - (m < n);
	}
	if (c)
		return p->ascending ? c : -c;
	return a->no < b->no ? -1 : a->no > b->no;
}

static void take_packets(struct pane *p)
{
	struct drops_state *s = p->state;
	const struct drop_kind *k = drops_kind(store_drops(p->ui->store), s->kind.no);
	uint64_t id[DROPS_RECENT];
	size_t n;

	if (!k)
		return;
	s->kind = *k;
	n = drops_recent(store_drops(p->ui->store), k->no, id, DROPS_RECENT);
	packet_list_take(&s->packets, p->ui, id, n);
}

static void drops_refresh(struct pane *p, bool order)
{
	struct drops_state *s = p->state;
	const struct drops *drops = store_drops(p->ui->store);
	size_t i, n = drops_count(drops);

	if (p->list == LIST_PACKETS) {
		if (!ui_frozen(p->ui) || !s->packets.n)
			take_packets(p);
		return;
	}
	if (!ui_frozen(p->ui) || !s->n) {
		if (!make_room(s, n))
			return;
		s->dropped = s->forgotten = drops_forgotten(drops);
		for (s->n = i = 0; i < n; i++) {
			s->row[s->n] = *drops_at(drops, i);
			s->dropped += s->row[s->n++].count;
		}
	}
	if (s->n)
		qsort_r(s->row, s->n, sizeof(*s->row), compare, p);
}

static size_t drops_rows(struct pane *p)
{
	struct drops_state *s = p->state;

	return p->list == LIST_PACKETS ? s->packets.n : s->n;
}

static uint64_t drops_key(struct pane *p, size_t row)
{
	struct drops_state *s = p->state;

	return p->list == LIST_PACKETS ? s->packets.v[row].id : KIND_KEY(s->row[row].no);
}

static void draw_kind(
	struct pane *p, struct canvas *cv, const struct drop_kind *k, const struct column_fit *fit)
{
	bool quiet = k->rate < 0.05;
	char text[WORDS_MAX], cut[WORDS_MAX + 8];

	snprintf(text, sizeof(text), "%s", human_count(cut, sizeof(cut), k->count));
	column_draw(cv, columns, fit, COUNT, ROLE_DROP, text);
	column_draw(cv, columns, fit, RATE, quiet ? ROLE_DIM : ROLE_TEXT,
		human_rate(text, sizeof(text), k->rate));
	column_draw(cv, columns, fit, REASON, ROLE_DROP, words_reason(p->ui, k->reason, text, sizeof(text)));
	column_draw(cv, columns, fit, WHERE, ROLE_TEXT,
		words_place(p->ui, k->location, fit->w[WHERE] > 30, text, sizeof(text)));
	words_rule(p->ui, k->rule, text, sizeof(text));
	column_draw(cv, columns, fit, RULE, text[0] ? ROLE_TEXT : ROLE_DIM,
		text[0] ? text_cut(cut, sizeof(cut), text, fit->w[RULE]) : "-");
	column_draw(cv, columns, fit, FLOW, ROLE_DIM,
		k->flow ? words_flow(p->ui, k->flow, text, sizeof(text)) : "-");
	column_draw(cv, columns, fit, SEEN, quiet ? ROLE_DIM : ROLE_TEXT,
		words_seen(p->ui, k->last, text, sizeof(text)));
}

static void drops_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	struct drops_state *s = p->state;

	if (p->list == LIST_PACKETS)
		packet_row_draw(p->ui, cv, &s->packets.v[row], fit);
	else
		draw_kind(p, cv, &s->row[row], fit);
}

static void drops_text(struct pane *p, size_t row, char *buf, size_t size)
{
	struct drops_state *s = p->state;
	const struct drop_kind *k;
	char reason[64], place[128], rule[WORDS_MAX], flow[160];

	if (p->list == LIST_PACKETS) {
		packet_row_text(p->ui, &s->packets.v[row], true, buf, size);
		return;
	}
	k = &s->row[row];
	snprintf(buf, size, "%s %s %s %s", words_reason(p->ui, k->reason, reason, sizeof(reason)),
		words_place(p->ui, k->location, true, place, sizeof(place)),
		words_rule(p->ui, k->rule, rule, sizeof(rule)),
		words_flow(p->ui, k->flow, flow, sizeof(flow)));
}

static void go_list(struct pane *p, enum list list, uint64_t selected)
{
	struct drops_state *s = p->state;

	if (p->list == LIST_KINDS)
		s->sort = p->sort;
	p->list = (int)list;
	p->sort = list == LIST_KINDS ? s->sort : -1;
	pane_reset(p);
	p->search[0] = '\0';
	p->selected = selected;
	p->moved = selected != 0;
	s->packets.n = 0;
	pane_refresh(p, true);
}

static bool drops_action(struct pane *p, enum action action)
{
	struct drops_state *s = p->state;
	size_t row = pane_cursor_row(p);

	switch (action) {
	case ACTION_OPEN:
		if (row >= drops_rows(p))
			return true;
		if (p->list == LIST_PACKETS) {
			ui_show_packet(p->ui, s->packets.v[row].id);
			return true;
		}
		s->kind = s->row[row];
		go_list(p, LIST_PACKETS, 0);
		return true;
	case ACTION_BACK:
		if (p->list == LIST_KINDS)
			return false;
		go_list(p, LIST_KINDS, KIND_KEY(s->kind.no));
		return true;
	default:
		return false;
	}
}

static const char *drops_title(struct pane *p, char *buf, size_t size)
{
	struct drops_state *s = p->state;
	char text[WORDS_MAX], reason[64], n[HUMAN_MAX];
	size_t len;

	if (p->list == LIST_PACKETS) {
		snprintf(buf, size, "%zu newest of %" PRIu64 "%s · %s in %s", s->packets.n, s->kind.count,
			s->packets.gone ? ", others are not kept any more" : "",
			words_reason(p->ui, s->kind.reason, reason, sizeof(reason)),
			words_place(p->ui, s->kind.location, false, text, sizeof(text)));
		len = strlen(buf);
		if (words_rule(p->ui, s->kind.rule, text, sizeof(text))[0])
			snprintf(buf + len, size - len, " by %s", text);
		return buf;
	}
	snprintf(buf, size, "%s of %zu kind%s · %s %s", human_count(n, sizeof(n), s->dropped), s->n,
		s->n == 1 ? "" : "s", columns[p->sort].sort, p->ascending ? "▴" : "▾");
	len = strlen(buf);
	if (s->forgotten)
		snprintf(buf + len, size - len, " · %s of kinds that are not listed any more",
			human_count(n, sizeof(n), s->forgotten));
	return buf;
}

static const char *drops_empty(struct pane *p, char *buf, size_t size)
{
	bool filtered = p->ui->filter.text[0];
	struct store_totals t;
	char n[HUMAN_MAX];

	store_totals(p->ui->store, &t);
	if (p->list == LIST_PACKETS)
		snprintf(buf, size, "the packets of these drops are not kept any more (--memory keeps more)");
	else if (!t.packets)
		return ui_why_empty(p->ui, buf, size);
	else
		snprintf(buf, size, "nothing was dropped so far: %s packets seen%s%s%s",
			human_count(n, sizeof(n), t.packets),
			filtered ? ", those that the filter lets pass (" : "",
			filtered ? ui_key_name(p->ui, p->id, ACTION_FILTER) : "",
			filtered ? " changes it)" : "");
	return buf;
}

static const struct column *drops_columns(struct pane *p, int *n)
{
	if (p->list == LIST_PACKETS)
		return packet_row_columns(true, n);
	*n = COLUMNS;
	return columns;
}

/* A kind stands for its newest packet. */
static uint64_t drops_packet(struct pane *p, size_t row)
{
	struct drops_state *s = p->state;

	return p->list == LIST_PACKETS ? s->packets.v[row].id : s->row[row].packet;
}

const struct pane_ops drops_pane = {
	.name = "Drops",
	.state_size = sizeof(struct drops_state),
	.open = drops_open,
	.close = drops_close,
	.refresh = drops_refresh,
	.rows = drops_rows,
	.key = drops_key,
	.draw_row = drops_draw_row,
	.text = drops_text,
	.action = drops_action,
	.title = drops_title,
	.empty = drops_empty,
	.columns = drops_columns,
	.packet = drops_packet,
};
