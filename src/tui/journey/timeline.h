/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet's journey as lines: its hops in order, each copy below the moment it
 * was made, and between the hops what happened there. Its own copy of what the
 * store has, so that it stays when the store lets the packet go.
 */
#ifndef SKBSCOPE_TUI_JOURNEY_TIMELINE_H
#define SKBSCOPE_TUI_JOURNEY_TIMELINE_H

#include "model/probe.h"
#include "model/store.h"

#define TIMELINE_HOPS_MAX (1u << 18) /* 10 MiB; the title says when there are more */
#define TIMELINE_NONE UINT32_MAX

enum line_kind {
	LINE_HOP,
	LINE_CUT,    /* hops before the first one may be missing */
	LINE_LOST,   /* records that never arrived */
	LINE_CHANGE, /* it looks different from here on */
	LINE_WAIT,   /* it stood in a queue */
	LINE_COPY,   /* here a copy was made: its lines follow, if they are not folded */
	LINE_END,    /* of a copy, or that none was seen yet */
	LINE_RULE,   /* a rule acted */
	LINE_CHAIN,  /* a chain was entered, or left with a word of its own */
	LINE_HOOK,   /* a hook has decided, and no line above says it */
	LINE_CT,     /* what conntrack says is another thing from here on */
};

struct line {
	uint32_t hop;	 /* the record it is about; NONE: behind the last one */
	uint32_t before; /* the record of the same copy before, or its parent's; NONE */
	uint32_t look;	 /* what it looked like then: a change; NONE unknown */
	uint32_t old; /* LINE_CHANGE: and before; LINE_CT: the record before, LINE_RULE: of the chain it led
			 to */
	uint16_t copy;
	uint8_t kind;	/* enum line_kind */
	uint8_t depth;	/* of copies made from copies */
	uint8_t detail; /* LINE_WAIT: of waits.h; LINE_COPY: enum made */
};

enum made {
	MADE_UNKNOWN,
	MADE_RETRANSMISSION,
	MADE_FRAGMENT,
	MADE_SEGMENT,
	MADE_SENT,
	MADE_COPY,
	MADE_CLONE
};

enum fold { FOLD_AUTO, FOLD_OPEN, FOLD_CLOSED };

struct timeline {
	struct packet packet; /* .id 0: none */
	struct hop *hop;
	size_t nhops, hop_cap;
	struct copy *copy;
	size_t ncopies, copy_cap;
	struct change *change;
	size_t nchanges, change_cap;
	struct line *line;
	size_t n, line_cap;
	uint64_t slowest; /* largest gap between two hops of a copy, ns */

	/* how lines are made */
	uint32_t *order;	/* hops by copy, in time order */
	uint32_t *from;		/* where those of a copy begin; one more at the end */
	uint16_t *child, *next; /* first copy made of a copy, and the next of the same parent; 0 none */
	uint8_t *fold;		/* enum fold */
	size_t order_cap;
	const struct probe_table *probes;
};

/* Another packet, or none (0). */
void timeline_clear(struct timeline *tl);
void timeline_fini(struct timeline *tl);

/* Reads the packet and makes its lines. What is gone from the store stays as it was. */
void timeline_read(
	struct timeline *tl, const struct store *store, const struct probe_table *probes, uint64_t id);

/* Hides or shows the lines of a copy. */
void timeline_fold(struct timeline *tl, uint16_t copy);
bool timeline_folded(const struct timeline *tl, uint16_t copy);

/* The copy of a record; NULL: there were too many of them. */
const struct copy *timeline_copy(const struct timeline *tl, uint16_t copy);

const char *made_name(enum made made);

/* A record of netfilter or conntrack: an opinion, not a place the packet was at. */
static inline bool is_nf(const struct hop *hop)
{
	return hop->type >= EVENT_HOOK && hop->type <= EVENT_CT;
}

#endif
