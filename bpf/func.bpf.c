// SPDX-License-Identifier: GPL-2.0
/*
 * The programs at functions that take an skb: count, know the packet, report.
 * One program serves every function and every argument position; which
 * function it is comes with the attach cookie or from the address map.
 */
#include "maps.bpf.h"
#include <bpf/bpf_tracing.h>
#include "device.bpf.h"
#include "tuple.bpf.h"

/* Off only for measuring what the check costs. */
const volatile bool watch_addresses = true;

static __always_inline const void *skb_argument(struct pt_regs *regs, __u32 pos)
{
	/* volatile: otherwise the compiler computes an address inside the
	 * context, which the verifier refuses */
	volatile struct pt_regs *ctx = regs;
	unsigned long a1 = ctx->di, a2 = ctx->si, a3 = ctx->dx, a4 = ctx->cx, a5 = ctx->r8, a6 = ctx->r9;

	switch (pos) {
	case 1:
		return (void *)a1;
	case 2:
		return (void *)a2;
	case 3:
		return (void *)a3;
	case 4:
		return (void *)a4;
	case 5:
		return (void *)a5;
	case 6:
		return (void *)a6;
	}
	return NULL;
}

static __always_inline struct identity *packet_begin(struct cpu_stats *st, __u64 key, __u32 cpu)
{
	struct identity fresh = {};

	fresh.id = st->next_id * config.cpus + cpu + 1;
	if (bpf_map_update_elem(&identities, &key, &fresh, BPF_NOEXIST)) {
		st->id_full++;
		return NULL;
	}
	st->next_id++;
	return bpf_map_lookup_elem(&identities, &key);
}

static __always_inline __u64 wakeup(struct cpu_stats *st)
{
	if (++st->since_wakeup < config.wakeup_every)
		return BPF_RB_NO_WAKEUP;
	st->since_wakeup = 0;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void fill(struct event *ev, const struct identity *id, const struct skb_copy *copy)
{
	ev->packet = id->id;
	ev->flags = id->ifindex ? 0 : EVENT_NO_DEV;
	if (!id->has_tuple)
		ev->flags |= EVENT_HEAD_UNREAD;
	ev->len = SKB(copy, len);
	ev->mark = SKB(copy, mark);
	ev->ifindex = id->ifindex;
	ev->netns = id->netns;
	ev->pid = id->pid;
}

/* head: what is known before the skb is read (ts, skb, func, cpu). */
static __always_inline void report(struct cpu_stats *st, struct identity *id, const struct event *head)
{
	const void *skb = (const void *)head->skb;
	struct skb_copy *copy = (struct skb_copy *)st->scratch;
	struct event_full *full;
	struct event *ev;
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u32 sum;
	bool same;

	if (skb_copy_read(copy, skb))
		return;
	if (id->dev != (__u64)SKB(copy, dev) || !id->netns)
		device_enter(id, copy, head->ts);
	sum = watch_addresses ? address_sum(copy) : 0;
	same = id->has_tuple && id->head == (__u64)SKB(copy, head) && id->network == SKB(copy, network_header) &&
	       id->transport == SKB(copy, transport_header) && id->addr_sum == sum && id->pid == pid;
	if (same) {
		ev = bpf_ringbuf_reserve(&events, sizeof(*ev), 0);
		if (!ev)
			goto lost;
		*ev = *head;
		ev->type = EVENT_FUNC;
		fill(ev, id, copy);
		st->events++;
		bpf_ringbuf_submit(ev, wakeup(st));
		return;
	}
	full = bpf_ringbuf_reserve(&events, sizeof(*full), 0);
	if (!full)
		goto lost;
	full->ev = *head;
	full->ev.type = EVENT_FUNC_FULL;
	full->l3_len = tuple_read(copy, skb, &full->tuple);
	full->reserved = 0;
	bpf_get_current_comm(full->comm, sizeof(full->comm));
	id->has_tuple = (full->tuple.flags & TUPLE_IP) && !(full->tuple.flags & TUPLE_SOCKET);
	id->head = (__u64)SKB(copy, head);
	id->network = SKB(copy, network_header);
	id->transport = SKB(copy, transport_header);
	id->addr_sum = sum;
	id->pid = pid;
	fill(&full->ev, id, copy);
	st->events++;
	st->full++;
	bpf_ringbuf_submit(full, wakeup(st));
	return;
lost:
	st->lost[head->func & (MAX_FUNCS - 1)]++;
	id->head = 0; /* what the lost record told must be told again */
}

static __always_inline int function_hit(struct pt_regs *ctx, __u64 cookie)
{
	__u32 func = COOKIE_FUNC(cookie) & (MAX_FUNCS - 1);
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_stats *st;
	struct identity *id;
	struct event head = {};
	const void *skb;
	__u64 key;

	if (!config.on || !config.enabled[func])
		return 0;
	st = this_stats(cpu);
	if (!st)
		return 0;
	st->calls++;
	skb = skb_argument(ctx, COOKIE_POS(cookie));
	if (!skb) {
		st->null_skb++;
		return 0;
	}
	st->hits[func]++;
	key = (__u64)skb;
	id = bpf_map_lookup_elem(&identities, &key);
	if (!id) {
		if (COOKIE_FLAGS(cookie) & FUNC_NO_BIRTH) {
			st->after_free++;
			return 0;
		}
		id = packet_begin(st, key, cpu);
		if (!id)
			return 0;
	}
	head.ts = bpf_ktime_get_ns();
	head.skb = key;
	head.func = func;
	head.cpu = cpu;
	report(st, id, &head);
	if (!(st->calls & (COST_SAMPLE - 1)))
		st->cost_ns += (bpf_ktime_get_ns() - head.ts) * COST_SAMPLE;
	return 0;
}

SEC("kprobe.multi")
int function_multi(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);

	/* two links overlap while the attached set is replaced */
	if (COOKIE_GEN(cookie) != config.generation)
		return 0;
	return function_hit(ctx, cookie);
}

SEC("kprobe")
int function_kprobe(struct pt_regs *ctx)
{
	/* the handler sees the address behind the breakpoint's one byte, also
	 * where the kernel optimized it into a jump (kernel/kprobes, x86) */
	__u64 ip = ctx->ip - 1;
	__u64 *cookie = bpf_map_lookup_elem(&addresses, &ip);

	if (!cookie)
		return 0;
	return function_hit(ctx, *cookie);
}
