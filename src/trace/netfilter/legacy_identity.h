/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which rule of legacy iptables it is, from one reading of a table to the next:
 * numbers of what a rule says, without what changes by itself (its counters)
 * or when others do (its place, and that of the chain it jumps to).
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_IDENTITY_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_IDENTITY_H

#include "trace/netfilter/legacy_walk.h"

/* Of all entries with their places; 0 when one is cut or wrong. */
uint64_t legacy_identity_entries(const struct legacy_blob *blob);
uint64_t legacy_identity_chain(const struct legacy_place *p);
/* Of one rule in its chain: two that say the same have the same. */
uint64_t legacy_identity_rule(
	const struct legacy_walk *w, const struct legacy_place *p, size_t at, const struct legacy_entry *e);

#endif
