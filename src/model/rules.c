/* SPDX-License-Identifier: GPL-2.0 */
#include "model/rules.h"

#include <stdlib.h>

struct rules {
	uint32_t generation;
};

struct rules *rules_new(size_t max_items, size_t max_bytes)
{
	return calloc(1, sizeof(struct rules));
}

void rules_free(struct rules *rules)
{
	free(rules);
}

size_t rules_bytes(const struct rules *rules)
{
	return sizeof(*rules);
}

void rules_apply(struct rules *rules, const struct event *ev, size_t size)
{
}

void rules_tick(struct rules *rules, uint64_t now)
{
}

uint32_t rules_generation(const struct rules *rules)
{
	return rules->generation;
}

size_t rules_lost(const struct rules *rules)
{
	return 0;
}

uint32_t rules_find(const struct rules *rules, uint32_t netns, uint64_t table, uint64_t handle)
{
	return 0;
}

const struct rules_item *rules_item(const struct rules *rules, uint32_t no)
{
	return NULL;
}

size_t rules_tree(const struct rules *rules, size_t from, uint32_t *out, size_t max)
{
	return 0;
}

size_t rules_namespaces(const struct rules *rules, struct rules_netns *out, size_t max)
{
	return 0;
}

size_t rules_recent(const struct rules *rules, uint32_t no, uint64_t *packets, size_t max)
{
	return 0;
}
