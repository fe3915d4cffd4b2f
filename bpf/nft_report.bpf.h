/* SPDX-License-Identifier: GPL-2.0 */
/* What is told of a call: chains that are entered and left, rules that acted. */
#ifndef SKBSCOPE_NFT_REPORT_BPF_H
#define SKBSCOPE_NFT_REPORT_BPF_H

#include "nft_call.bpf.h"

/* The packet of a call, when it is shown and still the same. */
static __always_inline struct identity *packet_of(const struct nft_call *call)
{
	const __u64 skb = call->at.skb;
	struct identity *id = bpf_map_lookup_elem(&identities, &skb);

	return is_told_of(id) && id->id == call->packet ? id : NULL;
}

/* The same where the skb is certainly alive: known from here on when it was not before. */
static __always_inline struct identity *packet_from(struct nft_call *call, __u32 slot)
{
	struct identity *id = packet_here(call->at.skb);

	if (!id)
		return NULL;
	call->packet = id->id;
	id->call = slot + 1;
	return is_told_of(id) ? id : NULL;
}

static __always_inline void tell_name(
	const struct nft_call *call, const struct nft_chain *chain, __u64 handle)
{
	const struct nft_base_chain *base = container_of(chain, struct nft_base_chain, chain);
	const __u64 key = (__u64)chain, mixed = call->at.table << 32 ^ handle;
	__u64 *known = bpf_map_lookup_elem(&nft_chains, &key);
	struct event_chain_name *rec;
	__u8 flags;

	if (known && *known == mixed)
		return;
	rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);
	if (!rec)
		return; /* the next packet there tries again */
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->ev.type = EVENT_CHAIN_NAME;
	rec->ev.ts = bpf_ktime_get_ns();
	rec->ev.netns = call->at.netns;
	rec->table = call->at.table;
	rec->chain = handle;
	rec->family = call->at.family;
	rec->hook = NF_NO_HOOK;
	flags = BPF_CORE_READ_BITFIELD_PROBED(chain, flags);
	if (flags & NFT_CHAIN_IS_BASE) {
		rec->facts = CHAIN_BASE;
		rec->hook = call->at.hook;
		rec->policy = decision_of(BPF_CORE_READ(base, policy));
		rec->priority = BPF_CORE_READ(base, ops.priority);
	}
	bpf_probe_read_kernel_str(
		rec->table_name, sizeof(rec->table_name), BPF_CORE_READ(chain, table, name));
	bpf_probe_read_kernel_str(rec->chain_name, sizeof(rec->chain_name), BPF_CORE_READ(chain, name));
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	bpf_map_update_elem(&nft_chains, &key, &mixed, BPF_ANY);
}

/* With NETFILTER_DROPS only what drops is of interest. */
static __always_inline bool is_told(__u8 decision)
{
	return config.netfilter == NETFILTER_ON || decision == NF_DECIDED_DROP;
}

/*
 * The steps of a call. Functions of their own for the verifier, which looks at
 * each once and not in every state of its callers: copies of the programs are
 * loaded for every statement in use. Hence only numbers as arguments.
 */

/* The rule whose end was not seen: the next one is evaluated, so it was reached, or a match stopped it. */
__noinline __u32 settle_rule(__u32 slot)
{
	struct nft_call *call = call_at(slot);
	struct identity *id;

	if (!call || !call->waiting)
		return 0;
	call->waiting = 0;
	count_rule(call, call->rule, NF_DECIDED_NOT);
	if (!is_told(NF_DECIDED_NOT))
		return 0;
	id = packet_of(call);
	if (id)
		tell_rule(&call->at, id, call->rule, call->rule_chain, 0, (__u32)NFT_CONTINUE,
			call->rule_depth, call->rule_next < call->rule_end ? RULE_PARTLY : 0);
	return 0;
}

