/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/ruleset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../../bpf/event.h"

void ruleset_fini(struct ruleset *rs)
{
	free(rs->tables);
	free(rs->chains);
	free(rs->rules);
	strbuf_fini(&rs->bytes);
	*rs = (struct ruleset){ 0 };
}

struct ruleset_text ruleset_put(struct ruleset *rs, const char *s, size_t len)
{
	struct ruleset_text t = { .at = (uint32_t)rs->bytes.len };

	if (!len)
		return t;
	if (len > RULESET_BYTES - rs->bytes.len) {
		rs->error = -E2BIG;
		return t;
	}
	strbuf_add(&rs->bytes, s, len);
	if (rs->bytes.failed)
		rs->error = -ENOMEM;
	else
		t.len = (uint32_t)len;
	return t;
}

/* Room for one more: the new one, all zero. */
static void *add(struct ruleset *rs, void **v, size_t *n, size_t *room, size_t size)
{
	if (*n == RULESET_ITEMS) {
		rs->error = -E2BIG;
		return NULL;
	}
	if (*n == *room) {
		size_t more = *room ? *room * 2 : 64;
		void *grown = realloc(*v, more * size);

		if (!grown) {
			rs->error = -ENOMEM;
			return NULL;
		}
		*v = grown;
		*room = more;
	}
	return memset((char *)*v + (*n)++ * size, 0, size);
}

struct ruleset_table *ruleset_add_table(struct ruleset *rs)
{
	void *v = rs->tables;
	struct ruleset_table *t = add(rs, &v, &rs->ntables, &rs->tables_room, sizeof(*t));

	rs->tables = v;
	return t;
}

struct ruleset_chain *ruleset_add_chain(struct ruleset *rs)
{
	void *v = rs->chains;
	struct ruleset_chain *c = add(rs, &v, &rs->nchains, &rs->chains_room, sizeof(*c));

	rs->chains = v;
	if (c) {
		c->table = rs->ntables ? (uint32_t)rs->ntables - 1 : 0;
		c->hook = NF_NO_HOOK;
	}
	return c;
}

struct ruleset_rule *ruleset_add_rule(struct ruleset *rs, size_t chain)
{
	void *v = rs->rules;
	struct ruleset_rule *r = add(rs, &v, &rs->nrules, &rs->rules_room, sizeof(*r));
	struct ruleset_chain *c = &rs->chains[chain];

	rs->rules = v;
	if (!r)
		return NULL;
	if (!c->nrules)
		c->first = (uint32_t)rs->nrules - 1;
	c->nrules++;
	return r;
}

bool ruleset_is(const struct ruleset *rs, struct ruleset_text t, const char *s, size_t len)
{
	return t.len == len && !memcmp(ruleset_str(rs, t), s, len);
}

static uint64_t mix(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull; /* FNV-1a */
	return h;
}

static uint64_t mix_text(uint64_t h, const struct ruleset *rs, struct ruleset_text t)
{
	h = mix(h, &t.len, sizeof(t.len));
	return mix(h, ruleset_str(rs, t), t.len);
}

uint64_t ruleset_hash(const struct ruleset *rs)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < rs->ntables; i++) {
		const struct ruleset_table *t = &rs->tables[i];

		h = mix(h, &t->handle, sizeof(t->handle));
		h = mix(h, &t->family, sizeof(t->family));
		h = mix_text(h, rs, t->name);
	}
	for (size_t i = 0; i < rs->nchains; i++) {
		const struct ruleset_chain *c = &rs->chains[i];
		const uint8_t small[] = { c->hook, c->facts, c->policy };

		h = mix(h, &c->table, sizeof(c->table));
		h = mix(h, &c->handle, sizeof(c->handle));
		h = mix(h, &c->nrules, sizeof(c->nrules));
		h = mix(h, &c->priority, sizeof(c->priority));
		h = mix(h, small, sizeof(small));
		h = mix_text(mix_text(h, rs, c->name), rs, c->comment);
	}
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct ruleset_rule *r = &rs->rules[i];

		h = mix(h, &r->handle, sizeof(r->handle));
		h = mix_text(mix_text(h, rs, r->text), rs, r->comment);
	}
	return h;
}

static void put_record(struct strbuf *out, const void *head, size_t head_len, const struct ruleset *rs,
	const struct ruleset_text *names, size_t nnames)
{
	static const char zero[8];
	uint64_t size = head_len;

	for (size_t i = 0; i < nnames; i++)
		size += names[i].len;
	strbuf_add(out, (const char *)&size, sizeof(size));
	strbuf_add(out, head, head_len);
	for (size_t i = 0; i < nnames; i++)
		strbuf_add(out, ruleset_str(rs, names[i]), names[i].len);
	strbuf_add(out, zero, -size & 7);
}

