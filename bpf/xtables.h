/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types of legacy iptables that the programs read; as netfilter.h.
 * They are found when ip_tables or ip6_tables is loaded (include/linux/netfilter/
 * x_tables.h, linux/netfilter_ipv4/ip_tables.h).
 */
#ifndef SKBSCOPE_XTABLES_H
#define SKBSCOPE_XTABLES_H

#include "vmlinux.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct xt_table_info {
	unsigned int size;
	unsigned int hook_entry[5];
	unsigned int underflow[5];
	unsigned char entries[0];
};

struct xt_table {
	struct xt_table_info *private;
	u8 af;
	char name[32];
};

struct xt_counters {
	__u64 pcnt;
};

struct ipt_entry {
	__u16 target_offset;
	__u16 next_offset;
	struct xt_counters counters;
	unsigned char elems[0];
};

struct ip6t_entry {
	__u16 target_offset;
	__u16 next_offset;
	struct xt_counters counters;
	unsigned char elems[0];
};

struct xt_target {
	char name[29];
	unsigned int (*target)(void *skb, const void *par);
};

#pragma clang attribute pop

/*
 * struct xt_entry_target, 32 bytes: the target's struct in the kernel stands at 8;
 * of the standard one, which has no function, the verdict follows (users' ABI).
 */
#define TARGET_STRUCT 8
#define TARGET_VERDICT 32

#endif
