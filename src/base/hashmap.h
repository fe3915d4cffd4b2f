/* SPDX-License-Identifier: GPL-2.0 */
/*
 * u64 → u32, for the hot path: open addressing, one probe is mostly one cache
 * line, nothing is allocated but when it grows. A value is never 0: 0 means
 * "no such key" (keep an index + 1).
 */
#ifndef SKBSCOPE_BASE_HASHMAP_H
#define SKBSCOPE_BASE_HASHMAP_H

#include <stddef.h>
#include <stdint.h>

struct hashmap_entry {
	uint64_t key;
	uint32_t value; /* 0: free */
	uint32_t pad;
};

struct hashmap {
	struct hashmap_entry *v;
	size_t mask; /* slots - 1 */
	size_t n;
};

/* Spreads any key, also ones that count up, over all 64 bits. */
static inline uint64_t hash_u64(uint64_t key)
{
	key ^= key >> 32;
	key *= 0x9e3779b97f4a7c15ULL;
	key ^= key >> 29;
	key *= 0xbf58476d1ce4e5b9ULL;
	return key ^ key >> 32;
}

/* Room for expected keys before it grows. 0 or -ENOMEM. */
int hashmap_init(struct hashmap *map, size_t expected);
void hashmap_fini(struct hashmap *map);

/* Bytes that a map takes after expected keys were put. */
size_t hashmap_bytes(size_t expected);

static inline uint32_t hashmap_get(const struct hashmap *map, uint64_t key)
{
	size_t i = hash_u64(key) & map->mask;

	while (map->v[i].value) {
		if (map->v[i].key == key)
			return map->v[i].value;
		i = (i + 1) & map->mask;
	}
	return 0;
}

/* Adds or replaces. 0, -EINVAL (value 0) or -ENOMEM. */
int hashmap_put(struct hashmap *map, uint64_t key, uint32_t value);

/* Removes; returns the value it had, 0 when it was not there. */
uint32_t hashmap_del(struct hashmap *map, uint64_t key);

#endif
