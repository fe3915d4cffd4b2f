/* SPDX-License-Identifier: GPL-2.0 */
/* What is shown, and where the keys lead. */
#include "scene.h"

#include <curses.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/keymap.h"

static void overview_has_its_golden_sizes(void **state)
{
	static const int size[][2] = { { 80, 24 }, { 120, 40 }, { 200, 60 }, { 100, 30 }, { 40, 10 },
		{ 20, 5 } };
	char name[40];
	struct scene *s;
	size_t i;

	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		s = SCENE(.w = size[i][0], .h = size[i][1]);
		pass(s, 6 * SECOND);
		snprintf(name, sizeof(name), "overview-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		scene_free(s);
	}
}

static void each_pane_alone(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 6 * SECOND);
	keys(s, "\001");
	expect(s, "layers-80x24");
	keys(s, "\002");
	expect(s, "functions-80x24");
	keys(s, "\004");
	expect(s, "journey-80x24");
	scene_free(s);
}

static void start_shows_progress(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40);

	pass(s, 100 * MS);
	expect(s, "attaching-120x40");
	scene_free(s);
}

static void empty_screen_says_why(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .quiet = true });
	int i;

	pass(s, 4 * SECOND);
	assert_true(shows(s, "no packet yet: 64 functions attached, 0 hits for 4 s"));
	for (i = 0; i < LAYER_COUNT; i++)
		if (s->ui.meter.layer[i].known)
			ui_command(&s->ui, (struct command){ COMMAND_LAYER, i, false });
	assert_true(shows(s, "every layer is off: Space"));
	scene_free(s);
}

static void toggling_a_layer_is_seen_at_once(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 6 * SECOND);
	keys(s, "\001jj ");
	expect(s, "layer-going-off");
	pass(s, 2 * SECOND);
	expect(s, "layer-off");
	keys(s, "3");
	pass(s, 50 * MS);
	expect(s, "priority-3");
	scene_free(s);
}

static void functions_tell_what_is_wrong(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 4 * SECOND);
	keys(s, "\002/br_nf\r\r");
	expect(s, "function-refused");
	keys(s, "\033\033/compile\r ");
	assert_true(shows(s, "ip_options_compile cannot be traced: inlined on this kernel"));
	scene_free(s);
}

static void function_toggled_by_hand_stays_under_the_cursor(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	struct pane *p = &s->ui.pane[PANE_FUNCTIONS];
	uint64_t selected;
	char line[400];

	pass(s, 4 * SECOND);
	keys(s, "\002jjj ");
	selected = p->selected;
	pass(s, 5 * SECOND);
	assert_int_equal(p->selected, selected);
	assert_true(p->cursor >= 2 && p->cursor < 12); /* not down among the unwanted */
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "○"));
	scene_free(s);
}

static void a_layer_opens_its_functions(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 4 * SECOND);
	keys(s, "\001jjjj\r");
	expect(s, "functions-of-tcp");
	keys(s, "\033");
	assert_int_equal(s->ui.active, PANE_LAYERS);
	scene_free(s);
}

static void drilling_goes_down_and_back(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	struct pane *journey;

	pass(s, 6 * SECOND);
	keys(s, "j\r");
	expect(s, "paths");
	keys(s, "\r");
	expect(s, "packets");
	keys(s, "j\r");
	expect(s, "hops");
	keys(s, "G\r");
	expect(s, "hop-detail");
	journey = &s->ui.pane[PANE_JOURNEY];
	keys(s, "\033");
	assert_int_equal(journey->cursor + 1, pane_lines(journey));
	keys(s, "\033");
	assert_int_equal(journey->cursor, 1);
	keys(s, "\033");
	assert_true(shows(s, "1 path, "));
	keys(s, "\033");
	assert_int_equal(s->ui.active, PANE_FLOWS);
	scene_free(s);
}

static void selected_row_stays_the_same_thing(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	char before[400], after[400];
	uint64_t selected;

	pass(s, 3 * SECOND);
	keys(s, "ssssjjj");
	selected = s->ui.pane[PANE_FLOWS].selected;
	cursor_line(s, before, sizeof(before));
	pass(s, 10 * SECOND);
	keys(s, "sI");
	pass(s, 10 * SECOND);
	assert_int_equal(s->ui.pane[PANE_FLOWS].selected, selected);
	cursor_line(s, after, sizeof(after));
	assert_memory_equal(before, after, 40);
	scene_free(s);
}

static void drops_come_first_with_one_key(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	char line[400];

	pass(s, 12 * SECOND);
	keys(s, "D");
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "✗"));
	scene_free(s);
}

