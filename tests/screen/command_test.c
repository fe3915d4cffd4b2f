/* SPDX-License-Identifier: GPL-2.0 */
/* What is typed behind the colon. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/commands.h"

static bool wanted(struct scene *s, const char *function)
{
	int i = probe_find(s->src->probes, function, NULL);

	assert_true(i >= 0);
	assert_int_equal(s->ui.sel.wanted[i], s->src->selection.wanted[i]);
	return s->ui.sel.wanted[i];
}

/* Both sides know the same. */
static void check_same(struct scene *s)
{
	const struct selection *a = &s->ui.sel, *b = &s->src->selection;

	assert_int_equal(a->priority, b->priority);
	assert_memory_equal(a->layer, b->layer, sizeof(a->layer));
	assert_memory_equal(a->category, b->category, sizeof(a->category));
	assert_memory_equal(a->func, b->func, a->n * sizeof(*a->func));
	assert_memory_equal(a->wanted, b->wanted, a->n * sizeof(*a->wanted));
}

static void layers_and_categories_are_switched(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	int i;

	pass(s, 2 * SECOND);
	keys(s, ":layer tcp off\r");
	assert_false(s->ui.sel.layer[LAYER_TCP]);
	keys(s, ":layer TCP on\r");
	assert_true(s->ui.sel.layer[LAYER_TCP]);
	keys(s, ":layer IPv4 only\r");
	for (i = 0; i < LAYER_COUNT; i++)
		assert_int_equal(s->ui.sel.layer[i], i == LAYER_IPV4);
	check_same(s);
	keys(s, ":layer UDP only\r");
	assert_false(s->ui.sel.layer[LAYER_IPV4]);
	assert_true(s->ui.sel.layer[LAYER_UDP]);
	keys(s, ":category nft off\r");
	assert_false(s->ui.sel.category[CATEGORY_NFT]);
	keys(s, ":category tcp only\r");
	assert_true(s->ui.sel.category[CATEGORY_TCP]);
	assert_false(s->ui.sel.category[CATEGORY_IP]);
	check_same(s);
	keys(s, ":layer nope on\r");
	assert_true(shows(s, "no layer \"nope\""));
	keys(s, ":layer TCP\r");
	assert_true(shows(s, ":layer NAME on|off"));
	keys(s, ":category ip maybe\r");
	assert_true(shows(s, ":category NAME on|off"));
	scene_free(s);
}

static void functions_by_pattern_and_back_to_the_rules(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	assert_true(wanted(s, "ip_rcv"));
	keys(s, ":function ip_* off\r");
	assert_false(wanted(s, "ip_rcv"));
	assert_true(wanted(s, "tcp_v4_rcv"));
	keys(s, ":function tcp_ack on\r:priority 0\r");
	assert_true(wanted(s, "tcp_ack"));
	assert_int_equal(s->ui.sel.priority, 0);
	check_same(s);
	keys(s, ":by-layer\r:priority 1\r");
	assert_true(wanted(s, "ip_rcv"));
	assert_false(wanted(s, "tcp_ack"));
	check_same(s);
	keys(s, ":function nothing_* on\r");
	assert_true(shows(s, "no function that can be traced matches \"nothing_*\""));
	keys(s, ":function ip_rcv only\r");
	assert_true(shows(s, ":function GLOB on|off"));
	keys(s, ":priority 7\r");
	assert_true(shows(s, ":priority 0-3"));
	scene_free(s);
}

static void keys_of_the_filter_are_set_one_by_one(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	keys(s, ":filter tcp\r");
	pass(s, SECOND);
	keys(s, ":if va\r");
	pass(s, SECOND);
	keys(s, ":netns a\r");
	pass(s, SECOND);
	keys(s, ":mark 0x10/0xff\r");
	pass(s, SECOND);
	keys(s, ":sample 10\r");
	pass(s, SECOND);
	assert_string_equal(s->ui.filter.now.expr, "tcp");
	assert_string_equal(s->ui.filter.now.interface, "va");
	assert_string_equal(s->ui.filter.now.netns, "a");
	assert_int_equal(s->ui.filter.now.mark, 0x10);
	assert_int_equal(s->ui.filter.now.mark_mask, 0xff);
	assert_int_equal(s->ui.filter.now.sample, 10);
	keys(s, ":if any\r:mark\r"); /* the second adds to the first */
	pass(s, SECOND);
	assert_string_equal(s->ui.filter.now.interface, "");
	assert_int_equal(s->ui.filter.now.mark_mask, 0);
	assert_string_equal(s->ui.filter.now.netns, "a");
	keys(s, ":pid x\r");
	assert_true(shows(s, "pid"));
	pass(s, SECOND);
	assert_int_equal(s->ui.filter.now.pid, 0);
	keys(s, ":filter bad\r");
	assert_true(shows(s, "syntax error"));
	pass(s, SECOND);
	assert_string_equal(s->ui.filter.now.expr, "tcp");
	keys(s, ":filter\r");
	pass(s, SECOND);
	assert_string_equal(s->ui.filter.text, "");
	scene_free(s);
}

