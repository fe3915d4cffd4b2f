/* SPDX-License-Identifier: GPL-2.0 */
#include "export/pcapng/pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/reasons.h"
#include "model/tuple.h"

#define WAITING_MAX 32768u
#define WAITING_BYTES (64u << 20) /* of stories and recorded bytes */

struct waiting {
	uint64_t id;
	uint64_t first; /* ns, of its first record */
	uint64_t ts;	/* where its headers were first seen */
	uint32_t len, netns, ifindex;
	uint32_t copies, ended;
	uint32_t reason, left_out; /* left_out: lines */
	uint8_t fate;		   /* the greatest so far */
	uint8_t direction;
	bool known, dropped, again;
	struct wire_tuple tuple, last, about; /* last: as the story has told it last */
	struct snap *snap;
	struct strbuf story;
};

struct packets {
	struct pcapng_use *use;
	struct waiting *v;    /* a ring of WAITING_MAX */
	uint64_t head, tail;  /* the oldest, where the next one goes */
	struct hashmap by_id; /* place in v + 1 */
	size_t bytes;
	struct strbuf comment;
};

struct packets *packets_new(struct pcapng_use *use)
{
	struct packets *ps = calloc(1, sizeof(*ps));

	if (!ps)
		return NULL;
	ps->use = use;
	ps->v = calloc(WAITING_MAX, sizeof(*ps->v));
	if (!ps->v || hashmap_init(&ps->by_id, 1024)) {
		packets_free(ps);
		return NULL;
	}
	return ps;
}

void packets_free(struct packets *ps)
{
	if (!ps)
		return;
	for (; ps->v && ps->head < ps->tail; ps->head++) {
		strbuf_fini(&ps->v[ps->head % WAITING_MAX].story);
		snap_drop(ps->v[ps->head % WAITING_MAX].snap);
	}
	free(ps->v);
	hashmap_fini(&ps->by_id);
	strbuf_fini(&ps->comment);
	free(ps);
}

static enum fate fate_so_far(const struct waiting *w)
{
	return w->again || w->ended >= w->copies ? (enum fate)w->fate : FATE_LIVE;
}

/* Who it is and what became of it, then line by line. */
static const char *comment_of(struct packets *ps, const struct waiting *w)
{
	struct strbuf *c = &ps->comment;
	enum fate fate = fate_so_far(w);
	char text[LIVE_TEXT];

	strbuf_clear(c);
	strbuf_puts(c, w->known ? story_tuple(text, sizeof(text), &w->tuple, &w->about) : "headers not seen");
	strbuf_addf(c, "  %s", fate_name(fate));
	if (w->dropped)
		strbuf_addf(c, fate == FATE_DROPPED ? " %s" : " (a copy was dropped: %s)",
			reason_text(ps->use->story.words.info, w->reason, text, sizeof(text)));
	if (w->again)
		strbuf_puts(c, "  (goes on from a block before)");
	strbuf_putc(c, '\n');
	strbuf_add(c, strbuf_str(&w->story), w->story.len);
	if (w->left_out)
		strbuf_addf(c, "... cut: %u more lines found no room", w->left_out);
	else if (c->len)
		c->s[--c->len] = '\0';
	return strbuf_str(c);
}

static void put_facts(char *buf, size_t size, const struct packets *ps, const struct waiting *w)
{
	char reason[64] = "", key[80] = "";

	if (w->dropped)
		snprintf(key, sizeof(key), " reason=%s",
			reason_text(ps->use->story.words.info, w->reason, reason, sizeof(reason)));
	snprintf(buf, size, "skbscope packet=%" PRIu64 " copies=%u fate=%s%s%s", w->id, w->copies,
		fate_name(fate_so_far(w)), key, w->again ? " continued=1" : "");
}

static int write_oldest(struct packets *ps)
{
	struct waiting *w = &ps->v[ps->head % WAITING_MAX];
	struct capture_packet out = { .ts = w->known ? w->ts : w->first,
		.id = w->id,
		.netns = w->netns,
		.ifindex = w->ifindex,
		.direction = w->direction };
	struct snap_frame frame;
	char facts[256];
	int err;

	snap_frame(&frame, w->snap, &w->tuple, w->len);
	put_facts(facts, sizeof(facts), ps, w);
	out.data = frame.data;
	out.len = frame.len;
	out.whole = frame.whole;
	out.comment = comment_of(ps, w);
	out.facts = facts;
	err = w->story.failed || ps->comment.failed ? -ENOMEM : capture_put(&ps->use->capture, &out);
	ps->bytes -= w->story.cap + snap_bytes(w->snap);
	strbuf_fini(&w->story);
	snap_drop(w->snap);
	hashmap_del(&ps->by_id, w->id);
	ps->head++;
	return err;
}

