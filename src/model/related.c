/* SPDX-License-Identifier: GPL-2.0 */
#include "model/related.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/store_private.h"

#define SKIP_MAX 4096u /* of another flow: younger packets passed by on the way to the neighbours */
#define CHANGES_LOOKED 8u
#define CT_ADDRESS (~7ull)
#define CT_LIFE 10000000000ull /* ns */

/* What a packet is known by to others. */
struct marks {
	struct change change[CHANGES_LOOKED];
	size_t n;
};

struct search {
	const struct store *store;
	const struct packet *packet;
	struct marks marks;
	struct related found[3 * RELATED_NEIGHBOURS];
	size_t n;
};

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* An echo and its answer: the same id and number, in the headers as they were at some time. */
static bool is_reply(const struct wire_tuple *a, const struct wire_tuple *b)
{
	return a->flags & b->flags & TUPLE_ICMP_ID && a->family == b->family && a->sport == b->sport &&
	       a->dport == b->dport && a->icmp_type != b->icmp_type;
}

static int kind_of(const struct search *s, const struct packet *other)
{
	bool lives = apart(other->first, s->packet->first) <= CT_LIFE;
	struct marks theirs;
	int kind = 0;

	theirs.n = store_changes(s->store, other, theirs.change, CHANGES_LOOKED);
	for (size_t i = 0; i < s->marks.n; i++) {
		for (size_t j = 0; j < theirs.n; j++) {
			const struct change *a = &s->marks.change[i], *b = &theirs.change[j];

			if (is_reply(&a->tuple, &b->tuple))
				return RELATED_REPLY;
			if (lives && a->ct && ((a->ct ^ b->ct) & CT_ADDRESS) == 0)
				kind = RELATED_CONNECTION;
		}
	}
	return kind;
}

static void look_at(struct search *s, const struct packet *other)
{
	int kind = other != s->packet ? kind_of(s, other) : 0;

	for (size_t i = 0; kind && i < s->n; i++) {
		if (s->found[i].id == other->id)
			return;
	}
	if (kind && s->n < sizeof(s->found) / sizeof(s->found[0]))
		s->found[s->n++] = (struct related){ .id = other->id,
			.first = other->first,
			.apart = apart(other->first, s->packet->first),
			.kind = (uint8_t)kind };
}

static void search_own_flow(struct search *s)
{
	const struct packet_cell *p = (const struct packet_cell *)s->packet;
	uint32_t older = p->older, newer = p->newer;

	for (int i = 0; i < RELATED_NEIGHBOURS / 2 && (older || newer); i++) {
		if (older) {
			look_at(s, &packet_at(s->store, older)->pub);
			older = packet_at(s->store, older)->older;
		}
		if (newer) {
			look_at(s, &packet_at(s->store, newer)->pub);
			newer = packet_at(s->store, newer)->newer;
		}
	}
}

/* A flow that it may have been seen in as well: the neighbours that it would have there. */
static void search_flow(struct search *s, const struct flow *flow)
{
	const struct packet *newer[RELATED_NEIGHBOURS / 2], *other = NULL;
	size_t passed = 0, n;

	while ((other = store_flow_packet(s->store, flow->no, other)) && other->first > s->packet->first) {
		if (passed == SKIP_MAX)
			return;
		newer[passed++ % (RELATED_NEIGHBOURS / 2)] = other;
	}
	n = passed < RELATED_NEIGHBOURS / 2 ? passed : RELATED_NEIGHBOURS / 2;
	for (size_t i = 0; i < n; i++)
		look_at(s, newer[i]);
	for (n = 0; other && n < RELATED_NEIGHBOURS / 2; n++) {
		look_at(s, other);
		other = store_flow_packet(s->store, flow->no, other);
	}
}

static int by_kind_and_distance(const void *a, const void *b)
{
	const struct related *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->apart != y->apart)
		return x->apart < y->apart ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

size_t store_related(const struct store *store, const struct packet *packet, struct related *out, size_t max)
{
	struct search s = { .store = store, .packet = packet };
	const struct flow *searched[CHANGES_LOOKED];
	size_t n = 0;

	s.marks.n = store_changes(store, packet, s.marks.change, CHANGES_LOOKED);
	search_own_flow(&s);
	for (size_t i = 0; i < s.marks.n; i++) {
		const struct flow *flow = flow_of_tuple(store, &s.marks.change[i].tuple);
		bool known = !flow || flow->no == packet->flow;

		for (size_t j = 0; j < n; j++)
			known |= searched[j] == flow;
		if (known)
			continue;
		searched[n++] = flow;
		search_flow(&s, flow);
	}
	qsort(s.found, s.n, sizeof(s.found[0]), by_kind_and_distance);
	if (max > s.n)
		max = s.n;
	memcpy(out, s.found, max * sizeof(*out));
	return max;
}
