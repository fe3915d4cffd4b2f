/* SPDX-License-Identifier: GPL-2.0 */
/* What a file of settings says arrives, and comes back from --dump-config. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options_table.h"
#include "profiles.h"
#include "settings.h"
#include "tui/screen_config.h"

#define VALUE_MAX 8192

struct home {
	char path[32], file[128], profile[128];
};

static int setup(void **state)
{
	struct home *h = calloc(1, sizeof(*h));
	char path[80];

	assert_non_null(h);
	*state = h;
	strcpy(h->path, "/tmp/settings-XXXXXX");
	assert_non_null(mkdtemp(h->path));
	snprintf(path, sizeof(path), "%s/skbscope", h->path);
	mkdir(path, 0700);
	snprintf(h->file, sizeof(h->file), "%s/skbscope.conf", path);
	strcat(path, "/profiles");
	mkdir(path, 0700);
	snprintf(h->profile, sizeof(h->profile), "%s/own.conf", path);
	setenv("XDG_CONFIG_HOME", h->path, 1);
	return 0;
}

static int teardown(void **state)
{
	struct home *h = *state;
	char path[128];

	unlink(h->file);
	unlink(h->profile);
	snprintf(path, sizeof(path), "%s/skbscope/profiles", h->path);
	rmdir(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(h->path);
	free(h);
	return 0;
}

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* The file, then a command line. */
static int parse(
	struct options *o, const struct home *h, const char *text, char *const *argv, char *err, size_t size)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	write_file(h->file, text, strlen(text));
	return options_parse(o, argc, (char **)argv, err, size);
}

#define ARGV(...) ((char *const[]){ (char *)"skbscope", __VA_ARGS__, NULL })
#define ARGV_NONE ((char *const[]){ (char *)"skbscope", NULL })

static void load(struct options *o, const struct home *h, const char *text, char *const *argv)
{
	char err[512] = "";

	if (parse(o, h, text, argv, err, sizeof(err)))
		fail_msg("%s\n%s", err, text);
}

static char *dump(const struct options *o)
{
	char *text = NULL, err[512] = "";
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (settings_dump(o, f, err, sizeof(err)))
		fail_msg("%s", err);
	fclose(f);
	return text;
}

static void assert_same(const struct options *a, const struct options *b)
{
	char x[VALUE_MAX], y[VALUE_MAX], key[64];

	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!row->once && row->commands && strcmp(row->name, "profile"))
			assert_string_equal(
				option_get(a, row, x, sizeof(x)), option_get(b, row, y, sizeof(y)));
	}
	assert_memory_equal(&a->filter, &b->filter, sizeof(a->filter));
	assert_int_equal(a->priority_given, b->priority_given);
	for (int pane = KEYMAP_ANY; pane < PANE_COUNT; pane++) {
		for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
			keymap_keys(&a->settings->screen->keymap, pane, (enum action)i, " ", x, sizeof(x));
			keymap_keys(&b->settings->screen->keymap, pane, (enum action)i, " ", y, sizeof(y));
			if (strcmp(x, y))
				fail_msg("%s: %s, %s", keymap_name(pane, (enum action)i, key, sizeof(key)), x,
					y);
		}
	}
	assert_memory_equal(
		a->settings->screen->columns, b->settings->screen->columns, sizeof(struct column_choice) * 2);
}

static void assert_comes_back(const struct home *h, struct options *o)
{
	char *text = dump(o), *again;
	struct options back;

	load(&back, h, text, ARGV_NONE);
	assert_same(o, &back);
	again = dump(&back);
	assert_string_equal(text, again);
	free(again);
	options_fini(&back);
	free(text);
}

static void nothing_said_is_nothing_changed(void **state)
{
	struct options o, built_in;
	char *text;

	options_defaults(&built_in);
	load(&o, *state, "", ARGV_NONE);
	assert_int_equal(o.memory, built_in.memory);
	text = dump(&o);
	/* only sections and comments */
	for (const char *p = text; *p; p = strchr(p, '\n') + 1)
		assert_true(strchr("#[\n", *p) != NULL);
	free(text);
	assert_comes_back(*state, &o);
	options_fini(&o);
}

