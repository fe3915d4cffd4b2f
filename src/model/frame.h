/* SPDX-License-Identifier: GPL-2.0 */
/* An Ethernet frame as far as the records of a packet tell it: for pcapng, and for tcpdump filters on
 * recordings. */
#ifndef SKBSCOPE_MODEL_FRAME_H
#define SKBSCOPE_MODEL_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

#define FRAME_MAX 128u

enum frame_extent {
	FRAME_KNOWN, /* ends where something is not known: of TCP the ports only */
	FRAME_WHOLE, /* headers whole, what is not known is 0: to be asked by a filter */
};

struct frame {
	uint8_t data[FRAME_MAX];
	uint32_t len;	/* bytes in data */
	uint32_t whole; /* length of the frame on the wire; at least len */
};

/*
 * len: of the packet from its network header on (its IP length); less than its headers take
 * counts as these. MAC addresses, TTL and IP id are zero. Options of IPv4 and extension
 * headers of IPv6 are not told by a tuple: none stand in the frame, its lengths count them.
 * Checksums are right where all that they cover is known, else 0.
 */
void frame_build(struct frame *out, const struct wire_tuple *tuple, uint32_t len, enum frame_extent extent);

#endif
