/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ruleset as it is read: what is new waits outside of the tree, and what is
 * not there any more stays in it, until all has been read. So nothing flickers.
 */
#include <stdlib.h>
#include <string.h>

#include "model/names.h"
#include "model/rules_private.h"

static void begin(struct rules *r, struct rules_space *space, const struct event_ruleset *set)
{
	space->pass = ++r->last_pass ? r->last_pass : ++r->last_pass;
	space->reading = (struct rules_netns){
		.netns = set->ev.netns,
		.generation = set->generation,
		.known = true,
		.texts = set->texts,
		.error = set->error,
	};
}

/*
 * Numbers of legacy iptables are places: the rule that was there stands at
 * another one now, with its hits, and no journey names this one.
 */
static bool is_no_place(const struct rules_cell *c)
{
	return (c->pub.facts & (RULES_LISTED | RULES_LEGACY)) == RULES_LEGACY && !c->pub.last && !c->children;
}

/* Rules before chains before tables: who leaves later has nothing below it any more. */
static void settle_facts(struct rules *r, const struct rules_space *space, struct rules_netns *now)
{
	for (int kind = RULES_RULE; kind >= RULES_TABLE; kind--) {
		for (uint32_t cell = 1; cell < r->fresh; cell++) {
			const struct rules_cell *c = rules_cell(r, cell);

			if (!c->pub.no || c->pub.netns != space->pub.netns || c->pub.kind != kind)
				continue;
			if (c->pass == space->pass)
				rules_listed(r, cell, true);
			else if (!now->error)
				rules_listed(r, cell, false);
			if (is_no_place(c)) {
				rules_forget(r, cell);
				continue;
			}
			if (!(c->pub.facts & RULES_LISTED))
				continue;
			now->tables += kind == RULES_TABLE;
			now->chains += kind == RULES_CHAIN;
			now->rules += kind == RULES_RULE;
		}
	}
}

static int by_order(const void *a, const void *b)
{
	const struct rules_cell *x = *(const struct rules_cell *const *)a,
				*y = *(const struct rules_cell *const *)b;
	int listed = (y->pub.facts & RULES_LISTED) - (x->pub.facts & RULES_LISTED);

	if (listed)
		return listed;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->pub.no < y->pub.no ? -1 : 1;
}

/* Strings the tree of a namespace together in the order that was read. */
static void relink(struct rules *r, struct rules_space *space)
{
	struct rules_cell **sorted = malloc(r->fresh * sizeof(struct rules_cell *));
	size_t n = 0;

	for (uint32_t cell = 1; cell < r->fresh; cell++) {
		struct rules_cell *c = rules_cell(r, cell);

		if (!c->pub.no || c->pub.netns != space->pub.netns)
			continue;
		if (!sorted) { /* new ones stand last, then */
			rules_link(r, cell);
			continue;
		}
		c->linked = false;
		c->below = (struct rules_list){ 0 };
		sorted[n++] = c;
	}
	if (sorted) {
		space->tables = (struct rules_list){ 0 };
		qsort(sorted, n, sizeof(struct rules_cell *), by_order);
		for (size_t i = 0; i < n; i++)
			rules_link(r, (uint32_t)(sorted[i] - r->v));
	}
	free(sorted);
}

void rules_read(struct rules *r, const struct event_ruleset *set)
{
	struct rules_space *space = rules_space(r, set->ev.netns);

	if (!space) {
		r->lost++;
		return;
	}
	if (set->what == RULESET_BEGIN) {
		begin(r, space, set);
		return;
	}
	/* the end of another one: nobody knows what was between */
	if (space->pass && space->reading.generation == set->generation) {
		if (set->error)
			space->reading.error = set->error;
		settle_facts(r, space, &space->reading);
		relink(r, space);
		space->pub = space->reading;
		r->generation++;
	}
	space->pass = 0;
}

/* The parts of names[], as far as they are in the record. */
struct parts {
	const char *table, *chain, *text, *comment;
	size_t table_len, chain_len, text_len, comment_len;
};

