/* SPDX-License-Identifier: GPL-2.0 */
/* From the records of a packet to the lines of its journey. */
#include "lines.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "waits.h"

#define DEPTH_MAX 8	 /* copies of copies are shown as deep as that */
#define OPEN_DROPS 3	 /* dropped copies that are open from the start */
#define MAKER_SEARCHED 8 /* functions of the parent among which the one is that made a copy */

/* What tells how a copy came to be: where its parent was right before, or it was first. */
static const struct {
	const char *func;
	enum made made;
} makers[] = {
	{ "*retransmit*", MADE_RETRANSMISSION },
	{ "*fragment*", MADE_FRAGMENT },
	{ "*segment*", MADE_SEGMENT },
	{ "__tcp_transmit_skb", MADE_SENT },
	{ "*skb_copy*", MADE_COPY },
	{ "*skb_clone*", MADE_CLONE },
};

const char *made_name(enum made made)
{
	static const char *const names[] = {
		[MADE_UNKNOWN] = "copy",
		[MADE_RETRANSMISSION] = "retransmission",
		[MADE_FRAGMENT] = "fragment",
		[MADE_SEGMENT] = "segment",
		[MADE_SENT] = "sent clone",
		[MADE_COPY] = "copy",
		[MADE_CLONE] = "clone",
	};

	return names[made];
}

static struct line *add(struct timeline *tl, enum line_kind kind, uint16_t copy, unsigned int depth)
{
	static struct line nowhere;
	size_t cap = tl->line_cap ? tl->line_cap * 2 : 256;
	struct line *line;

	if (tl->n == tl->line_cap) {
		line = reallocarray(tl->line, cap, sizeof(*line));
		if (!line)
			return &nowhere; /* the journey ends early rather than the program */
		tl->line = line;
		tl->line_cap = cap;
	}
	line = &tl->line[tl->n++];
	*line = (struct line){ .hop = TIMELINE_NONE,
		.before = TIMELINE_NONE,
		.look = TIMELINE_NONE,
		.old = TIMELINE_NONE,
		.copy = copy,
		.kind = (uint8_t)kind,
		.depth = (uint8_t)(depth < DEPTH_MAX ? depth : DEPTH_MAX) };
	return line;
}

/* Records by copy, those of copies that were too many behind all others. */
static void sort_by_copy(struct timeline *tl)
{
	size_t i, groups = tl->ncopies + 1, c;

	memset(tl->from, 0, (groups + 1) * sizeof(*tl->from));
	for (i = 0; i < tl->nhops; i++)
		tl->from[(tl->hop[i].copy < tl->ncopies ? tl->hop[i].copy : tl->ncopies) + 1]++;
	for (c = 0; c < groups; c++)
		tl->from[c + 1] += tl->from[c];
	for (i = 0; i < tl->nhops; i++) {
		c = tl->hop[i].copy < tl->ncopies ? tl->hop[i].copy : tl->ncopies;
		tl->order[tl->from[c]++] = (uint32_t)i;
	}
	for (c = groups; c; c--)
		tl->from[c] = tl->from[c - 1];
	tl->from[0] = 0;
}

static uint16_t parent_of(const struct timeline *tl, size_t copy)
{
	uint16_t parent = copy < tl->ncopies ? tl->copy[copy].parent : 0;

	/* One whose parent was not seen, or came later, hangs below the first. */
	return parent < copy ? parent : 0;
}

/* Copies that have records, as a tree; number 0 is its root and so never anybody's child. */
static void make_tree(struct timeline *tl)
{
	size_t c;
	uint16_t parent;

	memset(tl->child, 0, (tl->ncopies + 1) * sizeof(*tl->child));
	memset(tl->next, 0, (tl->ncopies + 1) * sizeof(*tl->next));
	for (c = tl->ncopies; c; c--) {
		if (tl->from[c] == tl->from[c + 1])
			continue;
		parent = parent_of(tl, c);
		tl->next[c] = tl->child[parent];
		tl->child[parent] = (uint16_t)c;
	}
}

static const char *func_of(const struct timeline *tl, uint32_t hop)
{
	uint16_t func = tl->hop[hop].func;

	return tl->probes && func < tl->probes->n && !is_nf(&tl->hop[hop]) ? tl->probes->v[func].name : "";
}

static enum made maker(const char *func)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (!fnmatch(makers[i].func, func, 0))
			return makers[i].made;
	return MADE_UNKNOWN;
}

/* at: the place in tl->order of the parent's first record behind the copy's birth. */
static enum made how_made(const struct timeline *tl, uint16_t copy, size_t at, size_t parent_from, bool again)
{
	enum made best = maker(func_of(tl, tl->order[tl->from[copy]])), other;
	size_t i;

