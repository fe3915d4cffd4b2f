/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <linux/netfilter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../bpf/event.h"
#include "trace/netfilter/nft_text.h"

static void table(struct ruleset *rs, uint8_t family, const char *name, uint64_t handle)
{
	struct ruleset_table *t = ruleset_add_table(rs);

	t->family = family;
	t->handle = handle;
	t->name = ruleset_put(rs, name, strlen(name));
}

static size_t chain(struct ruleset *rs, const char *name, uint64_t handle, uint8_t facts)
{
	struct ruleset_chain *c = ruleset_add_chain(rs);

	c->handle = handle;
	c->facts = facts;
	c->name = ruleset_put(rs, name, strlen(name));
	return rs->nchains - 1;
}

static void rule(struct ruleset *rs, size_t chain, uint64_t handle, const char *comment)
{
	struct ruleset_rule *r = ruleset_add_rule(rs, chain);

	r->handle = handle;
	r->comment = ruleset_put(rs, comment, strlen(comment));
}

/* An exact copy: a read beyond its end is found. */
static int match(struct ruleset *rs, const char *text)
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);
	int err;

	memcpy(exact, text, len);
	err = nft_text_match(rs, exact, len);
	free(exact);
	return err;
}

static void is(const struct ruleset *rs, size_t at, const char *want)
{
	char got[512];

	snprintf(got, sizeof(got), "%.*s", (int)rs->rules[at].text.len, ruleset_str(rs, rs->rules[at].text));
	assert_string_equal(got, want);
}

/* Two tables, a chain at a hook and one at none. */
static void usual(struct ruleset *rs)
{
	size_t c;

	table(rs, NFPROTO_INET, "lab", 1);
	c = chain(rs, "forwarding", 1, CHAIN_BASE);
	rule(rs, c, 3, "");
	rule(rs, c, 5, "why # handle 3");
	rule(rs, c, 9, "");
	c = chain(rs, "other", 2, 0);
	rule(rs, c, 7, "");
	table(rs, NFPROTO_IPV4, "lab", 2);
	c = chain(rs, "forwarding", 1, 0);
	rule(rs, c, 3, "");
}

static const char usual_text[] = "table inet lab { # handle 1\n"
				 "\tset s { # handle 5\n"
				 "\t\ttype ipv4_addr\n"
				 "\t}\n"
				 "\n"
				 "\tchain forwarding { # handle 1\n"
				 "\t\ttype filter hook forward priority filter; policy accept;\n"
				 "\t\tct state established accept # handle 3\n"
				 "\t\ttcp dport 2 drop comment \"why # handle 3\" # handle 5\n"
				 "\t\ttcp dport { 1, 2,\n"
				 "\t\t\t     3 } counter # handle 9\n"
				 "\t}\n"
				 "\n"
				 "\tchain other { # handle 2\n"
				 "\t\ticmp type echo-request drop # handle 7\n"
				 "\t}\n"
				 "}\n"
				 "table ip lab { # handle 2\n"
				 "\tchain forwarding { # handle 1\n"
				 "\t\taccept # handle 3\n"
				 "\t}\n"
				 "}\n";

static void test_each_rule_has_its_text(void **state)
{
	struct ruleset rs = { 0 };

	usual(&rs);
	assert_int_equal(match(&rs, usual_text), 0);
	assert_true(rs.texts);
	is(&rs, 0, "ct state established accept");
	is(&rs, 1, "tcp dport 2 drop");
	is(&rs, 2, "tcp dport { 1, 2, 3 } counter");
	is(&rs, 3, "icmp type echo-request drop");
	is(&rs, 4, "accept");
	ruleset_fini(&rs);
}

/* Cut anywhere: what is found is right, or nothing is. */
static void test_every_cut(void **state)
{
	for (size_t len = 0; len < sizeof(usual_text) - 1; len++) {
		struct ruleset rs = { 0 };
		char cut[sizeof(usual_text)];
		int err;

		memcpy(cut, usual_text, len);
		cut[len] = '\0';
		usual(&rs);
		err = match(&rs, cut);
		if (!err) {
			is(&rs, 0, "ct state established accept");
			is(&rs, 4, "accept");
		} else {
			assert_int_equal(err, -ENOENT);
			assert_false(rs.texts);
			for (size_t i = 0; i < rs.nrules; i++)
				is(&rs, i, "");
		}
		ruleset_fini(&rs);
	}
}

