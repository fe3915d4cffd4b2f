/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules of legacy iptables have no handles but places, and chains of the user
 * their number. When a ruleset is read, an item goes where its rule is now, so
 * that its hits, its packets and who names it stay with what it says.
 */
#include <string.h>

#include "model/rules_private.h"

#define LOOK_MAX 256 /* items that a rule is looked for among: they move together */

static bool says(const struct rules_cell *c, const char *name, const char *comment)
{
	return !strcmp(c->pub.name, name) && !strcmp(c->pub.comment, comment);
}

/* Below up, not told in this reading so far. hint: one that was found before. 0: there is none. */
static uint32_t find_moved(const struct rules *r, const struct rules_space *space, uint32_t up, uint32_t hint,
	const char *name, const char *comment)
{
	const struct rules_cell *h = rules_cell(r, hint);
	uint32_t first = r->v[up].below.first, cell = hint && h->linked && h->up == up ? h->next : first;

	for (int i = 0; i < LOOK_MAX; i++, cell = rules_cell(r, cell)->next) {
		const struct rules_cell *c;

		if (!cell)
			cell = first;
		if (!cell)
			return 0;
		c = rules_cell(r, cell);
		if (c->pass != space->pass && c->pub.facts & RULES_LEGACY && says(c, name, comment))
			return cell;
	}
	return 0;
}

uint32_t rules_place_chain(struct rules *r, const struct rules_space *space,
	const struct event_rule_text *text, const char *name)
{
	uint32_t table = rules_get_table(r, text->ev.netns, text->family, text->table);
	uint32_t cell = rules_lookup(r, text->ev.netns, RULES_CHAIN, text->table, text->chain), moved;

	if (!table || !space->pass || (cell && (!r->v[cell].pub.name[0] || says(&r->v[cell], name, ""))))
		return rules_get_chain(r, text->ev.netns, text->family, text->table, text->chain);
	if (cell)
		rules_unplace(r, cell);
	moved = find_moved(r, space, table, 0, name, "");
	if (moved)
		rules_place(r, moved, text->chain);
	return rules_get_chain(r, text->ev.netns, text->family, text->table, text->chain);
}

/* Met at a place before that was read: those who name it know now what it is, and the rule itself came here.
 */
static void name_met(struct rules *r, uint32_t cell, const char *name, const char *comment)
{
	struct rules_item *item = &r->v[cell].pub;

	item->facts |= RULES_LEGACY;
	rules_text(r, &item->name, name, strlen(name), cell);
	rules_text(r, &item->comment, comment, strlen(comment), cell);
}

/* What was counted at the place, told before it was read, is the rule's that came here. */
static void hand_over_hits(struct rules *r, uint32_t from, uint32_t to)
{
	static const __u64 none[NF_DECISIONS];
	__u64 n[NF_DECISIONS];

	if (!r->v[from].pub.hits)
		return;
	memcpy(n, r->v[from].pub.n, sizeof(n));
	rules_hits(r, to, n);
	rules_hits(r, from, none);
}

uint32_t rules_place_rule(struct rules *r, const struct rules_space *space,
	const struct event_rule_text *text, const char *name, const char *comment)
{
	uint32_t chain = rules_get_chain(r, text->ev.netns, text->family, text->table, text->chain);
	uint32_t cell = rules_lookup(r, text->ev.netns, RULES_RULE, text->table, text->handle), moved = 0;
	bool met_only = cell && !r->v[cell].pub.name[0];

	if (met_only && chain && r->v[cell].up != chain)
		rules_move(r, cell, chain); /* nobody knew in which chain it is */
	if (chain && space->pass && !(cell && r->v[cell].up == chain && says(&r->v[cell], name, comment))) {
		moved = find_moved(r, space, chain, r->moved, name, comment);
		if (met_only && moved) {
			name_met(r, cell, name, comment);
			hand_over_hits(r, cell, moved);
		}
		if (cell && (moved || !met_only))
			rules_unplace(r, cell);
		if (moved)
			rules_place(r, moved, text->handle);
		r->moved = moved ? moved : r->moved;
	}
	return rules_get_rule(r, text->ev.netns, text->family, text->table, text->chain, text->handle);
}