static const struct {
	const char *name, *value, *got; /* got NULL: as it was said */
} samples[] = {
	{ "priority", "2" },
	{ "layer", "IPv4, TCP", "IPv4,TCP" },
	{ "category", "nft,tcp" },
	{ "function", "ip_*, tcp_v4_rcv", "ip_*,tcp_v4_rcv" },
	{ "max-functions", "77" },
	{ "config", "/etc/a file; with blanks.json" },
	{ "drops", "yes" },
	{ "backend", "kprobe" },
	{ "profile", "none", "none" },
	{ "interface", "eth0", "" },
	{ "netns", "web", "" },
	{ "mark", "0x10/0xff", "" },
	{ "pid", "77", "" },
	{ "comm", "a ; b", "" },
	{ "uid", "0", "" },
	{ "cgroup", "/system.slice/x", "" },
	{ "inner", "udp port 53", "" },
	{ "sample", "100", "" },
	{ "rotate", "64M,8" },
	{ "time", "wall" },
	{ "per", "hop" },
	{ "theme", "mono" },
	{ "no-color", "1", "yes" },
	{ "ascii", "true", "yes" },
	{ "ascii", "on", "yes" },
	{ "no-mouse", "YES", "yes" },
	{ "readonly", "yes" },
	{ "snap", "128" },
	{ "speed", "0.1" },
	{ "speed", "max" },
	{ "duration", "1.7" },
	{ "count", "1234567890" },
	{ "memory", "512M" },
	{ "memory", "17000001" },
	{ "buffer", "1G" },
	{ "verbose", "yes" },
};

/* Every row that a file may hold has a sample, arrives and comes back. */
static void every_option_comes_back(void **state)
{
	struct options o;
	char text[256], got[VALUE_MAX];
	size_t i, n;

	for (const struct option_row *row = option_rows; row->name; row++) {
		for (i = n = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
			if (strcmp(samples[i].name, row->name))
				continue;
			n++;
			snprintf(text, sizeof(text), "[options]\n%s = %s\n", row->name, samples[i].value);
			load(&o, *state, text, ARGV_NONE);
			option_get(&o, row, got, sizeof(got));
			assert_string_equal(got, samples[i].got ? samples[i].got : samples[i].value);
			if (row->filter_key)
				assert_false(packet_filter_is_empty(&o.filter));
			assert_comes_back(*state, &o);
			options_fini(&o);
		}
		if (n != 0 && (row->once || !row->commands))
			fail_msg("--%s is for one run only", row->name);
		if (!n && !row->once && row->commands)
			fail_msg("--%s: no sample here", row->name);
	}
}

static void all_at_once_come_back(void **state)
{
	struct options o;

	load(&o, *state,
		"[options]\n"
		"layer = TCP,UDP\nfilter = if=eth0 inner='udp port 53' host 10.0.0.1 and not port 22\n"
		"mark = 3\n"
		"[keys]\nquit = q, €, Alt-q\ntoggle = Alt-t\nhelp.page-down = x\npause = none\n"
		"[columns]\nflows = client, server, drops\nfunctions = hits,function\n"
		"[theme]\ndrop = red bold\nlayer.tcp = 1/2/3 - bold,dim/-\nwarn = underline\nok = 3 4\n",
		ARGV_NONE);
	assert_int_equal(o.settings->screen->columns[0].n, 3);
	assert_int_equal(o.settings->screen->columns[1].n, 3); /* and the mark, always */
	assert_int_equal(keymap_lookup(&o.settings->screen->keymap, PANE_FLOWS, 'p'), ACTION_NONE);
	assert_int_equal(keymap_lookup(&o.settings->screen->keymap, PANE_FLOWS, KEY_CTRL('c')), ACTION_QUIT);
	assert_comes_back(*state, &o);
	options_fini(&o);
}

