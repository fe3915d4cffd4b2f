/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that the filter has just refused, known by a seat: most calls of a
 * busy box are by such a packet, and looking it up in the map of identities
 * would cost more than all else. At most one seat knows a packet, and its
 * identity says which, so that its end, or another answer, can make that seat
 * forget it.
 */
#ifndef SKBSCOPE_REFUSED_BPF_H
#define SKBSCOPE_REFUSED_BPF_H

#include "maps.bpf.h"

#define ANY_LOOK 1ull

/* Consecutive skbs lie 256 bytes apart. */
static __always_inline volatile struct refused *refused_place(struct cpu_stats *st, __u64 key)
{
	return &st->known[key >> 8 & (REFUSED_KNOWN - 1)];
}

/* Another CPU may put another packet there meanwhile: then that one is looked up once more. */
static __always_inline void refused_forget(struct identity *id, __u64 key)
{
	volatile struct refused *place;
	struct cpu_stats *st;

	if (!id->known_at)
		return;
	st = this_stats(id->known_at - 1);
	id->known_at = 0;
	if (!st)
		return;
	place = refused_place(st, key);
	if ((place->skb & ~ANY_LOOK) == key)
		place->skb = 0;
}

static __always_inline void refused_remember(struct cpu_stats *st, struct identity *id, __u64 key, __u32 seat)
{
	volatile struct refused *place = refused_place(st, key);

	if (id->known_at != seat + 1)
		refused_forget(id, key);
	id->known_at = seat + 1;
	place->generation = id->generation;
	place->look = id->addr_sum;
	place->skb = key | (id->notes & NOTE_SAMPLED ? ANY_LOOK : 0);
}

#endif
