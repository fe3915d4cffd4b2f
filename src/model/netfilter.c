/* SPDX-License-Identifier: GPL-2.0 */
#include "model/netfilter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/drop_cause.h"
#include "model/store_private.h"

#define CAUSE_LOOK 64u /* records before a drop that its cause is looked for in */

/* How many of each fit into a budget: about a tenth of it altogether. */
struct sizes {
	size_t rules, text, drops, states, aliases, stacks;
};

static size_t share(size_t budget, size_t of, size_t min, size_t max)
{
	size_t n = budget / of;

	return n < min ? min : n > max ? max : n;
}

static struct sizes sizes_for(size_t budget)
{
	return (struct sizes){
		.rules = share(budget, 8192, 32, 1 << 17),
		.text = share(budget, 64, 4096, 32u << 20),
		.drops = share(budget, 262144, 4, 4096),
		.states = share(budget, 16384, 16, 1 << 17),
		.aliases = share(budget, 32768, 8, 1 << 15),
		.stacks = share(budget, 65536, 4, 1 << 14),
	};
}

static size_t fixed_bytes(const struct sizes *n)
{
	return conntrack_ring_bytes(n->states) + flow_aliases_bytes(n->aliases) + keyring_bytes(n->stacks) +
	       n->stacks * sizeof(struct drop_stack);
}

size_t netfilter_reserve(size_t budget)
{
	struct sizes n = sizes_for(budget);

	return rules_bytes_max(n.rules, n.text) + drops_bytes_max(n.drops) + fixed_bytes(&n);
}

int netfilter_init(struct netfilter *nf, size_t budget, uint64_t seed)
{
	struct sizes n = sizes_for(budget);
	int error;

	nf->rules = rules_new(n.rules, n.text);
	nf->drops = drops_new(n.drops);
	nf->stacks = calloc(n.stacks, sizeof(*nf->stacks));
	error = conntrack_ring_init(&nf->conntrack, n.states) |
		flow_aliases_init(&nf->aliases, n.aliases, seed) | keyring_init(&nf->stack_keys, n.stacks);
	return error || !nf->rules || !nf->drops || !nf->stacks ? -ENOMEM : 0;
}

void netfilter_fini(struct netfilter *nf)
{
	rules_free(nf->rules);
	drops_free(nf->drops);
	conntrack_ring_fini(&nf->conntrack);
	flow_aliases_fini(&nf->aliases);
	keyring_fini(&nf->stack_keys);
	free(nf->stacks);
}

size_t netfilter_bytes(const struct netfilter *nf)
{
	/* only what is written to becomes memory */
	struct sizes n = {
		.states = nf->conntrack.keys.n,
		.aliases = nf->aliases.keys.n,
		.stacks = nf->stack_keys.n,
	};

	return rules_bytes(nf->rules) + drops_bytes(nf->drops) + fixed_bytes(&n);
}

static void apply_ct(struct netfilter *nf, const struct event_ct *event)
{
	struct conntrack ct;

	nf->ct_no = conntrack_note(&nf->conntrack, event);
	ct = *conntrack_get(&nf->conntrack, nf->ct_no);
	ct.timeout = event->timeout; /* as it is now */
	flow_alias_note(&nf->aliases, &ct, event->ev.ts);
}

void netfilter_apply(struct netfilter *nf, const struct event *ev, size_t size)
{
	if (ev->type != EVENT_CT)
		rules_apply(nf->rules, ev, size);
	else if (size >= sizeof(struct event_ct))
		apply_ct(nf, (const struct event_ct *)ev);
	else
		nf->ct_no = 0;
}

void netfilter_hop(
	struct hop *hop, const struct rules *rules, uint32_t ct_no, const struct event *ev, size_t size)
{
	const struct event_chain *chain = (const struct event_chain *)ev;
	const struct event_rule *rule = (const struct event_rule *)ev;
	const struct event_hook *hook = (const struct event_hook *)ev;

	hop->no = 0;
	memset(&hop->nf, 0, sizeof(hop->nf));
	if (ev->type == EVENT_CT) {
		hop->no = ct_no;
	} else if (ev->type == EVENT_CHAIN && size >= sizeof(*chain)) {
		hop->no = rules_find_chain(rules, ev->netns, chain->table, chain->chain);
		hop->nf.decision = chain->decision;
		hop->nf.depth = chain->depth;
		hop->nf.facts = chain->facts;
		hop->nf.what = chain->what;
	} else if (ev->type == EVENT_RULE && size >= sizeof(*rule)) {
		hop->no = rule->handle ? rules_find(rules, ev->netns, rule->table, rule->handle) : 0;
		hop->nf.decision = rule->decision;
		hop->nf.depth = rule->depth;
		hop->nf.facts = rule->facts;
	} else if (ev->type == EVENT_HOOK && size >= EVENT_HOOK_SHORT) {
		hop->nf.decision = hook->decision;
		hop->nf.depth = hook->pf;
		hop->nf.facts = hook->facts;
		hop->nf.what = hook->hook;
	}
}

