/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy_counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../../bpf/event.h"
#include "base/hashmap.h"
#include "trace/netfilter/legacy_identity.h"
#include "trace/netfilter/ruleset.h"

#define TABLES_MAX 64u /* the kernel has five in a family */

/* A rule, or the entry that decides at the end of a chain at a hook. */
struct counted {
	uint64_t identity;
	uint64_t packets; /* the kernel's counter at the last reading */
	uint64_t hits;	  /* since the first one */
	uint64_t told;
	uint32_t at;	/* its place */
	uint32_t chain; /* index */
	uint32_t to;	/* index of the chain that it leads to, + 1 */
	uint8_t decision;
	bool policy;
};

struct counted_chain {
	uint64_t identity, handle;
	uint64_t n[NF_DECISIONS];
	uint64_t told; /* the sum */
};

struct counted_table {
	uint8_t family;
	char name[LEGACY_NAME];
	uint64_t entries; /* legacy_identity_entries(); 0: not read yet */
	size_t size;
	struct counted *v;
	struct counted_chain *chains;
	size_t n, room, nchains;
	bool read;	/* in this reading */
	bool tell_all;	/* places are others */
	bool ever_told; /* something that was not zero */
};

struct legacy_counts {
	struct counted_table *tables[TABLES_MAX];
	size_t n;
	bool known; /* what comes now was not there before */
	bool base;  /* of this reading nothing is told */
};

struct legacy_counts *legacy_counts_new(bool known_empty)
{
	struct legacy_counts *c = calloc(1, sizeof(*c));

	if (c)
		c->known = known_empty;
	return c;
}

static void free_rules(struct counted_table *t)
{
	free(t->v);
	free(t->chains);
}

static void free_table(struct counted_table *t)
{
	free_rules(t);
	free(t);
}

void legacy_counts_free(struct legacy_counts *c)
{
	for (size_t i = 0; c && i < c->n; i++)
		free_table(c->tables[i]);
	free(c);
}

void legacy_counts_begin(struct legacy_counts *c, bool base)
{
	c->base = base;
	for (size_t i = 0; i < c->n; i++)
		c->tables[i]->read = false;
}

int legacy_counts_end(struct legacy_counts *c, bool learn)
{
	size_t kept = 0;
	int other = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct counted_table *t = c->tables[i];

		if (t->read || !learn) {
			other |= t->read ? 0 : LEGACY_OTHER;
			c->tables[kept++] = t;
		} else {
			other = LEGACY_OTHER;
			free_table(t);
		}
	}
	c->n = kept;
	c->known = true;
	return other;
}

/* --- which rules there are -------------------------------------------------------------- */

static int add_counted(struct counted_table *t, const struct counted *counted)
{
	if (t->n == RULESET_ITEMS)
		return -E2BIG;
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct counted *v = realloc(t->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		t->v = v;
		t->room = room;
	}
	t->v[t->n++] = *counted;
	return 0;
}

static int add_rules(struct counted_table *t, const struct legacy_walk *w, uint32_t chain)
{
	const struct legacy_place *p = &w->places[chain];
	struct legacy_entry e;
	int err = 0;

	for (size_t at = p->first; at < p->last && !err; at += e.next) {
		const struct legacy_place *to;

		if (!legacy_walk_read(w, at, &e))
			return -EBADMSG;
		to = legacy_walk_target(w, at, &e);
		err = add_counted(t, &(struct counted){ .identity = legacy_identity_rule(w, p, at, &e),
					     .at = (uint32_t)at,
					     .chain = chain,
					     .to = to ? (uint32_t)(to - w->places) + 1 : 0,
					     .decision = legacy_entry_decision(&e, at) });
	}
	return err;
}

/* The policy goes on counting when it is another one. */
static int add_policy(struct counted_table *t, const struct legacy_walk *w, uint32_t chain)
{
	const struct legacy_place *p = &w->places[chain];

	if (p->hook == NF_NO_HOOK)
		return 0;
	return add_counted(t, &(struct counted){ .identity = ~legacy_identity_chain(p),
				      .at = (uint32_t)p->last,
				      .chain = chain,
				      .decision = p->policy,
				      .policy = true });
}

