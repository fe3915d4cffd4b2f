/* SPDX-License-Identifier: GPL-2.0 */
#include "export/live.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hashmap.h"

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
};

#define LIVE_BYTES ((LIVE_MAX + 1) * sizeof(struct live_packet))

struct live *live_new(void)
{
	struct live *live = calloc(1, sizeof(*live));

	if (!live)
		return NULL;
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

static void forget(struct live *live, struct list *list)
{
	uint32_t i = list->first;

	list_remove(live, list, i);
	hashmap_del(&live->map, live->v[i].id);
	live->v[i].next = live->unused;
	live->unused = i;
}

struct live_packet *live_get(struct live *live, const struct event *ev)
{
	struct live_packet *p;
	uint32_t i;

	if (!ev->packet)
		return NULL;
	i = hashmap_get(&live->map, ev->packet);
	if (i)
		return &live->v[i];
	if (ev->type == EVENT_END)
		return NULL;
	if (!live->unused && live->fresh > LIVE_MAX)
		forget(live, live->ended.n ? &live->ended : &live->under_way);
	i = live->unused ? live->unused : live->fresh;
	if (hashmap_put(&live->map, ev->packet, i))
		return NULL;
	if (live->unused)
		live->unused = live->v[i].next;
	else
		live->fresh++;
	p = &live->v[i];
	memset(p, 0, offsetof(struct live_packet, text));
	p->id = ev->packet;
	p->first = ev->ts;
	p->no = ++live->seen;
	list_append(live, &live->under_way, i);
	return p;
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

void live_end(struct live *live, struct live_packet *packet)
{
	uint32_t i = (uint32_t)(packet - live->v);

	if (packet->ended)
		return;
	packet->ended = true;
	list_remove(live, &live->under_way, i);
	list_append(live, &live->ended, i);
	if (live->ended.n > LIVE_ENDED)
		forget(live, &live->ended);
}

struct live_packet *live_note(struct live *live, struct sink *sink, struct tally *tally,
	const struct event *ev, size_t size, bool *changed)
{
	struct live_packet *packet = live_get(live, ev);
	const struct event_drop *drop = (const struct event_drop *)ev;

	*changed = packet && live_update(packet, ev, size);
	sink->packets = live->seen;
	if (ev->type == EVENT_DROP) {
		if (!packet || !packet->dropped)
			sink->dropped++;
		if (packet)
			packet->dropped = true;
		tally_drop(tally, size >= sizeof(*drop) ? drop->reason : 0);
	}
	return packet;
}
