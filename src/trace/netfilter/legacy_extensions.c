/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy_extensions.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_LOG.h>
#include <linux/netfilter/xt_MARK.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>
#include <string.h>

#define ALL_PORTS 0xffff

/* What the kernel hands out is at least as long; what is shorter is another thing. */
#define READ(to, part) ((part)->len >= sizeof(to) && memcpy(&(to), (part)->data, sizeof(to)))

static const char * not(unsigned int inverted)
{
	return inverted ? " !" : "";
}

static void put_ports(struct strbuf *text, const char *option, const __u16 *range, unsigned int inverted)
{
	if (range[0] == 0 && range[1] == ALL_PORTS && !inverted)
		return;
	strbuf_addf(text, "%s %s %u", not(inverted), option, range[0]);
	if (range[0] != range[1])
		strbuf_addf(text, ":%u", range[1]);
}

static void put_tcp_flags(struct strbuf *text, unsigned int mask, unsigned int want, unsigned int inverted)
{
	static const char *const words[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG" };
	const unsigned int both[] = { mask, want };

	strbuf_addf(text, "%s --tcp-flags", not(inverted));
	for (size_t k = 0; k < 2; k++) {
		const char *comma = " ";

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (!(both[k] >> i & 1))
				continue;
			strbuf_addf(text, "%s%s", comma, words[i]);
			comma = ",";
		}
		if (*comma == ' ')
			strbuf_puts(text, " NONE");
	}
}

static bool tcp(const struct legacy_part *m, struct strbuf *text)
{
	struct xt_tcp t;

	if (!READ(t, m))
		return false;
	put_ports(text, "--sport", t.spts, t.invflags & XT_TCP_INV_SRCPT);
	put_ports(text, "--dport", t.dpts, t.invflags & XT_TCP_INV_DSTPT);
	if (t.option)
		strbuf_addf(text, "%s --tcp-option %u", not(t.invflags & XT_TCP_INV_OPTION), t.option);
	if (t.flg_mask || t.invflags & XT_TCP_INV_FLAGS)
		put_tcp_flags(text, t.flg_mask, t.flg_cmp, t.invflags & XT_TCP_INV_FLAGS);
	return true;
}

static bool udp(const struct legacy_part *m, struct strbuf *text)
{
	struct xt_udp u;

	if (!READ(u, m))
		return false;
	put_ports(text, "--sport", u.spts, u.invflags & XT_UDP_INV_SRCPT);
	put_ports(text, "--dport", u.dpts, u.invflags & XT_UDP_INV_DSTPT);
	return true;
}

static bool multiport(const struct legacy_part *m, struct strbuf *text)
{
	static const char *const options[] = { "--sports", "--dports", "--ports" };
	struct xt_multiport_v1 p;

	if (m->revision != 1 || !READ(p, m) || p.flags > XT_MULTIPORT_EITHER || p.count > XT_MULTI_PORTS)
		return false;
	strbuf_addf(text, "%s %s ", not(p.invert), options[p.flags]);
	for (unsigned int i = 0; i < p.count; i++)
		strbuf_addf(text, "%s%u", !i ? "" : p.pflags[i - 1] ? ":" : ",", p.ports[i]);
	return true;
}

static void put_states(struct strbuf *text, unsigned int mask)
{
	static const struct {
		unsigned int bit;
		const char *word;
	} words[] = {
		{ XT_CONNTRACK_STATE_INVALID, "INVALID" },
		{ XT_CONNTRACK_STATE_BIT(IP_CT_NEW), "NEW" },
		{ XT_CONNTRACK_STATE_BIT(IP_CT_RELATED), "RELATED" },
		{ XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED), "ESTABLISHED" },
		{ XT_CONNTRACK_STATE_UNTRACKED, "UNTRACKED" },
		{ XT_CONNTRACK_STATE_SNAT, "SNAT" },
		{ XT_CONNTRACK_STATE_DNAT, "DNAT" },
	};
	const char *comma = " ";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!(mask & words[i].bit))
			continue;
		strbuf_addf(text, "%s%s", comma, words[i].word);
		comma = ",";
	}
}

