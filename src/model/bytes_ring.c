/* SPDX-License-Identifier: GPL-2.0 */
#include "model/bytes_ring.h"

#include <string.h>

#define SHARE 4 /* of the memory, that a single one may take */

static const struct packet_bytes *at(const struct bytes_ring *s, size_t place)
{
	return (const struct packet_bytes *)(s->v + place);
}

static size_t next(const struct bytes_ring *s, size_t place)
{
	place += at(s, place)->size;
	return s->wrapped && place >= s->limit ? 0 : place;
}

static void drop_oldest(struct bytes_ring *s)
{
	s->begin += at(s, s->begin)->size;
	s->gone++;
	if (s->wrapped && s->begin >= s->limit) {
		s->begin = 0;
		s->wrapped = false;
	}
	if (--s->n)
		return;
	s->begin = s->end = 0;
	s->wrapped = false;
}

/* Where so many bytes fit: the oldest ones leave for them. */
static size_t make_room(struct bytes_ring *s, size_t size)
{
	for (;;) {
		if (!s->wrapped && s->size - s->end >= size)
			return s->end;
		if (!s->wrapped) {
			s->limit = s->end;
			s->end = 0;
			s->wrapped = true;
		}
		if (s->begin - s->end >= size)
			return s->end;
		drop_oldest(s);
	}
}

void bytes_ring_add(struct bytes_ring *s, const struct event_bytes *ev, size_t size)
{
	size_t all = (sizeof(struct packet_bytes) + ev->len + 7) / 8 * 8;
	struct packet_bytes *snap;

	if (size < sizeof(*ev) || size - sizeof(*ev) < ev->len || ev->l3 > ev->len || !ev->len)
		return;
	if (!s->v || all > s->size / SHARE) {
		s->gone++;
		return;
	}
	snap = (struct packet_bytes *)(s->v + make_room(s, all));
	*snap = (struct packet_bytes){
		.packet = ev->ev.packet,
		.ts = ev->ev.ts,
		.copy = ev->ev.copy,
		.skb_len = ev->ev.len,
		.size = (uint32_t)all,
		.len = ev->len,
		.l3 = ev->l3,
		.proto = ev->proto,
		.cut = ev->cut,
	};
	memcpy(snap->data, ev->data, ev->len);
	s->end += all;
	s->n++;
}

const struct packet_bytes *bytes_ring_find(
	const struct bytes_ring *s, uint64_t packet, uint32_t copy, uint64_t ts)
{
	const struct packet_bytes *same = NULL, *any = NULL, *first = NULL;
	size_t place = s->begin;

	for (size_t i = 0; i < s->n; i++, place = next(s, place)) {
		const struct packet_bytes *snap = at(s, place);

		if (snap->packet != packet)
			continue;
		if (!first || snap->ts < first->ts)
			first = snap;
		if (snap->ts > ts)
			continue;
		if (!any || snap->ts >= any->ts)
			any = snap;
		if (snap->copy == copy && (!same || snap->ts >= same->ts))
			same = snap;
	}
	return same ? same : any ? any : first;
}