static int learn(struct counted_table *t, const struct legacy_blob *blob)
{
	struct legacy_walk w;
	int err = legacy_walk_init(&w, blob);

	t->chains = calloc(w.n + 1, sizeof(*t->chains));
	if (!t->chains)
		err = -ENOMEM;
	for (uint32_t i = 0; i < w.n && !err; i++) {
		t->chains[i].identity = legacy_identity_chain(&w.places[i]);
		t->chains[i].handle = w.places[i].handle;
		t->nchains++;
		err = add_rules(t, &w, i);
		err = err ? err : add_policy(t, &w, i);
	}
	legacy_walk_fini(&w);
	return err;
}

/* --- the same ones as before ------------------------------------------------------------ */

static int keep_chains(struct counted_table *t, const struct counted_table *old)
{
	struct hashmap by_name;
	int err = hashmap_init(&by_name, old->nchains);

	for (size_t i = 0; i < old->nchains && !err; i++)
		err = hashmap_put(&by_name, old->chains[i].identity, (uint32_t)i + 1);
	for (size_t i = 0; i < t->nchains && !err; i++) {
		uint32_t was = hashmap_get(&by_name, t->chains[i].identity);

		if (was)
			memcpy(t->chains[i].n, old->chains[was - 1].n, sizeof(t->chains[i].n));
	}
	hashmap_fini(&by_name);
	return err;
}

/* Of rules that say the same, the first goes on as the first. */
static int keep_rules(struct counted_table *t, const struct counted_table *old)
{
	uint32_t *next = calloc(old->n + 1, sizeof(*next)); /* that says the same, + 1 */
	struct hashmap first;
	int err = hashmap_init(&first, old->n);

	if (!next)
		err = -ENOMEM;
	for (size_t i = old->n; i-- > 0 && !err;) {
		next[i] = hashmap_get(&first, old->v[i].identity);
		err = hashmap_put(&first, old->v[i].identity, (uint32_t)i + 1);
	}
	for (size_t i = 0; i < t->n && !err; i++) {
		uint32_t was = hashmap_get(&first, t->v[i].identity);

		if (!was)
			continue;
		t->v[i].packets = old->v[was - 1].packets;
		t->v[i].hits = old->v[was - 1].hits;
		if (next[was - 1])
			err = hashmap_put(&first, t->v[i].identity, next[was - 1]);
		else
			hashmap_del(&first, t->v[i].identity);
	}
	hashmap_fini(&first);
	free(next);
	return err;
}

/* --- what was counted ------------------------------------------------------------------- */

static bool runs_backward(const struct counted_table *t, const struct legacy_blob *blob)
{
	for (size_t i = 0; i < t->n; i++) {
		if (legacy_entry_packets(blob->family, blob->entries + t->v[i].at) < t->v[i].packets)
			return true;
	}
	return false;
}

static void take(struct counted_table *t, const struct legacy_blob *blob, bool base)
{
	for (size_t i = 0; i < t->n; i++) {
		struct counted *v = &t->v[i];
		uint64_t now = legacy_entry_packets(blob->family, blob->entries + v->at), more;

		/* lower than before: it was set to zero since */
		more = base ? 0 : now - (now < v->packets ? 0 : v->packets);
		v->packets = now;
		v->hits += more;
		if (v->to)
			t->chains[v->to - 1].n[NF_DECIDED_NOT] += more;
		if (v->policy)
			t->chains[v->chain].n[v->decision] += more;
	}
}

/* Its rules are others: in place of what there was of it. */
static int replace(struct legacy_counts *c, struct counted_table *t, const struct legacy_blob *blob,
	uint64_t entries, unsigned int flags)
{
	bool base = c->base || (!t->entries && !c->known);
	struct counted_table fresh = *t;
	int err;

	fresh.v = NULL;
	fresh.chains = NULL;
	fresh.n = fresh.room = fresh.nchains = 0;
	fresh.entries = entries;
	fresh.size = blob->size;
	fresh.tell_all = true;
	err = learn(&fresh, blob);
	if (!err && t->entries)
		err = keep_chains(&fresh, t);
	if (!err && t->entries)
		err = keep_rules(&fresh, t);
	if (!err && !base && !(flags & COUNTS_BACKWARD) && runs_backward(&fresh, blob))
		err = -EAGAIN;
	if (err) {
		free_rules(&fresh);
		return err;
	}
	take(&fresh, blob, base);
	free_rules(t);
	*t = fresh;
	return 0;
}

