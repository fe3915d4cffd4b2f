/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "export/list.h"
#include "model/config_file.h"
#include "model/layers.h"

struct file {
	char path[64];
	char err[512];
	struct config_file config;
};

static int setup(void **state)
{
	struct file *f = calloc(1, sizeof(*f));
	int fd;

	strcpy(f->path, "/tmp/skbscope-config-test-XXXXXX");
	fd = mkstemp(f->path);
	*state = f;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	struct file *f = *state;

	config_free(&f->config);
	unlink(f->path);
	free(f);
	return 0;
}

static int read_text(struct file *f, const char *text)
{
	FILE *out = fopen(f->path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	config_free(&f->config);
	return config_read(f->path, &f->config, f->err, sizeof(f->err));
}

static void refused(struct file *f, const char *text, const char *what)
{
	assert_int_equal(read_text(f, text), -EINVAL);
	if (strncmp(f->err, f->path, strlen(f->path)) || !strstr(f->err, what))
		fail_msg("\"%s\" does not tell \"%s\"", f->err, what);
	assert_int_equal(f->config.n, 0);
	assert_null(f->config.v);
}

static void test_good(void **state)
{
	struct file *f = *state;
	const struct config_entry *e;

	assert_int_equal(
		read_text(f, "{\"version\":1,\"description\":\"d\",\"functions\":["
			     "{\"name\":\"ip_rcv\"},"
			     "{\"name\":\"nft_do_chain\",\"module\":\"nf_tables\",\"layer\":\"netfilter\","
			     "\"category\":\"nft\",\"priority\":0,\"enabled\":false,\"arg\":1,\"new\":[]}]}"),
		0);
	assert_int_equal(f->config.n, 2);
	e = &f->config.v[0];
	assert_string_equal(e->name, "ip_rcv");
	assert_null(e->module);
	assert_int_equal(e->layer, -1);
	assert_int_equal(e->category, -1);
	assert_int_equal(e->priority, -1);
	assert_true(e->enabled);
	e = &f->config.v[1];
	assert_string_equal(e->module, "nf_tables");
	assert_int_equal(e->layer, LAYER_NETFILTER);
	assert_int_equal(e->category, CATEGORY_NFT);
	assert_int_equal(e->priority, 0);
	assert_false(e->enabled);
	assert_int_equal(read_text(f, "{\"functions\":[]}"), 0);
	assert_int_equal(f->config.n, 0);
}

static void test_broken(void **state)
{
	struct file *f = *state;

	refused(f, "", ":1:");
	refused(f, "{\"functions\":\n  [\n    {\"name\" 1}]}", ":3:");
	refused(f, "{\"functions\":[],\"functions\":[]}", "duplicate");
	refused(f, "[]", "must be an object");
	refused(f, "{}", "\"functions\" must be a list");
	refused(f, "{\"version\":2,\"functions\":[]}", "\"version\" must be 1");
	refused(f, "{\"functions\":[]} trailing", ":1:");
}

static void test_wrong_entry(void **state)
{
	struct file *f = *state;

#define ENTRY(s) "{\"functions\":[{\"name\":\"a\",\"module\":\"m\"}," s "]}"
	refused(f, ENTRY("1"), "functions[1]: must be an object");
	refused(f, ENTRY("{}"), "functions[1]: \"name\" is missing");
	refused(f, ENTRY("{\"name\":1}"), "functions[1]: \"name\" must be a string");
	refused(f, ENTRY("{\"name\":\"\"}"), "functions[1]: \"name\"");
	refused(f, ENTRY("{\"name\":\"a b\"}"), "is not a name");
	refused(f, ENTRY("{\"name\":\"x\",\"layer\":\"Nope\"}"),
		"functions[1]: no layer \"Nope\" (there are Device");
	refused(f, ENTRY("{\"name\":\"x\",\"category\":\"Nope\"}"), "functions[1]: no category \"Nope\"");
	refused(f, ENTRY("{\"name\":\"x\",\"priority\":4}"), "from 0 to 3");
	refused(f, ENTRY("{\"name\":\"x\",\"priority\":1.0}"), "from 0 to 3");
	refused(f, ENTRY("{\"name\":\"x\",\"enabled\":1}"), "true or false");
}

/* What the file says is shown without what a terminal would obey. */
static void test_hostile(void **state)
{
	struct file *f = *state;

	refused(f, ENTRY("{\"name\":\"x\",\"layer\":\"\\u001b[2J\\u202e\"}"), "no layer \"?[2J?\"");
	refused(f, "{\"\x1b[2J", ":1:");
	assert_null(strchr(f->err, '\x1b'));
	refused(f, "{\"functions\":[{\"name\":\"a\\u0000b\"}]}", ":1:");
}

static void test_unreadable(void **state)
{
	struct file *f = *state;

	assert_int_equal(config_read("/nonexistent/x", &f->config, f->err, sizeof(f->err)), -ENOENT);
	assert_non_null(strstr(f->err, "/nonexistent/x: No such file"));
	assert_int_equal(config_read("/tmp", &f->config, f->err, sizeof(f->err)), -EISDIR);
	assert_int_equal(config_read("/dev/zero", &f->config, f->err, sizeof(f->err)), -EFBIG);
	assert_non_null(strstr(f->err, "larger than 16 MiB"));
}

/* What list writes can be read. */
static void test_round_trip(void **state)
{
	struct probe v[] = {
		{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 }, .arg = 1 },
		{ .name = "x.isra.0",
			.module = "m",
			.class = { LAYER_OTHER, CATEGORY_GENERAL, 3 },
			.state = PROBE_UNUSABLE,
			.why = "no" },
	};
	const struct probe_table table = { .v = v, .n = 2 };
	struct file *f = *state;
	FILE *out = fopen(f->path, "w");

	assert_int_equal(list_json(out, &table, NULL, NULL), 0);
	fclose(out);
	assert_int_equal(config_read(f->path, &f->config, f->err, sizeof(f->err)), 0);
	assert_int_equal(f->config.n, 2);
	assert_string_equal(f->config.v[1].name, "x.isra.0");
	assert_string_equal(f->config.v[1].module, "m");
	assert_int_equal(f->config.v[1].layer, LAYER_OTHER);
	assert_int_equal(f->config.v[1].priority, 3);
	assert_true(f->config.v[0].enabled);
	assert_false(f->config.v[1].enabled);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_good),
		TEST(test_broken),
		TEST(test_wrong_entry),
		TEST(test_hostile),
		TEST(test_unreadable),
		TEST(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
