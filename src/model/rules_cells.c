/* SPDX-License-Identifier: GPL-2.0 */
/* Cells of rulesets: made, found, strung together, forgotten. */
#include <stdlib.h>
#include <string.h>

#include "model/names.h"
#include "model/rules_private.h"

#define FORGET_LOOK 4096 /* cells looked at for one that may leave */
#define RECENT_FIRST 16u
#define RECENT_SAME 4u /* packets that a new one is compared with: they come interleaved */

static uint32_t *head_of(
	const struct rules *r, uint32_t netns, enum rules_kind kind, uint64_t table, uint64_t handle)
{
	uint64_t hash = hash_u64(table ^ hash_u64(handle ^ (uint64_t)kind << 62 ^ (uint64_t)netns << 24));

	return &r->heads[hash & r->mask];
}

uint32_t rules_lookup(
	const struct rules *r, uint32_t netns, enum rules_kind kind, uint64_t table, uint64_t handle)
{
	uint32_t cell = *head_of(r, netns, kind, table, handle);

	for (; cell; cell = r->v[cell].hash_next) {
		const struct rules_item *item = &r->v[cell].pub;

		if (item->handle == handle && item->table == table && item->netns == netns &&
			item->kind == kind)
			return cell;
	}
	return 0;
}

struct rules_space *rules_space(struct rules *r, uint32_t netns)
{
	size_t lo = 0, hi = r->nspaces;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->spaces[mid].pub.netns < netns)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < r->nspaces && r->spaces[lo].pub.netns == netns)
		return &r->spaces[lo];
	if (r->nspaces == r->max_spaces)
		return NULL;
	memmove(&r->spaces[lo + 1], &r->spaces[lo], (r->nspaces++ - lo) * sizeof(*r->spaces));
	r->spaces[lo] = (struct rules_space){ .pub.netns = netns };
	return &r->spaces[lo];
}

/* The list that a cell stands in: its parent's, or the tables of its namespace. */
static struct rules_list *list_of(struct rules *r, const struct rules_cell *c)
{
	struct rules_space *space;

	if (c->up)
		return &r->v[c->up].below;
	space = rules_space(r, c->pub.netns);
	return space ? &space->tables : NULL;
}

void rules_link(struct rules *r, uint32_t cell)
{
	struct rules_cell *c = rules_cell(r, cell);
	struct rules_list *list = c->linked ? NULL : list_of(r, c);

	if (!list)
		return;
	c->prev = list->last;
	c->next = 0;
	if (list->last)
		r->v[list->last].next = cell;
	else
		list->first = cell;
	list->last = cell;
	c->linked = true;
	r->generation++;
}

static void unlink_cell(struct rules *r, struct rules_cell *c)
{
	struct rules_list *list = c->linked ? list_of(r, c) : NULL;

	if (!list)
		return;
	if (c->prev)
		r->v[c->prev].next = c->next;
	else
		list->first = c->next;
	if (c->next)
		r->v[c->next].prev = c->prev;
	else
		list->last = c->prev;
	c->linked = false;
	r->generation++;
}

static void gone_append(struct rules *r, uint32_t cell)
{
	struct rules_cell *c = rules_cell(r, cell);

	c->gone_prev = r->gone.last;
	c->gone_next = 0;
	if (r->gone.last)
		r->v[r->gone.last].gone_next = cell;
	else
		r->gone.first = cell;
	r->gone.last = cell;
}

static void gone_remove(struct rules *r, const struct rules_cell *c)
{
	if (c->gone_prev)
		r->v[c->gone_prev].gone_next = c->gone_next;
	else
		r->gone.first = c->gone_next;
	if (c->gone_next)
		r->v[c->gone_next].gone_prev = c->gone_prev;
	else
		r->gone.last = c->gone_prev;
}

void rules_touch(struct rules *r, uint32_t cell)
{
	if (r->v[cell].pub.facts & RULES_LISTED || r->gone.last == cell)
		return;
	gone_remove(r, rules_cell(r, cell));
	gone_append(r, cell);
}

