/* SPDX-License-Identifier: GPL-2.0 */
#include "export/live.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hashmap.h"
#include "model/drop_cause.h"
#include "model/netfilter.h"
#include "model/store.h"

struct list {
	uint32_t first, last; /* oldest, youngest */
	uint32_t n;
};

struct live {
	struct live_packet *v; /* 1 ... LIVE_MAX; 0 is nobody */
	struct hashmap map;
	struct list under_way, ended;
	uint32_t fresh;	 /* the first one never used */
	uint32_t unused; /* list through next */
	uint64_t seen;
	struct fate_roles roles;
};

#define LIVE_BYTES ((LIVE_MAX + 1) * sizeof(struct live_packet))

struct live *live_new(const struct probe_table *probes)
{
	struct live *live = calloc(1, sizeof(*live));

	if (!live)
		return NULL;
	live->roles.probes = probes;
	/* Becomes memory only as packets are under way at the same time. */
	live->v = mmap(
		NULL, LIVE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (live->v == MAP_FAILED) {
		free(live);
		return NULL;
	}
	if (hashmap_init(&live->map, 4096)) {
		live_free(live);
		return NULL;
	}
	live->fresh = 1;
	return live;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	munmap(live->v, LIVE_BYTES);
	hashmap_fini(&live->map);
	free(live);
}

static void list_append(struct live *live, struct list *list, uint32_t i)
{
	live->v[i].prev = list->last;
	live->v[i].next = 0;
	if (list->last)
		live->v[list->last].next = i;
	else
		list->first = i;
	list->last = i;
	list->n++;
}

static void list_remove(struct live *live, struct list *list, uint32_t i)
{
	struct live_packet *p = &live->v[i];

	if (p->prev)
		live->v[p->prev].next = p->next;
	else
		list->first = p->next;
	if (p->next)
		live->v[p->next].prev = p->prev;
	else
		list->last = p->prev;
	list->n--;
}

/* A copy, or with ROOT the entry that counts the copies: keys that meet by chance are told apart below. */
#define ROOT (UINT64_MAX)

static uint64_t key_of(uint64_t packet, uint64_t copy)
{
	return packet * 0x9e3779b97f4a7c15ull + copy * 0xc2b2ae3d27d4eb4full;
}

static void forget(struct live *live, struct list *list)
{
	uint32_t i = list->first;

	list_remove(live, list, i);
	hashmap_del(&live->map, key_of(live->v[i].id, live->v[i].copy));
	if (live->v[i].root == i)
		hashmap_del(&live->map, key_of(live->v[i].id, ROOT));
	live->v[i].next = live->unused;
	live->unused = i;
}

static uint32_t find(struct live *live, uint64_t packet, uint64_t copy)
{
	uint32_t i = hashmap_get(&live->map, key_of(packet, copy));

	return i && live->v[i].id == packet && (copy == ROOT || live->v[i].copy == copy) ? i : 0;
}

static bool parent_of(const struct event *ev, size_t size, uint32_t *parent)
{
	if (ev->type == EVENT_FUNC_FULL && size >= sizeof(struct event_full))
		*parent = ((const struct event_full *)ev)->parent;
	else if (ev->type == EVENT_SOCKET && size >= sizeof(struct event_socket))
		*parent = ((const struct event_socket *)ev)->parent;
	else
		return false;
	return true;
}

/* Puts a copy beside those of its packet that are known; the first one counts them. */
static void join_copies(struct live *live, uint32_t i, const struct event *ev, size_t size)
{
	struct live_packet *p = &live->v[i];
	uint32_t root = find(live, ev->packet, ROOT), parent, from;

	p->parent = LIVE_NO_PARENT;
	if (!root && !hashmap_put(&live->map, key_of(ev->packet, ROOT), i)) {
		p->no = ++live->seen;
		root = i;
	}
	p->root = root ? root : i;
	p->no = live->v[p->root].no;
	/* the first skb is 0, whether it is met first or not */
	if (ev->copy)
		p->number = ++live->v[p->root].copies;
	live->v[p->root].open++;
	if (!ev->copy || !parent_of(ev, size, &from))
		return;
	parent = find(live, ev->packet, from);
	if (parent) {
		p->parent = live->v[parent].number;
		p->ct_netns = live->v[parent].ct_netns;
		p->ct_info = live->v[parent].ct_info;
		p->ct_known = live->v[parent].ct_known;
	} else if (!from)
		p->parent = 0;
}

static struct live_packet *get(struct live *live, const struct event *ev, size_t size)
{
	struct live_packet *p;
	uint32_t i;

