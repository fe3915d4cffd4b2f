/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../bpf/event.h"
#include "trace/netfilter/legacy_parse.h"
#include "unit/legacy_table.h"

/* INPUT with two rules and policy drop, a chain of the user with one. */
static struct legacy_blob make(struct table *t)
{
	struct legacy_blob b = { .family = NFPROTO_IPV4, .name = "filter", .entries = t->bytes };
	struct xt_tcp tcp = { .spts = { 0, 65535 }, .dpts = { 80, 80 } };
	struct xt_rateinfo rate = { .avg = XT_LIMIT_SCALE / 5, .burst = 5 };
	struct ipt_entry *e;
	size_t jump;

	memset(t, 0, sizeof(*t));
	e = begin(t);
	e->ip.src.s_addr = htonl(0x0a010000);
	e->ip.smsk.s_addr = htonl(0xffff0000);
	e->ip.proto = 6;
	memcpy(e->ip.iniface, "va", 3);
	memset(e->ip.iniface_mask, 0xff, 3);
	part(t, "tcp", 0, &tcp, sizeof(tcp));
	part(t, "comment", 0, "web\033[2J", 8);
	jump = t->len;
	standard(t, 0);
	begin(t);
	part(t, "limit", 0, &rate, sizeof(rate));
	part(t, "unknown", 9, "xyz", 3);
	standard(t, -NF_ACCEPT - 1);
	b.valid_hooks = 1u << NF_INET_LOCAL_IN;
	b.underflow[NF_INET_LOCAL_IN] = (unsigned int)t->len;
	begin(t);
	standard(t, -NF_DROP - 1);
	head(t, "mine");
	((struct xt_standard_target *)(t->bytes + jump))->verdict = (int)t->len;
	begin(t);
	finish(t, "STRANGE", "data", 4);
	begin(t);
	standard(t, XT_RETURN);
	head(t, "ERROR");
	b.size = t->len;
	return b;
}

static void is(const struct ruleset *rs, struct ruleset_text text, const char *want)
{
	char got[512];

	snprintf(got, sizeof(got), "%.*s", (int)text.len, ruleset_str(rs, text));
	assert_string_equal(got, want);
}

static void test_chains_and_rules(void **state)
{
	struct ruleset rs = { 0 };
	static struct table t;
	struct legacy_blob b = make(&t);

	assert_int_equal(legacy_parse(&rs, &b), 0);
	assert_int_equal(rs.ntables, 1);
	assert_true(rs.tables[0].handle == legacy_table(NFPROTO_IPV4, b.name));
	assert_true(rs.tables[0].handle >> 63);
	assert_true(legacy_table(NFPROTO_IPV6, b.name) != rs.tables[0].handle);
	is(&rs, rs.tables[0].name, "filter");
	assert_int_equal(rs.nchains, 2);
	is(&rs, rs.chains[0].name, "INPUT");
	assert_true(rs.chains[0].handle == legacy_chain(NF_INET_LOCAL_IN));
	assert_int_equal(rs.chains[0].facts, CHAIN_LEGACY | CHAIN_BASE);
	assert_int_equal(rs.chains[0].hook, NF_INET_LOCAL_IN);
	assert_int_equal(rs.chains[0].policy, NF_DECIDED_DROP);
	assert_int_equal(rs.chains[0].nrules, 2);
	is(&rs, rs.chains[1].name, "mine");
	assert_true(rs.chains[1].handle == legacy_chain(LEGACY_CHAINS));
	assert_int_equal(rs.chains[1].hook, NF_NO_HOOK);
	assert_int_equal(rs.chains[1].nrules, 1);
	assert_int_equal(rs.nrules, 3);
	is(&rs, rs.rules[0].text, "-s 10.1.0.0/16 -i va -p tcp -m tcp --dport 80 -j mine");
	is(&rs, rs.rules[0].comment, "web\033[2J");
	assert_true(rs.rules[0].handle == legacy_rule(0));
	is(&rs, rs.rules[1].text, "-m limit --limit 5/sec -m unknown -j ACCEPT");
	is(&rs, rs.rules[2].text, "-j STRANGE");
	ruleset_fini(&rs);
}