void rules_listed(struct rules *r, uint32_t cell, bool listed)
{
	struct rules_cell *c = rules_cell(r, cell);

	if (listed == !!(c->pub.facts & RULES_LISTED))
		return;
	c->pub.facts ^= RULES_LISTED;
	if (listed)
		gone_remove(r, c);
	else
		gone_append(r, cell);
}

static void text_drop(struct rules *r, const char *text)
{
	if (!text[0])
		return;
	r->bytes -= strlen(text) + 1;
	free((char *)(uintptr_t)text);
}

void rules_unplace(struct rules *r, uint32_t cell)
{
	struct rules_cell *c = rules_cell(r, cell);
	uint32_t *link = head_of(r, c->pub.netns, c->pub.kind, c->pub.table, c->pub.handle);

	if (c->unplaced)
		return;
	while (*link != cell)
		link = &r->v[*link].hash_next;
	*link = c->hash_next;
	c->unplaced = true;
}

static void put_in_place(struct rules *r, uint32_t cell)
{
	struct rules_cell *c = rules_cell(r, cell);
	uint32_t *head = head_of(r, c->pub.netns, c->pub.kind, c->pub.table, c->pub.handle);

	c->hash_next = *head;
	*head = cell;
	c->unplaced = false;
}

void rules_place(struct rules *r, uint32_t cell, uint64_t handle)
{
	rules_unplace(r, cell);
	r->v[cell].pub.handle = handle;
	put_in_place(r, cell);
	r->generation++;
}

void rules_move(struct rules *r, uint32_t cell, uint32_t up)
{
	struct rules_cell *c = rules_cell(r, cell);
	bool linked = c->linked;

	unlink_cell(r, c);
	if (c->up)
		r->v[c->up].children--;
	r->v[up].children++;
	c->up = up;
	c->pub.parent = r->v[up].pub.no;
	if (linked)
		rules_link(r, cell);
}

void rules_forget(struct rules *r, uint32_t cell)
{
	struct rules_cell *c = rules_cell(r, cell);

	rules_unplace(r, cell);
	unlink_cell(r, c);
	gone_remove(r, c);
	if (c->up)
		r->v[c->up].children--;
	hashmap_del(&r->by_no, c->pub.no);
	text_drop(r, c->pub.name);
	text_drop(r, c->pub.comment);
	r->bytes -= c->room * sizeof(*c->recent);
	free(c->recent);
	*c = (struct rules_cell){ .hash_next = r->unused };
	r->unused = cell;
}

/* One that is not there any more, and nothing below it. False: there is none but keep. */
static bool forget_one(struct rules *r, uint32_t keep)
{
	uint32_t cell = r->gone.first;

	for (int i = 0; cell && i < FORGET_LOOK; i++, cell = r->v[cell].gone_next) {
		if (r->v[cell].children || cell == keep)
			continue;
		rules_forget(r, cell);
		return true;
	}
	return false;
}

static void take_early(struct rules *r, uint32_t cell);

uint32_t rules_make(struct rules *r, const struct rules_item *what, uint32_t up)
{
	struct rules_cell *c;
	uint32_t cell;

	if (!rules_space(r, what->netns) || (!r->unused && r->fresh > r->max && !forget_one(r, up))) {
		r->lost++;
		return 0;
	}
	cell = r->unused ? r->unused : (uint32_t)r->fresh;
	if (hashmap_put(&r->by_no, r->last_no + 1, cell)) {
		r->lost++;
		return 0;
	}
	if (r->unused)
		r->unused = r->v[cell].hash_next;
	else
		r->fresh++;
	c = rules_cell(r, cell);
	*c = (struct rules_cell){ .pub = *what, .up = up };
	c->pub.no = ++r->last_no;
	c->pub.name = c->pub.comment = "";
	if (up) {
		c->pub.parent = r->v[up].pub.no;
		r->v[up].children++;
	}
	put_in_place(r, cell);
	gone_append(r, cell);
	take_early(r, cell);
	return cell;
}

