/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes of a packet that were recorded, and the frame that is made of them. */
#ifndef SKBSCOPE_EXPORT_PCAPNG_SNAP_H
#define SKBSCOPE_EXPORT_PCAPNG_SNAP_H

#include <stddef.h>
#include <stdint.h>

#include "../../../bpf/event.h"

#define SNAP_FRAME_MAX (SNAP_MAX + 18u) /* with an Ethernet header and a tag */

/* Several hold it; the last one frees it. */
struct snap {
	unsigned int holders;
	uint64_t packet, ts;
	uint32_t copy;
	uint16_t len, l3, proto;
	uint8_t data[];
};

/* Of an EVENT_BYTES, held once; NULL: it is cut or has nothing to show, or no memory. */
struct snap *snap_new(const struct event *ev, size_t size);
struct snap *snap_hold(struct snap *snap);  /* NULL stays NULL */
void snap_drop(struct snap *snap);	    /* NULL is fine */
size_t snap_bytes(const struct snap *snap); /* of memory */

struct snap_frame {
	uint32_t len, whole;
	uint8_t data[SNAP_FRAME_MAX];
};

/*
 * From the link layer header on when there is one of Ethernet, else behind one that is made.
 * The tag of the tuple is put in where the frame has none. len: of the packet from its network
 * header on. snap NULL: as far as the tuple tells (model/frame.h).
 */
void snap_frame(
	struct snap_frame *out, const struct snap *snap, const struct wire_tuple *tuple, uint32_t len);

#endif
