/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../bpf/event.h"
#include "trace/netfilter/nft_parse.h"
#include "trace/netfilter/statement.h"

static struct nlmsghdr *message(char *buf, unsigned int type, uint8_t family)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *body;

	head->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	body = mnl_nlmsg_put_extra_header(head, sizeof(*body));
	body->nfgen_family = family;
	return head;
}

static struct nlmsghdr *table(char *buf, uint8_t family, const char *name, uint64_t handle)
{
	struct nlmsghdr *head = message(buf, NFT_MSG_NEWTABLE, family);

	mnl_attr_put_strz(head, NFTA_TABLE_NAME, name);
	mnl_attr_put_u64(head, NFTA_TABLE_HANDLE, htobe64(handle));
	return head;
}

static struct nlmsghdr *chain(char *buf, uint8_t family, const char *table, const char *name, uint64_t handle)
{
	struct nlmsghdr *head = message(buf, NFT_MSG_NEWCHAIN, family);
	struct nlattr *hook;

	mnl_attr_put_strz(head, NFTA_CHAIN_TABLE, table);
	mnl_attr_put_strz(head, NFTA_CHAIN_NAME, name);
	mnl_attr_put_u64(head, NFTA_CHAIN_HANDLE, htobe64(handle));
	if (handle == 1) {
		hook = mnl_attr_nest_start(head, NFTA_CHAIN_HOOK);
		mnl_attr_put_u32(head, NFTA_HOOK_HOOKNUM, htonl(NF_INET_FORWARD));
		mnl_attr_put_u32(head, NFTA_HOOK_PRIORITY, htonl((uint32_t)-5));
		mnl_attr_nest_end(head, hook);
		mnl_attr_put_u32(head, NFTA_CHAIN_POLICY, htonl(NF_DROP));
	}
	return head;
}

/* A second attribute 0: it has one, or none. */
static void expression2(struct nlmsghdr *head, const char *type, uint16_t attr, uint32_t value,
	uint16_t second, uint32_t second_value)
{
	struct nlattr *element = mnl_attr_nest_start(head, NFTA_LIST_ELEM), *data;

	mnl_attr_put_strz(head, NFTA_EXPR_NAME, type);
	data = mnl_attr_nest_start(head, NFTA_EXPR_DATA);
	if (attr)
		mnl_attr_put_u32(head, attr, htonl(value));
	if (second)
		mnl_attr_put_u32(head, second, htonl(second_value));
	mnl_attr_nest_end(head, data);
	mnl_attr_nest_end(head, element);
}

static void expression(struct nlmsghdr *head, const char *type, uint16_t attr, uint32_t value)
{
	expression2(head, type, attr, value, 0, 0);
}

static struct nlmsghdr *rule(char *buf, uint8_t family, const char *table, const char *chain, uint64_t handle)
{
	struct nlmsghdr *head = message(buf, NFT_MSG_NEWRULE, family);
	struct nlattr *list;

	mnl_attr_put_strz(head, NFTA_RULE_TABLE, table);
	mnl_attr_put_strz(head, NFTA_RULE_CHAIN, chain);
	mnl_attr_put_u64(head, NFTA_RULE_HANDLE, htobe64(handle));
	list = mnl_attr_nest_start(head, NFTA_RULE_EXPRESSIONS);
	expression(head, "counter", 0, 0);
	expression(head, "meta", NFTA_META_DREG, 1);
	expression(head, "ct", NFTA_CT_SREG, 1);
	expression(head, "lookup", NFTA_LOOKUP_DREG, handle == 5 ? NFT_REG_VERDICT : 1);
	mnl_attr_nest_end(head, list);
	mnl_attr_put(head, NFTA_RULE_USERDATA, 7, "\0\005why?\0");
	return head;
}

static uint64_t bit(const char *name)
{
	for (size_t i = 0; i < nstatements; i++) {
		if (!strcmp(statements[i].name, name))
			return 1ull << i;
	}
	fail_msg("no statement %s", name);
	return 0;
}

