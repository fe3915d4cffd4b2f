/* SPDX-License-Identifier: GPL-2.0 */
/* The filter's prompt, its history, the line that tells of it, and an empty screen's reason. */
#include "scene.h"

#include <curses.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/widgets/history.h"

#define CLEAR "\025" /* Ctrl-U */

static void forget(void)
{
	char path[4096];

	unlink(history_path("filters", path, sizeof(path)));
}

static void filter_is_set_and_cleared(void **state)
{
	struct scene *s;

	forget();
	s = SCENE(.w = 80, .h = 24);
	pass(s, 2 * SECOND);
	keys(s, "f");
	assert_true(shows(s, "filter:"));
	keys(s, "udp port 53\r");
	pass(s, 3 * SECOND);
	assert_false(s->ui.prompt.open);
	expect(s, "filter-80x24");
	/* What is in force stands in the prompt. */
	keys(s, "f");
	assert_string_equal(s->ui.prompt.text, "udp port 53");
	keys(s, " and host 10.1.0.2\033");
	pass(s, SECOND);
	assert_string_equal(s->ui.filter.text, "udp port 53");
	keys(s, "f" CLEAR "\r");
	pass(s, SECOND);
	assert_string_equal(s->ui.filter.text, "");
	assert_string_equal(s->ui.filter.now.expr, "");
	scene_free(s);
}

static void wrong_text_stays_in_the_prompt(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	keys(s, "fport bad");
	assert_true(shows(s, "filter! port bad"));
	assert_true(shows(s, "syntax error"));
	expect(s, "filter-wrong");
	keys(s, "\r");
	assert_true(s->ui.prompt.open);
	assert_true(shows(s, "syntax error"));
	keys(s, "\027"
		"53"); /* Ctrl-W */
	assert_true(shows(s, "filter: port 53"));
	assert_false(shows(s, "syntax error"));
	keys(s, "\r");
	assert_false(s->ui.prompt.open);
	pass(s, SECOND);
	assert_string_equal(s->ui.filter.text, "port 53");
	scene_free(s);
}

static void name_that_only_a_resolver_knows_is_neutral(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	keys(s, "fhost a.example");
	assert_true(shows(s, "filter: host a.example"));
	assert_true(shows(s, "name will be looked up"));
	keys(s, CLEAR "host gone.example\r");
	pass(s, SECOND);
	assert_true(shows(s, "filter: gone.example: no address"));
	assert_string_equal(s->ui.filter.text, "");
	assert_false(ui_filter_waits(&s->ui));
	scene_free(s);
}

static void waiting_is_told_and_can_be_left(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .filter_ns = 2 * SECOND });

	pass(s, 2 * SECOND);
	keys(s, "ftcp\r");
	pass(s, 100 * MS);
	assert_false(shows(s, "filter: waiting"));
	pass(s, 250 * MS);
	assert_true(shows(s, "filter: waiting…"));
	keys(s, "j"); /* other keys work meanwhile */
	assert_true(shows(s, "filter: waiting…"));
	keys(s, "\033");
	assert_false(shows(s, "filter: waiting…"));
	pass(s, 5 * SECOND);
	assert_string_equal(s->ui.filter.text, "");
	keys(s, "ftcp\r");
	pass(s, 3 * SECOND);
	assert_string_equal(s->ui.filter.text, "tcp");
	assert_false(shows(s, "filter: waiting…"));
	/* the answer to an earlier wish is not that to the last one */
	keys(s, "f" CLEAR "udp\r");
	pass(s, 300 * MS);
	ui_filter_notice(&s->ui, true);
	pass(s, 50 * MS);
	assert_true(shows(s, "filter: waiting…"));
	pass(s, 2 * SECOND);
	assert_string_equal(s->ui.filter.text, "udp");
	assert_false(shows(s, "filter: waiting…"));
	scene_free(s);
}