	for (i = 0; i < MAKER_SEARCHED && at > parent_from; i++) {
		other = maker(func_of(tl, tl->order[--at]));
		if (other && (!best || other < best))
			best = other;
		/* The record right before is the best witness, but for what one works on together. */
		if (best && best != MADE_SENT)
			break;
	}
	return best == MADE_SENT && again ? MADE_RETRANSMISSION : best;
}

bool timeline_folded(const struct timeline *tl, uint16_t copy)
{
	const struct copy *c = timeline_copy(tl, copy);

	if (copy > tl->ncopies || tl->fold[copy] != FOLD_AUTO)
		return copy <= tl->ncopies && tl->fold[copy] == FOLD_CLOSED;
	if (!c)
		return true;
	/* One copy is the journey itself, more often than not; of many, those that matter. */
	if (tl->ncopies <= 2 || c->fate == FATE_LIVE)
		return false;
	if (c->fate == FATE_DROPPED)
		return tl->packet.drops > OPEN_DROPS;
	return c->fate != tl->packet.so_far || c->fate < FATE_TRANSMITTED || tl->ncopies > 4;
}

/* What one copy is on its way with. */
struct walk {
	uint16_t copy;
	unsigned int depth;
	uint32_t before, look;
	size_t next_change;
	bool sent; /* a copy of it was sent before */
	/* the last record of a rule or chain, the last of conntrack, and the line of the last rule */
	uint32_t nf, ct, rule;
	bool lost; /* records since the last place it was at */
};

static void emit_copy(struct timeline *tl, struct walk *w);

static void emit_branch(struct timeline *tl, struct walk *w, uint16_t copy, size_t at, size_t from)
{
	struct walk child = { .copy = copy,
		.depth = w->depth + 1,
		.before = w->before,
		.look = w->look,
		.nf = TIMELINE_NONE,
		.ct = w->ct };
	enum made made = how_made(tl, copy, at, from, w->sent);
	struct line *line = add(tl, LINE_COPY, copy, child.depth);

	line->hop = tl->order[tl->from[copy]];
	line->before = w->before;
	line->look = w->look;
	line->detail = (uint8_t)made;
	w->sent = w->sent || made == MADE_SENT;
	/* Deeper than that nobody could read it: they stay folded. */
	if (!timeline_folded(tl, copy) && child.depth < DEPTH_MAX)
		emit_copy(tl, &child);
}

/* What it looks like at the time of that record; a line where that is not what it was. */
static void emit_changes(struct timeline *tl, struct walk *w, uint32_t hop)
{
	struct line *line;
	size_t i;

	for (i = w->next_change; i < tl->nchanges && tl->change[i].ts <= tl->hop[hop].ts; i++) {
		if (tl->change[i].copy != w->copy)
			continue;
		if (w->look != TIMELINE_NONE &&
			tuple_changed(&tl->change[w->look].tuple, &tl->change[i].tuple)) {
			line = add(tl, LINE_CHANGE, w->copy, w->depth);
			line->hop = hop;
			line->before = w->before;
			line->old = w->look;
			line->look = (uint32_t)i;
		}
		w->look = (uint32_t)i;
	}
	w->next_change = i;
}

static void emit_lost(struct timeline *tl, struct walk *w, uint32_t hop)
{
	struct line *line;

	if (!tl->hop[hop].lost)
		return;
	line = add(tl, LINE_LOST, w->copy, w->depth);
	line->hop = hop;
	line->before = w->before;
	w->lost = true;
}

/* What lies between that record and the one before. */
static void emit_between(struct timeline *tl, struct walk *w, uint32_t hop)
{
	const struct hop *h = &tl->hop[hop];
	bool own = w->before != TIMELINE_NONE && tl->hop[w->before].copy == h->copy;
	uint64_t gap = own && h->ts > tl->hop[w->before].ts ? h->ts - tl->hop[w->before].ts : 0;
	struct line *line;
	uint8_t wait = 0;

	if (gap > tl->slowest)
		tl->slowest = gap;
	emit_lost(tl, w, hop);
	/* What is lost may have been where it went on. */
	if (own && !w->lost && gap >= WAIT_MIN)
		wait = wait_at(&tl->hop[w->before], func_of(tl, w->before),
			h->type == EVENT_END || h->type == EVENT_DROP ? NULL : func_of(tl, hop));
	if (wait) {
		line = add(tl, LINE_WAIT, w->copy, w->depth);
		line->hop = hop;
		line->before = w->before;
		line->detail = wait;
	}
	w->lost = false;
	emit_changes(tl, w, hop);
}

/* Did the last rule or chain come to that already? */
static bool decided(const struct timeline *tl, const struct walk *w, uint8_t decision)
{
	return w->nf != TIMELINE_NONE && tl->hop[w->nf].nf.decision == decision &&
	       (tl->hop[w->nf].type == EVENT_RULE || tl->hop[w->nf].nf.what == CHAIN_LEAVE);
}

