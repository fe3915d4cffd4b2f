/* SPDX-License-Identifier: GPL-2.0 */
#include "export/json_stats.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "model/names.h"

#define TOP_FUNCTIONS 20
#define TOP_RULES 20
#define TOP_DROPS 20
#define RULE_LINE 1024 /* bytes of a rule in one line; longer ones are cut */

/* jansson refuses text that is not UTF-8. */
static json_t *text(const char *s)
{
	char buf[256];

	return json_string(printable(buf, sizeof(buf), s, strlen(s)));
}

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static void set_real(json_t *object, const char *key, double value, int decimals)
{
	double scale = pow(10, decimals);

	if (value >= 0 && isfinite(value))
		json_object_set_new(object, key, json_real(round(value * scale) / scale));
}

static json_t *lost_object(const struct source_totals *t)
{
	json_t *lost = json_object();

	json_object_set_new(lost, "ring", count(t->lost_ring));
	json_object_set_new(lost, "channel", count(t->lost_channel));
	json_object_set_new(lost, "evicted", count(0)); /* lines are written, not kept */
	json_object_set_new(lost, "recursion", count(t->lost_recursion));
	json_object_set_new(lost, "identity", count(t->lost_identity));
	return lost;
}

static json_t *layers_object(const struct probe_table *probes, const uint64_t *hits)
{
	uint64_t sums[LAYER_COUNT];
	json_t *layers = json_object();

	layer_hits(probes, hits, sums);
	for (int i = 0; i < LAYER_COUNT; i++) {
		if (sums[i])
			json_object_set_new(layers, layer_name((enum layer)i), count(sums[i]));
	}
	return layers;
}

static json_t *top_array(const struct probe_table *probes, const uint64_t *hits)
{
	size_t top[TOP_FUNCTIONS];
	size_t n = top_functions(probes, hits, top, TOP_FUNCTIONS);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct probe *probe = &probes->v[top[i]];
		json_t *entry = json_object();

		json_object_set_new(entry, "func", text(probe->name));
		if (probe->module)
			json_object_set_new(entry, "module", text(probe->module));
		json_object_set_new(entry, "layer", json_string(layer_name(probe->class.layer)));
		json_object_set_new(entry, "hits", count(hits[top[i]]));
		json_array_append_new(array, entry);
	}
	return array;
}

static json_t *reasons_object(struct tally *tally)
{
	json_t *reasons = json_object();
	char name[64];

	tally_sort(tally);
	for (size_t i = 0; i < tally->n; i++) {
		reason_text(tally->info, tally->v[i].reason, name, sizeof(name));
		json_object_set_new(reasons, name,
			count(tally->v[i].n + (uint64_t)json_integer_value(json_object_get(reasons, name))));
	}
	if (tally->rest)
		json_object_set_new(reasons, "other", count(tally->rest));
	return reasons;
}

static json_t *verdicts_object(const struct tally *tally)
{
	json_t *verdicts = json_object();

	for (unsigned int i = 0; i < NF_DECISIONS; i++) {
		if (tally->verdicts[i])
			json_object_set_new(verdicts, rules_decision(i), count(tally->verdicts[i]));
	}
	return verdicts;
}

/* Names are printable as they are kept. */
static void set_name(json_t *object, const char *key, const char *name)
{
	if (name[0])
		json_object_set_new(object, key, json_string(name));
}

static json_t *rules_array(const struct rules *rules)
{
	uint32_t top[TOP_RULES];
	size_t n = top_rules(rules, top, TOP_RULES);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct rules_item *rule = rules_item(rules, top[i]);
		const struct rules_item *chain = rules_item(rules, rule->parent);
		const struct rules_item *table = chain ? rules_item(rules, chain->parent) : NULL;
		json_t *entry = json_object();

		json_object_set_new(entry, "netns", count(rule->netns));
		set_name(entry, "family", rules_family(rule->family));
		set_name(entry, "table", table ? table->name : "");
		set_name(entry, "chain", chain ? chain->name : "");
		json_object_set_new(entry, "handle", count(rule->handle));
		json_object_set_new(entry, "hits", count(rule->hits));
		set_name(entry, "rule", rule->name);
		json_array_append_new(array, entry);
	}
	return array;
}

