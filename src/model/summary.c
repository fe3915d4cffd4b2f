/* SPDX-License-Identifier: GPL-2.0 */
#include "model/summary.h"

#include <stdlib.h>
#include <string.h>

/* The heaviest of what is offered, in order; of equals the one that came first. */
struct top {
	size_t n, max; /* at most SUMMARY_REASONS */
	uint64_t weight[SUMMARY_REASONS];
	size_t what[SUMMARY_REASONS];
};

static void top_offer(struct top *top, uint64_t weight, size_t what)
{
	size_t at;

	if (!weight || (top->n == top->max && top->weight[top->n - 1] >= weight))
		return;
	if (top->n < top->max)
		top->n++;
	for (at = top->n - 1; at && top->weight[at - 1] < weight; at--) {
		top->weight[at] = top->weight[at - 1];
		top->what[at] = top->what[at - 1];
	}
	top->weight[at] = weight;
	top->what[at] = what;
}

static struct summary_times times_of(const struct histogram *h)
{
	if (!h || !h->count)
		return (struct summary_times){ 0 };
	return (struct summary_times){
		.count = h->count,
		.p50 = histogram_quantile(h, 0.50),
		.p90 = histogram_quantile(h, 0.90),
		.p99 = histogram_quantile(h, 0.99),
		.max = h->max,
	};
}

static void take_functions(struct summary *s, const struct summary_of *of, uint64_t *layer)
{
	struct top top = { .max = SUMMARY_TOP };
	size_t n = of->probes->n;

	for (size_t i = 0; of->hits && i < n; i++) {
		layer[of->probes->v[i].class.layer] += of->hits[i];
		top_offer(&top, of->hits[i], i);
	}
	for (size_t i = 0; i < top.n; i++)
		s->function[i] = (struct summary_function){ .probe = top.what[i], .hits = top.weight[i] };
	s->nfunctions = top.n;
}

static void take_layers(struct summary *s, const struct latency *l, const uint64_t *hits)
{
	for (int i = 0; i < LAYER_COUNT; i++) {
		struct summary_layer *layer = &s->layer[s->nlayers];

		layer->layer = (enum layer)i;
		layer->hits = hits[i];
		layer->times = times_of(l ? latency_layer(l, (enum layer)i) : NULL);
		s->nlayers += layer->hits || layer->times.count;
	}
}

static void take_drops(struct summary *s, const struct drops *drops)
{
	struct top kinds = { .max = SUMMARY_TOP }, reasons = { .max = SUMMARY_REASONS };
	const struct drop_reason *reason;
	size_t n;

	for (size_t i = 0; i < drops_count(drops); i++)
		top_offer(&kinds, drops_at(drops, i)->count, i);
	for (size_t i = 0; i < kinds.n; i++)
		s->drop[i] = drops_at(drops, kinds.what[i]);
	s->ndrops = kinds.n;
	reason = drops_reasons(drops, &n);
	for (size_t i = 0; i < n; i++)
		top_offer(&reasons, reason[i].count, i);
	s->drops = s->other_reasons = drops_total(drops);
	for (size_t i = 0; i < reasons.n; i++) {
		s->reason[i] = reason[reasons.what[i]];
		s->other_reasons -= s->reason[i].count;
	}
	s->nreasons = reasons.n;
}

static void take_rules(struct summary *s, const struct rules *rules)
{
	size_t n = rules_tree(rules, 0, NULL, 0);
	uint32_t *no = malloc((n + 1) * sizeof(*no));
	struct top top = { .max = SUMMARY_TOP };

	if (no)
		rules_tree(rules, 0, no, n);
	for (size_t i = 0; no && i < n; i++) {
		const struct rules_item *item = rules_item(rules, no[i]);

		if (item && item->kind == RULES_RULE)
			top_offer(&top, item->hits, no[i]);
	}
	free(no);
	for (size_t i = 0; i < top.n; i++)
		s->rule[i] = (uint32_t)top.what[i];
	s->nrules = top.n;
}

static void take_flows(struct summary *s, const struct store *store)
{
	struct top top = { .max = SUMMARY_TOP };

	for (size_t i = 0; i < s->store.flows; i++) {
		const struct flow *flow = store_flow_at(store, i);

		if (flow)
			top_offer(&top, flow->packets[0] + flow->packets[1], i);
	}
	for (size_t i = 0; i < top.n; i++)
		s->flow[i] = store_flow_at(store, top.what[i]);
	s->nflows = top.n;
	s->flows = s->store.flows + s->store.evicted_flows;
}

void summary_make(struct summary *out, const struct summary_of *of)
{
	const struct latency *latency = store_latency(of->store);
	uint64_t layer[LAYER_COUNT] = { 0 };

	memset(out, 0, sizeof(*out));
	store_totals(of->store, &out->store);
	take_functions(out, of, layer);
	take_layers(out, latency, layer);
	take_drops(out, store_drops(of->store));
	take_rules(out, store_rules(of->store));
	take_flows(out, of->store);
	out->packets = times_of(latency ? latency_packets(latency) : NULL);
	out->times_skipped = latency ? latency_skipped(latency) : 0;
}
