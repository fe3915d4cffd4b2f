/* SPDX-License-Identifier: GPL-2.0 */
#include "model/conntrack_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CT_INFO 7u	  /* low bits of skb->_nfct */
#define INFO_INVALID 6u	  /* no enum ip_conntrack_info: without an entry */
#define INFO_UNTRACKED 7u /* has none either */

_Static_assert(sizeof(struct conntrack) == 128, "compared and hashed as words, without padding");

int conntrack_ring_init(struct conntrack_ring *ring, size_t max)
{
	int error = keyring_init(&ring->keys, max);

	ring->v = calloc(ring->keys.max, sizeof(*ring->v));
	return error ? error : ring->v ? 0 : -ENOMEM;
}

void conntrack_ring_fini(struct conntrack_ring *ring)
{
	keyring_fini(&ring->keys);
	free(ring->v);
}

size_t conntrack_ring_bytes(size_t max)
{
	return (max ? max : 1) * sizeof(struct conntrack) + keyring_bytes(max);
}

/* What makes it another state: the time that is left always differs. */
static struct conntrack essence(const struct conntrack *ct)
{
	struct conntrack same = *ct;

	same.no = 0;
	same.timeout = 0;
	return same;
}

static uint64_t hash_of(const struct conntrack *essence)
{
	uint64_t word[sizeof(*essence) / sizeof(uint64_t)], hash = 0;

	memcpy(word, essence, sizeof(word));
	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		hash = hash_u64(hash ^ word[i]);
	return hash;
}

struct conntrack conntrack_of(const struct event_ct *event)
{
	struct conntrack ct = {
		.netns = event->ev.netns,
		.entry = event->ct & ~(uint64_t)CT_INFO,
		.status = event->status,
		.mark = event->mark,
		.timeout = event->timeout,
		.zone = event->zone,
		.tcp_state = event->tcp_state,
		.info = (uint8_t)(event->ct & CT_INFO),
		.original = event->original,
		.reply = event->reply,
	};

	if (!ct.entry && ct.info != INFO_UNTRACKED)
		ct.info = INFO_INVALID;
	return ct;
}

uint32_t conntrack_note(struct conntrack_ring *ring, const struct event_ct *event)
{
	struct conntrack told = conntrack_of(event), ct = essence(&told);
	uint64_t key;
	uint32_t i;

	for (key = hash_of(&ct); (i = keyring_get(&ring->keys, key)); key++) {
		struct conntrack known = essence(&ring->v[i - 1]);

		if (!memcmp(&known, &ct, sizeof(ct)))
			return ring->v[i - 1].no;
	}
	/* places are given in turn, as numbers are: the one tells the other */
	ct.no = ++ring->last_no;
	ct.timeout = event->timeout;
	ring->v[keyring_put(&ring->keys, key)] = ct;
	return ct.no;
}

const struct conntrack *conntrack_get(const struct conntrack_ring *ring, uint32_t no)
{
	const struct conntrack *ct = no && ring->v ? &ring->v[(no - 1) % ring->keys.max] : NULL;

	return ct && ct->no == no ? ct : NULL;
}
