/* SPDX-License-Identifier: GPL-2.0 */
/* The budget and the way of an event into it; see store_private.h for the layout. */
#include "model/store_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "model/names_sized.h"

#define CELLS_MAX ((size_t)1 << 30)	/* a slot is named in 32 bits */
#define BYTES_SHARE 8			/* of the budget: what bytes of packets may take */
#define BYTES_CELLS_MIN 64		/* with fewer a packet may not fit */
#define BUDGET_MIN ((size_t)256 * 1024) /* below that nothing useful fits */

static size_t power_of_two_below(size_t n)
{
	size_t p = 1;

	while (p * 2 <= n)
		p *= 2;
	return p;
}

/* Splits the budget: a fixed part for the tables, what latency and netfilter may take, the rest are cells. */
static size_t store_layout(struct store *store, size_t budget, size_t max_names)
{
	size_t fixed = sizeof(*store) + names_bytes(max_names) + store->quotes_max * sizeof(*store->quotes);
	size_t left = budget - fixed - store->latency_bytes - store->nf_bytes;
	/* a cell and its share of the tables below: 2 + 1 + 2 + 1/2 bytes */
	size_t cells = left / (CELL_SIZE + 6);

	store->packet_mask = power_of_two_below(cells / 2) - 1;
	store->gone_mask = power_of_two_below(cells / 16) - 1;
	store->flow_max = cells / 4;
	store->flow_mask = power_of_two_below(store->flow_max) - 1;
	store->fixed_bytes = fixed + (store->packet_mask + 1) * sizeof(*store->packet_heads) +
			     (store->gone_mask + 1) * sizeof(*store->gone) +
			     (store->flow_mask + 1) * sizeof(*store->flow_heads) +
			     store->flow_max * sizeof(*store->order);
	return (budget - store->latency_bytes - store->nf_bytes - store->fixed_bytes) / CELL_SIZE;
}