__noinline __u32 enter_chain(__u32 slot, __u64 address, __u32 depth)
{
	struct nft_call *call = call_at(slot);
	struct nft_frame *f;
	struct identity *id;
	__u64 handle;

	if (!call)
		return 0;
	call->depth = depth;
	f = frame_of(call, depth);
	frame_set(f, address);
	handle = f->handle;
	if (address == call->base)
		call->base_handle = handle;
	count_rule(call, handle, NF_DECIDED_NOT);
	/* of drops alone: a policy may come to that, and then the skb is gone */
	id = is_told(NF_DECIDED_NOT) || (!depth && call->policy == NF_DECIDED_DROP) ? packet_from(call, slot)
										    : NULL;
	if (!id || !is_told(NF_DECIDED_NOT))
		return 0;
	tell_name(call, (const struct nft_chain *)address, handle);
	tell_chain(&call->at, id, handle, CHAIN_ENTER, NF_DECIDED_NOT, depth,
		address == call->base ? CHAIN_BASE : 0);
	return 0;
}

/* A chain that was jumped to is at its end, or was returned from. */
__noinline __u32 leave_chain(__u32 slot)
{
	struct nft_call *call = call_at(slot);
	struct identity *id;
	__u32 depth;

	if (!call || !call->depth)
		return 0;
	depth = call->depth;
	id = is_told(NF_DECIDED_RETURN) ? packet_of(call) : NULL;
	if (id)
		tell_chain(&call->at, id, frame_of(call, depth)->handle, CHAIN_LEAVE, NF_DECIDED_RETURN,
			depth, 0);
	call->depth = depth - 1;
	return 0;
}

/* The end of the call, before the packet goes its way. */
__noinline __u32 leave_base(__u32 slot, __u32 decision, __u32 facts)
{
	struct nft_call *call = call_at(slot);
	struct identity *id;
	__u64 handle;

	if (!call)
		return 0;
	call->over = 1;
	handle = call->base_handle;
	if (facts & CHAIN_BY_POLICY)
		count_rule(call, handle, decision);
	if (!is_told(decision))
		return 0;
	id = packet_of(call);
	if (!id)
		return 0;
	if (config.netfilter == NETFILTER_DROPS)
		tell_name(call, (const struct nft_chain *)call->base, handle);
	tell_chain(&call->at, id, handle, CHAIN_LEAVE, decision, 0, facts | CHAIN_BASE);
	id->decided = decision;
	id->call = 0;
	return 0;
}

/* Makes call->rule and what belongs to it the rule of an expression of the present chain. */
__noinline __u32 meet_rule(__u32 slot, __u64 expr)
{
	struct nft_call *call = call_at(slot);
	const struct nft_frame *f;
	struct rule_walk w = {};
	__u64 rule = 0, chain;

	if (!call)
		return 0;
	/* the statement before was of the same rule: rules stay where they are during a call */
	if (call->rule_at && call->rule_depth == call->depth &&
		expr - call->rule_at < call->rule_end - call->rule_at)
		return 0;
	f = frame_of(call, call->depth);
	if (find_rule(f, expr, &w))
		rule = RULE_HANDLE(w.head);
	chain = f->handle;
	if (call->rule != rule || call->rule_chain != chain)
		settle_rule(slot);
	call->rule_at = rule ? w.at : 0;
	call->rule = rule;
	call->rule_chain = chain;
	call->rule_end = w.at + sizeof(w.head) + RULE_BYTES(w.head);
	call->rule_depth = call->depth;
	return 0;
}

/* The rule has decided. */
__noinline __u32 decide_rule(__u32 slot, __u32 verdict, __u64 to)
{
	struct nft_call *call = call_at(slot);
	const __u8 decision = decision_of(verdict);
	struct identity *id = NULL;

	if (!call)
		return 0;
	call->waiting = 0;
	count_rule(call, call->rule, decision);
	/* of drops alone it may begin here, where it lives; a statement that took it may have freed it */
	if (is_told(decision))
		id = decision == NF_DECIDED_DROP ? packet_from(call, slot) : packet_of(call);
	if (id)
		tell_rule(&call->at, id, call->rule, call->rule_chain, to ? handle_of(to) : 0, verdict,
			call->rule_depth, 0);
	return 0;
}

#endif
