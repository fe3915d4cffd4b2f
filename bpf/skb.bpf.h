/* SPDX-License-Identifier: GPL-2.0 */
/* An skb read in one go. */
#ifndef SKBSCOPE_SKB_BPF_H
#define SKBSCOPE_SKB_BPF_H

#include "vmlinux.h"
#include "config.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * Since 6.2 an address can be read like a struct of the kernel, without a call
 * (a fault reads as 0). Before, the skb is copied whole: a single call costs
 * less than six of them.
 */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/* The kernel's: libbpf relocates by an excerpt of the kernel's types, whose ids are other ones. */
extern const volatile struct type_ids type_ids;

struct skb_copy {
	__u64 word[SKB_COPY_MAX / 8];
};

/* A dozen single reads cost three times as much as one of the whole struct. */
static __always_inline long skb_copy_read(struct skb_copy *copy, const void *skb)
{
	__u32 size = bpf_core_type_size(struct sk_buff);

	if (size > SKB_COPY_MAX)
		size = SKB_COPY_MAX;
	return bpf_probe_read_kernel(copy, size, skb);
}

/* Sockets in these states are smaller ones. */
#define SOCK_TIME_WAIT 6
#define SOCK_NEW_SYN_RECV 12

#define SKB(copy, field)                                                                                     \
	(*(typeof(((struct sk_buff *)0)->field) *)((void *)(copy) +                                          \
						   bpf_core_field_offset(struct sk_buff, field)))

/* A hardware-accelerated tag: it is in the skb, not in the frame. */
static __always_inline bool skb_vlan_tag(const struct skb_copy *copy, const void *skb, __u16 *id)
{
	const struct sk_buff___vlan_bit *old = skb;

	if (!SKB(copy, vlan_proto))
		return false;
	if (bpf_core_field_exists(old->vlan_present) && !BPF_CORE_READ_BITFIELD_PROBED(old, vlan_present))
		return false;
	*id = SKB(copy, vlan_tci) & 0xfff;
	return true;
}

#endif
