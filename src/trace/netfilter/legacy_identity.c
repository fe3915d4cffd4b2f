/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy_identity.h"

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#include "base/hashmap.h"

#define SEED 0xcbf29ce484222325ull

/* Eight bytes at once: tables of 10,000 rules are read every second. */
static uint64_t mix(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t word;

	h ^= len;
	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	word = 0;
	memcpy(&word, p, len);
	return hash_u64(h ^ word);
}

/* The conditions of the entry itself: in front of what the kernel notes there. */
static size_t conditions_size(uint8_t family)
{
	return family == NFPROTO_IPV6 ? sizeof(struct ip6t_ip6) : sizeof(struct ipt_ip);
}

uint64_t legacy_identity_entries(const struct legacy_blob *blob)
{
	uint64_t h = mix(SEED, &blob->valid_hooks, sizeof(blob->valid_hooks));
	struct legacy_entry e;

	h = mix(h, blob->hook_entry, sizeof(blob->hook_entry));
	h = mix(h, blob->underflow, sizeof(blob->underflow));
	for (size_t at = 0; at < blob->size; at += e.next) {
		if (!legacy_entry_read(&e, blob->family, blob->entries + at, blob->size - at))
			return 0;
		h = mix(h, e.head, conditions_size(blob->family));
		h = mix(h, e.matches, (size_t)(e.matches_end - e.matches));
		h = mix(h, e.matches_end, e.next - (size_t)(e.matches_end - e.head));
	}
	return h ? h : 1;
}

uint64_t legacy_identity_chain(const struct legacy_place *p)
{
	return mix(SEED, p->name, strlen(p->name));
}

uint64_t legacy_identity_rule(
	const struct legacy_walk *w, const struct legacy_place *p, size_t at, const struct legacy_entry *e)
{
	const struct legacy_place *to = legacy_walk_target(w, at, e);
	uint64_t h = mix(legacy_identity_chain(p), e->head, conditions_size(e->family));
	int verdict;

	h = mix(h, e->matches, (size_t)(e->matches_end - e->matches));
	h = mix(h, e->target.name, sizeof(e->target.name));
	if (to)
		return mix(h, to->name, strlen(to->name));
	/* a rule without a target: the next one's place is no part of it */
	if (legacy_entry_verdict(e, &verdict))
		return mix(h, &verdict, verdict < 0 ? sizeof(verdict) : 0);
	h = mix(h, &e->target.revision, sizeof(e->target.revision));
	return mix(h, e->target.data, e->target.len);
}
