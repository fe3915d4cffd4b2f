/* SPDX-License-Identifier: GPL-2.0 */
#include "meter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000ULL
#define ABOUT_A_SECOND (SECOND - SECOND / 20) /* a tick may come a little early */

int meter_init(struct meter *m, size_t cap, uint64_t now)
{
	size_t i, l;

	memset(m, 0, sizeof(*m));
	m->cap = cap;
	m->hits = calloc(cap + 1, sizeof(*m->hits));
	m->lost = calloc(cap + 1, sizeof(*m->lost));
	m->before = calloc(cap + 1, sizeof(*m->before));
	m->rate = calloc(cap + 1, sizeof(*m->rate));
	if (!m->hits || !m->lost || !m->before || !m->rate) {
		meter_fini(m);
		return -ENOMEM;
	}
	for (i = 0; i < cap; i++)
		m->rate[i] = -1;
	for (l = 0; l < LAYER_COUNT; l++) {
		m->layer[l].rate = -1;
		for (i = 0; i < METER_HISTORY; i++)
			m->layer[l].history[i] = -1;
	}
	m->events = m->refused = m->cost = -1;
	m->counted_at = m->totals_at = m->last_hit = now;
	return 0;
}

void meter_fini(struct meter *m)
{
	free(m->hits);
	free(m->lost);
	free(m->before);
	free(m->rate);
	memset(m, 0, sizeof(*m));
}

/* Counters may be reset by a source that starts anew: never a rate below 0. */
static double per_second(uint64_t now, uint64_t before, uint64_t ns)
{
	return now > before && ns ? (double)(now - before) * 1e9 / (double)ns : 0;
}

void meter_totals(struct meter *m, struct source *src, uint64_t now)
{
	uint64_t hits = m->totals.hits, ns = now - m->totals_at;
	const struct source_totals *t = &m->totals, *b = &m->totals_before;

	src->ops->totals(src, &m->totals);
	if (m->totals.hits != hits)
		m->last_hit = now;
	if (ns < ABOUT_A_SECOND)
		return;
	m->events = per_second(t->events, b->events, ns);
	m->refused = per_second(t->filtered_out, b->filtered_out, ns);
	m->cost = per_second(t->cost_ns + t->own_ns, b->cost_ns + b->own_ns, ns) / 1e9;
	m->cost /= src->info.cpus ? src->info.cpus : 1;
	m->totals_before = m->totals;
	m->totals_at = now;
}

static void layer_rates(struct meter *m, const uint64_t *before, uint64_t ns)
{
	struct layer_meter *l;
	size_t i;

	for (i = 0; i < LAYER_COUNT; i++) {
		l = &m->layer[i];
		l->rate = per_second(l->hits, before[i], ns);
		memmove(l->history, l->history + 1, sizeof(l->history) - sizeof(l->history[0]));
		l->history[METER_HISTORY - 1] = l->rate;
	}
}

void meter_counters(struct meter *m, struct source *src, uint64_t now)
{
	const struct probe *probe = src->probes->v;
	uint64_t layer_before[LAYER_COUNT] = { 0 }, ns = now - m->counted_at;
	size_t n = src->probes->n, i;

	src->ops->counters(src, m->hits, m->lost);
	for (i = 0; i < LAYER_COUNT; i++)
		m->layer[i].hits = 0;
	for (i = 0; i < n; i++) {
		m->layer[probe[i].class.layer].hits += m->hits[i];
		layer_before[probe[i].class.layer] += m->before[i];
	}
	if (ns < ABOUT_A_SECOND)
		return;
	for (i = 0; i < n; i++)
		m->rate[i] = per_second(m->hits[i], m->before[i], ns);
	layer_rates(m, layer_before, ns);
	memcpy(m->before, m->hits, n * sizeof(*m->hits));
	m->counted_at = now;
}

void meter_states(struct meter *m, const struct probe_table *probes, const struct selection *sel)
{
	struct layer_meter *l;
	size_t i;

	for (i = 0; i < LAYER_COUNT; i++)
		m->layer[i].known = m->layer[i].wanted = m->layer[i].attached = m->layer[i].refused =
			m->layer[i].pending = 0;
	for (i = 0; i < sel->n; i++) {
		bool wanted = sel->wanted[i];
		int state = atomic_load_explicit(&probes->v[i].state, memory_order_relaxed);

		if (state == PROBE_GONE)
			continue;
		l = &m->layer[probes->v[i].class.layer];
		l->known++;
		l->wanted += wanted;
		switch ((enum probe_state)state) {
		case PROBE_IDLE:
			l->pending += wanted;
			break;
		case PROBE_ATTACHED:
			l->attached += wanted;
			l->pending += !wanted;
			break;
		case PROBE_REFUSED:
		case PROBE_UNUSABLE:
			l->refused += wanted;
			break;
		case PROBE_GONE:
			break;
		}
	}
}
