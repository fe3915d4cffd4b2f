// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a packet's identity, and drops. The end hooks are trampolines
 * (fentry, fexit): unlike kprobes they are not skipped when they interrupt
 * another of our programs, and an end that is missed would hand the packet's id
 * to the next user of the same memory. They are skipped when they interrupt
 * themselves: the kernel counts that, and it is shown as lost identities.
 */
#include "maps.bpf.h"
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "names.bpf.h"
#include "refused.bpf.h"

static __always_inline void report_end(const struct identity *id, __u64 key, struct cpu_stats *st, __u32 cpu)
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
	ev->ifindex = id->ifindex;
	ev->netns = id->netns;
	ev->pid = id->pid;
	__sync_fetch_and_add(&st->end_events, 1);
	bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
}

static __always_inline void count_refused(const struct identity *id, struct cpu_stats *st)
{
	if (id->notes & NOTE_SAMPLED || !config.filter[config.filter_generation & 1].flags)
		return;
	__sync_fetch_and_add(&st->refused, 1);
	if (!id->expr && (id->notes & NOTE_CUT))
		__sync_fetch_and_add(&st->undecided, 1);
}

static __always_inline int packet_end(__u64 key)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &key);
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_stats *st;

	if (!id)
		return 0;
	st = this_stats(cpu);
	if (st && config.on && id->id) {
		if (id->notes & NOTE_SHOWN)
			report_end(id, key, st, cpu);
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

/* What the filter said of an skb holds for its copies, whatever becomes of their headers. */
static __always_inline int packet_inherit(__u64 to, __u64 from)
{
	struct identity *old, *known, fresh = {};

	if (!config.filter[config.filter_generation & 1].flags || to >= (__u64)-4096)
		return 0;
	old = bpf_map_lookup_elem(&identities, &from);
	if (!old || (!old->verdict && !old->expr && !old->inner))
		return 0;
	fresh.verdict = old->verdict;
	fresh.expr = old->expr;
	fresh.inner = old->inner;
	fresh.generation = old->generation;
	fresh.addr_sum = old->addr_sum;
	fresh.notes = old->notes & ~NOTE_SHOWN;
	known = bpf_map_lookup_elem(&identities, &to);
	if (known)
		refused_forget(known, to);
	/* it gets its id when it comes by a function */
	bpf_map_update_elem(&identities, &to, &fresh, BPF_ANY);
	return 0;
}

/* Clone, copy, segment, expansion of a copy: all pass here (net/core/skbuff.c). */
SEC("fentry/__copy_skb_header")
int BPF_PROG(inherit_copy, struct sk_buff *to, const struct sk_buff *from)
{
	return packet_inherit((__u64)to, (__u64)from);
}

/* Fragments are new skbs; what is returned may be an error pointer. */
SEC("fexit/ip_frag_next")
int BPF_PROG(inherit_frag, struct sk_buff *skb, void *state, struct sk_buff *frag)
{
	return packet_inherit((__u64)frag, (__u64)skb);
}

SEC("fexit/ip6_frag_next")
int BPF_PROG(inherit_frag6, struct sk_buff *skb, void *state, struct sk_buff *frag)
{
	return packet_inherit((__u64)frag, (__u64)skb);
}

/*
 * A datagram that was cut when it was made, or put together on the way, goes out
 * as the list that it is. What came in as a fragment is known and stays itself.
 */
static __always_inline int packet_join(__u64 to, __u64 from)
{
	struct identity *known = bpf_map_lookup_elem(&identities, &to), *old;

	if (!known || !known->id)
		return packet_inherit(to, from);
	old = bpf_map_lookup_elem(&identities, &from);
	if (!old || old->verdict != FILTER_YES || known->verdict == FILTER_YES)
		return 0;
	refused_forget(known, to);
	known->verdict = FILTER_YES;
	known->notes |= old->notes & (NOTE_SOCKET | NOTE_CURRENT);
	known->head = 0; /* its first record is a full one */
	return 0;
}

SEC("fentry/ip_fraglist_prepare")
int BPF_PROG(inherit_list, struct sk_buff *skb, struct ip_fraglist_iter *iter)
{
	return packet_join((__u64)BPF_CORE_READ(iter, frag), (__u64)skb);
}

SEC("fentry/ip6_fraglist_prepare")
int BPF_PROG(inherit_list6, struct sk_buff *skb, struct ip6_fraglist_iter *iter)
{
	return packet_join((__u64)BPF_CORE_READ(iter, frag), (__u64)skb);
}

/* fexit: the destructors that it calls take the skb as well. */
SEC("fexit/skb_release_head_state")
int BPF_PROG(end_release, struct sk_buff *skb)
{
	return packet_end((__u64)skb);
}

/*
 * The same once more: an interrupt that frees skbs while the one is running
 * finds it busy, and the other idle.
 */
SEC("fexit/skb_release_head_state")
int BPF_PROG(end_release_nested, struct sk_buff *skb)
{
	return packet_end((__u64)skb);
}

SEC("fentry/__consume_stateless_skb")
int BPF_PROG(end_stateless, struct sk_buff *skb)
{
	return packet_end((__u64)skb);
}

SEC("fentry/napi_skb_free_stolen_head")
int BPF_PROG(end_stolen, struct sk_buff *skb)
{
	return packet_end((__u64)skb);
}

/* napi_reuse_skb keeps an skb whose data was merged: it comes back as the next packet. */
SEC("fexit/napi_get_frags")
int BPF_PROG(end_frags, void *napi, struct sk_buff *skb)
{
	return skb ? packet_end((__u64)skb) : 0;
}

/*
 * A socket gets its file in its creator's context: a process that is asked for
 * owns it from its first packet on. Those that were there before are looked up
 * in /proc, and so are those that were handed on.
 */
SEC("fexit/sock_alloc_file")
int BPF_PROG(owner_begin, struct socket *sock, int flags, const char *name, struct file *file)
{
	const volatile struct filter_config *f = &config.filter[config.filter_generation & 1];
	__u64 inode;
	__u8 one = 1;

	if (!(f->flags & FILTER_SOCKET) || (__u64)file >= (__u64)-4096)
		return 0;
	if ((f->flags & FILTER_PID) && bpf_get_current_pid_tgid() >> 32 != f->pid)
		return 0;
	if ((f->flags & FILTER_COMM) && !is_current_comm(f->comm))
		return 0;
	inode = BPF_CORE_READ(file, f_inode, i_ino);
	bpf_map_update_elem(&owners, &inode, &one, BPF_ANY);
	return 0;
}

static __always_inline int packet_drop(__u64 key, __u64 location, __u32 reason)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &key);
	__u32 cpu = bpf_get_smp_processor_id();
	struct event_drop *rec;
	struct cpu_stats *st;

	/* one that the filter refused is no drop to show */
	if (!id || !id->id || !config.on || !(id->notes & NOTE_SHOWN))
		return 0;
	st = this_stats(cpu);
	if (!st)
		return 0;
	rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);
	if (!rec) {
		__sync_fetch_and_add(&st->end_lost, 1);
		return 0;
	}
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->ev.ts = bpf_ktime_get_ns();
	rec->ev.packet = id->id;
	rec->ev.skb = key;
	rec->ev.cpu = cpu;
	rec->ev.type = EVENT_DROP;
	rec->ev.ifindex = id->ifindex;
	rec->ev.netns = id->netns;
	rec->ev.pid = id->pid;
	rec->location = location;
	rec->reason = reason;
	__sync_fetch_and_add(&st->end_events, 1);
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	return 0;
}

/* Before 5.17 the tracepoint tells no reason: the one or the other is loaded. */
SEC("raw_tp/kfree_skb")
int drop_reason(struct bpf_raw_tracepoint_args *ctx)
{
	return packet_drop(ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("raw_tp/kfree_skb")
int drop_plain(struct bpf_raw_tracepoint_args *ctx)
{
	return packet_drop(ctx->args[0], ctx->args[1], 0);
}
