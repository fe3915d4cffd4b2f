/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/nft_parse.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <string.h>

#include "../../../bpf/event.h"
#include "trace/netfilter/statement.h"

#define ATTRS 64
#define CHAIN_BINDING (1u << 2) /* NFT_CHAIN_BINDING, since 5.9 */
#define USER_COMMENT 0		/* the first kind of user data of tables, chains and rules (libnftnl) */

/* Attributes by their type; those that a newer kernel adds are left out. */
struct attrs {
	const struct nlattr *v[ATTRS];
};

struct bytes {
	const char *s;
	size_t len;
};

static bool is_within(const struct nlattr *a, const void *end)
{
	return mnl_attr_ok(a, (int)((const char *)end - (const char *)a));
}

static struct attrs read_attrs(const struct nlattr *a, const void *end)
{
	struct attrs attrs = { 0 };

	for (; is_within(a, end); a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) < ATTRS)
			attrs.v[mnl_attr_get_type(a)] = a;
	}
	return attrs;
}

static const void *end_of(const struct nlattr *nest)
{
	return (const char *)mnl_attr_get_payload(nest) + mnl_attr_get_payload_len(nest);
}

static struct attrs attrs_in(const struct nlattr *nest)
{
	if (!nest)
		return (struct attrs){ 0 };
	return read_attrs(mnl_attr_get_payload(nest), end_of(nest));
}

static uint32_t get_u32(const struct nlattr *a)
{
	uint32_t v;

	if (!a || mnl_attr_get_payload_len(a) < sizeof(v))
		return 0;
	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return ntohl(v);
}

static uint64_t get_u64(const struct nlattr *a)
{
	uint64_t v;

	if (!a || mnl_attr_get_payload_len(a) < sizeof(v))
		return 0;
	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return be64toh(v);
}

static struct bytes get_string(const struct nlattr *a)
{
	struct bytes b = { "", 0 };

	if (a) {
		b.s = mnl_attr_get_payload(a);
		b.len = strnlen(b.s, mnl_attr_get_payload_len(a));
	}
	return b;
}

/* User data are type, length, bytes; a comment is a string with its NUL. */
static struct bytes get_comment(const struct nlattr *a)
{
	const unsigned char *p = a ? mnl_attr_get_payload(a) : NULL;
	size_t left = a ? mnl_attr_get_payload_len(a) : 0;

	while (left >= 2 && left - 2 >= p[1]) {
		if (p[0] == USER_COMMENT)
			return (struct bytes){ (const char *)p + 2, strnlen((const char *)p + 2, p[1]) };
		left -= 2 + (size_t)p[1];
		p += 2 + p[1];
	}
	return (struct bytes){ "", 0 };
}

static struct ruleset_text put(struct ruleset *rs, struct bytes b)
{
	return ruleset_put(rs, b.s, b.len);
}

static void add_table(struct ruleset *rs, const struct attrs *a, uint8_t family)
{
	struct ruleset_table *t = ruleset_add_table(rs);

	if (!t)
		return;
	t->family = family;
	t->handle = get_u64(a->v[NFTA_TABLE_HANDLE]);
	t->name = put(rs, get_string(a->v[NFTA_TABLE_NAME]));
}

/* From where the message before was, and around. False: it is not there. */
static bool find_table(struct nft_parse *parse, const struct ruleset *rs, struct bytes name, uint8_t family)
{
	for (size_t i = 0; i < rs->ntables; i++) {
		size_t at = (parse->table + i) % rs->ntables;

		if (rs->tables[at].family == family &&
			ruleset_is(rs, rs->tables[at].name, name.s, name.len)) {
			parse->table = at;
			return true;
		}
	}
	return false;
}

static int add_chain(struct nft_parse *parse, struct ruleset *rs, const struct attrs *a, uint8_t family)
{
	const struct nlattr *hook = a->v[NFTA_CHAIN_HOOK];
	struct attrs in = attrs_in(hook);
	struct ruleset_chain *c;

	if (!find_table(parse, rs, get_string(a->v[NFTA_CHAIN_TABLE]), family))
		return -EINTR;
	c = ruleset_add_chain(rs);
	if (!c)
		return 0;
	c->table = (uint32_t)parse->table;
	c->handle = get_u64(a->v[NFTA_CHAIN_HANDLE]);
	c->inner = get_u32(a->v[NFTA_CHAIN_FLAGS]) & CHAIN_BINDING;
	c->name = put(rs, get_string(a->v[NFTA_CHAIN_NAME]));
	c->comment = put(rs, get_comment(a->v[NFTA_CHAIN_USERDATA]));
	if (!hook)
		return 0;
	c->facts = CHAIN_BASE;
	c->hook = (uint8_t)get_u32(in.v[NFTA_HOOK_HOOKNUM]);
	c->priority = (int32_t)get_u32(in.v[NFTA_HOOK_PRIORITY]);
	c->policy = get_u32(a->v[NFTA_CHAIN_POLICY]) == NF_DROP && a->v[NFTA_CHAIN_POLICY]
			    ? NF_DECIDED_DROP
			    : NF_DECIDED_ACCEPT;
	return 0;
}

static bool is_chain(const struct ruleset *rs, size_t at, const struct attrs *a, uint8_t family)
{
	const struct ruleset_chain *c = &rs->chains[at];
	const struct ruleset_table *t = &rs->tables[c->table];
	struct bytes chain = get_string(a->v[NFTA_RULE_CHAIN]), table = get_string(a->v[NFTA_RULE_TABLE]);

	return t->family == family && ruleset_is(rs, c->name, chain.s, chain.len) &&
	       ruleset_is(rs, t->name, table.s, table.len);
}

