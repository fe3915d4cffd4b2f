/* SPDX-License-Identifier: GPL-2.0 */
/* A table of legacy iptables as text. No socket. */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_PARSE_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_PARSE_H

#include "trace/netfilter/legacy_walk.h"
#include "trace/netfilter/ruleset.h"

/* Adds the table to rs. 0; -EBADMSG: entries are cut or wrong, what was right so far is there; -ENOMEM. */
int legacy_parse(struct ruleset *rs, const struct legacy_blob *blob);

#endif
