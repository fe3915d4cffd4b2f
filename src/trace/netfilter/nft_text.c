/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/nft_text.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../bpf/event.h"

static const char handle_word[] = " # handle ";

/* A line of the output that ends with a handle. */
struct line {
	const char *hash; /* of handle_word, its blank */
	const char *end;  /* behind the newline */
	uint64_t handle;
};

/* What must be found, in this order. */
struct mark {
	enum rule_text_kind kind;
	uint32_t index;		 /* of the table, chain or rule */
	uint32_t chain;		 /* of a rule */
	size_t earliest, latest; /* which line it can be */
};

struct reading {
	struct ruleset *rs;
	const char *text;
	struct line *lines;
	size_t nlines;
	struct mark *marks;
	size_t nmarks;
};

static const char *family_word(unsigned int family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_ARP:
		return "arp";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_NETDEV:
		return "netdev";
	}
	return "?";
}

/* Does [start, end) end with " # handle N"? */
static bool read_handle(const char *start, const char *end, struct line *line)
{
	const size_t len = sizeof(handle_word) - 1;
	const char *p = end;
	uint64_t handle = 0;

	while (p > start && p[-1] >= '0' && p[-1] <= '9')
		p--;
	if (p == end || end - p > 19 || (size_t)(p - start) < len || memcmp(p - len, handle_word, len) != 0)
		return false;
	line->hash = p - len;
	for (; p < end; p++)
		handle = handle * 10 + (uint64_t)(*p - '0');
	line->handle = handle;
	return true;
}

static int find_lines(struct reading *r, const char *text, size_t len)
{
	const char *p = text, *all = text + len;
	size_t room = 0;

	while (p < all) {
		const char *nl = memchr(p, '\n', (size_t)(all - p));
		const char *end = nl ? nl : all;
		struct line line = { .end = nl ? nl + 1 : all };

		if (read_handle(p, end, &line)) {
			if (r->nlines == room) {
				size_t more = room ? room * 2 : 256;
				struct line *v = realloc(r->lines, more * sizeof(*v));

				if (!v)
					return -ENOMEM;
				r->lines = v;
				room = more;
			}
			r->lines[r->nlines++] = line;
		}
		p = line.end;
	}
	return 0;
}

/* Inner chains have no header of their own, and their rules stand in another rule. */
static int list_marks(struct reading *r)
{
	const struct ruleset *rs = r->rs;
	size_t chain = 0;

	r->marks = calloc(rs->ntables + rs->nchains + rs->nrules + 1, sizeof(*r->marks));
	if (!r->marks)
		return -ENOMEM;
	for (size_t t = 0; t < rs->ntables; t++) {
		r->marks[r->nmarks++] = (struct mark){ .kind = RULE_TEXT_TABLE, .index = (uint32_t)t };
		for (; chain < rs->nchains && rs->chains[chain].table == t; chain++) {
			const struct ruleset_chain *c = &rs->chains[chain];

			if (c->inner)
				continue;
			r->marks[r->nmarks++] =
				(struct mark){ .kind = RULE_TEXT_CHAIN, .index = (uint32_t)chain };
			for (size_t i = 0; i < c->nrules; i++)
				r->marks[r->nmarks++] = (struct mark){ .kind = RULE_TEXT_RULE,
					.index = (uint32_t)(c->first + i),
					.chain = (uint32_t)chain };
		}
	}
	return 0;
}

/* Takes s off the end of what goes up to *at. */
static bool before(const char *start, const char **at, const char *s, size_t len)
{
	if ((size_t)(*at - start) < len || memcmp(*at - len, s, len) != 0)
		return false;
	*at -= len;
	return true;
}

/* "WORD NAME {", or the same with the name in quotes. */
static bool is_header(const struct reading *r, const char *hash, const char *word, struct ruleset_text name)
{
	const char *s = ruleset_str(r->rs, name), *at = hash;

	if (!before(r->text, &at, " {", 2))
		return false;
	if (!before(r->text, &at, s, name.len) &&
		!(before(r->text, &at, "\"", 1) && before(r->text, &at, s, name.len) &&
			before(r->text, &at, "\"", 1)))
		return false;
	return before(r->text, &at, " ", 1) && before(r->text, &at, word, strlen(word)) &&
	       (at == r->text || at[-1] == '\n');
}

/* Takes ' comment "..."' off the end of a rule. */
static bool before_comment(const struct reading *r, const char **at, struct ruleset_text comment)
{
	const char *p = *at;

	if (!before(r->text, &p, "\"", 1) || !before(r->text, &p, ruleset_str(r->rs, comment), comment.len) ||
		!before(r->text, &p, "comment \"", 9))
		return false;
	*at = p;
	return true;
}

