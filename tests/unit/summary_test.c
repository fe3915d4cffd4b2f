/* SPDX-License-Identifier: GPL-2.0 */
/* The statistics of a run: the same as counted by hand, whatever left and whenever the clock ticked. */
#include "unit/sender.h"

#include <stdio.h>

#include "export/json_stats.h"
#include "model/summary.h"

enum { IP_RCV, TCP_RCV };

static struct probe probes[] = {
	{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
	{ .name = "tcp_v4_rcv", .class = { LAYER_TCP, CATEGORY_TCP, 0 } },
};
static const struct probe_table table = { .v = probes, .n = 2 };
static const uint64_t hits[] = { 7, 9 };
static const struct run_figures run = { .seconds = 1, .attach_ms = -1, .detach_ms = -1 };

static struct summary_of of(const struct store *store)
{
	return (struct summary_of){ .probes = &table, .store = store, .run = &run, .hits = hits };
}

static struct sender sender_new(size_t budget)
{
	struct sender s = { .store = store_new(budget), .ts = 1000 };

	store_probes(s.store, &table);
	return s;
}

static void next_packet(struct sender *s)
{
	s->packet++;
	memset(s->seq, 0, sizeof(s->seq));
}

/* One that a socket takes, one that a rule drops, one that is done with, one whose end is not seen. */
static void by_hand(void **state)
{
	struct sender s = sender_new(4 << 20);
	struct summary_of from = of(s.store);
	struct summary sum;

	next_packet(&s);
	full(&s, 0, 0, tuple(1, 1), 0);
	func(&s, 0, TCP_RCV);
	to_socket(&s, 0, 12);
	end(&s, 0, 0);
	for (int i = 0; i < 2; i++) {
		next_packet(&s);
		full(&s, 0, 0, tuple(2, 1), 0);
		at_chain(&s, 0, 1, CHAIN_ENTER, 0, CHAIN_BASE);
		at_chain(&s, 0, 2, CHAIN_LEAVE, NF_DECIDED_ACCEPT, 0);
		at_rule(&s, 0, 1, 5, NF_DECIDED_DROP);
		at_chain(&s, 0, 1, CHAIN_LEAVE, NF_DECIDED_DROP, CHAIN_BASE);
		drop(&s, 0, 3);
	}
	next_packet(&s);
	full(&s, 0, 0, tuple(1, 1), 0);
	end(&s, 0, 0);
	next_packet(&s);
	full(&s, 0, 0, tuple(3, 1), 0);
	drop(&s, 1, 4); /* of another copy: the packet is under way */

	summary_make(&sum, &from);
	assert_int_equal(sum.store.packets, 5);
	assert_int_equal(sum.store.fates[FATE_DELIVERED], 1);
	assert_int_equal(sum.store.fates[FATE_DROPPED], 2);
	assert_int_equal(sum.store.fates[FATE_CONSUMED], 1);
	assert_int_equal(sum.store.fates[FATE_LIVE], 1);
	assert_int_equal(sum.store.dropped, 3);
	assert_int_equal(sum.store.delivered, 1);
	assert_int_equal(sum.store.verdicts[NF_DECIDED_DROP], 2);
	assert_int_equal(sum.store.verdicts[NF_DECIDED_ACCEPT], 2);
	assert_int_equal(sum.drops, 3);
	assert_int_equal(sum.nreasons, 2);
	assert_int_equal(sum.reason[0].reason, 3);
	assert_int_equal(sum.reason[0].count, 2);
	assert_int_equal(sum.reason[1].count, 1);
	assert_int_equal(sum.other_reasons, 0);
	assert_int_equal(sum.ndrops, 2);
	assert_int_equal(sum.drop[0]->count, 2);
	assert_int_equal(sum.flows, 3);
	assert_int_equal(sum.nflows, 3);
	assert_int_equal(sum.flow[0]->packets[0], 2);
	assert_int_equal(sum.flow[1]->drops, 2);
	/* hits are the kernel's; times are of the four that are over */
	assert_int_equal(sum.nlayers, 2);
	assert_int_equal(sum.layer[0].layer, LAYER_IPV4);
	assert_int_equal(sum.layer[0].hits, 7);
	assert_int_equal(sum.layer[0].times.count, 4);
	assert_int_equal(sum.layer[0].times.max, 50);
	assert_int_equal(sum.layer[1].times.count, 1);
	assert_int_equal(sum.layer[1].times.max, 20);
	assert_int_equal(sum.packets.count, 4);
	assert_int_equal(sum.packets.max, 60);
	assert_int_equal(sum.nfunctions, 2);
	assert_int_equal(sum.function[0].probe, TCP_RCV);
	assert_int_equal(sum.function[0].hits, 9);
	store_free(s.store);
}

/* A store that keeps next to nothing: what left was counted, and every reason. */
static void nothing_leaves_the_sums(void **state)
{
	struct sender s = sender_new(1);
	struct summary_of from = of(s.store);
	uint64_t fates = 0, reasons = 0;
	struct summary sum;

	for (int i = 0; i < 30000; i++) {
		next_packet(&s);
		full(&s, 0, 0, tuple((uint8_t)(i % 200), (uint16_t)(i / 200)), 0);
		if (i % 3 == 0)
			drop(&s, 0, (uint32_t)(i % 40));
		else if (i % 3 == 1)
			to_socket(&s, 0, 1);
		if (i % 3 == 1)
			end(&s, 0, 0);
	}
	summary_make(&sum, &from);
	assert_true(sum.store.evicted_packets > 20000);
	assert_int_equal(sum.store.fates[FATE_DROPPED], 10000);
	assert_int_equal(sum.store.fates[FATE_DELIVERED], 10000);
	assert_int_equal(sum.store.fates[FATE_LIVE], 10000);
	assert_int_equal(sum.store.dropped, 10000);
	assert_int_equal(sum.drops, 10000);
	assert_true(drops_forgotten(store_drops(s.store)) > 0);
	assert_int_equal(sum.nreasons, 40);
	assert_int_equal(sum.other_reasons, 0);
	for (size_t i = 0; i < sum.nreasons; i++)
		reasons += sum.reason[i].count;
	assert_int_equal(reasons, 10000);
	for (int i = 0; i < FATE_COUNT; i++)
		fates += sum.store.fates[i];
	assert_int_equal(fates, sum.store.packets);
	assert_int_equal(sum.flows, sum.store.flows + sum.store.evicted_flows);
	assert_true(sum.store.evicted_flows > 0);
	store_free(s.store);
}

/* More reasons than are listed, and than are counted. */
static void reasons_beyond(void **state)
{
	struct sender s = sender_new(1);
	struct summary_of from = of(s.store);
	struct summary sum;

	for (uint32_t i = 0; i < 1000; i++) {
		next_packet(&s);
		full(&s, 0, 0, tuple(1, 1), 0);
		drop(&s, 0, 7);
		next_packet(&s);
		full(&s, 0, 0, tuple(1, 1), 0);
		drop(&s, 0, 1000 + i);
	}
	summary_make(&sum, &from);
	assert_int_equal(sum.drops, 2000);
	assert_int_equal(sum.nreasons, SUMMARY_REASONS);
	assert_int_equal(sum.reason[0].reason, 7);
	assert_int_equal(sum.reason[0].count, 1000);
	assert_int_equal(sum.other_reasons, 1000 - (SUMMARY_REASONS - 1));
	assert_true(drops_other_reasons(store_drops(s.store)) > 0);
	store_free(s.store);
}

static char *as_json(const struct store *store)
{
	struct summary_of from = of(store);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(json_stats_write(f, &from), 0);
	fclose(f);
	return text;
}

/* Traffic with all kinds of ends; every > 0: the clock ticks that often. */
static char *played(unsigned int every)
{
	struct sender s = sender_new(1 << 20);
	char *text;

	for (unsigned int i = 0; i < 20000; i++) {
		next_packet(&s);
		full(&s, 0, 0, tuple((uint8_t)(i % 50), (uint16_t)(i % 7)), 0);
		s.ts += i * 31 % 5000;
		func(&s, 0, TCP_RCV);
		at_rule(&s, 0, 1, 5 + i % 3, i % 5 ? NF_DECIDED_ACCEPT : NF_DECIDED_DROP);
		at_chain(&s, 0, 1, CHAIN_LEAVE, i % 5 ? NF_DECIDED_ACCEPT : NF_DECIDED_DROP, CHAIN_BASE);
		if (i % 5 == 0)
			drop(&s, 0, i % 9);
		else if (i % 7)
			end(&s, 0, 0);
		if (every && i % every == 0)
			store_tick(s.store, s.ts + i % 1000);
	}
	text = as_json(s.store);
	store_free(s.store);
	return text;
}

static void ticks_change_nothing(void **state)
{
	static const unsigned int every[] = { 1, 17, 5000 };
	char *never = played(0);

	assert_non_null(strstr(never, "\"evicted\":"));
	assert_null(strstr(never, "\"evicted\":0,"));
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		char *ticked = played(every[i]);

		assert_string_equal(never, ticked);
		free(ticked);
	}
	free(never);
}

static void nothing_at_all(void **state)
{
	struct store *store = store_new(1 << 20);
	struct probe_table none = { 0 };
	struct summary_of from = { .probes = &none, .store = store, .run = &run };
	struct summary sum;

	summary_make(&sum, &from);
	assert_int_equal(sum.nlayers + sum.nfunctions + sum.nreasons + sum.nrules + sum.nflows, 0);
	assert_int_equal(sum.packets.count, 0);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(nothing_leaves_the_sums),
		cmocka_unit_test(reasons_beyond),
		cmocka_unit_test(ticks_change_nothing),
		cmocka_unit_test(nothing_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