static void later_ones_count(void **state)
{
	static const char file[] = "[options]\nmemory = 64M\nbuffer = 32M\nascii = yes\nprofile = tcp\n"
				   "filter = if=eth0 netns=a udp\npriority = 3\n";
	static const char own[] = "[profile]\ndescription = x\n[options]\nascii = no\n";
	const struct home *h = *state;
	struct options o;
	char text[FILTER_TEXT_MAX];

	/* file, the profile it names, the command line */
	load(&o, h, file, ARGV("--memory", "128M", "--netns", "b"));
	assert_int_equal(o.memory, 128 << 20);
	assert_int_equal(o.tracer.buffer, 32 << 20);
	assert_int_equal(o.tracer.priority, 1);
	assert_true(o.ascii && o.tracer.layer[LAYER_TCP] && !o.tracer.layer[LAYER_UDP]);
	assert_string_equal(packet_filter_format(&o.filter, text, sizeof(text)), "if=eth0 netns=b tcp");
	options_fini(&o);

	load(&o, h, file, ARGV("--profile", "none", "icmp"));
	assert_int_equal(o.tracer.priority, 3);
	assert_string_equal(packet_filter_format(&o.filter, text, sizeof(text)), "if=eth0 netns=a icmp");
	options_fini(&o);

	load(&o, h, file, ARGV("--no-config"));
	assert_int_equal(o.memory, 256 << 20);
	assert_true(packet_filter_is_empty(&o.filter));
	options_fini(&o);

	/* a file's priority is not meant for --config of the command line, one beside it is */
	load(&o, h, "[options]\npriority = 2\n", ARGV("--config", "x"));
	assert_false(o.priority_given);
	options_fini(&o);
	load(&o, h, "[options]\npriority = 2\nconfig = x\n", ARGV_NONE);
	assert_true(o.priority_given);
	options_fini(&o);

	/* a profile takes back what the file has switched on; one's own wins over a shipped one */
	write_file(h->profile, own, sizeof(own) - 1);
	load(&o, h, "[options]\nascii = yes\n", ARGV("--profile", "own"));
	assert_false(o.ascii);
	options_fini(&o);
	unlink(h->profile);
}

static void options_of_other_commands_are_left_alone(void **state)
{
	struct options o;

	load(&o, *state, "[options]\ncount = 5\nspeed = 10\ntheme = mono\n", ARGV("list"));
	assert_int_equal(o.command, RUN_LIST);
	options_fini(&o);
	/* help works whatever is in the file */
	load(&o, *state, "nonsense", ARGV("trace", "--help"));
	assert_int_equal(o.command, RUN_HELP);
	assert_int_equal(o.of, RUN_TRACE);
	options_fini(&o);
}

static void faults_name_file_and_line(void **state)
{
	static const struct {
		const char *text, *err;
	} faults[] = {
		{ "priority = 1\n", ":1: priority stands before the first [section]" },
		{ "[optoins]\n", ":1: [optoins]: no such section (did you mean [options]?)" },
		{ "[profile]\ndescription = x\n", ":1: [profile] belongs into the file of a profile" },
		{ "[options]\npriorty = 1\n", ":2: priorty: no such option (did you mean priority?)" },
		{ "[options]\npriority = 4\n", ":2: priority 4: not a number from 0 to 3" },
		{ "[options]\npriority =\n", ":2: priority: needs a value" },
		{ "[options]\nascii = maybe\n", ":2: ascii = maybe: yes or no" },
		{ "[options]\noutput = x\n", ":2: output: only on the command line, for one run" },
		{ "[options]\ndump-docs = man\n",
			":2: dump-docs: no such option (skbscope --dump-config lists them)" },
		{ "[options]\nfilter = foo=bar\n", ":2: filter: \"foo=bar\": there is no such key" },
		{ "[options]\nmark = x\n", ":2: \"mark=x\": not V or V/M" },
		{ "[options]\nprofile = nope\n", "profile \"nope\": not found (there are bridge, drops" },
		{ "[options]\nprofile = frewall\n",
			"profile \"frewall\": not found (did you mean firewall?)" },
		{ "[options]\nprofile = ../x\n",
			"profile \"../x\": a name has letters, digits, - and _ only" },
		{ "[columns]\nflow = proto\n", ":2: flow: has no columns to choose from" },
		{ "[columns]\nflows = proto,clint\n",
			":2: no column is called \"clint\" (did you mean client?)" },
		{ "[columns]\nflows = proto, proto\n", ":2: the column \"proto\" is named twice" },
		{ "[keys]\nqiut = q\n", ":2: qiut: no such action (did you mean quit?)" },
		{ "[keys]\nmouse = none\npause = q\nzoom = Z\n",
			":3: q means quit and pause everywhere: one of them needs another key" },
		{ "[theme]\ndorp = red\n", ":2: no role is called \"dorp\" (did you mean drop?)" },
		{ "[theme]\ndrop = rot\n", ":2: \"rot\" is no colour" },
		{ "[theme]\ndrop =\n", ":2: drop: needs a colour, maybe a background, maybe attributes" },
	};
	const struct home *h = *state;
	char err[512];
	struct options o;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const char *at = err;

		if (!parse(&o, h, faults[i].text, ARGV_NONE, err, sizeof(err)))
			fail_msg("taken: %s", faults[i].text);
		assert_null(o.settings);
		if (faults[i].err[0] == ':')
			assert_memory_equal(err, h->file, strlen(h->file));
		if (faults[i].err[0] == ':')
			at += strlen(h->file);
		if (strncmp(at, faults[i].err, strlen(faults[i].err)))
			fail_msg("%s\nand not %s", at, faults[i].err);
	}
}

