/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy_entry.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdio.h>
#include <string.h>

#include "../../../bpf/event.h"
#include "trace/netfilter/legacy_extensions.h"

/* What both families have, at places of their own. */
struct head {
	size_t size;
	uint16_t target_offset, next_offset;
};

static struct head read_head(uint8_t family, const unsigned char *bytes)
{
	struct head h = { 0 };

	if (family == NFPROTO_IPV6) {
		struct ip6t_entry e;

		memcpy(&e, bytes, sizeof(e));
		h = (struct head){ sizeof(e), e.target_offset, e.next_offset };
	} else {
		struct ipt_entry e;

		memcpy(&e, bytes, sizeof(e));
		h = (struct head){ sizeof(e), e.target_offset, e.next_offset };
	}
	return h;
}

/* The head of matches and targets is the same: size, name, revision. */
static bool read_part(const unsigned char *bytes, size_t room, struct legacy_part *part, size_t *size)
{
	struct xt_entry_match m;

	if (room < sizeof(m))
		return false;
	memcpy(&m, bytes, sizeof(m));
	if (m.u.user.match_size < sizeof(m) || m.u.user.match_size > room)
		return false;
	*size = m.u.user.match_size;
	memset(part->name, 0, sizeof(part->name));
	memcpy(part->name, m.u.user.name, sizeof(m.u.user.name));
	part->revision = m.u.user.revision;
	part->data = bytes + sizeof(m);
	part->len = *size - sizeof(m);
	return true;
}

bool legacy_entry_read(struct legacy_entry *e, uint8_t family, const unsigned char *bytes, size_t len)
{
	size_t size = family == NFPROTO_IPV6 ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry);
	struct head h;

	if (len < size)
		return false;
	h = read_head(family, bytes);
	if (h.target_offset < h.size || h.next_offset < h.target_offset || h.next_offset > len)
		return false;
	e->family = family;
	e->head = bytes;
	e->matches = bytes + h.size;
	e->matches_end = bytes + h.target_offset;
	e->next = h.next_offset;
	return read_part(bytes + h.target_offset, h.next_offset - h.target_offset, &e->target, &size);
}

bool legacy_entry_match(const struct legacy_entry *e, const unsigned char **at, struct legacy_part *match)
{
	size_t size;

	if (*at >= e->matches_end || !read_part(*at, (size_t)(e->matches_end - *at), match, &size))
		return false;
	*at += size;
	return true;
}

bool legacy_entry_verdict(const struct legacy_entry *e, int *verdict)
{
	if (e->target.name[0] || e->target.len < sizeof(*verdict))
		return false;
	memcpy(verdict, e->target.data, sizeof(*verdict));
	return true;
}

bool legacy_entry_is_goto(const struct legacy_entry *e)
{
	if (e->family == NFPROTO_IPV6)
		return e->head[offsetof(struct ip6t_ip6, flags)] & IP6T_F_GOTO;
	return e->head[offsetof(struct ipt_ip, flags)] & IPT_F_GOTO;
}

_Static_assert(LEGACY_RETURN == -NF_REPEAT - 1, "as the kernel has it");

static uint8_t standard_decision(const struct legacy_entry *e, size_t at, int verdict)
{
	static const uint8_t decisions[] = {
		[NF_DROP] = NF_DECIDED_DROP, [NF_ACCEPT] = NF_DECIDED_ACCEPT, [NF_QUEUE] = NF_DECIDED_QUEUE
	};

	if (verdict == LEGACY_RETURN)
		return NF_DECIDED_RETURN;
	if (verdict < 0)
		return verdict >= -NF_QUEUE - 1 ? decisions[-(verdict + 1)] : NF_DECIDED_NOT;
	/* to the next entry: it has no target */
	if ((size_t)verdict == at + e->next)
		return NF_DECIDED_NOT;
	return legacy_entry_is_goto(e) ? NF_DECIDED_GOTO : NF_DECIDED_JUMP;
}

uint8_t legacy_entry_decision(const struct legacy_entry *e, size_t at)
{
	int verdict;

	if (legacy_entry_verdict(e, &verdict))
		return standard_decision(e, at, verdict);
	if (!strcmp(e->target.name, "REJECT"))
		return NF_DECIDED_DROP;
	return !strcmp(e->target.name, "NFQUEUE") ? NF_DECIDED_QUEUE : NF_DECIDED_NOT;
}

uint64_t legacy_entry_packets(uint8_t family, const unsigned char *head)
{
	size_t at = family == NFPROTO_IPV6 ? offsetof(struct ip6t_entry, counters)
					   : offsetof(struct ipt_entry, counters);
	struct xt_counters counters;

	memcpy(&counters, head + at, sizeof(counters));
	return counters.pcnt;
}