static struct waiting *begin(struct packets *ps, const struct event *ev, bool again, int *err)
{
	uint32_t at = ps->tail % WAITING_MAX;
	struct waiting *w = &ps->v[at];

	if (ps->tail - ps->head == WAITING_MAX)
		*err = write_oldest(ps);
	if (!*err)
		*err = hashmap_put(&ps->by_id, ev->packet, at + 1);
	if (*err)
		return NULL;
	*w = (struct waiting){ .id = ev->packet,
		.first = ev->ts,
		.len = ev->len,
		.netns = ev->netns,
		.ifindex = ev->ifindex,
		.again = again };
	ps->tail++;
	return w;
}

/* Addresses that come from the socket only do until there is a header. */
static void take_headers(const struct packets *ps, struct waiting *w, const struct event_full *full)
{
	if (w->known && (!(w->tuple.flags & TUPLE_SOCKET) || tuple_less(&full->tuple, &w->tuple)))
		return;
	if (!tuple_complete(&full->tuple))
		return;
	if (!w->known) {
		w->ts = full->ev.ts;
		w->netns = full->ev.netns;
		w->ifindex = full->ev.ifindex;
		w->last = full->tuple;
		w->direction = (uint8_t)pcapng_direction(ps->use->story.probes, &full->ev, &full->tuple);
	}
	w->known = true;
	w->tuple = full->tuple;
	w->len = full->l3_len ? full->l3_len : full->ev.len;
}

/* Headers that are others now: NAT, a tunnel, a fragment. */
static void tell_change(struct waiting *w, const struct live_packet *packet)
{
	char text[LIVE_TEXT];
	bool changed;

	if (!w->known || !packet->known || tuple_less(&packet->tuple, &w->last))
		return;
	if (packet->about.family)
		w->about = packet->about;
	changed = tuple_changed(&w->last, &packet->tuple);
	w->last = packet->tuple;
	if (!changed || w->story.len >= COMMENT_ROOM - STORY_LINE_MAX)
		return;
	if (packet->number)
		strbuf_addf(&w->story, "[%u] ", packet->number);
	strbuf_addf(&w->story, "now %s\n", story_tuple(text, sizeof(text), &packet->tuple, &packet->about));
}

static void note_end(struct waiting *w, const struct event *ev, size_t size, const struct live_packet *packet)
{
	enum fate fate = fate_of(&packet->facts);

	if (ev->type == EVENT_DROP && !(ev->flags & EVENT_QUEUED) && !w->dropped) {
		w->dropped = true;
		w->reason = size >= sizeof(struct event_drop) ? ((const struct event_drop *)ev)->reason : 0;
	}
	if (ev->type != EVENT_END)
		return;
	w->ended++;
	if (fate > w->fate)
		w->fate = (uint8_t)fate;
}

/* The first that has a network header. */
static void take_bytes(struct packets *ps, struct waiting *w, const struct event *ev, size_t size)
{
	if (w->snap)
		return;
	w->snap = snap_new(ev, size);
	ps->bytes += snap_bytes(w->snap);
}

int packets_note(
	struct packets *ps, const struct event *ev, size_t size, struct live_packet *packet, bool again)
{
	uint32_t at = hashmap_get(&ps->by_id, ev->packet);
	struct waiting *w;
	size_t before;
	int err = 0;

	if (ev->type == EVENT_BYTES) {
		if (at)
			take_bytes(ps, &ps->v[at - 1], ev, size);
		return 0;
	}
	if (!packet)
		return 0;
	w = at ? &ps->v[at - 1] : begin(ps, ev, again, &err);
	if (err)
		return err;
	before = w->story.cap;
	if (packet->number >= w->copies)
		w->copies = packet->number + 1;
	if (ev->type == EVENT_FUNC_FULL && size >= sizeof(struct event_full)) {
		take_headers(ps, w, (const struct event_full *)ev);
		tell_change(w, packet);
	}
	note_end(w, ev, size, packet);
	if (w->story.len < COMMENT_ROOM - STORY_LINE_MAX)
		story_line(&w->story, &ps->use->story, ev, size, packet, w->first);
	else
		w->left_out++;
	ps->bytes += w->story.cap - before;
	while (!err && ps->bytes > WAITING_BYTES)
		err = write_oldest(ps);
	return err;
}

int packets_finish(struct packets *ps)
{
	int err = 0;

	while (!err && ps->head < ps->tail)
		err = write_oldest(ps);
	return err;
}
