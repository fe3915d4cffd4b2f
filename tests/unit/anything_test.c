/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of a broken or malicious recording: any field may say anything. The
 * store stays within its budget, its sums are right, and all that can be asked
 * of it has an answer.
 */
#include "unit/sender.h"

#include "export/sink.h"
#include "model/latency.h"
#include "model/path.h"
#include "model/related.h"
#include "model/summary.h"

/* Sinks that get all of it, too. */
enum { SINKS = 3 };

static struct sink *sinks[SINKS];
static uint64_t seed;

static uint64_t any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

union any_record {
	uint64_t word[48];
	union record r;
	struct event_chain_name name;
	struct event_rule_text text;
	struct event_rule_hits hits;
	struct event_ruleset set;
};

_Static_assert(sizeof(union any_record) == 48 * sizeof(uint64_t), "all of it is filled");

/* Of few tables, chains and rules, tuples of few connections; decisions may say anything. */
static void tame_netfilter(union any_record *u)
{
	struct event *ev = &u->r.ev;

	ev->seq = (uint16_t)(ev->ts / 100);
	ev->netns = (uint32_t)(any() % 4);
	switch (ev->type) {
	case EVENT_CHAIN:
		u->r.chain.what = any() & 1;
		u->r.chain.decision = any() % (NF_DECISIONS + 1);
		break;
	case EVENT_RULE:
		u->r.rule.handle = any() % 60;
		u->r.rule.decision = any() % (NF_DECISIONS + 1);
		break;
	case EVENT_CT:
		u->r.ct.ct = (any() % 3) << 8 | any() % 8;
		u->r.ct.original = tuple((uint8_t)(any() % 3), (uint16_t)(any() % 3));
		u->r.ct.reply = tuple((uint8_t)(any() % 3), (uint16_t)(any() % 3));
		return;
	case EVENT_RULESET:
		u->set.generation = any() % 2;
		u->set.what = any() & 1;
		return;
	case EVENT_RULE_TEXT:
		u->text.kind = any() % 4;
		u->text.handle = any() % 60;
		u->text.table_len = u->text.chain_len = u->text.text_len = u->text.comment_len = 15;
		break;
	default:
		break;
	}
	if (ev->type >= EVENT_CHAIN && ev->type <= EVENT_RULE_HITS) {
		u->r.chain.table = any() % 5;
		u->r.chain.chain = any() % 10;
	}
}

/* Mostly of few packets and copies, so that they meet. */
static void put_any(struct store *store, uint64_t *ts, unsigned int wild)
{
	static const size_t size[] = { [EVENT_FUNC] = sizeof(struct event),
		[EVENT_FUNC_FULL] = sizeof(struct event_full),
		[EVENT_END] = sizeof(struct event),
		[EVENT_DROP] = sizeof(struct event_drop),
		[EVENT_DEV] = sizeof(struct event_dev),
		[EVENT_NETNS] = sizeof(struct event_netns),
		[EVENT_SOCKET] = sizeof(struct event_socket),
		[EVENT_OWNER] = sizeof(struct event_owner),
		[EVENT_QUOTE] = sizeof(struct event_quote),
		[EVENT_HOOK] = sizeof(struct event_hook),
		[EVENT_CHAIN] = sizeof(struct event_chain),
		[EVENT_RULE] = sizeof(struct event_rule),
		[EVENT_CT] = sizeof(struct event_ct),
		[EVENT_CHAIN_NAME] = sizeof(struct event_chain_name),
		[EVENT_RULESET] = sizeof(struct event_ruleset),
		[EVENT_RULE_TEXT] = sizeof(struct event_rule_text) + 60,
		[EVENT_RULE_HITS] = sizeof(struct event_rule_hits),
		[EVENT_SYMBOL] = sizeof(struct event_symbol) };
	union any_record u;
	struct event *ev = &u.r.ev;
	bool tame = any() % 100 >= wild;
	size_t length;

	for (size_t i = 0; i < sizeof(u.word) / sizeof(u.word[0]); i++)
		u.word[i] = any();
	ev->type = (uint8_t)(1 + any() % EVENT_SYMBOL);
	ev->packet = any() % 40;
	ev->copy = (uint32_t)(any() % 6);
	ev->ts = *ts += any() % 50;
	if (tame && ev->type >= EVENT_HOOK) {
		tame_netfilter(&u);
	} else if (tame) {
		ev->seq = (uint16_t)(*ts / 100);
		ev->func = (uint16_t)(any() % 20);
		u.r.full.parent = (uint32_t)(any() % 6);
		u.r.full.ct = any() % 3 << 8;
		u.r.full.tuple = tuple((uint8_t)(any() % 3), (uint16_t)(any() % 3));
		u.r.full.tuple.flags = (uint8_t)any();
	} else if (any() & 1) {
		ev->ts = any();
		ev->packet = any();
	}
	length = any() % 50 ? size[ev->type] : any() % size[ev->type];
	store_add(store, ev, length);
	for (int i = 0; i < SINKS; i++)
		assert_int_equal(sinks[i]->ops->event(sinks[i], ev, length), 0);
}

