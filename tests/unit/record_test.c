/* SPDX-License-Identifier: GPL-2.0 */
/* The command record beside its loop: what it asks of a source, and when it gives up. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "record.h"
#include "recording.h"

struct fake {
	struct source src;
	struct run *run;
};

static void fake_counters(struct source *src, uint64_t *hits, uint64_t *lost)
{
	const struct run *run = ((struct fake *)src)->run;

	memcpy(hits, run->hits, RUN_FUNCS * sizeof(*hits));
	memcpy(lost, run->lost, RUN_FUNCS * sizeof(*lost));
}

static void fake_totals(struct source *src, struct source_totals *out)
{
	*out = ((struct fake *)src)->run->totals;
}

static void fake_filter_now(struct source *src, struct packet_filter *out)
{
	*out = ((struct fake *)src)->run->filter;
}

static const struct source_ops fake_ops = {
	.counters = fake_counters,
	.totals = fake_totals,
	.filter_now = fake_filter_now,
};

static char *const argv_of_test[] = { "record", "-o", "run", "icmp", NULL };

static void fake_init(struct fake *f, struct run *run, struct options *options)
{
	run_init(run);
	memset(f, 0, sizeof(*f));
	f->run = run;
	f->src.ops = &fake_ops;
	f->src.probes = &run->table;
	f->src.info = run->info;
	assert_int_equal(selection_init(&f->src.selection, &run->table), 0);
	memset(options, 0, sizeof(*options));
	options->command = RUN_RECORD;
	options->output = run->path;
	options->argv = argv_of_test;
}

static void fake_fini(struct fake *f, struct run *run)
{
	selection_fini(&f->src.selection);
	run_fini(run);
}

static void add_packet(struct record *r, struct run *run, uint64_t packet)
{
	struct event ev = { .packet = packet, .type = EVENT_FUNC, .func = 1, .skb = packet * 2654435761u };

	for (int i = 0; i < 10; i++) {
		ev.ts = run->ts += 100;
		ev.mark = (uint32_t)(ev.ts * 0x9e3779b97f4a7c15ull >> 17);
		run->hits[1]++;
		record_event(r, &ev, sizeof(ev));
	}
}

static void test_run(void **state)
{
	struct run_figures figures = { .seconds = 1 };
	struct options options;
	struct reader_item item;
	struct reader *reader;
	struct record *r;
	struct fake f;
	struct run run;
	uint64_t events = 0, counted = 0, filters = 0;

	fake_init(&f, &run, &options);
	assert_int_equal(record_check(&options, run.err, sizeof(run.err)), 0);
	assert_int_equal(access(run.path, F_OK), -1);
	r = record_open(&f.src, &options, run.err, sizeof(run.err));
	assert_non_null(r);
	add_packet(r, &run, 1);
	assert_int_equal(record_look(r, 5000000000, run.err, sizeof(run.err)), 0);
	assert_int_equal(record_look(r, 5000000001, run.err, sizeof(run.err)), 0); /* not yet again */
	assert_int_equal(packet_filter_parse(&run.filter, "udp", run.err, sizeof(run.err)), 0);
	record_filter(r);
	add_packet(r, &run, 2);
	assert_true(record_has_room(r));
	assert_int_equal(record_finish(r, &figures, run.err, sizeof(run.err)), 0);
	record_free(r);
	assert_int_equal(reader_open(&reader, run.path, run.err, sizeof(run.err)), 0);
	assert_string_equal(reader_head(reader)->options, "record -o run icmp");
	assert_true(reader_wanted(reader)[1]);
	while (reader_next(reader, &item) == 1) {
		events += item.type == READER_EVENT;
		filters += item.type == READER_FILTER;
		if (item.type != READER_COUNTERS)
			continue;
		counted++;
		assert_int_equal(item.hits[1], counted * 10);
	}
	assert_int_equal(events, 20);
	assert_int_equal(counted, 2);
	assert_int_equal(filters, 2);
	reader_close(reader);
	fake_fini(&f, &run);
}

static void test_refused(void **state)
{
	struct options options;
	struct fake f;
	struct run run;

	fake_init(&f, &run, &options);
	options.output = NULL;
	assert_int_equal(record_check(&options, run.err, sizeof(run.err)), -EINVAL);
	assert_non_null(strstr(run.err, "-o FILE is missing"));
	options.output = run.path;
	file_make(run.path, "something", 9);
	assert_int_equal(record_check(&options, run.err, sizeof(run.err)), -EEXIST);
	assert_null(record_open(&f.src, &options, run.err, sizeof(run.err)));
	assert_non_null(strstr(run.err, "is no recording"));
	fake_fini(&f, &run);
}

/* It ends with one line as soon as it knows; what is written can be read. */
static void test_full_disk(void **state)
{
	struct rlimit before, limit;
	struct options options;
	struct record *r;
	struct fake f;
	struct run run;
	struct told t;
	uint64_t now = 1, packets = 0;
	int ret = 0;

	fake_init(&f, &run, &options);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 20000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	r = record_open(&f.src, &options, run.err, sizeof(run.err));
	assert_non_null(r);
	while (!ret && packets < 1000000) {
		add_packet(r, &run, ++packets);
		if (packets % 100 == 0)
			ret = record_look(r, now += 2000000000, run.err, sizeof(run.err));
		while (!record_has_room(r))
			nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
	}
	assert_int_equal(ret, -EIO);
	record_free(r);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(run.err, "File too large: the recording ends here"));
	t = told_by(run.path);
	assert_int_equal(t.opened, 0);
	assert_true(t.events > 0 && t.events < packets * 10);
	assert_true(t.flaws.unfinished && !t.flaws.broken && !t.flaws.bytes);
	fake_fini(&f, &run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
