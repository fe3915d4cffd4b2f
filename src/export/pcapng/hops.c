/* SPDX-License-Identifier: GPL-2.0 */
#include "export/pcapng/pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/keyring.h"
#include "model/names.h"

#define HELD 1024u  /* hops that wait */
#define SNAPS 4096u /* copies whose bytes are kept */

struct held {
	struct event ev; /* the record that the block is of */
	uint64_t first;	 /* ns, of its copy */
	uint32_t number; /* of the copy */
	uint32_t len;
	struct wire_tuple tuple, about;
	struct snap *snap;
	struct strbuf story;
	uint32_t left_out; /* lines */
};

struct hops {
	struct pcapng_use *use;
	struct held v[HELD]; /* a ring */
	uint64_t head, tail;
	struct hashmap newest; /* of a copy: place in v + 1 */
	struct keyring keys;   /* of copies, for snaps */
	struct snap *snaps[SNAPS];
	struct strbuf comment;
};

/* Keys that meet by chance are told apart below. */
static uint64_t key_of(uint64_t packet, uint32_t copy)
{
	return packet * 0x9e3779b97f4a7c15ull + copy * 0xc2b2ae3d27d4eb4full;
}

struct hops *hops_new(struct pcapng_use *use)
{
	struct hops *hs = calloc(1, sizeof(*hs));

	if (!hs)
		return NULL;
	hs->use = use;
	if (hashmap_init(&hs->newest, HELD) || keyring_init(&hs->keys, SNAPS)) {
		hops_free(hs);
		return NULL;
	}
	return hs;
}

void hops_free(struct hops *hs)
{
	if (!hs)
		return;
	for (; hs->head < hs->tail; hs->head++) {
		snap_drop(hs->v[hs->head % HELD].snap);
		strbuf_fini(&hs->v[hs->head % HELD].story);
	}
	for (size_t i = 0; i < SNAPS; i++)
		snap_drop(hs->snaps[i]);
	hashmap_fini(&hs->newest);
	keyring_fini(&hs->keys);
	strbuf_fini(&hs->comment);
	free(hs);
}

static void put_facts(char *buf, size_t size, const struct hops *hs, const struct held *h)
{
	const struct probe_table *probes = hs->use->story.probes;
	bool function = event_is_function(h->ev.type);
	char name[128] = "";

	if (function && h->ev.func < probes->n)
		printable(name, sizeof(name), probes->v[h->ev.func].name, strlen(probes->v[h->ev.func].name));
	snprintf(buf, size, "skbscope packet=%" PRIu64 " copy=%u%s%s", (uint64_t)h->ev.packet, h->number,
		name[0] ? " func=" : "", name);
}

static const char *comment_of(struct hops *hs, const struct held *h)
{
	struct strbuf *c = &hs->comment;
	char text[LIVE_TEXT];

	strbuf_clear(c);
	strbuf_add(c, strbuf_str(&h->story), h->story.len);
	if (h->left_out)
		strbuf_addf(c, "... cut: %u more lines found no room\n", h->left_out);
	strbuf_puts(c, story_tuple(text, sizeof(text), &h->tuple, &h->about));
	return strbuf_str(c);
}

static int write_oldest(struct hops *hs)
{
	uint32_t at = hs->head++ % HELD;
	struct held *h = &hs->v[at];
	struct capture_packet out = {
		.ts = h->ev.ts, .id = h->ev.packet, .netns = h->ev.netns, .ifindex = h->ev.ifindex
	};
	uint64_t key = key_of(h->ev.packet, h->ev.copy);
	struct snap_frame frame;
	char facts[256];
	int err;

	snap_frame(&frame, h->snap, &h->tuple, h->len);
	put_facts(facts, sizeof(facts), hs, h);
	out.direction = pcapng_direction(hs->use->story.probes, &h->ev, &h->tuple);
	out.data = frame.data;
	out.len = frame.len;
	out.whole = frame.whole;
	out.comment = comment_of(hs, h);
	out.facts = facts;
	err = h->story.failed || hs->comment.failed ? -ENOMEM : capture_put(&hs->use->capture, &out);
	strbuf_fini(&h->story);
	snap_drop(h->snap);
	if (hashmap_get(&hs->newest, key) == at + 1)
		hashmap_del(&hs->newest, key);
	return err;
}