/* What is listed is in order and whole, and fates are those of all packets. */
static void check_summary(const struct summary_of *of)
{
	uint64_t fates = 0, reasons = 0;
	struct summary s;

	summary_make(&s, of);
	for (int i = 0; i < FATE_COUNT; i++)
		fates += s.store.fates[i];
	assert_int_equal(fates, s.store.packets);
	assert_true(s.store.fates[FATE_DROPPED] <= s.store.dropped);
	assert_true(s.store.fates[FATE_DELIVERED] <= s.store.delivered);
	for (size_t i = 0; i < s.nreasons; i++) {
		reasons += s.reason[i].count;
		assert_true(!i || s.reason[i - 1].count >= s.reason[i].count);
	}
	assert_int_equal(reasons + s.other_reasons, s.drops);
	for (size_t i = 1; i < s.nflows; i++)
		assert_true(s.flow[i - 1]->packets[0] + s.flow[i - 1]->packets[1] >=
			    s.flow[i]->packets[0] + s.flow[i]->packets[1]);
	for (size_t i = 0; i < s.nrules; i++)
		assert_non_null(rules_item(store_rules(of->store), s.rule[i]));
}

static void check_packet(const struct store *store, const struct packet *p)
{
	static struct hop hop[4096];
	static struct change change[4096];
	size_t n = store_hops(store, p, 0, hop, 4096), nchanges;
	uint64_t lost = 0, nhops = 0, stack[DROP_STACK + 1];
	uint16_t live = 0;
	struct change at;

	assert_int_equal(n, p->nhops < 4096 ? p->nhops : 4096);
	for (size_t i = 0; i < n; i++) {
		assert_true(hop[i].copy < p->ncopies || hop[i].copy == COPY_UNKNOWN);
		if (i % 7 == 0)
			store_change_at(store, p, &hop[i], &at);
		if (i % 31 == 0)
			store_conntrack_at(store, p, &hop[i]);
	}
	for (size_t i = 0; i < p->ncopies; i++) {
		const struct copy *c = store_copy(store, p, i);

		lost += c->lost;
		nhops += c->nhops;
		live += !(c->facts & COPY_ENDED);
		assert_true(!!(c->facts & COPY_ENDED) == (c->fate != FATE_LIVE));
		assert_true(c->parent < p->ncopies || c->parent == COPY_UNKNOWN);
		assert_true(c->fate <= p->so_far);
		assert_true(store_stack(store, p, i, stack, DROP_STACK + 1) <= DROP_STACK);
		assert_true(!(c->facts & COPY_RULE) || (c->facts & COPY_DROPPED && c->rule));
	}
	assert_int_equal(lost, p->lost);
	assert_int_equal(nhops, p->nhops);
	assert_int_equal(live, p->live);
	assert_int_equal(p->fate, live ? FATE_LIVE : p->so_far);
	nchanges = store_changes(store, p, change, 4096);
	assert_int_equal(nchanges, p->nchanges < 4096 ? p->nchanges : 4096);
	for (size_t i = 1; i < nchanges; i++)
		assert_true(change[i - 1].ts <= change[i].ts);
}

