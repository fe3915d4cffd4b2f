/* SPDX-License-Identifier: GPL-2.0 */
/* The begin of a packet's identity. */
#ifndef SKBSCOPE_BIRTH_BPF_H
#define SKBSCOPE_BIRTH_BPF_H

#include "maps.bpf.h"

/* x86-64: the kernel's half without its last page, where error pointers point. */
#define KERNEL_ADDRESSES 0xff00000000000000ull
#define KERNEL_ADDRESSES_SIZE (0 - KERNEL_ADDRESSES - 4096)

static __always_inline bool is_no_address(__u64 key)
{
	return key - KERNEL_ADDRESSES >= KERNEL_ADDRESSES_SIZE;
}

/* Never twice. Trampolines that nest may share a seat's counter. */
static __always_inline __u64 next_id(struct cpu_stats *st, __u32 seat)
{
	return __sync_fetch_and_add(&st->next_id, 1) * config.seats + seat + 1;
}

/* Not built on the stack, which is short. */
static const struct identity identity_zero;

static __always_inline struct identity *packet_begin(struct cpu_stats *st, __u64 key, __u32 seat)
{
	struct identity *id;

	if (bpf_map_update_elem(&identities, &key, &identity_zero, BPF_NOEXIST)) {
		st->id_full++;
		return NULL;
	}
	id = bpf_map_lookup_elem(&identities, &key);
	if (id)
		id->id = next_id(st, seat);
	return id;
}

/* Another packet in the place of one that has ended. */
static __always_inline void packet_again(struct cpu_stats *st, struct identity *id, __u32 seat)
{
	id->id = next_id(st, seat);
	id->copy = id->parent = 0;
	id->seq = 0;
	id->into = 0;
	id->hook = id->decided = 0;
	id->ct = id->call = 0;
	id->snapped = 0;
	id->head = 0;
}

#endif
