/* SPDX-License-Identifier: GPL-2.0 */
/* States of conntrack entries, each kept once, so many of the newest. */
#ifndef SKBSCOPE_MODEL_CONNTRACK_RING_H
#define SKBSCOPE_MODEL_CONNTRACK_RING_H

#include "base/keyring.h"
#include "model/conntrack.h"

struct conntrack_ring {
	struct keyring keys; /* of what a state says */
	struct conntrack *v;
	uint32_t last_no;
};

int conntrack_ring_init(struct conntrack_ring *ring, size_t max); /* 0 or -ENOMEM */
void conntrack_ring_fini(struct conntrack_ring *ring);
size_t conntrack_ring_bytes(size_t n); /* that so many states take */

/* What the record tells; it has no number yet. */
struct conntrack conntrack_of(const struct event_ct *event);

/* The number of what the record tells: an old one when it was told before. */
uint32_t conntrack_note(struct conntrack_ring *ring, const struct event_ct *event);
const struct conntrack *conntrack_get(const struct conntrack_ring *ring, uint32_t no); /* NULL: it left */

#endif