static struct counted_table *find_table(const struct legacy_counts *c, const struct legacy_blob *blob)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->tables[i]->family == blob->family && !strcmp(c->tables[i]->name, blob->name))
			return c->tables[i];
	}
	return NULL;
}

static struct counted_table *add_table(struct legacy_counts *c, const struct legacy_blob *blob)
{
	struct counted_table *t = c->n < TABLES_MAX ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return NULL;
	t->family = blob->family;
	memcpy(t->name, blob->name, strnlen(blob->name, sizeof(t->name) - 1));
	c->tables[c->n++] = t;
	return t;
}

int legacy_counts_table(struct legacy_counts *c, const struct legacy_blob *blob, unsigned int flags)
{
	struct counted_table *t = find_table(c, blob);
	uint64_t entries = legacy_identity_entries(blob);

	if (t)
		t->read = true;
	if (!entries)
		return -EBADMSG;
	if (t && t->entries == entries && t->size == blob->size) {
		if (!c->base && !(flags & COUNTS_BACKWARD) && runs_backward(t, blob))
			return -EAGAIN;
		take(t, blob, c->base);
		return 0;
	}
	if (!(flags & COUNTS_LEARN))
		return LEGACY_OTHER;
	if (!t)
		t = add_table(c, blob);
	if (!t)
		return -ENOMEM;
	t->read = true;
	return replace(c, t, blob, entries, flags);
}

/* --- what is told ----------------------------------------------------------------------- */

static void put(struct strbuf *out, const struct event_rule_hits *rec)
{
	ruleset_add_record(out, rec, sizeof(*rec));
}

/* False: it is as it was told, or zero and never was anything else. */
static bool is_news(const struct counted_table *t, uint64_t now, uint64_t told)
{
	return now != told || (t->tell_all && (now || t->ever_told));
}

static bool tell_chains(struct counted_table *t, struct event_rule_hits *rec, struct strbuf *out)
{
	bool any = false;

	for (size_t i = 0; i < t->nchains; i++) {
		struct counted_chain *chain = &t->chains[i];
		uint64_t sum = 0;

		for (int k = 0; k < NF_DECISIONS; k++)
			sum += chain->n[k];
		if (!is_news(t, sum, chain->told))
			continue;
		rec->handle = chain->handle;
		memcpy(rec->n, chain->n, sizeof(rec->n));
		chain->told = sum;
		any |= sum > 0;
		put(out, rec);
	}
	return any;
}

static bool tell_rules(struct counted_table *t, struct event_rule_hits *rec, struct strbuf *out)
{
	bool any = false;

	for (size_t i = 0; i < t->n; i++) {
		struct counted *v = &t->v[i];

		if (v->policy || !is_news(t, v->hits, v->told))
			continue;
		rec->handle = legacy_rule(v->at);
		memset(rec->n, 0, sizeof(rec->n));
		rec->n[v->decision] = v->told = v->hits;
		any |= v->hits > 0;
		put(out, rec);
	}
	return any;
}

/* Chains first: a place that is another chain's now is met no more, unless its rules are. */
void legacy_counts_tell(struct legacy_counts *c, uint32_t netns, struct strbuf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		struct counted_table *t = c->tables[i];
		struct event_rule_hits rec = { .ev.type = EVENT_RULE_HITS,
			.ev.netns = netns,
			.table = legacy_table(t->family, t->name) };

		t->ever_told |= tell_chains(t, &rec, out);
		t->ever_told |= tell_rules(t, &rec, out);
		t->tell_all = false;
	}
}

void legacy_counts_tell_again(struct legacy_counts *c)
{
	for (size_t i = 0; i < c->n; i++)
		c->tables[i]->tell_all = true;
}
