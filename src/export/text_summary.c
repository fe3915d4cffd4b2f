/* SPDX-License-Identifier: GPL-2.0 */
#include "export/text_summary.h"

#include <inttypes.h>
#include <string.h>

#include "base/human.h"
#include "export/style.h"
#include "model/names.h"
#include "model/reasons.h"
#include "model/tuple.h"

#define TOP 10	       /* of the longer lists */
#define RULE_LINE 256u /* bytes of a rule; longer ones are cut */

struct page {
	FILE *out;
	const struct summary_of *of;
	const struct summary *s;
	bool color;
};

static const char *begin(const struct page *page, enum style style)
{
	return page->color ? style_begin(style) : "";
}

static const char *end(const struct page *page, enum style style)
{
	return page->color && style_begin(style)[0] ? STYLE_END : "";
}

/* The word that a line begins with; NULL: it goes on from the line above. */
static void put_label(const struct page *page, const char *label)
{
	if (label)
		fprintf(page->out, "%s%-9s%s", begin(page, STYLE_TITLE), label, end(page, STYLE_TITLE));
	else
		fprintf(page->out, "%-9s", "");
}

static void put_styled(const struct page *page, enum style style, const char *format, const char *s)
{
	fputs(begin(page, style), page->out);
	fprintf(page->out, format, s);
	fputs(end(page, style), page->out);
}

/* "label    word N, word N": the next of them. */
static void put_count(const struct page *page, bool *begun, const char *label, enum style style,
	const char *word, uint64_t n)
{
	if (!*begun)
		put_label(page, label);
	fprintf(page->out, "%s%s%s %" PRIu64 "%s", *begun ? ", " : "", begin(page, style), word, n,
		end(page, style));
	*begun = true;
}

static void end_counts(const struct page *page, bool begun)
{
	if (begun)
		fputc('\n', page->out);
}

static void write_run(const struct page *page)
{
	const struct source_totals *t = &page->of->run->totals;
	const struct store_totals *store = &page->s->store;
	enum style dropped = store->dropped ? STYLE_DROP : STYLE_NONE;

	fprintf(page->out, "%.3f s: events %" PRIu64 ", packets %" PRIu64 ", flows %" PRIu64,
		page->of->run->seconds, t->events, store->packets, page->s->flows);
	fprintf(page->out, ", delivered %" PRIu64 ", %sdropped %" PRIu64 "%s", store->delivered,
		begin(page, dropped), store->dropped, end(page, dropped));
	fprintf(page->out, "; functions attached %zu of %zu", t->attached, t->wanted);
	if (t->refused)
		fprintf(page->out, ", refused %zu", t->refused);
	fputc('\n', page->out);
	if (t->filtered_out || t->sampled_out) {
		put_label(page, "filter");
		fprintf(page->out,
			"refused %" PRIu64 " packets (%" PRIu64 " of them with headers it could not read), "
			"left out by sampling %" PRIu64 "\n",
			t->filtered_out, t->undecided, t->sampled_out);
	}
	if (t->unfiltered) {
		put_label(page, "filter");
		fprintf(page->out, "not asked %" PRIu64 " times: its program was not there\n", t->unfiltered);
	}
}

static void write_lost(const struct page *page)
{
	const struct source_totals *t = &page->of->run->totals;
	const struct store_totals *store = &page->s->store;
	uint64_t lost = summary_lost(t), unseen = t->lost_recursion + t->lost_identity;
	enum style style = lost || t->lost_identity ? STYLE_DROP : STYLE_NONE;

	put_label(page, "lost");
	fprintf(page->out, "%s%" PRIu64, begin(page, style), lost);
	if (lost || unseen)
		fprintf(page->out,
			" events (ring %" PRIu64 ", channel %" PRIu64 "); hits not seen: nested %" PRIu64
			", without identity %" PRIu64,
			t->lost_ring, t->lost_channel, t->lost_recursion, t->lost_identity);
	fprintf(page->out, "%s\n", end(page, style));
	if (!store->evicted_packets && !store->evicted_flows)
		return;
	put_label(page, "evicted");
	fprintf(page->out,
		"%" PRIu64 " packets with %" PRIu64 " hops, %" PRIu64 " flows: counted, but not kept\n",
		store->evicted_packets, store->evicted_hops, store->evicted_flows);
}

static void write_packets(const struct page *page)
{
	const struct store_totals *store = &page->s->store;
	bool begun = false;

	for (int i = FATE_COUNT - 1; i >= 0; i--) {
		if (store->fates[i])
			put_count(page, &begun, "packets", style_of_fate((enum fate)i),
				fate_name((enum fate)i), store->fates[i]);
	}
	end_counts(page, begun);
	begun = false;
	for (unsigned int i = 0; i < NF_DECISIONS; i++) {
		if (store->verdicts[i])
			put_count(page, &begun, "chains", i == NF_DECIDED_DROP ? STYLE_DROP : STYLE_NONE,
				rules_decision(i), store->verdicts[i]);
	}
	end_counts(page, begun);
}

