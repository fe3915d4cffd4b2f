/* SPDX-License-Identifier: GPL-2.0 */
/* Rulesets as rows: namespace, table, chain, rule, each below what it is of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define CHUNK 512 /* numbers of the tree read at once */

int rules_tree_init(struct rules_tree *tree)
{
	return hashmap_init(&tree->folded, 16);
}

void rules_tree_fini(struct rules_tree *tree)
{
	hashmap_fini(&tree->folded);
	free(tree->row);
	free(tree->shown);
}

uint64_t rules_row_key(const struct rules_row *row)
{
	return RULES_KEY(row->level == LEVEL_NETNS ? 1ull << 40 | row->netns : row->no);
}

bool rules_tree_folded(const struct rules_tree *tree, const struct rules_row *row)
{
	return row->parent && hashmap_get(&tree->folded, rules_row_key(row));
}

const struct rules_netns *rules_tree_netns(const struct rules_tree *tree, uint32_t netns)
{
	for (size_t i = 0; i < tree->nnetns; i++)
		if (tree->netns[i].netns == netns)
			return &tree->netns[i];
	return NULL;
}

static void make_shown(struct rules_tree *tree)
{
	unsigned int below = UINT8_MAX; /* a folded row of that level: what is deeper is hidden */
	size_t i;

	tree->nshown = 0;
	for (i = 0; i < tree->n; i++) {
		if (tree->row[i].level > below)
			continue;
		below = rules_tree_folded(tree, &tree->row[i]) ? tree->row[i].level : UINT8_MAX;
		tree->shown[tree->nshown++] = (uint32_t)i;
	}
}

void rules_tree_fold(struct rules_tree *tree, const struct rules_row *row)
{
	uint64_t key = rules_row_key(row);

	if (!row->parent)
		return;
	if (!hashmap_del(&tree->folded, key))
		hashmap_put(&tree->folded, key, 1);
	make_shown(tree);
}

static bool make_room(struct rules_tree *tree)
{
	size_t cap = tree->cap ? tree->cap * 2 : 256;
	struct rules_row *row;
	uint32_t *shown;

	if (tree->n < tree->cap)
		return true;
	shown = reallocarray(tree->shown, cap, sizeof(*shown));
	if (!shown)
		return false;
	tree->shown = shown;
	row = reallocarray(tree->row, cap, sizeof(*row));
	if (!row)
		return false;
	tree->row = row;
	tree->cap = cap;
	return true;
}

/* False: no memory, the tree ends there. */
static bool add(struct rules_tree *tree, uint32_t no, uint32_t netns, enum rules_level level)
{
	if (!make_room(tree))
		return false;
	if (tree->n && tree->row[tree->n - 1].level < (uint8_t)level)
		tree->row[tree->n - 1].parent = true;
	tree->row[tree->n++] = (struct rules_row){ .no = no, .netns = netns, .level = (uint8_t)level };
	return true;
}

static int by_number(const void *pa, const void *pb)
{
	const struct rules_netns *a = pa, *b = pb;

	return a->netns < b->netns ? -1 : a->netns > b->netns;
}

static bool take_netns(struct rules_tree *tree, const struct rules *rules)
{
	struct rules_netns netns[RULES_NETNS_MAX];
	size_t n = rules_namespaces(rules, netns, RULES_NETNS_MAX);
	bool same;

	n = n < RULES_NETNS_MAX ? n : RULES_NETNS_MAX;
	qsort(netns, n, sizeof(netns[0]), by_number);
	same = n == tree->nnetns && !memcmp(netns, tree->netns, n * sizeof(netns[0]));
	memcpy(tree->netns, netns, n * sizeof(netns[0]));
	tree->nnetns = n;
	return !same;
}

/* Namespaces up to that one: those without a ruleset too. */
static bool add_netns(struct rules_tree *tree, size_t *at, uint32_t netns)
{
	for (; *at < tree->nnetns && tree->netns[*at].netns < netns; (*at)++)
		if (!add(tree, 0, tree->netns[*at].netns, LEVEL_NETNS))
			return false;
	if (*at < tree->nnetns && tree->netns[*at].netns == netns)
		(*at)++;
	return add(tree, 0, netns, LEVEL_NETNS);
}

static void build(struct rules_tree *tree, const struct rules *rules)
{
	uint32_t no[CHUNK], netns = 0;
	size_t from, total = 1, at = 0, i, n;
	bool first = true;

	tree->n = 0;
	for (from = 0; from < total; from += CHUNK) {
		total = rules_tree(rules, from, no, CHUNK);
		n = total > from ? total - from : 0;
		for (i = 0; i < n && i < CHUNK; i++) {
			const struct rules_item *item = rules_item(rules, no[i]);

			if (!item)
				continue;
			if ((first || item->netns != netns) && !add_netns(tree, &at, item->netns))
				return;
			first = false;
			netns = item->netns;
			if (!add(tree, item->no, netns, (enum rules_level)(LEVEL_TABLE + item->kind)))
				return;
		}
	}
	/* A list of namespaces none of which has a rule would hide that there is none. */
	for (; !first && at < tree->nnetns; at++)
		add(tree, 0, tree->netns[at].netns, LEVEL_NETNS);
}

static void take_figures(struct rules_tree *tree, const struct rules *rules)
{
	const struct rules_item *item;
	struct rules_row *row;
	size_t i;

	tree->rules = tree->never = 0;
	for (i = 0; i < tree->n; i++) {
		row = &tree->row[i];
		item = row->no ? rules_item(rules, row->no) : NULL;
		if (!item)
			continue;
		row->facts = item->facts;
		row->hits = item->hits;
		row->rate = item->rate;
		memcpy(row->n, item->n, sizeof(row->n));
		if (row->level == LEVEL_RULE) {
			tree->rules++;
			tree->never += !row->hits && !(row->facts & RULES_MET);
		}
	}
}

void rules_tree_take(struct rules_tree *tree, const struct rules *rules)
{
	bool changed = take_netns(tree, rules);

	if (changed || !tree->built || tree->generation != rules_generation(rules)) {
		tree->generation = rules_generation(rules);
		tree->built = true;
		build(tree, rules);
		make_shown(tree);
	}
	take_figures(tree, rules);
}
