/* SPDX-License-Identifier: GPL-2.0 */
#include "export/json_stats.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/names.h"
#include "model/reasons.h"
#include "model/tuple.h"

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

/* Names are printable as they are kept. */
static void set_name(json_t *object, const char *key, const char *name)
{
	if (name[0])
		json_object_set_new(object, key, json_string(name));
}

static json_t *lost_object(const struct source_totals *t, const struct store_totals *store)
{
	json_t *lost = json_object();

	json_object_set_new(lost, "ring", count(t->lost_ring));
	json_object_set_new(lost, "channel", count(t->lost_channel));
	json_object_set_new(lost, "evicted", count(store->evicted_packets));
	json_object_set_new(lost, "evicted_hops", count(store->evicted_hops));
	json_object_set_new(lost, "evicted_flows", count(store->evicted_flows));
	json_object_set_new(lost, "recursion", count(t->lost_recursion));
	json_object_set_new(lost, "identity", count(t->lost_identity));
	return lost;
}

static json_t *layers_object(const struct summary *s)
{
	json_t *layers = json_object();

	for (size_t i = 0; i < s->nlayers; i++) {
		if (s->layer[i].hits)
			json_object_set_new(layers, layer_name(s->layer[i].layer), count(s->layer[i].hits));
	}
	return layers;
}

static json_t *times_object(const struct summary_times *t)
{
	json_t *times = json_object();

	json_object_set_new(times, "count", count(t->count));
	json_object_set_new(times, "p50", count(t->p50));
	json_object_set_new(times, "p90", count(t->p90));
	json_object_set_new(times, "p99", count(t->p99));
	json_object_set_new(times, "max", count(t->max));
	return times;
}

static json_t *latency_object(const struct summary *s)
{
	json_t *latency = json_object();

	for (size_t i = 0; i < s->nlayers; i++) {
		if (s->layer[i].times.count)
			json_object_set_new(
				latency, layer_name(s->layer[i].layer), times_object(&s->layer[i].times));
	}
	return latency;
}

static json_t *top_array(const struct probe_table *probes, const struct summary *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->nfunctions; i++) {
		const struct probe *probe = &probes->v[s->function[i].probe];
		json_t *entry = json_object();

		json_object_set_new(entry, "func", text(probe->name));
		if (probe->module)
			json_object_set_new(entry, "module", text(probe->module));
		json_object_set_new(entry, "layer", json_string(layer_name(probe->class.layer)));
		json_object_set_new(entry, "hits", count(s->function[i].hits));
		json_array_append_new(array, entry);
	}
	return array;
}

static json_t *reasons_object(const struct source_info *info, const struct summary *s)
{
	json_t *reasons = json_object();
	char name[REASON_TEXT_MAX];

	for (size_t i = 0; i < s->nreasons; i++) {
		reason_text(info, s->reason[i].reason, name, sizeof(name));
		json_object_set_new(reasons, name,
			count(s->reason[i].count +
				(uint64_t)json_integer_value(json_object_get(reasons, name))));
	}
	if (s->other_reasons)
		json_object_set_new(reasons, "other", count(s->other_reasons));
	return reasons;
}

static json_t *fates_object(const struct store_totals *store)
{
	json_t *fates = json_object();

	for (int i = 0; i < FATE_COUNT; i++) {
		if (store->fates[i])
			json_object_set_new(fates, fate_name((enum fate)i), count(store->fates[i]));
	}
	return fates;
}

static json_t *verdicts_object(const struct store_totals *store)
{
	json_t *verdicts = json_object();

	for (unsigned int i = 0; i < NF_DECISIONS; i++) {
		if (store->verdicts[i])
			json_object_set_new(verdicts, rules_decision(i), count(store->verdicts[i]));
	}
	return verdicts;
}

