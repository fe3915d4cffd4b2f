/* SPDX-License-Identifier: GPL-2.0 */
/* Who talks to whom, both directions in one row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "tui/journey/words.h"
#include "tui/screen_config.h"
#include "tui/ui.h"

#define ROWS_MAX 250000 /* newest flows listed; bounds memory and the time that sorting takes */
#define SECOND 1000000000ULL
#define STATE_BOTH 24  /* columns: room for two words */
#define CT_WITHIN 128  /* last records of the newest packet among which conntrack's word is looked for */
#define ENDED_WITHIN 8 /* newest packets among which one that has ended is looked for */

enum { PROTO, CLIENT, SERVER, STATE, PACKETS, THERE, BACK, BYTES, DROPS, P99, RATE, SEEN, COLUMNS };

const struct column flows_columns[COLUMNS] = {
	[PROTO] = { "proto", "proto", "proto", 5, 6, .leaves = 4 },
	[CLIENT] = { "client", "client", "client", 16, 48 },
	[SERVER] = { "server", "server", "server", 16, 48 },
	[STATE] = { "state", "state", "state", 11, 24, .leaves = 8 },
	[PACKETS] = { "pkts", "packets", "packets", 5, 6, .right = true, .leaves = 3 },
	[THERE] = { "→", "out", "packets →", 5, 6, .right = true, .leaves = 9 },
	[BACK] = { "←", "in", "packets ←", 5, 6, .right = true, .leaves = 9 },
	[BYTES] = { "bytes", "bytes", "bytes", 6, 6, .right = true, .leaves = 6 },
	[DROPS] = { "drops", "drops", "drops", 7, 7, .right = true },
	[P99] = { "p99", "p99", "p99", 6, 6, .right = true, .leaves = 5 },
	[RATE] = { "rate", "rate", "rate", 7, 7, .right = true, .leaves = 2 },
	[SEEN] = { "seen", "seen", "last seen", 5, 5, .right = true, .leaves = 5 },
};

const int flows_ncolumns = COLUMNS;

/* What sorting needs, and what stands still while the picture is frozen. */
struct flow_row {
	uint32_t no;
	uint16_t proto; /* family and protocol, to sort by */
	uint8_t fate;	/* of the newest packet that has ended */
	uint8_t state;	/* of TCP */
	uint8_t ct; /* 1 + what conntrack said last (enum ip_conntrack_info), when it was drawn; 0 nothing */
	uint64_t p99;
	float rate;
	uint64_t there, back, bytes, drops, last;
};

struct flows_state {
	struct flow_row *row;
	size_t n, cap;
	size_t left_out;
	uint64_t ordered; /* when */
};

static int flows_open(struct pane *p)
{
	p->sort = SEEN;
	p->ascending = false;
	return 0;
}

static void flows_close(struct pane *p)
{
	free(((struct flows_state *)p->state)->row);
}

/* How the flow fares: what became of its newest packets. */
static uint8_t last_fate(struct pane *p, uint32_t no)
{
	const struct packet *packet = NULL;
	int i;

	for (i = 0; i < ENDED_WITHIN && (packet = store_flow_packet(p->ui->store, no, packet)); i++)
		if (packet->fate != FATE_LIVE)
			return packet->fate;
	return FATE_LIVE;
}

/* 1 + what conntrack said of its newest packet last. Too slow for all rows: for those that are drawn. */
static uint8_t last_ct(struct pane *p, uint32_t no)
{
	const struct packet *packet = store_flow_packet(p->ui->store, no, NULL);
	const struct conntrack *ct;
	struct hop hop[CT_WITHIN];
	size_t from, n;

	if (!packet)
		return 0;
	from = packet->nhops > CT_WITHIN ? packet->nhops - CT_WITHIN : 0;
	n = store_hops(p->ui->store, packet, from, hop, CT_WITHIN);
	while (n--) {
		ct = hop[n].type == EVENT_CT ? store_conntrack(p->ui->store, hop[n].no) : NULL;
		if (ct)
			return (uint8_t)(ct->info + 1);
	}
	return 0;
}

