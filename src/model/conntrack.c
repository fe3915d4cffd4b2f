/* SPDX-License-Identifier: GPL-2.0 */
/* The words of conntrack: include/uapi/linux/netfilter/nf_conntrack_common.h and nf_conntrack_tcp.h. */
#include "model/conntrack.h"

#include <stdio.h>
#include <string.h>

#include "model/tuple.h"

enum { /* enum ip_conntrack_info */
	CT_ESTABLISHED,
	CT_RELATED,
	CT_NEW,
	CT_ESTABLISHED_REPLY,
	CT_RELATED_REPLY,
	CT_NEW_REPLY,
	CT_UNTRACKED = 7,
};

const char *conntrack_state(unsigned int info)
{
	static const char *const names[] = {
		[CT_ESTABLISHED] = "established",
		[CT_RELATED] = "related",
		[CT_NEW] = "new",
		[CT_ESTABLISHED_REPLY] = "established",
		[CT_RELATED_REPLY] = "related",
		[CT_NEW_REPLY] = "new",
		[CT_UNTRACKED] = "untracked",
	};

	return info < sizeof(names) / sizeof(names[0]) && names[info] ? names[info] : "invalid";
}

bool conntrack_is_reply(unsigned int info)
{
	return info >= CT_ESTABLISHED_REPLY && info <= CT_NEW_REPLY;
}

/* One end of the original tuple against the other end of the reply. */
static bool end_differs(const struct conntrack *ct, bool source)
{
	const struct wire_tuple *o = &ct->original, *r = &ct->reply;
	size_t len = o->family == 4 ? 4 : 16;

	if (!(o->flags & r->flags & TUPLE_IP) || o->family != r->family)
		return false;
	if (source ? memcmp(o->saddr, r->daddr, len) : memcmp(o->daddr, r->saddr, len))
		return true;
	/* an echo and its reply have the same id, and NAT counts it as the source's */
	if (o->flags & r->flags & TUPLE_ICMP_ID)
		return source && o->sport != r->sport;
	if (!(o->flags & r->flags & TUPLE_PORTS))
		return false;
	return source ? o->sport != r->dport : o->dport != r->sport;
}

bool conntrack_has_nat(const struct conntrack *ct)
{
	return end_differs(ct, true) || end_differs(ct, false);
}

static size_t put_rewrite(char *dst, size_t size, const struct conntrack *ct, bool source)
{
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX];
	int n;

	endpoint_text(&ct->original, source, from, sizeof(from));
	endpoint_text(&ct->reply, !source, to, sizeof(to));
	n = snprintf(dst, size, "%s %s → %s", source ? "SNAT" : "DNAT", from, to);
	if (n < 0 || (size_t)n >= size) { /* a part of an arrow is no text */
		dst[0] = '\0';
		return 0;
	}
	return (size_t)n;
}

char *conntrack_nat(const struct conntrack *ct, char *dst, size_t size)
{
	size_t n = 0;

	if (!size)
		return dst;
	dst[0] = '\0';
	if (end_differs(ct, true))
		n = put_rewrite(dst, size, ct, true);
	if (end_differs(ct, false)) {
		if (n && n + 3 < size) {
			memcpy(dst + n, ", ", 3);
			if (!put_rewrite(dst + n + 2, size - n - 2, ct, false))
				dst[n] = '\0';
		} else if (!n) {
			put_rewrite(dst, size, ct, false);
		}
	}
	return dst;
}

char *conntrack_status(uint32_t status, char *dst, size_t size)
{
	static const char *const names[] = { "expected", "seen-reply", "assured", "confirmed", "snat", "dnat",
		"seq-adjust", "snat-done", "dnat-done", "dying", "fixed-timeout", "template", "nat-clash",
		"helper", "offload", "hw-offload" };
	size_t used = 0;

	if (!size)
		return dst;
	dst[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]), gap = used != 0;

		if (!(status >> i & 1) || used + gap + len >= size)
			continue;
		if (gap)
			dst[used++] = ' ';
		memcpy(dst + used, names[i], len + 1);
		used += len;
	}
	return dst;
}

const char *conntrack_tcp(unsigned int tcp_state)
{
	static const char *const names[] = { "", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT",
		"CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE", "SYN_SENT2" };

	return tcp_state < sizeof(names) / sizeof(names[0]) ? names[tcp_state] : "";
}