static void every_key_of_the_filter_can_be_cleared(void **state)
{
	static const char *const values[] = { "5", "a", "/a" };
	struct scene *s = SCENE(.w = 80, .h = 24);
	struct packet_filter f;
	char line[80], err[200];
	size_t i, v;

	pass(s, SECOND);
	for (i = 0; packet_filter_keys[i].key; i++) {
		memset(&f, 0, sizeof(f));
		for (v = 0; v + 1 < sizeof(values) / sizeof(values[0]); v++)
			if (!packet_filter_set(&f, packet_filter_keys[i].key, values[v], err, sizeof(err)))
				break;
		snprintf(line, sizeof(line), ":%s %s\r", packet_filter_keys[i].key, values[v]);
		keys(s, line);
		pass(s, SECOND);
		if (!s->ui.filter.text[0])
			fail_msg("%s", line);
		snprintf(line, sizeof(line), ":%s any\r", packet_filter_keys[i].key);
		keys(s, line);
		pass(s, SECOND);
		assert_string_equal(s->ui.filter.text, "");
	}
	scene_free(s);
}

static void config_files_are_applied(void **state)
{
	char path[] = "/tmp/skbscope-config-XXXXXX", line[80];
	struct scene *s = SCENE(.w = 120, .h = 24);
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	assert_non_null(f);
	fputs("{\"functions\": [{\"name\": \"tcp_ack\"}, {\"name\": \"no_such\"}, {\"name\": \"nor_this\"},\n"
	      "{\"name\": \"ip_rcv\", \"enabled\": false}, {\"name\": \"udp_rcv\"}]}",
		f);
	fflush(f);
	pass(s, 2 * SECOND);
	snprintf(line, sizeof(line), ":config %s\r", path);
	keys(s, line);
	assert_true(shows(s, "2 functions on; 2 cannot be traced here: no_such ..."));
	assert_true(wanted(s, "tcp_ack"));
	assert_true(wanted(s, "udp_rcv"));
	assert_false(wanted(s, "ip_rcv"));
	assert_false(wanted(s, "ip_output"));
	assert_int_equal(s->ui.sel.count, 2);
	check_same(s);
	rewind(f);
	fputs("{\"functions\": [\n oops", f);
	fclose(f);
	keys(s, line);
	snprintf(line, sizeof(line), "%s:2:", path);
	assert_true(shows(s, line));
	assert_int_equal(s->ui.sel.count, 2);
	unlink(path);
	keys(s, ":config /nowhere/at/all\r");
	assert_true(shows(s, "No such file"));
	scene_free(s);
}

static void actions_have_names(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	keys(s, ":pause\r");
	assert_true(shows(s, "PAUSED"));
	keys(s, ":pause\r:messages\r");
	assert_int_equal(s->ui.overlay, PANE_MESSAGES);
	keys(s, ":layers\r");
	assert_int_equal(s->ui.active, PANE_LAYERS);
	keys(s, ":  down  \r");
	assert_int_equal(s->ui.pane[PANE_LAYERS].cursor, 1);
	keys(s, ":search\rSoft");
	assert_true(s->ui.prompt.open);
	keys(s, "\r:\r:   \r");
	assert_false(s->ui.error[0]);
	keys(s, ":quit\r");
	assert_true(s->ui.quit);
	scene_free(s);
}

static void unknown_ones_name_the_nearest(void **state)
{
	static const struct {
		const char *typed, *nearest;
	} typos[] = { { "quti", "quit" }, { "q", "quit" }, { "filtre tcp", "filter" },
		{ "catgory nft on", "category" }, { "ntens a", "netns" }, { "prio 2", "priority" } };
	struct scene *s = SCENE(.w = 80, .h = 24);
	char text[80];
	size_t i;

	for (i = 0; i < sizeof(typos) / sizeof(typos[0]); i++) {
		snprintf(text, sizeof(text), ":%s\r", typos[i].typed);
		keys(s, text);
		snprintf(text, sizeof(text), "the nearest is :%s\n", typos[i].nearest);
		if (!shows(s, text))
			fail_msg("%s: %s", typos[i].typed, s->ui.error);
	}
	keys(s, ":xyzzyplugh\r");
	assert_true(shows(s, "no command \"xyzzyplugh\": Tab"));
	keys(s, ":rules of nonsense\r");
	assert_true(shows(s, ":rules takes nothing behind it: \"of nonsense\""));
	scene_free(s);
}

