/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules of legacy iptables and ip6tables, in the network namespace of the
 * calling thread: only tables that are there, nothing is made or loaded by it.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_H

#include <stdint.h>

#include "trace/netfilter/ruleset.h"

/* Adds its tables with the rules' text. family: NFPROTO_IPV4 or _IPV6, whose module is loaded. 0 or -errno.
 */
int legacy_dump(struct ruleset *rs, uint8_t family);

#endif
