/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <linux/netfilter.h>
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
#include "trace/netfilter/legacy_counts.h"
#include "trace/netfilter/ruleset.h"
#include "unit/legacy_table.h"

#define NETNS 77u

/* "-": no target; "=NAME": goto a chain; a name of lower case: jump to one. */
struct rule {
	const char *target;
	uint64_t packets;
	unsigned int port; /* what it says, to tell it from others */
};

struct spec {
	struct rule input[12];
	uint64_t policy;
	bool drop; /* the policy */
	const char *chain[2];
	struct rule user[2][4];
};

/* A made-up table; where its rules are. */
struct made {
	struct table t;
	struct legacy_blob blob;
	size_t input[12], user[2][4], chain[2];
};

static const struct spec simple = {
	.input = { { "ACCEPT", 10, 1 }, { "mine", 20, 2 }, { "DROP", 30, 3 } },
	.policy = 40,
	.chain = { "mine" },
	.user = { { { "RETURN", 50, 4 } } },
};

static void add_rule(struct table *t, const struct rule *r)
{
	static const struct {
		const char *name;
		int verdict;
	} verdicts[] = { { "ACCEPT", -NF_ACCEPT - 1 }, { "DROP", -NF_DROP - 1 }, { "QUEUE", -NF_QUEUE - 1 },
		{ "RETURN", LEGACY_RETURN } };
	struct ipt_entry *e = begin(t);

	e->ip.src.s_addr = r->port;
	e->counters.pcnt = r->packets;
	e->comefrom = (unsigned int)t->len; /* the kernel's own notes */
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (!strcmp(r->target, verdicts[i].name)) {
			standard(t, verdicts[i].verdict);
			return;
		}
	}
	if (r->target[0] >= 'A' && r->target[0] <= 'Z') {
		finish(t, r->target, "data", 4);
		return;
	}
	if (r->target[0] == '=')
		e->ip.flags |= IPT_F_GOTO;
	standard(t, (int)(t->len + sizeof(struct xt_standard_target)));
}

/* Jumps get their places when chains have theirs. */
static void link_jumps(
	struct made *m, const struct rule *rules, const size_t *places, size_t n, const char *const chain[2])
{
	for (size_t i = 0; i < n && rules[i].target; i++) {
		const char *name = rules[i].target + (rules[i].target[0] == '=');

		for (size_t k = 0; k < 2 && chain[k]; k++) {
			struct ipt_entry *e = (struct ipt_entry *)(m->t.bytes + places[i]);

			if (!strcmp(name, chain[k]))
				((struct xt_standard_target *)((char *)e + e->target_offset))->verdict =
					(int)m->chain[k];
		}
	}
}

static const struct legacy_blob *make(struct made *m, const struct spec *spec)
{
	struct table *t = &m->t;

	memset(m, 0, sizeof(*m));
	m->blob = (struct legacy_blob){ .family = NFPROTO_IPV4, .name = "filter", .entries = t->bytes };
	for (size_t i = 0; i < 12 && spec->input[i].target; i++) {
		m->input[i] = t->len;
		add_rule(t, &spec->input[i]);
	}
	m->blob.valid_hooks = 1u << NF_INET_LOCAL_IN;
	m->blob.underflow[NF_INET_LOCAL_IN] = (unsigned int)t->len;
	add_rule(t, &(struct rule){ spec->drop ? "DROP" : "ACCEPT", spec->policy, 0 });
	for (size_t k = 0; k < 2 && spec->chain[k]; k++) {
		head(t, spec->chain[k]);
		m->chain[k] = t->len;
		for (size_t i = 0; i < 4 && spec->user[k][i].target; i++) {
			m->user[k][i] = t->len;
			add_rule(t, &spec->user[k][i]);
		}
		add_rule(t, &(struct rule){ "RETURN", 1000, 0 });
	}
	head(t, "ERROR");
	link_jumps(m, spec->input, m->input, 12, spec->chain);
	for (size_t k = 0; k < 2; k++)
		link_jumps(m, spec->user[k], m->user[k], 4, spec->chain);
	m->blob.size = t->len;
	return &m->blob;
}

static int reading(struct legacy_counts *c, const struct legacy_blob *blob, bool base, unsigned int flags)
{
	int err;

	legacy_counts_begin(c, base);
	err = legacy_counts_table(c, blob, flags);
	if (err < 0)
		return err;
	return legacy_counts_end(c, flags & COUNTS_LEARN) | err;
}

static int take(struct legacy_counts *c, const struct spec *spec, unsigned int flags)
{
	static struct made m;

	return reading(c, make(&m, spec), false, flags);
}

/* What was told last. */
static struct event_rule_hits told[64];
static size_t ntold;

