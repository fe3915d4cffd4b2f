/* SPDX-License-Identifier: GPL-2.0 */
/* Where a recording goes: rotation, full disks, and what is in the way. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#include "recording.h"
#include "recording/writer.h"

static bool exists(const struct run *run, const char *end)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", run->path, end);
	return !lstat(path, &st);
}

static struct told told_end(const struct run *run, const char *end)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%s", run->path, end);
	return told_by(path);
}

static void names(struct run *run)
{
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = 4026531840u, .ifindex = 2 } };
	struct event_netns netns = { .ev = { .type = EVENT_NETNS, .netns = 4026531840u } };
	struct event_owner owner = { .ev = { .type = EVENT_OWNER, .pid = 7 }, .inode = 99 };
	struct event_symbol symbol = { .ev = { .type = EVENT_SYMBOL }, .addr = 0xffffffff81000000ull };
	struct event_chain_name chain = { .ev = { .type = EVENT_CHAIN_NAME }, .table = 1, .chain = 2 };
	struct event_rule_hits hits = { .ev = { .type = EVENT_RULE_HITS }, .table = 1, .handle = 4 };

	memcpy(dev.name, "eth\0330", 6);
	memcpy(netns.name, "web", 4);
	recorder_event(run->recorder, &dev.ev, sizeof(dev));
	recorder_event(run->recorder, &dev.ev, sizeof(dev)); /* remembered once */
	recorder_event(run->recorder, &netns.ev, sizeof(netns));
	recorder_event(run->recorder, &owner.ev, sizeof(owner));
	recorder_event(run->recorder, &symbol.ev, sizeof(symbol));
	recorder_event(run->recorder, &chain.ev, sizeof(chain));
	recorder_event(run->recorder, &hits.ev, sizeof(hits));
}

enum { NAMES = 6 };

static void ruleset(struct run *run, unsigned int rules, uint32_t generation, bool whole)
{
	struct event_ruleset mark = { .ev = { .type = EVENT_RULESET, .netns = 4026531840u } };
	union {
		struct event_rule_text text;
		uint8_t bytes[sizeof(struct event_rule_text) + 40];
	} rule;

	mark.generation = generation;
	recorder_event(run->recorder, &mark.ev, sizeof(mark));
	memset(&rule, 'r', sizeof(rule));
	memset(&rule.text.ev, 0, sizeof(rule.text.ev));
	rule.text.ev.type = EVENT_RULE_TEXT;
	rule.text.ev.netns = 4026531840u;
	for (unsigned int i = 0; i < rules; i++) {
		rule.text.handle = i;
		recorder_event(run->recorder, &rule.text.ev, sizeof(rule.text) + 1 + i % 39);
	}
	mark.what = RULESET_END;
	if (whole)
		recorder_event(run->recorder, &mark.ev, sizeof(mark));
}

/* A recording that begins in the middle tells first what is needed to understand it. */
static void test_begins_late(void **state)
{
	struct event open = { .ts = 5, .packet = 77, .type = EVENT_FUNC };
	struct reader_item item;
	struct run run;
	struct reader *r;
	struct told t;
	uint64_t full = 0, texts = 0, marks = 0;

	run_init(&run);
	names(&run);
	ruleset(&run, 5, 1, true);
	ruleset(&run, 7, 2, true);
	ruleset(&run, 3, 3, false); /* is still being read */
	run_packet(&run, 1, 5);	    /* has ended */
	for (int i = 0; i < 3; i++) {
		struct event_full begun = { .ev = { .packet = 50 + i % 2, .type = EVENT_FUNC_FULL } };

		begun.ev.ts = run.ts + 1 + (uint64_t)i;
		begun.l3_len = 1000 + (uint32_t)i;
		recorder_event(run.recorder, &begun.ev, sizeof(begun));
	}
	assert_int_equal(run_start(&run, 0, 0), 0);
	recorder_event(run.recorder, &open, sizeof(open));
	run_stop(&run);
	t = told_by(run.path);
	assert_true(told_whole(&t));
	assert_int_equal(t.events, 1);
	assert_int_equal(t.retold, NAMES + 9 + 2);
	assert_int_equal(reader_open(&r, run.path, run.err, sizeof(run.err)), 0);
	while (reader_next(r, &item) == 1) {
		const struct event_full *seen = (const struct event_full *)item.event;

		if (item.type != READER_EVENT || !item.retold)
			continue;
		texts += item.event->type == EVENT_RULE_TEXT;
		marks += item.event->type == EVENT_RULESET &&
			 ((const struct event_ruleset *)item.event)->generation == 2;
		if (item.event->type != EVENT_FUNC_FULL)
			continue;
		full++;
		assert_int_equal(seen->l3_len, seen->ev.packet == 50 ? 1002 : 1001);
	}
	assert_int_equal(full, 2);
	assert_int_equal(texts, 7);
	assert_int_equal(marks, 2);
	reader_close(r);
	run_fini(&run);
}

