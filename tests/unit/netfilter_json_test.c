/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of netfilter, conntrack and drops: as JSON and as text. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "export/sink.h"
#include "unit/rulesets.h"

enum { IP_RCV, KFREE_SKB };
enum { NETNS = 7, TABLE = 3 };

static struct probe probes[] = {
	{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
	{ .name = "kfree_skb_reason", .class = { LAYER_OTHER, CATEGORY_GENERAL, 1 } },
};
static const struct probe_table table = { .v = probes, .n = 2 };
static const char *const reasons[] = { "NOT_DROPPED_YET", "NETFILTER_DROP" };
static const struct source_info info = { .reasons = reasons, .nreasons = 2 };

struct out {
	struct store *store;
	struct sink *sink;
	FILE *file;
	char *text;
	size_t len;
	uint16_t seq;
	uint64_t ts, packet;
};

static void open_sink(struct out *o, const struct sink_ops *ops)
{
	*o = (struct out){ .ts = 1000, .packet = 1 };
	o->file = open_memstream(&o->text, &o->len);
	o->store = store_new(1 << 20);
	store_probes(o->store, &table);
	o->sink = ops->open(
		o->file, &(struct sink_options){ .probes = &table, .info = &info, .store = o->store });
	assert_non_null(o->sink);
}

static void close_sink(struct out *o)
{
	o->sink->ops->close(o->sink);
	store_free(o->store);
	fclose(o->file);
	free(o->text);
}

static void put(struct out *o, void *record, uint8_t type, size_t size)
{
	struct event *ev = record;

	ev->type = type;
	ev->netns = NETNS;
	ev->packet = type <= EVENT_DROP || (type >= EVENT_HOOK && type <= EVENT_CT) ? o->packet : 0;
	ev->ts = o->ts += 1000;
	ev->seq = o->seq++;
	store_add(o->store, ev, size);
	assert_int_equal(o->sink->ops->event(o->sink, ev, size), 0);
}

#define PUT(o, type, ...) put(o, &(__VA_ARGS__), type, sizeof(__VA_ARGS__))

static const struct wire_tuple original = { .saddr = { 10, 1, 0, 2 },
	.daddr = { 10, 2, 0, 2 },
	.sport = 4000,
	.dport = 80,
	.proto = 6,
	.family = 4,
	.l2proto = 0x0800,
	.flags = TUPLE_IP | TUPLE_PORTS };
static const struct wire_tuple reply = { .saddr = { 10, 2, 0, 2 },
	.daddr = { 192, 0, 2, 1 },
	.sport = 80,
	.dport = 61001,
	.proto = 6,
	.family = 4,
	.l2proto = 0x0800,
	.flags = TUPLE_IP | TUPLE_PORTS };

static void put_text_rec(struct out *o, uint8_t kind, uint64_t chain, uint64_t handle, const char *table_name,
	const char *chain_name, const char *text, const char *comment)
{
	union rules_record rec =
		text_record(NETNS, kind, TABLE, chain, handle, table_name, chain_name, text, comment);

	put(o, &rec, EVENT_RULE_TEXT,
		offsetof(struct event_rule_text, names) + rec.text.table_len + rec.text.chain_len +
			rec.text.text_len + rec.text.comment_len);
}

static void put_ruleset(struct out *o)
{
	PUT(o, EVENT_RULESET, (struct event_ruleset){ .generation = 1, .what = RULESET_BEGIN, .texts = 1 });
	put_text_rec(o, RULE_TEXT_TABLE, 0, 0, "lab", "", "", "");
	put_text_rec(o, RULE_TEXT_CHAIN, 1, 0, "lab", "forwarding", "", "");
	put_text_rec(o, RULE_TEXT_CHAIN, 2, 0, "lab", "help", "", "");
	put_text_rec(o, RULE_TEXT_RULE, 1, 5, "lab", "forwarding",
		"ip saddr 10.1.0.2 tcp dport 80 counter drop", "no \"web\"\x1b[m");
	PUT(o, EVENT_RULESET, (struct event_ruleset){ .generation = 1, .what = RULESET_END });
}

static void put_chain(struct out *o, uint8_t what, uint8_t decision, uint8_t facts)
{
	PUT(o, EVENT_CHAIN,
		(struct event_chain){ .table = TABLE,
			.chain = 1,
			.what = what,
			.decision = decision,
			.facts = facts,
			.family = 1,
			.hook = 2,
			.pf = 2 });
}

static void put_rule(struct out *o, uint64_t handle, uint8_t decision, uint64_t to, uint8_t facts)
{
	PUT(o, EVENT_RULE,
		(struct event_rule){ .table = TABLE,
			.chain = 1,
			.handle = handle,
			.decision = decision,
			.to = to,
			.facts = facts,
			.queue = 9,
			.family = 1 });
}

static void put_hook(struct out *o, uint8_t decision, uint8_t facts)
{
	PUT(o, EVENT_HOOK,
		(struct event_hook){ .decision = decision,
			.hook = 2,
			.pf = 2,
			.facts = facts,
			.queue = 9,
			.nfuncs = 2,
			.func = { 0xffffffff81000010u, 0xffffffff81002000u } });
}

static void put_drop(struct out *o, uint32_t depth)
{
	PUT(o, EVENT_DROP,
		(struct event_drop){ .location = 0xffffffff81000010u,
			.reason = 1,
			.depth = depth,
			.stack = { 0xffffffff81000010u, 0xffffffff81002000u } });
}

static void put_symbol(struct out *o)
{
	PUT(o, EVENT_SYMBOL,
		(struct event_symbol){ .addr = 0xffffffff81000010u, .offset = 0x10, .name = "nf_hook_slow" });
}

static void put_full(struct out *o, uint64_t ct)
{
	PUT(o, EVENT_FUNC_FULL, (struct event_full){ .tuple = original, .ct = ct });
}

static void put_ct(struct out *o)
{
	PUT(o, EVENT_CT,
		(struct event_ct){ .ct = 0xffff888000001000u | 3,
			.status = 1u << 1 | 1u << 2 | 1u << 4,
			.mark = 42,
			.timeout = 120,
			.zone = 1,
			.tcp_state = 3,
			.original = original,
			.reply = reply });
}

/* The last line. */
static json_t *last(struct out *o)
{
	json_error_t err;
	json_t *json;
	size_t at;

	assert_int_equal(o->sink->ops->flush(o->sink, 0), 0);
	assert_true(o->len > 0 && o->text[o->len - 1] == '\n');
	for (at = o->len - 1; at && o->text[at - 1] != '\n'; at--)
		;
	json = json_loadb(o->text + at, o->len - at, 0, &err);
	if (!json)
		fail_msg("%s in %.300s", err.text, o->text + at);
	return json;
}

/* Compares the line with what is wanted of it; keys that are not named may be there, "KEY": null may not. */
static void check_last(struct out *o, const char *want)
{
	json_t *got = last(o), *wanted = json_loads(want, 0, NULL), *value;
	const char *key;

	assert_non_null(wanted);
	json_object_foreach(wanted, key, value)
	{
		json_t *have = json_object_get(got, key);
		char *text;

		if (json_is_null(value) ? !have : json_equal(have, value))
			continue;
		text = json_dumps(got, JSON_COMPACT);
		fail_msg("%s is not as wanted in %s", key, text);
	}
	json_decref(got);
	json_decref(wanted);
}

static void test_chain(void **state)
{
	struct out o;

	open_sink(&o, &sink_json);
	put_chain(&o, CHAIN_ENTER, 0, CHAIN_BASE);
	check_last(&o, "{\"type\":\"chain\",\"family\":\"inet\",\"table\":null,\"chain\":null,"
		       "\"chain_handle\":1,\"event\":\"enter\",\"depth\":0,\"verdict\":null,\"packet\":1,"
		       "\"netns\":7}");
	put_ruleset(&o);
	put_chain(&o, CHAIN_ENTER, 0, CHAIN_BASE);
	check_last(&o, "{\"table\":\"lab\",\"chain\":\"forwarding\",\"hook\":\"forward\",\"pf\":\"ipv4\"}");
	put_chain(&o, CHAIN_LEAVE, NF_DECIDED_DROP, CHAIN_BASE | CHAIN_BY_POLICY);
	check_last(&o, "{\"event\":\"leave\",\"verdict\":\"drop\",\"policy\":true}");
	put_chain(&o, CHAIN_LEAVE, NF_DECIDED_ACCEPT, CHAIN_BASE);
	check_last(&o, "{\"verdict\":\"accept\",\"policy\":null}");
	close_sink(&o);
}

static void test_rule(void **state)
{
	struct out o;

	open_sink(&o, &sink_json);
	put_ruleset(&o);
	put_rule(&o, 5, NF_DECIDED_DROP, 0, 0);
	check_last(&o, "{\"type\":\"rule\",\"family\":\"inet\",\"table\":\"lab\",\"chain\":\"forwarding\","
		       "\"handle\":5,\"depth\":0,\"verdict\":\"drop\",\"comment\":\"no \\\"web\\\"?[m\","
		       "\"rule\":\"ip saddr 10.1.0.2 tcp dport 80 counter drop\",\"partly\":null,\"to\":null,"
		       "\"queue\":null}");
	put_rule(&o, 6, NF_DECIDED_JUMP, 2, RULE_PARTLY);
	check_last(&o, "{\"handle\":6,\"verdict\":\"jump\",\"to\":\"help\",\"to_handle\":2,\"rule\":null,"
		       "\"partly\":true}");
	put_rule(&o, 0, NF_DECIDED_QUEUE, 0, 0);
	check_last(&o, "{\"handle\":null,\"chain\":\"forwarding\",\"verdict\":\"queue\",\"queue\":9}");
	close_sink(&o);
}

static void test_hook(void **state)
{
	struct out o;

	open_sink(&o, &sink_json);
	put_hook(&o, NF_DECIDED_ACCEPT, 0);
	check_last(&o, "{\"type\":\"hook\",\"hook\":\"forward\",\"pf\":\"ipv4\",\"verdict\":\"accept\","
		       "\"functions\":null,\"queue\":null}");
	put_symbol(&o);
	put_hook(&o, NF_DECIDED_DROP, 0);
	check_last(&o, "{\"verdict\":\"drop\",\"functions\":[\"nf_hook_slow+0x10\",\"0xffffffff81002000\"]}");
	put_hook(&o, NF_DECIDED_DROP, HOOK_BY_CHAIN);
	check_last(&o, "{\"functions\":null}");
	put_hook(&o, NF_DECIDED_QUEUE, HOOK_BY_CHAIN);
	check_last(&o, "{\"verdict\":\"queue\",\"queue\":9}");
	close_sink(&o);
}

static void test_ct(void **state)
{
	struct out o;

	open_sink(&o, &sink_json);
	put_full(&o, 0);
	check_last(&o, "{\"type\":\"function\",\"ct\":null}");
	put_ct(&o);
	check_last(&o,
		"{\"type\":\"ct\",\"state\":\"established\",\"direction\":\"reply\",\"zone\":1,"
		"\"status\":[\"seen-reply\",\"assured\",\"snat\"],\"mark\":42,\"tcp_state\":\"ESTABLISHED\","
		"\"timeout\":120,"
		"\"original\":{\"proto\":\"tcp\",\"src\":\"10.1.0.2\",\"dst\":\"10.2.0.2\",\"sport\":4000,"
		"\"dport\":80},"
		"\"reply\":{\"proto\":\"tcp\",\"src\":\"10.2.0.2\",\"dst\":\"192.0.2.1\",\"sport\":80,"
		"\"dport\":61001},\"nat\":\"SNAT 10.1.0.2:4000 → 192.0.2.1:61001\"}");
	PUT(&o, EVENT_FUNC, (struct event){ .func = IP_RCV });
	check_last(&o, "{\"type\":\"function\",\"ct\":\"established\"}");
	/* told by the skb itself, which is newer */
	put_full(&o, 0xffff888000001000u | 4);
	check_last(&o, "{\"ct\":\"related\"}");
	PUT(&o, EVENT_CT, (struct event_ct){ .ct = 7 });
	check_last(&o, "{\"state\":\"untracked\",\"original\":null,\"status\":null}");
	PUT(&o, EVENT_CT, (struct event_ct){ .ct = 0xffff888000001000u });
	check_last(&o, "{\"status\":[],\"original\":{},\"nat\":null,\"tcp_state\":null}");
	close_sink(&o);
}

static void test_drop(void **state)
{
	struct out o;

	open_sink(&o, &sink_json);
	put_ruleset(&o);
	put_symbol(&o);
	put_full(&o, 0);
	put_drop(&o, 0);
	check_last(&o, "{\"type\":\"drop\",\"reason\":\"NETFILTER_DROP\",\"func\":\"nf_hook_slow\","
		       "\"location\":\"0xffffffff81000010\",\"stack\":null,\"table\":null,\"handle\":null}");
	put_rule(&o, 5, NF_DECIDED_DROP, 0, 0);
	put_chain(&o, CHAIN_LEAVE, NF_DECIDED_DROP, CHAIN_BASE);
	put_hook(&o, NF_DECIDED_DROP, HOOK_BY_CHAIN);
	PUT(&o, EVENT_FUNC, (struct event){ .func = KFREE_SKB });
	put_drop(&o, 2);
	check_last(&o, "{\"stack\":[\"nf_hook_slow+0x10\",\"0xffffffff81002000\"],\"family\":\"inet\","
		       "\"table\":\"lab\",\"chain\":\"forwarding\",\"handle\":5,"
		       "\"rule\":\"ip saddr 10.1.0.2 tcp dport 80 counter drop\",\"policy\":null}");
	put_chain(&o, CHAIN_LEAVE, NF_DECIDED_DROP, CHAIN_BASE | CHAIN_BY_POLICY);
	put_drop(&o, UINT32_MAX);
	check_last(&o, "{\"table\":\"lab\",\"chain\":\"forwarding\",\"handle\":null,\"policy\":true}");
	/* it went on: what was decided before does not count */
	put_rule(&o, 5, NF_DECIDED_DROP, 0, 0);
	PUT(&o, EVENT_FUNC, (struct event){ .func = IP_RCV });
	put_drop(&o, 2);
	check_last(&o, "{\"table\":null,\"handle\":null,\"policy\":null}");
	close_sink(&o);
}

static void test_stats(void **state)
{
	struct run_figures run = { .seconds = 1 };
	struct summary_of of = { .info = &info, .probes = &table, .run = &run };
	struct event_rule_hits hit = { .table = TABLE, .handle = 5, .n = { [NF_DECIDED_DROP] = 3 } };
	struct out o;

	open_sink(&o, &sink_json);
	put_ruleset(&o);
	put_symbol(&o);
	of.store = o.store;
	put(&o, &hit, EVENT_RULE_HITS, sizeof(hit));
	for (int i = 0; i < 3; i++, o.packet++) {
		put_full(&o, 0);
		put_chain(&o, CHAIN_ENTER, 0, CHAIN_BASE);
		put_rule(&o, 5, NF_DECIDED_DROP, 0, 0);
		put_chain(&o, CHAIN_LEAVE, NF_DECIDED_DROP, CHAIN_BASE);
		put_drop(&o, 0);
	}
	put_chain(&o, CHAIN_LEAVE, NF_DECIDED_ACCEPT, CHAIN_BASE | CHAIN_BY_POLICY);
	assert_int_equal(o.sink->ops->finish(o.sink, &of), 0);
	check_last(&o,
		"{\"type\":\"stats\",\"dropped\":3,\"fates\":{\"dropped\":3,\"live\":1},"
		"\"flows\":1,\"verdicts\":{\"accept\":1,\"drop\":3},"
		"\"reasons\":{\"NETFILTER_DROP\":3},"
		"\"rules\":[{\"netns\":7,\"family\":\"inet\",\"table\":\"lab\",\"chain\":\"forwarding\","
		"\"handle\":5,\"hits\":3,\"rule\":\"ip saddr 10.1.0.2 tcp dport 80 counter drop\"}],"
		"\"drops\":[{\"reason\":\"NETFILTER_DROP\",\"func\":\"nf_hook_slow\",\"count\":3,"
		"\"rule\":\"inet lab forwarding #5  ip saddr 10.1.0.2 tcp dport 80 counter drop\"}]}");
	close_sink(&o);
}

/* Cut records, and the longest of all texts: a line, and no more memory than there is. */
static void test_hostile(void **state)
{
	static const uint8_t types[] = { EVENT_HOOK, EVENT_CHAIN, EVENT_RULE, EVENT_CT, EVENT_DROP };
	char longest[RULE_TEXT_MAX - sizeof(struct event_rule_text)];
	union {
		struct event ev;
		char bytes[256];
	} u;
	struct out o;

	for (int sink = 0; sink < 2; sink++) {
		open_sink(&o, sink ? &sink_text : &sink_json);
		memset(longest, '"', sizeof(longest));
		longest[sizeof(longest) - 1] = '\0';
		put_text_rec(&o, RULE_TEXT_TABLE, 0, 0, longest, "", "", "");
		put_text_rec(&o, RULE_TEXT_CHAIN, 1, 0, "", longest, "", "");
		put_text_rec(&o, RULE_TEXT_RULE, 1, 5, "", "", longest, "");
		put_text_rec(&o, RULE_TEXT_RULE, 1, 5, "", "", "", longest);
		for (size_t i = 0; i < sizeof(types) * 8; i++) {
			memset(&u, (int)i * 37, sizeof(u));
			put(&o, &u, types[i % sizeof(types)], sizeof(struct event) + i % 8);
			memset(&u, (int)i * 37, sizeof(u));
			put(&o, &u, types[i % sizeof(types)], sizeof(u));
		}
		put_rule(&o, 5, NF_DECIDED_DROP, 0, 0);
		put_drop(&o, 2);
		if (!sink)
			check_last(&o, "{\"handle\":5}");
		close_sink(&o);
	}
}

static void assert_line(struct out *o, const char *want)
{
	assert_int_equal(o->sink->ops->flush(o->sink, 0), 0);
	if (!strstr(o->text, want))
		fail_msg("no \"%s\" in\n%s", want, o->text);
}

static void test_text(void **state)
{
	struct run_figures run = { .seconds = 1 };
	struct summary_of of = { .info = &info, .probes = &table, .run = &run };
	struct out o;

	open_sink(&o, &sink_text);
	of.store = o.store;
	put_ruleset(&o);
	put_symbol(&o);
	put_full(&o, 0);
	put_chain(&o, CHAIN_ENTER, 0, CHAIN_BASE);
	assert_line(&o, " chain     enter                              inet lab forwarding\n");
	put_ct(&o);
	assert_line(&o,
		" ct        established reply                  10.1.0.2:4000 > 10.2.0.2:80  ESTABLISHED  "
		"SNAT 10.1.0.2:4000 → 192.0.2.1:61001  mark 0x2a  zone 1  seen-reply assured snat\n");
	put_rule(&o, 6, NF_DECIDED_JUMP, 2, 0);
	assert_line(&o, " rule        jump                             inet lab forwarding #6  to help\n");
	put_rule(&o, 5, NF_DECIDED_DROP, 0, 0);
	assert_line(&o, " rule        drop                             inet lab forwarding #5  "
			"ip saddr 10.1.0.2 tcp dport 80 counter drop comment \"no \"web\"?[m\"\n");
	put_chain(&o, CHAIN_LEAVE, NF_DECIDED_DROP, CHAIN_BASE | CHAIN_BY_POLICY);
	assert_line(&o, " chain     leave drop (policy)                inet lab forwarding\n");
	put_hook(&o, NF_DECIDED_DROP, HOOK_BY_CHAIN);
	assert_line(&o, " hook      ipv4 forward drop\n");
	put_drop(&o, 2);
	assert_line(&o, " DROPPED   NETFILTER_DROP                     tcp 10.1.0.2:4000 > 10.2.0.2:80 "
			"at nf_hook_slow+0x10 by inet lab forwarding\n");
	put_hook(&o, NF_DECIDED_STOLEN, 0);
	assert_line(&o, "one of nf_hook_slow, 0xffffffff81002000\n");
	assert_int_equal(o.sink->ops->finish(o.sink, &of), 0);
	assert_line(&o, "\nchains   drop 1\n");
	close_sink(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_hook),
		cmocka_unit_test(test_ct),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
