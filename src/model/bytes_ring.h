/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes of packets (--snap), the newest that a given piece of memory holds. Of
 * a packet there are some for each copy and each time that its headers became
 * others.
 */
#ifndef SKBSCOPE_MODEL_BYTES_RING_H
#define SKBSCOPE_MODEL_BYTES_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

/* Until the next one is added. */
struct packet_bytes {
	uint64_t packet, ts;
	uint32_t copy; /* its id */
	uint32_t skb_len;
	uint32_t size;		 /* of all this, a multiple of 8 */
	uint16_t len;		 /* bytes in data */
	uint16_t l3, proto, cut; /* as in struct event_bytes */
	unsigned char data[];
};

struct bytes_ring {
	unsigned char *v; /* the caller's, aligned to 8; NULL: nothing is kept */
	size_t size;
	size_t begin, end; /* the oldest; where the next one goes */
	size_t limit;	   /* wrapped: where the upper part ends */
	bool wrapped;	   /* the oldest ones lie behind the newest */
	size_t n;
	uint64_t gone; /* that had to leave, or found no room */
};

/* What is broken or too large for it is not kept. */
void bytes_ring_add(struct bytes_ring *s, const struct event_bytes *ev, size_t size);

/*
 * Of a packet as it was at ts: the last of that copy until then, else of any,
 * else its first. NULL: there is none.
 */
const struct packet_bytes *bytes_ring_find(
	const struct bytes_ring *s, uint64_t packet, uint32_t copy, uint64_t ts);

#endif
