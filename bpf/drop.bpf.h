/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that are dropped: why, where, and on what way the kernel came there. */
#ifndef SKBSCOPE_DROP_BPF_H
#define SKBSCOPE_DROP_BPF_H

#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>
#include "birth.bpf.h"
#include "end.bpf.h"
#include "hook.bpf.h"
#include "report.bpf.h"

struct drop {
	void *ctx;
	__u64 skb;
	__u64 location;
	__u32 reason;
};

static __always_inline void report_drop(const struct drop *drop, struct identity *id, struct cpu_stats *st)
{
	struct event_drop *rec;
	long bytes;

	if (id->hook)
		report_hook(id, drop->skb, NF_DECIDED_DROP);
	rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);
	if (!rec) {
		__sync_fetch_and_add(&st->end_lost, 1);
		id->seq++;
		return;
	}
	__builtin_memset(rec, 0, sizeof(*rec));
	bytes = bpf_get_stack(drop->ctx, rec->stack, sizeof(rec->stack), 0);
	rec->depth = bytes > 0 ? bytes / sizeof(rec->stack[0]) : 0;
	rec->ev.ts = bpf_ktime_get_ns();
	rec->ev.packet = id->id;
	rec->ev.skb = drop->skb;
	rec->ev.func = MAX_FUNCS - 1;
	rec->ev.cpu = bpf_get_smp_processor_id();
	rec->ev.type = EVENT_DROP;
	rec->ev.flags = id->notes & NOTE_QUEUE && !id->copy ? EVENT_QUEUED : 0;
	rec->ev.seq = id->seq++;
	rec->ev.copy = id->copy;
	rec->ev.ifindex = id->ifindex;
	rec->ev.netns = id->netns;
	rec->ev.pid = id->pid;
	rec->location = drop->location;
	rec->reason = drop->reason;
	__sync_fetch_and_add(&st->end_events, 1);
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
}

static __always_inline struct identity *known_packet(const struct drop *drop)
{
	const __u64 key = drop->skb;
	struct identity *id = bpf_map_lookup_elem(&identities, &key);

	return id && id->id ? id : NULL;
}

static __always_inline int packet_drop(const struct drop *drop)
{
	struct identity *id = known_packet(drop);
	struct cpu_stats *st = this_stats(bpf_get_smp_processor_id());

	/* one that the filter refused is no drop to show */
	if (st && id && config.on && id->notes & NOTE_SHOWN)
		report_drop(drop, id, st);
	return 0;
}

/*
 * With drops alone packets are met when they die: the members of a list that is
 * freed, here for the first time. Such a one gets no place among the living, only
 * the three records of its end. What a filter says of it is not known.
 */
static __always_inline int packet_drop_alone(const struct drop *drop)
{
	const __u32 cpu = bpf_get_smp_processor_id(), seat = config.drop_seat + cpu;
	struct cpu_stats *st = this_stats(seat);
	struct identity once = {};

	if (known_packet(drop))
		return packet_drop(drop);
	if (!st || config.on != TRACING_ON || is_no_address(drop->skb))
		return 0;
	if (config.filter[config.filter_generation & 1].flags) {
		__sync_fetch_and_add(&st->undecided, 1);
		return 0;
	}
	once.id = next_id(st, seat);
	report(st, &once, bpf_ktime_get_ns(), drop->skb, config.drop_func | cpu << 16, seat);
	report_drop(drop, &once, st);
	report_end(&once, drop->skb, st, cpu, 0);
	return 0;
}

/* Before 5.17 the tracepoint tells no reason. One of the four is loaded. */
SEC("raw_tp/kfree_skb")
int drop_reason(struct bpf_raw_tracepoint_args *ctx)
{
	struct drop drop = { ctx, ctx->args[0], ctx->args[1], ctx->args[2] };

	return packet_drop(&drop);
}

SEC("raw_tp/kfree_skb")
int drop_plain(struct bpf_raw_tracepoint_args *ctx)
{
	struct drop drop = { ctx, ctx->args[0], ctx->args[1], 0 };

	return packet_drop(&drop);
}

SEC("raw_tp/kfree_skb")
int drop_reason_alone(struct bpf_raw_tracepoint_args *ctx)
{
	struct drop drop = { ctx, ctx->args[0], ctx->args[1], ctx->args[2] };

	return packet_drop_alone(&drop);
}

SEC("raw_tp/kfree_skb")
int drop_plain_alone(struct bpf_raw_tracepoint_args *ctx)
{
	struct drop drop = { ctx, ctx->args[0], ctx->args[1], 0 };

	return packet_drop_alone(&drop);
}

#endif
