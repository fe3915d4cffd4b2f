/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A source without a kernel: host a talks to host b through router r. The same
 * calls give the same events, so that screens can be compared. With a clock of
 * its own (start not 0) nothing happens but by demo_source_advance().
 */
#ifndef SKBSCOPE_TESTS_DEMO_SOURCE_H
#define SKBSCOPE_TESTS_DEMO_SOURCE_H

#include "trace/source.h"

struct demo_options {
	uint64_t start;	    /* ns; 0: real time, the source advances when it is read */
	bool quiet;	    /* attaches, but no packets come */
	bool journeys;	    /* packets to which something happens: NAT, copies, tunnels, losses */
	bool netfilter;	    /* rulesets, and what they decide; drops have stacks */
	bool refuse;	    /* commands answer -ENOTSUP, as a recording does */
	bool no_filter;	    /* has no filter at all */
	uint64_t filter_ns; /* a wish of filter() is fulfilled after so long; 0: with the next events */
	unsigned int flows; /* not 0: a flood of packets of that many flows */
};

struct source *demo_source_new(const struct demo_options *options);
void demo_source_advance(struct source *src, uint64_t ns);
uint64_t demo_source_now(const struct source *src);
void demo_source_notice(struct source *src, const struct notice *notice);
/* What cannot be provoked otherwise. */
struct source_totals *demo_source_totals(struct source *src);

#endif