static void put(void *ctx, const void *record, size_t size)
{
	assert_int_equal(size, sizeof(told[0]));
	assert_true(ntold < 64);
	memcpy(&told[ntold++], record, size);
	assert_int_equal(told[ntold - 1].ev.type, EVENT_RULE_HITS);
	assert_int_equal(told[ntold - 1].ev.netns, NETNS);
}

static size_t tell(struct legacy_counts *c)
{
	struct strbuf out = STRBUF_INIT;

	ntold = 0;
	legacy_counts_tell(c, NETNS, &out);
	ruleset_each_record(out.s, out.len, put, NULL);
	strbuf_fini(&out);
	return ntold;
}

#define NOTHING UINT64_MAX /* no record of it */

static uint64_t hits(uint64_t handle, enum nf_decision decision)
{
	for (size_t i = 0; i < ntold; i++) {
		if (told[i].handle == handle && told[i].table == legacy_table(NFPROTO_IPV4, "filter"))
			return told[i].n[decision];
	}
	return NOTHING;
}

static uint64_t hits_at(size_t at, enum nf_decision decision)
{
	return hits(legacy_rule((uint32_t)at), decision);
}

static void test_since_the_first_reading(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple;
	struct made m;

	make(&m, &s);
	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	assert_int_equal(tell(c), 0);
	s.input[0].packets += 3;
	s.policy += 7;
	assert_int_equal(take(c, &s, 0), 0);
	assert_int_equal(tell(c), 2);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 3);
	assert_true(hits(legacy_chain(NF_INET_LOCAL_IN), NF_DECIDED_ACCEPT) == 7);
	assert_true(hits(legacy_chain(NF_INET_LOCAL_IN), NF_DECIDED_NOT) == 0);
	/* the same again is no news */
	assert_int_equal(take(c, &s, 0), 0);
	assert_int_equal(tell(c), 0);
	s.input[0].packets += 1;
	assert_int_equal(take(c, &s, 0), 0);
	assert_int_equal(tell(c), 1);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 4);
	legacy_counts_free(c);
}

static void test_decisions(void **state)
{
	static const enum nf_decision want[] = { NF_DECIDED_ACCEPT, NF_DECIDED_DROP, NF_DECIDED_DROP,
		NF_DECIDED_RETURN, NF_DECIDED_JUMP, NF_DECIDED_GOTO, NF_DECIDED_QUEUE, NF_DECIDED_QUEUE,
		NF_DECIDED_NOT, NF_DECIDED_NOT };
	struct spec s = { .input = { { "ACCEPT" }, { "DROP" }, { "REJECT" }, { "RETURN" }, { "mine" },
				  { "=mine" }, { "QUEUE" }, { "NFQUEUE" }, { "LOG" }, { "-" } },
		.drop = true,
		.chain = { "mine" } };
	struct legacy_counts *c = legacy_counts_new(false);
	struct made m;

	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	for (size_t i = 0; i < 10; i++)
		s.input[i].packets = i + 1;
	s.policy = 20;
	make(&m, &s);
	assert_int_equal(take(c, &s, 0), 0);
	assert_int_equal(tell(c), 12);
	for (size_t i = 0; i < 10; i++)
		assert_true(hits_at(m.input[i], want[i]) == i + 1);
	assert_true(hits(legacy_chain(NF_INET_LOCAL_IN), NF_DECIDED_DROP) == 20);
	/* entered as often as rules led there */
	assert_true(hits(legacy_chain(LEGACY_CHAINS), NF_DECIDED_NOT) == 5 + 6);
	legacy_counts_free(c);
}

/* A rule in front of all: every place is another one, also that of the chain. */
static void test_places_move(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple, more = simple;
	struct made old, m;

	make(&old, &s);
	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	for (size_t i = 0; i < 3; i++)
		s.input[i].packets += i + 1;
	s.user[0][0].packets += 9;
	assert_int_equal(take(c, &s, 0), 0);
	tell(c);
	memcpy(more.input + 1, s.input, 3 * sizeof(s.input[0]));
	more.input[0] = (struct rule){ "LOG", 0, 9 };
	more.input[2].packets += 5; /* the jump */
	memcpy(more.user, s.user, sizeof(s.user));
	make(&m, &more);
	/* others than those that are counted: nothing is taken */
	assert_int_equal(take(c, &more, 0), LEGACY_OTHER);
	assert_int_equal(tell(c), 0);
	assert_int_equal(take(c, &more, COUNTS_LEARN), 0);
	tell(c);
	assert_true(hits_at(m.input[0], NF_DECIDED_NOT) == 0);
	assert_true(hits_at(m.input[1], NF_DECIDED_ACCEPT) == 1);
	assert_true(hits_at(m.input[2], NF_DECIDED_JUMP) == 7);
	assert_true(hits_at(m.input[3], NF_DECIDED_DROP) == 3);
	assert_true(hits_at(m.user[0][0], NF_DECIDED_RETURN) == 9);
	assert_true(hits(legacy_chain(LEGACY_CHAINS), NF_DECIDED_NOT) == 7);
	/* and back */
	s.input[1].packets += 5;
	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	tell(c);
	assert_true(hits_at(old.input[0], NF_DECIDED_ACCEPT) == 1);
	assert_true(hits_at(old.input[1], NF_DECIDED_JUMP) == 7);
	legacy_counts_free(c);
}

