/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/statement.h"

#include <stdbool.h>
#include <string.h>

#define SREG EXPRESSION_SREG
#define DREG EXPRESSION_DREG

/* clang-format off */
const struct statement statements[] = {
	{ "counter", { "counter" }, 0, 0, { "nft_counter_eval" } },
	{ "log", { "log" }, 0, 0, { "nft_log_eval" } },
	{ "limit", { "limit" }, 0, EXPRESSION_BYTES, { "nft_limit_pkts_eval" } },
	{ "limit of bytes", { "limit" }, EXPRESSION_BYTES, 0, { "nft_limit_bytes_eval" } },
	{ "quota", { "quota" }, 0, 0, { "nft_quota_eval" } },
	{ "connlimit", { "connlimit" }, 0, 0, { "nft_connlimit_eval" } },
	{ "last", { "last" }, 0, 0, { "nft_last_eval" } },
	{ "meta set", { "meta" }, SREG, 0, { "nft_meta_set_eval", "nft_meta_bridge_set_eval" } },
	{ "ct set", { "ct" }, SREG, EXPRESSION_ZONE, { "nft_ct_set_eval" } },
	{ "ct zone set", { "ct" }, SREG | EXPRESSION_ZONE, 0, { "nft_ct_set_zone_eval" } },
	{ "payload set", { "payload" }, SREG, 0, { "nft_payload_set_eval" } },
	{ "exthdr set", { "exthdr" }, SREG, 0, { "nft_exthdr_tcp_set_eval" } },
	/* TCP options are taken out */
	{ "exthdr strip", { "exthdr" }, 0, SREG | DREG, { "nft_exthdr_tcp_strip_eval" } },
	{ "objref", { "objref" }, 0, SREG, { "nft_objref_eval" } },
	{ "objref map", { "objref" }, SREG, 0, { "nft_objref_map_eval" } },
	{ "dynset", { "dynset" }, 0, 0, { "nft_dynset_eval" } },
	{ "vmap", { "lookup" }, EXPRESSION_VERDICT, 0, { "nft_lookup_eval" } },
	{ "nat", { "nat" }, 0, 0, { "nft_nat_eval", "nft_nat_inet_eval" } },
	/* one for all families since 6.2 */
	{ "masquerade", { "masq" }, 0, 0,
	  { "nft_masq_eval", "nft_masq_ipv4_eval", "nft_masq_ipv6_eval", "nft_masq_inet_eval" } },
	{ "redirect", { "redir" }, 0, 0,
	  { "nft_redir_eval", "nft_redir_ipv4_eval", "nft_redir_ipv6_eval", "nft_redir_inet_eval" } },
	{ "reject", { "reject" }, 0, 0,
	  { "nft_reject_inet_eval", "nft_reject_ipv4_eval", "nft_reject_ipv6_eval", "nft_reject_bridge_eval",
	    "nft_reject_netdev_eval" } },
	{ "queue", { "queue" }, 0, SREG, { "nft_queue_eval" } },
	{ "queue by register", { "queue" }, SREG, 0, { "nft_queue_sreg_eval" } },
	{ "notrack", { "notrack" }, 0, 0, { "nft_notrack_eval" } },
	{ "dup", { "dup" }, 0, 0,
	  { "nft_dup_ipv4_eval", "nft_dup_ipv6_eval", "nft_dup_netdev_eval" } },
	{ "fwd", { "fwd" }, 0, SREG, { "nft_fwd_netdev_eval" } },
	{ "fwd to address", { "fwd" }, SREG, 0, { "nft_fwd_neigh_eval" } },
	{ "tproxy", { "tproxy" }, 0, 0, { "nft_tproxy_eval" } },
	{ "synproxy", { "synproxy" }, 0, 0, { "nft_synproxy_eval" } },
	{ "flow add", { "flow_offload" }, 0, 0, { "nft_flow_offload_eval" } },
	/* of iptables-nft */
	{ "xt target", { "target" }, 0, 0, { "nft_target_eval_xt", "nft_target_eval_bridge" } },
};
/* clang-format on */

const size_t nstatements = sizeof(statements) / sizeof(statements[0]);

_Static_assert(
	sizeof(statements) / sizeof(statements[0]) <= STATEMENTS_MAX, "a set of statements is 64 bits");

static bool is_type(const struct statement *s, const char *type)
{
	for (size_t i = 0; i < STATEMENT_FUNCS && s->types[i]; i++) {
		if (!strcmp(s->types[i], type))
			return true;
	}
	return false;
}

uint64_t statements_of(const char *type, unsigned int facts)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < nstatements; i++) {
		const struct statement *s = &statements[i];

		if (is_type(s, type) && (facts & s->with) == s->with && !(facts & s->without))
			mask |= 1ull << i;
	}
	return mask;
}