static void completes(struct scene *s, const char *typed, const char *want)
{
	keys(s, ":");
	keys(s, typed);
	keys(s, "\t");
	draw(s);
	assert_string_equal(s->ui.prompt.text, want);
}

static void tab_completes(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	completes(s, "lay", "layer");
	assert_true(shows(s, "layer layers"));
	keys(s, "\033");
	completes(s, "cat", "category ");
	keys(s, "net\t");
	assert_string_equal(s->ui.prompt.text, "category net");
	expect(s, "command-80x24");
	keys(s, "d\t\t");
	assert_string_equal(s->ui.prompt.text, "category netdev o");
	keys(s, "f\t");
	assert_string_equal(s->ui.prompt.text, "category netdev off ");
	keys(s, "\033");
	completes(s, "layer sof", "layer SoftIRQ ");
	keys(s, "\033");
	completes(s, "nosuch", "nosuch");
	keys(s, "\033");
	completes(s, "function ip_rcv of", "function ip_rcv off ");
	keys(s, "\033");
	completes(s, "", "");
	assert_true(s->ui.prompt.note[0]);
	scene_free(s);
}

static void what_was_typed_comes_back(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	keys(s, ":layer TCP off\r:nonsense\r:\006");
	assert_string_equal(s->ui.prompt.text, "nonsense");
	keys(s, "\006\006");
	assert_string_equal(s->ui.prompt.text, "layer TCP off");
	keys(s, "\007\007");
	assert_string_equal(s->ui.prompt.text, "");
	scene_free(s);
}

static void nothing_changes_with_readonly(void **state)
{
	static const char *const lines[] = { "filter tcp", "if va", "layer TCP off", "category nft off",
		"function ip_rcv off", "by-layer", "priority 3", "layer UDP only" };
	struct scene *s = SCENE(.w = 80, .h = 24, .options = { .readonly = true });
	char text[80];
	size_t i, count;

	pass(s, 2 * SECOND);
	count = s->ui.sel.count;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), ":%s\r", lines[i]);
		keys(s, text);
		if (!shows(s, "started with --readonly"))
			fail_msg("%s", lines[i]);
	}
	pass(s, SECOND);
	assert_int_equal(s->ui.sel.count, count);
	assert_string_equal(s->ui.filter.text, "");
	check_same(s);
	scene_free(s);
}

/* Whatever is typed: it does something, or says what is wrong. */
static void random_lines_do_no_harm(void **state)
{
	static const char *const words[] = { "layer", "TCP", "on", "off", "only", "category", "nft", "filter",
		"function", "*", "[", "ip_*", "rules", "by-layer", "priority", "9", "config", "/dev/null",
		"~/", "mark", "0x1/", "sample", "any", "-1", "=", "'", "\"", "\\", "if", "99999999999",
		"%s%n", "\t", " ", "\x1b", "help", "open", "zoom", "search" };
	struct scene *s = SCENE(.w = 60, .h = 20);
	uint32_t random = 1;
	int i, n;

	pass(s, 2 * SECOND);
	for (i = 0; i < 1500; i++) {
		s->ui.prompt.open = false;
		keys(s, ":");
		for (n = (int)(random >> 20) % 5; n >= 0; n--) {
			random = random * 1103515245 + 12345;
			keys(s, words[(random >> 16) % (sizeof(words) / sizeof(words[0]))]);
			if (random >> 31)
				keys(s, " ");
		}
		keys(s, random >> 30 & 1 ? "\r" : "\t\r");
		draw(s);
		if (i % 16 == 0)
			pass(s, 250 * MS);
		check_same(s);
	}
	scene_free(s);
}

static void help_tells_of_every_command(void **state)
{
	struct scene *s = SCENE(.w = 100, .h = 110);
	struct command_help c;
	size_t i;

	keys(s, "?");
	for (i = 0; commands_at(i, &c); i++)
		if (!shows(s, c.help))
			fail_msg("%s", c.name);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_and_categories_are_switched),
		cmocka_unit_test(functions_by_pattern_and_back_to_the_rules),
		cmocka_unit_test(keys_of_the_filter_are_set_one_by_one),
		cmocka_unit_test(every_key_of_the_filter_can_be_cleared),
		cmocka_unit_test(config_files_are_applied),
		cmocka_unit_test(actions_have_names),
		cmocka_unit_test(unknown_ones_name_the_nearest),
		cmocka_unit_test(tab_completes),
		cmocka_unit_test(what_was_typed_comes_back),
		cmocka_unit_test(nothing_changes_with_readonly),
		cmocka_unit_test(random_lines_do_no_harm),
		cmocka_unit_test(help_tells_of_every_command),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
