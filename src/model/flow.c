/* SPDX-License-Identifier: GPL-2.0 */
/* Flows in the cells of the store: found by key, by number and by age; their rates. */
#include "model/store_private.h"

#include <string.h>

#define RATE_STEP_NS 240000000u	   /* shortest time of one bucket */
#define RATE_WINDOW_NS 3300000000u /* buckets that began longer ago do not count */
#define RATE_MIN_NS 1000000000u	   /* a younger flow is taken to be this old */

/* When flows take too much, this share of them goes at once: closing the gaps
 * in the order costs one pass for all of them. */
#define EVICT_SHARE 64

static uint32_t *flow_head(const struct store *store, const struct flow_key *key)
{
	uint64_t hash = (flow_key_hash(key) ^ store->flow_seed) * 0x9e3779b97f4a7c15ULL;

	return &store->flow_heads[hash >> 32 & store->flow_mask];
}

static void unseen_remove(struct store *store, struct flow_cell *f)
{
	if (f->unseen_prev)
		flow_at(store, f->unseen_prev)->unseen_next = f->unseen_next;
	else
		store->unseen_first = f->unseen_next;
	if (f->unseen_next)
		flow_at(store, f->unseen_next)->unseen_prev = f->unseen_prev;
	else
		store->unseen_last = f->unseen_prev;
}

static void unseen_append(struct store *store, uint32_t cell)
{
	struct flow_cell *f = flow_at(store, cell);

	f->unseen_prev = store->unseen_last;
	f->unseen_next = 0;
	if (store->unseen_last)
		flow_at(store, store->unseen_last)->unseen_next = cell;
	else
		store->unseen_first = cell;
	store->unseen_last = cell;
}

void flow_seen(struct store *store, uint32_t cell, uint64_t ts, bool move)
{
	struct flow_cell *f = flow_at(store, cell);

	if (ts > f->pub.last)
		f->pub.last = ts;
	if (move && store->unseen_last != cell) {
		unseen_remove(store, f);
		unseen_append(store, cell);
	}
}

static void active_add(struct store *store, uint32_t cell)
{
	struct flow_cell *f = flow_at(store, cell);

	if (f->active)
		return;
	f->active = true;
	memset(f->bucket, 0, sizeof(f->bucket));
	f->active_prev = 0;
	f->active_next = store->active;
	if (store->active)
		flow_at(store, store->active)->active_prev = cell;
	store->active = cell;
}

static void active_remove(struct store *store, struct flow_cell *f)
{
	if (!f->active)
		return;
	f->active = false;
	if (f->active_prev)
		flow_at(store, f->active_prev)->active_next = f->active_next;
	else
		store->active = f->active_next;
	if (f->active_next)
		flow_at(store, f->active_next)->active_prev = f->active_prev;
}

