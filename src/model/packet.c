/* SPDX-License-Identifier: GPL-2.0 */
/* Packets and their hops in the cells of the store. */
#include "model/store_private.h"

#include <string.h>

#include "base/hashmap.h"

uint32_t packet_find(const struct store *store, uint64_t id)
{
	uint32_t cell = store->packet_heads[hash_u64(id) & store->packet_mask];

	while (cell && packet_at(store, cell)->pub.id != id)
		cell = packet_at(store, cell)->hash_next;
	return cell;
}

uint32_t packet_create(struct store *store, const struct event *ev)
{
	uint32_t cell = cell_take(store, 0), body = cell ? cell_take(store, 0) : 0;
	struct packet_cell *p = packet_at(store, cell);
	uint32_t *head;

	if (!body) {
		if (cell)
			cell_give(store, cell);
		return 0;
	}
	memset(p, 0, sizeof(*p));
	p->body = body;
	p->pub.id = ev->packet;
	p->pub.skb = ev->skb;
	p->pub.first = p->pub.last = ev->ts;
	p->pub.pid = ev->pid;
	p->pub.cut = ev->type != EVENT_FUNC_FULL || ev->seq;

	head = &store->packet_heads[hash_u64(ev->packet) & store->packet_mask];
	p->hash_next = *head;
	*head = cell;
	if (store->youngest)
		packet_at(store, store->youngest)->age_next = cell;
	else
		store->oldest = cell;
	store->youngest = cell;
	store->totals.packets++;
	store->totals.fates[FATE_LIVE]++;
	store->totals.live_packets++;
	return cell;
}

bool packet_was_evicted(const struct store *store, uint64_t id)
{
	return store->gone[hash_u64(id) & store->gone_mask] == id;
}

/* All chunks are one chain already: it becomes the head of the free list. */
static void free_chunks(struct store *store, const struct packet_cell *p)
{
	if (!p->first_chunk)
		return;
	store->cells[p->last_chunk].chunk.next = store->cells_free;
	store->cells_free = p->first_chunk;
	store->cells_used -= (p->pub.nhops - INLINE_HOPS + CHUNK_HOPS - 1) / CHUNK_HOPS;
}

void packet_evict_oldest(struct store *store)
{
	uint32_t cell = store->oldest;
	struct packet_cell *p = packet_at(store, cell);
	uint64_t hash = hash_u64(p->pub.id);
	uint32_t *link = &store->packet_heads[hash & store->packet_mask];

	while (*link != cell)
		link = &packet_at(store, *link)->hash_next;
	*link = p->hash_next;
	store->oldest = p->age_next;
	if (!store->oldest)
		store->youngest = 0;
	if (p->measured < p->pub.nhops)
		packet_measure(store, p);
	flow_leave(store, p);
	store->gone[hash & store->gone_mask] = p->pub.id;
	store->totals.evicted_packets++;
	store->totals.evicted_hops += p->pub.nhops;
	store->totals.live_packets--;
	free_chunks(store, p);
	copies_free(store, p);
	changes_free(store, p);
	cell_give(store, p->body);
	cell_give(store, cell);
}

static struct hop *inline_hop(const struct store *store, struct packet_cell *p, uint32_t n)
{
	return n ? &body_at(store, p)->hop[n - 1] : &p->hop;
}

/* Room behind the last hop. */
static struct hop *hop_room(struct store *store, uint32_t cell)
{
	struct packet_cell *p = packet_at(store, cell);
	uint32_t n = p->pub.nhops, chunk;

	if (n < INLINE_HOPS)
		return inline_hop(store, p, n);
	n = (n - INLINE_HOPS) % CHUNK_HOPS;
	if (n)
		return &store->cells[p->last_chunk].chunk.hop[n];
	chunk = cell_take(store, cell);
	if (!chunk)
		return NULL;
	store->cells[chunk].chunk.next = 0;
	store->cells[chunk].chunk.prev = p->last_chunk;
	if (p->last_chunk)
		store->cells[p->last_chunk].chunk.next = chunk;
	else
		p->first_chunk = chunk;
	p->last_chunk = chunk;
	return &store->cells[chunk].chunk.hop[0];
}

struct hop *hop_walk_back(const struct store *store, struct packet_cell *p, struct hop_walk *w)
{
	uint32_t in_chunk;

	if (!w->left)
		return NULL;
	w->left--;
	if (w->left < INLINE_HOPS)
		return inline_hop(store, p, w->left);
	in_chunk = (w->left - INLINE_HOPS) % CHUNK_HOPS;
	/* the last of a chunk: we came from the first of the chunk behind it */
	if (in_chunk == CHUNK_HOPS - 1)
		w->chunk = store->cells[w->chunk].chunk.prev;
	return &store->cells[w->chunk].chunk.hop[in_chunk];
}

/* Moves hops that are younger than ts one up; returns the slot that is free then. */
static struct hop *hop_reorder(struct store *store, struct packet_cell *p, struct hop *slot, uint64_t ts)
{
	struct hop_walk walk = { .chunk = p->last_chunk, .left = p->pub.nhops };

	for (uint32_t i = 0; i < REORDER_MAX; i++) {
		struct hop *before = hop_walk_back(store, p, &walk);

		if (!before || before->ts <= ts)
			break;
		*slot = *before;
		slot = before;
	}
	return slot;
}

