/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "model/rules.h"
#include "unit/rulesets.h"

static void test_words(void **state)
{
	assert_string_equal(rules_family(1), "inet");
	assert_string_equal(rules_family(2), "ip");
	assert_string_equal(rules_family(10), "ip6");
	assert_string_equal(rules_family(5), "netdev");
	assert_string_equal(rules_family(200), "?");
	assert_string_equal(rules_pf(2), "ipv4");
	assert_string_equal(rules_pf(7), "bridge");
	assert_string_equal(rules_hook(1, 2), "forward");
	assert_string_equal(rules_hook(3, 1), "output");
	assert_string_equal(rules_hook(5, 1), "egress");
	assert_string_equal(rules_hook(7, 5), "brouting");
	assert_string_equal(rules_hook(2, NF_NO_HOOK), "");
	assert_string_equal(rules_hook(2, 9), "?");
	assert_string_equal(rules_decision(NF_DECIDED_NOT), "continue");
	assert_string_equal(rules_decision(NF_DECIDED_BREAK), "break");
	assert_string_equal(rules_decision(77), "?");
}

static void lab(struct rules *r, uint32_t generation)
{
	begin(r, 7, generation);
	list_table(r, 7, 3, "lab");
	list_chain(r, 7, 3, 1, "forwarding", 2);
	list_rule(r, 7, 3, 1, 5, "ip saddr 10.1.0.2 tcp dport 9999 counter drop", "for the lab");
	list_rule(r, 7, 3, 1, 4, "counter", "");
	list_chain(r, 7, 3, 2, "help", NF_NO_HOOK);
}

static void test_reading(void **state)
{
	struct rules *r = rules_new(100, 100000);
	struct rules_netns netns[2];
	const struct rules_item *item;
	uint32_t generation, no;
	char line[128];

	assert_string_equal(tree(r), "");
	generation = rules_generation(r);
	lab(r, 1);
	assert_string_equal(tree(r), ""); /* half a ruleset is not shown */
	end(r, 7, 1, 0);
	assert_string_equal(tree(r), "lab forwarding #5 #4 help");
	assert_int_not_equal(rules_generation(r), generation);
	no = rules_find(r, 7, 3, 5);
	item = rules_item(r, no);
	assert_non_null(item);
	assert_int_equal(item->kind, RULES_RULE);
	assert_string_equal(item->comment, "for the lab");
	assert_int_equal(item->facts, RULES_LISTED);
	assert_int_equal(item->parent, rules_find(r, 7, 3, 1));
	assert_string_equal(rules_line(r, no, line, sizeof(line)),
		"inet lab forwarding #5  ip saddr 10.1.0.2 tcp dport 9999 counter drop");
	assert_string_equal(rules_line(r, item->parent, line, sizeof(line)), "inet lab forwarding");
	assert_string_equal(rules_line(r, no, line, 12), "inet lab fo");
	assert_string_equal(rules_line(r, 99, line, sizeof(line)), "");
	item = rules_item(r, item->parent);
	assert_int_equal(item->hook, 2);
	assert_int_equal(item->policy, NF_DECIDED_DROP);
	assert_int_equal(item->priority, -5);
	assert_int_equal(item->facts, RULES_LISTED | RULES_BASE);
	assert_int_equal(rules_item(r, rules_find(r, 7, 3, 0))->kind, RULES_TABLE);
	assert_int_equal(rules_find(r, 8, 3, 5), 0);
	assert_int_equal(rules_namespaces(r, netns, 2), 1);
	assert_int_equal(netns[0].netns, 7);
	assert_true(netns[0].known && netns[0].texts);
	assert_int_equal(netns[0].tables, 1);
	assert_int_equal(netns[0].chains, 2);
	assert_int_equal(netns[0].rules, 2);
	rules_free(r);
	rules_free(NULL);
}