/* Index in the order of the first flow whose number is not below no. */
static size_t order_find(const struct store *store, uint32_t no)
{
	size_t lo = 0, hi = store->flow_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (store->order[mid].no < no)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Takes the longest unseen flow out of everything but the order, where it leaves a hole. */
static void flow_evict(struct store *store)
{
	uint32_t cell = store->unseen_first;
	struct flow_cell *f = flow_at(store, cell);
	uint32_t *link = flow_head(store, &f->pub.key);

	while (*link != cell)
		link = &flow_at(store, *link)->hash_next;
	*link = f->hash_next;
	unseen_remove(store, f);
	active_remove(store, f);
	/* Its packets stay; a later full record finds them a flow again. */
	while (f->newest)
		flow_leave(store, packet_at(store, f->newest));
	store->order[order_find(store, f->pub.no)].cell = 0;
	store->totals.evicted_flows++;
	cell_give(store, cell);
}

static void flows_make_room(struct store *store)
{
	size_t kept = 0;

	for (size_t n = store->flow_count / EVICT_SHARE + 1; n && store->unseen_first; n--)
		flow_evict(store);
	for (size_t i = 0; i < store->flow_count; i++) {
		if (store->order[i].cell)
			store->order[kept++] = store->order[i];
	}
	store->flow_count = kept;
}

static uint32_t flow_find(const struct store *store, const struct flow_key *key)
{
	uint32_t cell = *flow_head(store, key);

	while (cell && !flow_key_equal(&flow_at(store, cell)->pub.key, key))
		cell = flow_at(store, cell)->hash_next;
	return cell;
}

const struct flow *flow_of_tuple(const struct store *store, const struct wire_tuple *tuple)
{
	struct flow_key key;
	uint32_t cell;

	flow_key_from(&key, tuple);
	cell = flow_find(store, &key);
	if (!cell) {
		const struct flow_key *other = flow_alias_target(&store->nf.aliases, &key);

		cell = other ? flow_find(store, other) : 0;
	}
	return cell ? &flow_at(store, cell)->pub : NULL;
}

/* The flow of that key, made when it is not there. 0: as flow_join() false. */
static uint32_t flow_get(
	struct store *store, const struct flow_key *key, bool client, uint64_t ts, uint32_t packet)
{
	uint32_t *head, cell = flow_find(store, key);
	struct flow_cell *f;

	if (cell)
		return cell;
	if (store->flow_count >= store->flow_max)
		flows_make_room(store);
	cell = cell_take(store, packet);
	if (!cell)
		return 0;
	f = flow_at(store, cell);
	memset(f, 0, sizeof(*f));
	f->pub.no = ++store->last_no;
	f->pub.key = *key;
	f->pub.client = client;
	f->pub.first = f->pub.last = ts;
	head = flow_head(store, key);
	f->hash_next = *head;
	*head = cell;
	unseen_append(store, cell);
	store->order[store->flow_count++] = (struct flow_slot){ .no = f->pub.no, .cell = cell };
	return cell;
}

bool flow_join(struct store *store, uint32_t packet, const struct event_full *full)
{
	struct packet_cell *p = packet_at(store, packet);
	struct flow_cell *f;
	struct flow_key key;
	uint32_t cell;
	bool from, client;

	from = flow_key_from(&key, &p->pub.tuple);
	flow_alias_use(&store->nf.aliases, &p->pub.tuple, full->ev.ts, &key, &from, &client);
	cell = flow_get(store, &key, client, full->ev.ts, packet);
	if (!cell)
		return false;
	f = flow_at(store, cell);
	p->pub.flow = f->pub.no;
	p->pub.direction = from != f->pub.client;
	p->flow = cell;
	p->newer = 0;
	p->older = f->newest;
	if (f->newest)
		packet_at(store, f->newest)->newer = packet;
	f->newest = packet;

	f->pub.stored++;
	f->pub.packets[p->pub.direction]++;
	f->pub.bytes[p->pub.direction] += full->l3_len ? full->l3_len : full->ev.len;
	f->pub.drops += p->pub.so_far == FATE_DROPPED;
	f->pub.delivered += p->pub.so_far == FATE_DELIVERED;
	active_add(store, cell);
	if (f->bucket[store->bucket] < UINT16_MAX)
		f->bucket[store->bucket]++;
	return true;
}

void flow_leave(struct store *store, struct packet_cell *p)
{
	struct flow_cell *f;

	if (!p->flow)
		return;
	f = flow_at(store, p->flow);
	if (p->newer)
		packet_at(store, p->newer)->older = p->older;
	else
		f->newest = p->older;
	if (p->older)
		packet_at(store, p->older)->newer = p->newer;
	f->pub.stored--;
	p->flow = p->newer = p->older = 0;
	p->pub.flow = 0;
}

void flow_fate(struct store *store, const struct packet_cell *p, enum fate before)
{
	int dropped = (p->pub.so_far == FATE_DROPPED) - (before == FATE_DROPPED);
	int delivered = (p->pub.so_far == FATE_DELIVERED) - (before == FATE_DELIVERED);
	struct flow_cell *f = p->flow ? flow_at(store, p->flow) : NULL;

	store->totals.dropped += (uint64_t)(int64_t)dropped;
	store->totals.delivered += (uint64_t)(int64_t)delivered;
	if (!f)
		return;
	f->pub.drops += (uint64_t)(int64_t)dropped;
	f->pub.delivered += (uint64_t)(int64_t)delivered;
}

/* Which buckets count now, and since when they do. */
static unsigned int rate_window(const struct store *store, uint64_t now, uint64_t *since)
{
	unsigned int mask = 1u << store->bucket, i = store->bucket;

	*since = store->bucket_start[i];
	for (unsigned int n = 1; n < RATE_BUCKETS; n++) {
		i = (i + RATE_BUCKETS - 1) % RATE_BUCKETS;
		if (!store->bucket_start[i] || store->bucket_start[i] + RATE_WINDOW_NS < now)
			break;
		*since = store->bucket_start[i];
		mask |= 1u << i;
	}
	return mask;
}

static void flow_rate(struct flow_cell *f, unsigned int mask, uint64_t since, uint64_t now)
{
	uint64_t sum = 0, span = now - since;
	uint64_t age = now > f->pub.first + RATE_MIN_NS ? now - f->pub.first : RATE_MIN_NS;

	for (unsigned int i = 0; i < RATE_BUCKETS; i++)
		sum += mask >> i & 1 ? f->bucket[i] : 0;
	f->pub.rate = (double)sum * 1e9 / (double)(span < age ? span : age);
}

void store_tick(struct store *store, uint64_t now)
{
	uint64_t start = store->bucket_start[store->bucket], since;
	unsigned int mask, next = (store->bucket + 1) % RATE_BUCKETS;

	rules_tick(store->nf.rules, now);
	drops_tick(store->nf.drops, now);
	if (!start || now < start) { /* the first event is still to come, or a recording starts again */
		memset(store->bucket_start, 0, sizeof(store->bucket_start));
		store->bucket_start[store->bucket] = now;
		return;
	}
	if (now - start < RATE_STEP_NS)
		return;
	mask = rate_window(store, now, &since);
	for (uint32_t cell = store->active; cell;) {
		struct flow_cell *f = flow_at(store, cell);

		cell = f->active_next;
		flow_rate(f, mask, since, now);
		f->bucket[next] = 0;
		if (f->pub.rate <= 0)
			active_remove(store, f);
	}
	store->bucket = next;
	store->bucket_start[next] = now;
}

const struct flow *store_flow_at(const struct store *store, size_t index)
{
	return index < store->flow_count ? &flow_at(store, store->order[index].cell)->pub : NULL;
}

static const struct flow_cell *flow_by_no(const struct store *store, uint32_t no)
{
	size_t i = order_find(store, no);

	return i < store->flow_count && store->order[i].no == no ? flow_at(store, store->order[i].cell)
								 : NULL;
}

const struct flow *store_flow(const struct store *store, uint32_t no)
{
	const struct flow_cell *f = flow_by_no(store, no);

	return f ? &f->pub : NULL;
}

const struct packet *store_flow_packet(const struct store *store, uint32_t flow, const struct packet *after)
{
	uint32_t cell;

	if (after) {
		cell = ((const struct packet_cell *)after)->older;
	} else {
		const struct flow_cell *f = flow_by_no(store, flow);

		cell = f ? f->newest : 0;
	}
	return cell ? &packet_at(store, cell)->pub : NULL;
}
