/* SPDX-License-Identifier: GPL-2.0 */
#include "base/hashmap.h"

#include <errno.h>
#include <stdlib.h>

/* At most half of the slots are used: probes stay short. */
static size_t slots_for(size_t expected)
{
	size_t slots = 16;

	while (slots / 2 < expected)
		slots *= 2;
	return slots;
}

int hashmap_init(struct hashmap *map, size_t expected)
{
	size_t slots = slots_for(expected);

	map->v = calloc(slots, sizeof(*map->v));
	map->mask = slots - 1;
	map->n = 0;
	return map->v ? 0 : -ENOMEM;
}

void hashmap_fini(struct hashmap *map)
{
	free(map->v);
	map->v = NULL;
	map->n = 0;
}

size_t hashmap_bytes(size_t expected)
{
	return slots_for(expected) * sizeof(struct hashmap_entry);
}

static void insert(struct hashmap *map, uint64_t key, uint32_t value)
{
	size_t i = hash_u64(key) & map->mask;

	while (map->v[i].value && map->v[i].key != key)
		i = (i + 1) & map->mask;
	map->n += !map->v[i].value;
	map->v[i].key = key;
	map->v[i].value = value;
}

static int grow(struct hashmap *map)
{
	struct hashmap next;

	if (hashmap_init(&next, map->mask + 1))
		return -ENOMEM;
	for (size_t i = 0; i <= map->mask; i++) {
		if (map->v[i].value)
			insert(&next, map->v[i].key, map->v[i].value);
	}
	free(map->v);
	*map = next;
	return 0;
}

int hashmap_put(struct hashmap *map, uint64_t key, uint32_t value)
{
	if (!value)
		return -EINVAL;
	if (map->n >= (map->mask + 1) / 2 && !hashmap_get(map, key) && grow(map))
		return -ENOMEM;
	insert(map, key, value);
	return 0;
}

uint32_t hashmap_del(struct hashmap *map, uint64_t key)
{
	size_t i = hash_u64(key) & map->mask, hole;
	uint32_t value;

	while (map->v[i].value && map->v[i].key != key)
		i = (i + 1) & map->mask;
	value = map->v[i].value;
	if (!value)
		return 0;
	/* Closes the gap instead of leaving a tombstone: move back whoever may. */
	hole = i;
	for (;;) {
		size_t home;

		i = (i + 1) & map->mask;
		if (!map->v[i].value)
			break;
		home = hash_u64(map->v[i].key) & map->mask;
		if (((i - home) & map->mask) >= ((i - hole) & map->mask)) {
			map->v[hole] = map->v[i];
			hole = i;
		}
	}
	map->v[hole].value = 0;
	map->n--;
	return value;
}
