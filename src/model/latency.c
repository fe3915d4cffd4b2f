/* SPDX-License-Identifier: GPL-2.0 */
#include "model/latency.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/config.h"
#include "model/store_private.h"

#define LOOK_BACK 20000u /* packets, and hops of them, that a new pair is looked for in */
#define LOOK_BACK_HOPS 4000000u
#define WALK_AGAIN 20000u /* hops, in which the begin of a pair is looked for once more */
#define SEATS 512u	  /* copies of a packet that are looked at at once */

/* Where a copy was last, in the walk over its packet. */
struct seat {
	uint64_t ts;
	uint32_t walk; /* of which walk it is; else the seat is free */
	uint16_t copy, func;
};

struct latency {
	struct histogram packets;
	struct histogram layer[LAYER_COUNT];
	struct between between[LATENCY_BETWEEN];
	struct slow_packet slow[LATENCY_SLOWEST]; /* the slowest first */
	size_t nslow;
	uint64_t skipped, unkept;
	struct seat seat[SEATS];
	uint32_t walk;
	uint16_t func[MAX_FUNCS]; /* number in v + 1; 0 none */
	size_t n, max;		  /* of v */
	struct histogram *v;	  /* of functions that were met */
};

size_t latency_reserve(size_t budget)
{
	size_t most = sizeof(struct latency) + MAX_FUNCS * sizeof(struct histogram);
	size_t share = budget / 16;

	if (share < sizeof(struct latency) + sizeof(struct histogram))
		return 0;
	return share < most ? share : most;
}

size_t latency_bytes(const struct latency *l)
{
	return l ? sizeof(*l) + l->n * sizeof(*l->v) : 0;
}

static struct latency *latency_new(size_t bytes)
{
	struct latency *l;

	if (bytes < sizeof(*l))
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->max = (bytes - sizeof(*l)) / sizeof(*l->v);
	/* only those written to become memory */
	l->v = calloc(l->max, sizeof(*l->v));
	if (!l->v) {
		free(l);
		return NULL;
	}
	return l;
}

void latency_free(struct latency *l)
{
	if (l)
		free(l->v);
	free(l);
}

static struct latency *latency_get(struct store *store)
{
	if (!store->latency && store->latency_bytes) {
		store->latency = latency_new(store->latency_bytes);
		if (!store->latency) /* no memory: not tried again with each packet */
			store->latency_bytes = 0;
	}
	return store->latency;
}

static struct histogram *func_histogram(struct latency *l, uint16_t func)
{
	if (func >= MAX_FUNCS)
		return NULL;
	if (!l->func[func]) {
		if (l->n == l->max)
			return NULL;
		l->func[func] = (uint16_t)++l->n;
	}
	return &l->v[l->func[func] - 1];
}

static void add_gap(struct store *store, struct latency *l, uint16_t func, uint64_t ns)
{
	const struct probe_table *probes = store->probes;
	struct histogram *h = func_histogram(l, func);

	if (h)
		histogram_add(h, ns);
	else
		l->unkept++;
	if (probes && func < probes->n)
		histogram_add(&l->layer[probes->v[func].class.layer], ns);
}

/* Told about a packet while it is in a function, not a step of its own. */
static bool is_aside(const struct hop *hop)
{
	return hop->type == EVENT_SOCKET || (hop->type >= EVENT_HOOK && hop->type <= EVENT_CT);
}

static void measure_gap(struct store *store, struct latency *l, const struct hop *hop, bool count)
{
	struct seat *seat = &l->seat[hop->copy % SEATS];
	bool taken = seat->walk == l->walk, known = taken && seat->copy == hop->copy;
	bool func = event_is_function(hop->type);

	if (hop->copy == COPY_UNKNOWN || (is_aside(hop) && !hop->lost))
		return;
	/* with a loss in it; or that of another copy, whose seat this one takes */
	if (known ? hop->lost : taken && func)
		l->skipped += count;
	else if (known && count)
		add_gap(store, l, seat->func, hop->ts - seat->ts);
	if (func)
		*seat = (struct seat){ .ts = hop->ts, .walk = l->walk, .copy = hop->copy, .func = hop->func };
	else if (known)
		seat->walk = l->walk - 1;
}

/* Per pair: when it was at the first function; DONE: the pair was complete. */
#define DONE UINT64_MAX

static void measure_between(struct latency *l, const struct hop *hop, uint64_t *since, bool count)
{
	if (!event_is_function(hop->type))
		return;
	for (int i = 0; i < LATENCY_BETWEEN; i++) {
		struct between *b = &l->between[i];

		if (!b->used || since[i] == DONE)
			continue;
		if (since[i] && hop->func == b->to) {
			if (count)
				histogram_add(&b->time, hop->ts - since[i]);
			since[i] = DONE;
		} else if (!since[i] && hop->func == b->from) {
			since[i] = hop->ts;
		}
	}
}

static void note_slow(struct latency *l, const struct packet *packet, bool again)
{
	struct slow_packet slow = {
		.id = packet->id,
		.first = packet->first,
		.duration = packet->last - packet->first,
		.flow = packet->flow,
		.nhops = packet->nhops,
		.fate = packet->fate,
	};
	size_t i;

	for (i = 0; again && i < l->nslow; i++) {
		if (l->slow[i].id != slow.id)
			continue;
		memmove(&l->slow[i], &l->slow[i + 1], (--l->nslow - i) * sizeof(slow));
	}
	if (l->nslow == LATENCY_SLOWEST) {
		if (l->slow[LATENCY_SLOWEST - 1].duration >= slow.duration)
			return;
		l->nslow--;
	}
	for (i = l->nslow++; i && l->slow[i - 1].duration < slow.duration; i--)
		l->slow[i] = l->slow[i - 1];
	l->slow[i] = slow;
}