/* Bits of a mask, -1 when they are not all at its begin. */
static int mask_bits(const unsigned char *mask, size_t len)
{
	int bits = 0;
	bool over = false;

	for (size_t i = 0; i < len * 8; i++) {
		bool set = mask[i / 8] >> (7 - i % 8) & 1;

		if (set && over)
			return -1;
		over |= !set;
		bits += set;
	}
	return bits;
}

static void put_address(
	struct strbuf *text, const char *option, bool not, const void *addr, const void *mask, size_t len)
{
	int family = len == 16 ? AF_INET6 : AF_INET, bits = mask_bits(mask, len);
	char a[INET6_ADDRSTRLEN], m[INET6_ADDRSTRLEN];

	if (!bits && !not )
		return;
	strbuf_addf(text, "%s %s %s/", not ? " !" : "", option, inet_ntop(family, addr, a, sizeof(a)));
	if (bits >= 0)
		strbuf_addf(text, "%d", bits);
	else
		strbuf_puts(text, inet_ntop(family, mask, m, sizeof(m)));
}

/* A mask that does not cover the name's end: any that begins so. */
static void put_device(
	struct strbuf *text, const char *option, bool not, const char *name, const unsigned char *mask)
{
	size_t len = strnlen(name, IFNAMSIZ - 1);

	if (!len)
		return;
	strbuf_addf(text, "%s %s ", not ? " !" : "", option);
	strbuf_add(text, name, len);
	if (!mask[len])
		strbuf_putc(text, '+');
}

static void put_protocol(struct strbuf *text, bool not, unsigned int proto)
{
	static const struct {
		unsigned int proto;
		const char *word;
	} words[] = { { 1, "icmp" }, { 2, "igmp" }, { 6, "tcp" }, { 17, "udp" }, { 47, "gre" }, { 50, "esp" },
		{ 51, "ah" }, { 58, "ipv6-icmp" }, { 132, "sctp" } };

	if (!proto)
		return;
	strbuf_addf(text, "%s -p ", not ? " !" : "");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].proto == proto) {
			strbuf_puts(text, words[i].word);
			return;
		}
	}
	strbuf_addf(text, "%u", proto);
}

static void put_ipv4(const struct legacy_entry *e, struct strbuf *text)
{
	struct ipt_ip ip;

	memcpy(&ip, e->head, sizeof(ip));
	put_address(text, "-s", ip.invflags & IPT_INV_SRCIP, &ip.src, &ip.smsk, sizeof(ip.src));
	put_address(text, "-d", ip.invflags & IPT_INV_DSTIP, &ip.dst, &ip.dmsk, sizeof(ip.dst));
	put_device(text, "-i", ip.invflags & IPT_INV_VIA_IN, ip.iniface, ip.iniface_mask);
	put_device(text, "-o", ip.invflags & IPT_INV_VIA_OUT, ip.outiface, ip.outiface_mask);
	put_protocol(text, ip.invflags & IPT_INV_PROTO, ip.proto);
	if (ip.flags & IPT_F_FRAG)
		strbuf_addf(text, "%s -f", ip.invflags & IPT_INV_FRAG ? " !" : "");
}

static void put_ipv6(const struct legacy_entry *e, struct strbuf *text)
{
	struct ip6t_ip6 ip;

	memcpy(&ip, e->head, sizeof(ip));
	put_address(text, "-s", ip.invflags & IP6T_INV_SRCIP, &ip.src, &ip.smsk, sizeof(ip.src));
	put_address(text, "-d", ip.invflags & IP6T_INV_DSTIP, &ip.dst, &ip.dmsk, sizeof(ip.dst));
	put_device(text, "-i", ip.invflags & IP6T_INV_VIA_IN, ip.iniface, ip.iniface_mask);
	put_device(text, "-o", ip.invflags & IP6T_INV_VIA_OUT, ip.outiface, ip.outiface_mask);
	if (ip.flags & IP6T_F_PROTO)
		put_protocol(text, ip.invflags & IP6T_INV_PROTO, ip.proto);
}

void legacy_entry_conditions(const struct legacy_entry *e, struct strbuf *text, struct strbuf *comment)
{
	const unsigned char *at = e->matches;
	struct legacy_part m;

	if (e->family == NFPROTO_IPV6)
		put_ipv6(e, text);
	else
		put_ipv4(e, text);
	while (legacy_entry_match(e, &at, &m)) {
		if (!strcmp(m.name, "comment") && !comment->len)
			strbuf_add(comment, (const char *)m.data, strnlen((const char *)m.data, m.len));
		else
			legacy_match_text(&m, text);
	}
}

void legacy_entry_target(const struct legacy_entry *e, struct strbuf *text)
{
	legacy_target_text(&e->target, e->family, text);
}