static void shipped_profiles_are_right(void **state)
{
	struct profile p;
	char text[200], err[512];
	const char *name;
	size_t i;

	for (i = 0; (name = profile_name(i)); i++) {
		if (settings_profile(name, &p, err, sizeof(err)))
			fail_msg("%s", err);
		assert_true(profile_description(i, text, sizeof(text))[0]);
	}
	assert_int_equal(i, 5);
	assert_int_equal(settings_profile("tcp", &p, err, sizeof(err)), 0);
	assert_true(p.has_layers && p.layer[LAYER_TCP] && !p.layer[LAYER_UDP] && !p.has_categories);
	assert_true(p.has_filter);
	assert_int_equal(p.priority, 1);
	assert_string_equal(p.fixed, "");
	assert_int_equal(settings_profile("drops", &p, err, sizeof(err)), 0);
	assert_string_equal(p.fixed, "drops");
	assert_int_equal(p.priority, -1);
}

/* No byte of a file may do harm, and what is refused is refused in one printable line. */
static void hostile_bytes_do_no_harm(void **state)
{
	const struct home *h = *state;
	struct options o;
	char *text, err[512], *argv[] = { (char *)"skbscope", NULL };
	uint32_t random = 1;
	size_t len, refused = 0;

	load(&o, h, "", ARGV_NONE);
	text = dump(&o);
	options_fini(&o);
	len = strlen(text);
	/* most of it is comments: without the signs it is settings */
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '#' && text[i + 1] != ' ')
			text[i] = ' ';
	}
	for (int round = 0; round < 400; round++) {
		char *copy = malloc(len);

		assert_non_null(copy);
		memcpy(copy, text, len);
		for (int i = 0; i <= round % 4; i++) {
			random = random * 1664525 + 1013904223;
			copy[(random >> 8) % len] = (char)(random >> 24);
		}
		write_file(h->file, copy, len - (random >> 4) % 200);
		free(copy);
		err[0] = '\0';
		if (!options_parse(&o, 1, argv, err, sizeof(err))) {
			options_fini(&o);
			continue;
		}
		refused++;
		assert_true(err[0]);
		for (const char *p = err; *p; p++)
			assert_true((unsigned char)*p >= 32 && *p != 127);
	}
	assert_in_range(refused, 50, 400);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said_is_nothing_changed),
		cmocka_unit_test(every_option_comes_back),
		cmocka_unit_test(all_at_once_come_back),
		cmocka_unit_test(later_ones_count),
		cmocka_unit_test(options_of_other_commands_are_left_alone),
		cmocka_unit_test(faults_name_file_and_line),
		cmocka_unit_test(shipped_profiles_are_right),
		cmocka_unit_test(hostile_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