static void take_values(struct pane *p, struct flow_row *row, const struct flow *f)
{
	row->fate = last_fate(p, f->no);
	row->state = f->progress.state;
	row->p99 = f->times.n ? flow_times_quantile(&f->times, 0.99) : 0;
	row->no = f->no;
	row->proto = (uint16_t)(f->key.family << 8 | f->key.proto);
	row->rate = (float)f->rate;
	row->there = f->packets[0];
	row->back = f->packets[1];
	row->bytes = f->bytes[0] + f->bytes[1];
	row->drops = f->drops;
	row->last = f->last;
}

static uint64_t age(const struct pane *p, uint64_t last)
{
	uint64_t now = ui_view_time(p->ui);

	return now > last ? now - last : 0;
}

/* Sorted by what is shown: all that was seen within two seconds is "now", and those rows need not dance. */
static uint64_t seen_order(const struct pane *p, uint64_t last)
{
	uint64_t seconds = age(p, last) / SECOND;

	return seconds < 2 ? 0 : seconds;
}

static int compare_ends(const struct pane *p, const struct flow_row *a, const struct flow_row *b)
{
	const struct flow *f = store_flow(p->ui->store, a->no), *g = store_flow(p->ui->store, b->no);
	int i, k, c = 0;

	if (f && g) {
		i = p->sort == SERVER ? !f->client : f->client;
		k = p->sort == SERVER ? !g->client : g->client;
		c = (int)f->key.family - (int)g->key.family;
		c = c ? c : memcmp(f->key.addr[i], g->key.addr[k], sizeof(f->key.addr[i]));
		c = c ? c : (int)f->key.port[i] - (int)g->key.port[k];
	}
	if (c)
		return p->ascending ? c : -c;
	return a->no < b->no ? -1 : a->no > b->no;
}

static int flows_compare(const void *pa, const void *pb, void *ctx)
{
	const struct pane *p = ctx;
	const struct flow_row *a = pa, *b = pb;
	uint64_t x, y;

	switch (p->sort) {
	case PROTO:
		x = a->proto;
		y = b->proto;
		break;
	case CLIENT:
	case SERVER:
		return compare_ends(p, a, b);
	case STATE:
		x = a->fate * 256u + a->state;
		y = b->fate * 256u + b->state;
		break;
	case PACKETS:
		x = a->there + a->back;
		y = b->there + b->back;
		break;
	case THERE:
		x = a->there;
		y = b->there;
		break;
	case BACK:
		x = a->back;
		y = b->back;
		break;
	case BYTES:
		x = a->bytes;
		y = b->bytes;
		break;
	case DROPS:
		x = a->drops;
		y = b->drops;
		break;
	case P99:
		x = a->p99;
		y = b->p99;
		break;
	case RATE:
		if (a->rate != b->rate)
			return (a->rate < b->rate) == p->ascending ? -1 : 1;
		x = y = 0;
		break;
	default:
		x = seen_order(p, b->last);
		y = seen_order(p, a->last);
		break;
	}
	if (x != y)
		return (x < y) == p->ascending ? -1 : 1;
	if (p->sort == SEEN && (a->drops > 0) != (b->drops > 0))
		return a->drops > 0 ? -1 : 1;
	return a->no < b->no ? -1 : a->no > b->no;
}

static bool make_room(struct flows_state *s, size_t n)
{
	size_t cap = s->cap ? s->cap : 256;
	struct flow_row *row;

	while (cap < n)
		cap *= 2;
	if (cap == s->cap)
		return true;
	row = realloc(s->row, cap * sizeof(*row));
	if (!row)
		return false;
	s->row = row;
	s->cap = cap;
	return true;
}