/* Rules are replaced: what is not listed any more stays, last and gone; numbers are not given again. */
static void test_replaced(void **state)
{
	struct rules *r = rules_new(100, 100000);
	uint32_t no, other;

	lab(r, 1);
	end(r, 7, 1, 0);
	no = rules_find(r, 7, 3, 5);
	other = rules_find(r, 7, 3, 4);
	begin(r, 7, 2);
	list_table(r, 7, 3, "lab");
	list_chain(r, 7, 3, 1, "forwarding", 2);
	list_rule(r, 7, 3, 1, 9, "accept", "");
	list_rule(r, 7, 3, 1, 4, "counter", "");
	assert_string_equal(tree(r), "lab forwarding #5 #4 help");
	assert_true(rules_item(r, no)->facts & RULES_LISTED);
	end(r, 7, 2, 0);
	assert_string_equal(tree(r), "lab forwarding #9 #4 (#5) (help)");
	assert_string_equal(rules_item(r, no)->comment, "for the lab");
	assert_int_equal(rules_find(r, 7, 3, 4), other);
	/* not all could be read: nothing is gone by that */
	begin(r, 7, 3);
	list_table(r, 7, 3, "lab");
	end(r, 7, 3, -5);
	assert_string_equal(tree(r), "lab forwarding #9 #4 (#5) (help)");
	/* the end of another reading */
	begin(r, 7, 4);
	end(r, 7, 5, 0);
	assert_string_equal(tree(r), "lab forwarding #9 #4 (#5) (help)");
	end(r, 7, 4, 0); /* that one is over: nobody knows what was in it */
	assert_string_equal(tree(r), "lab forwarding #9 #4 (#5) (help)");
	begin(r, 7, 6);
	end(r, 7, 6, 0);
	assert_string_equal(tree(r), "(lab) (help) (forwarding) (#5) (#9) (#4)"); /* as they went */
	rules_free(r);
}

static void test_met(void **state)
{
	struct rules *r = rules_new(100, 100000);
	uint64_t packets[4] = { 0 };
	const struct rules_item *item;
	uint32_t no;

	meet(r, 7, 3, 1, 5, NF_DECIDED_DROP, 1000);
	meet(r, 7, 3, 1, 5, NF_DECIDED_DROP, 1001);
	meet(r, 7, 3, 1, 5, NF_DECIDED_DROP, 1000);
	assert_string_equal(tree(r), "(?) (?) (#5)");
	no = rules_find(r, 7, 3, 5);
	item = rules_item(r, no);
	assert_int_equal(item->facts, RULES_MET);
	assert_int_equal(item->last, 1001 * 10);
	assert_int_equal(rules_recent(r, no, packets, 4), 2);
	assert_int_equal(packets[0], 1001);
	assert_int_equal(packets[1], 1000);
	name_chain(r, 7, 3, 1, "lab", "forwarding", 2);
	assert_string_equal(tree(r), "(lab) (forwarding) (#5)");
	assert_int_equal(rules_item(r, item->parent)->facts, RULES_BASE);
	lab(r, 1);
	/* met while it is read */
	meet(r, 7, 3, 1, 4, NF_DECIDED_NOT, 1002);
	assert_string_equal(tree(r), "(lab) (forwarding) (#5)");
	end(r, 7, 1, 0);
	assert_string_equal(tree(r), "lab forwarding #5 #4 help");
	assert_int_equal(rules_find(r, 7, 3, 5), no);
	for (uint64_t packet = 1; packet <= 1000; packet++)
		meet(r, 7, 3, 1, 5, NF_DECIDED_DROP, packet);
	for (size_t i = 0; i < 300; i++) {
		uint64_t many[300];

		assert_int_equal(rules_recent(r, no, many, 300), RULES_RECENT);
		assert_int_equal(many[0], 1000);
		assert_int_equal(many[255], 745);
	}
	assert_int_equal(rules_recent(r, 99999, packets, 4), 0);
	rules_free(r);
}