static void paused_picture_stands_still(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40);
	char *before, *after;

	pass(s, 5 * SECOND);
	keys(s, "p");
	before = screen_text(s);
	pass(s, 10 * SECOND);
	after = screen_text(s);
	/* All but the two lines at the top (and what is red in them). */
	*strstr(before, "red: ") = *strstr(after, "red: ") = '\0';
	assert_string_equal(strstr(before, "F2 Layers"), strstr(after, "F2 Layers"));
	assert_true(shows(s, "PAUSED +"));
	keys(s, "j\r");
	assert_false(shows(s, "no packet"));
	keys(s, "p");
	assert_true(shows(s, "LIVE"));
	free(before);
	free(after);
	scene_free(s);
}

static void search_moves_while_typing(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	char line[400];

	pass(s, 4 * SECOND);
	keys(s, "\002/udp_r");
	expect(s, "search");
	keys(s, "cv\r");
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "udp_rcv"));
	keys(s, "/zzz");
	keys(s, "\r");
	assert_true(shows(s, "\"zzz\": not found"));
	keys(s, "j");
	assert_false(shows(s, "\"zzz\": not found"));
	scene_free(s);
}

static void losses_are_loud(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	demo_source_totals(s->src)->lost_ring = 1200;
	demo_source_totals(s->src)->lost_recursion = 7;
	pass(s, SECOND);
	keys(s, "e");
	expect(s, "losses");
	scene_free(s);
}

static void refused_commands_say_so(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .options = { .readonly = true });

	pass(s, 2 * SECOND);
	keys(s, "\001 ");
	assert_true(shows(s, "started with --readonly"));
	scene_free(s);
	s = SCENE(.w = 80, .h = 24, .demo = { .refuse = true });
	keys(s, "\001 ");
	assert_true(shows(s, "this is a recording"));
	assert_true(s->ui.sel.layer[LAYER_DEVICE]);
	scene_free(s);
}

static void end_with_an_error_stays_on_the_screen(void **state)
{
	struct notice end = { .type = NOTICE_END, .error = EIO, .text = "the ring buffer is gone" };
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 2 * SECOND);
	demo_source_notice(s->src, &end);
	pass(s, SECOND);
	assert_false(s->ui.quit);
	assert_true(shows(s, "tracing has ended: the ring buffer is gone: Input/output error"));
	assert_true(shows(s, "ENDED"));
	keys(s, "q");
	assert_true(s->ui.quit);
	scene_free(s);
}

static void help_is_complete(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 150);
	int a;

	keys(s, "?");
	expect(s, "help");
	for (a = 1; a < ACTION_COUNT; a++)
		if (!shows(s, action_help((enum action)a)))
			fail_msg("%s has no key", action_name((enum action)a));
	scene_free(s);
}

static void ascii_is_ascii(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40, .options = { .ascii = true, .no_color = true });
	char *now;
	size_t i;

	pass(s, 6 * SECOND);
	expect(s, "ascii-120x40");
	now = screen_text(s);
	for (i = 0; now[i]; i++)
		assert_true((unsigned char)now[i] < 0x80);
	free(now);
	scene_free(s);
}

static void hostile_names_cannot_reach_the_terminal(void **state)
{
	struct notice note = { .type = NOTICE_ERROR,
		.text = "a\033[2Jb\xc2\x9b\x31mc\xe2\x80\xae"
			"d\xff" };
	struct scene *s = SCENE(.w = 80, .h = 24);
	char *now;
	size_t i;

	demo_source_notice(s->src, &note);
	pass(s, SECOND);
	now = screen_text(s);
	for (i = 0; now[i]; i++)
		assert_true(now[i] == '\n' || (unsigned char)now[i] >= ' ');
	assert_null(strstr(now, "\xc2\x9b"));
	assert_null(strstr(now, "\xe2\x80\xae"));
	free(now);
	scene_free(s);
}

static void no_size_is_too_small(void **state)
{
	static const char *const walk[] = { "", "\001", "\002", "\002\r", "\033\003", "\r", "\r", "jj\r", "m",
		"\r", "\033j=", "L", "\t", "m", "\r", "\033/x", "\033?", "e", "z", "fhost bad", "\033:\t" };
	struct scene *s = SCENE(.w = 80, .h = 24);
	size_t i;

	pass(s, 3 * SECOND);
	for (i = 0; i < sizeof(walk) / sizeof(walk[0]); i++) {
		keys(s, walk[i]);
		for (s->w = 1; s->w < 130; s->w += s->w < 24 ? 1 : 13)
			for (s->h = 1; s->h < 45; s->h += s->h < 10 ? 1 : 7) {
				resizeterm(s->h, s->w);
				draw(s);
				keys(s, "jG");
				ui_click(&s->ui, s->w / 2, s->h / 2, s->h & 1);
				ui_wheel(&s->ui, s->w / 2, s->h / 2, -3);
				draw(s);
				keys(s, "k");
			}
	}
	scene_free(s);
}

