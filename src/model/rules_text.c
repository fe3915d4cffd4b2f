/* SPDX-License-Identifier: GPL-2.0 */
/* The words of rulesets: include/uapi/linux/netfilter.h, netfilter_bridge.h, netfilter_arp.h. */
#include "model/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/names.h"

enum { /* NFPROTO_* */
	PF_OF_INET = 1,
	PF_OF_IPV4 = 2,
	PF_OF_ARP = 3,
	PF_OF_NETDEV = 5,
	PF_OF_BRIDGE = 7,
	PF_OF_IPV6 = 10,
};

const char *rules_family(unsigned int family)
{
	switch (family) {
	case PF_OF_INET:
		return "inet";
	case PF_OF_IPV4:
		return "ip";
	case PF_OF_ARP:
		return "arp";
	case PF_OF_NETDEV:
		return "netdev";
	case PF_OF_BRIDGE:
		return "bridge";
	case PF_OF_IPV6:
		return "ip6";
	default:
		return "?";
	}
}

const char *rules_pf(unsigned int pf)
{
	switch (pf) {
	case PF_OF_IPV4:
		return "ipv4";
	case PF_OF_IPV6:
		return "ipv6";
	default:
		return rules_family(pf);
	}
}

const char *rules_hook(unsigned int family, unsigned int hook)
{
	static const char *const inet[] = { "prerouting", "input", "forward", "output", "postrouting",
		"ingress" };
	static const char *const bridge[] = { "prerouting", "input", "forward", "output", "postrouting",
		"brouting" };
	static const char *const arp[] = { "input", "output", "forward" };
	static const char *const netdev[] = { "ingress", "egress" };

	if (hook == NF_NO_HOOK)
		return "";
	switch (family) {
	case PF_OF_ARP:
		return hook < 3 ? arp[hook] : "?";
	case PF_OF_NETDEV:
		return hook < 2 ? netdev[hook] : "?";
	case PF_OF_BRIDGE:
		return hook < 6 ? bridge[hook] : "?";
	default:
		return hook < 6 ? inet[hook] : "?";
	}
}

const char *rules_decision(unsigned int decision)
{
	static const char *const names[NF_DECISIONS] = {
		[NF_DECIDED_NOT] = "continue",
		[NF_DECIDED_ACCEPT] = "accept",
		[NF_DECIDED_DROP] = "drop",
		[NF_DECIDED_STOLEN] = "stolen",
		[NF_DECIDED_QUEUE] = "queue",
		[NF_DECIDED_REPEAT] = "repeat",
		[NF_DECIDED_JUMP] = "jump",
		[NF_DECIDED_GOTO] = "goto",
		[NF_DECIDED_RETURN] = "return",
		[NF_DECIDED_BREAK] = "break",
	};

	return decision < NF_DECISIONS ? names[decision] : "?";
}

/* At the end of dst, whole characters only. */
static size_t put(char *dst, size_t size, size_t used, const char *text)
{
	printable(dst + used, size - used, text, strlen(text));
	return used + strlen(dst + used);
}

static const char *name_or_mark(const struct rules_item *item)
{
	return item && item->name[0] ? item->name : "?";
}

char *rules_line(const struct rules *rules, uint32_t no, char *dst, size_t size)
{
	const struct rules_item *item = rules_item(rules, no), *chain, *table;
	char handle[32];
	size_t used;

	if (!size)
		return dst;
	dst[0] = '\0';
	if (!item)
		return dst;
	chain = item->kind == RULES_RULE ? rules_item(rules, item->parent) : item;
	table = item->kind == RULES_TABLE ? item : chain ? rules_item(rules, chain->parent) : NULL;
	used = put(dst, size, 0, rules_family(item->family));
	used = put(dst, size, used, " ");
	used = put(dst, size, used, name_or_mark(table));
	if (item->kind == RULES_TABLE)
		return dst;
	used = put(dst, size, used, " ");
	used = put(dst, size, used, name_or_mark(chain));
	if (item->kind == RULES_CHAIN)
		return dst;
	snprintf(handle, sizeof(handle), " #%" PRIu64, item->handle);
	used = put(dst, size, used, handle);
	if (item->name[0]) {
		used = put(dst, size, used, "  ");
		put(dst, size, used, item->name);
	}
	return dst;
}