/* A record that was missing has come: how many are still missing before it. */
static uint8_t fill_gap(struct store *store, struct packet_cell *p, uint16_t index, uint16_t seq)
{
	struct hop_walk walk = { .chunk = p->last_chunk, .left = p->pub.nhops };
	struct hop *hop;

	for (uint32_t i = 0; i < GAP_WALK && (hop = hop_walk_back(store, p, &walk)); i++) {
		uint16_t ahead = (uint16_t)(hop->seq - seq);
		uint8_t lost = hop->lost;

		if (hop->copy != index || !ahead || ahead > lost)
			continue;
		hop->lost = (uint8_t)(ahead - 1); /* what is missing between the two */
		return lost == UINT8_MAX ? lost : (uint8_t)(lost - ahead);
	}
	return 0;
}

/* Counts what is missing, or what is not any more; returns hop.lost. */
static uint8_t note_seq(
	struct store *store, struct packet_cell *p, struct copy_slot *copy, uint16_t index, uint16_t seq)
{
	int missing = copy_count(copy, seq);

	if (missing >= 0) {
		copy->pub.lost += (uint32_t)missing;
		p->pub.lost += (uint32_t)missing;
		store->totals.lost += (uint32_t)missing;
		return missing < UINT8_MAX ? (uint8_t)missing : UINT8_MAX;
	}
	if (!copy->pub.lost)
		return 0;
	copy->pub.lost--;
	p->pub.lost--;
	store->totals.lost--;
	return fill_gap(store, p, index, seq);
}

/* When it was there, and where last. */
static void note_time(
	struct store *store, struct packet_cell *p, struct copy_slot *copy, const struct event *ev)
{
	enum fate_role role;

	if (ev->ts < p->pub.first)
		p->pub.first = ev->ts;
	if (ev->ts > p->pub.last)
		p->pub.last = ev->ts;
	if (!copy)
		return;
	if (ev->ts < copy->pub.first)
		copy->pub.first = ev->ts;
	if (ev->ts < copy->pub.last)
		return;
	copy->pub.last = ev->ts;
	if (!event_is_function(ev->type))
		return;
	role = fate_role_at(&store->roles, ev->func);
	if (role != FATE_ROLE_FREES)
		copy->last = (uint8_t)role;
}

bool packet_add_hop(struct store *store, uint32_t cell, struct copy_slot *copy, uint16_t index,
	const struct event *ev, size_t size)
{
	struct packet_cell *p = packet_at(store, cell);
	struct hop *hop = hop_room(store, cell);
	uint8_t lost = 0;

	if (!hop)
		return false;
	if (copy) {
		lost = note_seq(store, p, copy, index, ev->seq);
		copy->pub.nhops++;
	}
	if (ev->ts < p->pub.last)
		hop = hop_reorder(store, p, hop, ev->ts);
	note_time(store, p, copy, ev);
	*hop = (struct hop){
		.ts = ev->ts,
		.len = ev->len,
		.ifindex = ev->ifindex,
		.netns = ev->netns,
		.mark = ev->mark,
		.pid = ev->pid,
		.func = ev->func,
		.cpu = ev->cpu,
		.copy = index,
		.seq = ev->seq,
		.flags = ev->flags,
		.type = ev->type,
		.lost = lost,
	};
	if (ev->type >= EVENT_HOOK)
		netfilter_hop(hop, store->nf.rules, store->nf.ct_no, ev, size);
	p->pub.nhops++;
	return true;
}

const struct packet *store_packet(const struct store *store, uint64_t id)
{
	uint32_t cell = packet_find(store, id);

	return cell ? &packet_at(store, cell)->pub : NULL;
}

void hops_from(
	const struct store *store, const struct packet_cell *p, uint32_t from, struct hop_reader *reader)
{
	uint32_t chunk, last;

	reader->packet = (struct packet_cell *)(uintptr_t)p;
	reader->chunk = p->first_chunk;
	reader->next = from;
	if (from <= INLINE_HOPS || from >= p->pub.nhops)
		return;
	chunk = (from - INLINE_HOPS) / CHUNK_HOPS;
	last = (p->pub.nhops - 1 - INLINE_HOPS) / CHUNK_HOPS;
	if (chunk <= last / 2) {
		for (; chunk; chunk--)
			reader->chunk = store->cells[reader->chunk].chunk.next;
		return;
	}
	reader->chunk = p->last_chunk;
	for (; chunk < last; chunk++)
		reader->chunk = store->cells[reader->chunk].chunk.prev;
}

struct hop *hops_next(const struct store *store, struct hop_reader *reader)
{
	uint32_t i = reader->next;
	struct hop *hop;

	if (i >= reader->packet->pub.nhops)
		return NULL;
	reader->next++;
	if (i < INLINE_HOPS)
		return inline_hop(store, reader->packet, i);
	i = (i - INLINE_HOPS) % CHUNK_HOPS;
	hop = &store->cells[reader->chunk].chunk.hop[i];
	if (i == CHUNK_HOPS - 1)
		reader->chunk = store->cells[reader->chunk].chunk.next;
	return hop;
}

size_t store_hops(
	const struct store *store, const struct packet *packet, size_t from, struct hop *out, size_t max)
{
	/* pub is the first member: the packets we hand out are our cells. */
	const struct packet_cell *p = (const struct packet_cell *)packet;
	struct hop_reader reader;
	const struct hop *hop;
	size_t n = 0;

	if (from >= p->pub.nhops)
		return 0;
	for (hops_from(store, p, (uint32_t)from, &reader); n < max && (hop = hops_next(store, &reader)); n++)
		out[n] = *hop;
	return n;
}