static void history_comes_back(void **state)
{
	char path[4096];
	struct scene *s;
	struct stat st;

	forget();
	s = SCENE(.w = 80, .h = 24);
	pass(s, 2 * SECOND);
	keys(s, "ftcp\rf" CLEAR "udp\rf" CLEAR "icmp\rf" CLEAR "udp\r");
	pass(s, SECOND);
	assert_int_equal(stat(history_path("filters", path, sizeof(path)), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	scene_free(s);

	s = SCENE(.w = 80, .h = 24);
	pass(s, 2 * SECOND);
	keys(s, "fdraft\006");
	assert_string_equal(s->ui.prompt.text, "udp");
	keys(s, "\020\020\020"); /* Ctrl-P */
	assert_string_equal(s->ui.prompt.text, "tcp");
	keys(s, "\007");
	assert_string_equal(s->ui.prompt.text, "icmp");
	keys(s, "\016\016\016"); /* Ctrl-N */
	assert_string_equal(s->ui.prompt.text, "draft");
	scene_free(s);
}

static void history_of_somebody_else_is_checked(void **state)
{
	char path[4096], text[HISTORY_MAX * 8];
	struct history h;
	FILE *f;
	int i;

	history_path("filters", path, sizeof(path));
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("tcp\n\033[2Jbad\n\nudp\ntcp\n\xff\xfe\nport 7\rx\n", f);
	for (i = 0; i < PROMPT_MAX + 10; i++)
		fputc('x', f);
	fputs("\nlast", f);
	fclose(f);
	history_init(&h, "filters");
	assert_int_equal(h.n, 3);
	assert_string_equal(h.v[0], "tcp");
	assert_string_equal(h.v[1], "udp");
	assert_string_equal(h.v[2], "last");
	for (i = 0; i < 2 * HISTORY_MAX; i++) {
		snprintf(text, sizeof(text), "port %d", i);
		assert_int_equal(history_add(&h, text), 0);
	}
	assert_int_equal(h.n, HISTORY_MAX);
	assert_string_equal(h.v[0], "port 199");
	history_fini(&h);
	/* A pipe would keep us waiting. */
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	history_init(&h, "filters");
	assert_int_equal(h.n, 0);
	history_fini(&h);
	unlink(path);
}

static void home_that_cannot_be_written_is_said_once(void **state)
{
	char *before = strdup(getenv("XDG_STATE_HOME"));
	struct scene *s = SCENE(.w = 120, .h = 24);
	size_t said;

	setenv("XDG_STATE_HOME", "/dev/null", 1);
	pass(s, 2 * SECOND);
	keys(s, "ftcp\r");
	said = s->ui.messages.n;
	keys(s, "f\025udp\r");
	assert_int_equal(s->ui.messages.n, said);
	keys(s, "e");
	assert_true(shows(s, "what was typed cannot be kept in /dev/null/skbscope/filters: Not a directory"));
	setenv("XDG_STATE_HOME", before, 1);
	free(before);
	scene_free(s);
}

static void filter_line_is_on_every_screen(void **state)
{
	static const int size[][2] = { { 200, 60 }, { 120, 40 }, { 100, 30 }, { 40, 10 }, { 20, 5 } };
	char name[40];
	struct scene *s;
	size_t i;

	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		s = SCENE(.w = size[i][0], .h = size[i][1]);
		pass(s, 2 * SECOND);
		keys(s, "fsample=4 host 10.2.0.2 and host 10.1.0.2\r");
		pass(s, 3 * SECOND);
		demo_source_totals(s->src)->undecided = 12;
		pass(s, SECOND);
		snprintf(name, sizeof(name), "filter-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		scene_free(s);
	}
	s = SCENE(.w = 80, .h = 24);
	pass(s, 2 * SECOND);
	keys(s, "ftcp\r");
	pass(s, SECOND);
	for (s->h = 2; s->h < 12; s->h++) {
		resizeterm(s->h, s->w);
		if (!shows(s, "filter tcp"))
			fail_msg("not seen in %d lines", s->h);
	}
	scene_free(s);
}

static void long_text_scrolls(void **state)
{
	struct scene *s = SCENE(.w = 40, .h = 10);
	int i;

	pass(s, 2 * SECOND);
	keys(s, "fhost 10.1.0.2");
	for (i = 0; i < 50; i++)
		keys(s, " and host 10.1.0.2");
	assert_true(shows(s, "filter: …ost 10.1.0.2 and host 10.1.0.2\n"));
	assert_false(s->ui.prompt.wrong);
	for (i = 0; i < 250; i++)
		keys(s, " and host 10.1.0.2");
	assert_true(shows(s, "filter! …nd host 10.1.0.2 and host 10.1\n"));
	assert_true(shows(s, "! \"host 10.1.0.2"));
	keys(s, "\001"); /* F2: not a character */
	ui_key(&s->ui, KEY_HOME);
	assert_true(shows(s, "filter! host 10.1.0.2 and host 10.1.0.2…"));
	s->w = 5;
	resizeterm(s->h, s->w);
	draw(s);
	scene_free(s);
}

static void empty_screen_names_the_filter(void **state)
{
	struct scene *s = SCENE(.w = 100, .h = 24, .demo = { .quiet = true });

	pass(s, 2 * SECOND);
	keys(s, "ftcp port 7\r");
	pass(s, 2 * SECOND);
	demo_source_totals(s->src)->hits = 5000;
	pass(s, SECOND);
	assert_true(shows(s, "no packet has matched the filter yet: f changes it"));
	demo_source_totals(s->src)->filtered_out = 1234;
	pass(s, SECOND);
	assert_true(shows(s, "every packet so far was refused by the filter (1,234): f changes it"));
	demo_source_totals(s->src)->sampled_out = 1000000;
	pass(s, SECOND);
	assert_true(shows(s, "the filter refused 1,234, its sample left out 1,000,000"));
	scene_free(s);
}

static void sources_that_cannot_filter_say_so(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .no_filter = true });

	keys(s, "f");
	assert_false(s->ui.prompt.open);
	assert_true(shows(s, "packets of this source cannot be filtered"));
	scene_free(s);
	s = SCENE(.w = 80, .h = 24, .demo = { .refuse = true });
	keys(s, "ftcp\r");
	assert_true(shows(s, "packets of this source cannot be filtered"));
	scene_free(s);
	s = SCENE(.w = 80, .h = 24, .options = { .readonly = true });
	keys(s, "f");
	assert_false(s->ui.prompt.open);
	assert_true(shows(s, "started with --readonly"));
	scene_free(s);
}