static json_t *drops_array(const struct tally *tally)
{
	const struct drop_kind *top[TOP_DROPS];
	size_t n = top_drops(tally->drops, top, TOP_DROPS);
	json_t *array = json_array();
	char buf[RULE_LINE];

	for (size_t i = 0; i < n; i++) {
		const char *func = names_symbol(tally->names, top[i]->location, NULL, NULL);
		json_t *entry = json_object();

		reason_text(tally->info, top[i]->reason, buf, sizeof(buf));
		json_object_set_new(entry, "reason", json_string(buf));
		if (!func)
			snprintf(buf, sizeof(buf), "0x%" PRIx64, top[i]->location);
		if (func || top[i]->location)
			json_object_set_new(entry, "func", json_string(func ? func : buf));
		json_object_set_new(entry, "count", count(top[i]->count));
		set_name(entry, "rule", rules_line(tally->rules, top[i]->rule, buf, sizeof(buf)));
		json_array_append_new(array, entry);
	}
	return array;
}

static void set_totals(json_t *o, const struct source_totals *t)
{
	json_object_set_new(o, "attached", count(t->attached));
	json_object_set_new(o, "wanted", count(t->wanted));
	json_object_set_new(o, "refused", count(t->refused));
	json_object_set_new(o, "hits", count(t->hits));
	json_object_set_new(o, "null_skb", count(t->null_skb));
	json_object_set_new(o, "after_free", count(t->after_free));
	json_object_set_new(o, "filtered_out", count(t->filtered_out));
	json_object_set_new(o, "sampled_out", count(t->sampled_out));
	json_object_set_new(o, "undecided", count(t->undecided));
	json_object_set_new(o, "unfiltered", count(t->unfiltered));
	json_object_set_new(o, "cost_ns", count(t->cost_ns));
	json_object_set_new(o, "own_ns", count(t->own_ns));
	json_object_set_new(o, "lost", lost_object(t));
}

int json_stats_write(
	FILE *out, const struct probe_table *probes, const struct sink_stats *stats, struct tally *tally)
{
	const struct source_info *info = tally->info;
	json_t *o = json_object();
	int err = 0;

	json_object_set_new(o, "type", json_string("stats"));
	set_real(o, "seconds", stats->seconds, 6);
	json_object_set_new(o, "events", count(stats->totals.events));
	json_object_set_new(o, "packets", count(stats->packets));
	json_object_set_new(o, "dropped", count(stats->dropped));
	json_object_set_new(o, "functions", count(probes->n));
	set_real(o, "attach_ms", stats->attach_ms, 3);
	set_real(o, "detach_ms", stats->detach_ms, 3);
	set_totals(o, &stats->totals);
	if (info && info->backend)
		json_object_set_new(o, "backend", text(info->backend));
	if (info && info->kernel)
		json_object_set_new(o, "kernel", text(info->kernel));
	if (info && info->host)
		json_object_set_new(o, "host", text(info->host));
	if (info && info->cpus)
		json_object_set_new(o, "cpus", count(info->cpus));
	json_object_set_new(o, "layers", layers_object(probes, stats->hits));
	json_object_set_new(o, "top_functions", top_array(probes, stats->hits));
	json_object_set_new(o, "verdicts", verdicts_object(tally));
	json_object_set_new(o, "reasons", reasons_object(tally));
	json_object_set_new(o, "rules", rules_array(tally->rules));
	json_object_set_new(o, "drops", drops_array(tally));

	errno = 0;
	if (json_dumpf(o, out, JSON_COMPACT | JSON_REAL_PRECISION(12)) || fputc('\n', out) == EOF)
		err = errno ? -errno : -EIO;
	json_decref(o);
	return err;
}
