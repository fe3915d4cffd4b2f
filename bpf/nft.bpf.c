// SPDX-License-Identifier: GPL-2.0
/*
 * nftables: which chains a packet goes through and which rules act on it. The
 * programs are trampolines: unlike kprobes they are not skipped when they
 * interrupt another of our programs, and hits are to be exact.
 *
 * They are verified at nf_hook_slow(), for its arguments, and copied to where
 * they belong: functions of modules, whose BTF libbpf would look through one by
 * one (src/trace/netfilter/hooks.c).
 */
#include "nft_report.bpf.h"
#include "conntrack.bpf.h"

/* nft_do_chain(struct nft_pktinfo *pkt, void *chain) */
SEC("copied")
int chain_begin(__u64 *ctx)
{
	const struct nft_pktinfo *pkt;
	const struct nft_base_chain *base;
	const struct nft_table *table;
	struct nft_call *call;
	__u32 slot = 0;

	ARGS(ctx, 2);
	if (is_off())
		return 0;
	pkt = (const struct nft_pktinfo *)arg[0];
	call = call_find(arg[0], &slot, true);
	if (!call) {
		struct cpu_stats *st = this_stats(bpf_get_smp_processor_id());

		if (st)
			__sync_fetch_and_add(&st->id_full, 1);
		return 0;
	}
	call->since = bpf_ktime_get_ns();
	call->packet = 0;
	call->over = call->waiting = 0;
	call->rule = call->rule_chain = call->rule_at = 0;
	call->at.skb = (__u64)BPF_CORE_READ(pkt, skb);
	place_at(&call->at, BPF_CORE_READ(pkt, state));
	call->base = arg[1];
	table = BPF_CORE_READ((const struct nft_chain *)arg[1], table);
	call->at.table = BPF_CORE_READ(table, handle);
	call->at.family = BPF_CORE_READ_BITFIELD_PROBED(table, family);
	base = container_of((const struct nft_chain *)call->base, struct nft_base_chain, chain);
	call->policy = decision_of(BPF_CORE_READ(base, policy));
	enter_chain(slot, arg[1], 0);
	return 0;
}

SEC("copied")
int chain_end(__u64 *ctx)
{
	struct nft_call *call;
	__u32 slot = 0;

	ARGS(ctx, 1);
	call = call_find(arg[0], &slot, false);
	if (!call)
		return 0;
	if (!call->over && !is_off()) {
		settle_rule(slot);
		leave_base(slot, call->policy, CHAIN_BY_POLICY);
	}
	call->since = ~0ull >> 1; /* not to be forgotten once it begins anew */
	call->key = 0;
	return 0;
}

/*
 * nft_do_chain() frees what its policy drops (6.1.y and 6.7 on): the chain is left
 * before that. Without such a policy, it was a statement that nobody looks at.
 */
static __always_inline int chain_drop(__u64 skb)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &skb);
	struct nft_call *call;
	__u32 slot;

	if (!id || !id->call || is_off())
		return 0;
	slot = id->call - 1;
	call = call_at(slot);
	if (!call || !call->key || call->over || call->at.skb != skb)
		return 0;
	settle_rule(slot);
	leave_base(slot, NF_DECIDED_DROP, call->policy == NF_DECIDED_DROP ? CHAIN_BY_POLICY : 0);
	return 0;
}

/* kfree_skb_reason(skb, ...), before 5.17 kfree_skb(skb) */
SEC("copied")
int drop_first(__u64 *ctx)
{
	ARGS(ctx, 1);
	return chain_drop(arg[0]);
}

/* sk_skb_reason_drop(sk, skb, ...), since 6.11 */
SEC("copied")
int drop_second(__u64 *ctx)
{
	ARGS(ctx, 2);
	return chain_drop(arg[1]);
}

struct unwind {
	__u64 expr;
	__u32 slot;
	int found; /* depth of the chain that has the expression, -1 none */
};

static long seek_step(__u32 i, struct unwind *u)
{
	struct nft_call *call = call_at(u->slot);

	if (!call || i > call->depth)
		return 1;
	if (frame_has(frame_of(call, i), u->expr) >= 0)
		u->found = i;
	return 0;
}

static long unwind_step(__u32 i, struct unwind *u)
{
	struct nft_call *call = call_at(u->slot);

	if (!call || call->depth <= u->found)
		return 1;
	leave_chain(u->slot);
	return 0;
}

/*
 * Returns from chains whose end was reached until the one that has the
 * expression. 0: none has it.
 */
__noinline __u32 unwind_to(__u32 slot, __u64 expr)
{
	struct unwind u = { .slot = slot, .expr = expr, .found = -1 };

	bpf_loop(NFT_JUMP_STACK_SIZE, seek_step, &u, 0);
	if (u.found < 0)
		return 0;
	settle_rule(slot);
	bpf_loop(NFT_JUMP_STACK_SIZE, unwind_step, &u, 0);
	return 1;
}