static uint64_t stack_key(uint64_t packet, uint32_t copy)
{
	return hash_u64(packet ^ hash_u64(copy + 1u));
}

void netfilter_drop(struct netfilter *nf, const struct event *ev, size_t size, uint32_t copy, uint32_t flow,
	uint32_t rule)
{
	const struct event_drop *drop = (const struct event_drop *)ev;
	bool whole = size >= sizeof(*drop);
	struct drop_stack *stack;

	if (ev->flags & EVENT_QUEUED)
		return;
	drops_add(nf->drops,
		&(struct drop_kind){ .reason = whole ? drop->reason : 0,
			.location = whole ? drop->location : 0,
			.rule = rule,
			.flow = flow,
			.packet = ev->packet },
		ev->ts);
	if (!whole || !drop->depth || !ev->packet || copy == COPY_UNKNOWN)
		return;
	stack = &nf->stacks[keyring_put(&nf->stack_keys, stack_key(ev->packet, copy))];
	stack->packet = ev->packet;
	stack->copy = copy;
	stack->depth = drop->depth < DROP_STACK ? drop->depth : DROP_STACK;
	memcpy(stack->v, drop->stack, sizeof(stack->v));
}

uint32_t packet_drop_cause(
	struct store *store, struct packet_cell *p, uint16_t index, const struct event *drop)
{
	/* the slot of the last hop is where a walk back begins */
	struct hop_walk walk = { .chunk = p->last_chunk, .left = p->pub.nhops - 1 };
	const struct hop *hop;

	for (uint32_t i = 0; i < CAUSE_LOOK && (hop = hop_walk_back(store, p, &walk)); i++) {
		enum fate_role role = FATE_ROLE_OTHER;

		if (hop->copy != index || hop->ts > drop->ts ||
			(hop->type == EVENT_DROP && hop->seq == drop->seq))
			continue;
		if (hop_kind(hop) == EVENT_FUNC)
			role = fate_role_at(&store->roles, hop->func);
		switch (drop_cause(hop->type, hop->nf.decision, hop->nf.what, hop->nf.facts, role)) {
		case CAUSE_THIS:
			return hop->no;
		case CAUSE_NOT:
			return 0;
		case CAUSE_STAYS:
			break;
		}
	}
	return 0;
}

const struct rules *store_rules(const struct store *store)
{
	return store->nf.rules;
}

const struct drops *store_drops(const struct store *store)
{
	return store->nf.drops;
}

const struct conntrack *store_conntrack(const struct store *store, uint32_t no)
{
	return conntrack_get(&store->nf.conntrack, no);
}

/* The last state that was told of that copy in that namespace until then; 0 none. */
static uint32_t last_state(const struct store *store, const struct packet_cell *p, uint16_t copy,
	const struct hop *until, uint64_t ts)
{
	struct hop_reader reader;
	const struct hop *hop;
	uint32_t no = 0;

	for (hops_from(store, p, 0, &reader); (hop = hops_next(store, &reader)) && hop->ts <= ts;) {
		if (hop->type != EVENT_CT || hop->copy != copy || hop->netns != until->netns)
			continue;
		/* at the same time: before it, or itself */
		if (hop->ts < until->ts || copy != until->copy || (int16_t)(until->seq - hop->seq) >= 0)
			no = hop->no;
	}
	return no;
}

const struct conntrack *store_conntrack_at(
	const struct store *store, const struct packet *packet, const struct hop *hop)
{
	const struct packet_cell *p = (const struct packet_cell *)packet;
	const struct copy *copy = store_copy(store, packet, hop->copy);
	uint16_t index = hop->copy;
	uint64_t ts = hop->ts;

	while (copy) {
		uint32_t no = last_state(store, p, index, hop, ts);

		if (no)
			return store_conntrack(store, no);
		if (copy->first < ts)
			ts = copy->first;
		if (copy->parent >= index)
			break;
		index = copy->parent;
		copy = store_copy(store, packet, index);
	}
	return NULL;
}

size_t store_stack(
	const struct store *store, const struct packet *packet, size_t copy, uint64_t *out, size_t max)
{
	const struct netfilter *nf = &store->nf;
	uint32_t i = keyring_get(&nf->stack_keys, stack_key(packet->id, (uint32_t)copy));
	const struct drop_stack *stack = i ? &nf->stacks[i - 1] : NULL;

	if (!stack || stack->packet != packet->id || stack->copy != copy)
		return 0;
	if (max > stack->depth)
		max = stack->depth;
	memcpy(out, stack->v, max * sizeof(*out));
	return max;
}