static struct held *find(struct hops *hs, const struct event *ev)
{
	uint32_t at = hashmap_get(&hs->newest, key_of(ev->packet, ev->copy));
	struct held *h = at ? &hs->v[at - 1] : NULL;

	return h && h->ev.packet == ev->packet && h->ev.copy == ev->copy ? h : NULL;
}

static struct snap *snap_of(const struct hops *hs, const struct event *ev)
{
	uint32_t at = keyring_get(&hs->keys, key_of(ev->packet, ev->copy));
	struct snap *snap = at ? hs->snaps[at - 1] : NULL;

	return snap && snap->packet == ev->packet && snap->copy == ev->copy ? snap : NULL;
}

/* Of the record right before, and of those that come until there are others. */
static void take_bytes(struct hops *hs, const struct event *ev, size_t size)
{
	struct snap *snap = snap_new(ev, size);
	struct held *h = find(hs, ev);
	size_t at;

	if (!snap)
		return;
	if (h) {
		snap_drop(h->snap);
		h->snap = snap_hold(snap);
	}
	at = keyring_put(&hs->keys, key_of(ev->packet, ev->copy));
	snap_drop(hs->snaps[at]);
	hs->snaps[at] = snap;
}

/* Headers are others: the bytes of before are not its own, those that follow may be. */
static void forget_bytes(struct hops *hs, const struct event *ev)
{
	uint32_t at = keyring_get(&hs->keys, key_of(ev->packet, ev->copy));

	if (!at)
		return;
	snap_drop(hs->snaps[at - 1]);
	hs->snaps[at - 1] = NULL;
}

static int begin(struct hops *hs, const struct event *ev, size_t size, const struct live_packet *packet)
{
	uint32_t at = hs->tail % HELD;
	struct held *h = &hs->v[at];
	bool full = ev->type == EVENT_FUNC_FULL && size >= sizeof(struct event_full);
	int err = hs->tail - hs->head == HELD ? write_oldest(hs) : 0;

	if (!err)
		err = hashmap_put(&hs->newest, key_of(ev->packet, ev->copy), at + 1);
	if (err)
		return err;
	*h = (struct held){ .ev = *ev, .first = packet->first, .number = packet->number, .len = ev->len };
	if (packet->known) {
		h->tuple = packet->tuple;
		h->about = packet->about;
	}
	if (full && ((const struct event_full *)ev)->l3_len)
		h->len = ((const struct event_full *)ev)->l3_len;
	h->snap = snap_hold(snap_of(hs, ev));
	hs->tail++;
	return 0;
}

int hops_note(struct hops *hs, const struct event *ev, size_t size, const struct live_packet *packet)
{
	bool function = event_is_function(ev->type);
	struct held *h;
	int err = 0;

	if (ev->type == EVENT_BYTES) {
		take_bytes(hs, ev, size);
		return 0;
	}
	if (!packet)
		return 0;
	if (ev->type == EVENT_FUNC_FULL)
		forget_bytes(hs, ev);
	h = function ? NULL : find(hs, ev);
	if (!h) {
		err = begin(hs, ev, size, packet);
		h = err ? NULL : find(hs, ev);
	}
	if (!h)
		return err;
	if (h->story.len < COMMENT_ROOM - STORY_LINE_MAX)
		story_line(&h->story, &hs->use->story, ev, size, packet, h->first);
	else
		h->left_out++;
	return 0;
}

int hops_finish(struct hops *hs)
{
	int err = 0;

	while (!err && hs->head < hs->tail)
		err = write_oldest(hs);
	return err;
}
