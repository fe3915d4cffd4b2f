/* SPDX-License-Identifier: GPL-2.0 */
#include "model/rules.h"

#include <stdlib.h>
#include <string.h>

#include "model/rules_private.h"

#define ITEMS_MIN 8u /* a table, a chain and a rule must find a place at once */

static size_t spaces_for(size_t items)
{
	size_t n = items / 8;

	return n < 8 ? 8 : n > RULES_SPACES ? RULES_SPACES : n;
}

static size_t heads_for(size_t items)
{
	size_t heads = 16;

	while (heads < items)
		heads *= 2;
	return heads;
}

static size_t early_for(size_t items)
{
	size_t n = items / 16;

	return n < 16 ? 16 : n > 1024 ? 1024 : n;
}

struct rules *rules_new(size_t max_items, size_t max_bytes)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->max = max_items < ITEMS_MIN ? ITEMS_MIN : max_items;
	r->max_bytes = max_bytes;
	r->fresh = 1;
	r->mask = heads_for(r->max) - 1;
	r->max_spaces = spaces_for(r->max);
	r->nearly = early_for(r->max);
	r->v = calloc(r->max + 1, sizeof(*r->v));
	r->heads = calloc(r->mask + 1, sizeof(*r->heads));
	r->spaces = calloc(r->max_spaces, sizeof(*r->spaces));
	r->early = calloc(r->nearly, sizeof(*r->early));
	if (!r->v || !r->heads || !r->spaces || !r->early || hashmap_init(&r->by_no, r->max)) {
		rules_free(r);
		return NULL;
	}
	return r;
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	for (size_t i = 1; r->v && i < r->fresh; i++) {
		if (!r->v[i].pub.no)
			continue;
		if (r->v[i].pub.name[0])
			free((char *)(uintptr_t)r->v[i].pub.name);
		if (r->v[i].pub.comment[0])
			free((char *)(uintptr_t)r->v[i].pub.comment);
		free(r->v[i].recent);
	}
	free(r->v);
	free(r->heads);
	free(r->spaces);
	free(r->early);
	hashmap_fini(&r->by_no);
	free(r);
}

/* All but texts. */
static size_t tables_bytes(size_t max)
{
	return (max + 1) * sizeof(struct rules_cell) + heads_for(max) * sizeof(uint32_t) +
	       spaces_for(max) * sizeof(struct rules_space) + early_for(max) * sizeof(struct rules_early) +
	       hashmap_bytes(max);
}

size_t rules_bytes_max(size_t max_items, size_t max_bytes)
{
	return sizeof(struct rules) + tables_bytes(max_items < ITEMS_MIN ? ITEMS_MIN : max_items) + max_bytes;
}

size_t rules_bytes(const struct rules *r)
{
	/* only what is written to becomes memory: the share of the items that there were */
	return sizeof(*r) + tables_bytes(r->max) / r->max * (r->fresh - 1) + r->bytes;
}

uint32_t rules_get_table(struct rules *r, uint32_t netns, uint8_t family, uint64_t table)
{
	uint32_t cell = rules_lookup(r, netns, RULES_TABLE, table, table);

	if (!cell)
		cell = rules_make(r,
			&(struct rules_item){ .netns = netns,
				.kind = RULES_TABLE,
				.family = family,
				.hook = NF_NO_HOOK,
				.table = table,
				.handle = table },
			0);
	else
		rules_touch(r, cell);
	return cell;
}

uint32_t rules_get_chain(struct rules *r, uint32_t netns, uint8_t family, uint64_t table, uint64_t chain)
{
	uint32_t cell = rules_lookup(r, netns, RULES_CHAIN, table, chain), up;

	if (cell) {
		rules_touch(r, r->v[cell].up);
		rules_touch(r, cell);
		return cell;
	}
	up = rules_get_table(r, netns, family, table);
	if (!up) {
		r->lost++;
		return 0;
	}
	return rules_make(r,
		&(struct rules_item){ .netns = netns,
			.kind = RULES_CHAIN,
			.family = family,
			.hook = NF_NO_HOOK,
			.table = table,
			.handle = chain },
		up);
}