static void is(const struct ruleset *rs, struct ruleset_text text, const char *want)
{
	assert_int_equal(text.len, strlen(want));
	assert_memory_equal(ruleset_str(rs, text), want, text.len);
}

static char buf[4096] __attribute__((aligned(8)));

static void fill(struct nft_parse *p, struct ruleset *rs)
{
	assert_int_equal(nft_parse_message(p, rs, table(buf, NFPROTO_INET, "t", 1)), 0);
	assert_int_equal(nft_parse_message(p, rs, table(buf, NFPROTO_IPV4, "t", 2)), 0);
	assert_int_equal(nft_parse_message(p, rs, chain(buf, NFPROTO_INET, "t", "a", 1)), 0);
	assert_int_equal(nft_parse_message(p, rs, chain(buf, NFPROTO_INET, "t", "b", 2)), 0);
	assert_int_equal(nft_parse_message(p, rs, chain(buf, NFPROTO_IPV4, "t", "a", 1)), 0);
}

static void test_what_the_kernel_tells(void **state)
{
	struct nft_parse p = { 0 };
	struct ruleset rs = { 0 };

	fill(&p, &rs);
	assert_int_equal(nft_parse_message(&p, &rs, rule(buf, NFPROTO_INET, "t", "a", 3)), 0);
	assert_true(rs.statements == (bit("counter") | bit("ct set")));
	assert_int_equal(nft_parse_message(&p, &rs, rule(buf, NFPROTO_INET, "t", "a", 4)), 0);
	assert_int_equal(nft_parse_message(&p, &rs, rule(buf, NFPROTO_IPV4, "t", "a", 5)), 0);
	assert_true(rs.statements == (bit("counter") | bit("ct set") | bit("vmap")));
	assert_int_equal(rs.error, 0);
	assert_int_equal(rs.ntables, 2);
	assert_int_equal(rs.nchains, 3);
	is(&rs, rs.chains[1].name, "b");
	assert_int_equal(rs.chains[0].facts, CHAIN_BASE);
	assert_int_equal(rs.chains[0].hook, NF_INET_FORWARD);
	assert_int_equal(rs.chains[0].priority, -5);
	assert_int_equal(rs.chains[0].policy, NF_DECIDED_DROP);
	assert_int_equal(rs.chains[1].facts, 0);
	assert_int_equal(rs.chains[1].hook, NF_NO_HOOK);
	assert_int_equal(rs.chains[0].nrules, 2);
	assert_int_equal(rs.chains[1].nrules, 0);
	assert_int_equal(rs.chains[2].nrules, 1);
	assert_int_equal(rs.chains[2].table, 1);
	assert_int_equal(rs.rules[rs.chains[2].first].handle, 5);
	is(&rs, rs.rules[0].comment, "why?");
	ruleset_fini(&rs);
}

static void tells(const char *statement, const char *type, uint16_t attr, uint32_t value, uint16_t second,
	uint32_t second_value)
{
	struct nft_parse p = { 0 };
	struct ruleset rs = { 0 };
	struct nlmsghdr *head;
	struct nlattr *list;

	fill(&p, &rs);
	head = message(buf, NFT_MSG_NEWRULE, NFPROTO_INET);
	mnl_attr_put_strz(head, NFTA_RULE_TABLE, "t");
	mnl_attr_put_strz(head, NFTA_RULE_CHAIN, "a");
	list = mnl_attr_nest_start(head, NFTA_RULE_EXPRESSIONS);
	expression2(head, type, attr, value, second, second_value);
	mnl_attr_nest_end(head, list);
	assert_int_equal(nft_parse_message(&p, &rs, head), 0);
	assert_true(rs.statements == bit(statement));
	ruleset_fini(&rs);
}

