/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules of legacy iptables and ip6tables, in the network namespace of the
 * calling thread: only tables that are there, nothing is made or loaded by it.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/netfilter/legacy_counts.h"
#include "trace/netfilter/ruleset.h"

struct legacy_reading {
	/* gets the tables with their rules' text; NULL: they are not asked for */
	struct ruleset *rules;
	struct legacy_counts *counts; /* gets the counters; NULL: nobody counts */
	bool base;		      /* what was counted so far is not told */
	bool other;		      /* out: without rules, tables or their rules are not those of .counts */
};

/* ip, ip6: families whose module is loaded. 0 or -errno: what could be read was. */
int legacy_read(struct legacy_reading *reading, bool ip, bool ip6);

#endif
