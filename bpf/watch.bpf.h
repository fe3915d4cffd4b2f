/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to a packet beside its hops: it is copied, cut, queued to be sent
 * again, handed to a socket. Functions where that is seen are attached always.
 */
#ifndef SKBSCOPE_WATCH_BPF_H
#define SKBSCOPE_WATCH_BPF_H

#include <bpf/bpf_core_read.h>
#include "birth.bpf.h"
#include "end.bpf.h"
#include "refused.bpf.h"
#include "skb.bpf.h"

/* Its own among the copies of any packet, and never 0. Programs that nest share the counter. */
static __always_inline __u32 copy_number(struct cpu_stats *st, __u32 cpu)
{
	__u32 number = __sync_fetch_and_add(&st->next_copy, 1) * config.cpus + cpu + 1;

	return number ? number : 1;
}

/*
 * A copy of a packet that is known is of the same packet, and what the filter
 * said holds for it, whatever becomes of its headers. A copy of one that is not
 * known is not known either.
 */
static __always_inline void watch_copy(struct cpu_stats *st, __u64 to, __u64 from, __u32 cpu)
{
	struct identity *old, *known;

	if (is_no_address(to) || is_no_address(from))
		return;
	known = bpf_map_lookup_elem(&identities, &to);
	if (known)
		refused_forget(known, to);
	old = bpf_map_lookup_elem(&identities, &from);
	if (!old || !old->id) {
		if (known)
			bpf_map_delete_elem(&identities, &to);
		return;
	}
	if (bpf_map_update_elem(&identities, &to, &identity_zero, BPF_ANY)) {
		__sync_fetch_and_add(&st->copies_full, 1);
		return;
	}
	known = bpf_map_lookup_elem(&identities, &to);
	if (!known)
		return;
	known->copy = copy_number(st, cpu);
	known->parent = old->copy;
	known->verdict = old->verdict;
	known->expr = old->expr;
	known->inner = old->inner;
	known->generation = old->generation;
	known->addr_sum = old->addr_sum;
	known->notes = old->notes & ~NOTE_SHOWN;
	if (old->copy)
		known->notes &= ~NOTE_QUEUE;
	known->id = old->id;
}

/*
 * Fragments that are made, and those of a list that goes out as it is: a datagram
 * that was cut when it was made, or put together on the way. What came in as a
 * fragment is known and stays itself.
 */
static __always_inline void watch_part(struct cpu_stats *st, __u64 to, __u64 from, __u32 cpu)
{
	struct identity *known, *old;

	if (is_no_address(to) || is_no_address(from))
		return;
	known = bpf_map_lookup_elem(&identities, &to);
	if (!known || !known->id) {
		watch_copy(st, to, from, cpu);
		return;
	}
	old = bpf_map_lookup_elem(&identities, &from);
	if (!old || old->verdict != FILTER_YES || known->verdict == FILTER_YES)
		return;
	refused_forget(known, to);
	known->verdict = FILTER_YES;
	known->notes |= old->notes & (NOTE_SOCKET | NOTE_CURRENT);
	known->head = 0; /* its first record is a full one */
}

/* What waits for its acknowledgement is the packet; what goes, each time, is a clone of it. */
static __always_inline void watch_tcp(struct cpu_stats *st, __u64 skb, __u32 seat)
{
	struct identity *id;

	if (is_no_address(skb))
		return;
	id = bpf_map_lookup_elem(&identities, &skb);
	if (!id)
		id = packet_begin(st, skb, seat);
	else if (!id->id)
		packet_again(st, id, seat);
	if (id && !id->copy)
		id->notes |= NOTE_QUEUE;
}

static __always_inline void watch_merge(__u64 skb, __u64 into)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &skb);
	const struct identity *held = bpf_map_lookup_elem(&identities, &into);

	if (id && id->id && held)
		id->into = held->id;
}

static __always_inline void watch_socket(struct cpu_stats *st, __u64 sock, __u64 skb, __u32 where)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &skb);
	const struct sock *sk = (const struct sock *)sock;
	struct event_socket *rec;
	__u8 state;

	/* also a copy that no traced function saw: here it arrives */
	if (!id || !id->id ||
		(id->verdict != FILTER_YES && config.filter[config.filter_generation & 1].flags))
		return;
	id->notes |= NOTE_SHOWN;
	rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);
	if (!rec) {
		__sync_fetch_and_add(&st->end_lost, 1);
		id->seq++;
		return;
	}
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->ev.ts = bpf_ktime_get_ns();
	rec->ev.packet = id->id;
	rec->ev.skb = skb;
	rec->ev.func = where;
	rec->ev.cpu = where >> 16;
	rec->ev.type = EVENT_SOCKET;
	rec->ev.seq = id->seq++;
	rec->ev.copy = id->copy;
	rec->ev.ifindex = id->ifindex;
	rec->ev.netns = id->netns;
	rec->ev.pid = id->pid;
	rec->parent = id->parent;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state != SOCK_TIME_WAIT && state != SOCK_NEW_SYN_RECV) {
		rec->inode = BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);
		rec->uid = BPF_CORE_READ(sk, sk_uid.val);
		if (bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
			rec->cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	}
	__sync_fetch_and_add(&st->end_events, 1);
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
}

/* But for sockets: they get the packet behind its hop. */
static __always_inline void watch_before(
	struct cpu_stats *st, __u32 watch, __u64 first, __u64 second, __u64 third, __u32 cpu)
{
	switch (watch) {
	case WATCH_COPY:
		watch_copy(st, first, second, cpu);
		break;
	case WATCH_PART:
		watch_part(st, first, second, cpu);
		break;
	case WATCH_TCP:
		if ((__u32)third) /* an acknowledgement alone goes itself */
			watch_tcp(st, second, cpu);
		break;
	case WATCH_MERGE:
		watch_merge(second, first);
		break;
	case WATCH_END:
		packet_end(first, 0);
		break;
	case WATCH_STOLEN:
		packet_end(first, EVENT_MERGED);
		break;
	}
}

#endif
