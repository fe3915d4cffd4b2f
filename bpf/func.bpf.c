// SPDX-License-Identifier: GPL-2.0
/*
 * The programs at functions that take an skb: count, know the packet, report.
 * One program serves every function and every argument position; which
 * function it is comes with the attach cookie or from the address map. Only
 * trampolines need a program for each function (fentry.bpf.h).
 */
#include "maps.bpf.h"
#include <bpf/bpf_tracing.h>
#include "drop.bpf.h"
#include "fentry.bpf.h"
#include "filter.bpf.h"
#include "hit.bpf.h"
#include "watch.bpf.h"

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

/*
 * Not decided yet: the program of filter.bpf.h goes on, and reports the hit if
 * the packet matches. Comes back only when that one is not there.
 */
static __always_inline void ask_filter(struct pt_regs *ctx, void *slots, struct cpu_stats *st, __u64 key,
	__u64 cookie, __u32 cpu, __u32 generation)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);

	if (!work)
		return;
	work->skb = key;
	work->cookie = cookie;
	work->ts = bpf_ktime_get_ns();
	work->generation = generation;
	work->stage = STAGE_BEGIN;
	bpf_tail_call(ctx, slots, SLOT_RESUME);
	st->unfiltered++;
}

/* At few functions: apart for the verifier and the stack. */
__noinline __u32 watch_of(__u32 cpu, __u32 watch, __u64 first, __u64 second, __u64 third)
{
	struct cpu_stats *st = this_stats(cpu);

	if (st)
		watch_before(st, watch, first, second, third, cpu);
	return 0;
}

__noinline __u32 socket_of(__u32 cpu, __u64 sock, __u64 skb, __u32 where)
{
	struct cpu_stats *st = this_stats(cpu);

	if (st)
		watch_socket(st, sock, skb, where);
	return 0;
}

static __always_inline int function_hit(struct pt_regs *ctx, void *slots, __u64 cookie, bool apart)
{
	const __u32 generation = config.filter_generation;
	__u32 func = COOKIE_FUNC(cookie) & (MAX_FUNCS - 1), watch = COOKIE_WATCH(cookie);
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_stats *st;
	struct identity *id;
	__u64 key;

	if (!config.on || !(watch || config.enabled[func]))
		return 0;
	st = this_stats(cpu);
	if (!st)
		return 0;
	if (watch && config.on == TRACING_ON) {
		/* a copy is known before its first hop */
		watch_of(cpu, watch, ctx->di, ctx->si, ctx->dx);
		if (watch == WATCH_SOCKET && !config.enabled[func])
			socket_of(cpu, ctx->di, ctx->si, func | cpu << 16);
		if (watch >= WATCH_END)
			return 0;
	}
	if (!config.enabled[func])
		return 0;
	key = (__u64)skb_argument(ctx, COOKIE_POS(cookie));
	id = count_hit(st, key, cookie, cpu, generation);
	if (!id)
		return 0;
	if (id->verdict != FILTER_YES && flags_of_filter(generation)) {
		if (!is_passed_over(st, id, key, cookie, generation, cpu))
			ask_filter(ctx, slots, st, key, cookie, cpu, generation);
		return 0;
	}
	timed_report(st, id, key, func | cpu << 16, cpu, apart);
	if (watch == WATCH_SOCKET)
		socket_of(cpu, ctx->di, ctx->si, func | cpu << 16);
	return 0;
}

/*
 * Two links overlap while the attached set is replaced, and a call of a function
 * that both hold comes here twice: first by the new link, because ftrace and
 * fprobe put what is new first (kernel/trace/ftrace.c, add_ftrace_ops; fprobe.c,
 * insert_fprobe_node). That one counts, and leaves a mark for the other.
 */
static __always_inline bool is_second(struct pt_regs *ctx, __u64 ip)
{
	const __u32 generation = COOKIE_GEN(bpf_get_attach_cookie(ctx)), next = config.next_generation;
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_stats *st = this_stats(cpu);
	/* with the generation: a mark that the last change left is none of this one's */
	__u64 call = (ctx->sp ^ (__u64)next << 48) * 0x9e3779b97f4a7c15ull ^ ip, *mark;

	if (!st)
		return true;
	mark = &st->overlap[call >> 32 & (OVERLAP_MARKS - 1)];
	if (generation == next) {
		*mark = call;
		return false;
	}
	if (*mark != call)
		return false;
	*mark = 0;
	return true;
}

/* The cookie comes from the map: the kernel would search for it among all functions of the link. */
SEC("kprobe.multi")
int function_multi(struct pt_regs *ctx)
{
	__u64 ip = bpf_get_func_ip(ctx);
	__u64 *cookie = bpf_map_lookup_elem(&addresses, &ip);

	if (!cookie || (config.next_generation && is_second(ctx, ip)))
		return 0;
	return function_hit(ctx, &slots_multi, *cookie, false);
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
	return function_hit(ctx, &slots_kprobe, *cookie, true);
}

/* Programs can call each other only when they are of the same kind. */
SEC("kprobe.multi")
int filter_multi(struct pt_regs *ctx)
{
	return filter_step(ctx, &slots_multi);
}

SEC("kprobe")
int filter_kprobe(struct pt_regs *ctx)
{
	return filter_step(ctx, &slots_kprobe);
}