static void test_hits(void **state)
{
	struct rules *r = rules_new(100, 100000);
	const struct rules_item *item;
	uint64_t rule[NF_DECISIONS] = { [NF_DECIDED_DROP] = 7, [NF_DECIDED_BREAK] = 2 };
	uint64_t chain[NF_DECISIONS] = { [NF_DECIDED_NOT] = 12, [NF_DECIDED_DROP] = 3 };

	/* before anybody knows what that is */
	hits(r, 7, 3, 5, rule);
	lab(r, 1);
	hits(r, 7, 3, 1, chain);
	end(r, 7, 1, 0);
	item = rules_item(r, rules_find(r, 7, 3, 5));
	assert_int_equal(item->hits, 9);
	assert_int_equal(item->n[NF_DECIDED_BREAK], 2);
	item = rules_item(r, rules_find(r, 7, 3, 1));
	assert_int_equal(item->hits, 12);
	assert_int_equal(item->n[NF_DECIDED_DROP], 3);
	rules_tick(r, 1000000000);
	rule[NF_DECIDED_DROP] += 1000;
	for (uint64_t s = 2; s < 40; s++) {
		rule[NF_DECIDED_DROP] += 100;
		hits(r, 7, 3, 5, rule);
		rules_tick(r, s * 1000000000);
	}
	item = rules_item(r, rules_find(r, 7, 3, 5));
	assert_true(item->rate > 99 && item->rate < 101);
	for (uint64_t s = 40; s < 90; s++)
		rules_tick(r, s * 1000000000);
	assert_true(item->rate == 0);
	rules_free(r);
}

static void test_legacy(void **state)
{
	struct rules *r = rules_new(100, 100000);
	union rules_record rec = { .chain = { .ev = { .type = EVENT_CHAIN, .netns = 7, .packet = 1, .ts = 5 },
					   .table = 0xffff888000000000u,
					   .chain = 1,
					   .facts = CHAIN_LEGACY | CHAIN_BASE,
					   .family = 2,
					   .hook = 0 } };

	rules_apply(r, &rec.chain.ev, sizeof(rec.chain));
	/* the first rule of the first chain has the chain's own number */
	meet(r, 7, 0xffff888000000000u, 1, 1, NF_DECIDED_ACCEPT, 1);
	assert_string_equal(tree(r), "(?) (?) (#1)");
	assert_int_equal(rules_item(r, rules_find(r, 7, 0xffff888000000000u, 1))->kind, RULES_RULE);
	assert_int_equal(rules_item(r, rules_find_chain(r, 7, 0xffff888000000000u, 1))->facts,
		RULES_LEGACY | RULES_BASE | RULES_MET);
	assert_int_equal(
		rules_item(r, rules_find(r, 7, 0xffff888000000000u, 1))->facts, RULES_LEGACY | RULES_MET);
	rules_free(r);
}

static void list_place(struct rules *r, uint64_t handle, const char *text)
{
	union rules_record rec = text_record(7, RULE_TEXT_RULE, 3, 18, handle, "", "", text, "");

	rec.text.facts = CHAIN_LEGACY;
	put_text_record(r, &rec);
}

static void legacy_table_with(struct rules *r, uint32_t generation, const char *const *texts)
{
	union rules_record rec = text_record(7, RULE_TEXT_TABLE, 3, 0, 0, "filter", "", "", "");

	begin(r, 7, generation);
	rec.text.facts = CHAIN_LEGACY;
	put_text_record(r, &rec);
	rec = text_record(7, RULE_TEXT_CHAIN, 3, 18, 0, "", "FORWARD", "", "");
	rec.text.facts = CHAIN_LEGACY | CHAIN_BASE;
	rec.text.hook = 2;
	put_text_record(r, &rec);
	for (uint64_t i = 0; texts[i]; i++)
		list_place(r, 1 + 8 * i, texts[i]);
	end(r, 7, generation, 0);
}

static void is_met(const struct rules *r, uint64_t handle, bool met)
{
	const struct rules_item *item = rules_item(r, rules_find(r, 7, 3, handle));

	assert_non_null(item);
	assert_int_equal(!!(item->facts & RULES_MET), met);
}