static bool is(struct bytes b, const char *s)
{
	return b.len == strlen(s) && !memcmp(b.s, s, b.len);
}

/* Which attributes of an expression's data are its registers; 0: it has none. */
static unsigned int registers(struct bytes type, const struct attrs *a)
{
	static const struct {
		const char *type;
		unsigned int sreg, dreg;
	} known[] = {
		{ "meta", NFTA_META_SREG, NFTA_META_DREG },
		{ "ct", NFTA_CT_SREG, NFTA_CT_DREG },
		{ "payload", NFTA_PAYLOAD_SREG, NFTA_PAYLOAD_DREG },
		{ "exthdr", NFTA_EXTHDR_SREG, NFTA_EXTHDR_DREG },
		{ "lookup", NFTA_LOOKUP_SREG, NFTA_LOOKUP_DREG },
		{ "objref", NFTA_OBJREF_SET_SREG, 0 },
		{ "queue", NFTA_QUEUE_SREG_QNUM, 0 },
		/* the device is always in one */
		{ "fwd", NFTA_FWD_SREG_ADDR, 0 },
	};
	unsigned int facts = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct nlattr *dreg = known[i].dreg ? a->v[known[i].dreg] : NULL;

		if (!is(type, known[i].type))
			continue;
		if (a->v[known[i].sreg])
			facts |= EXPRESSION_SREG;
		if (dreg)
			facts |= EXPRESSION_DREG;
		if (dreg && get_u32(dreg) == NFT_REG_VERDICT)
			facts |= EXPRESSION_VERDICT;
	}
	return facts;
}

/* By what the kernel chooses the function of an expression of that type. */
static unsigned int facts_of(struct bytes type, const struct attrs *a)
{
	unsigned int facts = registers(type, a);

	if (is(type, "limit") && get_u32(a->v[NFTA_LIMIT_TYPE]) == NFT_LIMIT_PKT_BYTES)
		facts |= EXPRESSION_BYTES;
	if (is(type, "ct") && a->v[NFTA_CT_KEY] && get_u32(a->v[NFTA_CT_KEY]) == NFT_CT_ZONE)
		facts |= EXPRESSION_ZONE;
	return facts;
}

/* Of iptables -m comment. */
static struct bytes xt_comment(struct bytes type, const struct attrs *a)
{
	if (is(type, "match") && is(get_string(a->v[NFTA_MATCH_NAME]), "comment"))
		return get_string(a->v[NFTA_MATCH_INFO]);
	return (struct bytes){ "", 0 };
}

static uint64_t statements_in(const struct nlattr *list, struct bytes *comment)
{
	const struct nlattr *element = list ? mnl_attr_get_payload(list) : NULL;
	uint64_t mask = 0;

	for (; element && is_within(element, end_of(list)); element = mnl_attr_next(element)) {
		struct attrs expr = attrs_in(element);
		struct attrs data = attrs_in(expr.v[NFTA_EXPR_DATA]);
		struct bytes type = get_string(expr.v[NFTA_EXPR_NAME]);
		char name[32];

		if (type.len >= sizeof(name))
			continue;
		memcpy(name, type.s, type.len);
		name[type.len] = '\0';
		mask |= statements_of(name, facts_of(type, &data));
		if (!comment->len)
			*comment = xt_comment(type, &data);
	}
	return mask;
}

static int add_rule(struct nft_parse *parse, struct ruleset *rs, const struct attrs *a, uint8_t family)
{
	struct bytes comment = get_comment(a->v[NFTA_RULE_USERDATA]), of_match = { "", 0 };
	size_t chain = parse->chain;
	struct ruleset_rule *r;

	rs->statements |= statements_in(a->v[NFTA_RULE_EXPRESSIONS], &of_match);
	/* rules of a chain come together, chains in the order that they came in */
	while (chain < rs->nchains && !is_chain(rs, chain, a, family))
		chain++;
	if (chain == rs->nchains)
		return rs->error ? 0 : -EINTR;
	parse->chain = chain;
	r = ruleset_add_rule(rs, chain);
	if (!r)
		return 0;
	r->handle = get_u64(a->v[NFTA_RULE_HANDLE]);
	r->xt_comment = !comment.len;
	r->comment = put(rs, comment.len ? comment : of_match);
	return 0;
}

int nft_parse_message(struct nft_parse *parse, struct ruleset *rs, const struct nlmsghdr *head)
{
	const struct nfgenmsg *body = mnl_nlmsg_get_payload(head);
	struct attrs attrs;

	if (head->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
		return 0;
	if (mnl_nlmsg_get_payload_len(head) < sizeof(*body))
		return -EBADMSG;
	attrs = read_attrs(
		mnl_nlmsg_get_payload_offset(head, sizeof(*body)), mnl_nlmsg_get_payload_tail(head));
	switch (head->nlmsg_type & 0xff) {
	case NFT_MSG_NEWGEN:
		parse->generation = get_u32(attrs.v[NFTA_GEN_ID]);
		return 0;
	case NFT_MSG_NEWTABLE:
		add_table(rs, &attrs, body->nfgen_family);
		return 0;
	case NFT_MSG_NEWCHAIN:
		return add_chain(parse, rs, &attrs, body->nfgen_family);
	case NFT_MSG_NEWRULE:
		return add_rule(parse, rs, &attrs, body->nfgen_family);
	default:
		return 0;
	}
}
