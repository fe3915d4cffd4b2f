/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of struct rules: cells that are named by index (0 is nobody), found
 * by key, by number, and along the tree. Those that are not listed are in a list
 * of their own, longest unseen first: they leave when room is needed.
 */
#ifndef SKBSCOPE_MODEL_RULES_PRIVATE_H
#define SKBSCOPE_MODEL_RULES_PRIVATE_H

#include "base/hashmap.h"
#include "model/rate.h"
#include "model/rules.h"

#define RULES_SPACES 1024u /* network namespaces at most */

struct rules_list {
	uint32_t first, last;
};

struct rules_cell {
	struct rules_item pub; /* no 0: the cell is free */
	uint32_t hash_next;
	uint32_t up;		 /* the parent's cell */
	struct rules_list below; /* children that stand in the tree */
	uint32_t next, prev;	 /* among those of the same parent */
	uint32_t children;	 /* those that do not stand in the tree yet, too */
	uint32_t gone_next, gone_prev;
	uint32_t pass;	/* of the reading that it was in last */
	uint32_t order; /* in that */
	bool linked;	/* stands in the tree */
	bool unplaced;	/* its handle is another one's now, or will be */
	struct rate rate;
	uint64_t *recent; /* a ring of room packets */
	uint32_t room;
	uint64_t seen; /* packets ever put into it */
};

struct rules_space {
	struct rules_netns pub;
	struct rules_list tables;
	uint32_t pass; /* of the reading under way, 0 none */
	struct rules_netns reading;
};

/* Hits of what is not known yet. */
struct rules_early {
	uint32_t netns;
	uint64_t table, handle;
	__u64 n[NF_DECISIONS];
};

struct rules {
	struct rules_cell *v;
	size_t max, fresh; /* cells; the first one never used */
	uint32_t unused;   /* list through hash_next */
	uint32_t *heads;
	size_t mask;
	struct hashmap by_no; /* number → cell */
	uint32_t last_no, last_pass, last_order;
	struct rules_list gone;
	struct rules_space *spaces; /* by number */
	size_t nspaces, max_spaces;
	struct rules_early *early;
	size_t nearly;		 /* of early */
	bool any_early;		 /* it is not empty */
	uint32_t moved;		 /* the last cell that went to another place */
	size_t bytes, max_bytes; /* of text and recent packets */
	uint32_t generation;
	size_t lost, lost_texts;
};

static inline struct rules_cell *rules_cell(const struct rules *r, uint32_t cell)
{
	return &r->v[cell];
}

/* rules_cells.c */
uint32_t rules_lookup(
	const struct rules *r, uint32_t netns, enum rules_kind kind, uint64_t table, uint64_t handle);
/* A new one below up (0: a table), not in the tree. 0: no room, counted. Never takes up's place. */
uint32_t rules_make(struct rules *r, const struct rules_item *what, uint32_t up);
struct rules_space *rules_space(struct rules *r, uint32_t netns); /* made when new; NULL: too many */
void rules_link(struct rules *r, uint32_t cell);  /* behind its brothers, unless it is there */
void rules_touch(struct rules *r, uint32_t cell); /* not listed: it leaves later than all others */
void rules_listed(struct rules *r, uint32_t cell, bool listed);
void rules_forget(struct rules *r, uint32_t cell);		   /* not listed, and nothing below it */
void rules_unplace(struct rules *r, uint32_t cell);		   /* it is found by its handle no more */
void rules_place(struct rules *r, uint32_t cell, uint64_t handle); /* and by this one */
void rules_move(struct rules *r, uint32_t cell, uint32_t up);	   /* below another one, last */
/* Takes over what is text in it; true when it is another one now. keep does not leave for it. */
bool rules_text(struct rules *r, const char **text, const char *src, size_t len, uint32_t keep);
void rules_remember(struct rules *r, uint32_t cell, uint64_t packet);
void rules_hits(struct rules *r, uint32_t cell, const __u64 n[NF_DECISIONS]);
/* Of what is not known: kept until it is, unless another one takes the place. */
void rules_hits_early(struct rules *r, const struct event_rule_hits *hits);

/* rules_read.c: EVENT_RULESET and EVENT_RULE_TEXT */
void rules_read(struct rules *r, const struct event_ruleset *set);
void rules_read_item(struct rules *r, const struct event_rule_text *text, size_t size);

/* rules_places.c: the cell of a rule or chain of legacy iptables, as a reading tells it; 0: no room. */
uint32_t rules_place_chain(struct rules *r, const struct rules_space *space,
	const struct event_rule_text *text, const char *name);
uint32_t rules_place_rule(struct rules *r, const struct rules_space *space,
	const struct event_rule_text *text, const char *name, const char *comment);

/* rules.c: the cell, made when it is not there; 0: no room. */
uint32_t rules_get_table(struct rules *r, uint32_t netns, uint8_t family, uint64_t table);
uint32_t rules_get_chain(struct rules *r, uint32_t netns, uint8_t family, uint64_t table, uint64_t chain);
uint32_t rules_get_rule(
	struct rules *r, uint32_t netns, uint8_t family, uint64_t table, uint64_t chain, uint64_t handle);
/* What struct event_chain_name and struct event_rule_text tell of a chain. */
struct rules_chain_facts {
	uint8_t hook, facts, policy;
	int32_t priority;
};
void rules_chain_is(struct rules *r, uint32_t cell, const struct rules_chain_facts *facts);

#endif
