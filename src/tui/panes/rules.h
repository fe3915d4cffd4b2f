/* SPDX-License-Identifier: GPL-2.0 */
/* Between rules.c, the pane, and rules_tree.c, which holds its rows. */
#ifndef SKBSCOPE_TUI_PANES_RULES_H
#define SKBSCOPE_TUI_PANES_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hashmap.h"
#include "model/rules.h"

#define RULES_NETNS_MAX 1024 /* namespaces that get a row of their own when they have no ruleset */

enum rules_level { LEVEL_NETNS, LEVEL_TABLE, LEVEL_CHAIN, LEVEL_RULE };

/* Figures are as they were at the last refresh: they stand still while the picture is frozen. */
struct rules_row {
	uint32_t no; /* LEVEL_NETNS: 0 */
	uint32_t netns;
	uint8_t level; /* enum rules_level */
	uint8_t facts; /* enum rules_fact */
	bool parent;   /* something stands below it */
	double rate;
	uint64_t hits, n[NF_DECISIONS];
};

struct rules_tree {
	struct rules_row *row;
	size_t n, cap;
	uint32_t *shown; /* rows that are not below a folded one */
	size_t nshown;
	struct hashmap folded; /* key → 1 */
	struct rules_netns netns[RULES_NETNS_MAX];
	size_t nnetns;
	size_t rules, never; /* rules, and those that no packet has met */
	uint32_t generation;
	bool built;
};

int rules_tree_init(struct rules_tree *tree); /* 0 or -ENOMEM */
void rules_tree_fini(struct rules_tree *tree);

/* Rows anew when the rulesets have changed, their figures in any case. */
void rules_tree_take(struct rules_tree *tree, const struct rules *rules);

/* Hides or shows what is below a row. */
void rules_tree_fold(struct rules_tree *tree, const struct rules_row *row);
bool rules_tree_folded(const struct rules_tree *tree, const struct rules_row *row);

#define RULES_KEY(no) (1ull << 63 | (no)) /* of a row with an item; no packet has such an id */

uint64_t rules_row_key(const struct rules_row *row);
const struct rules_netns *rules_tree_netns(
	const struct rules_tree *tree, uint32_t netns); /* NULL: not read */

#endif