static void flows_refresh(struct pane *p, bool order)
{
	struct flows_state *s = p->state;
	const struct flow *f;
	struct store_totals t;
	uint64_t now = p->ui->now, pace;
	size_t i, from, n = 0;

	store_totals(p->ui->store, &t);
	/* Long lists are sorted less often: keys come first. */
	pace = t.flows > 200000 ? 5 * SECOND : t.flows > 50000 ? 2 * SECOND : 0;
	if (!order && !ui_frozen(p->ui)) {
		for (i = 0; i < s->n; i++) {
			f = store_flow(p->ui->store, s->row[i].no);
			if (f)
				take_values(p, &s->row[i], f);
		}
		return;
	}
	if (!ui_frozen(p->ui)) {
		if (s->n && now - s->ordered < pace)
			return;
		from = t.flows > ROWS_MAX ? t.flows - ROWS_MAX : 0;
		if (!make_room(s, t.flows - from))
			return;
		for (i = from; i < t.flows; i++) {
			f = store_flow_at(p->ui->store, i);
			if (!f)
				continue;
			s->row[n].ct = 0;
			take_values(p, &s->row[n++], f);
		}
		s->n = n;
		s->left_out = from;
	}
	s->ordered = now;
	if (s->n)
		qsort_r(s->row, s->n, sizeof(*s->row), flows_compare, p);
}

static size_t flows_rows(struct pane *p)
{
	return ((struct flows_state *)p->state)->n;
}

static uint64_t flows_key(struct pane *p, size_t row)
{
	return ((struct flows_state *)p->state)->row[row].no;
}

static void draw_drops(struct canvas *cv, const struct column_fit *fit, uint64_t drops)
{
	char number[HUMAN_MAX], text[HUMAN_MAX + 8];

	human_count(number, sizeof(number), drops);
	snprintf(text, sizeof(text), "%s %s", number, drops ? "✗" : " ");
	column_draw(cv, flows_columns, fit, DROPS, drops ? ROLE_DROP : ROLE_DIM, text);
}

static void draw_seen(struct pane *p, struct canvas *cv, const struct column_fit *fit, uint64_t last)
{
	char text[HUMAN_MAX];

	column_draw(cv, flows_columns, fit, SEEN, age(p, last) < 2 * SECOND ? ROLE_TEXT : ROLE_DIM,
		words_seen(p->ui, last, text, sizeof(text)));
}

/* What became of its newest packet, and how far TCP has come. */
static void draw_state(struct canvas *cv, const struct column_fit *fit, const struct flow_row *row)
{
	const char *fate = row->fate == FATE_LIVE ? "in flight" : fate_name((enum fate)row->fate);
	char text[48];

	if (!row->state && row->ct && fit->w[STATE] >= STATE_BOTH)
		snprintf(text, sizeof(text), "%s, %s", fate, conntrack_state(row->ct - 1u));
	else if (row->state && fit->w[STATE] >= STATE_BOTH)
		snprintf(text, sizeof(text), "%s, %s", fate, flow_state_name((enum flow_state)row->state));
	else
		snprintf(text, sizeof(text), "%s", fate);
	column_draw(cv, flows_columns, fit, STATE, row->fate == FATE_DROPPED ? ROLE_DROP : ROLE_DIM, text);
}

static void flows_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	struct flow_row now = ((struct flows_state *)p->state)->row[row];
	const struct flow *f = store_flow(p->ui->store, now.no);
	char text[ENDPOINT_TEXT_MAX];
	bool quiet;

	if (f && !ui_frozen(p->ui)) {
		take_values(p, &now, f);
		if (!now.state && fit->w[STATE] >= STATE_BOTH)
			now.ct = last_ct(p, now.no);
		((struct flows_state *)p->state)->row[row].ct = now.ct;
	}
	quiet = age(p, now.last) >= 10 * SECOND && !now.drops;
	if (f) {
		column_draw(cv, flows_columns, fit, PROTO, ROLE_DIM,
			tuple_proto_name(f->key.family, f->key.proto, f->key.l2proto, text, sizeof(text)));
		column_draw(cv, flows_columns, fit, CLIENT, quiet ? ROLE_DIM : ROLE_TEXT,
			flow_endpoint_text(&f->key, f->client, text, sizeof(text)));
		column_draw(cv, flows_columns, fit, SERVER, quiet ? ROLE_DIM : ROLE_TEXT,
			flow_endpoint_text(&f->key, !f->client, text, sizeof(text)));
	} else {
		column_draw(cv, flows_columns, fit, CLIENT, ROLE_DIM, "(gone)");
	}
	column_draw(cv, flows_columns, fit, PACKETS, quiet ? ROLE_DIM : ROLE_TEXT,
		human_count(text, sizeof(text), now.there + now.back));
	column_draw(cv, flows_columns, fit, THERE, ROLE_DIM, human_count(text, sizeof(text), now.there));
	column_draw(cv, flows_columns, fit, BACK, ROLE_DIM, human_count(text, sizeof(text), now.back));
	column_draw(cv, flows_columns, fit, BYTES, ROLE_DIM, human_bytes(text, sizeof(text), now.bytes));
	draw_drops(cv, fit, now.drops);
	draw_state(cv, fit, &now);
	column_draw(cv, flows_columns, fit, P99, ROLE_TIME,
		now.p99 ? human_ns(text, sizeof(text), now.p99, false) : "-");
	column_draw(cv, flows_columns, fit, RATE, now.rate >= 0.05 ? ROLE_TEXT : ROLE_DIM,
		human_rate(text, sizeof(text), (double)now.rate));
	draw_seen(p, cv, fit, now.last);
}

