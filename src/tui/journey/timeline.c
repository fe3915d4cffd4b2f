/* SPDX-License-Identifier: GPL-2.0 */
#include "timeline.h"

#include <stdlib.h>
#include <string.h>

#include "lines.h"

void timeline_fini(struct timeline *tl)
{
	free(tl->hop);
	free(tl->copy);
	free(tl->change);
	free(tl->line);
	free(tl->order);
	free(tl->from);
	free(tl->child);
	free(tl->next);
	free(tl->fold);
	memset(tl, 0, sizeof(*tl));
}

void timeline_clear(struct timeline *tl)
{
	tl->packet.id = 0;
	tl->nhops = tl->ncopies = tl->nchanges = tl->n = 0;
	if (tl->fold)
		memset(tl->fold, FOLD_AUTO, tl->copy_cap + 1);
}

/* An array that holds n elements; false: no memory, and it is what it was. */
static bool grow(void *array, size_t size, size_t n)
{
	void **at = array, *more = reallocarray(*at, n, size);

	if (more)
		*at = more;
	return more;
}

static bool room_for_hops(struct timeline *tl, size_t n)
{
	size_t cap = tl->hop_cap ? tl->hop_cap : 64;

	if (n <= tl->hop_cap && n <= tl->order_cap)
		return true;
	while (cap < n)
		cap *= 2;
	if (!grow(&tl->hop, sizeof(*tl->hop), cap))
		return false;
	tl->hop_cap = cap;
	if (!grow(&tl->order, sizeof(*tl->order), cap))
		return false;
	tl->order_cap = cap;
	return true;
}

static bool room_for_copies(struct timeline *tl, size_t n)
{
	size_t cap = tl->copy_cap ? tl->copy_cap : 4;

	if (n <= tl->copy_cap)
		return true;
	while (cap < n)
		cap *= 2;
	/* One more: for the records of copies that were too many. */
	if (!grow(&tl->copy, sizeof(*tl->copy), cap) || !grow(&tl->from, sizeof(*tl->from), cap + 2) ||
		!grow(&tl->child, sizeof(*tl->child), cap + 1) ||
		!grow(&tl->next, sizeof(*tl->next), cap + 1) || !grow(&tl->fold, sizeof(*tl->fold), cap + 1))
		return false;
	memset(tl->fold + tl->copy_cap, FOLD_AUTO, cap + 1 - tl->copy_cap);
	tl->copy_cap = cap;
	return true;
}

static bool room_for_changes(struct timeline *tl, size_t n)
{
	if (n <= tl->change_cap)
		return true;
	if (!grow(&tl->change, sizeof(*tl->change), n * 2))
		return false;
	tl->change_cap = n * 2;
	return true;
}

static bool same(const struct packet *a, const struct packet *b)
{
	return a->id == b->id && a->nhops == b->nhops && a->ncopies == b->ncopies && a->fate == b->fate &&
	       a->nchanges == b->nchanges && a->lost == b->lost && a->live == b->live;
}

void timeline_read(
	struct timeline *tl, const struct store *store, const struct probe_table *probes, uint64_t id)
{
	const struct packet *packet = store_packet(store, id);
	const struct copy *copy;
	size_t n;

	tl->probes = probes;
	if (!packet || (same(packet, &tl->packet) && tl->n))
		return;
	if (tl->packet.id != id)
		timeline_clear(tl);
	n = packet->nhops < TIMELINE_HOPS_MAX ? packet->nhops : TIMELINE_HOPS_MAX;
	if (!room_for_hops(tl, n) || !room_for_copies(tl, packet->ncopies) ||
		!room_for_changes(tl, packet->nchanges))
		return;
	tl->packet = *packet;
	n = store_hops(store, packet, 0, tl->hop, n);
	tl->nhops = n < TIMELINE_HOPS_MAX ? n : TIMELINE_HOPS_MAX;
	tl->ncopies = packet->ncopies;
	/* From the last one on: that is how the store finds them fastest. */
	for (n = tl->ncopies; n--;) {
		copy = store_copy(store, packet, n);
		if (copy)
			tl->copy[n] = *copy;
	}
	tl->nchanges = store_changes(store, packet, tl->change, packet->nchanges);
	lines_make(tl);
}

const struct copy *timeline_copy(const struct timeline *tl, uint16_t copy)
{
	return copy < tl->ncopies ? &tl->copy[copy] : NULL;
}

void timeline_fold(struct timeline *tl, uint16_t copy)
{
	if (copy > tl->ncopies)
		return;
	tl->fold[copy] = timeline_folded(tl, copy) ? FOLD_OPEN : FOLD_CLOSED;
	lines_make(tl);
}
