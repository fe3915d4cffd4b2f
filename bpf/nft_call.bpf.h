/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One call of nft_do_chain(): where it is, which rule it is at. A call is known by
 * its struct nft_pktinfo, which lies on the caller's stack: the reset that a
 * reject sends and softirqs inside a task have calls of their own.
 *
 * Calls stand in slots of an array, near the place that their key says: a hash map
 * takes 1,500 instructions to take such an element in, and 100 to find it.
 */
#ifndef SKBSCOPE_NFT_CALL_BPF_H
#define SKBSCOPE_NFT_CALL_BPF_H

#include <bpf/bpf_core_read.h>
#include "hook.bpf.h"

/* A chain and its rules, of both generations: a commit may put others in their place meanwhile. */
struct nft_frame {
	__u64 chain; /* address */
	__u64 handle;
	__u64 begin[2]; /* of the rules */
	__u32 size[2];
};

struct nft_call {
	__u64 key;   /* address of its struct nft_pktinfo, 0: the slot is free */
	__u64 since; /* ns; user space looks for calls whose end was missed */
	struct nf_place at;
	__u64 packet;
	__u64 base; /* the chain that it began with */
	__u64 base_handle;
	__u8 depth;   /* frame[depth] is evaluated */
	__u8 over;    /* the verdict is told */
	__u8 waiting; /* a rule, below, whose end is not seen yet */
	__u8 rule_depth;
	__u8 policy;		/* enum nf_decision, of the base chain */
	__u64 rule, rule_chain; /* handles */
	__u64 rule_at;		/* where it lies; 0: not found */
	__u64 rule_next;	/* where its next expression would stand */
	__u64 rule_end;
	struct nft_frame frame[NFT_JUMP_STACK_SIZE];
};

#define CALLS 2048u /* a power of two */
#define CALL_TRIES 8u

struct map_calls {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, CALLS);
	__type(key, __u32);
	__type(value, struct nft_call);
};

/* Expression → its rule's head, as found before. Looked at again before it is believed. */
struct nft_place {
	__u64 at;
	__u64 head; /* what stood there */
};

struct map_places {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct nft_place);
};

struct rule_key {
	__u32 netns;
	__u32 pad;
	__u64 table, handle;
};

struct rule_count {
	__u64 n[NF_DECISIONS];
};

/* Only what was met takes memory. */
struct map_rules {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct rule_key);
	__type(value, struct rule_count);
};

/* Chains whose names were sent: address → handle, mixed with its table's. */
struct map_chains {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
};

struct map_calls nft_calls SEC(".maps");
struct map_places nft_places SEC(".maps");
struct map_rules nft_rules SEC(".maps");
struct map_chains nft_chains SEC(".maps");

/* What new elements begin with: too large for the stack. */
static const struct rule_count rule_count_zero;

static __always_inline struct nft_call *call_at(__u32 slot)
{
	return bpf_map_lookup_elem(&nft_calls, &slot);
}

/* Where the call of that key is, or with claim will be; NULL: it is not there, or no slot is free. */
static __always_inline struct nft_call *call_find(__u64 key, __u32 *at, bool claim)
{
	const __u32 first = key * 0x9e3779b97f4a7c15ull >> 53;

#pragma unroll
	for (__u32 i = 0; i < CALL_TRIES; i++) {
		__u32 slot = (first + i) & (CALLS - 1);
		struct nft_call *call = call_at(slot);

		if (!call)
			return NULL;
		if (call->key == key || (claim && !__sync_val_compare_and_swap(&call->key, 0, key))) {
			*at = slot;
			return call;
		}
	}
	return NULL;
}

static __always_inline struct nft_frame *frame_of(struct nft_call *call, __u32 depth)
{
	/* the compiler may not know better than the verifier */
	asm volatile("%0 &= 15" : "+r"(depth));
	return &call->frame[depth];
}

