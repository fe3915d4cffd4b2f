/* SPDX-License-Identifier: GPL-2.0 */
#include "model/flow_alias.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000ull
#define LIFE_UNKNOWN (30 * SECOND) /* the shortest time that conntrack keeps what it has seen, by default */
#define PROTO_TCP 6
#define TCP_SYN 0x02
#define TCP_ACK 0x10

int flow_aliases_init(struct flow_aliases *a, size_t max, uint64_t seed)
{
	int error = keyring_init(&a->keys, max);

	a->seed = seed;
	a->v = calloc(a->keys.max, sizeof(*a->v));
	return error ? error : a->v ? 0 : -ENOMEM;
}

void flow_aliases_fini(struct flow_aliases *a)
{
	keyring_fini(&a->keys);
	free(a->v);
}

size_t flow_aliases_bytes(size_t max)
{
	return (max ? max : 1) * sizeof(struct flow_alias) + keyring_bytes(max);
}

static uint64_t hash_of(const struct flow_aliases *a, const struct flow_key *key)
{
	return hash_u64(flow_key_hash(key) ^ a->seed);
}

static struct flow_alias *find(const struct flow_aliases *a, const struct flow_key *key)
{
	uint32_t i = a->keys.n ? keyring_get(&a->keys, hash_of(a, key)) : 0;
	struct flow_alias *alias = i ? &a->v[i - 1] : NULL;

	return alias && alias->used && flow_key_equal(&alias->key, key) ? alias : NULL;
}

/*
 * A connection in the same table of conntrack has that tuple for its own: the
 * kernel does not let two have the same, so the one that was translated is over.
 */
static struct flow_alias *still_valid(struct flow_alias *alias, const struct conntrack *ct, uint64_t ts)
{
	if (!alias)
		return NULL;
	if ((alias->netns == ct->netns && alias->zone == ct->zone) || ts > alias->until) {
		alias->used = false;
		return NULL;
	}
	return alias;
}

void flow_alias_note(struct flow_aliases *a, const struct conntrack *ct, uint64_t ts)
{
	struct flow_alias *before, alias = { .netns = ct->netns, .zone = ct->zone, .used = true };
	struct flow_key original;

	if (!ct->entry || !(ct->original.flags & ct->reply.flags & TUPLE_IP))
		return;
	alias.client = flow_key_from(&original, &ct->original);
	before = still_valid(find(a, &original), ct, ts);
	if (!conntrack_has_nat(ct))
		return;
	alias.reply = flow_key_from(&alias.key, &ct->reply);
	alias.target = original;
	if (before) { /* translated before, in another namespace */
		alias.target = before->target;
		alias.client = before->client ^ (alias.client == before->reply);
	}
	if (flow_key_equal(&alias.key, &alias.target))
		return;
	alias.life = ct->timeout ? ct->timeout * SECOND : LIFE_UNKNOWN;
	alias.until = ts + alias.life;
	a->v[keyring_put(&a->keys, hash_of(a, &alias.key))] = alias;
}

void flow_alias_use(struct flow_aliases *a, const struct wire_tuple *tuple, uint64_t ts, struct flow_key *key,
	bool *from, bool *client)
{
	struct flow_alias *alias = find(a, key);
	bool reply;

	*client = *from;
	if (!alias)
		return;
	reply = *from == alias->reply;
	/* what is answered does not begin: a new connection has the same tuple */
	if (ts > alias->until ||
		(reply && tuple->proto == PROTO_TCP && (tuple->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)) {
		alias->used = false;
		return;
	}
	if (ts + alias->life > alias->until)
		alias->until = ts + alias->life;
	*key = alias->target;
	*client = alias->client;
	*from = alias->client ^ reply;
}

const struct flow_key *flow_alias_target(const struct flow_aliases *a, const struct flow_key *key)
{
	const struct flow_alias *alias = find(a, key);

	return alias ? &alias->target : NULL;
}
