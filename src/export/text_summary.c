/* SPDX-License-Identifier: GPL-2.0 */
#include "export/text_summary.h"

#include <inttypes.h>
#include <string.h>

#include "model/names.h"

#define TOP_FUNCTIONS 10
#define TOP_RULES 10

static void write_layers(FILE *out, const struct probe_table *probes, const uint64_t *hits)
{
	uint64_t sums[LAYER_COUNT];
	const char *separator = "hits    ";

	layer_hits(probes, hits, sums);
	for (int i = 0; i < LAYER_COUNT; i++) {
		if (!sums[i])
			continue;
		fprintf(out, "%s%s %" PRIu64, separator, layer_name((enum layer)i), sums[i]);
		separator = ", ";
	}
	if (separator[0] == ',')
		fputc('\n', out);
}

static void write_drops(FILE *out, struct tally *tally)
{
	char name[64];

	tally_sort(tally);
	for (size_t i = 0; i < tally->n; i++)
		fprintf(out, "%s%s %" PRIu64, i ? ", " : "drops   ",
			reason_text(tally->info, tally->v[i].reason, name, sizeof(name)), tally->v[i].n);
	if (tally->rest)
		fprintf(out, ", other %" PRIu64, tally->rest);
	if (tally->n)
		fputc('\n', out);
}

static void write_verdicts(FILE *out, const struct tally *tally)
{
	const char *separator = "chains  ";

	for (unsigned int i = 0; i < NF_DECISIONS; i++) {
		if (!tally->verdicts[i])
			continue;
		fprintf(out, "%s%s %" PRIu64, separator, rules_decision(i), tally->verdicts[i]);
		separator = ", ";
	}
	if (separator[0] == ',')
		fputc('\n', out);
}

static void write_rules(FILE *out, const struct rules *rules)
{
	uint32_t top[TOP_RULES];
	size_t n = top_rules(rules, top, TOP_RULES);
	char line[256];

	for (size_t i = 0; i < n; i++)
		fprintf(out, "%-7s %10" PRIu64 "  %s\n", i ? "" : "rules", rules_item(rules, top[i])->hits,
			rules_line(rules, top[i], line, sizeof(line)));
}

static void write_top(FILE *out, const struct probe_table *probes, const uint64_t *hits)
{
	size_t top[TOP_FUNCTIONS];
	size_t n = top_functions(probes, hits, top, TOP_FUNCTIONS);
	char name[128];

	for (size_t i = 0; i < n; i++) {
		const struct probe *p = &probes->v[top[i]];

		fprintf(out, "%-7s %10" PRIu64 "  %-9s %s\n", i ? "" : "top", hits[top[i]],
			layer_name(p->class.layer), printable(name, sizeof(name), p->name, strlen(p->name)));
	}
}

void text_summary_write(
	FILE *out, const struct probe_table *probes, const struct sink_stats *stats, struct tally *tally)
{
	const struct source_totals *t = &stats->totals;
	uint64_t lost = t->lost_ring + t->lost_channel;

	fprintf(out, "\n%.3f s: events %" PRIu64 ", packets %" PRIu64 ", dropped %" PRIu64, stats->seconds,
		t->events, stats->packets, stats->dropped);
	fprintf(out, "; functions attached %zu of %zu", t->attached, t->wanted);
	if (t->refused)
		fprintf(out, ", refused %zu", t->refused);
	fputc('\n', out);
	if (t->filtered_out || t->sampled_out)
		fprintf(out,
			"filter  refused %" PRIu64 " packets (%" PRIu64 " of them with headers it could not "
			"read), left out by sampling %" PRIu64 "\n",
			t->filtered_out, t->undecided, t->sampled_out);
	if (t->unfiltered)
		fprintf(out, "filter  not asked %" PRIu64 " times: its program was not there\n",
			t->unfiltered);
	fprintf(out, "lost    %" PRIu64, lost);
	if (lost || t->lost_recursion || t->lost_identity)
		fprintf(out,
			" events (ring %" PRIu64 ", channel %" PRIu64 "); hits not seen: nested %" PRIu64
			", without identity %" PRIu64,
			t->lost_ring, t->lost_channel, t->lost_recursion, t->lost_identity);
	fputc('\n', out);
	write_drops(out, tally);
	write_verdicts(out, tally);
	write_rules(out, tally->rules);
	write_layers(out, probes, stats->hits);
	write_top(out, probes, stats->hits);
}
