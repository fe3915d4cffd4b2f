/* SPDX-License-Identifier: GPL-2.0 */
#include "export/pcapng/snap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/frame.h"

#define ADDRESSES 12u
#define ETHERNET 14u
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8

struct snap *snap_new(const struct event *ev, size_t size)
{
	const struct event_bytes *bytes = (const struct event_bytes *)ev;
	struct snap *snap;

	if (ev->type != EVENT_BYTES || size < sizeof(*bytes) || !bytes->len || bytes->len > SNAP_MAX ||
		bytes->len > size - sizeof(*bytes) || bytes->l3 >= bytes->len)
		return NULL;
	snap = malloc(sizeof(*snap) + bytes->len);
	if (!snap)
		return NULL;
	*snap = (struct snap){ .holders = 1,
		.packet = ev->packet,
		.ts = ev->ts,
		.copy = ev->copy,
		.len = bytes->len,
		.l3 = bytes->l3,
		.proto = bytes->proto };
	memcpy(snap->data, bytes->data, bytes->len);
	return snap;
}

struct snap *snap_hold(struct snap *snap)
{
	if (snap)
		snap->holders++;
	return snap;
}

void snap_drop(struct snap *snap)
{
	if (snap && !--snap->holders)
		free(snap);
}

size_t snap_bytes(const struct snap *snap)
{
	return snap ? sizeof(*snap) + snap->len : 0;
}

static uint16_t be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint8_t *put16(uint8_t *at, uint16_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
	return at + 2;
}

/* Other link layers have headers as well: Ethernet's ends with what the packet is. */
static bool has_ethernet(const struct snap *snap)
{
	return snap->l3 >= ETHERNET && be16(snap->data + snap->l3 - 2) == snap->proto;
}

static bool is_tagged(const struct snap *snap)
{
	uint16_t type = be16(snap->data + ADDRESSES);

	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ;
}

/* Of a packet without one: no addresses. */
static uint8_t *put_link(uint8_t *at, const struct snap *snap, const struct wire_tuple *tuple)
{
	bool ethernet = has_ethernet(snap);

	if (ethernet)
		memcpy(at, snap->data, ADDRESSES);
	else
		memset(at, 0, ADDRESSES);
	at += ADDRESSES;
	if (tuple->flags & TUPLE_VLAN && !(ethernet && is_tagged(snap))) {
		at = put16(at, ETHERTYPE_VLAN);
		at = put16(at, tuple->vlan & 0xfff);
	}
	if (!ethernet)
		return put16(at, snap->proto);
	memcpy(at, snap->data + ADDRESSES, snap->l3 - ADDRESSES);
	return at + snap->l3 - ADDRESSES;
}

void snap_frame(struct snap_frame *out, const struct snap *snap, const struct wire_tuple *tuple, uint32_t len)
{
	struct frame frame;
	uint8_t *at;
	uint32_t link, whole;

	if (!snap) {
		frame_build(&frame, tuple, len, FRAME_KNOWN);
		memcpy(out->data, frame.data, frame.len);
		out->len = frame.len;
		out->whole = frame.whole;
		return;
	}
	at = put_link(out->data, snap, tuple);
	link = (uint32_t)(at - out->data);
	memcpy(at, snap->data + snap->l3, snap->len - snap->l3);
	out->len = link + snap->len - snap->l3;
	whole = len > UINT32_MAX - link ? UINT32_MAX : link + len;
	out->whole = whole > out->len ? whole : out->len;
}
