/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many events a second the store takes and how long a JSON line takes, on
 * one core: the flood of flood.h.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "export/sink.h"
#include "flood.h"
#include "model/path.h"
#include "model/store.h"

enum { BATCH = 4096 };

static void bench_store(uint64_t events)
{
	static struct probe probes[100];
	static struct probe_table table = { .v = probes, .n = 100 };
	static union record batch[BATCH];
	static size_t size[BATCH];
	struct store *store = store_new(256u << 20);
	struct generator g = { .ts = 1 };
	struct store_totals t;
	uint64_t spent = 0;

	if (!store)
		exit(1);
	for (int i = 0; i < 100; i++)
		probes[i].class.layer = (enum layer)(i % LAYER_COUNT);
	store_probes(store, &table);
	for (uint64_t done = 0; done < events; done += BATCH) {
		uint64_t start;

		for (int i = 0; i < BATCH; i++)
			next_event(&g, &batch[i], &size[i]);
		start = spent_now();
		for (int i = 0; i < BATCH; i++)
			store_add(store, &batch[i].ev, size[i]);
		spent += spent_now() - start;
	}
	store_totals(store, &t);
	printf("store_add: %.2f M events/s (%.0f ns each), %llu packets, %llu evicted, %zu flows, %.1f of "
	       "%.1f MiB, %.1f bytes an event\n",
		(double)events * 1e3 / (double)spent, (double)spent / (double)events,
		(unsigned long long)t.packets, (unsigned long long)t.evicted_packets, t.flows,
		(double)t.bytes / 1048576, (double)t.budget / 1048576,
		(double)t.bytes / (double)(t.events - t.evicted_hops - t.orphans));
	store_free(store);
}

/* As many packets of one flow, as long, as a screen may have to group at once; and the worst comparison. */
static void bench_paths(void)
{
	enum { PACKETS = 2000, LENGTH = 200, LONG = 4096 };
	struct store *store = store_new(256u << 20);
	struct generator g = { .ts = 1 };
	struct paths paths;
	struct path_diff diff;
	union record r;
	uint64_t start;
	size_t size;

	if (!store)
		exit(1);
	for (uint64_t i = 0; i < (uint64_t)PACKETS * LENGTH + 2 * LONG; i++) {
		bool of_flow = i < (uint64_t)PACKETS * LENGTH;

		next_event(&g, &r, &size);
		r.ev.packet = of_flow ? 1 + i / LENGTH : PACKETS + 1 + (i & 1);
		r.ev.copy = 0;
		r.ev.type = of_flow && i % LENGTH == 0 ? EVENT_FUNC_FULL : EVENT_FUNC;
		r.ev.func = (uint16_t)(of_flow ? i % LENGTH + (i / LENGTH % 10 == 0) : i & 1);
		if (r.ev.type == EVENT_FUNC_FULL) {
			memset(&r.full.tuple, 0, sizeof(r.full) - sizeof(r.ev));
			r.full.tuple.l2proto = 0x0806;
		}
		store_add(store, &r.ev, r.ev.type == EVENT_FUNC_FULL ? sizeof(r.full) : sizeof(r.ev));
	}
	start = spent_now();
	if (paths_build(&paths, store, 1, 0))
		exit(1);
	printf("paths_build: %.2f ms for %llu packets of %d hops, %zu paths\n",
		(double)(spent_now() - start) / 1e6, (unsigned long long)paths.packets, LENGTH, paths.n);
	paths_free(&paths);
	start = spent_now();
	if (path_diff(&diff, store, PACKETS + 1, PACKETS + 2))
		exit(1);
	printf("path_diff: %.2f ms for two of %d hops that have nothing in common\n",
		(double)(spent_now() - start) / 1e6, LONG);
	path_diff_free(&diff);
	store_free(store);
}

/* Packets through a chain of 1,000 rules: a few of them act on each, and conntrack has a word. */
static void bench_netfilter(void)
{
	enum { PACKETS = 200000, ACTING = 10, RULES = 1000 };
	struct store *store = store_new(256u << 20);
	struct event_rule rule = { .table = 1, .chain = 1, .family = 1 };
	struct event_chain chain = { .table = 1, .chain = 1, .family = 1, .facts = CHAIN_BASE };
	struct event_ct ct = { .ct = 0xffff888100000000ull, .timeout = 30 };
	uint64_t start, ts = 1, n = 0;

	if (!store)
		exit(1);
	rule.ev.type = EVENT_RULE;
	chain.ev.type = EVENT_CHAIN;
	ct.ev.type = EVENT_CT;
	start = spent_now();
	for (uint64_t id = 1; id <= PACKETS; id++, n += ACTING + 3) {
		rule.ev.packet = chain.ev.packet = ct.ev.packet = id;
		ct.ev.ts = ts += 90;
		ct.ev.seq = 0;
		ct.original.sport = (uint16_t)(id % FLOWS);
		store_add(store, &ct.ev, sizeof(ct));
		for (uint16_t what = CHAIN_ENTER; what <= CHAIN_LEAVE; what++) {
			chain.what = (uint8_t)what;
			chain.ev.ts = ts += 90;
			chain.ev.seq = what ? ACTING + 2 : 1;
			store_add(store, &chain.ev, sizeof(chain));
			for (uint16_t i = 0; !what && i < ACTING; i++) {
				rule.handle = 2 + (id * 7 + i) % RULES;
				rule.ev.ts = ts += 90;
				rule.ev.seq = (uint16_t)(i + 2);
				store_add(store, &rule.ev, sizeof(rule));
			}
		}
	}
	start = spent_now() - start;
	printf("netfilter: %.2f M events/s (%.0f ns each)\n", (double)n * 1e3 / (double)start,
		(double)start / (double)n);
	store_free(store);
}

static void bench_sink(const struct sink_ops *ops, uint64_t events, const char *path)
{
	static struct probe probes[100];
	static char names[100][32];
	struct probe_table table = { .v = probes, .n = 100 };
	struct source_info info = { .host = "bench" };
	struct generator g = { .ts = 1 };
	FILE *out = fopen(path, "w");
	struct store *store;
	struct sink *sink;
	uint64_t start, made;
	size_t bytes = 0, size;
	union record r;

	for (int i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "some_kernel_function_%d", i);
		probes[i].name = names[i];
		probes[i].class.layer = LAYER_IPV4;
	}
	store = store_new(256u << 20);
	sink = out && store
		       ? ops->open(out,
				 &(struct sink_options){ .probes = &table, .info = &info, .store = store })
		       : NULL;
	if (!sink)
		exit(1);
	start = spent_now();
	for (uint64_t i = 0; i < events; i++) { /* the cost of the generator alone */
		next_event(&g, &r, &size);
		bytes += size;
	}
	made = spent_now() - start;
	start = spent_now();
	for (uint64_t i = 0; i < events; i++) {
		next_event(&g, &r, &size);
		if (ops->event(sink, &r.ev, size))
			exit(1);
	}
	ops->flush(sink, 0);
	start = spent_now() - start;
	printf("%s: %.0f ns a line (%zu bytes of events)\n", ops->name,
		(double)(start > made ? start - made : 0) / (double)events, bytes);
	ops->close(sink);
	store_free(store);
	fclose(out);
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/dev/null";

	bench_store(20000000);
	bench_netfilter();
	bench_paths();
	bench_sink(&sink_json, 4000000, path);
	bench_sink(&sink_text, 4000000, path);
	return 0;
}