uint32_t rules_get_rule(
	struct rules *r, uint32_t netns, uint8_t family, uint64_t table, uint64_t chain, uint64_t handle)
{
	uint32_t cell = rules_lookup(r, netns, RULES_RULE, table, handle), up;

	if (cell) {
		rules_touch(r, r->v[r->v[cell].up].up);
		rules_touch(r, r->v[cell].up);
		rules_touch(r, cell);
		return cell;
	}
	up = rules_get_chain(r, netns, family, table, chain);
	if (!up) {
		r->lost++;
		return 0;
	}
	return rules_make(r,
		&(struct rules_item){ .netns = netns,
			.kind = RULES_RULE,
			.family = family,
			.hook = NF_NO_HOOK,
			.facts = r->v[up].pub.facts & RULES_LEGACY,
			.table = table,
			.handle = handle },
		up);
}

void rules_chain_is(struct rules *r, uint32_t cell, const struct rules_chain_facts *facts)
{
	struct rules_item *item = &r->v[cell].pub, before = *item;

	item->facts |= facts->facts & CHAIN_LEGACY ? RULES_LEGACY : 0;
	if (facts->facts & CHAIN_BASE) {
		item->facts |= RULES_BASE;
		item->hook = facts->hook;
		item->policy = facts->policy;
		item->priority = facts->priority;
	}
	if (before.facts != item->facts || before.hook != item->hook || before.policy != item->policy ||
		before.priority != item->priority)
		r->generation++;
}

/* A chain and its table; what is met stands in the tree at once, unless a reading has just told it. */
static void show(struct rules *r, uint32_t cell)
{
	for (; cell; cell = r->v[cell].up) {
		const struct rules_cell *c = rules_cell(r, cell);
		const struct rules_space *space = c->linked ? NULL : rules_space(r, c->pub.netns);

		if (space && (!space->pass || c->pass != space->pass))
			rules_link(r, cell);
	}
}

static void met(struct rules *r, uint32_t cell, const struct event *ev)
{
	struct rules_item *item = &r->v[cell].pub;

	show(r, cell);
	item->facts |= RULES_MET;
	if (ev->ts > item->last)
		item->last = ev->ts;
	if (ev->packet)
		rules_remember(r, cell, ev->packet);
}

static void apply_chain(struct rules *r, const struct event_chain *chain)
{
	uint32_t cell = rules_get_chain(r, chain->ev.netns, chain->family, chain->table, chain->chain);

	if (!cell)
		return;
	if (chain->facts & CHAIN_LEGACY)
		r->v[cell].pub.facts |= RULES_LEGACY;
	if (chain->facts & CHAIN_BASE && !(r->v[cell].pub.facts & RULES_BASE)) {
		r->v[cell].pub.facts |= RULES_BASE;
		r->v[cell].pub.hook = chain->hook;
		r->generation++;
	}
	if (chain->what == CHAIN_ENTER)
		met(r, cell, &chain->ev);
	else
		show(r, cell);
}

static void apply_rule(struct rules *r, const struct event_rule *rule)
{
	uint32_t cell;

	if (!rule->handle)
		return;
	cell = rules_get_rule(r, rule->ev.netns, rule->family, rule->table, rule->chain, rule->handle);
	if (cell)
		met(r, cell, &rule->ev);
}

static void apply_name(struct rules *r, const struct event_chain_name *name)
{
	uint32_t cell = rules_get_chain(r, name->ev.netns, name->family, name->table, name->chain);

	if (!cell)
		return;
	/* the kernel's side knows neither policy nor priority of legacy iptables */
	if (!(name->facts & CHAIN_LEGACY && r->v[cell].pub.facts & RULES_LISTED))
		rules_chain_is(r, cell,
			&(struct rules_chain_facts){ name->hook, name->facts, name->policy, name->priority });
	rules_text(r, &r->v[r->v[cell].up].pub.name, name->table_name, sizeof(name->table_name), cell);
	rules_text(r, &r->v[cell].pub.name, name->chain_name, sizeof(name->chain_name), cell);
	show(r, cell);
}