/* Handles are places: a rule that goes away moves those behind it, with their hits. */
static void test_legacy_places(void **state)
{
	static const char *const three[] = { "a", "b", "c", NULL }, *const two[] = { "a", "c", NULL };
	uint64_t drops[NF_DECISIONS] = { [NF_DECIDED_DROP] = 4 }, none[NF_DECISIONS] = { 0 };
	struct rules *r = rules_new(100, 100000);

	legacy_table_with(r, 1, three);
	assert_string_equal(tree(r), "filter FORWARD #1 #9 #17");
	assert_true(rules_item(r, rules_find(r, 7, 3, 0))->facts & RULES_LEGACY);
	is_met(r, 18, false);
	hits(r, 7, 3, 9, drops);
	is_met(r, 9, true);
	is_met(r, 17, false);
	is_met(r, 18, true); /* who hit its rule was there */
	legacy_table_with(r, 2, two);
	assert_string_equal(tree(r), "filter FORWARD #1 #9");
	assert_int_equal(rules_find(r, 7, 3, 17), 0);
	hits(r, 7, 3, 9, none);
	assert_int_equal(rules_item(r, rules_find(r, 7, 3, 9))->hits, 0);
	is_met(r, 9, false);
	/* one that a journey names stays */
	meet(r, 7, 3, 18, 1, NF_DECIDED_DROP, 5);
	legacy_table_with(r, 3, two + 2);
	assert_string_equal(tree(r), "filter FORWARD (#1)");
	/* what only the policy decided: entered nobody knows how often, but it was */
	hits(r, 7, 3, 18, drops);
	assert_int_equal(rules_item(r, rules_find(r, 7, 3, 18))->hits, 0);
	assert_int_equal(rules_item(r, rules_find(r, 7, 3, 18))->n[NF_DECIDED_DROP], 4);
	is_met(r, 18, true);
	begin(r, 7, 4);
	end(r, 7, 4, 0);
	assert_string_equal(tree(r), "(filter) (FORWARD) (#1)");
	rules_free(r);
}

/* A rule goes where it is now, with its number, hits and packets; one that is replaced is another. */
static void test_legacy_rules_move(void **state)
{
	static const char *const before[] = { "a", "b", "c", NULL };
	static const char *const after[] = { "new", "a", "b", "other", NULL };
	static const char *const more[] = { "new", "new", "a", "b", "other", NULL };
	uint64_t drops[NF_DECISIONS] = { [NF_DECIDED_DROP] = 4 };
	struct rules *r = rules_new(100, 100000);
	uint32_t a, b, last;
	uint64_t packet;

	legacy_table_with(r, 1, before);
	a = rules_find(r, 7, 3, 1);
	b = rules_find(r, 7, 3, 9);
	last = rules_find(r, 7, 3, 17);
	hits(r, 7, 3, 1, drops);
	meet(r, 7, 3, 18, 17, NF_DECIDED_DROP, 5);
	legacy_table_with(r, 2, after);
	assert_string_equal(tree(r), "filter FORWARD #1 #9 #17 #25 (#17)");
	assert_int_equal(rules_find(r, 7, 3, 9), a);
	assert_int_equal(rules_find(r, 7, 3, 17), b);
	assert_int_equal(rules_item(r, a)->hits, 4);
	assert_string_equal(rules_item(r, a)->name, "a");
	assert_int_equal(rules_item(r, rules_find(r, 7, 3, 1))->hits, 0);
	assert_string_equal(rules_item(r, rules_find(r, 7, 3, 25))->name, "other");
	/* the last one is gone, and what it dropped says so */
	assert_string_equal(rules_item(r, last)->name, "c");
	assert_int_equal(rules_recent(r, last, &packet, 1), 1);
	/* met at its new place, before that is read, and what it had counted told there */
	meet(r, 7, 3, 18, 33, NF_DECIDED_DROP, 6);
	hits(r, 7, 3, 33, drops);
	packet = rules_find(r, 7, 3, 33);
	legacy_table_with(r, 3, more);
	assert_int_equal(rules_item(r, rules_find(r, 7, 3, 33))->hits, 4);
	assert_int_equal(rules_item(r, (uint32_t)packet)->hits, 0);
	assert_string_equal(rules_item(r, (uint32_t)packet)->name, "other");
	assert_int_equal(rules_find(r, 7, 3, 17), a);
	assert_int_equal(rules_item(r, a)->hits, 4);
	assert_true(rules_item(r, rules_find(r, 7, 3, 33))->facts & RULES_MET);
	assert_string_equal(tree(r), "filter FORWARD #1 #9 #17 #25 #33 (#33) (#17)");
	legacy_table_with(r, 4, before);
	assert_string_equal(tree(r), "filter FORWARD #1 #9 #17 (#33)");
	assert_int_equal(rules_find(r, 7, 3, 1), a);
	assert_int_equal(rules_find(r, 7, 3, 17), last);
	rules_free(r);
}