static void put_mark(const struct ruleset *rs, uint32_t netns, uint8_t what, struct strbuf *out)
{
	struct event_ruleset rec = {
		.ev = { .type = EVENT_RULESET, .netns = netns },
		.generation = rs->generation,
		.what = what,
		.texts = rs->texts,
		.error = rs->error,
	};

	put_record(out, &rec, sizeof(rec), rs, NULL, 0);
}

static struct ruleset_text cut(struct ruleset_text t, size_t most)
{
	if (t.len > most)
		t.len = (uint32_t)most;
	return t;
}

/* names: of the table, of the chain, text, comment. */
static void put_item(
	const struct ruleset *rs, struct event_rule_text *rec, struct ruleset_text *names, struct strbuf *out)
{
	size_t left = RULE_TEXT_MAX - sizeof(*rec);

	names[0] = cut(names[0], NF_NAME - 1);
	names[1] = cut(names[1], NF_NAME - 1);
	left -= names[0].len + names[1].len;
	names[3] = cut(names[3], left / 2);
	names[2] = cut(names[2], left - names[3].len);
	rec->ev.type = EVENT_RULE_TEXT;
	rec->table_len = (uint16_t)names[0].len;
	rec->chain_len = (uint16_t)names[1].len;
	rec->text_len = (uint16_t)names[2].len;
	rec->comment_len = (uint16_t)names[3].len;
	put_record(out, rec, sizeof(*rec), rs, names, 4);
}

static void put_rule(const struct ruleset *rs, uint32_t netns, const struct ruleset_chain *c, size_t rule,
	struct strbuf *out)
{
	const struct ruleset_table *t = &rs->tables[c->table];
	const struct ruleset_rule *r = &rs->rules[rule];
	struct ruleset_text names[4] = { { 0 }, { 0 }, r->text, r->comment };
	struct event_rule_text rec = {
		.ev = { .netns = netns },
		.table = t->handle,
		.chain = c->handle,
		.handle = r->handle,
		.kind = RULE_TEXT_RULE,
		.family = t->family,
		.hook = NF_NO_HOOK,
		.facts = t->facts & CHAIN_LEGACY,
	};

	put_item(rs, &rec, names, out);
}

static void put_chain(
	const struct ruleset *rs, uint32_t netns, const struct ruleset_chain *c, struct strbuf *out)
{
	const struct ruleset_table *t = &rs->tables[c->table];
	struct ruleset_text names[4] = { t->name, c->name, { 0 }, c->comment };
	struct event_rule_text rec = {
		.ev = { .netns = netns },
		.table = t->handle,
		.chain = c->handle,
		.kind = RULE_TEXT_CHAIN,
		.family = t->family,
		.hook = c->hook,
		.facts = c->facts,
		.policy = c->policy,
		.priority = c->priority,
	};

	put_item(rs, &rec, names, out);
	for (size_t i = 0; i < c->nrules; i++)
		put_rule(rs, netns, c, c->first + i, out);
}

static void put_tables(const struct ruleset *rs, uint32_t netns, struct strbuf *out)
{
	for (size_t i = 0; i < rs->ntables; i++) {
		const struct ruleset_table *t = &rs->tables[i];
		struct ruleset_text names[4] = { t->name };
		struct event_rule_text rec = {
			.ev = { .netns = netns },
			.table = t->handle,
			.kind = RULE_TEXT_TABLE,
			.family = t->family,
			.hook = NF_NO_HOOK,
			.facts = t->facts & CHAIN_LEGACY,
		};

		put_item(rs, &rec, names, out);
	}
}

void ruleset_records(const struct ruleset *rs, const struct ruleset *more, uint32_t netns, struct strbuf *out)
{
	const struct ruleset *const both[] = { rs, more };

	put_mark(rs, netns, RULESET_BEGIN, out);
	for (size_t k = 0; k < 2 && both[k]; k++)
		put_tables(both[k], netns, out);
	for (size_t k = 0; k < 2 && both[k]; k++) {
		for (size_t i = 0; i < both[k]->nchains; i++)
			put_chain(both[k], netns, &both[k]->chains[i], out);
	}
	put_mark(rs, netns, RULESET_END, out);
}

void ruleset_add_record(struct strbuf *out, const void *record, size_t size)
{
	put_record(out, record, size, NULL, NULL, 0);
}

void ruleset_each_record(
	const char *bytes, size_t len, void (*put)(void *ctx, const void *record, size_t size), void *ctx)
{
	for (size_t at = 0; at < len;) {
		uint64_t size;

		memcpy(&size, bytes + at, sizeof(size));
		put(ctx, bytes + at + sizeof(size), size);
		at += sizeof(size) + ((size + 7) & ~(uint64_t)7);
	}
}
