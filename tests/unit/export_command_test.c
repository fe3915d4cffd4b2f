/* SPDX-License-Identifier: GPL-2.0 */
/* The export command on a recording that the recorder has written. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "export/formats.h"
#include "unit/sender.h"
#include "unit/pcapng_blocks.h"
#include "unit/recording.h"

static char told[1024]; /* by command_fail(), which the program has beside its main() */

int command_fail(enum exit_status status, const char *text)
{
	snprintf(told, sizeof(told), "%s", text);
	return status;
}

struct made {
	struct run run;
	char out[128];
	/* the same events as they were written at once */
	char *json;
	size_t len;
	FILE *file;
	struct store *store;
	struct sink *sink;
};

static void record_and_write(void *ctx, const struct event *ev, size_t size)
{
	struct made *m = ctx;

	recorder_event(m->run.recorder, ev, size);
	store_add(m->store, ev, size);
	assert_int_equal(m->sink->ops->event(m->sink, ev, size), 0);
}

static void packets(struct made *m)
{
	struct sender s = { .to = record_and_write, .ctx = m, .ts = m->run.ts };
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = LAB_NETNS, .ifindex = 2 },
		.name = "va" };

	dev.ev.ts = m->run.ts;
	record_and_write(m, &dev.ev, sizeof(dev));
	for (s.packet = 1; s.packet <= 50; s.packet++) {
		memset(s.seq, 0, sizeof(s.seq));
		full(&s, 0, 0, tuple((uint8_t)s.packet, 4000), 0);
		full(&s, 1, 0, tuple((uint8_t)s.packet, 4000), 0);
		func(&s, 0, (uint16_t)(s.packet % RUN_FUNCS));
		at_rule(&s, 0, 4, 5, NF_DECIDED_DROP);
		drop(&s, 0, 2);
		to_socket(&s, 1, 4711);
		if (s.packet % 10)
			end(&s, 1, 0);
	}
}

static int setup(void **state)
{
	struct made *m = calloc(1, sizeof(*m));
	struct sink_options options = { .probes = &m->run.table, .info = &m->run.info };

	run_init(&m->run);
	snprintf(m->out, sizeof(m->out), "%s/out", m->run.folder);
	m->file = open_memstream(&m->json, &m->len);
	options.store = m->store = store_new(4 << 20);
	m->sink = sink_json.open(m->file, &options);
	assert_int_equal(run_start(&m->run, 0, 0), 0);
	packets(m);
	assert_int_equal(sink_json.flush(m->sink, 0), 0);
	run_tick(&m->run);
	run_stop(&m->run);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct made *m = *state;

	run_fini(&m->run);
	sink_json.close(m->sink);
	store_free(m->store);
	fclose(m->file);
	free(m->json);
	free(m);
	return 0;
}

static int export_to(struct made *m, enum export_format format, const char *out)
{
	char *files[] = { m->run.path };
	struct options o = { .command = RUN_EXPORT,
		.format = format,
		.memory = 64 << 20,
		.output = out,
		.files = files,
		.nfiles = 1 };

	told[0] = '\0';
	return run_export(&o);
}

/* Of what was exported, with a NUL behind; free it. */
static char *exported(struct made *m, enum export_format format, size_t *len)
{
	char *text;

	assert_int_equal(export_to(m, format, m->out), EXIT_DONE);
	assert_string_equal(told, "");
	text = (char *)file_bytes(m->out, len);
	text[*len] = '\0';
	return text;
}

/* Every line but the last is what trace --json had written. */
static void test_json(void **state)
{
	struct made *m = *state;
	size_t len;
	char *text = exported(m, EXPORT_JSON, &len);

	assert_true(m->len > 10000 && len > m->len);
	assert_memory_equal(text, m->json, m->len);
	assert_memory_equal(text + m->len, "{\"type\":\"stats\",\"seconds\":2.5,", 30);
	assert_ptr_equal(strchr(text + m->len, '\n'), text + len - 1);
	free(text);
}

