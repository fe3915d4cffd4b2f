/* SPDX-License-Identifier: GPL-2.0 */
/* The store's part for netfilter, conntrack and drops; bounded as a whole. */
#ifndef SKBSCOPE_MODEL_NETFILTER_H
#define SKBSCOPE_MODEL_NETFILTER_H

#include "base/keyring.h"
#include "model/conntrack_ring.h"
#include "model/drops.h"
#include "model/flow_alias.h"
#include "model/rules.h"

struct drop_stack {
	uint64_t packet;
	uint32_t copy; /* number */
	uint32_t depth;
	uint64_t v[DROP_STACK];
};

struct netfilter {
	struct rules *rules;
	struct drops *drops;
	struct conntrack_ring conntrack;
	struct flow_aliases aliases;
	struct keyring stack_keys;
	struct drop_stack *stacks;
	uint32_t ct_no; /* of the record at hand */
};

/* Most bytes it will take of that budget. */
size_t netfilter_reserve(size_t budget);
int netfilter_init(struct netfilter *nf, size_t budget, uint64_t seed); /* 0 or -ENOMEM */
void netfilter_fini(struct netfilter *nf);				/* also one that is all zero */
size_t netfilter_bytes(const struct netfilter *nf);			/* in use */

/* What a record tells beside its packet. */
void netfilter_apply(struct netfilter *nf, const struct event *ev, size_t size);

struct hop;
/* What a hop of that record has of its own; ct_no: the number of an EVENT_CT's state. */
void netfilter_hop(
	struct hop *hop, const struct rules *rules, uint32_t ct_no, const struct event *ev, size_t size);

/* A record of a drop; packet 0: it is not kept. */
void netfilter_drop(struct netfilter *nf, const struct event *ev, size_t size, uint32_t copy, uint32_t flow,
	uint32_t rule);

#endif
