/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The program at a function's trampoline (fentry). It is verified against the
 * types of one function, so each function gets a copy: the loaded program's
 * instructions with another cookie (src/trace/attach/fentry.c). Programs of
 * different functions cannot share a PROG_ARRAY either: a packet is decided
 * here, on the spot.
 */
#ifndef SKBSCOPE_FENTRY_BPF_H
#define SKBSCOPE_FENTRY_BPF_H

#include "classic.bpf.h"
#include "filter.bpf.h"
#include "hit.bpf.h"

/* More questions than parts: the filter may be changed meanwhile. */
#define QUESTIONS 8

static __always_inline __u64 own_cookie(void)
{
	__u64 cookie;

	/* one instruction with FENTRY_COOKIE (bpf/config.h), found and changed in each copy */
	asm volatile("%0 = " FENTRY_COOKIE_TEXT " ll" : "=r"(cookie));
	return cookie;
}

/*
 * A seat that nobody has. Taken by an exchange and not counted up and down:
 * where the kernel is preemptible those who came first need not leave last.
 */
static __always_inline struct cpu_stats *seat_take(__u32 cpu, __u32 *seat)
{
	struct cpu_stats *st;

	*seat = cpu;
	for (__u32 level = 0; level < SEAT_LEVELS; level++) {
		st = this_stats(*seat);
		if (st && !__sync_lock_test_and_set(&st->busy, 1))
			return st;
		*seat += config.cpus;
	}
	st = this_stats(cpu);
	if (st)
		__sync_fetch_and_add(&st->crowded, 1);
	return NULL;
}

static __always_inline void seat_leave(struct cpu_stats *st)
{
	asm volatile("" ::: "memory"); /* x86 keeps stores in order */
	*(volatile __u64 *)&st->busy = 0;
}

struct classic_run {
	__u32 seat, code;
};

/* Everything is in memory that the verifier does not follow: one look at this is enough for it. */
static long classic_next(__u32 i, struct classic_run *run)
{
	struct work *w = bpf_map_lookup_elem(&works, &run->seat);
	const struct classic_code *code = bpf_map_lookup_elem(&codes, &run->code);
	__u32 at;

	if (!w || !code)
		return 1;
	at = w->classic.at & (CLASSIC_MAX - 1);
	w->classic.at = at + 1;
	return !classic_step(w, &code->v[at]);
}

/* The answer to the expression in a place of map codes, for the frame of a seat. */
__noinline __u32 classic_run_of(__u32 seat, __u32 slot)
{
	struct classic_run run = { .seat = seat, .code = slot };
	const struct classic_code *code = bpf_map_lookup_elem(&codes, &slot);
	struct work *w = bpf_map_lookup_elem(&works, &seat);
	struct cpu_stats *st = this_stats(seat);

	if (!w || !code || !st)
		return 0;
	__builtin_memset(&w->classic, 0, sizeof(w->classic));
	if (code->n) {
		bpf_loop(code->n, classic_next, &run, 0);
	} else {
		st->unfiltered++;
		w->result = FILTER_YES;
	}
	return w->result;
}

__noinline __u32 filter_next_of(__u32 seat)
{
	struct work *work = bpf_map_lookup_elem(&works, &seat);
	struct cpu_stats *st = this_stats(seat);
	struct identity *id;
	__u64 key;

	if (!work || !st)
		return NEXT_NOTHING;
	key = work->skb;
	id = bpf_map_lookup_elem(&identities, &key);
	return id ? filter_advance(work, st, id, seat) : NEXT_NOTHING;
}

static __always_inline bool is_shown(__u32 seat, __u64 key, __u32 generation)
{
	struct work *work = bpf_map_lookup_elem(&works, &seat);

	if (!work)
		return false;
	work->skb = key;
	work->generation = generation;
	work->stage = STAGE_BEGIN;
	for (int i = 0; i < QUESTIONS; i++) {
		__u32 next = filter_next_of(seat), now;

		if (next != NEXT_EXPR && next != NEXT_INNER)
			return next == NEXT_SHOW;
		classic_run_of(seat, (next == NEXT_EXPR ? SLOT_EXPR : SLOT_INNER) + (work->generation & 1));
		/* while another filter is in force this one's place may be written: ask again */
		now = config.filter_generation;
		if (now != work->generation) {
			work->generation = now;
			work->stage = STAGE_BEGIN;
		}
	}
	return false;
}

/*
 * Calls, so that what they have on the stack is not there while a packet is
 * decided: the verifier allows 512 bytes in all.
 */
static __noinline struct identity *fentry_count_hit(
	struct cpu_stats *st, __u64 key, __u64 cookie, __u32 seat, __u32 generation)
{
	return count_hit(st, key, cookie, seat, generation);
}

static __noinline int fentry_passed_over(
	struct cpu_stats *st, struct identity *id, __u64 key, __u64 cookie, __u64 generation_seat)
{
	return is_passed_over(st, id, key, cookie, (__u32)generation_seat, generation_seat >> 32);
}

/* at: where and the seat above it. */
static __noinline int fentry_report(struct cpu_stats *st, struct identity *id, __u64 key, __u64 at)
{
	timed_report(st, id, key, (__u32)at, at >> 32, false);
	return 0;
}

static __always_inline void fentry_hit(struct cpu_stats *st, __u64 key, __u64 cookie, __u32 cpu, __u32 seat)
{
	const __u32 generation = config.filter_generation;
	struct identity *id = fentry_count_hit(st, key, cookie, seat, generation);

	if (!id)
		return;
	if (id->verdict != FILTER_YES && flags_of_filter(generation) &&
		(fentry_passed_over(st, id, key, cookie, generation | (__u64)seat << 32) ||
			!is_shown(seat, key, generation)))
		return;
	fentry_report(st, id, key, COOKIE_FUNC(cookie) | cpu << 16 | (__u64)seat << 32);
}

/* What it is copied from; attached nowhere. */
SEC("copied")
int function_fentry(__u64 *ctx)
{
	const __u64 cookie = own_cookie();
	__u32 cpu = bpf_get_smp_processor_id(), seat;
	struct cpu_stats *st;
	__u64 key = 0;

	if (!config.on || !config.enabled[COOKIE_FUNC(cookie) & (MAX_FUNCS - 1)])
		return 0;
	/* registers are saved in order, so their number is the argument's (arch_prepare_bpf_trampoline) */
	if (bpf_get_func_arg(ctx, COOKIE_POS(cookie) - 1, &key))
		return 0;
	st = seat_take(cpu, &seat);
	if (!st)
		return 0;
	fentry_hit(st, key, cookie, cpu, seat);
	seat_leave(st);
	return 0;
}

#endif
