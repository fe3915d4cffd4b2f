/* SPDX-License-Identifier: GPL-2.0 */
/* A call of a function with an skb: counted, and the packet found or begun. */
#ifndef SKBSCOPE_HIT_BPF_H
#define SKBSCOPE_HIT_BPF_H

#include "maps.bpf.h"
#include "report.bpf.h"

/* x86-64: the kernel's half without its last page, where error pointers point. */
#define KERNEL_ADDRESSES 0xff00000000000000ull
#define KERNEL_ADDRESSES_SIZE (0 - KERNEL_ADDRESSES - 4096)

static __always_inline struct identity *packet_begin(struct cpu_stats *st, __u64 key, __u32 seat)
{
	struct identity fresh = {};

	fresh.id = st->next_id * config.seats + seat + 1;
	if (bpf_map_update_elem(&identities, &key, &fresh, BPF_NOEXIST)) {
		st->id_full++;
		return NULL;
	}
	st->next_id++;
	return bpf_map_lookup_elem(&identities, &key);
}

/* A clone that has only its verdict yet; or another packet in the place of one that has ended. */
static __always_inline void packet_again(struct cpu_stats *st, struct identity *id, __u32 seat)
{
	id->id = st->next_id++ * config.seats + seat + 1;
	id->head = 0;
}

/* NULL: there is no packet to tell of. */
static __always_inline struct identity *count_hit(struct cpu_stats *st, __u64 key, __u64 cookie, __u32 seat)
{
	struct identity *id;

	st->calls++;
	/* NULL, or an ERR_PTR where a driver's own XDP ate the frame */
	if (key - KERNEL_ADDRESSES >= KERNEL_ADDRESSES_SIZE) {
		st->null_skb++;
		return NULL;
	}
	st->hits[COOKIE_FUNC(cookie) & (MAX_FUNCS - 1)]++;
	if (config.on == TRACING_COUNT)
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

/* By this filter; and it looks the same since, where that is looked at. */
static __always_inline bool is_refused(
	struct cpu_stats *st, const struct identity *id, __u64 key, __u64 cookie, __u32 generation)
{
	return id->verdict == FILTER_NO && id->generation == generation &&
	       (!(COOKIE_FLAGS(cookie) & FUNC_LOOK) || id->notes & NOTE_SAMPLED ||
		       id->addr_sum == look_of(st, (const void *)key));
}

static __always_inline void timed_report(
	struct cpu_stats *st, struct identity *id, __u64 key, __u32 where, __u32 seat)
{
	__u64 ts = bpf_ktime_get_ns();

	report(st, id, ts, key, where, seat);
	if (!(st->calls & (COST_SAMPLE - 1)))
		st->cost_ns += (bpf_ktime_get_ns() - ts) * COST_SAMPLE;
}

#endif