static void test_another_ruleset(void **state)
{
	struct ruleset rs = { 0 };

	usual(&rs);
	rule(&rs, 2, 4, ""); /* added since the text was made */
	assert_int_equal(match(&rs, usual_text), -ENOENT);
	assert_false(rs.texts);
	is(&rs, 0, "");
	ruleset_fini(&rs);
}

/* A comment is known: what it looks like does not matter. */
static void test_comments_that_look_like_rules(void **state)
{
	static const char evil[] =
		"a # handle 1\n\t\taccept # handle 2\n\t}\n\tchain c { # handle 9\n # handle 3\n";
	struct ruleset rs = { 0 };
	char text[1024];
	size_t c;

	table(&rs, NFPROTO_IPV4, "t", 4);
	c = chain(&rs, "c", 9, 0);
	rule(&rs, c, 1, "");
	rule(&rs, c, 2, evil);
	rule(&rs, c, 3, "");
	snprintf(text, sizeof(text),
		"table ip t { # handle 4\n\tchain c { # handle 9\n\t\ttcp dport 1 drop # handle 1\n"
		"\t\ttcp dport 2 drop comment \"%s\" # handle 2\n\t\ttcp dport 3 drop # handle 3\n\t}\n}\n",
		evil);
	assert_int_equal(match(&rs, text), 0);
	is(&rs, 0, "tcp dport 1 drop");
	is(&rs, 1, "tcp dport 2 drop");
	is(&rs, 2, "tcp dport 3 drop");
	ruleset_fini(&rs);
}

/* Other strings are not known: the rules that could be meant have no text, none has a wrong one. */
static void test_strings_that_look_like_rules(void **state)
{
	struct ruleset rs = { 0 };
	size_t c;

	table(&rs, NFPROTO_IPV4, "t", 4);
	c = chain(&rs, "c", 9, 0);
	for (uint64_t handle = 1; handle <= 5; handle++)
		rule(&rs, c, handle, "");
	assert_int_equal(match(&rs, "table ip t { # handle 4\n"
				    "\tchain c { # handle 9\n"
				    "\t\ttcp dport 1 drop # handle 1\n"
				    "\t\ttcp dport 2 drop # handle 2\n"
				    "\t\tlog prefix \"x # handle 3\n"
				    "\t\taccept # handle 4\n"
				    "\" # handle 3\n"
				    "\t\ttcp dport 4 drop # handle 4\n"
				    "\t\ttcp dport 5 drop # handle 5\n"
				    "\t}\n}\n"),
		0);
	is(&rs, 0, "tcp dport 1 drop");
	is(&rs, 1, "tcp dport 2 drop");
	is(&rs, 2, "");
	is(&rs, 3, "");
	is(&rs, 4, "");
	ruleset_fini(&rs);
}

/* Names of tables and chains may hold anything, too. */
static void test_names_that_look_like_rules(void **state)
{
	static const char evil[] = "c { # handle 9\n\t\taccept # handle 1\n\t}\n}\ntable ip t";
	struct ruleset rs = { 0 };
	char text[1024];
	size_t c;

	table(&rs, NFPROTO_IPV4, evil, 4);
	c = chain(&rs, evil, 9, 0);
	rule(&rs, c, 1, "");
	snprintf(text, sizeof(text),
		"table ip %s { # handle 4\n\tchain %s { # handle 9\n\t\ttcp dport 1 drop # handle "
		"1\n\t}\n}\n",
		evil, evil);
	assert_int_equal(match(&rs, text), 0);
	/* the end that the name pretends is before the chain's begin */
	is(&rs, 0, "tcp dport 1 drop");
	ruleset_fini(&rs);
}

