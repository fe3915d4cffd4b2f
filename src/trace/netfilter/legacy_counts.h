/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel has counted at the rules of legacy iptables in one namespace:
 * how many packets fitted since the first reading, as records EVENT_RULE_HITS.
 * Of a chain at a hook what its policy decided; of a chain of the user how often
 * a rule led there. The kernel does not tell how often one at a hook was entered.
 *
 * A rule that says the same in the same chain goes on counting when its place
 * is another one. A rule or table that came later began at zero, as iptables
 * makes them. One thread.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_COUNTS_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_COUNTS_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "trace/netfilter/legacy_walk.h"

struct legacy_counts;

/* known_empty: there was no table so far. NULL: no memory. */
struct legacy_counts *legacy_counts_new(bool known_empty);
void legacy_counts_free(struct legacy_counts *c);

/* A reading begins. base: nothing that was counted until now is told. */
void legacy_counts_begin(struct legacy_counts *c, bool base);

enum legacy_counts_flag {
	COUNTS_LEARN = 1 << 0,	  /* take over other rules than before */
	COUNTS_BACKWARD = 1 << 1, /* counters may have been set to zero */
};

/*
 * One table. 0; LEGACY_OTHER: its rules are others, and nothing was taken;
 * -EAGAIN: a counter is lower than before, and nothing was taken: iptables sets
 * them a moment after it has replaced a table, so read it again. -EBADMSG, -E2BIG,
 * -ENOMEM: it is not counted.
 */
#define LEGACY_OTHER 1
int legacy_counts_table(struct legacy_counts *c, const struct legacy_blob *blob, unsigned int flags);

/* All tables were read. learn: those that were not are forgotten. LEGACY_OTHER: there were such; or 0. */
int legacy_counts_end(struct legacy_counts *c, bool learn);

/* Adds records of those that changed since, as ruleset_add_record(). */
void legacy_counts_tell(struct legacy_counts *c, uint32_t netns, struct strbuf *out);
/* What was told did not arrive: the next time all is told. */
void legacy_counts_tell_again(struct legacy_counts *c);

#endif