static void hostile_words_are_not_obeyed(void **state)
{
	struct notice note = { .type = NOTICE_FILTER_REFUSED, .text = "a\033[2Jb\xc2\x9b\x31mc" };
	struct scene *s = SCENE(.w = 80, .h = 24);
	char *now;
	size_t i;

	pass(s, SECOND);
	demo_source_notice(s->src, &note);
	note.type = NOTICE_FILTER;
	demo_source_notice(s->src, &note);
	pass(s, SECOND);
	now = screen_text(s);
	assert_non_null(strstr(now, "filter: a?[2Jb?"));
	for (i = 0; now[i]; i++)
		assert_true(now[i] == '\n' || (unsigned char)now[i] >= ' ');
	assert_null(strstr(now, "\xc2\x9b"));
	free(now);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_is_set_and_cleared),
		cmocka_unit_test(wrong_text_stays_in_the_prompt),
		cmocka_unit_test(name_that_only_a_resolver_knows_is_neutral),
		cmocka_unit_test(waiting_is_told_and_can_be_left),
		cmocka_unit_test(history_comes_back),
		cmocka_unit_test(history_of_somebody_else_is_checked),
		cmocka_unit_test(home_that_cannot_be_written_is_said_once),
		cmocka_unit_test(filter_line_is_on_every_screen),
		cmocka_unit_test(long_text_scrolls),
		cmocka_unit_test(empty_screen_names_the_filter),
		cmocka_unit_test(sources_that_cannot_filter_say_so),
		cmocka_unit_test(hostile_words_are_not_obeyed),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
