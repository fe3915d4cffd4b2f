/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers in headers (linux/if_ether.h, linux/in.h), and how several of ours become one. */
#ifndef SKBSCOPE_HEADERS_BPF_H
#define SKBSCOPE_HEADERS_BPF_H

#include "vmlinux.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8

#define PROTO_HOPOPTS 0
#define PROTO_ICMP 1
#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_DCCP 33
#define PROTO_ROUTING 43
#define PROTO_FRAGMENT 44
#define PROTO_AH 51
#define PROTO_ICMPV6 58
#define PROTO_DSTOPTS 60
#define PROTO_SCTP 132
#define PROTO_MOBILITY 135
#define PROTO_UDPLITE 136

#define SOCK_INET 2
#define SOCK_INET6 10

static __always_inline __u32 mix(__u32 a, __u32 b, __u32 c)
{
	return a * 0x9e3779b1u ^ b * 0x85ebca77u ^ c * 0xc2b2ae3du;
}

#endif