static void apply_hits(struct rules *r, const struct event_rule_hits *hits)
{
	uint32_t cell = rules_lookup(r, hits->ev.netns, RULES_RULE, hits->table, hits->handle);

	if (!cell)
		cell = rules_lookup(r, hits->ev.netns, RULES_CHAIN, hits->table, hits->handle);
	if (cell)
		rules_hits(r, cell, hits->n);
	else
		rules_hits_early(r, hits);
}

void rules_apply(struct rules *r, const struct event *ev, size_t size)
{
	if (ev->type == EVENT_CHAIN && size >= sizeof(struct event_chain))
		apply_chain(r, (const struct event_chain *)ev);
	else if (ev->type == EVENT_RULE && size >= sizeof(struct event_rule))
		apply_rule(r, (const struct event_rule *)ev);
	else if (ev->type == EVENT_CHAIN_NAME && size >= sizeof(struct event_chain_name))
		apply_name(r, (const struct event_chain_name *)ev);
	else if (ev->type == EVENT_RULESET && size >= sizeof(struct event_ruleset))
		rules_read(r, (const struct event_ruleset *)ev);
	else if (ev->type == EVENT_RULE_TEXT && size >= offsetof(struct event_rule_text, names))
		rules_read_item(r, (const struct event_rule_text *)ev, size);
	else if (ev->type == EVENT_RULE_HITS && size >= sizeof(struct event_rule_hits))
		apply_hits(r, (const struct event_rule_hits *)ev);
}

void rules_tick(struct rules *r, uint64_t now)
{
	for (size_t i = 1; i < r->fresh; i++) {
		if (r->v[i].pub.no)
			r->v[i].pub.rate = rate_update(&r->v[i].rate, r->v[i].pub.hits, now);
	}
}

uint32_t rules_generation(const struct rules *r)
{
	return r->generation;
}

size_t rules_lost(const struct rules *r)
{
	return r->lost;
}

size_t rules_lost_texts(const struct rules *r)
{
	return r->lost_texts;
}

uint32_t rules_find(const struct rules *r, uint32_t netns, uint64_t table, uint64_t handle)
{
	uint32_t cell;

	if (!handle)
		return r->v[rules_lookup(r, netns, RULES_TABLE, table, table)].pub.no;
	cell = rules_lookup(r, netns, RULES_RULE, table, handle);
	return r->v[cell ? cell : rules_lookup(r, netns, RULES_CHAIN, table, handle)].pub.no;
}

uint32_t rules_find_chain(const struct rules *r, uint32_t netns, uint64_t table, uint64_t chain)
{
	return r->v[rules_lookup(r, netns, RULES_CHAIN, table, chain)].pub.no;
}

const struct rules_item *rules_item(const struct rules *r, uint32_t no)
{
	uint32_t cell = no ? hashmap_get(&r->by_no, no) : 0;

	return cell ? &r->v[cell].pub : NULL;
}

/* The next one in the order of the tree: below, beside, beside its parent. */
static uint32_t tree_next(const struct rules *r, uint32_t cell)
{
	if (r->v[cell].below.first)
		return r->v[cell].below.first;
	for (; cell; cell = r->v[cell].up) {
		if (r->v[cell].next)
			return r->v[cell].next;
	}
	return 0;
}

size_t rules_tree(const struct rules *r, size_t from, uint32_t *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nspaces; i++) {
		for (uint32_t cell = r->spaces[i].tables.first; cell; cell = tree_next(r, cell), n++) {
			if (n >= from && n - from < max)
				out[n - from] = r->v[cell].pub.no;
		}
	}
	return n;
}

size_t rules_namespaces(const struct rules *r, struct rules_netns *out, size_t max)
{
	for (size_t i = 0; i < r->nspaces && i < max; i++)
		out[i] = r->spaces[i].pub;
	return r->nspaces;
}

size_t rules_recent(const struct rules *r, uint32_t no, uint64_t *packets, size_t max)
{
	const struct rules_cell *c = rules_cell(r, no ? hashmap_get(&r->by_no, no) : 0);
	size_t n = 0;

	for (; n < max && n < c->seen && n < c->room; n++)
		packets[n] = c->recent[(c->seen - 1 - n) % c->room];
	return n;
}
