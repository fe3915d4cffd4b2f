/* SPDX-License-Identifier: GPL-2.0 */
/* What became of a packet's headers, copy by copy. */
#include "model/store_private.h"

#include <string.h>

#define CT_ADDRESS (~7ull) /* the rest is its enum ip_conntrack_info */

struct change_ref {
	struct wire_tuple *tuple;
	uint64_t *ct;
};

static struct change_ref change_at(struct store *store, uint32_t ref)
{
	union cell *cell = &store->cells[ref >> 2];
	struct change *change;

	if ((ref & 3) == IN_PACKET)
		return (struct change_ref){ &cell->packet.pub.tuple, &cell->packet.change_ct };
	change = &cell->changes.change[ref & 3];
	return (struct change_ref){ &change->tuple, &change->ct };
}

/* Changes in the last cell: all but the one in the packet are in cells. */
static uint32_t last_cell_changes(const struct packet_cell *p)
{
	return (p->pub.nchanges - 2) % CELL_CHANGES + 1;
}

static uint32_t newest_change(const struct packet_cell *p, uint32_t cell)
{
	return p->last_changes ? slot_ref(p->last_changes, last_cell_changes(p) - 1)
			       : slot_ref(cell, IN_PACKET);
}

static bool change_append(
	struct store *store, uint32_t cell, struct copy_slot *copy, const struct change *change)
{
	struct packet_cell *p = packet_at(store, cell);
	uint32_t n = p->last_changes ? last_cell_changes(p) : CELL_CHANGES;

	if (n == CELL_CHANGES) {
		uint32_t more = cell_take(store, cell);

		if (!more)
			return false;
		store->cells[more].changes.next = 0;
		if (p->last_changes)
			store->cells[p->last_changes].changes.next = more;
		else
			p->first_changes = more;
		p->last_changes = more;
		n = 0;
	}
	store->cells[p->last_changes].changes.change[n] = *change;
	copy->change = slot_ref(p->last_changes, n);
	p->pub.nchanges++;
	return true;
}

static void change_first(struct packet_cell *p, uint32_t cell, struct copy_slot *copy, uint16_t index,
	const struct event_full *full)
{
	p->pub.tuple = full->tuple;
	/* less than a header is shown when there is nothing else, but it is no beginning */
	if (!tuple_complete(&full->tuple))
		return;
	p->change_ts = full->ev.ts;
	p->change_ct = full->ct;
	p->change_copy = index;
	p->pub.nchanges = 1;
	copy->change = slot_ref(cell, IN_PACKET);
}

bool change_note(struct store *store, uint32_t cell, struct copy_slot *copy, uint16_t index,
	const struct event_full *full)
{
	struct packet_cell *p = packet_at(store, cell);
	struct change change = { .ts = full->ev.ts, .ct = full->ct, .tuple = full->tuple, .copy = index };
	struct change_ref last;
	bool other_ct, less;

	if (!p->pub.nchanges) {
		change_first(p, cell, copy, index, full);
		return true;
	}
	if (!copy->change) /* nobody knows what it was made from */
		copy->change = newest_change(p, cell);
	last = change_at(store, copy->change);
	other_ct = full->ct && *last.ct && (full->ct ^ *last.ct) & CT_ADDRESS;
	less = tuple_less(&full->tuple, last.tuple);
	if (other_ct || (!less && tuple_changed(last.tuple, &full->tuple))) {
		if (less)
			change.tuple = *last.tuple;
		if (!full->ct)
			change.ct = *last.ct;
		return change_append(store, cell, copy, &change);
	}
	/* The same, but better known now. */
	if (!less && last.tuple->flags & TUPLE_SOCKET)
		*last.tuple = full->tuple;
	if (full->ct)
		*last.ct = full->ct;
	return true;
}

void changes_free(struct store *store, const struct packet_cell *p)
{
	for (uint32_t cell = p->first_changes, next; cell; cell = next) {
		next = store->cells[cell].changes.next;
		cell_give(store, cell);
	}
}

size_t store_changes(const struct store *store, const struct packet *packet, struct change *out, size_t max)
{
	const struct packet_cell *p = (const struct packet_cell *)packet;
	size_t n = 0, total = p->pub.nchanges;
	uint32_t cell = p->first_changes;

	if (max && total)
		out[n++] = (struct change){
			.ts = p->change_ts, .ct = p->change_ct, .tuple = p->pub.tuple, .copy = p->change_copy
		};
	for (; n < max && n < total; n++) {
		size_t i = (n - 1) % CELL_CHANGES, at;
		struct change next = store->cells[cell].changes.change[i];

		/* They are as they came, and that is nearly sorted. */
		for (at = n; at && out[at - 1].ts > next.ts; at--)
			out[at] = out[at - 1];
		out[at] = next;
		if (i == CELL_CHANGES - 1)
			cell = store->cells[cell].changes.next;
	}
	return n;
}

/* The change with that number in the order they came. */
static const struct change *next_change(const struct store *store, const struct packet_cell *p, size_t n,
	uint32_t *cell, struct change *first)
{
	const struct change *change;

	if (!n) {
		*first = (struct change){
			.ts = p->change_ts, .ct = p->change_ct, .tuple = p->pub.tuple, .copy = p->change_copy
		};
		*cell = p->first_changes;
		return first;
	}
	change = &store->cells[*cell].changes.change[(n - 1) % CELL_CHANGES];
	if ((n - 1) % CELL_CHANGES == CELL_CHANGES - 1)
		*cell = store->cells[*cell].changes.next;
	return change;
}

/* The last change of that copy until ts; of any copy when it is COPY_UNKNOWN. */
static bool last_change(const struct store *store, const struct packet_cell *p, uint16_t copy, uint64_t ts,
	struct change *out)
{
	const struct change *change;
	struct change first;
	uint32_t cell = 0;
	bool found = false;

	for (size_t n = 0; n < p->pub.nchanges; n++) {
		change = next_change(store, p, n, &cell, &first);
		if (copy != COPY_UNKNOWN && change->copy != copy)
			continue;
		if (change->ts > ts || (found && change->ts < out->ts))
			continue;
		*out = *change;
		found = true;
	}
	return found;
}

bool store_change_at(
	const struct store *store, const struct packet *packet, const struct hop *hop, struct change *out)
{
	const struct packet_cell *p = (const struct packet_cell *)packet;
	const struct copy *copy = store_copy(store, packet, hop->copy);
	uint16_t index = hop->copy;
	uint64_t ts = hop->ts;

	if (!p->pub.nchanges)
		return false;
	while (copy) {
		if (last_change(store, p, index, ts, out))
			return true;
		if (copy->first < ts)
			ts = copy->first;
		/* parents are met before, so that this ends */
		if (copy->parent >= index)
			break;
		index = copy->parent;
		copy = store_copy(store, packet, index);
	}
	/* made from nobody knows what: so it was taken to begin as the packet was then */
	return last_change(store, p, COPY_UNKNOWN, ts, out);
}