static size_t take(size_t *left, size_t want)
{
	size_t n = want < *left ? want : *left;

	*left -= n;
	return n;
}

static void split(struct parts *p, const struct event_rule_text *text, size_t size)
{
	size_t left = size - offsetof(struct event_rule_text, names); /* sizeof has a gap behind it */

	p->table_len = take(&left, text->table_len);
	p->chain_len = take(&left, text->chain_len);
	p->text_len = take(&left, text->text_len);
	p->comment_len = take(&left, text->comment_len);
	p->table = text->names;
	p->chain = p->table + p->table_len;
	p->text = p->chain + p->chain_len;
	p->comment = p->text + p->text_len;
}

static void note_listed(struct rules *r, uint32_t cell, uint32_t pass)
{
	for (uint32_t up = cell; up && pass; up = r->v[up].up) {
		struct rules_cell *c = rules_cell(r, up);

		/* tables stand before their chains, and those before their rules */
		if (c->pass != pass)
			c->order = ++r->last_order;
		c->pass = pass;
	}
}

static uint32_t get_legacy(struct rules *r, const struct rules_space *space,
	const struct event_rule_text *text, const struct parts *parts)
{
	char name[RULE_TEXT_MAX + 1], comment[RULE_TEXT_MAX + 1];

	if (text->kind == RULE_TEXT_CHAIN) {
		printable(name, sizeof(name), parts->chain, parts->chain_len);
		return rules_place_chain(r, space, text, name);
	}
	printable(name, sizeof(name), parts->text, parts->text_len);
	printable(comment, sizeof(comment), parts->comment, parts->comment_len);
	return rules_place_rule(r, space, text, name, comment);
}

static uint32_t get(struct rules *r, const struct rules_space *space, const struct event_rule_text *text,
	const struct parts *parts)
{
	uint32_t netns = text->ev.netns;

	if (text->kind == RULE_TEXT_TABLE)
		return rules_get_table(r, netns, text->family, text->table);
	if (text->kind > RULE_TEXT_RULE || !text->chain || (text->kind == RULE_TEXT_RULE && !text->handle))
		return 0;
	if (text->facts & CHAIN_LEGACY)
		return get_legacy(r, space, text, parts);
	if (text->kind == RULE_TEXT_CHAIN)
		return rules_get_chain(r, netns, text->family, text->table, text->chain);
	return rules_get_rule(r, netns, text->family, text->table, text->chain, text->handle);
}

void rules_read_item(struct rules *r, const struct event_rule_text *text, size_t size)
{
	struct rules_space *space = rules_space(r, text->ev.netns);
	uint32_t cell, chain, table;
	struct parts parts;

	if (!space)
		return;
	split(&parts, text, size);
	cell = get(r, space, text, &parts);
	if (!cell)
		return;
	chain = text->kind == RULE_TEXT_RULE ? r->v[cell].up : text->kind == RULE_TEXT_CHAIN ? cell : 0;
	table = chain ? r->v[chain].up : cell;
	note_listed(r, cell, space->pass);
	rules_text(r, &r->v[table].pub.name, parts.table, parts.table_len, cell);
	if (chain)
		rules_text(r, &r->v[chain].pub.name, parts.chain, parts.chain_len, cell);
	if (text->kind == RULE_TEXT_CHAIN)
		rules_chain_is(r, cell,
			&(struct rules_chain_facts){ text->hook, text->facts, text->policy, text->priority });
	if (text->kind == RULE_TEXT_RULE) {
		rules_text(r, &r->v[cell].pub.name, parts.text, parts.text_len, cell);
		rules_text(r, &r->v[cell].pub.comment, parts.comment, parts.comment_len, cell);
	}
	if (text->facts & CHAIN_LEGACY)
		r->v[cell].pub.facts |= RULES_LEGACY;
	if (!space->pass)
		rules_link(r, cell);
}
