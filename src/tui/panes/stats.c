/* SPDX-License-Identifier: GPL-2.0 */
/* What the run has come to: the numbers that trace, record and replay end with. */
#include <inttypes.h>
#include <stdio.h>

#include "base/human.h"
#include "model/summary.h"
#include "tui/journey/nf_words.h"
#include "tui/journey/words.h"
#include "tui/ui.h"

#define ROWS_MAX 256

enum { COUNT, WHAT, P50, P90, P99, MAX, COLUMNS };

static const struct column columns[COLUMNS] = {
	[COUNT] = { .title = "count", .min = 11, .max = 12, .right = true },
	[WHAT] = { .title = "of what", .min = 24, .max = 50 },
	[P50] = { .title = "p50", .min = 6, .max = 7, .right = true },
	[P90] = { .title = "p90", .min = 6, .max = 7, .right = true },
	[P99] = { .title = "p99", .min = 6, .max = 7, .right = true },
	[MAX] = { .title = "max", .min = 6, .max = 7, .right = true },
};

enum section {
	SECTION_PACKETS = 1,
	SECTION_TIMES,
	SECTION_LAYERS,
	SECTION_FUNCTIONS,
	SECTION_REASONS,
	SECTION_DROPS,
	SECTION_CHAINS,
	SECTION_RULES,
	SECTION_FLOWS,
	SECTION_LOST,
};

struct stats_row {
	enum section section;
	uint32_t id; /* in its section; 0: the heading */
	enum role role;
	uint64_t count, dropped; /* dropped: told behind the text */
	struct summary_times times;
	char text[WORDS_MAX];
};

struct stats_state {
	size_t n;
	uint64_t events, packets;
	uint64_t at; /* when they were taken */
	struct stats_row row[ROWS_MAX];
};

static struct stats_row *add(struct stats_state *s, enum section section, uint64_t id, enum role role,
	uint64_t count, const char *text)
{
	struct stats_row *row;

	if (s->n == ROWS_MAX)
		return NULL;
	row = &s->row[s->n++];
	*row = (struct stats_row){ .section = section, .id = (uint32_t)id, .role = role, .count = count };
	snprintf(row->text, sizeof(row->text), "%s", text);
	return row;
}

/* Above the first row of a section; a section without rows has none. */
static void heading(struct stats_state *s, bool any, enum section section, const char *text)
{
	if (any)
		add(s, section, 0, ROLE_TITLE, 0, text);
}

static void add_packets(struct stats_state *s, const struct summary *sum)
{
	static const enum role roles[FATE_COUNT] = {
		[FATE_LIVE] = ROLE_BUSY,
		[FATE_CONSUMED] = ROLE_DIM,
		[FATE_MERGED] = ROLE_TEXT,
		[FATE_DROPPED] = ROLE_DROP,
		[FATE_TRANSMITTED] = ROLE_OK,
		[FATE_DELIVERED] = ROLE_OK,
	};

	heading(s, sum->store.packets, SECTION_PACKETS, "packets by their end");
	for (int i = FATE_COUNT - 1; i >= 0; i--) {
		if (sum->store.fates[i])
			add(s, SECTION_PACKETS, (uint64_t)i + 1, roles[i], sum->store.fates[i],
				i == FATE_LIVE	    ? "no end seen"
				: i == FATE_DROPPED ? "✗ dropped"
						    : fate_name((enum fate)i));
	}
}

static void add_layers(struct stats_state *s, const struct summary *sum)
{
	struct stats_row *row;

	heading(s, sum->packets.count, SECTION_TIMES,
		"packets that are over, from the first record to the last");
	row = sum->packets.count ? add(s, SECTION_TIMES, 1, ROLE_TEXT, sum->packets.count, "whole packets")
				 : NULL;
	if (row)
		row->times = sum->packets;
	heading(s, sum->nlayers, SECTION_LAYERS, "hits by layer, and the time to the next record");
	for (size_t i = 0; i < sum->nlayers; i++) {
		const struct summary_layer *l = &sum->layer[i];

		row = add(s, SECTION_LAYERS, l->layer + 1u, (enum role)(ROLE_LAYER + l->layer), l->hits,
			layer_name(l->layer));
		if (row)
			row->times = l->times;
	}
}