static void test_pcapng(void **state)
{
	struct made *m = *state;
	struct pcapng_block b;
	struct stat st;
	size_t len, at = 0;
	mode_t mask = umask(022);
	int n = 0;
	char *text = exported(m, EXPORT_PCAPNG, &len);

	umask(mask);

	while (pcapng_next((uint8_t *)text, len, &at, &b))
		n += b.type == PCAPNG_PACKET;
	assert_int_equal(at, len);
	assert_int_equal(n, 50);
	free(text);
	/* it is for giving away */
	assert_int_equal(stat(m->out, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void test_folded(void **state)
{
	struct made *m = *state;
	size_t len;
	char *text = exported(m, EXPORT_FOLDED, &len);

	/* of each packet 50 ns from its first record to its end; those that go on got to their socket */
	assert_non_null(strstr(text, "dropped;function_0;function_1 "));
	assert_non_null(strstr(text, "delivered;function_0 2700\n"));
	assert_non_null(strstr(text, "live;function_0 250\n"));
	free(text);
}

static void test_csv(void **state)
{
	struct made *m = *state;
	size_t len, lines = 0;
	char *text = exported(m, EXPORT_CSV, &len);

	for (const char *p = text; (p = strstr(p, "\r\n")); p += 2)
		lines++;
	assert_int_equal(lines, 51);
	assert_non_null(strstr(text, "\r\ntcp,10.0.0.50,4000,10.1.0.1,80,1,100,"));
	free(text);
}

static void test_refused(void **state)
{
	struct made *m = *state;
	struct stat before, after;
	char link_name[160];

	/* the recording itself, also by another name */
	assert_int_equal(stat(m->run.path, &before), 0);
	assert_int_equal(export_to(m, EXPORT_CSV, m->run.path), EXIT_FAILED);
	assert_non_null(strstr(told, "is one of the recordings"));
	snprintf(link_name, sizeof(link_name), "%s/hard", m->run.folder);
	assert_int_equal(link(m->run.path, link_name), 0);
	assert_int_equal(export_to(m, EXPORT_CSV, link_name), EXIT_FAILED);
	assert_non_null(strstr(told, "is one of the recordings"));
	assert_int_equal(stat(m->run.path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	snprintf(link_name, sizeof(link_name), "%s/soft", m->run.folder);
	assert_int_equal(symlink("nothing", link_name), 0);
	assert_int_equal(export_to(m, EXPORT_CSV, link_name), EXIT_FAILED);
	assert_non_null(strstr(told, "symbolic link"));
	assert_int_equal(export_to(m, EXPORT_CSV, m->run.folder), EXIT_FAILED);
	assert_non_null(strstr(told, "Is a directory"));
	assert_int_equal(export_to(m, EXPORT_NONE, m->out), EXIT_WRONG_USE);
	assert_int_equal(access(m->out, F_OK), -1);
}

static void test_full(void **state)
{
	for (enum export_format format = EXPORT_JSON; format <= EXPORT_CSV; format++) {
		assert_int_equal(export_to(*state, format, "/dev/full"), EXIT_FAILED);
		assert_string_equal(told, "/dev/full: No space left on device");
	}
}

/* Cut anywhere: what there is is exported. */
static void test_cut(void **state)
{
	struct made *m = *state;
	struct stat st;

	assert_int_equal(stat(m->run.path, &st), 0);
	for (off_t size = st.st_size - 1; size > st.st_size / 2; size -= st.st_size / 16) {
		assert_int_equal(truncate(m->run.path, size), 0);
		for (enum export_format format = EXPORT_JSON; format <= EXPORT_CSV; format++)
			assert_int_equal(export_to(m, format, m->out), EXIT_DONE);
		assert_string_not_equal(told, ""); /* and said */
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_json),
		TEST(test_pcapng),
		TEST(test_folded),
		TEST(test_csv),
		TEST(test_refused),
		TEST(test_full),
		TEST(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
