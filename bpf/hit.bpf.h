/* SPDX-License-Identifier: GPL-2.0 */
/* A call of a function with an skb: counted, and the packet found or begun. */
#ifndef SKBSCOPE_HIT_BPF_H
#define SKBSCOPE_HIT_BPF_H

#include "birth.bpf.h"
#include "maps.bpf.h"
#include "refused.bpf.h"
#include "report.bpf.h"

static __always_inline __u32 flags_of_filter(__u32 generation)
{
	return config.filter[generation & 1].flags;
}

static __always_inline bool is_known_refused(struct cpu_stats *st, __u64 key, __u64 cookie, __u32 generation)
{
	const volatile struct refused *place = refused_place(st, key);
	__u64 skb = place->skb;

	if ((skb & ~ANY_LOOK) != key || place->generation != generation)
		return false;
	return !(COOKIE_FLAGS(cookie) & FUNC_LOOK) || skb & ANY_LOOK ||
	       place->look == look_of(st, (const void *)key, flags_of_filter(generation));
}

/* NULL: there is no packet to tell of. */
static __always_inline struct identity *count_hit(
	struct cpu_stats *st, __u64 key, __u64 cookie, __u32 seat, __u32 generation)
{
	struct identity *id;

	st->calls++;
	/* NULL, or an ERR_PTR where a driver's own XDP ate the frame */
	if (is_no_address(key)) {
		st->null_skb++;
		return NULL;
	}
	st->hits[COOKIE_FUNC(cookie) & (MAX_FUNCS - 1)]++;
	if (config.on == TRACING_COUNT || is_known_refused(st, key, cookie, generation))
		return NULL;
	id = bpf_map_lookup_elem(&identities, &key);
	/* id 0: an end could not remove it, the place is free */
	if (id && id->id)
		return id;
	if (COOKIE_FLAGS(cookie) & FUNC_NO_BIRTH) {
		st->after_free++;
		return NULL;
	}
	if (!id)
		return packet_begin(st, key, seat);
	packet_again(st, id, seat);
	return id;
}

/* On its way out, before it has headers: nothing can be said of it. As network_offset() and
 * headers_pending(). */
static __always_inline bool is_headless(const void *skb)
{
	const struct sk_buff *s;
	bool linked;

	if (!bpf_rdonly_cast)
		return false;
	s = bpf_rdonly_cast(skb, type_ids.sk_buff);
	linked = s->mac_header != HEADER_UNSET;
	if (!s->network_header || s->network_header == HEADER_UNSET)
		return !linked || !s->protocol;
	return !linked && !s->dev && s->sk && !(s->_skb_refdst & ~7ul);
}

/*
 * Refused by this filter, and it looks the same since, where that is looked at;
 * or there is nothing yet that the filter could look at.
 */
static __always_inline bool is_passed_over(
	struct cpu_stats *st, struct identity *id, __u64 key, __u64 cookie, __u32 generation, __u32 seat)
{
	__u32 flags = flags_of_filter(generation);

	if (flags & FILTER_EXPR && !id->expr)
		return is_headless((const void *)key);
	if (id->verdict != FILTER_NO || id->generation != generation)
		return false;
	if (COOKIE_FLAGS(cookie) & FUNC_LOOK && !(id->notes & NOTE_SAMPLED) &&
		id->addr_sum != look_of(st, (const void *)key, flags))
		return false;
	refused_remember(st, id, key, seat);
	return true;
}

/*
 * The same as a function of its own, for kprobes: most of their kernels read an
 * skb whole, and the verifier looked at 112,000 instructions with all this in place.
 */
__noinline __u32 report_of(__u32 seat, __u64 ts, __u64 key, __u32 where)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &key);
	struct cpu_stats *st = this_stats(seat);

	if (id && st)
		report(st, id, ts, key, where, seat);
	return 0;
}

static __always_inline void timed_report(
	struct cpu_stats *st, struct identity *id, __u64 key, __u32 where, __u32 seat, bool apart)
{
	__u64 ts = bpf_ktime_get_ns();

	if (apart)
		report_of(seat, ts, key, where);
	else
		report(st, id, ts, key, where, seat);
	if (!(st->calls & (COST_SAMPLE - 1)))
		st->cost_ns += (bpf_ktime_get_ns() - ts) * COST_SAMPLE;
}

#endif