static json_t *rules_array(const struct rules *rules, const struct summary *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->nrules; i++) {
		const struct rules_item *rule = rules_item(rules, s->rule[i]);
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

static json_t *drops_array(const struct summary_of *of, const struct summary *s)
{
	json_t *array = json_array();
	char buf[RULE_LINE];

	for (size_t i = 0; i < s->ndrops; i++) {
		const struct drop_kind *kind = s->drop[i];
		const char *func = names_symbol(store_names(of->store), kind->location, NULL, NULL);
		json_t *entry = json_object();

		reason_text(of->info, kind->reason, buf, sizeof(buf));
		json_object_set_new(entry, "reason", json_string(buf));
		if (!func)
			snprintf(buf, sizeof(buf), "0x%" PRIx64, kind->location);
		if (func || kind->location)
			json_object_set_new(entry, "func", json_string(func ? func : buf));
		json_object_set_new(entry, "count", count(kind->count));
		set_name(entry, "rule", rules_line(store_rules(of->store), kind->rule, buf, sizeof(buf)));
		json_array_append_new(array, entry);
	}
	return array;
}

static json_t *flows_array(const struct summary *s)
{
	char buf[ENDPOINT_TEXT_MAX];
	json_t *array = json_array();

	for (size_t i = 0; i < s->nflows; i++) {
		const struct flow *f = s->flow[i];
		const struct flow_key *key = &f->key;
		json_t *entry = json_object();

		set_name(entry, "proto",
			tuple_proto_name(key->family, key->proto, key->l2proto, buf, sizeof(buf)));
		if (key->family) {
			set_name(entry, "client", flow_endpoint_text(key, f->client, buf, sizeof(buf)));
			set_name(entry, "server", flow_endpoint_text(key, !f->client, buf, sizeof(buf)));
		}
		json_object_set_new(entry, "packets", count(f->packets[0] + f->packets[1]));
		json_object_set_new(entry, "bytes", count(f->bytes[0] + f->bytes[1]));
		json_object_set_new(entry, "drops", count(f->drops));
		json_object_set_new(entry, "delivered", count(f->delivered));
		json_array_append_new(array, entry);
	}
	return array;
}

static void set_totals(json_t *o, const struct source_totals *t, const struct store_totals *store)
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
	json_object_set_new(o, "lost", lost_object(t, store));
}

static void set_source(json_t *o, const struct source_info *info)
{
	if (!info)
		return;
	if (info->backend)
		json_object_set_new(o, "backend", text(info->backend));
	if (info->kernel)
		json_object_set_new(o, "kernel", text(info->kernel));
	if (info->host)
		json_object_set_new(o, "host", text(info->host));
	if (info->cpus)
		json_object_set_new(o, "cpus", count(info->cpus));
}

static void set_sums(json_t *o, const struct summary_of *of, const struct summary *s)
{
	json_object_set_new(o, "layers", layers_object(s));
	json_object_set_new(o, "top_functions", top_array(of->probes, s));
	json_object_set_new(o, "fates", fates_object(&s->store));
	json_object_set_new(o, "verdicts", verdicts_object(&s->store));
	json_object_set_new(o, "reasons", reasons_object(of->info, s));
	json_object_set_new(o, "rules", rules_array(store_rules(of->store), s));
	json_object_set_new(o, "drops", drops_array(of, s));
	json_object_set_new(o, "flows", count(s->flows));
	json_object_set_new(o, "top_flows", flows_array(s));
	json_object_set_new(o, "latency", latency_object(s));
	json_object_set_new(o, "packet_times", times_object(&s->packets));
	json_object_set_new(o, "times_skipped", count(s->times_skipped));
}

int json_stats_write(FILE *out, const struct summary_of *of)
{
	const struct run_figures *run = of->run;
	json_t *o = json_object();
	struct summary s;
	int err = -ENOMEM;
	char *line;

	summary_make(&s, of);
	json_object_set_new(o, "type", json_string("stats"));
	set_real(o, "seconds", run->seconds, 6);
	json_object_set_new(o, "events", count(run->totals.events));
	json_object_set_new(o, "packets", count(s.store.packets));
	json_object_set_new(o, "dropped", count(s.store.dropped));
	json_object_set_new(o, "delivered", count(s.store.delivered));
	json_object_set_new(o, "functions", count(of->probes->n));
	set_real(o, "attach_ms", run->attach_ms, 3);
	set_real(o, "detach_ms", run->detach_ms, 3);
	set_totals(o, &run->totals, &s.store);
	set_source(o, of->info);
	set_sums(o, of, &s);

	line = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(o);
	if (line) {
		errno = 0;
		err = fprintf(out, "%s\n", line) < 0 ? errno ? -errno : -EIO : 0;
	}
	free(line);
	return err;
}
