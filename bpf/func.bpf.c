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

/* x86-64: the kernel's half without its last page, where error pointers point. */
#define KERNEL_ADDRESSES 0xff00000000000000ull
#define KERNEL_ADDRESSES_SIZE (0 - KERNEL_ADDRESSES - 4096)

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

/* Another packet in the place of one that has ended. */
static __always_inline void packet_again(struct cpu_stats *st, struct identity *id, __u32 cpu)
{
	__builtin_memset(id, 0, sizeof(*id));
	id->id = st->next_id++ * config.cpus + cpu + 1;
}

static __always_inline __u64 wakeup(struct cpu_stats *st)
{
	if (++st->since_wakeup < config.wakeup_every)
		return BPF_RB_NO_WAKEUP;
	st->since_wakeup = 0;
	return BPF_RB_FORCE_WAKEUP;
}

/*
 * A breakpoint's handler counts as NMI, and there the ring only tries its lock
 * (kernel/bpf/ringbuf.c): another CPU that holds it is no full ring.
 */
#define RESERVE(record)                                                                                      \
	do {                                                                                                 \
		record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);                                   \
		if (!record)                                                                                 \
			record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);                           \
		if (!record)                                                                                 \
			record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);                           \
		if (!record)                                                                                 \
			record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);                           \
	} while (0)

/* What every hop tells of its skb, and what shows that something has changed. */
struct glance {
	__u64 dev;
	__u64 head;
	__u32 len;
	__u32 mark;
	__u16 network;
	__u16 transport;
};

static __always_inline bool take_glance(struct glance *g, struct skb_copy *copy, const void *skb)
{
	const struct sk_buff *s;

	if (bpf_rdonly_cast) {
		s = bpf_rdonly_cast(skb, bpf_core_type_id_kernel(struct sk_buff));
		g->dev = (__u64)s->dev;
		g->head = (__u64)s->head;
		g->len = s->len;
		g->mark = s->mark;
		g->network = s->network_header;
		g->transport = s->transport_header;
		return true;
	}
	if (skb_copy_read(copy, skb))
		return false;
	g->dev = (__u64)SKB(copy, dev);
	g->head = (__u64)SKB(copy, head);
	g->len = SKB(copy, len);
	g->mark = SKB(copy, mark);
	g->network = SKB(copy, network_header);
	g->transport = SKB(copy, transport_header);
	return true;
}

static __always_inline void fill(
	struct event *ev, const struct identity *id, const struct glance *g, __u64 ts, __u64 skb, __u32 where)
{
	ev->ts = ts;
	ev->packet = id->id;
	ev->skb = skb;
	ev->func = where;
	ev->cpu = where >> 16;
	ev->flags = (id->ifindex ? 0 : EVENT_NO_DEV) | (id->has_tuple ? 0 : EVENT_HEAD_UNREAD);
	ev->pad = 0;
	ev->len = g->len;
	ev->ifindex = id->ifindex;
	ev->netns = id->netns;
	ev->mark = g->mark;
	ev->pid = id->pid;
	ev->reserved = 0;
}

static __always_inline bool report_full(struct identity *id, struct skb_copy *copy, const struct glance *g,
	__u64 ts, __u64 skb, __u32 where, __u64 flags)
{
	struct event_full *full;

	RESERVE(full);

	if (!full)
		return false;
	full->l3_len = tuple_read(copy, (const void *)skb, &full->tuple);
	full->reserved = 0;
	bpf_get_current_comm(full->comm, sizeof(full->comm));
	id->has_tuple = (full->tuple.flags & TUPLE_IP) && !(full->tuple.flags & TUPLE_SOCKET);
	id->head = g->head;
	id->network = g->network;
	id->transport = g->transport;
	full->ev.type = EVENT_FUNC_FULL;
	fill(&full->ev, id, g, ts, skb, where);
	bpf_ringbuf_submit(full, flags);
	return true;
}

/* where: function in the low half, CPU in the high one. */
static __always_inline void report(
	struct cpu_stats *st, struct identity *id, __u64 ts, __u64 skb, __u32 where)
{
	struct skb_copy *copy = (struct skb_copy *)st->scratch;
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct glance g;
	struct event *ev;
	bool copied = !bpf_rdonly_cast;
	__u32 sum;

	if (!take_glance(&g, copy, (const void *)skb))
		goto unread;
	if (id->dev != g.dev || !id->netns) {
		if (!copied && skb_copy_read(copy, (const void *)skb))
			goto unread;
		copied = true;
		device_enter(id, copy, ts);
		id->head = 0; /* a VLAN tag comes and goes with its device: look again */
	}
	sum = watch_addresses ? address_sum(g.head, g.network) : 0;
	if (id->has_tuple && id->head == g.head && id->network == g.network && id->transport == g.transport &&
		id->addr_sum == sum && id->pid == pid) {
		RESERVE(ev);
		if (!ev)
			goto lost;
		ev->type = EVENT_FUNC;
		fill(ev, id, &g, ts, skb, where);
		st->events++;
		bpf_ringbuf_submit(ev, wakeup(st));
		return;
	}
	if (!copied && skb_copy_read(copy, (const void *)skb))
		goto unread;
	id->addr_sum = sum;
	id->pid = pid;
	if (!report_full(id, copy, &g, ts, skb, where, wakeup(st)))
		goto lost;
	st->events++;
	st->full++;
	return;
lost:
	st->lost[(__u16)where & (MAX_FUNCS - 1)]++;
	id->head = 0; /* what the lost record told must be told again */
	return;
unread:
	st->unread++;
	bpf_map_delete_elem(&identities, &skb);
}

static __always_inline int function_hit(struct pt_regs *ctx, __u64 cookie)
{
	__u32 func = COOKIE_FUNC(cookie) & (MAX_FUNCS - 1);
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_stats *st;
	struct identity *id;
	__u64 key, ts;

	if (!config.on || !config.enabled[func])
		return 0;
	st = this_stats(cpu);
	if (!st)
		return 0;
	st->calls++;
	key = (__u64)skb_argument(ctx, COOKIE_POS(cookie));
	/* NULL, or an ERR_PTR where a driver's own XDP ate the frame */
	if (key - KERNEL_ADDRESSES >= KERNEL_ADDRESSES_SIZE) {
		st->null_skb++;
		return 0;
	}
	st->hits[func]++;
	id = bpf_map_lookup_elem(&identities, &key);
	/* id 0: an end could not remove it, the place is free */
	if (!id || !id->id) {
		if (COOKIE_FLAGS(cookie) & FUNC_NO_BIRTH) {
			st->after_free++;
			return 0;
		}
		if (id)
			packet_again(st, id, cpu);
		else
			id = packet_begin(st, key, cpu);
		if (!id)
			return 0;
	}
	ts = bpf_ktime_get_ns();
	report(st, id, ts, key, func | cpu << 16);
	if (!(st->calls & (COST_SAMPLE - 1)))
		st->cost_ns += (bpf_ktime_get_ns() - ts) * COST_SAMPLE;
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
