/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types of netfilter that the programs read; as vmlinux.h. Those of
 * nf_tables are found when its module is loaded (include/net/netfilter/nf_tables.h,
 * 5.17 to 6.18: rules lie in blobs since 5.17).
 */
#ifndef SKBSCOPE_NETFILTER_H
#define SKBSCOPE_NETFILTER_H

#include "vmlinux.h"

/*
 * What struct nf_conntrack_tuple_hash is: its node, then the tuple, as
 * include/net/netfilter/nf_conntrack_tuple.h has it since 2.6.
 */
struct tuple_hash {
	u64 node[2];
	u8 src[16];
	__be16 src_port; /* or id of an ICMP echo */
	u16 family;
	u8 dst[16];
	__be16 dst_port; /* or type and code of ICMP */
	u8 protocol;
	u8 direction;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct nf_hook_state {
	u8 hook;
	u8 pf;
	struct net *net;
};

struct nf_hook_entries {
	u16 num_hook_entries;
};

struct nft_table {
	u64 handle;
	u16 family : 6;
	char *name;
};

struct nft_rule_blob {
	unsigned long size;
};

struct nft_chain {
	struct nft_rule_blob *blob_gen_0, *blob_gen_1;
	struct nft_table *table;
	u64 handle;
	u8 flags : 5;
	char *name;
};

struct nf_hook_ops {
	int priority;
};

struct nft_base_chain {
	struct nf_hook_ops ops;
	u8 policy;
	struct nft_chain chain;
};

struct nft_pktinfo {
	struct sk_buff *skb;
	const struct nf_hook_state *state;
};

struct nft_expr_ops {
	unsigned int size;
};

struct nft_immediate_expr {
	u8 dreg;
};

struct nft_set {
	u32 dtype;
};

struct nft_lookup {
	struct nft_set *set;
};

struct nf_conntrack_tuple_hash {
	u64 node;
};

struct nf_conntrack_zone {
	u16 id;
};

struct ip_ct_tcp {
	u8 state;
};

union nf_conntrack_proto {
	struct ip_ct_tcp tcp;
};

struct nf_conn {
	struct nf_conntrack_zone zone;
	struct nf_conntrack_tuple_hash tuplehash[2];
	unsigned long status;
	possible_net_t ct_net;
	u32 mark;
	union nf_conntrack_proto proto;
};

#pragma clang attribute pop

/* Users' ABI: linux/netfilter.h, linux/netfilter/nf_tables.h */
enum {
	NF_DROP = 0,
	NF_ACCEPT = 1,
	NF_STOLEN = 2,
	NF_QUEUE = 3,
	NF_REPEAT = 4,
	NF_STOP = 5,
	NFT_CONTINUE = -1,
	NFT_BREAK = -2,
	NFT_JUMP = -3,
	NFT_GOTO = -4,
	NFT_RETURN = -5,
	NFT_DATA_VERDICT = 0xffffff00u,
	NFT_CHAIN_IS_BASE = 1,
	NFT_JUMP_STACK_SIZE = 16,
};

/* A verdict of nf_tables or of a hook function, as in the records. */
static inline __u8 decision_of(__u32 verdict)
{
	switch ((__s32)verdict) {
	case NFT_CONTINUE:
		return NF_DECIDED_NOT;
	case NFT_BREAK:
		return NF_DECIDED_BREAK;
	case NFT_JUMP:
		return NF_DECIDED_JUMP;
	case NFT_GOTO:
		return NF_DECIDED_GOTO;
	case NFT_RETURN:
		return NF_DECIDED_RETURN;
	}
	switch (verdict & 0xff) {
	case NF_DROP:
		return NF_DECIDED_DROP;
	case NF_STOLEN:
		return NF_DECIDED_STOLEN;
	case NF_QUEUE:
		return NF_DECIDED_QUEUE;
	case NF_REPEAT:
		return NF_DECIDED_REPEAT;
	}
	return NF_DECIDED_ACCEPT;
}

#endif
