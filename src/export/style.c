/* SPDX-License-Identifier: GPL-2.0 */
#include "export/style.h"

/* Layers have the hues of the default theme (themes/default.theme). */
static const char sequences[STYLE_COUNT][STYLE_MAX] = {
	[STYLE_TITLE] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_DROP] = "\033[1;31m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_NETFILTER] = "\033[35m",
	[STYLE_LAYER + LAYER_DEVICE] = "\033[94m",
	[STYLE_LAYER + LAYER_GRO] = "\033[34m",
	[STYLE_LAYER + LAYER_IPV4] = "\033[92m",
	[STYLE_LAYER + LAYER_IPV6] = "\033[32m",
	[STYLE_LAYER + LAYER_TCP] = "\033[93m",
	[STYLE_LAYER + LAYER_UDP] = "\033[33m",
	[STYLE_LAYER + LAYER_ICMP] = "\033[93m",
	[STYLE_LAYER + LAYER_NETFILTER] = "\033[95m",
	[STYLE_LAYER + LAYER_CONNTRACK] = "\033[35m",
	[STYLE_LAYER + LAYER_ROUTING] = "\033[96m",
	[STYLE_LAYER + LAYER_BRIDGE] = "\033[36m",
	[STYLE_LAYER + LAYER_QDISC] = "\033[35m",
	[STYLE_LAYER + LAYER_XMIT] = "\033[96m",
	[STYLE_LAYER + LAYER_TUNNEL] = "\033[36m",
	[STYLE_LAYER + LAYER_IPSEC] = "\033[95m",
};

const char *style_begin(enum style style)
{
	return (unsigned int)style < STYLE_COUNT ? sequences[style] : "";
}

enum style style_of_fate(enum fate fate)
{
	switch (fate) {
	case FATE_DROPPED:
		return STYLE_DROP;
	case FATE_DELIVERED:
	case FATE_TRANSMITTED:
		return STYLE_GOOD;
	default:
		return STYLE_DIM;
	}
}
