/* SPDX-License-Identifier: GPL-2.0 */
/* Keys and where they are in an array of the owner's; the oldest one's place is taken when it is full. */
#ifndef SKBSCOPE_BASE_KEYRING_H
#define SKBSCOPE_BASE_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "base/hashmap.h"

struct keyring {
	struct hashmap map; /* key → index + 1 */
	uint64_t *key;
	size_t n, max;
	size_t oldest; /* replaced next when max is reached */
};

/* 0 or -ENOMEM; what is zeroed may be given to keyring_fini(). */
int keyring_init(struct keyring *ring, size_t max);
void keyring_fini(struct keyring *ring);
size_t keyring_bytes(size_t max); /* that a ring of so many takes */

/* Index of the key; it gets one when it has none. */
size_t keyring_put(struct keyring *ring, uint64_t key);

/* Index + 1, 0: no such key. */
static inline uint32_t keyring_get(const struct keyring *ring, uint64_t key)
{
	return hashmap_get(&ring->map, key);
}

#endif