/* Each file alone: its functions, names, an end; together: every event, once. */
static void test_rotation(void **state)
{
	enum { COUNT = 4, PACKETS = 9200 };
	static const char *const ends[] = { ".3", ".2", ".1", "" };
	struct recorder_status status;
	struct run run;
	uint64_t next = 0;

	run_init(&run);
	run.noise = true;
	assert_int_equal(run_start(&run, 64 << 10, COUNT), 0);
	names(&run);
	for (uint64_t packet = 1; packet <= PACKETS; packet++) {
		run_packet(&run, packet, 9);
		if (packet % 500 == 0) {
			run_tick(&run);
			recorder_status(run.recorder, &status);
		}
	}
	run_stop(&run);
	recorder_status(run.recorder, &status);
	assert_string_equal(status.error, "");
	assert_true(status.files > COUNT);
	assert_int_equal(status.missed, 0);
	assert_false(exists(&run, ".4"));
	for (int i = 0; i < COUNT; i++) {
		struct told t = told_end(&run, ends[i]);

		assert_true(told_whole(&t));
		assert_int_equal(t.figures, 1);
		assert_int_equal(t.filters, 1);
		assert_int_equal(t.goes_on, i < COUNT - 1);
		assert_true(t.retold >= NAMES && t.retold <= NAMES + 1);
		assert_true(!next || t.packets[0] == next || t.packets[0] == next - 1);
		next = t.packets[1] + 1;
	}
	assert_int_equal(next, PACKETS + 1);
	/* another run takes the place of the oldest */
	assert_int_equal(run_start(&run, 64 << 10, COUNT), 0);
	run_packet(&run, PACKETS + 1, 1);
	run_stop(&run);
	assert_int_equal(told_end(&run, "").packets[0], PACKETS + 1);
	assert_int_equal(told_end(&run, ".1").packets[1], PACKETS);
	assert_false(exists(&run, ".4"));
	run_fini(&run);
}

static void test_rotation_of_one(void **state)
{
	struct recorder_status status;
	struct run run;
	struct told t;

	run_init(&run);
	run.noise = true;
	assert_int_equal(run_start(&run, 64 << 10, 1), 0);
	for (uint64_t packet = 1; packet <= 9000; packet++) {
		run_packet(&run, packet, 9);
		if (packet % 500 == 0)
			run_settle(&run);
	}
	run_stop(&run);
	recorder_status(run.recorder, &status);
	assert_true(status.files > 1);
	assert_false(exists(&run, ".1"));
	t = told_by(run.path);
	assert_true(told_whole(&t));
	assert_int_equal(t.packets[1], 9000);
	run_fini(&run);
}