/* A statement has acted: the verdict, and the chain of a jump, are what it left. */
static __always_inline void statement(struct nft_call *call, __u32 slot, __u64 expr, __u32 verdict, __u64 to)
{
	const __u8 decision = decision_of(verdict);

	if (frame_has(frame_of(call, call->depth), expr) < 0)
		unwind_to(slot, expr);
	meet_rule(slot, expr);
	if (decision == NF_DECIDED_NOT) {
		const struct nft_expr_ops *ops = NULL;

		bpf_probe_read_kernel(&ops, sizeof(ops), (const void *)expr);
		call->rule_next = expr + BPF_CORE_READ(ops, size);
		call->waiting = 1;
		return;
	}
	decide_rule(slot, verdict, to);
	switch (decision) {
	case NF_DECIDED_JUMP:
		enter_chain(slot, to, call->depth + 1);
		break;
	case NF_DECIDED_GOTO:
		enter_chain(slot, to, call->depth);
		break;
	case NF_DECIDED_RETURN:
		leave_chain(slot);
		break;
	case NF_DECIDED_BREAK:
		break;
	default:
		leave_base(slot, decision, 0);
	}
}

/* The call that a statement (expr, regs, pkt) belongs to. */
static __always_inline struct nft_call *call_of(const __u64 *arg, __u32 *slot)
{
	struct nft_call *call = is_off() ? NULL : call_find(arg[2], slot, false);

	return call && !call->over ? call : NULL;
}

/* What a statement leaves: struct nft_verdict, a code and the chain of a jump. */
struct verdict {
	__u64 code;
	__u64 chain;
};

static __always_inline void decide(
	struct nft_call *call, __u32 slot, const __u64 *arg, const struct verdict *v)
{
	const __s32 code = v->code;

	statement(call, slot, arg[0], v->code, code == NFT_JUMP || code == NFT_GOTO ? v->chain : 0);
}

#define EXPR_DATA sizeof(__u64) /* struct nft_expr: ops, then the statement's own */

/* Before: its drop frees the packet in nft_do_chain(), since 6.10 or so. */
SEC("copied")
int immediate(__u64 *ctx)
{
	const struct nft_immediate_expr *imm;
	struct verdict v = {};
	struct nft_call *call;
	__u32 slot = 0;

	ARGS(ctx, 3);
	call = call_of(arg, &slot);
	imm = (const struct nft_immediate_expr *)(arg[0] + EXPR_DATA);
	if (!call || BPF_CORE_READ(imm, dreg)) /* NFT_REG_VERDICT is 0 */
		return 0;
	bpf_probe_read_kernel(&v, sizeof(v), imm);
	decide(call, slot, arg, &v);
	return 0;
}

SEC("copied")
int statement_end(__u64 *ctx)
{
	struct verdict v = {};
	struct nft_call *call;
	__u32 slot = 0;

	ARGS(ctx, 3);
	call = call_of(arg, &slot);
	if (!call)
		return 0;
	/* counters and limits stand in elements of sets, too: what looked there is seen by itself */
	if (frame_has(frame_of(call, call->depth), arg[0]) < 0 && !unwind_to(slot, arg[0]))
		return 0;
	bpf_probe_read_kernel(&v, sizeof(v), (const void *)arg[1]);
	decide(call, slot, arg, &v);
	return 0;
}

/* A lookup is a statement when it finds a verdict: in maps of those. */
SEC("copied")
int lookup_end(__u64 *ctx)
{
	const struct nft_lookup *lookup;
	struct verdict v = {};
	struct nft_call *call;
	__u32 slot = 0;

	ARGS(ctx, 3);
	call = call_of(arg, &slot);
	lookup = (const struct nft_lookup *)(arg[0] + EXPR_DATA);
	if (!call || BPF_CORE_READ(lookup, set, dtype) != NFT_DATA_VERDICT)
		return 0;
	bpf_probe_read_kernel(&v, sizeof(v), (const void *)arg[1]);
	if ((__s32)v.code != NFT_BREAK) /* nothing found: no match, as of any set */
		decide(call, slot, arg, &v);
	return 0;
}

/* nf_hook_slow(skb, state, entries, s): its arguments have their types, and are read without a call */
SEC("copied")
int hook_begin(__u64 *ctx)
{
	const struct nf_hook_state *state = (const struct nf_hook_state *)ctx[1];
	struct identity *id;

	ARGS(ctx, 3);
	if (config.on != TRACING_ON || config.netfilter != NETFILTER_ON)
		return 0;
	id = packet_here(arg[0]);
	if (!is_told_of(id))
		return 0;
	id->hook = state->hook + 1;
	id->pf = state->pf;
	id->hooks = arg[2];
	id->decided = 0;
	return 0;
}

/* Returns 1 when the packet goes on, 0 when it was taken, else it was dropped: told by the drop. */
SEC("copied")
int hook_end(__u64 *ctx)
{
	struct identity *id;
	__u64 skb;
	__u64 ret = 0;

	ARGS(ctx, 1);
	if (config.on != TRACING_ON || config.netfilter != NETFILTER_ON)
		return 0;
	bpf_get_func_ret(ctx, &ret);
	skb = arg[0];
	if ((__s32)ret < 0)
		return 0;
	id = bpf_map_lookup_elem(&identities, &skb);
	if (!is_told_of(id) || !id->hook)
		return 0;
	if ((__s32)ret == 1)
		conntrack_look(id, skb);
	report_hook(id, skb,
		(__s32)ret == 1			  ? NF_DECIDED_ACCEPT
		: id->decided == NF_DECIDED_QUEUE ? NF_DECIDED_QUEUE
						  : NF_DECIDED_STOLEN);
	return 0;
}