static void write_drops(const struct page *page)
{
	const struct summary_of *of = page->of;
	char reason[REASON_TEXT_MAX], line[RULE_LINE];
	bool begun = false;

	for (size_t i = 0; i < page->s->nreasons; i++)
		put_count(page, &begun, "drops", STYLE_DROP,
			reason_text(of->info, page->s->reason[i].reason, reason, sizeof(reason)),
			page->s->reason[i].count);
	if (page->s->other_reasons)
		put_count(page, &begun, "drops", STYLE_DROP, "other", page->s->other_reasons);
	end_counts(page, begun);
	for (size_t i = 0; i < page->s->ndrops && i < TOP; i++) {
		const struct drop_kind *kind = page->s->drop[i];
		const char *func = names_symbol(store_names(of->store), kind->location, NULL, NULL);

		put_label(page, NULL);
		fprintf(page->out, "%10" PRIu64 "  ", kind->count);
		put_styled(
			page, STYLE_DROP, "%s", reason_text(of->info, kind->reason, reason, sizeof(reason)));
		if (func)
			fprintf(page->out, " in %s", func);
		else if (kind->location)
			fprintf(page->out, " at 0x%" PRIx64, kind->location);
		if (rules_line(store_rules(of->store), kind->rule, line, sizeof(line))[0])
			fprintf(page->out, " by %s", line);
		fputc('\n', page->out);
	}
}

static void write_rules(const struct page *page)
{
	const struct rules *rules = store_rules(page->of->store);
	char line[RULE_LINE];

	for (size_t i = 0; i < page->s->nrules && i < TOP; i++) {
		put_label(page, i ? NULL : "rules");
		fprintf(page->out, "%10" PRIu64 "  %s\n", rules_item(rules, page->s->rule[i])->hits,
			rules_line(rules, page->s->rule[i], line, sizeof(line)));
	}
}

static void write_flows(const struct page *page)
{
	char proto[16], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < page->s->nflows && i < TOP; i++) {
		const struct flow *f = page->s->flow[i];
		const struct flow_key *key = &f->key;

		put_label(page, i ? NULL : "flows");
		fprintf(page->out, "%10" PRIu64 "  %s", f->packets[0] + f->packets[1],
			tuple_proto_name(key->family, key->proto, key->l2proto, proto, sizeof(proto)));
		if (key->family)
			fprintf(page->out, " %s > %s", flow_endpoint_text(key, f->client, a, sizeof(a)),
				flow_endpoint_text(key, !f->client, b, sizeof(b)));
		fprintf(page->out, "  %" PRIu64 " bytes", f->bytes[0] + f->bytes[1]);
		if (f->drops)
			fprintf(page->out, ", %sdropped %" PRIu64 "%s", begin(page, STYLE_DROP), f->drops,
				end(page, STYLE_DROP));
		fputc('\n', page->out);
	}
}

static void put_times(const struct page *page, const struct summary_times *t)
{
	const uint64_t ns[] = { t->p50, t->p90, t->p99, t->max };
	char text[HUMAN_MAX];

	fprintf(page->out, " %10" PRIu64, t->count);
	for (size_t i = 0; i < sizeof(ns) / sizeof(ns[0]); i++)
		fprintf(page->out, " %7s", human_ns(text, sizeof(text), ns[i], true));
}

/* Times only where there are some. */
static void write_layers(const struct page *page)
{
	bool times = page->s->packets.count;

	for (size_t i = 0; i < page->s->nlayers; i++)
		times |= page->s->layer[i].times.count != 0;
	if (!page->s->nlayers && !times)
		return;
	put_label(page, "layers");
	fprintf(page->out, "%10s  %-9s", "hits", "");
	if (times)
		fprintf(page->out, " %10s %7s %7s %7s %7s", "times", "p50", "p90", "p99", "max");
	fputc('\n', page->out);
	for (size_t i = 0; i < page->s->nlayers; i++) {
		const struct summary_layer *l = &page->s->layer[i];

		put_label(page, NULL);
		fprintf(page->out, "%10" PRIu64 "  ", l->hits);
		put_styled(page, (enum style)(STYLE_LAYER + l->layer), l->times.count ? "%-9s" : "%s",
			layer_name(l->layer));
		if (l->times.count)
			put_times(page, &l->times);
		fputc('\n', page->out);
	}
	if (!page->s->packets.count)
		return;
	put_label(page, NULL);
	fprintf(page->out, "%10s  %-9s", "", "packets");
	put_times(page, &page->s->packets);
	fputc('\n', page->out);
}

static void write_top(const struct page *page)
{
	char name[128];

	for (size_t i = 0; i < page->s->nfunctions && i < TOP; i++) {
		const struct probe *p = &page->of->probes->v[page->s->function[i].probe];

		put_label(page, i ? NULL : "top");
		fprintf(page->out, "%10" PRIu64 "  ", page->s->function[i].hits);
		put_styled(
			page, (enum style)(STYLE_LAYER + p->class.layer), "%-9s", layer_name(p->class.layer));
		fprintf(page->out, " %s\n", printable(name, sizeof(name), p->name, strlen(p->name)));
	}
}

void text_summary_write(FILE *out, const struct summary_of *of, bool color)
{
	struct summary s;
	struct page page = { .out = out, .of = of, .s = &s, .color = color };

	summary_make(&s, of);
	write_run(&page);
	write_lost(&page);
	write_packets(&page);
	write_drops(&page);
	write_rules(&page);
	write_flows(&page);
	write_layers(&page);
	write_top(&page);
}
