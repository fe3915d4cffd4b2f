/* SPDX-License-Identifier: GPL-2.0 */
/* Recordings that are cut off, broken, foreign, or from another version: what can be read is, the rest is
 * told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <zlib.h>
#include <cmocka.h>

#include "recording.h"
#include "recording/bytes.h"
#include "recording/format.h"

enum { PACKETS = 300, HOPS = 9, TICK = 20 };

/* A file of many small blocks, in memory. */
static uint8_t *make_file(struct run *run, size_t *len)
{
	run_init(run);
	assert_int_equal(run_start(run, 0, 0), 0);
	for (uint64_t packet = 1; packet <= PACKETS; packet++) {
		run_packet(run, packet, HOPS);
		if (packet % TICK == 0)
			run_tick(run);
	}
	run_stop(run);
	return file_bytes(run->path, len);
}

/* Where the block behind the one at this place begins; 0: there is none. */
static size_t next_block(const uint8_t *bytes, size_t len, size_t at)
{
	struct block_head head;

	if (at + BLOCK_HEAD > len)
		return 0;
	assert_true(block_head_read(bytes + at, &head));
	return at + BLOCK_HEAD + head.stored;
}

static uint64_t events_before(const uint8_t *bytes, size_t end)
{
	uint64_t n = 0;
	struct block_head head;

	for (size_t at = RECORDING_START; at < end; at += BLOCK_HEAD + head.stored) {
		assert_true(block_head_read(bytes + at, &head));
		n += head.type == BLOCK_EVENTS && at + BLOCK_HEAD + head.stored <= end ? head.records : 0;
	}
	return n;
}

static void test_cut_at_blocks(void **state)
{
	struct run run;
	size_t len, at = RECORDING_START, blocks = 0;
	uint8_t *bytes = make_file(&run, &len);
	struct told t = told_by(run.path);

	assert_true(told_whole(&t));
	assert_int_equal(t.events, PACKETS * (HOPS + 1));
	while (at && at < len) {
		file_make(run.path, bytes, at);
		t = told_by(run.path);
		assert_int_equal(t.opened, 0);
		assert_true(t.flaws.unfinished);
		assert_int_equal(t.flaws.bytes, 0);
		assert_int_equal(t.flaws.broken, 0);
		assert_int_equal(t.events, events_before(bytes, at));
		at = next_block(bytes, len, at);
		blocks++;
	}
	assert_int_equal(at, len);
	assert_true(blocks > 2 * PACKETS / TICK);
	free(bytes);
	run_fini(&run);
}

static void test_cut_anywhere(void **state)
{
	struct run run;
	size_t len;
	uint8_t *bytes = make_file(&run, &len);

	for (size_t cut = RECORDING_START + 1; cut < len; cut += 97) {
		size_t at = RECORDING_START, next;
		struct told t;

		file_make(run.path, bytes, cut);
		while ((next = next_block(bytes, len, at)) && next <= cut)
			at = next;
		t = told_by(run.path);
		assert_int_equal(t.opened, 0);
		assert_true(t.flaws.unfinished);
		assert_int_equal(t.flaws.bytes, cut - at);
		assert_int_equal(t.events, events_before(bytes, at));
	}
	free(bytes);
	run_fini(&run);
}

/* One bit: at most one block is missing, and never does anything else become another. */
static void test_bit_flips(void **state)
{
	struct run run;
	size_t len;
	uint8_t *bytes = make_file(&run, &len);
	uint64_t all = PACKETS * (HOPS + 1), left_out = 0;

	for (size_t i = 0; i < 1500; i++) {
		size_t at = RECORDING_START + i * 7919 % (len - RECORDING_START);
		struct told t;

		bytes[at] ^= (uint8_t)(1 << i % 8);
		file_make(run.path, bytes, len);
		bytes[at] ^= (uint8_t)(1 << i % 8);
		t = told_by(run.path);
		assert_int_equal(t.opened, 0);
		assert_int_equal(t.flaws.broken, 1);
		assert_true(t.flaws.bytes >= BLOCK_HEAD);
		assert_true(t.events <= all);
		left_out += t.events < all;
	}
	assert_true(left_out > 100);
	free(bytes);
	run_fini(&run);
}

static void refuses(struct run *run, const void *bytes, size_t len, const char *why)
{
	struct told t;

	file_make(run->path, bytes, len);
	t = told_by(run->path);
	assert_int_equal(t.opened, -EINVAL);
	assert_non_null(strstr(t.err, run->path));
	assert_non_null(strstr(t.err, why));
	assert_null(strchr(t.err, '\n'));
}

static void test_refused(void **state)
{
	struct run run;
	size_t len;
	uint8_t *bytes = make_file(&run, &len);
	uint8_t other[64];

	refuses(&run, "", 0, "is empty");
	refuses(&run, "pcap or something else that is long enough", 40, "is no recording");
	refuses(&run, bytes, 5, "ends before");
	refuses(&run, bytes, RECORDING_START - 1, "ends before");
	memcpy(other, bytes, sizeof(other));
	put_fixed(other + RECORDING_MAGIC_LEN, __builtin_bswap32(RECORDING_ORDER), 4);
	refuses(&run, other, sizeof(other), "byte order");
	put_fixed(other + RECORDING_MAGIC_LEN, 7, 4);
	refuses(&run, other, sizeof(other), "broken beginning");
	memcpy(other, bytes, sizeof(other));
	put_fixed(other + 12, RECORDING_MAJOR + 1, 2);
	refuses(&run, other, sizeof(other), "newer skbscope");
	free(bytes);
	run_fini(&run);
}

