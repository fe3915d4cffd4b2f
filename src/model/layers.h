/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where in the network stack a kernel function belongs and how much it
 * matters. The knowledge itself is data in probe_table.c.
 */
#ifndef SKBSCOPE_MODEL_LAYERS_H
#define SKBSCOPE_MODEL_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

/* id, name as shown and as given to --layer, one letter for narrow screens */
#define LAYERS(_)                                                                                            \
	_(DEVICE, "Device", 'D')                                                                             \
	_(GRO, "GRO", 'G')                                                                                   \
	_(IPV4, "IPv4", '4')                                                                                 \
	_(IPV6, "IPv6", '6')                                                                                 \
	_(TCP, "TCP", 'T')                                                                                   \
	_(UDP, "UDP", 'U')                                                                                   \
	_(ICMP, "ICMP", 'I')                                                                                 \
	_(NETFILTER, "Netfilter", 'N')                                                                       \
	_(CONNTRACK, "Conntrack", 'C')                                                                       \
	_(ROUTING, "Routing", 'R')                                                                           \
	_(BRIDGE, "Bridge", 'B')                                                                             \
	_(QDISC, "QDisc", 'Q')                                                                               \
	_(XMIT, "Xmit", 'X')                                                                                 \
	_(SOFTIRQ, "SoftIRQ", 'S')                                                                           \
	_(TUNNEL, "Tunnel", 'V')                                                                             \
	_(IPSEC, "IPsec", 'P')                                                                               \
	_(SOCKET, "Socket", 'K')                                                                             \
	_(OTHER, "Other", 'O')

#define CATEGORIES(_)                                                                                        \
	_(NFT, "nft")                                                                                        \
	_(NETFILTER, "netfilter")                                                                            \
	_(CONNTRACK, "conntrack")                                                                            \
	_(NAT, "nat")                                                                                        \
	_(IP, "ip")                                                                                          \
	_(IPV6, "ipv6")                                                                                      \
	_(TCP, "tcp")                                                                                        \
	_(UDP, "udp")                                                                                        \
	_(ICMP, "icmp")                                                                                      \
	_(NETDEV, "netdev")                                                                                  \
	_(BRIDGE, "bridge")                                                                                  \
	_(ROUTING, "routing")                                                                                \
	_(IPSEC, "ipsec")                                                                                    \
	_(TUNNEL, "tunnel")                                                                                  \
	_(QDISC, "qdisc")                                                                                    \
	_(SOCKET, "socket")                                                                                  \
	_(GRO, "gro")                                                                                        \
	_(GENERAL, "general")

#define _(id, name, letter) LAYER_##id,
enum layer { LAYERS(_) LAYER_COUNT };
#undef _

#define _(id, name) CATEGORY_##id,
enum category { CATEGORIES(_) CATEGORY_COUNT };
#undef _

#define PRIORITY_MAX 3 /* 0 critical, 1 important, 2 optional, 3 everything */

struct probe_class {
	enum layer layer;
	enum category category;
	int priority;
};

const char *layer_name(enum layer layer);
char layer_letter(enum layer layer);
const char *category_name(enum category category);

/* By name, case ignored; len bytes of name. -1: no such. */
int layer_by_name(const char *name, size_t len);
int category_by_name(const char *name, size_t len);

/* All names, comma separated, for messages and help. */
const char *layer_names(void);
const char *category_names(void);

/*
 * Layer, category and priority of the function name; module is NULL for
 * vmlinux. Never fails: what no rule knows is LAYER_OTHER, general, 3.
 */
struct probe_class classify(const char *func, const char *module);

/*
 * For functions that BTF does not tell about (a module without BTF, a kernel
 * whose BTF has no functions): position (1-5) of the skb argument as the name
 * suggests, 0 when the name suggests nothing.
 */
int guess_skb_arg(const char *func);

/* The short list that is tried when nothing else is known; ends with NULL. */
extern const char *const critical_functions[];

#endif
