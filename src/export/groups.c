/* SPDX-License-Identifier: GPL-2.0 */
#include "export/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"

#define FIRST_BYTES 1024u /* of a group's lines */

struct groups {
	struct group v[GROUPS_MAX + 1]; /* 0 is nobody */
	struct hashmap map;		/* packet id: number in v */
	uint32_t oldest, youngest;	/* by when something came for them last */
	uint32_t fresh, unused;		/* first never used; list through next */
	size_t bytes;
};

struct groups *groups_new(void)
{
	struct groups *g = calloc(1, sizeof(*g));

	if (g && hashmap_init(&g->map, 1024)) {
		free(g);
		return NULL;
	}
	if (g)
		g->fresh = 1;
	return g;
}

void groups_free(struct groups *g)
{
	if (!g)
		return;
	for (uint32_t i = g->oldest; i; i = g->v[i].next)
		free(g->v[i].text);
	hashmap_fini(&g->map);
	free(g);
}

static void append(struct groups *g, uint32_t i)
{
	g->v[i].prev = g->youngest;
	g->v[i].next = 0;
	if (g->youngest)
		g->v[g->youngest].next = i;
	else
		g->oldest = i;
	g->youngest = i;
}

static void take_out(struct groups *g, uint32_t i)
{
	const struct group *group = &g->v[i];

	if (group->prev)
		g->v[group->prev].next = group->next;
	else
		g->oldest = group->next;
	if (group->next)
		g->v[group->next].prev = group->prev;
	else
		g->youngest = group->prev;
}

struct group *groups_get(struct groups *g, uint64_t packet)
{
	uint32_t i = hashmap_get(&g->map, packet);

	if (i)
		return &g->v[i];
	i = g->unused ? g->unused : g->fresh;
	if (i > GROUPS_MAX || hashmap_put(&g->map, packet, i))
		return NULL;
	if (g->unused)
		g->unused = g->v[i].next;
	else
		g->fresh++;
	memset(&g->v[i], 0, offsetof(struct group, head));
	g->v[i].id = packet;
	append(g, i);
	return &g->v[i];
}

static bool make_room(struct groups *g, struct group *group, size_t len)
{
	size_t cap = group->cap ? group->cap : FIRST_BYTES;
	char *text;

	while (cap < group->len + len)
		cap *= 2;
	if (cap == group->cap)
		return true;
	if (g->bytes - group->cap + cap > GROUPS_BYTES)
		return false;
	text = realloc(group->text, cap);
	if (!text)
		return false;
	g->bytes += cap - group->cap;
	group->text = text;
	group->cap = cap;
	return true;
}

bool groups_add(struct groups *g, struct group *group, uint64_t ts, const char *line, size_t len)
{
	uint32_t i = (uint32_t)(group - g->v);

	if (!make_room(g, group, len))
		return false;
	memcpy(group->text + group->len, line, len);
	group->len += len;
	if (!group->lines++ || ts < group->first)
		group->first = ts;
	if (ts > group->last)
		group->last = ts;
	if (i != g->youngest) {
		take_out(g, i);
		append(g, i);
	}
	return true;
}

struct group *groups_oldest(struct groups *g)
{
	return g->oldest ? &g->v[g->oldest] : NULL;
}

void groups_remove(struct groups *g, struct group *group)
{
	uint32_t i = (uint32_t)(group - g->v);

	take_out(g, i);
	hashmap_del(&g->map, group->id);
	free(group->text);
	group->text = NULL;
	g->bytes -= group->cap;
	group->next = g->unused;
	g->unused = i;
}