/* A chain whose name comes before: the other one has another number. */
static void test_chains_move(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple, more;

	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	s.input[1].packets += 4;
	more = s;
	more.chain[0] = "ahead";
	more.chain[1] = "mine";
	memcpy(more.user[1], s.user[0], sizeof(s.user[0]));
	memset(more.user[0], 0, sizeof(more.user[0]));
	assert_int_equal(take(c, &s, 0), 0);
	tell(c);
	assert_true(hits(legacy_chain(LEGACY_CHAINS), NF_DECIDED_NOT) == 4);
	more.input[1].packets += 1;
	assert_int_equal(take(c, &more, COUNTS_LEARN), 0);
	tell(c);
	assert_true(hits(legacy_chain(LEGACY_CHAINS), NF_DECIDED_NOT) == 0);
	assert_true(hits(legacy_chain(LEGACY_CHAINS + 1), NF_DECIDED_NOT) == 5);
	legacy_counts_free(c);
}

static void test_rules_that_say_the_same(void **state)
{
	struct spec s = { .input = { { "ACCEPT", 0, 1 }, { "DROP", 0, 2 }, { "ACCEPT", 0, 1 } } }, less = s;
	struct legacy_counts *c = legacy_counts_new(false);
	struct made m;

	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	s.input[0].packets = 1;
	s.input[1].packets = 2;
	s.input[2].packets = 3;
	assert_int_equal(take(c, &s, 0), 0);
	memcpy(&less.input[0], &s.input[0], sizeof(s.input[0]));
	memcpy(&less.input[1], &s.input[2], sizeof(s.input[0]));
	less.input[2].target = NULL;
	make(&m, &less);
	assert_int_equal(take(c, &less, COUNTS_LEARN), 0);
	tell(c);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 1);
	assert_true(hits_at(m.input[1], NF_DECIDED_ACCEPT) == 3);
	legacy_counts_free(c);
}

/* Replaced, and its counters not set yet; or set to zero for good. */
static void test_backward(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple, zero = simple;
	struct made m;

	make(&m, &s);
	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	s.input[0].packets += 5;
	assert_int_equal(take(c, &s, 0), 0);
	zero.input[0].packets = 2;
	assert_int_equal(take(c, &zero, 0), -EAGAIN);
	assert_int_equal(take(c, &zero, COUNTS_LEARN), -EAGAIN);
	s.input[0].packets += 2;
	assert_int_equal(take(c, &s, 0), 0);
	tell(c);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 7);
	assert_int_equal(take(c, &zero, COUNTS_BACKWARD), 0);
	tell(c);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 9);
	legacy_counts_free(c);
}

/* The same while rules are others: what was learned before stays until then. */
static void test_backward_while_replaced(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple, more = simple;
	struct made m;

	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	more.input[3] = (struct rule){ "LOG", 0, 8 };
	more.input[0].packets = 1;
	assert_int_equal(take(c, &more, COUNTS_LEARN), -EAGAIN);
	more.input[0].packets = 11;
	make(&m, &more);
	assert_int_equal(take(c, &more, COUNTS_LEARN), 0);
	tell(c);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 1);
	legacy_counts_free(c);
}

static void test_what_comes_later_began_at_zero(void **state)
{
	struct legacy_counts *c = legacy_counts_new(true);
	struct spec s = simple;
	struct made m;

	make(&m, &s);
	assert_int_equal(take(c, &s, 0), LEGACY_OTHER);
	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	tell(c);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 10);
	s.input[3] = (struct rule){ "DROP", 6, 7 };
	make(&m, &s);
	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	tell(c);
	assert_true(hits_at(m.input[3], NF_DECIDED_DROP) == 6);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 10);
	/* the table goes */
	legacy_counts_begin(c, false);
	assert_int_equal(legacy_counts_end(c, false), LEGACY_OTHER);
	legacy_counts_begin(c, false);
	assert_int_equal(legacy_counts_end(c, true), LEGACY_OTHER);
	legacy_counts_begin(c, false);
	assert_int_equal(legacy_counts_end(c, true), 0);
	assert_int_equal(tell(c), 0);
	legacy_counts_free(c);
}