/* *begin: what is behind it belongs to this line, and cannot be another mark's. */
static bool fits(const struct reading *r, const struct mark *m, const struct line *line, bool strict,
	const char **begin)
{
	const struct ruleset *rs = r->rs;
	char word[16];

	*begin = line->hash;

	if (m->kind == RULE_TEXT_RULE) {
		const struct ruleset_rule *rule = &rs->rules[m->index];

		return rule->handle == line->handle && (!strict || !rule->comment.len || rule->xt_comment ||
							       before_comment(r, begin, rule->comment));
	}
	if (m->kind == RULE_TEXT_CHAIN)
		return rs->chains[m->index].handle == line->handle &&
		       is_header(r, line->hash, "\tchain", rs->chains[m->index].name);
	snprintf(word, sizeof(word), "table %s", family_word(rs->tables[m->index].family));
	return rs->tables[m->index].handle == line->handle &&
	       is_header(r, line->hash, word, rs->tables[m->index].name);
}

/* The first and the last way to find all marks in their order. False: there is none. */
static bool place(struct reading *r, bool strict)
{
	const char *from = r->text, *to, *begin;
	size_t m = 0;

	for (size_t i = 0; i < r->nlines && m < r->nmarks; i++) {
		if (!fits(r, &r->marks[m], &r->lines[i], strict, &begin) || begin < from)
			continue;
		r->marks[m++].earliest = i;
		from = r->lines[i].end;
	}
	if (m < r->nmarks)
		return false;
	to = r->nlines ? r->lines[r->nlines - 1].end : r->text;
	for (size_t i = r->nlines; i > 0 && m > 0; i--) {
		if (r->lines[i - 1].end > to || !fits(r, &r->marks[m - 1], &r->lines[i - 1], strict, &begin))
			continue;
		r->marks[--m].latest = i - 1;
		to = begin;
	}
	return m == 0;
}

static bool is_sure(const struct mark *m)
{
	return m->earliest == m->latest;
}

/* Behind the header of a chain: its comment, and its "type ... hook ..." line. NULL: not as expected. */
static const char *behind_declaration(
	const struct reading *r, const struct ruleset_chain *c, const char *p, const char *end)
{
	static const char comment[] = "\t\tcomment \"", type[] = "\t\ttype ";
	const char *nl;

	if (c->comment.len) {
		size_t len = sizeof(comment) - 1 + c->comment.len + 2;

		if ((size_t)(end - p) < len || memcmp(p, comment, sizeof(comment) - 1) != 0)
			return NULL;
		p += len;
	}
	if (c->facts & CHAIN_BASE) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl || (size_t)(nl - p) < sizeof(type) || memcmp(p, type, sizeof(type) - 1) != 0)
			return NULL;
		p = nl + 1;
	}
	return p;
}

/* The body of an inner chain: its rules are items of their own. */
static const char *behind_body(const char *p, const char *end)
{
	while (end > p && end[-1] != '}')
		end--;
	return end > p ? end - 1 : p;
}

/* One line of it: long sets are printed in several. */
static struct ruleset_text put_flat(struct ruleset *rs, const char *p, const char *end)
{
	struct strbuf flat = STRBUF_INIT;
	struct ruleset_text t = { 0 };

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n'))
		end--;
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *from = p;

		p = nl ? nl : end;
		strbuf_add(&flat, from, (size_t)(p - from));
		if (p < end && p[-1] == '{') {
			strbuf_puts(&flat, " ...");
			p = behind_body(p, end);
		}
		while (p < end && (*p == ' ' || *p == '\t' || *p == '\n'))
			p++;
		if (p < end && flat.len && flat.s[flat.len - 1] != ' ')
			strbuf_putc(&flat, ' ');
	}
	if (flat.failed)
		rs->error = -ENOMEM;
	else
		t = ruleset_put(rs, strbuf_str(&flat), flat.len);
	strbuf_fini(&flat);
	return t;
}

static void take(const struct reading *r, size_t at)
{
	const struct mark *m = &r->marks[at], *prev = m - 1; /* a rule is never the first */
	struct ruleset_rule *rule = &r->rs->rules[m->index];
	const char *start = r->lines[prev->latest].end, *end = r->lines[m->latest].hash;

	if (!is_sure(prev) || !is_sure(m))
		return;
	if (prev->kind == RULE_TEXT_CHAIN)
		start = behind_declaration(r, &r->rs->chains[m->chain], start, end);
	if (!start || start > end)
		return;
	if (rule->comment.len)
		before_comment(r, &end, rule->comment);
	if (start < end)
		rule->text = put_flat(r->rs, start, end);
}

int nft_text_match(struct ruleset *rs, const char *output, size_t len)
{
	struct reading r = { .rs = rs, .text = output };
	int err = find_lines(&r, output, len);

	if (!err)
		err = list_marks(&r);
	/* nft may show a comment in another way some day */
	if (!err && !place(&r, true) && !place(&r, false))
		err = -ENOENT;
	for (size_t i = 0; i < r.nmarks && !err; i++) {
		if (r.marks[i].kind == RULE_TEXT_RULE)
			take(&r, i);
	}
	rs->texts = !err;
	free(r.marks);
	free(r.lines);
	return err;
}