static bool conntrack(const struct legacy_part *m, struct strbuf *text)
{
	struct xt_conntrack_mtinfo3 c;

	/* other conditions than the state are only named */
	if (m->revision != 3 || !READ(c, m) || !(c.match_flags & XT_CONNTRACK_STATE))
		return false;
	strbuf_addf(text, "%s --ctstate", not(c.invert_flags & XT_CONNTRACK_STATE));
	put_states(text, c.state_mask);
	return !(c.match_flags & ~(XT_CONNTRACK_STATE | XT_CONNTRACK_STATE_ALIAS));
}

static bool state(const struct legacy_part *m, struct strbuf *text)
{
	struct xt_state_info s;

	if (m->revision || !READ(s, m))
		return false;
	strbuf_puts(text, " --state");
	/* the same bits, but for this one (linux/netfilter/xt_state.h) */
	put_states(text, (s.statemask & ~XT_STATE_UNTRACKED) |
				 (s.statemask & XT_STATE_UNTRACKED ? XT_CONNTRACK_STATE_UNTRACKED : 0));
	return true;
}

static bool limit(const struct legacy_part *m, struct strbuf *text)
{
	static const struct {
		unsigned int seconds;
		const char *word;
	} units[] = { { 1, "sec" }, { 60, "min" }, { 3600, "hour" }, { 86400, "day" } };
	struct xt_rateinfo r;

	if (!READ(r, m) || !r.avg)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		unsigned int most = units[i].seconds * XT_LIMIT_SCALE;

		/* the largest rate of this unit that is at least one */
		if (r.avg > most)
			continue;
		strbuf_addf(text, " --limit %u/%s", most / r.avg, units[i].word);
		break;
	}
	if (r.burst != 5)
		strbuf_addf(text, " --limit-burst %u", r.burst);
	return true;
}

static bool mark(const struct legacy_part *m, struct strbuf *text)
{
	struct xt_mark_mtinfo1 k;

	if (m->revision != 1 || !READ(k, m))
		return false;
	strbuf_addf(text, "%s --mark 0x%x", not(k.invert), k.mark);
	if (k.mask != UINT32_MAX)
		strbuf_addf(text, "/0x%x", k.mask);
	return true;
}

void legacy_match_text(const struct legacy_part *m, struct strbuf *text)
{
	static const struct {
		const char *name;
		bool (*put)(const struct legacy_part *m, struct strbuf *text);
	} known[] = {
		{ "tcp", tcp },
		{ "udp", udp },
		{ "multiport", multiport },
		{ "conntrack", conntrack },
		{ "state", state },
		{ "limit", limit },
		{ "mark", mark },
	};

	strbuf_addf(text, " -m %s", m->name);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, m->name) != 0)
			continue;
		/* more than is spelled out here */
		if (!known[i].put(m, text))
			strbuf_puts(text, " ...");
		return;
	}
}

static bool reject(const struct legacy_part *t, uint8_t family, struct strbuf *text)
{
	static const char *const v4[] = { "icmp-net-unreachable", "icmp-host-unreachable",
		"icmp-proto-unreachable", "icmp-port-unreachable", "echo-reply", "icmp-net-prohibited",
		"icmp-host-prohibited", "tcp-reset", "icmp-admin-prohibited" };
	static const char *const v6[] = { "icmp6-no-route", "icmp6-adm-prohibited", "icmp6-not-neighbour",
		"icmp6-addr-unreachable", "icmp6-port-unreachable", "icmp6-echoreply", "tcp-reset",
		"icmp6-policy-fail", "icmp6-reject-route" };
	struct ipt_reject_info r; /* that of IPv6 has the same shape */

	_Static_assert(sizeof(struct ipt_reject_info) == sizeof(struct ip6t_reject_info), "a number each");
	if (!READ(r, t) || (size_t)r.with >= sizeof(v4) / sizeof(v4[0]))
		return false;
	strbuf_addf(text, " --reject-with %s", (family == NFPROTO_IPV6 ? v6 : v4)[r.with]);
	return true;
}