/* Numbers of chains and rules never meet. */
static void test_numbers_are_apart(void **state)
{
	for (uint32_t chain = 0; chain < 5000; chain++)
		assert_true(legacy_chain(chain) % 8 != legacy_rule(8 * chain) % 8);
}

static void parse_exactly(const struct legacy_blob *b, const unsigned char *bytes, size_t len)
{
	unsigned char *exact = malloc(len ? len : 1);
	struct legacy_blob cut = *b;
	struct ruleset rs = { 0 };

	memcpy(exact, bytes, len);
	cut.entries = exact;
	cut.size = len;
	legacy_parse(&rs, &cut);
	ruleset_fini(&rs);
	free(exact);
}

static void test_every_cut(void **state)
{
	static struct table t;
	struct legacy_blob b = make(&t);
	struct ruleset rs = { 0 };

	for (size_t len = 0; len < b.size; len++)
		parse_exactly(&b, t.bytes, len);
	b.size = 100;
	assert_int_equal(legacy_parse(&rs, &b), -EBADMSG);
	ruleset_fini(&rs);
}

/* Every byte wrong, once as small and once as large as can be: of both families. */
static void test_every_byte_wrong(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0xff };
	static struct table t;
	struct legacy_blob b = make(&t);

	for (size_t i = 0; i < b.size; i++) {
		unsigned char was = t.bytes[i];

		for (size_t v = 0; v < sizeof(values); v++) {
			t.bytes[i] = values[v];
			b.family = NFPROTO_IPV4;
			parse_exactly(&b, t.bytes, b.size);
			b.family = NFPROTO_IPV6;
			parse_exactly(&b, t.bytes, b.size);
		}
		t.bytes[i] = was;
	}
}

static void test_hooks_beyond_the_table(void **state)
{
	static const unsigned int wrong[] = { 1, 8, 4096, 0x7fffffff, 0xffffffff };
	static struct table t;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct legacy_blob b = make(&t);

		b.valid_hooks = ~0u;
		b.hook_entry[NF_INET_LOCAL_IN] = wrong[i];
		parse_exactly(&b, t.bytes, b.size);
		b.underflow[NF_INET_LOCAL_IN] = wrong[i];
		parse_exactly(&b, t.bytes, b.size);
	}
}

/* A name or prefix without an end in every part that is spelled out. */
static void test_arguments_without_an_end(void **state)
{
	static const char *const parts[] = { "tcp", "udp", "multiport", "conntrack", "state", "limit", "mark",
		"comment", "REJECT", "LOG", "MARK", "DNAT", "SNAT", "ERROR", "" };
	unsigned char data[256];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (size_t len = 0; len <= sizeof(data); len += 4) {
			for (unsigned int revision = 0; revision < 4; revision++) {
				static struct table t;
				struct legacy_blob b = { .family = NFPROTO_IPV4, .entries = t.bytes };

				memset(&t, 0, sizeof(t));
				memset(data, len % 8 ? 0xff : 0x01, sizeof(data));
				begin(&t);
				part(&t, parts[i], revision, data, len);
				finish(&t, parts[i], data, len);
				b.valid_hooks = 1;
				b.underflow[0] = (unsigned int)t.len;
				begin(&t);
				standard(&t, -NF_ACCEPT - 1);
				b.size = t.len;
				parse_exactly(&b, t.bytes, b.size);
				b.family = NFPROTO_IPV6;
				parse_exactly(&b, t.bytes, b.size);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chains_and_rules),
		cmocka_unit_test(test_numbers_are_apart),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_every_byte_wrong),
		cmocka_unit_test(test_hooks_beyond_the_table),
		cmocka_unit_test(test_arguments_without_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
