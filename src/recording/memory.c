/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/keyring.h"
#include "base/strbuf.h"

/* In the order in which they are told. */
static const struct kind {
	uint8_t type;
	uint16_t size; /* bytes of the record */
	uint32_t max;
} kinds[] = {
	{ EVENT_NETNS, sizeof(struct event_netns), 4096 },
	{ EVENT_DEV, sizeof(struct event_dev), 8192 },
	{ EVENT_CHAIN_NAME, sizeof(struct event_chain_name), 8192 },
	{ EVENT_RULE_HITS, sizeof(struct event_rule_hits), 65536 },
	{ EVENT_OWNER, sizeof(struct event_owner), 16384 },
	{ EVENT_SYMBOL, sizeof(struct event_symbol), 8192 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct shelf {
	struct keyring ring;
	uint8_t *record;
};

/* Records from begin to end, each behind its size and at a multiple of eight. */
struct ruleset {
	uint32_t netns;
	bool reading;
	struct strbuf now, next;
};

struct memory {
	struct shelf shelf[KINDS];
	struct ruleset ruleset[MEMORY_RULESETS];
	size_t nrulesets;
	struct hashmap packets; /* packet and copy → index + 1 */
	struct event_full *full;
	uint64_t *key; /* of an entry; 0: it is free */
	size_t next;   /* is taken next */
	uint64_t lost;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	return hash_u64(h ^ v) * 0x9e3779b97f4a7c15ull + 1;
}

struct memory *memory_new(void)
{
	struct memory *m = calloc(1, sizeof(*m));
	int failed = 0;

	if (!m)
		return NULL;
	/* pages that nothing was put in cost nothing */
	for (size_t i = 0; i < KINDS; i++) {
		failed |= keyring_init(&m->shelf[i].ring, kinds[i].max);
		m->shelf[i].record = calloc(kinds[i].max, kinds[i].size);
		failed |= !m->shelf[i].record;
	}
	m->full = calloc(MEMORY_PACKETS, sizeof(*m->full));
	m->key = calloc(MEMORY_PACKETS, sizeof(*m->key));
	if (failed || hashmap_init(&m->packets, MEMORY_PACKETS) || !m->full || !m->key) {
		memory_free(m);
		return NULL;
	}
	return m;
}

void memory_free(struct memory *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < KINDS; i++) {
		keyring_fini(&m->shelf[i].ring);
		free(m->shelf[i].record);
	}
	for (size_t i = 0; i < m->nrulesets; i++) {
		strbuf_fini(&m->ruleset[i].now);
		strbuf_fini(&m->ruleset[i].next);
	}
	hashmap_fini(&m->packets);
	free(m->full);
	free(m->key);
	free(m);
}

/* --- packets under way --------------------------------------------------------- */

static uint64_t packet_key(const struct event *ev)
{
	uint64_t key = mix(ev->packet, ev->copy);

	return key ? key : 1;
}

static void forget_packet(struct memory *m, const struct event *ev)
{
	uint32_t i = hashmap_del(&m->packets, packet_key(ev));

	if (i)
		m->key[i - 1] = 0;
}

static void take_packet(struct memory *m, const struct event *ev)
{
	uint64_t key = packet_key(ev);
	uint32_t i = hashmap_get(&m->packets, key);

	if (i) {
		memcpy(&m->full[i - 1], ev, sizeof(m->full[0]));
		return;
	}
	if (m->key[m->next]) {
		hashmap_del(&m->packets, m->key[m->next]);
		m->lost++;
	}
	m->key[m->next] = key;
	memcpy(&m->full[m->next], ev, sizeof(m->full[0]));
	/* cannot fail: there is room for all */
	hashmap_put(&m->packets, key, (uint32_t)m->next + 1);
	m->next = (m->next + 1) % MEMORY_PACKETS;
}

/* --- names --------------------------------------------------------------------- */

static uint64_t name_key(const struct event *ev)
{
	switch (ev->type) {
	case EVENT_NETNS:
		return ev->netns;
	case EVENT_DEV:
		return (uint64_t)ev->netns << 32 | ev->ifindex;
	case EVENT_CHAIN_NAME: {
		const struct event_chain_name *name = (const struct event_chain_name *)ev;

		return mix(mix(ev->netns, name->table), name->chain);
	}
	case EVENT_RULE_HITS: {
		const struct event_rule_hits *hits = (const struct event_rule_hits *)ev;

		return mix(mix(ev->netns, hits->table), hits->handle);
	}
	case EVENT_OWNER:
		return ((const struct event_owner *)ev)->inode;
	default:
		return ((const struct event_symbol *)ev)->addr;
	}
}

static void take_name(struct memory *m, const struct event *ev, size_t size)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct shelf *shelf = &m->shelf[i];
		uint64_t key;

		if (kinds[i].type != ev->type || size < kinds[i].size)
			continue;
		key = name_key(ev);
		if (shelf->ring.n == shelf->ring.max && !keyring_get(&shelf->ring, key))
			m->lost++;
		memcpy(shelf->record + keyring_put(&shelf->ring, key) * kinds[i].size, ev, kinds[i].size);
	}
}

