/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows joined across NAT: packets that come with the tuple of a connection's
 * reply, or the mirror of it, belong to the flow of its original tuple. An alias
 * holds as long as the connection does by what conntrack says.
 */
#ifndef SKBSCOPE_MODEL_FLOW_ALIAS_H
#define SKBSCOPE_MODEL_FLOW_ALIAS_H

#include "base/keyring.h"
#include "model/conntrack.h"
#include "model/tuple.h"

struct flow_alias {
	struct flow_key key, target;
	uint64_t until, life; /* ns; how much longer from each packet on */
	uint32_t netns;	      /* and zone: where the connection is tracked */
	uint16_t zone;
	bool used;
	bool reply;  /* the reply's source is end 1 of key */
	bool client; /* the original's source is end 1 of target */
};

struct flow_aliases {
	struct keyring keys;
	struct flow_alias *v;
	uint64_t seed;
};

int flow_aliases_init(struct flow_aliases *aliases, size_t max, uint64_t seed); /* 0 or -ENOMEM */
void flow_aliases_fini(struct flow_aliases *aliases);
size_t flow_aliases_bytes(size_t n); /* that so many take */

/* What conntrack has told at that time. */
void flow_alias_note(struct flow_aliases *aliases, const struct conntrack *ct, uint64_t ts);

/*
 * The flow that a new packet of that tuple belongs to: *key and *from (its source is
 * end 1) as flow_key_from() told them, replaced when it is another one; *client: the
 * end that has begun the connection, else as *from.
 */
void flow_alias_use(struct flow_aliases *aliases, const struct wire_tuple *tuple, uint64_t ts,
	struct flow_key *key, bool *from, bool *client);

/* NULL: there is no other key for it. */
const struct flow_key *flow_alias_target(const struct flow_aliases *aliases, const struct flow_key *key);

#endif
