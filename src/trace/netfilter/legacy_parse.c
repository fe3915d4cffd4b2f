/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy_parse.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>

#include "../../../bpf/event.h"

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

static int add_chain(struct ruleset *rs, const char *table, const struct legacy_place *p)
{
	struct ruleset_chain *c = ruleset_add_chain(rs);

	if (!c)
		return rs->error;
	c->handle = p->handle;
	c->facts = CHAIN_LEGACY;
	c->name = ruleset_put(rs, p->name, strlen(p->name));
	if (p->hook == NF_NO_HOOK)
		return 0;
	c->facts |= CHAIN_BASE;
	c->hook = p->hook;
	c->priority = priority(table, p->hook);
	c->policy = p->policy;
	return 0;
}

static void put_verdict(const struct legacy_walk *w, const struct legacy_entry *e, size_t at, int verdict,
	struct strbuf *text)
{
	const struct legacy_place *to = legacy_walk_target(w, at, e);

	if (to)
		strbuf_addf(text, " -%c %s", legacy_entry_is_goto(e) ? 'g' : 'j', to->name);
	else if (verdict == -NF_ACCEPT - 1)
		strbuf_puts(text, " -j ACCEPT");
	else if (verdict == -NF_DROP - 1)
		strbuf_puts(text, " -j DROP");
	else if (verdict == -NF_QUEUE - 1)
		strbuf_puts(text, " -j QUEUE");
	else if (verdict == LEGACY_RETURN)
		strbuf_puts(text, " -j RETURN");
}

static int add_rule(struct ruleset *rs, const struct legacy_walk *w, size_t chain, size_t at,
	const struct legacy_entry *e)
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
	r = ruleset_add_rule(rs, chain);
	s = strbuf_str(&text);
	s += *s == ' ';
	if (r) {
		r->handle = legacy_rule((uint32_t)at);
		r->text = ruleset_put(rs, s, strlen(s));
		r->comment = ruleset_put(rs, strbuf_str(&comment), comment.len);
	}
	if (text.failed || comment.failed)
		rs->error = -ENOMEM;
	strbuf_fini(&text);
	strbuf_fini(&comment);
	return r ? 0 : rs->error;
}

static int add_rules(
	struct ruleset *rs, const struct legacy_walk *w, size_t chain, const struct legacy_place *p)
{
	struct legacy_entry e;
	int err = 0;

	for (size_t at = p->first; at < p->last && !err; at += e.next)
		err = legacy_walk_read(w, at, &e) ? add_rule(rs, w, chain, at, &e) : -EBADMSG;
	return err;
}

int legacy_parse(struct ruleset *rs, const struct legacy_blob *blob)
{
	struct ruleset_table *t = ruleset_add_table(rs);
	size_t first = rs->nchains;
	struct legacy_walk w;
	int err, wrong = 0;

	if (!t)
		return rs->error;
	t->family = blob->family;
	t->facts = CHAIN_LEGACY;
	t->handle = legacy_table(blob->family, blob->name);
	t->name = ruleset_put(rs, blob->name, strnlen(blob->name, sizeof(blob->name)));
	err = legacy_walk_init(&w, blob);
	for (size_t i = 0; i < w.n && !wrong; i++)
		wrong = add_chain(rs, blob->name, &w.places[i]);
	err = err ? err : wrong;
	for (size_t i = 0; i < w.n && !err; i++)
		err = add_rules(rs, &w, first + i, &w.places[i]);
	legacy_walk_fini(&w);
	return err;
}
