/* SPDX-License-Identifier: GPL-2.0 */
/* What the store makes of records of netfilter and of drops. */
#include "unit/sender.h"

#include "model/latency.h"
#include "model/path.h"

enum { IP_RCV, NF_HOOK_SLOW, KFREE_SKB, IP_FORWARD };

static struct probe probes[] = {
	{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
	{ .name = "nf_hook_slow", .class = { LAYER_NETFILTER, CATEGORY_NFT, 1 } },
	{ .name = "kfree_skb_reason", .class = { LAYER_OTHER, CATEGORY_GENERAL, 1 } },
	{ .name = "ip_forward", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
};
static const struct probe_table table = { .v = probes, .n = 4 };

static struct sender fresh(void)
{
	struct sender s = { .store = store_new(4 << 20), .packet = 1 };

	assert_non_null(s.store);
	store_probes(s.store, &table);
	return s;
}

static void next_packet(struct sender *s)
{
	memset(s->seq, 0, sizeof(s->seq));
	s->packet++;
}

static uint32_t number(const struct sender *s, uint64_t handle)
{
	return rules_find(store_rules(s->store), LAB_NETNS, LAB_TABLE, handle);
}

static void arrive(struct sender *s)
{
	full(s, 0, 0, tuple(1, 4000), 0);
	func(s, 0, NF_HOOK_SLOW);
	at_chain(s, 0, 1, CHAIN_ENTER, 0, CHAIN_BASE);
}

static void test_hops(void **state)
{
	struct sender s = fresh();
	struct hop hop[16];

	arrive(&s);
	at_rule(&s, 0, 1, 5, NF_DECIDED_ACCEPT);
	at_chain(&s, 0, 1, CHAIN_LEAVE, NF_DECIDED_ACCEPT, CHAIN_BASE);
	at_hook(&s, 0, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN);
	at_ct(&s, 0, LAB_NETNS, 2, tuple(1, 4000), tuple(1, 4000));
	assert_int_equal(store_hops(s.store, packet(&s), 0, hop, 16), 7);
	assert_int_equal(hop[2].type, EVENT_CHAIN);
	assert_int_equal(hop[2].no, number(&s, 1));
	assert_int_equal(hop[2].nf.what, CHAIN_ENTER);
	assert_int_equal(hop[3].no, number(&s, 5));
	assert_int_equal(hop[3].nf.decision, NF_DECIDED_ACCEPT);
	assert_int_not_equal(hop[3].no, hop[2].no);
	assert_int_equal(hop[4].nf.facts, CHAIN_BASE);
	assert_int_equal(hop[5].no, 0);
	assert_int_equal(hop[5].nf.what, 2);
	assert_int_equal(hop[5].nf.depth, 2);
	assert_int_equal(store_conntrack(s.store, hop[6].no)->info, 2);
	assert_int_equal(packet(&s)->lost, 0);
	/* they have numbers in the order of their copy's records: a missing one is missed */
	s.seq[0] += 2;
	at_rule(&s, 0, 1, 5, NF_DECIDED_ACCEPT);
	assert_int_equal(packet(&s)->lost, 2);
	store_free(s.store);
}

/* Both kernels' ways; free says whether functions that free the skb are seen between. */
static void drop_by_rule(struct sender *s, bool free)
{
	arrive(s);
	at_rule(s, 0, 1, 4, NF_DECIDED_JUMP);
	at_chain(s, 0, 2, CHAIN_ENTER, 0, 0);
	at_rule(s, 0, 2, 5, NF_DECIDED_DROP);
	at_chain(s, 0, 2, CHAIN_LEAVE, NF_DECIDED_DROP, 0);
	at_chain(s, 0, 1, CHAIN_LEAVE, NF_DECIDED_DROP, CHAIN_BASE);
	at_hook(s, 0, NF_DECIDED_DROP, HOOK_BY_CHAIN);
	if (free)
		func(s, 0, KFREE_SKB);
	drop(s, 0, 7);
}

static void test_dropped_by_rule(void **state)
{
	struct sender s = fresh();
	const struct drop_kind *kind;
	uint64_t recent[4];

	for (int i = 0; i < 2; i++) {
		drop_by_rule(&s, i);
		assert_int_equal(packet(&s)->rule, number(&s, 5));
		assert_int_equal(store_copy(s.store, packet(&s), 0)->rule, number(&s, 5));
		assert_true(store_copy(s.store, packet(&s), 0)->facts & COPY_RULE);
		assert_int_equal(packet(&s)->fate, FATE_DROPPED);
		next_packet(&s);
	}
	assert_int_equal(drops_count(store_drops(s.store)), 1);
	kind = drops_at(store_drops(s.store), 0);
	assert_int_equal(kind->count, 2);
	assert_int_equal(kind->rule, number(&s, 5));
	assert_int_equal(kind->reason, 7);
	assert_int_equal(kind->flow, 1);
	assert_int_equal(drops_recent(store_drops(s.store), kind->no, recent, 4), 2);
	assert_int_equal(recent[0], 2);
	store_free(s.store);
}

static void test_dropped_by_policy(void **state)
{
	struct sender s = fresh();

	arrive(&s);
	at_rule(&s, 0, 1, 5, NF_DECIDED_NOT);
	at_chain(&s, 0, 1, CHAIN_LEAVE, NF_DECIDED_DROP, CHAIN_BASE | CHAIN_BY_POLICY);
	at_hook(&s, 0, NF_DECIDED_DROP, HOOK_BY_CHAIN);
	drop(&s, 0, 7);
	assert_int_equal(packet(&s)->rule, number(&s, 1));
	assert_int_not_equal(number(&s, 1), number(&s, 5));
	store_free(s.store);
}

static void assert_no_rule(struct sender *s)
{
	assert_int_equal(packet(s)->fate, FATE_DROPPED);
	assert_int_equal(packet(s)->rule, 0);
	assert_false(store_copy(s->store, packet(s), 0)->facts & COPY_RULE);
	next_packet(s);
}

static void test_no_stale_rule(void **state)
{
	struct sender s = fresh();

	/* accepted, and dropped elsewhere later */
	arrive(&s);
	at_rule(&s, 0, 1, 5, NF_DECIDED_ACCEPT);
	at_chain(&s, 0, 1, CHAIN_LEAVE, NF_DECIDED_ACCEPT, CHAIN_BASE);
	at_hook(&s, 0, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN);
	drop(&s, 0, 3);
	assert_no_rule(&s);
	/* a rule's drop, and yet it went on */
	arrive(&s);
	at_rule(&s, 0, 1, 5, NF_DECIDED_DROP);
	func(&s, 0, IP_FORWARD);
	drop(&s, 0, 3);
	assert_no_rule(&s);
	/* queued, and user space said drop */
	arrive(&s);
	at_rule(&s, 0, 1, 5, NF_DECIDED_QUEUE);
	at_chain(&s, 0, 1, CHAIN_LEAVE, NF_DECIDED_QUEUE, CHAIN_BASE);
	at_hook(&s, 0, NF_DECIDED_QUEUE, HOOK_BY_CHAIN);
	drop(&s, 0, 7);
	assert_no_rule(&s);
	/* another copy's rule */
	arrive(&s);
	func(&s, 1, NF_HOOK_SLOW);
	at_rule(&s, 1, 1, 5, NF_DECIDED_DROP);
	drop(&s, 0, 7);
	assert_int_equal(packet(&s)->rule, 0);
	drop(&s, 1, 7);
	assert_int_equal(store_copy(s.store, packet(&s), 1)->rule, number(&s, 5));
	next_packet(&s);
	/* a hook's function that is no chain */
	full(&s, 0, 0, tuple(1, 4000), 0);
	at_hook(&s, 0, NF_DECIDED_DROP, 0);
	drop(&s, 0, 7);
	assert_no_rule(&s);
	/* a rule that could not be found */
	arrive(&s);
	at_rule(&s, 0, 1, 0, NF_DECIDED_DROP);
	drop(&s, 0, 7);
	assert_no_rule(&s);
	store_free(s.store);
}

/* What an end and a socket tell stands in the same place. */
static void test_rule_stays(void **state)
{
	struct sender s = fresh();
	union record r;

	arrive(&s);
	at_rule(&s, 0, 1, 5, NF_DECIDED_DROP);
	r = record(&s, EVENT_DROP, 0);
	put(&s, &r);
	r = record(&s, EVENT_END, 0);
	r.ev.len = 4711;
	put(&s, &r);
	to_socket(&s, 0, 9);
	assert_int_equal(store_copy(s.store, packet(&s), 0)->rule, number(&s, 5));
	next_packet(&s);
	to_socket(&s, 0, 9);
	at_rule(&s, 0, 1, 5, NF_DECIDED_DROP);
	drop(&s, 0, 7);
	assert_int_equal(store_copy(s.store, packet(&s), 0)->cgroup, 99);
	assert_false(store_copy(s.store, packet(&s), 0)->facts & COPY_RULE);
	store_free(s.store);
}

static void put_stack(struct sender *s, uint32_t depth, uint64_t first)
{
	union record r = record(s, EVENT_DROP, 0);

	r.drop.depth = depth;
	r.drop.location = first;
	for (uint32_t i = 0; i < DROP_STACK; i++)
		r.drop.stack[i] = first + i;
	put(s, &r);
}

static void test_stacks(void **state)
{
	struct sender s = fresh();
	uint64_t stack[DROP_STACK + 5];
	const struct packet *p;

	full(&s, 0, 0, tuple(1, 1), 0);
	put_stack(&s, 3, 1000);
	assert_int_equal(store_stack(s.store, packet(&s), 0, stack, 25), 3);
	assert_int_equal(stack[2], 1002);
	assert_int_equal(store_stack(s.store, packet(&s), 0, stack, 2), 2);
	assert_int_equal(store_stack(s.store, packet(&s), 1, stack, 25), 0);
	p = packet(&s);
	next_packet(&s);
	full(&s, 0, 0, tuple(1, 1), 0);
	put_stack(&s, 1u << 31, 2000); /* more than there is */
	assert_int_equal(store_stack(s.store, packet(&s), 0, stack, 25), DROP_STACK);
	for (int i = 0; i < 1000; i++) {
		next_packet(&s);
		full(&s, 0, 0, tuple(1, 1), 0);
		put_stack(&s, 3, 3000);
	}
	/* the oldest left; that packet is still there */
	p = store_packet(s.store, 1);
	assert_non_null(p);
	assert_int_equal(store_stack(s.store, p, 0, stack, 25), 0);
	assert_int_equal(store_stack(s.store, packet(&s), 0, stack, 25), 3);
	store_free(s.store);
}

/* A packet without an identity has no journey: its drop counts. */
static void test_lone_drop(void **state)
{
	struct sender s = fresh();

	s.packet = 0;
	drop(&s, 0, 7);
	assert_int_equal(totals(&s).packets, 0);
	assert_int_equal(drops_at(store_drops(s.store), 0)->count, 1);
	assert_int_equal(drops_at(store_drops(s.store), 0)->packet, 0);
	store_free(s.store);
}

static void test_conntrack_at(void **state)
{
	struct sender s = fresh();
	struct hop hop[16];
	struct wire_tuple t = tuple(1, 4000);
	const struct packet *p;

	full(&s, 0, 0, t, 0);
	at_ct(&s, 0, 7, 2, t, t);
	func(&s, 0, IP_FORWARD);
	at_ct(&s, 0, 7, 0, t, t);
	full(&s, 1, 0, t, 0);
	at_ct(&s, 0, 8, 7, t, t);
	p = packet(&s);
	assert_int_equal(store_hops(s.store, p, 0, hop, 16), 6);
	hop[0].netns = hop[2].netns = hop[4].netns = 7;
	assert_null(store_conntrack_at(s.store, p, &hop[0]));
	assert_int_equal(store_conntrack_at(s.store, p, &hop[1])->info, 2);
	assert_int_equal(store_conntrack_at(s.store, p, &hop[2])->info, 2);
	/* the copy has what it was made from; the other namespace has its own */
	assert_int_equal(store_conntrack_at(s.store, p, &hop[4])->info, 0);
	assert_int_equal(store_conntrack_at(s.store, p, &hop[5])->info, 7);
	hop[5].netns = 9;
	assert_null(store_conntrack_at(s.store, p, &hop[5]));
	store_free(s.store);
}

/* The same state is kept once; the oldest leave. */
static void test_conntrack_bounded(void **state)
{
	struct sender s = fresh();
	struct hop hop;

	for (int i = 0; i < 2; i++) {
		at_ct(&s, 0, 7, 2, tuple(1, 4000), tuple(1, 4000));
		store_hops(s.store, packet(&s), 0, &hop, 1);
		assert_int_equal(hop.no, 1);
		next_packet(&s);
	}
	assert_non_null(store_conntrack(s.store, 1));
	assert_null(store_conntrack(s.store, 2));
	assert_null(store_conntrack(s.store, 0));
	for (uint16_t port = 1; port < 2000; port++)
		at_ct(&s, 0, 7, 2, tuple(1, port), tuple(1, port));
	assert_null(store_conntrack(s.store, 1));
	assert_int_equal(store_conntrack(s.store, 2000)->original.sport, 1999);
	store_free(s.store);
}

/* Not a step of its own: the time counts for the function that it was decided in. */
static void test_latency(void **state)
{
	struct sender s = fresh();
	const struct histogram *h;

	arrive(&s); /* nf_hook_slow at 20 */
	at_rule(&s, 0, 1, 5, NF_DECIDED_ACCEPT);
	at_hook(&s, 0, NF_DECIDED_ACCEPT, HOOK_BY_CHAIN);
	func(&s, 0, IP_FORWARD); /* at 60 */
	end(&s, 0, 0);
	h = latency_func(store_latency(s.store), NF_HOOK_SLOW);
	assert_non_null(h);
	assert_int_equal(h->count, 1);
	assert_int_equal(h->max, 40);
	store_free(s.store);
}

static void pass(struct sender *s, uint64_t rule, uint8_t decision, uint8_t info)
{
	arrive(s);
	at_ct(s, 0, LAB_NETNS, info, tuple(1, 4000), tuple(1, 4000));
	at_rule(s, 0, 1, rule, decision);
	func(s, 0, IP_FORWARD);
	end(s, 0, 0);
	next_packet(s);
}

static void test_paths(void **state)
{
	struct sender s = fresh();
	struct path_diff diff;
	struct paths paths;

	pass(&s, 5, NF_DECIDED_ACCEPT, 2);
	pass(&s, 5, NF_DECIDED_ACCEPT, 0); /* the connection's state is no way of its own */
	pass(&s, 6, NF_DECIDED_ACCEPT, 0);
	pass(&s, 5, NF_DECIDED_NOT, 0);
	assert_int_equal(paths_build(&paths, s.store, 1, 0), 0);
	assert_int_equal(paths.n, 3);
	assert_int_equal(paths.v[0].count, 2);
	assert_int_equal(paths.v[0].nfuncs, 3);
	paths_free(&paths);
	assert_int_equal(path_diff(&diff, s.store, 1, 2), 0);
	assert_int_equal(diff.parted, diff.n);
	path_diff_free(&diff);
	assert_int_equal(path_diff(&diff, s.store, 1, 3), 0);
	assert_int_equal(diff.parted, 4);
	path_diff_free(&diff);
	store_free(s.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hops),
		cmocka_unit_test(test_dropped_by_rule),
		cmocka_unit_test(test_dropped_by_policy),
		cmocka_unit_test(test_no_stale_rule),
		cmocka_unit_test(test_rule_stays),
		cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_lone_drop),
		cmocka_unit_test(test_conntrack_at),
		cmocka_unit_test(test_conntrack_bounded),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
