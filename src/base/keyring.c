/* SPDX-License-Identifier: GPL-2.0 */
#include "base/keyring.h"

#include <errno.h>
#include <stdlib.h>

int keyring_init(struct keyring *ring, size_t max)
{
	ring->max = max ? max : 1;
	ring->key = calloc(ring->max, sizeof(*ring->key));
	return !ring->key || hashmap_init(&ring->map, ring->max) ? -ENOMEM : 0;
}

void keyring_fini(struct keyring *ring)
{
	hashmap_fini(&ring->map);
	free(ring->key);
}

size_t keyring_bytes(size_t max)
{
	max = max ? max : 1;
	return max * sizeof(uint64_t) + hashmap_bytes(max);
}

size_t keyring_put(struct keyring *ring, uint64_t key)
{
	size_t i = hashmap_get(&ring->map, key);

	if (i)
		return i - 1;
	if (ring->n < ring->max) {
		i = ring->n++;
	} else {
		i = ring->oldest;
		ring->oldest = (i + 1) % ring->max;
		hashmap_del(&ring->map, ring->key[i]);
	}
	ring->key[i] = key;
	/* Cannot fail: the map has room for max keys. */
	hashmap_put(&ring->map, key, (uint32_t)i + 1);
	return i;
}