static void add_functions(struct pane *p, struct stats_state *s, const struct summary *sum)
{
	const struct probe_table *probes = p->ui->src->probes;

	heading(s, sum->nfunctions, SECTION_FUNCTIONS, "hits by function");
	for (size_t i = 0; i < sum->nfunctions; i++) {
		const struct probe *probe = &probes->v[sum->function[i].probe];

		add(s, SECTION_FUNCTIONS, sum->function[i].probe + 1,
			(enum role)(ROLE_LAYER + probe->class.layer), sum->function[i].hits, probe->name);
	}
}

static void add_drops(struct pane *p, struct stats_state *s, const struct summary *sum)
{
	char text[WORDS_MAX], reason[64], place[128], rule[WORDS_MAX];

	heading(s, sum->nreasons, SECTION_REASONS, "drops by reason");
	for (size_t i = 0; i < sum->nreasons; i++)
		add(s, SECTION_REASONS, sum->reason[i].reason + 1ull, ROLE_DROP, sum->reason[i].count,
			words_reason(p->ui, sum->reason[i].reason, reason, sizeof(reason)));
	if (sum->other_reasons)
		add(s, SECTION_REASONS, UINT32_MAX, ROLE_DROP, sum->other_reasons, "other");
	heading(s, sum->ndrops, SECTION_DROPS, "drops by reason, function and rule");
	for (size_t i = 0; i < sum->ndrops; i++) {
		const struct drop_kind *k = sum->drop[i];
		bool by = words_rule(p->ui, k->rule, rule, sizeof(rule))[0];

		snprintf(text, sizeof(text), "%.60s in %.100s%s%.*s",
			words_reason(p->ui, k->reason, reason, sizeof(reason)),
			words_place(p->ui, k->location, false, place, sizeof(place)), by ? " by " : "",
			by ? WORDS_MAX - 180 : 0, rule);
		add(s, SECTION_DROPS, k->no, ROLE_DROP, k->count, text);
	}
}

static void add_netfilter(struct pane *p, struct stats_state *s, const struct summary *sum)
{
	const struct rules *rules = store_rules(p->ui->store);
	char text[WORDS_MAX];
	bool any = false;

	for (unsigned int i = 0; i < NF_DECISIONS; i++) {
		if (!sum->store.verdicts[i])
			continue;
		heading(s, !any, SECTION_CHAINS, "verdicts of base chains");
		any = true;
		add(s, SECTION_CHAINS, i + 1u, i == NF_DECIDED_DROP ? ROLE_DROP : ROLE_TEXT,
			sum->store.verdicts[i], rules_decision(i));
	}
	heading(s, sum->nrules, SECTION_RULES, "hits by rule");
	for (size_t i = 0; i < sum->nrules; i++)
		add(s, SECTION_RULES, sum->rule[i], ROLE_TEXT, rules_item(rules, sum->rule[i])->hits,
			words_rule(p->ui, sum->rule[i], text, sizeof(text)));
}

static void add_flows(struct pane *p, struct stats_state *s, const struct summary *sum)
{
	char text[WORDS_MAX], flow[160], bytes[HUMAN_MAX];
	struct stats_row *row;

	snprintf(text, sizeof(text), "packets by flow, of %" PRIu64 " flow%s", sum->flows,
		sum->flows == 1 ? "" : "s");
	heading(s, sum->nflows, SECTION_FLOWS, text);
	for (size_t i = 0; i < sum->nflows; i++) {
		const struct flow *f = sum->flow[i];

		snprintf(text, sizeof(text), "%s · %sB", words_flow(p->ui, f->no, flow, sizeof(flow)),
			human_bytes(bytes, sizeof(bytes), f->bytes[0] + f->bytes[1]));
		row = add(s, SECTION_FLOWS, f->no, ROLE_TEXT, f->packets[0] + f->packets[1], text);
		if (row)
			row->dropped = f->drops;
	}
}

static void add_lost(struct stats_state *s, const struct source_totals *t, const struct summary *sum)
{
	const struct {
		uint64_t n;
		enum role bad;
		const char *text;
	} lost[] = {
		{ t->lost_ring, ROLE_DROP, "records: no room in the kernel buffer" },
		{ t->lost_channel, ROLE_DROP, "records: too slow to take them" },
		{ t->lost_identity, ROLE_DROP, "hits of packets without identity" },
		{ t->lost_recursion, ROLE_WARN, "nested calls that the kernel did not hand to us" },
		{ sum->store.evicted_packets, ROLE_WARN, "packets left the store: counted, but not kept" },
		{ sum->store.evicted_flows, ROLE_WARN, "flows left the store" },
		{ sum->times_skipped, ROLE_WARN, "times not measured: records were lost in them" },
	};

	heading(s, true, SECTION_LOST, "lost");
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
		add(s, SECTION_LOST, i + 1, lost[i].n ? lost[i].bad : ROLE_DIM, lost[i].n, lost[i].text);
}