/* --- rulesets ------------------------------------------------------------------ */

static struct ruleset *ruleset_of(struct memory *m, uint32_t netns, bool make)
{
	for (size_t i = 0; i < m->nrulesets; i++) {
		if (m->ruleset[i].netns == netns)
			return &m->ruleset[i];
	}
	if (!make)
		return NULL;
	if (m->nrulesets == MEMORY_RULESETS) {
		m->lost++;
		return NULL;
	}
	m->ruleset[m->nrulesets] = (struct ruleset){ .netns = netns };
	return &m->ruleset[m->nrulesets++];
}

static void add_record(struct memory *m, struct ruleset *set, const struct event *ev, size_t size)
{
	static const char pad[8];
	uint64_t len = size, all = size + 2 * sizeof(len);

	for (size_t i = 0; i < m->nrulesets; i++)
		all += m->ruleset[i].now.len + m->ruleset[i].next.len;
	if (all > MEMORY_RULESET_BYTES)
		set->next.failed = true;
	if (set->next.failed) {
		m->lost++;
		return;
	}
	strbuf_add(&set->next, (const char *)&len, sizeof(len));
	strbuf_add(&set->next, (const char *)ev, size);
	strbuf_add(&set->next, pad, (8 - size % 8) % 8);
}

static void take_ruleset(struct memory *m, const struct event *ev, size_t size)
{
	const struct event_ruleset *mark = (const struct event_ruleset *)ev;
	bool is_mark = ev->type == EVENT_RULESET;
	struct ruleset *set;

	if (is_mark && size < sizeof(*mark))
		return;
	set = ruleset_of(m, ev->netns, is_mark && mark->what == RULESET_BEGIN);
	if (!set)
		return;
	if (is_mark && mark->what == RULESET_BEGIN) {
		strbuf_fini(&set->next);
		set->next = (struct strbuf)STRBUF_INIT;
		set->reading = true;
	}
	if (!set->reading)
		return;
	add_record(m, set, ev, size);
	if (!is_mark || mark->what != RULESET_END)
		return;
	set->reading = false;
	if (set->next.failed) { /* a part of it would say that the rest is not there */
		strbuf_fini(&set->next);
	} else {
		strbuf_fini(&set->now);
		set->now = set->next;
	}
	set->next = (struct strbuf)STRBUF_INIT;
}

void memory_take(struct memory *m, const struct event *ev, size_t size)
{
	switch (ev->type) {
	case EVENT_FUNC_FULL:
		if (size >= sizeof(struct event_full))
			take_packet(m, ev);
		break;
	case EVENT_END:
		forget_packet(m, ev);
		break;
	case EVENT_DEV:
	case EVENT_NETNS:
	case EVENT_OWNER:
	case EVENT_CHAIN_NAME:
	case EVENT_RULE_HITS:
	case EVENT_SYMBOL:
		take_name(m, ev, size);
		break;
	case EVENT_RULESET:
	case EVENT_RULE_TEXT:
		take_ruleset(m, ev, size);
		break;
	}
}

static void retell_ruleset(
	const struct strbuf *text, void (*fn)(void *ctx, const struct event *ev, size_t size), void *ctx)
{
	for (size_t at = 0; at + sizeof(uint64_t) <= text->len;) {
		uint64_t size;

		memcpy(&size, text->s + at, sizeof(size));
		at += sizeof(size);
		/* malloc() and multiples of eight: it is aligned */
		fn(ctx, (const struct event *)(const void *)(text->s + at), size);
		at += (size + 7) / 8 * 8;
	}
}

void memory_retell(
	const struct memory *m, void (*fn)(void *ctx, const struct event *ev, size_t size), void *ctx)
{
	for (size_t i = 0; i < KINDS; i++) {
		const struct shelf *shelf = &m->shelf[i];

		/* rules first, then what was counted at them */
		for (size_t set = 0; kinds[i].type == EVENT_RULE_HITS && set < m->nrulesets; set++)
			retell_ruleset(&m->ruleset[set].now, fn, ctx);
		for (size_t at = 0; at < shelf->ring.n; at++)
			fn(ctx, (const struct event *)(const void *)(shelf->record + at * kinds[i].size),
				kinds[i].size);
	}
	for (size_t i = 0; i < MEMORY_PACKETS; i++) {
		size_t at = (m->next + i) % MEMORY_PACKETS;

		if (m->key[at])
			fn(ctx, &m->full[at].ev, sizeof(m->full[at]));
	}
}

uint64_t memory_lost(const struct memory *m)
{
	return m->lost;
}