static void every_key_everywhere(void **state)
{
	static const char *const panes[] = { "\001", "\002", "\003", "\004", "?", "e", "L", "L\t",
		"\003\rm\rj=" };
	struct scene *s = SCENE(.w = 120, .h = 40);
	size_t i, k;

	pass(s, 3 * SECOND);
	for (i = 0; i < sizeof(panes) / sizeof(panes[0]); i++)
		for (k = 0; k < s->ui.keymap.n; k++) {
			keys(s, panes[i]);
			ui_key(&s->ui, s->ui.keymap.v[k].key);
			draw(s);
			pass(s, 250 * MS);
			ui_key(&s->ui, '\n');
			draw(s);
			s->ui.prompt.open = s->ui.quit = s->ui.suspend = false;
		}
	scene_free(s);
}

static void many_flows(void **state)
{
	struct scene *s =
		SCENE(.w = 120, .h = 40, .demo = { .flows = 30000 }, .options = { .memory = 48 << 20 });
	struct store_totals t;

	pass(s, 6 * SECOND);
	keys(s, "jjjGkk/10.2.0.2:9999\rn\r");
	pass(s, 3 * SECOND);
	draw(s);
	store_totals(s->ui.store, &t);
	assert_true(t.flows > 10000);
	scene_free(s);
}

static void mouse_selects_and_scrolls(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40);

	pass(s, 4 * SECOND);
	draw(s);
	ui_click(&s->ui, 60, 7, false);
	assert_int_equal(s->ui.active, PANE_FLOWS);
	assert_int_equal(s->ui.pane[PANE_FLOWS].cursor, 2);
	ui_click(&s->ui, 5, 6, false);
	assert_int_equal(s->ui.active, PANE_LAYERS);
	ui_wheel(&s->ui, 5, 30, 3);
	assert_int_equal(s->ui.pane[PANE_FUNCTIONS].cursor, 3);
	ui_click(&s->ui, 60, 7, true);
	assert_int_equal(s->ui.active, PANE_JOURNEY);
	scene_free(s);
}

static void themes_load(void **state)
{
	static const char *const good[] = { "default", "mono", "light", "themes/mono.theme" };
	char err[240], path[] = "/tmp/skbscope-theme-XXXXXX", want[300];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (screen_check(good[i], false, err, sizeof(err)))
			fail_msg("%s", err);
	assert_int_not_equal(screen_check("no-such-theme", false, err, sizeof(err)), 0);
	assert_non_null(strstr(err, "no-such-theme"));
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(write(fd, "text - -\ndrop pink -\n", 21) == 21);
	close(fd);
	assert_int_equal(screen_check(path, false, err, sizeof(err)), -EINVAL);
	snprintf(want, sizeof(want), "%s:2: \"pink\" is no colour", path);
	assert_string_equal(err, want);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overview_has_its_golden_sizes),
		cmocka_unit_test(each_pane_alone),
		cmocka_unit_test(start_shows_progress),
		cmocka_unit_test(empty_screen_says_why),
		cmocka_unit_test(toggling_a_layer_is_seen_at_once),
		cmocka_unit_test(functions_tell_what_is_wrong),
		cmocka_unit_test(function_toggled_by_hand_stays_under_the_cursor),
		cmocka_unit_test(a_layer_opens_its_functions),
		cmocka_unit_test(drilling_goes_down_and_back),
		cmocka_unit_test(selected_row_stays_the_same_thing),
		cmocka_unit_test(drops_come_first_with_one_key),
		cmocka_unit_test(paused_picture_stands_still),
		cmocka_unit_test(search_moves_while_typing),
		cmocka_unit_test(losses_are_loud),
		cmocka_unit_test(refused_commands_say_so),
		cmocka_unit_test(end_with_an_error_stays_on_the_screen),
		cmocka_unit_test(help_is_complete),
		cmocka_unit_test(ascii_is_ascii),
		cmocka_unit_test(hostile_names_cannot_reach_the_terminal),
		cmocka_unit_test(no_size_is_too_small),
		cmocka_unit_test(every_key_everywhere),
		cmocka_unit_test(many_flows),
		cmocka_unit_test(mouse_selects_and_scrolls),
		cmocka_unit_test(themes_load),
	};

	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
