/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/codec.h"

#include <string.h>

#include "base/hashmap.h"

/* What is told of a record; the frequent ones fit in the first byte. */
enum told {
	TOLD_FUNC = 1 << 0,
	TOLD_CPU = 1 << 1,
	TOLD_SLOT = 1 << 2,
	TOLD_PACKET = 1 << 3, /* another skb than that of the slot: predicted by the CPU's last one */
	TOLD_TYPE = 1 << 4,
	TOLD_SEQ = 1 << 5,
	TOLD_LEN = 1 << 6,
	TOLD_SKB = 1 << 7,
	TOLD_FLAGS = 1 << 8,
	TOLD_IFINDEX = 1 << 9,
	TOLD_NETNS = 1 << 10,
	TOLD_MARK = 1 << 11,
	TOLD_PID = 1 << 12,
	TOLD_COPY = 1 << 13,
	TOLD_SIZE = 1 << 14,
	TOLD_ALL = (1 << 15) - 1,
};

void codec_reset(struct codec *c)
{
	memset(c, 0, sizeof(*c));
}

static unsigned int slot_of(const struct event *ev)
{
	return hash_u64(ev->packet + ev->copy * 0x9e3779b97f4a7c15ull) % CODEC_SLOTS;
}

static void remember(struct codec *c, const struct event *ev, unsigned int slot, uint16_t before, size_t body)
{
	c->next[before % CODEC_FUNCS] = ev->func;
	c->type[ev->func % CODEC_FUNCS] = ev->type;
	c->size[ev->type % CODEC_TYPES] = (uint16_t)body;
	c->of_cpu[ev->cpu % CODEC_CPUS] = (uint16_t)slot;
	c->cpu = ev->cpu;
	c->ts = ev->ts;
	c->slot[slot] = *ev;
}

/* A byte tells which of eight words are others than in the body before; these follow. */
static uint8_t *put_body(struct codec *c, uint8_t type, const uint8_t *body, size_t len, uint8_t *p)
{
	uint8_t *before = c->body[type % CODEC_TYPES];
	size_t compared = (len < CODEC_BODY ? len : CODEC_BODY) / 8 * 8;

	for (size_t at = 0; at < compared; at += 64) {
		uint8_t *which = p++;

		*which = 0;
		for (size_t i = 0; i < 8 && at + i * 8 < compared; i++) {
			size_t word = at + i * 8;

			if (!memcmp(before + word, body + word, 8))
				continue;
			*which |= (uint8_t)(1 << i);
			memcpy(before + word, body + word, 8);
			memcpy(p, body + word, 8);
			p += 8;
		}
	}
	memcpy(p, body + compared, len - compared);
	return p + (len - compared);
}

uint8_t *codec_put(struct codec *c, const struct event *ev, size_t size, uint8_t *out)
{
	unsigned int slot = slot_of(ev), cpu_slot = c->of_cpu[ev->cpu % CODEC_CPUS], told = 0;
	bool other = c->slot[slot].packet != ev->packet || c->slot[slot].copy != ev->copy;
	const struct event *was = &c->slot[other ? cpu_slot : slot];
	uint16_t func = c->next[was->func % CODEC_FUNCS], seq = other ? 0 : (uint16_t)(was->seq + 1);
	size_t body = size - sizeof(*ev);
	uint8_t fields[15 * VARINT_MAX], *p = fields;

#define TELL(bit, differs, value)                                                                            \
	do {                                                                                                 \
		if (differs) {                                                                               \
			told |= (bit);                                                                       \
			p = put_varint(p, value);                                                            \
		}                                                                                            \
	} while (0)
	TELL(TOLD_CPU, ev->cpu != c->cpu, ev->cpu);
	TELL(TOLD_SLOT, slot != cpu_slot, slot);
	TELL(TOLD_PACKET, other, zigzag(ev->packet - was->packet));
	TELL(TOLD_FUNC, ev->func != func, ev->func);
	TELL(TOLD_TYPE, ev->type != c->type[ev->func % CODEC_FUNCS], ev->type);
	TELL(TOLD_SIZE, body != c->size[ev->type % CODEC_TYPES], body);
	TELL(TOLD_SEQ, ev->seq != seq, ev->seq);
	TELL(TOLD_LEN, ev->len != was->len, zigzag((uint64_t)ev->len - was->len));
	TELL(TOLD_SKB, ev->skb != was->skb, zigzag(ev->skb - was->skb));
	TELL(TOLD_FLAGS, ev->flags != was->flags, ev->flags);
	TELL(TOLD_IFINDEX, ev->ifindex != was->ifindex, ev->ifindex);
	TELL(TOLD_NETNS, ev->netns != was->netns, zigzag((uint64_t)ev->netns - was->netns));
	TELL(TOLD_MARK, ev->mark != was->mark, ev->mark);
	TELL(TOLD_PID, ev->pid != was->pid, ev->pid);
	TELL(TOLD_COPY, ev->copy != was->copy, ev->copy);
#undef TELL
	out = put_varint(out, told);
	out = put_varint(out, zigzag(ev->ts - c->ts));
	memcpy(out, fields, (size_t)(p - fields));
	out += p - fields;
	if (body)
		out = put_body(c, ev->type, (const uint8_t *)(ev + 1), body, out);
	remember(c, ev, slot, was->func, body);
	return out;
}