static bool log_target(const struct legacy_part *t, uint8_t family, struct strbuf *text)
{
	struct xt_log_info l;

	if (!READ(l, t))
		return false;
	if (l.prefix[0]) {
		strbuf_puts(text, " --log-prefix \"");
		strbuf_add(text, l.prefix, strnlen(l.prefix, sizeof(l.prefix)));
		strbuf_putc(text, '"');
	}
	if (l.level != 4)
		strbuf_addf(text, " --log-level %u", l.level);
	return true;
}

static bool mark_target(const struct legacy_part *t, uint8_t family, struct strbuf *text)
{
	struct xt_mark_tginfo2 k;

	if (t->revision != 2 || !READ(k, t))
		return false;
	strbuf_addf(text, " --set-xmark 0x%x/0x%x", k.mark, k.mask);
	return true;
}

static void put_range(struct strbuf *text, int family, const void *min, const void *max, unsigned int flags,
	unsigned int port, unsigned int last)
{
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	size_t len = family == AF_INET6 ? 16 : 4;
	bool ports = flags & NF_NAT_RANGE_PROTO_SPECIFIED, bracket = family == AF_INET6 && ports;

	if (flags & NF_NAT_RANGE_MAP_IPS) {
		strbuf_addf(text, "%s%s", bracket ? "[" : "", inet_ntop(family, min, a, sizeof(a)));
		if (memcmp(min, max, len) != 0)
			strbuf_addf(text, "-%s", inet_ntop(family, max, b, sizeof(b)));
		strbuf_puts(text, bracket ? "]" : "");
	}
	if (ports)
		strbuf_addf(text, ":%u", ntohs((uint16_t)port));
	if (ports && port != last)
		strbuf_addf(text, "-%u", ntohs((uint16_t)last));
}

/* SNAT, DNAT of IPv4 have one shape at first, and that of IPv6 since. */
static bool nat_range(const struct legacy_part *t, uint8_t family, struct strbuf *text)
{
	int af = family == NFPROTO_IPV6 ? AF_INET6 : AF_INET;
	struct nf_nat_ipv4_multi_range_compat old;
	struct nf_nat_range range;

	if (t->revision == 0 && family == NFPROTO_IPV4) {
		if (!READ(old, t) || old.rangesize != 1)
			return false;
		put_range(text, af, &old.range[0].min_ip, &old.range[0].max_ip, old.range[0].flags,
			old.range[0].min.all, old.range[0].max.all);
		return true;
	}
	if (!READ(range, t))
		return false;
	put_range(text, af, &range.min_addr, &range.max_addr, range.flags, range.min_proto.all,
		range.max_proto.all);
	return true;
}

static bool nat(const struct legacy_part *t, uint8_t family, struct strbuf *text)
{
	strbuf_puts(text, !strcmp(t->name, "DNAT") ? " --to-destination " : " --to-source ");
	return nat_range(t, family, text);
}

void legacy_target_text(const struct legacy_part *t, uint8_t family, struct strbuf *text)
{
	static const struct {
		const char *name;
		bool (*put)(const struct legacy_part *t, uint8_t family, struct strbuf *text);
	} known[] = {
		{ "REJECT", reject },
		{ "LOG", log_target },
		{ "MARK", mark_target },
		{ "DNAT", nat },
		{ "SNAT", nat },
	};

	strbuf_addf(text, " -j %s", t->name);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, t->name) != 0)
			continue;
		if (!known[i].put(t, family, text))
			strbuf_puts(text, " ...");
		return;
	}
}
