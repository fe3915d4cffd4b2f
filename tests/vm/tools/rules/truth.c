/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own trace (net/netfilter/nf_tables_trace.c). The first message of
 * a call carries the packet's headers; the others are known by the skb's id,
 * which lasts for the call: a packet that is made meanwhile has another one.
 */
#include "calls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct attr {
	const unsigned char *p; /* NULL: not there */
	size_t n;
};

static void parse(struct attr *attrs, int max, const unsigned char *p, size_t n)
{
	memset(attrs, 0, sizeof(*attrs) * (size_t)(max + 1));
	while (n >= sizeof(struct nlattr)) {
		struct nlattr a;
		size_t step;

		memcpy(&a, p, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > n)
			return;
		if ((a.nla_type & NLA_TYPE_MASK) <= max)
			attrs[a.nla_type & NLA_TYPE_MASK] =
				(struct attr){ p + sizeof(a), a.nla_len - sizeof(a) };
		step = (size_t)NLA_ALIGN(a.nla_len);
		if (step >= n)
			return;
		p += step;
		n -= step;
	}
}

static uint32_t be32(struct attr a)
{
	uint32_t x = 0;

	if (a.p && a.n >= sizeof(x))
		memcpy(&x, a.p, sizeof(x));
	return ntohl(x);
}

static uint64_t be64(struct attr a)
{
	uint64_t x = 0;

	for (size_t i = 0; a.p && i < a.n; i++)
		x = x << 8 | a.p[i];
	return x;
}

static const char *text(struct attr a)
{
	return a.p && a.n && !a.p[a.n - 1] ? (const char *)a.p : "";
}

const char *verdict_name(int32_t code)
{
	static const char *const kernel[] = { "drop", "accept", "stolen", "queue", "repeat" };
	static const char *const nft[] = { "continue", "break", "jump", "goto", "return" };

	if (code < 0)
		return -code <= 5 ? nft[-code - 1] : "?";
	code &= NF_VERDICT_MASK;
	return code < 5 ? kernel[code] : "?";
}

static const char *family_name(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_ARP:
		return "arp";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_NETDEV:
		return "netdev";
	default:
		return "?";
	}
}

static int be16(const unsigned char *p)
{
	return p[0] << 8 | p[1];
}

/* "udp 10.1.0.2:4000 10.2.0.2:53", as far as skbscope tells it: the id of an echo is a port, too. */
static void packet_text(char *dst, size_t size, struct attr net, struct attr l4)
{
	int version = net.n ? net.p[0] >> 4 : 0;
	char src[INET6_ADDRSTRLEN] = "", to[INET6_ADDRSTRLEN] = "", name[16], ports[32] = "";
	uint8_t proto;

	if (!(version == 4 && net.n >= 20) && !(version == 6 && net.n >= 40)) {
		snprintf(dst, size, "%s", net.n > 1 && !net.p[0] && net.p[1] == 1 ? "arp" : "-");
		return;
	}
	inet_ntop(version == 4 ? AF_INET : AF_INET6, net.p + (version == 4 ? 12 : 8), src, sizeof(src));
	inet_ntop(version == 4 ? AF_INET : AF_INET6, net.p + (version == 4 ? 16 : 24), to, sizeof(to));
	proto = net.p[version == 4 ? 9 : 6];
	snprintf(name, sizeof(name), "%u", proto);
	if (proto == 6 || proto == 17) {
		strcpy(name, proto == 6 ? "tcp" : "udp");
		if (l4.n >= 4)
			snprintf(ports, sizeof(ports), " %d %d", be16(l4.p + 0), be16(l4.p + 2));
	} else if (proto == 1 || proto == 58) {
		strcpy(name, proto == 1 ? "icmp" : "icmp6");
		if (l4.n >= 8 && (l4.p[0] == (proto == 1 ? 8 : 128) || l4.p[0] == (proto == 1 ? 0 : 129)))
			snprintf(ports, sizeof(ports), " %d %d", be16(l4.p + 4), be16(l4.p + 6));
	}
	snprintf(dst, size, "%s %s %s%s", name, src, to, ports);
}

