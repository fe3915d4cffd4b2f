/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of nf_tables: generation, tables, chains, rules. No socket. */
#ifndef SKBSCOPE_TRACE_NETFILTER_NFT_PARSE_H
#define SKBSCOPE_TRACE_NETFILTER_NFT_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/netfilter/ruleset.h"

struct nlmsghdr;

struct nft_parse {
	uint32_t generation;
	size_t table, chain; /* of the message before: they come in the same order */
};

/* Adds what it tells to rs: first all tables, then all chains, then all rules. 0; -EINTR: of what is not
 * there; -EBADMSG. */
int nft_parse_message(struct nft_parse *parse, struct ruleset *rs, const struct nlmsghdr *head);

#endif