/*
 * The hops that were not measured before, and for pairs the old ones too: a pair
 * may begin there. *before is when the last old one was.
 */
static void measure_hops(
	struct store *store, struct latency *l, const struct packet_cell *p, uint64_t *before)
{
	uint64_t since[LATENCY_BETWEEN] = { 0 };
	uint32_t measured = p->measured, i;
	struct hop_reader reader;
	const struct hop *hop;
	bool pairs = false;

	for (i = 0; i < LATENCY_BETWEEN; i++)
		pairs |= l->between[i].used;
	i = !measured || (pairs && measured < WALK_AGAIN) ? 0 : measured - 1;
	l->walk += 2; /* one less is a free seat */
	for (hops_from(store, p, i, &reader); (hop = hops_next(store, &reader)); i++) {
		if (i + 1 == measured)
			*before = hop->ts;
		measure_gap(store, l, hop, i >= measured);
		if (pairs)
			measure_between(l, hop, since, i >= measured);
	}
}

static void count_packet(struct store *store, struct latency *l, const struct packet_cell *p)
{
	uint64_t now = p->pub.last - p->pub.first;

	histogram_add(&l->packets, now);
	note_slow(l, &p->pub, false);
	if (p->flow)
		flow_times_add(&flow_at(store, p->flow)->pub.times, now);
}

/* It was over before, after so many ns. */
static void count_again(struct store *store, struct latency *l, const struct packet_cell *p, uint64_t before)
{
	uint64_t now = p->pub.last - p->pub.first;

	histogram_remove(&l->packets, before);
	histogram_add(&l->packets, now);
	note_slow(l, &p->pub, true);
	if (p->flow)
		flow_times_replace(&flow_at(store, p->flow)->pub.times, before, now);
}

void packet_measure(struct store *store, struct packet_cell *p)
{
	struct latency *l = latency_get(store);
	uint64_t before = p->pub.first;
	bool again = p->measured;

	if (!l)
		return;
	measure_hops(store, l, p, &before);
	p->measured = p->pub.nhops;
	if (p->pub.live || p->pub.cut)
		return;
	if (again)
		count_again(store, l, p, before - p->pub.first);
	else
		count_packet(store, l, p);
}

const struct latency *store_latency(const struct store *store)
{
	return store->latency;
}

void store_latency_reset(struct store *store)
{
	struct latency *l = store->latency;

	if (!l)
		return;
	memset(&l->packets, 0, sizeof(l->packets));
	memset(l->layer, 0, sizeof(l->layer));
	memset(l->func, 0, sizeof(l->func));
	memset(l->v, 0, l->n * sizeof(*l->v));
	for (int i = 0; i < LATENCY_BETWEEN; i++)
		memset(&l->between[i].time, 0, sizeof(l->between[i].time));
	l->n = l->nslow = 0;
	l->skipped = l->unkept = 0;
}

/* What a new pair would have measured, had it been there before. */
static void look_back(struct store *store, struct latency *l, int number)
{
	size_t skip = store->totals.live_packets > LOOK_BACK ? store->totals.live_packets - LOOK_BACK : 0;
	uint64_t since[LATENCY_BETWEEN];
	const struct packet_cell *p;
	struct hop_reader reader;
	uint64_t hops = 0;

	for (uint32_t cell = store->oldest; cell && hops < LOOK_BACK_HOPS; cell = p->age_next) {
		p = packet_at(store, cell);
		if (skip) {
			skip--;
			continue;
		}
		for (int i = 0; i < LATENCY_BETWEEN; i++)
			since[i] = i == number ? 0 : DONE;
		hops_from(store, p, 0, &reader);
		for (uint32_t i = 0; i < p->measured; i++)
			measure_between(l, hops_next(store, &reader), since, true);
		hops += p->measured;
	}
}

int store_between(struct store *store, uint16_t from, uint16_t to)
{
	struct latency *l = latency_get(store);
	int i, number = -ENOSPC;

	if (!l)
		return -ENOMEM;
	for (i = LATENCY_BETWEEN - 1; i >= 0; i--) {
		if (!l->between[i].used)
			number = i;
	}
	for (i = 0; i < LATENCY_BETWEEN; i++) {
		if (l->between[i].used && l->between[i].from == from && l->between[i].to == to)
			return i;
	}
	if (number >= 0) {
		l->between[number] = (struct between){ .from = from, .to = to, .used = true };
		look_back(store, l, number);
	}
	return number;
}

void store_between_remove(struct store *store, int number)
{
	if (store->latency && number >= 0 && number < LATENCY_BETWEEN)
		store->latency->between[number].used = false;
}

const struct histogram *latency_func(const struct latency *l, uint16_t func)
{
	return func < MAX_FUNCS && l->func[func] ? &l->v[l->func[func] - 1] : NULL;
}

const struct histogram *latency_layer(const struct latency *l, enum layer layer)
{
	return (unsigned int)layer < LAYER_COUNT && l->layer[layer].count ? &l->layer[layer] : NULL;
}

const struct histogram *latency_packets(const struct latency *l)
{
	return &l->packets;
}

const struct between *latency_between(const struct latency *l, int number)
{
	return number >= 0 && number < LATENCY_BETWEEN && l->between[number].used ? &l->between[number]
										  : NULL;
}

size_t latency_slowest(const struct latency *l, struct slow_packet *out, size_t max)
{
	size_t n = l->nslow < max ? l->nslow : max;

	memcpy(out, l->slow, n * sizeof(*out));
	return n;
}

uint64_t latency_skipped(const struct latency *l)
{
	return l->skipped;
}

uint64_t latency_unkept(const struct latency *l)
{
	return l->unkept;
}