static void flows_text(struct pane *p, size_t row, char *buf, size_t size)
{
	const struct flow *f = store_flow(p->ui->store, ((struct flows_state *)p->state)->row[row].no);
	char proto[16], client[ENDPOINT_TEXT_MAX], server[ENDPOINT_TEXT_MAX];

	buf[0] = '\0';
	if (!f)
		return;
	snprintf(buf, size, "%s %s %s",
		tuple_proto_name(f->key.family, f->key.proto, f->key.l2proto, proto, sizeof(proto)),
		flow_endpoint_text(&f->key, f->client, client, sizeof(client)),
		flow_endpoint_text(&f->key, !f->client, server, sizeof(server)));
}

static void flows_chosen(struct pane *p, size_t row)
{
	uint32_t no = (uint32_t)flows_key(p, row);

	if (p->ui->focus.flow == no)
		return;
	p->ui->focus.flow = no;
	pane_refresh(&p->ui->pane[PANE_JOURNEY], true);
}

static bool flows_action(struct pane *p, enum action action)
{
	struct flows_state *s = p->state;
	size_t row = pane_cursor_row(p);

	switch (action) {
	case ACTION_OPEN:
		if (row >= s->n)
			return true;
		p->moved = true;
		p->ui->focus.flow = s->row[row].no;
		p->ui->focus.drill++;
		ui_go(p->ui, PANE_JOURNEY);
		pane_refresh(&p->ui->pane[PANE_JOURNEY], true);
		return true;
	case ACTION_DROPS_FIRST:
		/* The same key leads back. */
		p->sort = p->sort == DROPS ? SEEN : DROPS;
		p->ascending = false;
		pane_reset(p);
		s->ordered = 0;
		pane_refresh(p, true);
		return true;
	case ACTION_SORT:
	case ACTION_SORT_BACK:
	case ACTION_REVERSE:
		s->ordered = 0;
		return false;
	default:
		return false;
	}
}

static const char *flows_title(struct pane *p, char *buf, size_t size)
{
	struct flows_state *s = p->state;
	int len;

	len = snprintf(buf, size, "%zu · %s %s", s->n, flows_columns[p->sort].sort, p->ascending ? "▴" : "▾");
	if (s->left_out && len > 0 && (size_t)len < size)
		snprintf(buf + len, size - (size_t)len, " (%zu older ones not listed)", s->left_out);
	return buf;
}

static const char *flows_empty(struct pane *p, char *buf, size_t size)
{
	struct store_totals t;

	store_totals(p->ui->store, &t);
	if (!t.packets)
		return ui_why_empty(p->ui, buf, size);
	snprintf(
		buf, size, "%llu packets seen, none of them with headers yet", (unsigned long long)t.packets);
	return buf;
}

static const struct column *columns_of(struct pane *p, int *n)
{
	*n = COLUMNS;
	return flows_columns;
}

const struct pane_ops flows_pane = {
	.name = "Flows",
	.state_size = sizeof(struct flows_state),
	.open = flows_open,
	.close = flows_close,
	.refresh = flows_refresh,
	.rows = flows_rows,
	.key = flows_key,
	.draw_row = flows_draw_row,
	.text = flows_text,
	.chosen = flows_chosen,
	.action = flows_action,
	.title = flows_title,
	.empty = flows_empty,
	.columns = columns_of,
};