bool rules_text(struct rules *r, const char **text, const char *src, size_t len, uint32_t keep)
{
	char buf[RULE_TEXT_MAX + 1], *copy;
	size_t need;

	printable(buf, sizeof(buf), src, len);
	need = strlen(buf) + 1;
	if (need == 1 || !strcmp(buf, *text))
		return false;
	while (r->bytes + need > r->max_bytes) {
		if (!forget_one(r, keep))
			break;
	}
	copy = r->bytes + need > r->max_bytes ? NULL : malloc(need);
	if (!copy) {
		r->lost_texts++;
		return false;
	}
	memcpy(copy, buf, need);
	text_drop(r, *text);
	*text = copy;
	r->bytes += need;
	r->generation++;
	return true;
}

/* A longer ring, in the same order; false: there is no memory for it. */
static bool grow_recent(struct rules *r, struct rules_cell *c)
{
	uint32_t room = c->room ? 4 * c->room : RECENT_FIRST;
	size_t more = (room - c->room) * sizeof(*c->recent);
	uint64_t *recent;

	if (r->bytes + more > r->max_bytes)
		return false;
	recent = realloc(c->recent, room * sizeof(*recent));
	if (!recent)
		return false;
	/* it is just full for the first time: the oldest stands at the begin */
	c->recent = recent;
	c->room = room;
	r->bytes += more;
	return true;
}

void rules_remember(struct rules *r, uint32_t cell, uint64_t packet)
{
	struct rules_cell *c = rules_cell(r, cell);

	for (uint32_t i = 1; i <= RECENT_SAME && i <= c->seen && i <= c->room; i++) {
		if (c->recent[(c->seen - i) % c->room] == packet)
			return;
	}
	if (c->seen == c->room && c->room < RULES_RECENT)
		grow_recent(r, c);
	if (c->room)
		c->recent[c->seen++ % c->room] = packet;
}

void rules_hits(struct rules *r, uint32_t cell, const __u64 n[NF_DECISIONS])
{
	struct rules_cell *c = rules_cell(r, cell), *chain = rules_cell(r, c->up);
	uint64_t sum = 0;

	memcpy(c->pub.n, n, sizeof(c->pub.n));
	for (int i = 0; i < NF_DECISIONS; i++)
		sum += n[i];
	c->pub.hits = c->pub.kind == RULES_CHAIN ? n[NF_DECIDED_NOT] : sum;
	/* of legacy iptables nobody counts who enters a chain at a hook; and a place may be
	 * another rule's now */
	if (sum)
		c->pub.facts |= RULES_MET;
	else if (!c->pub.last)
		c->pub.facts &= (uint8_t)~RULES_MET;
	if (sum && c->pub.kind == RULES_RULE && chain->pub.facts & RULES_BASE)
		chain->pub.facts |= RULES_MET;
}

static struct rules_early *early_at(const struct rules *r, uint32_t netns, uint64_t table, uint64_t handle)
{
	return &r->early[hash_u64(table ^ hash_u64(handle ^ (uint64_t)netns << 24)) % r->nearly];
}

static void take_early(struct rules *r, uint32_t cell)
{
	const struct rules_cell *c = rules_cell(r, cell);
	struct rules_early *early;

	if (!r->any_early || c->pub.kind == RULES_TABLE)
		return;
	early = early_at(r, c->pub.netns, c->pub.table, c->pub.handle);
	if (early->netns != c->pub.netns || early->table != c->pub.table || early->handle != c->pub.handle)
		return;
	rules_hits(r, cell, early->n);
	*early = (struct rules_early){ 0 };
}

void rules_hits_early(struct rules *r, const struct event_rule_hits *hits)
{
	struct rules_early *early = early_at(r, hits->ev.netns, hits->table, hits->handle);

	early->netns = hits->ev.netns;
	early->table = hits->table;
	early->handle = hits->handle;
	memcpy(early->n, hits->n, sizeof(early->n));
	r->any_early = true;
}
