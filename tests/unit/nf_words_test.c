/* SPDX-License-Identifier: GPL-2.0 */
/* A rule and its verdict in a journey, long texts in a detail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tui/journey/nf_words.h"
#include "tui/ui.h"
#include "tui/widgets/facts.h"

#define NETNS 7

static void tell(struct store *store, unsigned int kind, uint64_t handle, const char *text)
{
	union {
		struct event_rule_text text;
		char room[sizeof(struct event_rule_text) + 256];
	} u = { .text = { .ev = { .type = EVENT_RULE_TEXT, .netns = NETNS },
			.table = 1,
			.chain = kind == RULE_TEXT_TABLE ? 0 : 2,
			.handle = handle,
			.kind = (uint8_t)kind,
			.family = 1,
			.hook = NF_NO_HOOK,
			.table_len = 3,
			.chain_len = kind == RULE_TEXT_TABLE ? 0 : 5,
			.text_len = (uint16_t)strlen(text) } };

	snprintf(u.text.names, 256, "lab%s%s", kind == RULE_TEXT_TABLE ? "" : "chain", text);
	store_add(store, &u.text.ev, sizeof(u.text) + 8 + strlen(text));
}

static void begin_or_end(struct store *store, enum ruleset_what what)
{
	struct event_ruleset set = { .ev = { .type = EVENT_RULESET, .netns = NETNS },
		.generation = 1,
		.what = (uint8_t)what,
		.texts = 1 };

	store_add(store, &set.ev, sizeof(set));
}

static const struct {
	const char *rule;
	unsigned int decision;
	const char *body, *verdict;
} rules[] = {
	{ "tcp dport 9999 counter drop", NF_DECIDED_DROP, "tcp dport 9999 counter", "✗ drop" },
	{ "drop", NF_DECIDED_DROP, "", "✗ drop" },
	{ "tcp dport 22 accept", NF_DECIDED_ACCEPT, "tcp dport 22", "accept" },
	/* what is no verdict though it reads like one */
	{ "log prefix \"drop \" accept", NF_DECIDED_ACCEPT, "log prefix \"drop \"", "accept" },
	{ "log prefix \"we drop\"", NF_DECIDED_DROP, "log prefix \"we drop\"", "✗ drop" },
	{ "meta mark set 0x1 ip daddr @droplist", NF_DECIDED_DROP, "meta mark set 0x1 ip daddr @droplist",
		"✗ drop" },
	{ "ct state vmap { new : jump a, invalid : drop }", NF_DECIDED_DROP,
		"ct state vmap { new : jump a, invalid : drop }", "✗ drop" },
	{ "tcp dport 22 jump ssh", NF_DECIDED_JUMP, "tcp dport 22", "→ jump ssh" },
	{ "goto rest", NF_DECIDED_GOTO, "", "→ goto rest" },
	{ "queue flags bypass to 3", NF_DECIDED_QUEUE, "", "queue flags bypass to 3" },
	{ "oifname \"wan\" masquerade", NF_DECIDED_ACCEPT, "oifname \"wan\" masquerade", "accept" },
	{ "counter", NF_DECIDED_NOT, "counter", "" },
	{ "limit rate 1/second accept", NF_DECIDED_BREAK, "limit rate 1/second accept", "break" },
	{ "", NF_DECIDED_DROP, "(text not known)", "✗ drop" },
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

static void a_rule_is_split_from_its_verdict(void **state)
{
	struct store *store = store_new(16 << 20);
	struct ui ui = { .store = store };
	struct hop hop = { .type = EVENT_RULE, .netns = NETNS };
	struct timeline tl = { .hop = &hop, .nhops = 1 };
	struct line line = { .kind = LINE_RULE, .old = TIMELINE_NONE };
	struct nf_text text;
	char lead[24];
	size_t i;

	begin_or_end(store, RULESET_BEGIN);
	tell(store, RULE_TEXT_TABLE, 0, "");
	tell(store, RULE_TEXT_CHAIN, 0, "");
	for (i = 0; i < RULES; i++)
		tell(store, RULE_TEXT_RULE, i + 10, rules[i].rule);
	begin_or_end(store, RULESET_END);
	for (i = 0; i < RULES; i++) {
		hop.no = rules_find(store_rules(store), NETNS, 1, i + 10);
		assert_int_not_equal(hop.no, 0);
		hop.nf.decision = (uint8_t)rules[i].decision;
		nf_text(&ui, &tl, &line, &text);
		snprintf(lead, sizeof(lead), "#%zu", i + 10);
		assert_string_equal(text.lead, lead);
		assert_string_equal(text.body, rules[i].body);
		assert_string_equal(text.verdict, rules[i].verdict);
		assert_int_equal(text.verdict_role == ROLE_DROP, rules[i].decision == NF_DECIDED_DROP);
	}
	/* one that was never told of, and one of no ruleset at all */
	hop.no = 0;
	nf_text(&ui, &tl, &line, &text);
	assert_string_equal(text.lead, "#?");
	assert_string_equal(text.body, "(rule not known)");
	hop.no = UINT32_MAX;
	nf_text(&ui, &tl, &line, &text);
	assert_string_equal(text.lead, "#?");
	store_free(store);
}

static void the_verdict_is_never_cut(void **state)
{
	struct nf_text text = {
		.lead = "#5", .body = "ip saddr 10.1.0.2 tcp dport 9999", .verdict = "✗ drop"
	};
	char buf[200];

	nf_join(&text, 100, buf, sizeof(buf));
	assert_string_equal(buf, "#5  ip saddr 10.1.0.2 tcp dport 9999 ✗ drop");
	nf_join(&text, 24, buf, sizeof(buf));
	assert_string_equal(buf, "#5  ip saddr 10.… ✗ drop");
	assert_int_equal(text_width(buf), 24);
}

static void long_texts_are_wrapped(void **state)
{
	static struct facts facts;
	char text[2000];

	facts_wrap(&facts, ROLE_TEXT, "rule", 20, 4, "ip saddr 10.1.0.2 tcp dport 9999 drop");
	assert_int_equal(facts.n, 2);
	assert_string_equal(facts.v[0].value, "ip saddr 10.1.0.2");
	assert_string_equal(facts.v[1].value, "tcp dport 9999 drop");
	assert_string_equal(facts.v[1].label, "");
	/* what cannot be wrapped is cut, and what needs more lines says so */
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	facts_clear(&facts);
	facts_wrap(&facts, ROLE_TEXT, "rule", 60, 3, text);
	assert_int_equal(facts.n, 3);
	assert_int_equal(text_width(facts.v[1].value), 59);
	assert_string_equal(facts.v[2].value + 59, "…");
	facts_clear(&facts);
	facts_wrap(&facts, ROLE_TEXT, "rule", 20, 3, "");
	assert_int_equal(facts.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_split_from_its_verdict),
		cmocka_unit_test(the_verdict_is_never_cut),
		cmocka_unit_test(long_texts_are_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