/* Of two functions of a type that which the kernel has chosen. */
static void test_two_of_a_kind(void **state)
{
	tells("objref", "objref", NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER, 0, 0);
	tells("objref map", "objref", NFTA_OBJREF_SET_SREG, NFT_REG32_00, NFTA_OBJREF_SET_ID, 1);
	tells("queue", "queue", NFTA_QUEUE_NUM, 1, 0, 0);
	tells("queue by register", "queue", NFTA_QUEUE_SREG_QNUM, NFT_REG32_00, 0, 0);
	tells("limit", "limit", NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS, NFTA_LIMIT_BURST, 5);
	tells("limit", "limit", NFTA_LIMIT_BURST, 5, 0, 0);
	tells("limit of bytes", "limit", NFTA_LIMIT_TYPE, NFT_LIMIT_PKT_BYTES, 0, 0);
	tells("fwd", "fwd", NFTA_FWD_SREG_DEV, NFT_REG32_00, 0, 0);
	tells("fwd to address", "fwd", NFTA_FWD_SREG_DEV, NFT_REG32_00, NFTA_FWD_SREG_ADDR, NFT_REG32_01);
	tells("ct set", "ct", NFTA_CT_KEY, NFT_CT_MARK, NFTA_CT_SREG, NFT_REG32_00);
	tells("ct zone set", "ct", NFTA_CT_KEY, NFT_CT_ZONE, NFTA_CT_SREG, NFT_REG32_00);
}

static void test_what_was_changed_meanwhile(void **state)
{
	struct nft_parse p = { 0 };
	struct ruleset rs = { 0 };

	fill(&p, &rs);
	assert_int_equal(nft_parse_message(&p, &rs, chain(buf, NFPROTO_ARP, "t", "a", 2)), -EINTR);
	assert_int_equal(nft_parse_message(&p, &rs, rule(buf, NFPROTO_INET, "t", "new", 9)), -EINTR);
	assert_int_equal(rs.nrules, 0);
	/* its statements count all the same */
	assert_true(rs.statements & bit("counter"));
	ruleset_fini(&rs);
}

/* Messages are padded in the buffer that they are read into. */
static void parse_exactly(const struct nlmsghdr *head, size_t len)
{
	char *exact = calloc(1, NLMSG_ALIGN(len));
	struct nft_parse p = { 0 };
	struct ruleset rs = { 0 };

	memcpy(exact, head, len);
	((struct nlmsghdr *)exact)->nlmsg_len = (uint32_t)len;
	nft_parse_message(&p, &rs, (struct nlmsghdr *)exact);
	ruleset_fini(&rs);
	free(exact);
}

static void test_cut_and_wrong_messages(void **state)
{
	static char other[4096] __attribute__((aligned(8)));
	struct nlmsghdr *all[] = { NULL, NULL, NULL };

	for (int kind = 0; kind < 3; kind++) {
		all[0] = table(buf, NFPROTO_INET, "t", 1);
		if (kind == 1)
			all[0] = chain(buf, NFPROTO_INET, "t", "a", 1);
		if (kind == 2)
			all[0] = rule(buf, NFPROTO_INET, "t", "a", 5);
		for (size_t len = sizeof(struct nlmsghdr); len <= all[0]->nlmsg_len; len++)
			parse_exactly(all[0], len);
		memcpy(other, all[0], all[0]->nlmsg_len);
		for (size_t i = sizeof(struct nlmsghdr); i < all[0]->nlmsg_len; i++) {
			other[i] = (char)0xff;
			parse_exactly((struct nlmsghdr *)other, all[0]->nlmsg_len);
			other[i] = 1;
			parse_exactly((struct nlmsghdr *)other, all[0]->nlmsg_len);
			other[i] = buf[i];
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_kernel_tells),
		cmocka_unit_test(test_two_of_a_kind),
		cmocka_unit_test(test_what_was_changed_meanwhile),
		cmocka_unit_test(test_cut_and_wrong_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