/* A greater minor version can be read; what it adds is counted. */
static void test_later_minor(void **state)
{
	struct block_head head = { .type = 77, .stored = 3, .plain = 3 };
	uint8_t block[BLOCK_HEAD + 64], *p = block + BLOCK_HEAD;
	struct run run;
	size_t len, begin;
	uint8_t *bytes = make_file(&run, &len), *more = malloc(len + 2 * sizeof(block));
	struct told t;

	assert_non_null(more);
	put_fixed(bytes + 14, RECORDING_MINOR + 1, 2);
	begin = next_block(bytes, len, RECORDING_START);
	memcpy(more, bytes, begin);
	head.crc = 1234; /* nobody looks */
	block_head_write(block, &head);
	memcpy(p, "abc", 3);
	memcpy(more + begin, block, BLOCK_HEAD + 3);
	begin += BLOCK_HEAD + 3;
	/* a state block with a record that nobody knows, and one that is cut off */
	*p++ = 200;
	p = put_varint(p, 2);
	*p++ = 1;
	*p++ = 2;
	*p++ = STATE_MISSED;
	p = put_varint(p, 30);
	head = (struct block_head){ .type = BLOCK_STATE };
	head.stored = head.plain = (uint32_t)(p - block - BLOCK_HEAD);
	head.crc = (uint32_t)crc32(0, block + BLOCK_HEAD, head.stored);
	block_head_write(block, &head);
	memcpy(more + begin, block, BLOCK_HEAD + head.stored);
	begin += BLOCK_HEAD + head.stored;
	memcpy(more + begin, bytes + next_block(bytes, len, RECORDING_START),
		len - next_block(bytes, len, RECORDING_START));
	begin += len - next_block(bytes, len, RECORDING_START);
	file_make(run.path, more, begin);
	t = told_by(run.path);
	assert_int_equal(t.opened, 0);
	assert_int_equal(t.flaws.unknown, 2);
	assert_int_equal(t.flaws.broken, 1);
	assert_false(t.flaws.unfinished);
	assert_int_equal(t.events, PACKETS * (HOPS + 1));
	free(more);
	free(bytes);
	run_fini(&run);
}

static double seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void test_big_and_empty(void **state)
{
	struct run run;
	size_t len;
	uint8_t *bytes = make_file(&run, &len);
	double begun;
	struct told t;

	/* 1 GiB of nothing: refused at once */
	file_make(run.path, "", 0);
	assert_int_equal(truncate(run.path, 1 << 30), 0);
	begun = seconds_now();
	t = told_by(run.path);
	assert_int_equal(t.opened, -EINVAL);
	assert_non_null(strstr(t.err, "is no recording"));
	assert_true(seconds_now() - begun < 0.5);
	/* a recording with 64 MiB of nothing behind it, as after a power failure */
	file_make(run.path, bytes, len);
	assert_int_equal(truncate(run.path, (off_t)len + (64 << 20)), 0);
	t = told_by(run.path);
	assert_int_equal(t.opened, 0);
	assert_int_equal(t.events, PACKETS * (HOPS + 1));
	assert_int_equal(t.flaws.broken, 1);
	assert_int_equal(t.flaws.bytes, 64 << 20);
	free(bytes);
	run_fini(&run);
}

static void test_no_file(void **state)
{
	struct run run;
	struct told t;
	char path[128];

	run_init(&run);
	t = told_by(run.path);
	assert_int_equal(t.opened, -ENOENT);
	t = told_by(run.folder);
	assert_int_equal(t.opened, -EISDIR);
	assert_int_equal(mkfifo(run.path, 0600), 0);
	t = told_by(run.path); /* without waiting for somebody who writes */
	assert_int_equal(t.opened, -EINVAL);
	assert_non_null(strstr(t.err, "no regular file"));
	snprintf(path, sizeof(path), "%s/\033[2J\n", run.folder);
	t = told_by(path);
	assert_int_equal(t.opened, -ENOENT);
	assert_null(strchr(t.err, '\033'));
	run_fini(&run);
}

/* Killed without a word: what was written is a recording. */
static void test_killed(void **state)
{
	struct run run;
	struct told t;
	char byte;
	int fds[2], status;
	pid_t pid;

	run_init(&run);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct recorder_status is = { 0 };
		uint64_t before;

		if (run_start(&run, 0, 0))
			_exit(1);
		recorder_status(run.recorder, &is);
		before = is.bytes;
		for (uint64_t packet = 1; packet <= 100; packet++)
			run_packet(&run, packet, HOPS);
		run_tick(&run);
		for (int i = 0; i < 10000 && is.bytes < before + 1000; i++) {
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
			recorder_status(run.recorder, &is);
		}
		if (write(fds[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	t = told_by(run.path);
	assert_int_equal(t.opened, 0);
	assert_true(t.flaws.unfinished);
	assert_int_equal(t.events, 100 * (HOPS + 1));
	close(fds[0]);
	run_fini(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_at_blocks),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_bit_flips),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_later_minor),
		cmocka_unit_test(test_big_and_empty),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