static void stats_refresh(struct pane *p, bool order)
{
	const struct run_figures run = { .attach_ms = -1, .detach_ms = -1, .totals = p->ui->meter.totals };
	const struct summary_of of = {
		.info = &p->ui->src->info,
		.probes = p->ui->src->probes,
		.store = p->ui->store,
		.run = &run,
		.hits = p->ui->meter.hits,
	};
	struct stats_state *s = p->state;
	struct summary sum;

	/* making it costs a walk over flows and rules: only for who looks */
	if (p->ui->overlay != PANE_STATS)
		return;
	if (ui_frozen(p->ui) && s->n && s->at + 2 * UI_REFRESH_NS > p->ui->paused_at)
		return;
	s->at = p->ui->now;
	summary_make(&sum, &of);
	s->n = 0;
	s->events = run.totals.events;
	s->packets = sum.store.packets;
	add_packets(s, &sum);
	add_drops(p, s, &sum);
	add_netfilter(p, s, &sum);
	add_flows(p, s, &sum);
	add_layers(s, &sum);
	add_functions(p, s, &sum);
	add_lost(s, &run.totals, &sum);
}

static size_t stats_rows(struct pane *p)
{
	return ((struct stats_state *)p->state)->n;
}

static uint64_t stats_key(struct pane *p, size_t at)
{
	const struct stats_row *row = &((struct stats_state *)p->state)->row[at];

	return (uint64_t)row->section << 32 | row->id;
}

static void stats_draw_row(struct pane *p, struct canvas *cv, size_t at, const struct column_fit *fit)
{
	const struct stats_row *row = &((struct stats_state *)p->state)->row[at];
	char text[HUMAN_MAX], cut[WORDS_MAX + 8];

	if (!row->id) {
		canvas_text(cv, 0, 0, row->role, row->text);
		return;
	}
	snprintf(text, sizeof(text), "%" PRIu64, row->count);
	column_draw(cv, columns, fit, COUNT, row->role == ROLE_DIM ? ROLE_DIM : ROLE_TEXT, text);
	if (!row->times.count) {
		text_cut(cut, sizeof(cut), row->text, cv->w - fit->x[WHAT]);
		canvas_text(cv, fit->x[WHAT], 0, row->role, cut);
		if (row->dropped)
			canvas_printf(cv, fit->x[WHAT] + text_width(cut), 0, ROLE_DROP,
				" ✗ %" PRIu64 " dropped", row->dropped);
		return;
	}
	column_draw(cv, columns, fit, WHAT, row->role, row->text);
	column_draw(cv, columns, fit, P50, ROLE_TEXT, human_ns(text, sizeof(text), row->times.p50, false));
	column_draw(cv, columns, fit, P90, ROLE_TEXT, human_ns(text, sizeof(text), row->times.p90, false));
	column_draw(cv, columns, fit, P99, ROLE_TEXT, human_ns(text, sizeof(text), row->times.p99, false));
	column_draw(cv, columns, fit, MAX, ROLE_DIM, human_ns(text, sizeof(text), row->times.max, false));
}

static void stats_text(struct pane *p, size_t at, char *buf, size_t size)
{
	snprintf(buf, size, "%s", ((struct stats_state *)p->state)->row[at].text);
}

static const char *stats_title(struct pane *p, char *buf, size_t size)
{
	const struct stats_state *s = p->state;

	snprintf(buf, size, "%" PRIu64 " packets, %" PRIu64 " events", s->packets, s->events);
	return buf;
}

static const struct column *stats_columns(struct pane *p, int *n)
{
	*n = COLUMNS;
	return columns;
}

const struct pane_ops stats_pane = {
	.name = "Statistics",
	.state_size = sizeof(struct stats_state),
	.refresh = stats_refresh,
	.rows = stats_rows,
	.key = stats_key,
	.draw_row = stats_draw_row,
	.text = stats_text,
	.title = stats_title,
	.columns = stats_columns,
};
