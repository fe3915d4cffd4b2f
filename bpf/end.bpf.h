/* SPDX-License-Identifier: GPL-2.0 */
/* The end of an skb: told, and forgotten. */
#ifndef SKBSCOPE_END_BPF_H
#define SKBSCOPE_END_BPF_H

#include "maps.bpf.h"
#include "refused.bpf.h"

static __always_inline void report_end(
	struct identity *id, __u64 key, struct cpu_stats *st, __u32 cpu, __u8 flags)
{
	struct event *ev = bpf_ringbuf_reserve(&events, sizeof(*ev), 0);

	if (!ev) {
		__sync_fetch_and_add(&st->end_lost, 1);
		return;
	}
	__builtin_memset(ev, 0, sizeof(*ev));
	ev->ts = bpf_ktime_get_ns();
	ev->packet = id->id;
	ev->skb = key;
	ev->cpu = cpu;
	ev->type = EVENT_END;
	ev->flags = flags;
	ev->len = id->into;
	ev->mark = id->into >> 32;
	ev->seq = id->seq;
	ev->copy = id->copy;
	ev->ifindex = id->ifindex;
	ev->netns = id->netns;
	ev->pid = id->pid;
	__sync_fetch_and_add(&st->end_events, 1);
	bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
}

/* A packet once: what waits in TCP's queue is the packet of its first clone. */
static __always_inline void count_refused(const struct identity *id, struct cpu_stats *st)
{
	bool of_queue = id->notes & NOTE_QUEUE;

	if (!id->copy == of_queue || id->notes & NOTE_SAMPLED ||
		!config.filter[config.filter_generation & 1].flags)
		return;
	__sync_fetch_and_add(&st->refused, 1);
	if (!id->expr && (id->notes & NOTE_CUT))
		__sync_fetch_and_add(&st->undecided, 1);
}

static __always_inline int packet_end(__u64 key, __u8 flags)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &key);
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_stats *st;

	if (!id)
		return 0;
	st = this_stats(cpu);
	if (st && config.on && id->id) {
		if (id->notes & NOTE_SHOWN)
			report_end(id, key, st, cpu, flags);
		else
			count_refused(id, st);
	}
	refused_forget(id, key);
	/* the bucket may be busy below us: then the entry stays, marked as nobody's */
	if (bpf_map_delete_elem(&identities, &key)) {
		id->id = 0;
		id->verdict = id->expr = id->inner = FILTER_UNKNOWN;
		id->notes = 0;
	}
	return 0;
}

#endif