static void test_replaces(void **state)
{
	struct run run;
	struct stat st;

	run_init(&run);
	for (int round = 1; round <= 2; round++) {
		assert_int_equal(run_start(&run, 0, 0), 0);
		run_packet(&run, (uint64_t)round, 3);
		run_stop(&run);
		assert_int_equal(told_by(run.path).packets[0], round);
		assert_int_equal(chmod(run.path, 0644), 0);
	}
	file_make(run.path, "", 0);
	assert_int_equal(chmod(run.path, 0666), 0);
	assert_int_equal(run_start(&run, 0, 0), 0);
	run_stop(&run);
	assert_int_equal(stat(run.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	run_fini(&run);
}

static void refuses(struct run *run, int error, const char *why)
{
	struct recorder_options options = { .path = run->path, .rotate_size = 1 << 20, .rotate_count = 3 };

	assert_int_equal(recorder_check(&options, run->err, sizeof(run->err)), -error);
	assert_non_null(strstr(run->err, why));
	assert_int_equal(run_start(run, 1 << 20, 3), -error);
	assert_non_null(strstr(run->err, why));
	assert_null(strchr(run->err, '\n'));
}

static void test_in_the_way(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char other[128], older[128];
	struct run run;
	uint8_t *bytes;
	size_t len;
	int fd;

	run_init(&run);
	snprintf(other, sizeof(other), "%s/other", run.folder);
	snprintf(older, sizeof(older), "%s.2", run.path);
	/* something else */
	file_make(run.path, "important", 9);
	refuses(&run, EEXIST, "is no recording");
	bytes = file_bytes(run.path, &len);
	assert_int_equal(len, 9);
	assert_memory_equal(bytes, "important", 9);
	free(bytes);
	unlink(run.path);
	/* links, also to what could be replaced */
	file_make(other, "", 0);
	assert_int_equal(symlink(other, run.path), 0);
	refuses(&run, EEXIST, "symbolic link");
	unlink(run.path);
	assert_int_equal(link(other, run.path), 0);
	refuses(&run, EEXIST, "hard links");
	unlink(run.path);
	/* a link that leads nowhere: nothing is made there */
	assert_int_equal(symlink("/tmp/recording-of-nobody", run.path), 0);
	refuses(&run, EEXIST, "symbolic link");
	unlink(run.path);
	/* what is no file */
	assert_int_equal(mkfifo(run.path, 0600), 0);
	refuses(&run, EEXIST, "no regular file");
	unlink(run.path);
	assert_int_equal(mkdir(run.path, 0700), 0);
	refuses(&run, EISDIR, "is a directory");
	rmdir(run.path);
	memcpy(addr.sun_path, run.path, strlen(run.path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	refuses(&run, EEXIST, "no regular file");
	close(fd);
	unlink(run.path);
	/* at a place that the rotation will need */
	file_make(older, "important", 9);
	refuses(&run, EEXIST, "run.2: exists and is no recording");
	assert_false(exists(&run, ""));
	unlink(older);
	strcpy(run.path, "/dev/full");
	refuses(&run, EEXIST, "no regular file");
	strcpy(run.path, "-");
	refuses(&run, EINVAL, "standard output");
	strcpy(run.path, "/nowhere/at/all");
	refuses(&run, ENOENT, "/nowhere/at");
	run_fini(&run);
}

/* Two that write one file. */
static void test_in_use(void **state)
{
	struct run run, second;

	run_init(&run);
	run_init(&second);
	assert_int_equal(run_start(&run, 0, 0), 0);
	memcpy(second.path, run.path, sizeof(run.path));
	assert_int_equal(run_start(&second, 0, 0), -EBUSY);
	assert_non_null(strstr(second.err, "is being written"));
	run_stop(&run);
	assert_int_equal(run_start(&second, 0, 0), 0);
	run_stop(&second);
	run_fini(&second);
	run_fini(&run);
}

/* No room any more: the blocks that are there stay good, the error is told, the rest is counted. */
static void test_full_disk(void **state)
{
	enum { LIMIT = 40000 };
	struct rlimit before, limit;
	struct recorder_status status;
	struct run run;
	struct told t;
	struct stat st;

	run_init(&run);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = LIMIT;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(run_start(&run, 0, 0), 0);
	for (uint64_t packet = 1; packet <= 6000; packet++) {
		run_packet(&run, packet, 19);
		if (packet % 100 == 0)
			run_tick(&run);
	}
	assert_int_equal(recorder_stop(run.recorder, NULL, run.err, sizeof(run.err)), -EIO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(run.err, "File too large"));
	assert_non_null(strstr(run.err, run.path));
	recorder_status(run.recorder, &status);
	assert_string_equal(status.error, run.err);
	assert_true(status.missed > 0 && status.events > 0);
	assert_int_equal(status.events + status.missed, 120000);
	assert_int_equal(stat(run.path, &st), 0);
	assert_true(st.st_size <= LIMIT);
	assert_int_equal(st.st_size, status.bytes);
	t = told_by(run.path);
	assert_int_equal(t.opened, 0);
	assert_int_equal(t.events, status.events);
	assert_true(t.flaws.unfinished);
	assert_int_equal(t.flaws.broken, 0);
	assert_int_equal(t.flaws.bytes, 0);
	run_fini(&run);
}

/* Of events so many blocks may wait; what a file begins with has room beside them. */
static void test_room(void **state)
{
	struct writer_block *block[WRITER_WAITING];
	struct writer_status status;
	struct writer *w;
	struct run run;
	struct told t;

	run_init(&run);
	assert_int_equal(writer_start(&w, run.path, 1, run.err, sizeof(run.err)), 0);
	for (unsigned int i = 0; i < WRITER_WAITING; i++) {
		block[i] = writer_get(w, true);
		assert_non_null(block[i]);
	}
	assert_null(writer_get(w, true));
	for (unsigned int i = 0; i < WRITER_LIMIT - WRITER_WAITING; i++) {
		struct writer_block *state_block = writer_get(w, false);

		assert_non_null(state_block);
		writer_put(w, state_block);
	}
	for (unsigned int i = 0; i < WRITER_WAITING; i++) {
		memset(block[i]->data, (int)i, 100);
		block[i]->len = 100;
		writer_put(w, block[i]);
	}
	writer_stop(w, &status);
	assert_string_equal(status.error, "");
	t = told_by(run.path);
	assert_int_equal(t.opened, 0);
	assert_int_equal(t.flaws.bytes > 0, t.flaws.broken > 0); /* these bytes are no events, but blocks */
	run_fini(&run);
}

/* From the index: no event behind the time is left out, and what holds there is told. */
static void test_seek(void **state)
{
	struct reader_item item;
	uint64_t first, last, begin;
	struct run run;
	struct reader *r;

	run_init(&run);
	begin = run.ts + 1000;
	assert_int_equal(run_start(&run, 0, 0), 0);
	for (uint64_t packet = 1; packet <= 1000; packet++) {
		run_packet(&run, packet, 9);
		if (packet % 50 == 0)
			run_tick(&run);
	}
	run_stop(&run);
	assert_int_equal(reader_open(&r, run.path, run.err, sizeof(run.err)), 0);
	reader_span(r, &first, &last);
	assert_int_equal(first, begin);
	assert_int_equal(last, run.ts);
	for (int round = 0; round < 40; round++) {
		uint64_t to = begin + (uint64_t)(round * 7919 % 1000) * 10000 + 5, hits = 0, before = 0;
		bool told_counters = false;

		assert_int_equal(reader_seek(r, to), 0);
		while (reader_next(r, &item) == 1) {
			if (item.type == READER_COUNTERS && !before) {
				told_counters = true;
				for (int i = 0; i < RUN_FUNCS; i++)
					hits += item.hits[i];
			}
			if (item.type != READER_EVENT)
				continue;
			before++;
			if (item.ts >= to)
				break;
		}
		assert_int_equal(item.type, READER_EVENT);
		assert_int_equal(item.ts, begin + (to - begin + 999) / 1000 * 1000);
		assert_true(before <= 500);
		/* exact when the block began */
		assert_true(told_counters || to < begin + 500 * 1000);
		if (told_counters)
			assert_int_equal(hits, (item.ts - begin) / 1000 + 1 - before);
	}
	assert_int_equal(reader_seek(r, last + 1), 0);
	item.type = READER_EVENT;
	while (reader_next(r, &item) == 1)
		assert_int_not_equal(item.type, READER_EVENT);
	assert_int_equal(item.type, READER_FIGURES);
	reader_close(r);
	run_fini(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begins_late),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_rotation_of_one),
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_in_the_way),
		cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_seek),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
