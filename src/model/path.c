/* SPDX-License-Identifier: GPL-2.0 */
#include "model/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/histogram.h"
#include "model/store_private.h"

#define RARE 20u /* one in so many packets, at most */

/* For the packet at hand: what each copy has gone through so far. */
struct scratch {
	uint64_t copy[COPIES_MAX];
	uint8_t depth[COPIES_MAX];
};

struct candidate {
	struct path path;
	struct histogram time;
};

struct builder {
	const struct store *store;
	struct scratch scratch;
	struct hashmap map; /* key → index + 1 */
	struct candidate *v;
	size_t n, room;
};

static uint64_t step(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

static uint64_t hop_word(const struct hop *hop)
{
	uint8_t kind = hop_kind(hop);

	switch (kind) {
	case EVENT_FUNC:
	case EVENT_SOCKET:
		return (uint64_t)hop->netns << 32 | (uint64_t)hop->func << 8 | kind;
	case EVENT_HOOK: /* depth: the family */
		return (uint64_t)hop->netns << 32 | (uint64_t)hop->nf.what << 24 |
		       (uint64_t)hop->nf.depth << 16 | (uint64_t)hop->nf.decision << 8 | kind;
	case EVENT_CHAIN:
	case EVENT_RULE: /* numbers are given once: they tell the namespace, too */
		return (uint64_t)hop->no << 32 | (uint64_t)hop->nf.what << 24 |
		       (uint64_t)hop->nf.decision << 8 | kind;
	default: /* ends: where they were told is no place of their own */
		return kind;
	}
}

static uint64_t path_key(const struct store *store, const struct packet_cell *p, struct scratch *scratch)
{
	uint64_t key = step(p->pub.fate, p->pub.fate == FATE_DROPPED ? p->pub.reason : 0);
	uint16_t n = p->pub.ncopies;
	struct hop_reader reader;
	const struct hop *hop;

	memset(scratch->copy, 0, n * sizeof(scratch->copy[0]));
	copies_depth(store, p, scratch->depth);
	for (hops_from(store, p, 0, &reader); (hop = hops_next(store, &reader));) {
		/* conntrack says what a connection was at some time: no place, no decision */
		if (hop->copy < n && hop->type != EVENT_CT)
			scratch->copy[hop->copy] = step(scratch->copy[hop->copy], hop_word(hop));
	}
	/* a sum: it does not matter which copy was met first */
	for (uint16_t i = 0; i < n; i++)
		key += hash_u64(scratch->copy[i] ^ scratch->depth[i]);
	return key ? key : 1;
}

static void candidate_begin(struct candidate *c, const struct packet *packet, uint64_t key)
{
	bool dropped = packet->fate == FATE_DROPPED;

	memset(c, 0, sizeof(*c));
	c->path = (struct path){
		.key = key,
		.example = packet->id,
		.nhops = packet->nhops,
		.fate = packet->fate,
		.reason = dropped ? packet->reason : 0,
		.location = dropped ? packet->location : 0,
		.first = packet->first,
		.last = packet->first,
		.flags = (uint8_t)((dropped ? PATH_DROPPED : 0) | (packet->lost ? PATH_LOST : 0) |
				   (packet->fate == FATE_LIVE ? PATH_LIVE : 0)),
	};
}

/* The candidate of that key; NULL: there are too many, or *error is -ENOMEM. */
static struct candidate *candidate_get(
	struct builder *b, const struct packet *packet, uint64_t key, int *error)
{
	uint32_t i = hashmap_get(&b->map, key);

	if (i)
		return &b->v[i - 1];
	if (b->n == PATHS_MAX)
		return NULL;
	if (b->n == b->room) {
		size_t room = b->room ? 2 * b->room : 16;
		struct candidate *v = realloc(b->v, room * sizeof(*v));

		if (!v) {
			*error = -ENOMEM;
			return NULL;
		}
		b->v = v;
		b->room = room;
	}
	if (hashmap_put(&b->map, key, (uint32_t)b->n + 1)) {
		*error = -ENOMEM;
		return NULL;
	}
	candidate_begin(&b->v[b->n], packet, key);
	return &b->v[b->n++];
}

static int count_packet(struct paths *paths, struct builder *b, const struct packet *packet)
{
	uint64_t key = path_key(b->store, (const struct packet_cell *)packet, &b->scratch);
	int error = 0;
	struct candidate *c = candidate_get(b, packet, key, &error);

	if (error)
		return error;
	paths->packets++;
	if (!c) {
		paths->others++;
		return 0;
	}
	c->path.count++;
	if (packet->first < c->path.first)
		c->path.first = packet->first;
	if (packet->first > c->path.last)
		c->path.last = packet->first;
	histogram_add(&c->time, packet->last - packet->first);
	return 0;
}

static int by_count(const void *a, const void *b)
{
	const struct path *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	if (x->last != y->last)
		return x->last < y->last ? 1 : -1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static int list_functions(struct path *path, const struct store *store)
{
	uint32_t cell = packet_find(store, path->example);
	struct hop_reader reader;
	const struct hop *hop;
	uint32_t room = path->nhops < DIFF_HOPS_MAX ? path->nhops : DIFF_HOPS_MAX;

	path->funcs = malloc((room ? room : 1) * sizeof(*path->funcs));
	if (!path->funcs)
		return -ENOMEM;
	hops_from(store, packet_at(store, cell), 0, &reader);
	while (path->nfuncs < room && (hop = hops_next(store, &reader))) {
		if (hop_kind(hop) == EVENT_FUNC)
			path->funcs[path->nfuncs++] = hop->func;
	}
	return 0;
}

/* From the candidates to what the caller gets. */
static int finish(struct paths *paths, struct builder *b)
{
	paths->v = calloc(b->n ? b->n : 1, sizeof(*paths->v));
	if (!paths->v)
		return -ENOMEM;
	for (; paths->n < b->n; paths->n++) {
		struct candidate *c = &b->v[paths->n];
		struct path *path = &paths->v[paths->n];

		*path = c->path;
		path->share = (double)path->count / (double)paths->packets;
		path->p50 = histogram_quantile(&c->time, 0.5);
		path->p99 = histogram_quantile(&c->time, 0.99);
		path->max = c->time.max;
	}
	qsort(paths->v, paths->n, sizeof(*paths->v), by_count);
	for (size_t i = 0; i < paths->n; i++) {
		struct path *path = &paths->v[i];

		if (path->count * RARE <= paths->packets && paths->v[0].count * 2 >= paths->packets)
			path->flags |= PATH_RARE;
		if (list_functions(path, b->store))
			return -ENOMEM;
	}
	return 0;
}

int paths_build(struct paths *paths, const struct store *store, uint32_t flow, size_t newest)
{
	struct builder *b = calloc(1, sizeof(*b));
	const struct packet *packet = NULL;
	uint64_t hops = 0;
	int error;

	*paths = (struct paths){ 0 };
	if (!b || hashmap_init(&b->map, 64)) {
		free(b);
		return -ENOMEM;
	}
	b->store = store;
	if (!newest || newest > PATH_PACKETS_MAX)
		newest = PATH_PACKETS_MAX;
	for (error = 0; !error && paths->packets < newest && hops < PATH_HOPS_MAX; hops += packet->nhops) {
		packet = store_flow_packet(store, flow, packet);
		if (!packet)
			break;
		error = count_packet(paths, b, packet);
	}
	if (!error)
		error = finish(paths, b);
	if (error)
		paths_free(paths);
	hashmap_fini(&b->map);
	free(b->v);
	free(b);
	return error;
}

void paths_free(struct paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->v[i].funcs);
	free(paths->v);
	*paths = (struct paths){ 0 };
}

size_t path_packets(
	const struct store *store, uint32_t flow, size_t newest, uint64_t key, uint64_t *out, size_t max)
{
	struct scratch *scratch = malloc(sizeof(*scratch));
	const struct packet *packet = NULL;
	uint64_t hops = 0;
	size_t n = 0;

	if (!newest || newest > PATH_PACKETS_MAX)
		newest = PATH_PACKETS_MAX;
	while (scratch && n < max && newest-- && hops < PATH_HOPS_MAX) {
		packet = store_flow_packet(store, flow, packet);
		if (!packet)
			break;
		hops += packet->nhops;
		if (path_key(store, (const struct packet_cell *)packet, scratch) == key)
			out[n++] = packet->id;
	}
	free(scratch);
	return n;
}