static void rule(struct calls *calls, struct call *call, const struct attr *a, uint64_t shift)
{
	struct attr v[NFTA_VERDICT_MAX + 1];
	char step[600];
	int32_t code;

	parse(v, NFTA_VERDICT_MAX, a[NFTA_TRACE_VERDICT].p, a[NFTA_TRACE_VERDICT].n);
	code = (int32_t)be32(v[NFTA_VERDICT_CODE]);
	if (!a[NFTA_TRACE_RULE_HANDLE].p)
		return; /* the chain's end */
	snprintf(step, sizeof(step), "%s#%" PRIu64 " %s", text(a[NFTA_TRACE_CHAIN]),
		be64(a[NFTA_TRACE_RULE_HANDLE]) + shift, verdict_name(code));
	calls_step(calls, call, step);
	if (code == NFT_JUMP || code == NFT_GOTO) {
		snprintf(step, sizeof(step), "> %s", text(v[NFTA_VERDICT_CHAIN]));
		calls_step(calls, call, step);
	}
	if (code >= 0) {
		snprintf(step, sizeof(step), "= %s", verdict_name(code));
		calls_step(calls, call, step);
		calls_end(calls, call);
	}
}

static void message(struct calls *calls, uint8_t family, const struct attr *a, uint64_t netns, uint64_t shift)
{
	uint32_t id = be32(a[NFTA_TRACE_ID]), type = be32(a[NFTA_TRACE_TYPE]);
	struct call *call;
	char packet[160], who[900], step[64];

	if (a[NFTA_TRACE_NETWORK_HEADER].p) {
		packet_text(
			packet, sizeof(packet), a[NFTA_TRACE_NETWORK_HEADER], a[NFTA_TRACE_TRANSPORT_HEADER]);
		snprintf(who, sizeof(who), "%" PRIu64 " %s %s %s: %s", netns, family_name(family),
			text(a[NFTA_TRACE_TABLE]), text(a[NFTA_TRACE_CHAIN]), packet);
		call = calls_begin(calls, id, netns, who);
	} else {
		call = calls_open(calls, id, netns);
	}
	if (!call) {
		calls->bad++;
		return;
	}
	if (type == NFT_TRACETYPE_POLICY) {
		snprintf(
			step, sizeof(step), "= %s policy", verdict_name((int32_t)be32(a[NFTA_TRACE_POLICY])));
		calls_step(calls, call, step);
		calls_end(calls, call);
	} else {
		rule(calls, call, a, shift);
	}
}

static void messages(struct calls *calls, const unsigned char *p, size_t n, uint64_t netns, uint64_t shift)
{
	const size_t head = sizeof(struct nlmsghdr) + sizeof(struct nfgenmsg);
	struct attr a[NFTA_TRACE_MAX + 1];

	while (n >= head) {
		struct nlmsghdr h;
		struct nfgenmsg g;

		memcpy(&h, p, sizeof(h));
		if (h.nlmsg_len < head || h.nlmsg_len > n) {
			calls->bad++;
			return;
		}
		memcpy(&g, p + sizeof(h), sizeof(g));
		if (h.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE)) {
			parse(a, NFTA_TRACE_MAX, p + head, h.nlmsg_len - head);
			message(calls, g.nfgen_family, a, netns, shift);
		}
		if (NLMSG_ALIGN(h.nlmsg_len) >= n)
			return;
		n -= NLMSG_ALIGN(h.nlmsg_len);
		p += NLMSG_ALIGN(h.nlmsg_len);
	}
}

int truth_read(struct calls *calls, const char *path, uint64_t netns, uint64_t shift)
{
	FILE *in = fopen(path, "r");
	unsigned char *all = NULL;
	size_t n = 0, max = 0, got;

	if (!in)
		return -errno;
	do {
		if (n == max) {
			max = max ? max * 2 : 1 << 20;
			all = grow(all, max, 1);
		}
		got = fread(all + n, 1, max - n, in);
		n += got;
	} while (got);
	fclose(in);
	messages(calls, all, n, netns, shift);
	free(all);
	return 0;
}