static void list_legacy_chain(
	struct rules *r, uint64_t chain, const char *name, uint64_t handle, const char *text)
{
	union rules_record rec = text_record(7, RULE_TEXT_CHAIN, 3, chain, 0, "filter", name, "", "");

	rec.text.facts = CHAIN_LEGACY;
	put_text_record(r, &rec);
	rec = text_record(7, RULE_TEXT_RULE, 3, chain, handle, "", "", text, "");
	rec.text.facts = CHAIN_LEGACY;
	put_text_record(r, &rec);
}

/* The same of chains of the user, which are numbered by their names; and of rules that change their chain. */
static void test_legacy_chains_move(void **state)
{
	struct rules *r = rules_new(100, 100000);
	uint32_t chain, rule;

	begin(r, 7, 1);
	list_legacy_chain(r, 66, "mine", 1, "a");
	end(r, 7, 1, 0);
	chain = rules_find_chain(r, 7, 3, 66);
	rule = rules_find(r, 7, 3, 1);
	/* met at a place that nobody has read, said to be of the first chain */
	meet(r, 7, 3, 66, 9, NF_DECIDED_DROP, 5);
	begin(r, 7, 2);
	list_legacy_chain(r, 66, "ahead", 1, "b");
	list_legacy_chain(r, 74, "mine", 17, "a");
	list_legacy_chain(r, 82, "theirs", 9, "c");
	end(r, 7, 2, 0);
	assert_string_equal(tree(r), "filter ahead #1 mine #17 theirs #9");
	assert_int_equal(rules_find_chain(r, 7, 3, 74), chain);
	assert_int_equal(rules_find(r, 7, 3, 17), rule);
	assert_int_equal(rules_item(r, rules_find(r, 7, 3, 9))->parent, rules_find_chain(r, 7, 3, 82));
	assert_true(rules_item(r, rules_find(r, 7, 3, 9))->last > 0);
	rules_free(r);
}

static void test_hostile(void **state)
{
	struct rules *r = rules_new(100, 100000);
	char long_name[256], line[600];
	union rules_record rec;

	memset(long_name, 'x', 255);
	long_name[255] = '\0';
	begin(r, 7, 1);
	list_table(r, 7, 1, "a\x1b]0;evil\x07");
	list_chain(r, 7, 1, 1, long_name, 2);
	list_rule(r, 7, 1, 1, 2, "comment \"\x1b[2J\n\xc0\xaf\"", "\xe2\x80\xae\xff\x9b");
	end(r, 7, 1, 0);
	rules_line(r, rules_find(r, 7, 1, 2), line, sizeof(line));
	assert_memory_equal(line, "inet a?]0;evil? xxx", 19);
	assert_string_equal(line + strlen(line) - 19, "  comment \"?[2J???\"");
	assert_string_equal(rules_item(r, rules_find(r, 7, 1, 2))->comment, "???");
	/* lengths that are not in the record */
	rec = text_record(7, RULE_TEXT_RULE, 1, 1, 3, "t", "c", "rule", "note");
	rec.text.table_len = rec.text.chain_len = rec.text.text_len = rec.text.comment_len = 65535;
	for (size_t size = 0; size <= offsetof(struct event_rule_text, names) + 10; size++)
		rules_apply(r, &rec.text.ev, size);
	rec = text_record(7, 99, 1, 1, 3, "t", "c", "rule", "note");
	rules_apply(r, &rec.text.ev, sizeof(rec));
	rec = text_record(7, RULE_TEXT_RULE, 1, 1, 0, "t", "c", "rule", "note");
	rules_apply(r, &rec.text.ev, sizeof(rec));
	assert_int_equal(rules_find(r, 7, 1, 0), 1);
	rules_free(r);
}

