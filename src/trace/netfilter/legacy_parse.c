/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy_parse.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../bpf/event.h"
#include "trace/netfilter/legacy_entry.h"

#define CHAINS_MAX 4096u
#define XT_RETURN (-NF_REPEAT - 1) /* linux/netfilter/x_tables.h */

/* Where a chain has its first entry, and where the one that decides at its end is. */
struct place {
	size_t first, last;
	uint32_t chain; /* index */
};

struct walk {
	struct ruleset *rs;
	const struct legacy_blob *blob;
	struct place *places;
	size_t n, room;
	size_t users; /* chains that are not at a hook */
};

static const char *const hook_chains[LEGACY_HOOKS] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT",
	"POSTROUTING" };

static bool read_at(const struct walk *w, size_t at, struct legacy_entry *e)
{
	return at < w->blob->size &&
	       legacy_entry_read(e, w->blob->family, w->blob->entries + at, w->blob->size - at);
}

static bool is_head(const struct legacy_entry *e)
{
	return !strcmp(e->target.name, "ERROR");
}

static int add_chain(struct walk *w, const char *name, size_t first, uint64_t handle)
{
	struct ruleset_chain *c;

	if (w->n == CHAINS_MAX)
		return -E2BIG;
	if (w->n == w->room) {
		size_t room = w->room ? w->room * 2 : 16;
		struct place *v = realloc(w->places, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		w->places = v;
		w->room = room;
	}
	c = ruleset_add_chain(w->rs);
	if (!c)
		return w->rs->error;
	c->handle = handle;
	c->facts = CHAIN_LEGACY;
	c->name = ruleset_put(w->rs, name, strlen(name));
	w->places[w->n++] =
		(struct place){ .first = first, .last = first, .chain = (uint32_t)w->rs->nchains - 1 };
	return 0;
}

/* The priorities of the tables: net/ipv4/netfilter/iptable_*.c. */
static int32_t priority(const char *table, unsigned int hook)
{
	if (!strcmp(table, "raw"))
		return -300;
	if (!strcmp(table, "mangle"))
		return -150;
	if (!strcmp(table, "nat"))
		return hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_OUT ? -100 : 100;
	return !strcmp(table, "security") ? 50 : 0;
}

static int add_hook_chain(struct walk *w, unsigned int hook)
{
	const struct legacy_blob *b = w->blob;
	struct ruleset_chain *c;
	struct legacy_entry e;
	int verdict, err;

	err = add_chain(w, hook_chains[hook], b->hook_entry[hook], legacy_chain(hook));
	if (err)
		return err;
	w->places[w->n - 1].last = b->underflow[hook];
	c = &w->rs->chains[w->rs->nchains - 1];
	c->facts |= CHAIN_BASE;
	c->hook = (uint8_t)hook;
	c->priority = priority(b->name, hook);
	c->policy = NF_DECIDED_ACCEPT;
	if (!read_at(w, b->underflow[hook], &e) || !legacy_entry_verdict(&e, &verdict))
		return -EBADMSG;
	if (verdict == -NF_DROP - 1)
		c->policy = NF_DECIDED_DROP;
	return 0;
}

/* A chain of the user begins with a head that has its name; the last head has none and ends the table. */
static int add_user_chains(struct walk *w)
{
	struct place *open = NULL;
	struct legacy_entry e;
	size_t before = 0;
	int err = 0;

	for (size_t at = 0; at < w->blob->size && !err; before = at, at += e.next) {
		char name[31];
		size_t len;

		if (!read_at(w, at, &e))
			return -EBADMSG;
		if (!is_head(&e))
			continue;
		if (open)
			open->last = before;
		open = NULL;
		if (at + e.next >= w->blob->size)
			break;
		len = strnlen((const char *)e.target.data, e.target.len < 30 ? e.target.len : 30);
		memcpy(name, e.target.data, len);
		name[len] = '\0';
		err = add_chain(w, name, at + e.next, legacy_chain((uint32_t)(LEGACY_CHAINS + w->users++)));
		if (!err)
			open = &w->places[w->n - 1];
	}
	return err;
}

static const char *chain_at(const struct walk *w, size_t first, struct ruleset_text *name)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->places[i].first == first) {
			*name = w->rs->chains[w->places[i].chain].name;
			return ruleset_str(w->rs, *name);
		}
	}
	return NULL;
}

static void put_verdict(
	const struct walk *w, const struct legacy_entry *e, size_t at, int verdict, struct strbuf *text)
{
	struct ruleset_text name;
	const char *chain;

	if (verdict == -NF_ACCEPT - 1)
		strbuf_puts(text, " -j ACCEPT");
	else if (verdict == -NF_DROP - 1)
		strbuf_puts(text, " -j DROP");
	else if (verdict == -NF_QUEUE - 1)
		strbuf_puts(text, " -j QUEUE");
	else if (verdict == XT_RETURN)
		strbuf_puts(text, " -j RETURN");
	/* to the next entry: it has no target */
	if (verdict < 0 || (size_t)verdict == at + e->next)
		return;
	chain = chain_at(w, (size_t)verdict, &name);
	if (!chain)
		return;
	strbuf_puts(text, legacy_entry_is_goto(e) ? " -g " : " -j ");
	strbuf_add(text, chain, name.len);
}

static int add_rule(struct walk *w, const struct place *p, size_t at, const struct legacy_entry *e)
{
	struct strbuf text = STRBUF_INIT, comment = STRBUF_INIT;
	struct ruleset_rule *r;
	const char *s;
	int verdict;

	legacy_entry_conditions(e, &text, &comment);
	if (legacy_entry_verdict(e, &verdict))
		put_verdict(w, e, at, verdict, &text);
	else
		legacy_entry_target(e, &text);
	r = ruleset_add_rule(w->rs, p->chain);
	s = strbuf_str(&text);
	s += *s == ' ';
	if (r) {
		r->handle = legacy_rule((uint32_t)at);
		r->text = ruleset_put(w->rs, s, strlen(s));
		r->comment = ruleset_put(w->rs, strbuf_str(&comment), comment.len);
	}
	if (text.failed || comment.failed)
		w->rs->error = -ENOMEM;
	strbuf_fini(&text);
	strbuf_fini(&comment);
	return r ? 0 : w->rs->error;
}

int legacy_parse(struct ruleset *rs, const struct legacy_blob *blob)
{
	struct walk w = { .rs = rs, .blob = blob };
	struct ruleset_table *t = ruleset_add_table(rs);
	struct legacy_entry e;
	int err = 0;

	if (!t)
		return rs->error;
	t->family = blob->family;
	t->facts = CHAIN_LEGACY;
	t->handle = legacy_table(blob->family, blob->name);
	t->name = ruleset_put(rs, blob->name, strnlen(blob->name, sizeof(blob->name)));
	for (unsigned int hook = 0; hook < LEGACY_HOOKS && !err; hook++) {
		if (blob->valid_hooks & 1u << hook)
			err = add_hook_chain(&w, hook);
	}
	if (!err)
		err = add_user_chains(&w);
	for (size_t i = 0; i < w.n && !err; i++) {
		const struct place *p = &w.places[i];

		for (size_t at = p->first; at < p->last && !err; at += e.next)
			err = read_at(&w, at, &e) ? add_rule(&w, p, at, &e) : -EBADMSG;
	}
	free(w.places);
	return err;
}
