/* SPDX-License-Identifier: GPL-2.0 */
/* What a recorder was told, a reader tells. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "model/reasons.h"
#include "recording.h"

static void test_head(void **state)
{
	const struct reader_head *head;
	struct run run;
	struct reader *r;
	struct probe_table *table;
	char name[REASON_TEXT_MAX];

	run_init(&run);
	assert_int_equal(run_start(&run, 0, 0), 0);
	run_stop(&run);
	assert_int_equal(reader_open(&r, run.path, run.err, sizeof(run.err)), 0);
	head = reader_head(r);
	assert_string_equal(head->info.host, "ho?st");
	assert_string_equal(head->info.kernel, "6.12.1");
	assert_string_equal(head->info.backend, "kprobe-multi");
	assert_string_equal(head->options, "record -o run");
	assert_string_equal(head->version, VERSION);
	assert_int_equal(head->info.cpus, 8);
	assert_true(head->begun && head->wall > 1600000000ll * 1000000000);
	assert_string_equal(reason_name(&head->info, 2, name, sizeof(name)), "NETFILTER_DROP");
	assert_string_equal(reason_name(&head->info, 1, name, sizeof(name)), "0x1");
	assert_string_equal(reason_name(&head->info, 3, name, sizeof(name)), "NO_?[31mSOCKET");
	table = reader_probes(r);
	assert_int_equal(table->n, RUN_FUNCS);
	assert_int_equal(probe_capacity(table), RUN_CAP);
	for (size_t i = 0; i < RUN_FUNCS; i++) {
		assert_string_equal(table->v[i].name, run.names[i]);
		assert_memory_equal(&table->v[i].class, &run.probes[i].class, sizeof(struct probe_class));
		assert_int_equal(table->v[i].state, run.probes[i].state);
		assert_int_equal(table->v[i].error, run.probes[i].error);
		assert_int_equal(reader_wanted(r)[i], run.wanted[i]);
	}
	assert_string_equal(table->v[3].module, "nf_tables");
	assert_null(table->v[4].module);
	assert_string_equal(table->v[4].why, "no skb");
	reader_close(r);
	run_fini(&run);
}

/* Counters, a filter and a function that come while it runs stand where they came. */
static void test_course(void **state)
{
	static const enum reader_type want[] = { READER_FILTER, READER_EVENT, READER_EVENT, READER_COUNTERS,
		READER_FILTER, READER_EVENT, READER_EVENT, READER_COUNTERS, READER_FIGURES };
	struct reader_item item;
	struct run run;
	struct reader *r;
	size_t n = 0;

	run_init(&run);
	assert_int_equal(packet_filter_parse(&run.filter, "if=eth0 tcp", run.err, sizeof(run.err)), 0);
	assert_int_equal(run_start(&run, 0, 0), 0);
	run_packet(&run, 1, 1);
	run.lost[7] = 3;
	run_tick(&run);
	assert_int_equal(packet_filter_parse(&run.filter, "udp", run.err, sizeof(run.err)), 0);
	recorder_filter(run.recorder, &run.filter);
	atomic_store(&run.probes[6].state, PROBE_GONE);
	run.table.n = RUN_FUNCS + 1;
	run_packet(&run, 2, 1);
	run.wanted[1] = true;
	run_tick(&run);
	run_stop(&run);
	assert_int_equal(reader_open(&r, run.path, run.err, sizeof(run.err)), 0);
	assert_int_equal(reader_probes(r)->n, RUN_FUNCS);
	while (reader_next(r, &item) == 1) {
		assert_true(n < sizeof(want) / sizeof(want[0]));
		assert_int_equal(item.type, want[n]);
		if (n == 0)
			assert_string_equal(item.filter->interface, "eth0");
		if (n == 3) {
			assert_int_equal(item.lost[7], 3);
			assert_int_equal(item.hits[1], 1);
			assert_int_equal(item.totals->events, run.ts / 1000 - 2);
			assert_int_equal(reader_probes(r)->v[6].state, PROBE_IDLE);
		}
		if (n == 4)
			assert_string_equal(item.filter->expr, "udp");
		if (item.type == READER_COUNTERS)
			assert_true(item.ts <= run.ts);
		if (item.type == READER_FIGURES) {
			assert_true(item.run->seconds == 2.5 && item.run->attach_ms == 12);
			assert_true(item.run->detach_ms == -1);
			assert_memory_equal(&item.run->totals, &run.totals, sizeof(run.totals));
			assert_false(item.goes_on);
		}
		n++;
	}
	assert_int_equal(n, sizeof(want) / sizeof(want[0]));
	assert_int_equal(reader_probes(r)->n, RUN_FUNCS + 1);
	assert_int_equal(reader_probes(r)->v[6].state, PROBE_GONE);
	assert_true(reader_wanted(r)[1]);
	reader_close(r);
	run_fini(&run);
}

/* A function that came with a module is known before the first event that names it. */
static void test_late_function(void **state)
{
	struct event ev = { .ts = 1, .packet = 1, .type = EVENT_FUNC };
	struct reader_item item;
	struct run run;
	struct reader *r;
	size_t events = 0;

	run_init(&run);
	assert_int_equal(run_start(&run, 0, 0), 0);
	recorder_event(run.recorder, &ev, sizeof(ev));
	run.probes[RUN_FUNCS].module = "nf_nat";
	run.table.n = RUN_FUNCS + 2;
	ev.func = RUN_FUNCS + 1;
	recorder_event(run.recorder, &ev, sizeof(ev));
	run_stop(&run);
	assert_int_equal(reader_open(&r, run.path, run.err, sizeof(run.err)), 0);
	while (reader_next(r, &item) == 1) {
		if (item.type != READER_EVENT)
			continue;
		events++;
		assert_int_equal(reader_probes(r)->n, events == 1 ? RUN_FUNCS : RUN_FUNCS + 2);
	}
	assert_int_equal(events, 2);
	assert_string_equal(reader_probes(r)->v[RUN_FUNCS].module, "nf_nat");
	assert_string_equal(reader_probes(r)->v[RUN_FUNCS + 1].name, run.names[RUN_FUNCS + 1]);
	reader_close(r);
	run_fini(&run);
}

static void test_many(void **state)
{
	struct recorder_status status;
	struct told t;
	struct run run;
	struct stat st;

	run_init(&run);
	assert_int_equal(run_start(&run, 0, 0), 0);
	assert_int_equal(run_start(&run, 0, 0), -EALREADY);
	assert_non_null(strstr(run.err, "is on already"));
	for (uint64_t packet = 1; packet <= 5000; packet++) {
		run_packet(&run, packet, 19);
		if (packet % 1000 == 0)
			run_tick(&run);
	}
	run_stop(&run);
	recorder_status(run.recorder, &status);
	assert_false(status.on);
	assert_string_equal(status.error, "");
	assert_int_equal(status.events, 100000);
	assert_int_equal(status.files, 1);
	assert_int_equal(stat(run.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, status.bytes);
	assert_true(st.st_size < 100000 * 10);
	t = told_by(run.path);
	assert_true(told_whole(&t));
	assert_int_equal(t.events, 100000);
	assert_int_equal(t.counters, 5);
	assert_int_equal(t.filters, 1);
	assert_int_equal(t.figures, 1);
	assert_int_equal(t.retold, 0);
	run_fini(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_course),
		cmocka_unit_test(test_late_function),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