static void test_inner_chains(void **state)
{
	struct ruleset rs = { 0 };
	size_t c, inner;

	table(&rs, NFPROTO_IPV4, "t", 1);
	c = chain(&rs, "c", 1, CHAIN_BASE);
	rs.chains[c].comment = ruleset_put(&rs, "why", 3);
	rule(&rs, c, 5, "");
	rule(&rs, c, 6, "");
	inner = chain(&rs, "__chain0", 2, 0);
	rs.chains[inner].inner = true;
	rule(&rs, inner, 3, "");
	assert_int_equal(match(&rs, "table ip t { # handle 1\n"
				    "\tchain c { # handle 1\n"
				    "\t\tcomment \"why\"\n"
				    "\t\ttype filter hook input priority filter; policy accept;\n"
				    "\t\tip saddr 1.2.3.4 jump {\n"
				    "\t\t\tcounter # handle 3\n"
				    "\t\t} # handle 5\n"
				    "\t\taccept # handle 6\n"
				    "\t}\n}\n"),
		0);
	is(&rs, 0, "ip saddr 1.2.3.4 jump { ... }");
	is(&rs, 1, "accept");
	is(&rs, 2, "");
	ruleset_fini(&rs);
}

static void test_what_is_no_handle(void **state)
{
	static const char *const texts[] = { "", "\n", "table ip t { # handle \n",
		"table ip t { # handle 1x\n", " # handle 99999999999999999999999\n",
		"table ip t { # handle 1", "# handle 1\n",
		"table ip t { # handle 1\n\tchain c { # handle 2\n # handle 3\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ruleset rs = { 0 };

		table(&rs, NFPROTO_IPV4, "t", 1);
		chain(&rs, "c", 2, CHAIN_BASE);
		rule(&rs, 0, 3, "");
		match(&rs, texts[i]);
		is(&rs, 0, "");
		ruleset_fini(&rs);
	}
}

static size_t records;
static bool ended;

static void count(void *ctx, const void *record, size_t size)
{
	const struct event *ev = record;
	const struct event_rule_text *t = record;

	assert_true(((uintptr_t)record & 7) == 0);
	assert_false(ended);
	assert_in_range(size, sizeof(*ev), RULE_TEXT_MAX);
	assert_int_equal(ev->netns, 77);
	records++;
	if (ev->type == EVENT_RULESET) {
		assert_int_equal(size, sizeof(struct event_ruleset));
		ended = ((const struct event_ruleset *)record)->what == RULESET_END;
		return;
	}
	assert_int_equal(ev->type, EVENT_RULE_TEXT);
	assert_int_equal(size, sizeof(*t) + t->table_len + t->chain_len + t->text_len + t->comment_len);
}

static void test_records_are_whole(void **state)
{
	struct strbuf out = STRBUF_INIT;
	static char huge[20000];
	struct ruleset rs = { 0 };
	uint64_t before;

	usual(&rs);
	memset(huge, 'x', sizeof(huge));
	before = ruleset_hash(&rs);
	rs.tables[0].name = ruleset_put(&rs, huge, sizeof(huge));
	rs.chains[0].name = ruleset_put(&rs, huge, sizeof(huge));
	rs.rules[0].comment = ruleset_put(&rs, huge, sizeof(huge));
	rs.rules[0].text = ruleset_put(&rs, huge, sizeof(huge));
	assert_true(before != ruleset_hash(&rs));
	ruleset_records(&rs, NULL, 77, &out);
	assert_false(out.failed);
	records = 0;
	ended = false;
	ruleset_each_record(out.s, out.len, count, NULL);
	assert_true(ended);
	assert_int_equal(records, 2 + 2 + 3 + 5);
	strbuf_fini(&out);
	ruleset_fini(&rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_rule_has_its_text),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_another_ruleset),
		cmocka_unit_test(test_comments_that_look_like_rules),
		cmocka_unit_test(test_strings_that_look_like_rules),
		cmocka_unit_test(test_names_that_look_like_rules),
		cmocka_unit_test(test_inner_chains),
		cmocka_unit_test(test_what_is_no_handle),
		cmocka_unit_test(test_records_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
