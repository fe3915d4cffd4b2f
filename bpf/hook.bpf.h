/* SPDX-License-Identifier: GPL-2.0 */
/* A packet at a netfilter hook: which, what was decided, its conntrack entry. */
#ifndef SKBSCOPE_HOOK_BPF_H
#define SKBSCOPE_HOOK_BPF_H

#include <bpf/bpf_core_read.h>
#include "birth.bpf.h"
#include "netfilter.h"

/* Records of a packet are told when the filter takes it, or there is none. */
static __always_inline bool is_told_of(const struct identity *id)
{
	return id && id->id &&
	       (id->verdict == FILTER_YES || !config.filter[config.filter_generation & 1].flags);
}

/* A packet can begin here: its skb is alive. */
static __always_inline struct identity *packet_here(__u64 skb)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &skb);
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_stats *st;

	if (id && id->id)
		return id;
	st = this_stats(cpu);
	if (!st)
		return NULL;
	if (!id)
		return packet_begin(st, skb, cpu);
	packet_again(st, id, cpu);
	return id;
}

/* The head of a record that is no hop of a function; it takes its number among those of its copy. */
static __always_inline void head_of(struct event *ev, struct identity *id, __u64 skb, __u8 type)
{
	__builtin_memset(ev, 0, sizeof(*ev));
	ev->ts = bpf_ktime_get_ns();
	ev->packet = id->id;
	ev->skb = skb;
	ev->func = MAX_FUNCS - 1;
	ev->cpu = bpf_get_smp_processor_id();
	ev->type = type;
	ev->seq = id->seq++;
	ev->copy = id->copy;
	ev->ifindex = id->ifindex;
	ev->netns = id->netns;
	ev->pid = id->pid;
	id->notes |= NOTE_SHOWN;
}

static __always_inline void count_record(void)
{
	struct cpu_stats *st = this_stats(bpf_get_smp_processor_id());

	if (st)
		__sync_fetch_and_add(&st->end_events, 1);
}

static __always_inline void record_lost(struct identity *id)
{
	struct cpu_stats *st = this_stats(bpf_get_smp_processor_id());

	id->seq++;
	if (st)
		__sync_fetch_and_add(&st->end_lost, 1);
}

static __always_inline void fill_hook(
	struct event_hook *rec, struct identity *id, __u64 skb, __u8 decision, __u16 nfuncs)
{
	head_of(&rec->ev, id, skb, EVENT_HOOK);
	rec->decision = decision;
	rec->hook = id->hook - 1;
	rec->pf = id->pf;
	rec->facts = id->decided ? HOOK_BY_CHAIN : 0;
	rec->queue = 0;
	rec->nfuncs = nfuncs;
	count_record();
}

/*
 * The hook where the packet is has decided, and the packet leaves it. Which
 * functions are there is of interest when one of them kept the packet.
 */
static __always_inline void report_hook(struct identity *id, __u64 skb, __u8 decision)
{
	/* struct nf_hook_entry { hook, priv } v[], right behind the count */
	const __u64 hooks = id->hooks, at = hooks + sizeof(__u64);
	const struct nf_hook_entries *entries = (const struct nf_hook_entries *)hooks;
	const __u16 n = BPF_CORE_READ(entries, num_hook_entries);
	struct event_hook *rec;

	if (decision == NF_DECIDED_ACCEPT) {
		rec = bpf_ringbuf_reserve(&events, EVENT_HOOK_SHORT, 0);
		if (rec) {
			fill_hook(rec, id, skb, decision, n);
			bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
		} else {
			record_lost(id);
		}
	} else {
		rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);
		if (rec) {
			fill_hook(rec, id, skb, decision, n);
#pragma unroll
			for (__u32 i = 0; i < HOOK_FUNCS; i++) {
				rec->func[i] = 0;
				if (i < n)
					bpf_probe_read_kernel(
						&rec->func[i], sizeof(__u64), (void *)(at + i * 16));
			}
			bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
		} else {
			record_lost(id);
		}
	}
	id->hook = id->decided = 0;
}

/*
 * Arguments as numbers: a program is verified at one function and copied to others.
 * The helpers are a few instructions in place (5.17).
 */
#define ARGS(ctx, n)                                                                                         \
	__u64 arg[n] = {};                                                                                   \
	_Pragma("unroll") for (__u32 i = 0; i < (n); i++) bpf_get_func_arg(ctx, i, &arg[i])

static __always_inline bool is_off(void)
{
	return config.on != TRACING_ON || config.netfilter == NETFILTER_OFF;
}

/* A packet in a table of netfilter, called at a hook. */
struct nf_place {
	__u64 skb;
	__u64 table; /* handle */
	__u32 netns;
	__u8 hook, pf;
	__u8 family;
	__u8 facts; /* enum chain_fact of all that is told there */
};

static __always_inline void place_at(struct nf_place *at, const struct nf_hook_state *state)
{
	const struct net *net = BPF_CORE_READ(state, net);

	at->hook = BPF_CORE_READ(state, hook);
	at->pf = BPF_CORE_READ(state, pf);
	at->netns = BPF_CORE_READ(net, ns.inum);
}

static __always_inline void tell_chain(const struct nf_place *at, struct identity *id, __u64 handle,
	__u8 what, __u8 decision, __u8 depth, __u8 facts)
{
	struct event_chain *rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);

	if (!rec) {
		record_lost(id);
		return;
	}
	head_of(&rec->ev, id, at->skb, EVENT_CHAIN);
	rec->ev.netns = at->netns;
	rec->table = at->table;
	rec->chain = handle;
	rec->what = what;
	rec->decision = decision;
	rec->depth = depth;
	rec->facts = facts | at->facts;
	rec->family = at->family;
	rec->hook = at->hook;
	rec->pf = at->pf;
	rec->reserved = 0;
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	count_record();
}

static __always_inline void tell_rule(const struct nf_place *at, struct identity *id, __u64 handle,
	__u64 chain, __u64 to, __u32 verdict, __u8 depth, __u8 facts)
{
	struct event_rule *rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);

	if (!rec) {
		record_lost(id);
		return;
	}
	head_of(&rec->ev, id, at->skb, EVENT_RULE);
	rec->ev.netns = at->netns;
	rec->table = at->table;
	rec->chain = chain;
	rec->handle = handle;
	rec->to = to;
	rec->decision = decision_of(verdict);
	rec->depth = depth;
	rec->facts = facts | at->facts;
	rec->family = at->family;
	rec->queue = rec->decision == NF_DECIDED_QUEUE ? verdict >> 16 : 0;
	rec->reserved = 0;
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	count_record();
}

#endif
