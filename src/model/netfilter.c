/* SPDX-License-Identifier: GPL-2.0 */
/* What the store keeps of netfilter, conntrack and drops. */
#include "model/store_private.h"

const struct rules *store_rules(const struct store *store)
{
	return store->rules;
}

const struct drops *store_drops(const struct store *store)
{
	return store->drops;
}

const struct conntrack *store_conntrack(const struct store *store, uint32_t no)
{
	return NULL;
}

const struct conntrack *store_conntrack_at(
	const struct store *store, const struct packet *packet, const struct hop *hop)
{
	return NULL;
}

size_t store_stack(
	const struct store *store, const struct packet *packet, size_t copy, uint64_t *out, size_t max)
{
	return 0;
}
