/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/hits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../../bpf/event.h"

#define BATCH 256u

/* As the programs have them (bpf/nft_call.bpf.h). */
struct rule_key {
	uint32_t netns, pad;
	uint64_t table, handle;
};

struct rule_count {
	uint64_t n[NF_DECISIONS];
};

int hits_init(struct hits *h, int map, unsigned int cpus)
{
	*h = (struct hits){ .map = map, .cpus = cpus };
	h->keys = calloc(BATCH, sizeof(struct rule_key));
	h->values = calloc((size_t)BATCH * cpus, sizeof(struct rule_count));
	if (h->keys && h->values && !hashmap_init(&h->known, 256))
		return 0;
	hits_fini(h);
	return -ENOMEM;
}

void hits_fini(struct hits *h)
{
	hashmap_fini(&h->known);
	free(h->total);
	free(h->keys);
	free(h->values);
	*h = (struct hits){ .map = -1 };
}

static uint64_t mixed(const struct rule_key *key)
{
	uint64_t x = key->handle * 0x9e3779b97f4a7c15ull ^ key->table;

	x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9ull ^ key->netns;
	return (x ^ x >> 32) * 0x94d049bb133111ebull;
}

/* The sum that was told of the key; NULL: no memory. */
static uint64_t *told(struct hits *h, const struct rule_key *key)
{
	uint64_t hash = mixed(key);
	uint32_t at = hashmap_get(&h->known, hash);

	if (at)
		return &h->total[at - 1];
	if (h->n == h->cap) {
		size_t cap = h->cap ? 2 * h->cap : 256;
		uint64_t *more = realloc(h->total, cap * sizeof(*more));

		if (!more)
			return NULL;
		h->total = more;
		h->cap = cap;
	}
	if (hashmap_put(&h->known, hash, (uint32_t)h->n + 1))
		return NULL;
	h->total[h->n] = 0;
	return &h->total[h->n++];
}

static void tell(
	struct hits *h, const struct rule_key *key, const struct rule_count *cpu, hits_put_fn put, void *ctx)
{
	struct event_rule_hits rec = {
		.ev.type = EVENT_RULE_HITS, .ev.netns = key->netns, .table = key->table, .handle = key->handle
	};
	uint64_t sum = 0, *before = told(h, key);

	for (unsigned int c = 0; c < h->cpus; c++) {
		for (int i = 0; i < NF_DECISIONS; i++) {
			rec.n[i] += cpu[c].n[i];
			sum += cpu[c].n[i];
		}
	}
	if (before && *before == sum)
		return;
	put(ctx, &rec, sizeof(rec));
	if (before)
		*before = sum;
}

int hits_read(struct hits *h, hits_put_fn put, void *ctx)
{
	const struct rule_key *keys = h->keys;
	const struct rule_count *values = h->values;
	uint32_t at, next;
	bool first = true;
	int err = 0;

	while (!err) {
		__u32 n = BATCH;

		err = bpf_map_lookup_batch(h->map, first ? NULL : &at, &next, h->keys, h->values, &n, NULL)
			      ? -errno
			      : 0;
		if (err && err != -ENOENT) /* -ENOENT: these are the last */
			break;
		for (__u32 i = 0; i < n; i++)
			tell(h, &keys[i], &values[(size_t)i * h->cpus], put, ctx);
		at = next;
		first = false;
	}
	return err == -ENOENT ? 0 : err;
}