static void test_while_nobody_counts(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple;
	struct made m;

	make(&m, &s);
	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	s.input[0].packets += 2;
	assert_int_equal(take(c, &s, 0), 0);
	s.input[0].packets += 100;
	assert_int_equal(reading(c, make(&m, &s), true, COUNTS_LEARN), 0);
	s.input[0].packets = 3; /* and set to zero: nobody is told */
	assert_int_equal(reading(c, make(&m, &s), true, COUNTS_LEARN), 0);
	s.input[0].packets += 1;
	assert_int_equal(take(c, &s, 0), 0);
	tell(c);
	assert_true(hits_at(m.input[0], NF_DECIDED_ACCEPT) == 3);
	legacy_counts_free(c);
}

static void test_the_policy_is_another(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple;

	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	s.policy += 2;
	assert_int_equal(take(c, &s, 0), 0);
	s.drop = true;
	s.policy += 3;
	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	tell(c);
	assert_true(hits(legacy_chain(NF_INET_LOCAL_IN), NF_DECIDED_ACCEPT) == 2);
	assert_true(hits(legacy_chain(NF_INET_LOCAL_IN), NF_DECIDED_DROP) == 3);
	legacy_counts_free(c);
}

static void test_what_did_not_arrive(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple;
	size_t n;

	assert_int_equal(take(c, &s, COUNTS_LEARN), 0);
	s.input[0].packets += 2;
	s.policy += 2;
	assert_int_equal(take(c, &s, 0), 0);
	n = tell(c);
	assert_int_equal(tell(c), 0);
	legacy_counts_tell_again(c);
	assert_true(tell(c) >= n);
	assert_int_equal(tell(c), 0);
	legacy_counts_free(c);
}

/* Tables are apart by name and family; one that cannot be read leaves the others alone. */
static void test_two_tables(void **state)
{
	struct legacy_counts *c = legacy_counts_new(false);
	struct spec s = simple;
	struct made filter, nat;

	make(&filter, &s);
	make(&nat, &s);
	memcpy(nat.blob.name, "nat\0\0\0", 6);
	legacy_counts_begin(c, false);
	assert_int_equal(legacy_counts_table(c, &filter.blob, COUNTS_LEARN), 0);
	nat.blob.size -= 8;
	assert_int_equal(legacy_counts_table(c, &nat.blob, COUNTS_LEARN), -EBADMSG);
	nat.blob.size += 8;
	s.input[0].packets += 2;
	make(&filter, &s);
	/* it was there before, for all that is known: its counters are the base */
	legacy_counts_begin(c, false);
	assert_int_equal(legacy_counts_table(c, &filter.blob, COUNTS_LEARN), 0);
	assert_int_equal(legacy_counts_table(c, &nat.blob, COUNTS_LEARN), 0);
	assert_int_equal(legacy_counts_end(c, true), 0);
	assert_int_equal(tell(c), 1);
	assert_true(hits_at(filter.input[0], NF_DECIDED_ACCEPT) == 2);
	legacy_counts_free(c);
}

/* Every byte wrong in a table that is counted, in memory of just its size: of both families. */
static void test_every_byte_wrong(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0xff };
	struct made m;

	make(&m, &simple);
	for (size_t i = 0; i < 4 * m.blob.size; i++) {
		struct legacy_counts *c = legacy_counts_new(true);
		struct legacy_blob wrong = m.blob;
		unsigned char *exact = malloc(m.blob.size);

		reading(c, &m.blob, false, COUNTS_LEARN);
		memcpy(exact, m.blob.entries, m.blob.size);
		exact[i / 4] = values[i % 4];
		wrong.entries = exact;
		reading(c, &wrong, false, 0);
		reading(c, &wrong, false, COUNTS_LEARN | COUNTS_BACKWARD);
		reading(c, &wrong, false, COUNTS_BACKWARD);
		wrong.family = NFPROTO_IPV6;
		reading(c, &wrong, false, COUNTS_LEARN);
		wrong.size = i / 4;
		reading(c, &wrong, false, COUNTS_LEARN);
		legacy_counts_free(c);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since_the_first_reading),
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_places_move),
		cmocka_unit_test(test_chains_move),
		cmocka_unit_test(test_rules_that_say_the_same),
		cmocka_unit_test(test_backward),
		cmocka_unit_test(test_backward_while_replaced),
		cmocka_unit_test(test_what_comes_later_began_at_zero),
		cmocka_unit_test(test_while_nobody_counts),
		cmocka_unit_test(test_the_policy_is_another),
		cmocka_unit_test(test_what_did_not_arrive),
		cmocka_unit_test(test_two_tables),
		cmocka_unit_test(test_every_byte_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
