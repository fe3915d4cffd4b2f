/* SPDX-License-Identifier: GPL-2.0 */
#include "model/quote.h"

#include <string.h>

#include "model/store_private.h"

#define LOOKED 4096 /* packets of the flow that are compared */
#define CHANGES_LOOKED 8u

void quote_add(struct store *store, const struct event_quote *quote)
{
	struct quote *q = &store->quotes[store->nquotes++ % store->quotes_max];

	*q = (struct quote){ .error = quote->ev.packet, .ts = quote->ev.ts, .tuple = quote->tuple };
}

/* Newest first; NULL: no more. */
static const struct quote *quote_before(const struct store *store, size_t i)
{
	size_t n = store->nquotes;

	return i < n && i < store->quotes_max ? &store->quotes[(n - 1 - i) % store->quotes_max] : NULL;
}

static const struct quote *quote_by(const struct store *store, uint64_t error)
{
	const struct quote *q;

	for (size_t i = 0; (q = quote_before(store, i)); i++) {
		if (q->error == error)
			return q;
	}
	return NULL;
}

const struct wire_tuple *store_quote(const struct store *store, const struct packet *error)
{
	const struct quote *q = quote_by(store, error->id);

	return q ? &q->tuple : NULL;
}

static bool same_headers(const struct wire_tuple *a, const struct wire_tuple *b)
{
	return a->family == b->family && a->proto == b->proto && a->sport == b->sport &&
	       a->dport == b->dport && !memcmp(a->saddr, b->saddr, sizeof(a->saddr)) &&
	       !memcmp(a->daddr, b->daddr, sizeof(a->daddr));
}

static bool had_headers(
	const struct store *store, const struct packet *packet, const struct wire_tuple *tuple)
{
	struct change changes[CHANGES_LOOKED];
	size_t n = store_changes(store, packet, changes, CHANGES_LOOKED);

	for (size_t i = 0; i < n; i++) {
		if (same_headers(&changes[i].tuple, tuple))
			return true;
	}
	return false;
}

uint64_t store_quoted(const struct store *store, const struct packet *error)
{
	const struct quote *q = quote_by(store, error->id);
	const struct flow *flow = q ? flow_of_tuple(store, &q->tuple) : NULL;
	const struct packet *packet = NULL;

	/* behind NAT the flow has another name: not found here, but from the packet's side */
	for (int i = 0; flow && i < LOOKED; i++) {
		packet = store_flow_packet(store, flow->no, packet);
		if (!packet)
			break;
		if (packet->first <= error->first && packet->id != error->id &&
			had_headers(store, packet, &q->tuple))
			return packet->id;
	}
	return 0;
}

/* Whether a younger packet of its flow has the same headers and came before that time. */
static bool is_nearest(const struct store *store, const struct packet *packet, const struct quote *q)
{
	const struct packet *other = NULL;

	for (int i = 0; i < LOOKED; i++) {
		other = store_flow_packet(store, packet->flow, other);
		if (!other || other == packet)
			return other == packet;
		if (other->first <= q->ts && other->id != q->error && had_headers(store, other, &q->tuple))
			return false;
	}
	return false;
}

uint64_t store_error_about(const struct store *store, const struct packet *packet)
{
	const struct quote *q;

	for (size_t i = 0; (q = quote_before(store, i)); i++) {
		if (q->ts >= packet->first && q->error != packet->id &&
			had_headers(store, packet, &q->tuple) && is_nearest(store, packet, q))
			return q->error;
	}
	return 0;
}
