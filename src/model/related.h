/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that belong to a packet: its answer, and others of its connection, also
 * when addresses are rewritten and the two are of different flows. They are
 * looked for among its neighbours: in its flow, and in the flows of what its
 * headers became.
 */
#ifndef SKBSCOPE_MODEL_RELATED_H
#define SKBSCOPE_MODEL_RELATED_H

#include <stddef.h>
#include <stdint.h>

#include "model/store.h"

#define RELATED_NEIGHBOURS 256 /* looked at in each flow: the nearest in time */

enum related_kind {
	RELATED_REPLY = 1,  /* ICMP echo: the other of request and reply */
	RELATED_CONNECTION, /* they had the same conntrack entry */
};

struct related {
	uint64_t id;	/* of the packet */
	uint64_t first; /* its first record */
	uint64_t apart; /* ns from the first record of the one to that of the other */
	uint8_t kind;	/* enum related_kind */
};

/*
 * Replies first, then the others, in both those nearest in time first. How many
 * were written. A conntrack entry's memory may be used again for another
 * connection: further than 10 s from the packet nothing is taken for related by it.
 */
size_t store_related(const struct store *store, const struct packet *packet, struct related *out, size_t max);

#endif
