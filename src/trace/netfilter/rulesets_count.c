/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of legacy iptables between two readings of a namespace. */
#include "trace/netfilter/legacy.h"
#include "trace/netfilter/rulesets_private.h"

void rulesets_tell_hits(struct rulesets *r, struct space *s)
{
	struct strbuf records = STRBUF_INIT;

	if (!s->counts)
		return;
	legacy_counts_tell(s->counts, s->inode, &records);
	if ((records.len || records.failed) && !rulesets_hand_over_more(r, s->inode, &records))
		legacy_counts_tell_again(s->counts);
	strbuf_fini(&records);
}

bool rulesets_count(struct rulesets *r, struct space *s)
{
	struct legacy_reading reading = { .counts = s->counts };
	int err;

	if (netns_place_enter(s->path, s->inode))
		return false;
	err = legacy_read(&reading, r->legacy4, r->legacy6);
	rulesets_come_back(r);
	s->counted = !err;
	if (reading.other)
		return true;
	rulesets_tell_hits(r, s);
	return false;
}