static bool get_body(struct codec *c, uint8_t type, struct bytes *in, uint8_t *body, size_t len)
{
	uint8_t *before = c->body[type % CODEC_TYPES];
	size_t compared = (len < CODEC_BODY ? len : CODEC_BODY) / 8 * 8;
	const uint8_t *from;

	for (size_t at = 0; at < compared; at += 64) {
		const uint8_t *which = bytes_take(in, 1);

		for (size_t i = 0; which && i < 8 && at + i * 8 < compared; i++) {
			from = *which & 1 << i ? bytes_take(in, 8) : NULL;
			if (from)
				memcpy(before + at + i * 8, from, 8);
		}
	}
	memcpy(body, before, compared);
	from = bytes_take(in, len - compared);
	if (from)
		memcpy(body + compared, from, len - compared);
	return !in->bad;
}

size_t codec_get(struct codec *c, struct bytes *in, struct event *ev)
{
	uint64_t told = bytes_varint(in), delta = bytes_varint(in), slot, size;
	const struct event *was;

	if (told > TOLD_ALL)
		return 0;
#define ASK(bit, otherwise) (told & (bit) ? bytes_varint(in) : (otherwise))
	ev->ts = c->ts + unzigzag(delta);
	ev->cpu = (uint16_t)ASK(TOLD_CPU, c->cpu);
	slot = ASK(TOLD_SLOT, c->of_cpu[ev->cpu % CODEC_CPUS]);
	if (slot >= CODEC_SLOTS)
		return 0;
	was = &c->slot[told & TOLD_PACKET ? c->of_cpu[ev->cpu % CODEC_CPUS] : slot];
	ev->packet = was->packet + unzigzag(ASK(TOLD_PACKET, 0));
	ev->func = (uint16_t)ASK(TOLD_FUNC, c->next[was->func % CODEC_FUNCS]);
	ev->type = (uint8_t)ASK(TOLD_TYPE, c->type[ev->func % CODEC_FUNCS]);
	size = ASK(TOLD_SIZE, c->size[ev->type % CODEC_TYPES]);
	ev->seq = (uint16_t)ASK(TOLD_SEQ, told & TOLD_PACKET ? 0u : was->seq + 1u);
	ev->len = was->len + (uint32_t)unzigzag(ASK(TOLD_LEN, 0));
	ev->skb = was->skb + unzigzag(ASK(TOLD_SKB, 0));
	ev->flags = (uint8_t)ASK(TOLD_FLAGS, was->flags);
	ev->ifindex = (uint32_t)ASK(TOLD_IFINDEX, was->ifindex);
	ev->netns = was->netns + (uint32_t)unzigzag(ASK(TOLD_NETNS, 0));
	ev->mark = (uint32_t)ASK(TOLD_MARK, was->mark);
	ev->pid = (uint32_t)ASK(TOLD_PID, was->pid);
	ev->copy = (uint32_t)ASK(TOLD_COPY, was->copy);
#undef ASK
	if (in->bad || size > CODEC_EVENT_MAX - sizeof(*ev))
		return 0;
	if (size && !get_body(c, ev->type, in, (uint8_t *)(ev + 1), size))
		return 0;
	remember(c, ev, (unsigned int)slot, was->func, size);
	return sizeof(*ev) + size;
}