/* Every item stands in the tree once, behind what it is in; all text is clean. */
static void check_rules(const struct rules *rules)
{
	static uint32_t no[4096];
	size_t n = rules_tree(rules, 0, no, 4096);
	struct rules_netns spaces[8];
	uint64_t packets[RULES_RECENT];
	char line[512], clean[512];

	for (size_t i = 0; i < n && i < 4096; i++) {
		const struct rules_item *item = rules_item(rules, no[i]);
		const struct rules_item *up = item ? rules_item(rules, item->parent) : NULL;

		assert_non_null(item);
		assert_int_equal(item->no, no[i]);
		assert_true(item->kind == RULES_TABLE ? !up : up && up->kind == item->kind - 1);
		assert_true(!up || (up->netns == item->netns && up->table == item->table));
		rules_line(rules, no[i], line, sizeof(line));
		assert_string_equal(printable(clean, sizeof(clean), line, strlen(line)), line);
		rules_recent(rules, no[i], packets, RULES_RECENT);
	}
	rules_namespaces(rules, spaces, 8);
}

static void check(struct store *store)
{
	const struct packet *before = NULL;
	struct related related[16];
	struct path_diff diff;
	struct paths paths;
	struct store_totals t;

	store_totals(store, &t);
	assert_true(t.bytes <= t.budget);
	check_rules(store_rules(store));
	for (size_t i = 0; i < t.flows; i++) {
		const struct flow *f = store_flow_at(store, i);
		uint64_t n = 0;

		for (const struct packet *p = NULL; (p = store_flow_packet(store, f->no, p)); before = p) {
			check_packet(store, p);
			store_related(store, p, related, 16);
			n++;
			if (before && n % 8 == 0) {
				assert_int_equal(path_diff(&diff, store, before->id, p->id), 0);
				path_diff_free(&diff);
			}
		}
		assert_int_equal(n, f->stored);
		assert_int_equal(paths_build(&paths, store, f->no, 0), 0);
		assert_int_equal(paths.packets, n);
		paths_free(&paths);
	}
	assert_true(t.dropped + t.delivered <= t.packets);
	assert_true(t.ended <= t.packets);
}

static void run(size_t budget, unsigned int wild, uint64_t events)
{
	static const struct sink_ops *const ops[SINKS] = { &sink_text, &sink_text, &sink_json };
	struct store *store = store_new(budget);
	struct probe_table none = { 0 };
	struct run_figures figures = { 0 };
	struct summary_of of = { .probes = &none, .store = store, .run = &figures };
	FILE *out = fopen("/dev/null", "w");
	uint64_t ts = 0;

	assert_non_null(store);
	for (int i = 0; i < SINKS; i++) {
		sinks[i] = ops[i]->open(out,
			&(struct sink_options){
				.probes = &none, .store = store, .color = i, .by_packet = i, .wall = i });
		assert_non_null(sinks[i]);
		sinks[i]->wall = (int64_t)any();
	}
	seed = 88172645463325252ull + wild;
	store_between(store, 1, 2);
	for (uint64_t i = 0; i < events; i++) {
		put_any(store, &ts, wild);
		if (i % 4096 == 0)
			store_tick(store, ts);
		if (i % (events / 5) == 0)
			check(store);
	}
	check(store);
	check_summary(&of);
	for (int i = 0; i < SINKS; i++) {
		assert_int_equal(sinks[i]->ops->finish(sinks[i], &of), 0);
		sinks[i]->ops->close(sinks[i]);
	}
	fclose(out);
	store_free(store);
}

static void test_some_wrong(void **state)
{
	run(1 << 20, 1, 100000);
	run(4 << 20, 5, 100000);
}

static void test_all_wrong(void **state)
{
	run(1 << 18, 50, 100000);
	run(1 << 20, 100, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_some_wrong),
		cmocka_unit_test(test_all_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
