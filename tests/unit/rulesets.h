/* SPDX-License-Identifier: GPL-2.0 */
/* Records of rulesets for the tests of the model, all of family inet; and the tree as one line. */
#ifndef SKBSCOPE_TESTS_UNIT_RULESETS_H
#define SKBSCOPE_TESTS_UNIT_RULESETS_H

#include <stdio.h>
#include <string.h>

#include "model/rules.h"

union rules_record {
	struct event_rule_text text;
	struct event_ruleset set;
	struct event_chain chain;
	struct event_rule rule;
	char bytes[RULE_TEXT_MAX];
};

static inline void begin(struct rules *r, uint32_t netns, uint32_t generation)
{
	struct event_ruleset set = { .ev = { .type = EVENT_RULESET, .netns = netns },
		.generation = generation,
		.what = RULESET_BEGIN,
		.texts = 1 };

	rules_apply(r, &set.ev, sizeof(set));
}

static inline void end(struct rules *r, uint32_t netns, uint32_t generation, int error)
{
	struct event_ruleset set = { .ev = { .type = EVENT_RULESET, .netns = netns },
		.generation = generation,
		.what = RULESET_END,
		.error = error };

	rules_apply(r, &set.ev, sizeof(set));
}

static inline union rules_record text_record(uint32_t netns, uint8_t kind, uint64_t table, uint64_t chain,
	uint64_t handle, const char *table_name, const char *chain_name, const char *text,
	const char *comment)
{
	union rules_record r = { .bytes = { 0 } };

	r.text.ev.type = EVENT_RULE_TEXT;
	r.text.ev.netns = netns;
	r.text.kind = kind;
	r.text.family = 1;
	r.text.hook = NF_NO_HOOK;
	r.text.table = table;
	r.text.chain = chain;
	r.text.handle = handle;
	r.text.table_len = (uint16_t)strlen(table_name);
	r.text.chain_len = (uint16_t)strlen(chain_name);
	r.text.text_len = (uint16_t)strlen(text);
	r.text.comment_len = (uint16_t)strlen(comment);
	snprintf(r.text.names, sizeof(r) - offsetof(struct event_rule_text, names), "%s%s%s%s", table_name,
		chain_name, text, comment);
	return r;
}

static inline void put_text_record(struct rules *r, const union rules_record *rec)
{
	rules_apply(r, &rec->text.ev,
		offsetof(struct event_rule_text, names) + rec->text.table_len + rec->text.chain_len +
			rec->text.text_len + rec->text.comment_len);
}

static inline void list_table(struct rules *r, uint32_t netns, uint64_t table, const char *name)
{
	union rules_record rec = text_record(netns, RULE_TEXT_TABLE, table, 0, 0, name, "", "", "");

	put_text_record(r, &rec);
}

/* With a hook: policy drop, priority -5. */
static inline void list_chain(
	struct rules *r, uint32_t netns, uint64_t table, uint64_t chain, const char *name, uint8_t hook)
{
	union rules_record rec = text_record(netns, RULE_TEXT_CHAIN, table, chain, 0, "", name, "", "");

	rec.text.hook = hook;
	rec.text.facts = hook == NF_NO_HOOK ? 0 : CHAIN_BASE;
	rec.text.policy = NF_DECIDED_DROP;
	rec.text.priority = -5;
	put_text_record(r, &rec);
}

static inline void list_rule(struct rules *r, uint32_t netns, uint64_t table, uint64_t chain, uint64_t handle,
	const char *text, const char *comment)
{
	union rules_record rec =
		text_record(netns, RULE_TEXT_RULE, table, chain, handle, "", "", text, comment);

	put_text_record(r, &rec);
}

static inline void meet(struct rules *r, uint32_t netns, uint64_t table, uint64_t chain, uint64_t handle,
	uint8_t decision, uint64_t packet)
{
	struct event_rule rule = {
		.ev = { .type = EVENT_RULE, .netns = netns, .packet = packet, .ts = packet * 10 },
		.table = table,
		.chain = chain,
		.handle = handle,
		.decision = decision,
		.family = 1
	};

	rules_apply(r, &rule.ev, sizeof(rule));
}

static inline void name_chain(struct rules *r, uint32_t netns, uint64_t table, uint64_t chain,
	const char *table_name, const char *name, uint8_t hook)
{
	struct event_chain_name record = { .ev = { .type = EVENT_CHAIN_NAME, .netns = netns },
		.table = table,
		.chain = chain,
		.family = 1,
		.hook = hook,
		.facts = CHAIN_BASE };

	snprintf(record.table_name, sizeof(record.table_name), "%s", table_name);
	snprintf(record.chain_name, sizeof(record.chain_name), "%s", name);
	rules_apply(r, &record.ev, sizeof(record));
}

static inline void hits(
	struct rules *r, uint32_t netns, uint64_t table, uint64_t handle, const uint64_t n[NF_DECISIONS])
{
	struct event_rule_hits record = {
		.ev = { .type = EVENT_RULE_HITS, .netns = netns }, .table = table, .handle = handle
	};

	memcpy(record.n, n, sizeof(record.n));
	rules_apply(r, &record.ev, sizeof(record));
}

/* "table chain #handle", those that are not listed in brackets; good until the next call. */
static inline const char *tree(const struct rules *r)
{
	static char line[1024];
	uint32_t no[64];
	size_t n = rules_tree(r, 0, no, 64), used = 0;

	line[0] = '\0';
	for (size_t i = 0; i < n && i < 64; i++) {
		const struct rules_item *item = rules_item(r, no[i]);
		bool listed = item->facts & RULES_LISTED;
		char handle[24];

		snprintf(handle, sizeof(handle), "#%llu", (unsigned long long)item->handle);
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s%s%s", i ? " " : "",
			listed ? "" : "(",
			item->kind == RULES_RULE ? handle
			: item->name[0]		 ? item->name
						 : "?",
			listed ? "" : ")");
	}
	return line;
}

#endif