/* A chain that a rule led to stands in that rule's line, as long as it is the line above. */
static bool led_by_rule(struct timeline *tl, const struct walk *w, uint32_t hop)
{
	const struct hop *rule = w->nf != TIMELINE_NONE ? &tl->hop[w->nf] : NULL;

	if (!rule || rule->type != EVENT_RULE || !tl->hop[hop].nf.depth || w->rule + 1 != tl->n ||
		(rule->nf.decision != NF_DECIDED_JUMP && rule->nf.decision != NF_DECIDED_GOTO))
		return false;
	tl->line[w->rule].old = hop;
	return true;
}

/* Does that record tell anything that the lines above do not? */
static bool nf_tells(struct timeline *tl, struct walk *w, uint32_t hop)
{
	const struct hop *h = &tl->hop[hop];

	if (h->type == EVENT_HOOK)
		return h->nf.decision != NF_DECIDED_NOT && h->nf.decision != NF_DECIDED_ACCEPT &&
		       !(h->nf.facts & HOOK_BY_CHAIN && decided(tl, w, h->nf.decision));
	if (h->type != EVENT_CHAIN)
		return true;
	if (h->nf.what == CHAIN_ENTER)
		return !led_by_rule(tl, w, hop);
	if (h->nf.facts & CHAIN_BY_POLICY)
		return true;
	/* That the caller goes on can be seen. */
	return h->nf.decision != NF_DECIDED_NOT && h->nf.decision != NF_DECIDED_RETURN &&
	       !decided(tl, w, h->nf.decision);
}

static void emit_nf(struct timeline *tl, struct walk *w, uint32_t hop)
{
	const uint8_t type = tl->hop[hop].type;
	struct line *line;

	emit_lost(tl, w, hop);
	if (nf_tells(tl, w, hop)) {
		line = add(tl,
			type == EVENT_RULE    ? LINE_RULE
			: type == EVENT_CHAIN ? LINE_CHAIN
			: type == EVENT_HOOK  ? LINE_HOOK
					      : LINE_CT,
			w->copy, w->depth);
		line->hop = hop;
		line->before = w->before;
		line->look = w->look;
		line->old = type == EVENT_CT ? w->ct : TIMELINE_NONE;
		if (type == EVENT_RULE)
			w->rule = (uint32_t)tl->n - 1;
	}
	if (type == EVENT_CT)
		w->ct = hop;
	else if (type != EVENT_HOOK)
		w->nf = hop;
}

static void emit_hop(struct timeline *tl, struct walk *w, uint32_t hop)
{
	uint8_t type = tl->hop[hop].type;
	struct line *line;

	if (is_nf(&tl->hop[hop])) {
		emit_nf(tl, w, hop);
		return;
	}
	/* That it was freed after it was dropped goes without saying. */
	if (type == EVENT_END && w->before != TIMELINE_NONE && tl->hop[w->before].type == EVENT_DROP &&
		tl->hop[w->before].copy == tl->hop[hop].copy)
		return;
	emit_between(tl, w, hop);
	line = add(tl, type == EVENT_END || type == EVENT_DROP ? LINE_END : LINE_HOP, w->copy, w->depth);
	line->hop = hop;
	line->before = w->before;
	line->look = w->look;
	w->before = hop;
}

static void emit_copy(struct timeline *tl, struct walk *w)
{
	size_t i = tl->from[w->copy], from = i, end = tl->from[w->copy + 1];
	uint16_t child = tl->child[w->copy];
	const struct copy *c = timeline_copy(tl, w->copy);
	struct line *line;

	for (; i < end; i++) {
		for (; child && tl->hop[tl->order[tl->from[child]]].ts < tl->hop[tl->order[i]].ts;
			child = tl->next[child]) {
			emit_branch(tl, w, child, i, from);
			from = i;
		}
		emit_hop(tl, w, tl->order[i]);
	}
	for (; child; child = tl->next[child])
		emit_branch(tl, w, child, i, from);
	if (c && !(c->facts & COPY_ENDED)) {
		line = add(tl, LINE_END, w->copy, w->depth);
		line->before = w->before;
		line->look = w->look;
	}
}

void lines_make(struct timeline *tl)
{
	struct walk first = {
		.before = TIMELINE_NONE, .look = TIMELINE_NONE, .nf = TIMELINE_NONE, .ct = TIMELINE_NONE
	};

	tl->n = 0;
	tl->slowest = 0;
	if (!tl->nhops || !tl->ncopies)
		return;
	sort_by_copy(tl);
	make_tree(tl);
	if (tl->packet.cut)
		add(tl, LINE_CUT, 0, 0)->hop = tl->order[0];
	emit_copy(tl, &first);
}