struct store *store_new(size_t budget_bytes)
{
	size_t budget = budget_bytes < BUDGET_MIN ? BUDGET_MIN : budget_bytes;
	size_t max_names = budget / 8192;
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	if (budget > CELLS_MAX * CELL_SIZE)
		budget = CELLS_MAX * CELL_SIZE;
	if (max_names > NAMES_MAX)
		max_names = NAMES_MAX;
	store->totals.budget = budget;
	store->latency_bytes = latency_reserve(budget);
	store->nf_bytes = netfilter_reserve(budget);
	store->quotes_max = budget / 65536 < QUOTES_MAX ? budget / 65536 : QUOTES_MAX;
	store->cell_count = store_layout(store, budget, max_names);
	store->cells_fresh = 1;
	store->map_bytes = store->cell_count * CELL_SIZE;
	/* Only what is written to becomes memory: an idle store costs nothing. */
	store->cells = mmap(NULL, store->map_bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (store->cells == MAP_FAILED)
		store->cells = NULL;
	store->packet_heads = calloc(store->packet_mask + 1, sizeof(*store->packet_heads));
	store->gone = calloc(store->gone_mask + 1, sizeof(*store->gone));
	store->flow_heads = calloc(store->flow_mask + 1, sizeof(*store->flow_heads));
	store->order = calloc(store->flow_max, sizeof(*store->order));
	store->names = names_new_sized(max_names);
	store->quotes = calloc(store->quotes_max, sizeof(*store->quotes));
	if (!store->cells || !store->packet_heads || !store->gone || !store->flow_heads || !store->order ||
		!store->names || !store->quotes) {
		store_free(store);
		return NULL;
	}
	/* Tuples come from the network: nobody there may choose our hash chains. */
	if (getrandom(&store->flow_seed, sizeof(store->flow_seed), GRND_NONBLOCK) < 0)
		store->flow_seed = (uintptr_t)store;
	if (netfilter_init(&store->nf, budget, store->flow_seed)) {
		store_free(store);
		return NULL;
	}
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	if (store->cells)
		munmap(store->cells, store->map_bytes);
	free(store->packet_heads);
	free(store->gone);
	free(store->flow_heads);
	free(store->order);
	names_free(store->names);
	netfilter_fini(&store->nf);
	free(store->quotes);
	latency_free(store->latency);
	free(store);
}

uint32_t cell_take(struct store *store, uint32_t keep)
{
	uint32_t cell;

	while (!store->cells_free && store->cells_fresh == store->cell_count) {
		bool own = store->oldest == keep;

		if (!store->oldest)
			return 0;
		packet_evict_oldest(store);
		if (own)
			return 0;
	}
	cell = store->cells_free;
	if (cell)
		store->cells_free = store->cells[cell].free_next;
	else
		cell = (uint32_t)store->cells_fresh++;
	store->cells_used++;
	return cell;
}

void cell_give(struct store *store, uint32_t cell)
{
	store->cells[cell].free_next = store->cells_free;
	store->cells_free = cell;
	store->cells_used--;
}

/* What a full record tells. False: the packet had to go. */
static bool apply_full(struct store *store, uint32_t cell, struct copy_slot *copy, uint16_t index,
	const struct event_full *full)
{
	struct packet_cell *p = packet_at(store, cell);

	if (!p->pub.comm[0]) {
		printable(p->pub.comm, sizeof(p->pub.comm), full->comm, sizeof(full->comm));
		p->pub.pid = full->ev.pid;
	}
	if (copy) {
		copy_parent(store, p, copy, full->parent);
		if (!change_note(store, cell, copy, index, full))
			return false;
	}
	if (!p->flow && p->pub.nchanges && !flow_join(store, cell, full))
		return false;
	if (p->flow)
		flow_state_seen(&flow_at(store, p->flow)->pub.progress, &full->tuple, p->pub.direction);
	return true;
}

/* A drop is counted, whether there is a packet to show for it or not. */
static void add_lone_drop(struct store *store, const struct event *ev, size_t size)
{
	if (ev->type == EVENT_DROP)
		netfilter_drop(&store->nf, ev, size, COPY_UNKNOWN, 0, 0);
}

static void add_packet_event(struct store *store, const struct event *ev, size_t size)
{
	bool full = ev->type == EVENT_FUNC_FULL && size >= sizeof(struct event_full);
	uint32_t cell = packet_find(store, ev->packet);
	struct packet_cell *p;
	struct copy_slot *copy;
	uint16_t index;

	if (!cell) {
		/* An end alone is nothing to look at; a drop alone is. */
		if (ev->type == EVENT_END || packet_was_evicted(store, ev->packet)) {
			store->totals.orphans++;
			add_lone_drop(store, ev, size);
			return;
		}
		cell = packet_create(store, ev);
		if (!cell)
			return;
	}
	if (!copy_get(store, cell, ev, &copy, &index) ||
		!packet_add_hop(store, cell, copy, index, ev, size) ||
		(full && !apply_full(store, cell, copy, index, (const struct event_full *)ev))) {
		store->totals.orphans++;
		add_lone_drop(store, ev, size);
		return;
	}
	p = packet_at(store, cell);
	if (copy)
		copy_fate(store, p, copy, ev, size);
	else
		add_lone_drop(store, ev, size);
	if (copy && ev->type == EVENT_END && !p->pub.live)
		packet_measure(store, p);
	if (p->flow)
		flow_seen(store, p->flow, ev->ts, ev->type != EVENT_FUNC);
}

/* What a base chain has decided when it is left. */
static void count_verdict(struct store *store, const struct event *ev, size_t size)
{
	const struct event_chain *chain = (const struct event_chain *)ev;

	if (size >= sizeof(*chain) && chain->what == CHAIN_LEAVE && !chain->depth &&
		chain->decision < NF_DECISIONS)
		store->totals.verdicts[chain->decision]++;
}

/*
 * Bytes of packets get a share of the budget when the first ones come: where
 * cells lie that were never used.
 */
static void add_bytes(struct store *store, const struct event_bytes *ev, size_t size)
{
	size_t cells = store->totals.budget / BYTES_SHARE / CELL_SIZE;
	size_t unused = store->cell_count - store->cells_fresh;

	if (!store->bytes_begun) {
		store->bytes_begun = true;
		if (cells > unused / 2)
			cells = unused / 2;
		if (cells < BYTES_CELLS_MIN)
			cells = 0;
		store->cell_count -= cells;
		store->fixed_bytes += cells * CELL_SIZE;
		store->bytes.v = cells ? (unsigned char *)&store->cells[store->cell_count] : NULL;
		store->bytes.size = cells * CELL_SIZE;
	}
	bytes_ring_add(&store->bytes, ev, size);
}

const struct packet_bytes *store_bytes(const struct store *store, uint64_t packet, uint32_t copy, uint64_t ts)
{
	return bytes_ring_find(&store->bytes, packet, copy, ts);
}

uint64_t store_bytes_gone(const struct store *store)
{
	return store->bytes.gone;
}

void store_add(void *ctx, const struct event *ev, size_t size)
{
	struct store *store = ctx;

	if (size < sizeof(*ev))
		return;
	switch (ev->type) {
	case EVENT_CHAIN:
		count_verdict(store, ev, size);
		__attribute__((fallthrough));
	case EVENT_HOOK:
	case EVENT_RULE:
	case EVENT_CT:
		netfilter_apply(&store->nf, ev, size);
		__attribute__((fallthrough));
	case EVENT_FUNC:
	case EVENT_FUNC_FULL:
	case EVENT_END:
	case EVENT_DROP:
	case EVENT_SOCKET:
		store->totals.events++;
		if (!store->bucket_start[store->bucket])
			store->bucket_start[store->bucket] = ev->ts;
		/* Packet 0: no room for its identity in the kernel, so no journey. */
		if (ev->packet)
			add_packet_event(store, ev, size);
		else
			add_lone_drop(store, ev, size);
		break;
	case EVENT_CHAIN_NAME:
	case EVENT_RULESET:
	case EVENT_RULE_TEXT:
	case EVENT_RULE_HITS:
		netfilter_apply(&store->nf, ev, size);
		break;
	case EVENT_BYTES:
		if (size >= sizeof(struct event_bytes))
			add_bytes(store, (const struct event_bytes *)ev, size);
		break;
	case EVENT_QUOTE:
		if (size >= sizeof(struct event_quote))
			quote_add(store, (const struct event_quote *)ev);
		break;
	case EVENT_DEV:
	case EVENT_NETNS:
	case EVENT_OWNER:
	case EVENT_SYMBOL:
		names_apply(store->names, ev, size);
		break;
	default: /* of a newer program: not for us */
		break;
	}
}

void store_probes(struct store *store, const struct probe_table *probes)
{
	store->probes = store->roles.probes = probes;
}

void store_totals(const struct store *store, struct store_totals *out)
{
	*out = store->totals;
	out->bytes = store->fixed_bytes - names_unused(store->names) + latency_bytes(store->latency) +
		     netfilter_bytes(&store->nf) + store->cells_used * CELL_SIZE;
	out->flows = store->flow_count;
}

const struct names *store_names(const struct store *store)
{
	return store->names;
}