static __always_inline void frame_set(struct nft_frame *f, __u64 address)
{
	const struct nft_chain *chain = (const struct nft_chain *)address;
	const struct nft_rule_blob *blob;

	f->chain = address;
	f->handle = BPF_CORE_READ(chain, handle);
	blob = BPF_CORE_READ(chain, blob_gen_0);
	f->begin[0] = (__u64)blob + sizeof(__u64);
	f->size[0] = BPF_CORE_READ(blob, size);
	blob = BPF_CORE_READ(chain, blob_gen_1);
	f->begin[1] = (__u64)blob + sizeof(__u64);
	/* nothing was changed since: one and the same */
	f->size[1] = f->begin[1] == f->begin[0] ? f->size[0] : BPF_CORE_READ(blob, size);
}

/* In which of its generations an address is; -1 in none. */
static __always_inline int frame_has(const struct nft_frame *f, __u64 address)
{
	if (address - f->begin[0] < f->size[0])
		return 0;
	return address - f->begin[1] < f->size[1] ? 1 : -1;
}

static __always_inline __u64 handle_of(__u64 chain)
{
	return BPF_CORE_READ((const struct nft_chain *)chain, handle);
}

static __always_inline void count_rule(const struct nft_call *call, __u64 handle, __u32 decision)
{
	struct rule_key key = { .netns = call->at.netns, .table = call->at.table, .handle = handle };
	struct rule_count *count = bpf_map_lookup_elem(&nft_rules, &key);

	if (!count) {
		bpf_map_update_elem(&nft_rules, &key, &rule_count_zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&nft_rules, &key);
	}
	/* what is checked is what is used */
	asm volatile("" : "+r"(decision));
	if (count && decision < NF_DECISIONS)
		__sync_fetch_and_add(&count->n[decision], 1);
}

/*
 * struct nft_rule_dp: a head of 64 bits, the lowest says that it is the end, the
 * next 12 how many bytes of expressions follow, the next 42 are the handle
 * (bitfields, little endian; checked at the start, src/trace/netfilter/).
 */
#define RULE_IS_END(head) ((head)&1)
#define RULE_BYTES(head) ((head) >> 1 & 0xfff)
#define RULE_HANDLE(head) ((head) >> 13 & 0x3ffffffffffull)

struct rule_walk {
	__u64 at, end, wanted;
	__u64 head; /* of the rule found; 0 not yet */
};

#define RULES_WALK 65536u /* of one chain: beyond, they are not found */

static long walk_step(__u32 i, struct rule_walk *w)
{
	__u64 head;

	if (w->at >= w->end || bpf_probe_read_kernel(&head, sizeof(head), (const void *)w->at) ||
		RULE_IS_END(head))
		return 1;
	if (w->wanted < w->at + sizeof(head) + RULE_BYTES(head)) {
		w->head = head;
		return 1;
	}
	w->at += sizeof(head) + RULE_BYTES(head);
	return 0;
}

/* The rule of an expression in the frame; false: not found. */
static __always_inline bool find_rule(const struct nft_frame *f, __u64 expr, struct rule_walk *w)
{
	struct nft_place *known = bpf_map_lookup_elem(&nft_places, &expr), fresh;
	int generation = frame_has(f, expr);
	__u64 head;

	if (generation < 0)
		return false;
	w->wanted = expr;
	w->head = 0;
	/* rules that are replaced may lie where others lay */
	if (known && frame_has(f, known->at) == generation &&
		!bpf_probe_read_kernel(&head, sizeof(head), (const void *)known->at) && head == known->head &&
		expr - known->at - sizeof(head) < RULE_BYTES(head)) {
		w->at = known->at;
		w->head = head;
		return true;
	}
	w->at = generation ? f->begin[1] : f->begin[0];
	w->end = w->at + (generation ? f->size[1] : f->size[0]);
	bpf_loop(RULES_WALK, walk_step, w, 0);
	if (!w->head)
		return false;
	fresh.at = w->at;
	fresh.head = w->head;
	bpf_map_update_elem(&nft_places, &expr, &fresh, BPF_ANY);
	return true;
}

#endif