	if (!ev->packet)
		return NULL;
	i = find(live, ev->packet, ev->copy);
	if (i)
		return &live->v[i];
	if (ev->type == EVENT_END)
		return NULL;
	if (!live->unused && live->fresh > LIVE_MAX)
		forget(live, live->ended.n ? &live->ended : &live->under_way);
	i = live->unused ? live->unused : live->fresh;
	if (hashmap_put(&live->map, key_of(ev->packet, ev->copy), i))
		return NULL;
	if (live->unused)
		live->unused = live->v[i].next;
	else
		live->fresh++;
	p = &live->v[i];
	memset(p, 0, offsetof(struct live_packet, text));
	p->id = ev->packet;
	p->copy = ev->copy;
	p->first = ev->ts;
	list_append(live, &live->under_way, i);
	join_copies(live, i, ev, size);
	return p;
}

struct live_packet *live_get(struct live *live, const struct event *ev)
{
	return get(live, ev, sizeof(*ev));
}

void live_quote(struct live *live, const struct event *ev, size_t size)
{
	struct live_packet *packet = size >= sizeof(struct event_quote) ? get(live, ev, size) : NULL;

	if (packet)
		packet->about = ((const struct event_quote *)ev)->tuple;
}

static void note_ct(struct live_packet *packet, const struct event *ev, uint64_t ct)
{
	packet->ct_netns = ev->netns;
	packet->ct_info = ct & 7;
	packet->ct_known = true;
}

const char *live_conntrack(const struct live_packet *packet, const struct event *ev)
{
	return packet->ct_known && packet->ct_netns == ev->netns ? conntrack_state(packet->ct_info) : NULL;
}

bool live_update(struct live_packet *packet, const struct event *ev, size_t size)
{
	const struct event_full *full = (const struct event_full *)ev;
	bool changed;

	if (ev->type != EVENT_FUNC_FULL || size < sizeof(*full))
		return false;
	memcpy(packet->comm, full->comm, sizeof(packet->comm));
	packet->pid = ev->pid;
	packet->cpu = ev->cpu;
	if (full->ct)
		note_ct(packet, ev, full->ct);
	/* A header that cannot be read here does not undo what was read before. */
	if (packet->known && packet->tuple.flags & TUPLE_IP && !(full->tuple.flags & TUPLE_IP))
		return false;
	changed = !packet->known || memcmp(&packet->tuple, &full->tuple, sizeof(packet->tuple)) != 0;
	packet->tuple = full->tuple;
	packet->known = true;
	return changed;
}

bool live_comm_fits(const struct live_packet *packet, const struct event *ev)
{
	return packet->comm[0] && packet->pid == ev->pid && (ev->pid || packet->cpu == ev->cpu);
}

/* The entry that counts stays as long as a copy is under way. */
static void settle(struct live *live, uint32_t i)
{
	list_remove(live, &live->under_way, i);
	list_append(live, &live->ended, i);
	if (live->ended.n > LIVE_ENDED)
		forget(live, &live->ended);
}

void live_end(struct live *live, struct live_packet *packet)
{
	uint32_t i = (uint32_t)(packet - live->v), root = packet->root;
	struct live_packet *first = &live->v[root];

	if (packet->ended)
		return;
	packet->ended = true;
	if (first->id == packet->id && first->open)
		first->open--;
	if (i != root)
		settle(live, i);
	if (first->id == packet->id && first->ended && !first->open)
		settle(live, root);
}

static void note_facts(struct live *live, struct live_packet *p, const struct event *ev)
{
	enum fate_role role;

	switch (ev->type) {
	case EVENT_DROP:
		p->facts.dropped = !(ev->flags & EVENT_QUEUED);
		break;
	case EVENT_SOCKET:
		p->facts.socket = true;
		break;
	case EVENT_END:
		p->facts.merged = ev->flags & EVENT_MERGED;
		break;
	case EVENT_FUNC:
	case EVENT_FUNC_FULL:
		role = fate_role_at(&live->roles, ev->func);
		if (role != FATE_ROLE_FREES)
			p->facts.last = role;
		break;
	default:
		break;
	}
}

/* Which rule a drop would be of that comes next. */
static void note_cause(struct live *live, struct live_packet *p, const struct rules *rules,
	const struct event *ev, size_t size)
{
	enum fate_role role = FATE_ROLE_OTHER;
	struct hop hop = { 0 };

	if (ev->type == EVENT_DROP || ev->type == EVENT_END)
		return;
	if (event_is_function(ev->type))
		role = p->rule ? fate_role_at(&live->roles, ev->func) : FATE_ROLE_FREES;
	else if (rules)
		netfilter_hop(&hop, rules, 0, ev, size);
	switch (drop_cause(ev->type, hop.nf.decision, hop.nf.what, hop.nf.facts, role)) {
	case CAUSE_THIS:
		p->rule = hop.no;
		break;
	case CAUSE_NOT:
		p->rule = 0;
		break;
	case CAUSE_STAYS:
		break;
	}
}

struct live_packet *live_note(
	struct live *live, const struct rules *rules, const struct event *ev, size_t size, bool *changed)
{
	struct live_packet *packet = get(live, ev, size);

	*changed = packet && live_update(packet, ev, size);
	if (!packet)
		return NULL;
	note_facts(live, packet, ev);
	note_cause(live, packet, rules, ev, size);
	if (ev->type == EVENT_CT && size >= sizeof(struct event_ct))
		note_ct(packet, ev, ((const struct event_ct *)ev)->ct);
	return packet;
}

struct live_packet *live_root(struct live *live, struct live_packet *packet)
{
	struct live_packet *first = &live->v[packet->root];

	return first->id == packet->id ? first : packet;
}