/* Those that went longest ago make room; what is there does not. */
static void test_bounded(void **state)
{
	struct rules *r = rules_new(20, 100000);
	uint32_t no;

	lab(r, 1);
	end(r, 7, 1, 0);
	no = rules_find(r, 7, 3, 5);
	for (uint64_t handle = 100; handle < 1000; handle++)
		meet(r, 8, 1, 50, handle, NF_DECIDED_NOT, 1);
	assert_int_equal(rules_lost(r), 0);
	assert_int_equal(rules_find(r, 7, 3, 5), no);
	assert_int_equal(rules_find(r, 8, 1, 900), 0);
	assert_int_not_equal(rules_find(r, 8, 1, 999), 0);
	assert_int_equal(rules_item(r, rules_find(r, 8, 1, 999))->no, 5 + 2 + 900);
	assert_null(rules_item(r, 5 + 2 + 1));
	begin(r, 9, 1);
	list_table(r, 9, 1, "many");
	list_chain(r, 9, 1, 1, "rules", 2);
	for (uint64_t handle = 2; handle < 100; handle++)
		list_rule(r, 9, 1, 1, handle, "accept", "");
	end(r, 9, 1, 0);
	begin(r, 9, 2);
	for (uint64_t handle = 2; handle < 100; handle++)
		list_rule(r, 9, 1, 1, handle, "accept", "");
	end(r, 9, 2, 0);
	assert_true(rules_lost(r) > 0);
	assert_int_equal(rules_find(r, 7, 3, 5), no);
	rules_free(r);
}

static void test_text_bounded(void **state)
{
	struct rules *r = rules_new(1000, 5000);
	char text[101];

	memset(text, 'y', 100);
	text[100] = '\0';
	begin(r, 7, 1);
	list_table(r, 7, 1, "t");
	list_chain(r, 7, 1, 1, "c", 2);
	for (uint64_t handle = 2; handle < 102; handle++)
		list_rule(r, 7, 1, 1, handle, text, "");
	end(r, 7, 1, 0);
	assert_int_equal(rules_lost(r), 0);
	assert_true(rules_lost_texts(r) > 0 || rules_find(r, 7, 1, 2) == 0);
	assert_true(rules_bytes(r) <= rules_bytes_max(1000, 5000));
	rules_free(r);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* 10,000 rules that are read again and again: a second a reading would be a fault, sanitizers or not. */
static void test_many(void **state)
{
	struct rules *r = rules_new(32768, 4 << 20);
	static uint32_t no[20000];
	uint64_t start = now();
	char text[64];

	for (uint32_t generation = 1; generation <= 5; generation++) {
		begin(r, 7, generation);
		list_table(r, 7, 1, "t");
		list_chain(r, 7, 1, 1, "c", 2);
		for (uint64_t handle = 2; handle < 10002; handle++) {
			snprintf(text, sizeof(text), "tcp dport %u counter accept", (unsigned)handle);
			list_rule(r, 7, 1, 1, handle, text, "");
		}
		end(r, 7, generation, 0);
	}
	assert_int_equal(rules_tree(r, 0, no, 20000), 10002);
	assert_int_equal(rules_item(r, no[10001])->handle, 10001);
	assert_int_equal(rules_tree(r, 10001, no, 20000), 10002);
	assert_int_equal(rules_item(r, no[0])->handle, 10001);
	assert_int_equal(rules_lost(r) + rules_lost_texts(r), 0);
	assert_true(now() - start < 5000000000u);
	rules_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_met),
		cmocka_unit_test(test_hits),
		cmocka_unit_test(test_legacy),
		cmocka_unit_test(test_legacy_places),
		cmocka_unit_test(test_legacy_rules_move),
		cmocka_unit_test(test_legacy_chains_move),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_text_bounded),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
