/* SPDX-License-Identifier: GPL-2.0 */
/* One namespace is read: netlink tells what there is, libnftables how it is written. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "trace/netfilter/legacy.h"
#include "trace/netfilter/nft_dump.h"
#include "trace/netfilter/nft_text.h"
#include "trace/netfilter/rulesets_private.h"

#define TRIES 3		      /* at once, when it changes while it is read */
#define AGAIN_NS 200000000ull /* five times a second at most */
#define AGAIN_TOOK 10	      /* and a tenth of the time, if that is not too late */
#define AGAIN_MAX 2000000000ull

void rulesets_say(struct rulesets *r, enum said cause, const char *what, const char *why)
{
	char text[256];

	if (r->said & 1u << cause)
		return;
	r->said |= 1u << cause;
	snprintf(text, sizeof(text), "%s: %s", what, why);
	if (r->ops.say)
		r->ops.say(r->ops.ctx, cause == SAID_READING, text);
}

static int read_nft(struct ruleset *rs)
{
	int err = -EINTR;

	for (int i = 0; i < TRIES && err == -EINTR; i++) {
		uint64_t statements = rs->statements;

		ruleset_fini(rs);
		err = nft_dump(rs);
		rs->statements |= statements;
	}
	return err;
}

static void load_library(struct rulesets *r)
{
	char why[200];

	if (r->lib_tried)
		return;
	r->lib_tried = true;
	r->lib = libnftables_load(why, sizeof(why));
	if (!r->lib)
		rulesets_say(r, SAID_LIBRARY, "rules have handles, but no text (install libnftables1)", why);
}

/* 0, or -EAGAIN: it was changed since it was read. */
static int read_texts(struct rulesets *r, struct ruleset *rs)
{
	char *text;
	size_t len;
	int err;

	if (!r->lib)
		return 0;
	err = libnftables_list(r->lib, &text, &len);
	if (err) {
		rulesets_say(r, SAID_LISTING, "rules are shown without text", "libnftables cannot list them");
		return 0;
	}
	err = nft_text_match(rs, text, len);
	free(text);
	return err == -ENOENT ? -EAGAIN : 0;
}

static int read_legacy(struct rulesets *r, struct space *s, struct ruleset *rs)
{
	struct legacy_reading reading = { .rules = rs, .base = !r->counting || s->base };
	int err;

	if (r->legacy4 || r->legacy6) {
		if (!s->counts)
			s->counts = legacy_counts_new(s->looked);
		if (!s->counts)
			rulesets_say(r, SAID_READING, "hits of legacy iptables", strerror(ENOMEM));
	}
	/* where there are no more modules there are no more tables */
	reading.counts = s->counts;
	err = legacy_read(&reading, r->legacy4, r->legacy6);
	s->legacy = rs->ntables > 0;
	s->looked |= !err;
	s->counted = !err && s->counts && r->counting;
	s->base = false;
	return err;
}

/* In the namespace. -EAGAIN: it was changed meanwhile; what there is of it is not sent. */
static int read_all(
	struct rulesets *r, struct space *s, struct ruleset *rs, struct ruleset *legacy, uint64_t *hash)
{
	bool last = s->torn >= TORN_MAX;
	int err = 0, also;

	if (r->nft) {
		if (s->events < 0)
			s->events = nft_events_open();
		/* before the reading: what changes later is another event */
		if (s->events >= 0 && nft_events_read(s->events)) {
			close(s->events);
			s->events = nft_events_open();
		}
		err = read_nft(rs);
	}
	s->chains = rs->nchains;
	if (err == -EINTR && !last)
		return -EAGAIN;
	*hash = ruleset_hash(rs);
	also = read_legacy(r, s, legacy);
	*hash = *hash * 31 + ruleset_hash(legacy);
	rs->error = err ? err : also;
	if (s->read && *hash == s->hash && !rs->error)
		return 0;
	/* its statements can be attached while text is made of it, which takes longer than all before */
	if (!s->read && rs->nrules) {
		s->statements |= rs->statements;
		rulesets_publish(r);
	}
	if (rs->nrules && read_texts(r, rs) && !last)
		return -EAGAIN;
	rs->texts |= !rs->nrules;
	return 0;
}

void rulesets_come_back(struct rulesets *r)
{
	if (r->own >= 0 && setns(r->own, CLONE_NEWNET))
		rulesets_say(r, SAID_READING, "rulesets: the way back to this namespace", strerror(errno));
}

/* Until it may be read again, however often it is changed. */
static uint64_t pause_after(uint64_t took)
{
	uint64_t ns = took * AGAIN_TOOK;

	if (ns < AGAIN_NS)
		return AGAIN_NS;
	return ns < AGAIN_MAX ? ns : AGAIN_MAX;
}

/* The ruleset, and right behind it the hits of its rules. False: no room. */
static bool hand_over(
	struct rulesets *r, struct space *s, const struct ruleset *rs, const struct ruleset *legacy)
{
	struct strbuf records = STRBUF_INIT;
	bool fits;

	ruleset_records(rs, legacy, s->inode, &records);
	if (s->counts) {
		/* also those that wait behind the one that this one replaces */
		legacy_counts_tell_again(s->counts);
		legacy_counts_tell(s->counts, s->inode, &records);
	}
	fits = rulesets_hand_over(r, s->inode, &records);
	strbuf_fini(&records);
	if (!fits && s->counts)
		legacy_counts_tell_again(s->counts);
	return fits;
}

bool rulesets_read(struct rulesets *r, struct space *s)
{
	struct ruleset rs = { 0 }, legacy = { 0 };
	uint64_t begin, hash = 0, took;
	int err;

	if (r->nft)
		load_library(r);
	begin = clock_now(NULL);
	err = netns_place_enter(s->path, s->inode);

	if (err) {
		if (s->own || err == -EPERM)
			rulesets_say(r, SAID_READING, "rulesets cannot be read", strerror(-err));
		s->dirty = false;
		s->read = true;
		return s->own;
	}
	err = read_all(r, s, &rs, &legacy, &hash);
	rulesets_come_back(r);
	took = clock_now(NULL) - begin;
	s->due = begin + took + pause_after(took);
	/* of a reading that was not all, those found before may still be in use */
	s->statements = err || rs.error ? s->statements | rs.statements : rs.statements;
	s->dirty = err == -EAGAIN;
	s->torn = err == -EAGAIN ? s->torn + 1 : 0;
	if (!err && (!s->read || hash != s->hash || rs.error)) {
		s->items = rs.ntables + legacy.ntables;
		/* no room: nobody takes them, and the newest comes later */
		s->dirty = !hand_over(r, s, &rs, &legacy);
		s->hash = rs.error || s->dirty ? ~hash : hash;
	} else if (!err) {
		rulesets_tell_hits(r, s);
	}
	if (rs.error && rs.error != -EINTR)
		rulesets_say(r, SAID_READING, "some rules cannot be read", strerror(-rs.error));
	s->read |= !err || s->torn > 1;
	ruleset_fini(&rs);
	ruleset_fini(&legacy);
	return true;
}
