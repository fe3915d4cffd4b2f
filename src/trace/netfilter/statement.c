/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/statement.h"

#include <stdbool.h>
#include <string.h>

/* clang-format off */
const struct statement statements[] = {
	{ "counter", { "counter" }, STATEMENT_ALWAYS, { "nft_counter_eval" } },
	{ "log", { "log" }, STATEMENT_ALWAYS, { "nft_log_eval" } },
	{ "limit", { "limit" }, STATEMENT_ALWAYS, { "nft_limit_pkts_eval", "nft_limit_bytes_eval" } },
	{ "quota", { "quota" }, STATEMENT_ALWAYS, { "nft_quota_eval" } },
	{ "connlimit", { "connlimit" }, STATEMENT_ALWAYS, { "nft_connlimit_eval" } },
	{ "last", { "last" }, STATEMENT_ALWAYS, { "nft_last_eval" } },
	{ "meta set", { "meta" }, STATEMENT_WITH_SREG, { "nft_meta_set_eval", "nft_meta_bridge_set_eval" } },
	{ "ct set", { "ct" }, STATEMENT_WITH_SREG, { "nft_ct_set_eval", "nft_ct_set_zone_eval" } },
	{ "payload set", { "payload" }, STATEMENT_WITH_SREG, { "nft_payload_set_eval" } },
	{ "exthdr set", { "exthdr" }, STATEMENT_WITH_SREG, { "nft_exthdr_tcp_set_eval" } },
	{ "exthdr strip", { "exthdr" }, STATEMENT_NO_REGS, { "nft_exthdr_tcp_strip_eval" } },
	{ "objref", { "objref" }, STATEMENT_ALWAYS, { "nft_objref_eval", "nft_objref_map_eval" } },
	{ "dynset", { "dynset" }, STATEMENT_ALWAYS, { "nft_dynset_eval" } },
	{ "vmap", { "lookup" }, STATEMENT_VERDICT_MAP, { "nft_lookup_eval" } },
	{ "nat", { "nat" }, STATEMENT_ALWAYS, { "nft_nat_eval", "nft_nat_inet_eval" } },
	/* one for all families since 6.2 */
	{ "masquerade", { "masq" }, STATEMENT_ALWAYS,
	  { "nft_masq_eval", "nft_masq_ipv4_eval", "nft_masq_ipv6_eval", "nft_masq_inet_eval" } },
	{ "redirect", { "redir" }, STATEMENT_ALWAYS,
	  { "nft_redir_eval", "nft_redir_ipv4_eval", "nft_redir_ipv6_eval", "nft_redir_inet_eval" } },
	{ "reject", { "reject" }, STATEMENT_ALWAYS,
	  { "nft_reject_inet_eval", "nft_reject_ipv4_eval", "nft_reject_ipv6_eval", "nft_reject_bridge_eval",
	    "nft_reject_netdev_eval" } },
	{ "queue", { "queue" }, STATEMENT_ALWAYS, { "nft_queue_eval", "nft_queue_sreg_eval" } },
	{ "notrack", { "notrack" }, STATEMENT_ALWAYS, { "nft_notrack_eval" } },
	{ "dup", { "dup" }, STATEMENT_ALWAYS,
	  { "nft_dup_ipv4_eval", "nft_dup_ipv6_eval", "nft_dup_netdev_eval" } },
	{ "fwd", { "fwd" }, STATEMENT_ALWAYS, { "nft_fwd_netdev_eval", "nft_fwd_neigh_eval" } },
	{ "tproxy", { "tproxy" }, STATEMENT_ALWAYS, { "nft_tproxy_eval" } },
	{ "synproxy", { "synproxy" }, STATEMENT_ALWAYS, { "nft_synproxy_eval" } },
	{ "flow add", { "flow_offload" }, STATEMENT_ALWAYS, { "nft_flow_offload_eval" } },
	/* of iptables-nft */
	{ "xt target", { "target" }, STATEMENT_ALWAYS, { "nft_target_eval_xt", "nft_target_eval_bridge" } },
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

static bool does_it(const struct statement *s, unsigned int regs)
{
	switch (s->when) {
	case STATEMENT_WITH_SREG:
		return regs & EXPRESSION_SREG;
	case STATEMENT_NO_REGS:
		return !(regs & (EXPRESSION_SREG | EXPRESSION_DREG));
	case STATEMENT_VERDICT_MAP:
		return regs & EXPRESSION_VERDICT;
	case STATEMENT_ALWAYS:
		break;
	}
	return true;
}

uint64_t statements_of(const char *type, unsigned int regs)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < nstatements; i++) {
		if (is_type(&statements[i], type) && does_it(&statements[i], regs))
			mask |= 1ull << i;
	}
	return mask;
}
