/* SPDX-License-Identifier: GPL-2.0 */
/* From a flow to the paths of its packets, to one of them, and two of them side by side. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "tui/journey/journey.h"

static struct scene *with_paths(int w, int h)
{
	struct scene *s = SCENE(.w = w, .h = h, .demo = { .journeys = true });

	/* As long as it takes until a packet goes another way. */
	pass(s, 5 * SECOND);
	keys(s, "\003/10.1.0.2:4000 \r\033\r");
	return s;
}

static void a_flow_opens_its_paths(void **state)
{
	static const int size[][2] = { { 80, 24 }, { 120, 40 }, { 200, 60 } };
	struct scene *s;
	char name[60];
	size_t i;

	for (i = 0; i < 3; i++) {
		s = with_paths(size[i][0], size[i][1]);
		snprintf(name, sizeof(name), "paths-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		keys(s, "\r");
		snprintf(name, sizeof(name), "path-packets-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		scene_free(s);
	}
}

static void esc_goes_back_to_the_same_rows(void **state)
{
	struct scene *s = with_paths(80, 24);
	struct pane *p = &s->ui.pane[PANE_JOURNEY];
	uint64_t path, packet, line;

	keys(s, "j");
	path = p->selected;
	keys(s, "\033\r");
	assert_true(shows(s, "2 paths, "));
	keys(s, "j\r");
	packet = p->selected;
	keys(s, "\rjjj");
	line = p->selected;
	keys(s, "\r\033");
	assert_int_equal(p->selected, line);
	pass(s, SECOND);
	keys(s, "\033");
	assert_int_equal(p->selected, packet);
	pass(s, SECOND);
	keys(s, "\033");
	assert_int_equal(p->selected, path);
	keys(s, "\033");
	assert_int_equal(s->ui.active, PANE_FLOWS);
	scene_free(s);
}

static void rows_of_paths_can_be_hidden(void **state)
{
	struct scene *s = with_paths(80, 24);

	keys(s, "&dropped\r");
	assert_int_equal(pane_lines(&s->ui.pane[PANE_JOURNEY]), 1);
	keys(s, "\r");
	assert_false(shows(s, "\"dropped\" in"));
	assert_true(shows(s, "✗ DROPPED NETFILTER_DROP"));
	keys(s, "\033");
	assert_true(shows(s, "\"dropped\" in 1 of 2"));
	keys(s, "\033");
	assert_int_equal(pane_lines(&s->ui.pane[PANE_JOURNEY]), 2);
	scene_free(s);
}

static void two_paths_are_compared(void **state)
{
	static const int size[][2] = { { 80, 24 }, { 120, 40 }, { 200, 60 } };
	struct scene *s;
	char name[60], line[400];
	size_t i;

	for (i = 0; i < 3; i++) {
		s = with_paths(size[i][0], size[i][1]);
		keys(s, "mj");
		snprintf(name, sizeof(name), "paths-marked-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		keys(s, "=");
		assert_true(shows(s, "the right one never reached ip_forward_finish"));
		cursor_line(s, line, sizeof(line));
		assert_non_null(strstr(line, "ip_forward_finish"));
		snprintf(name, sizeof(name), "compare-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		scene_free(s);
	}
}

static void comparing_says_what_to_do(void **state)
{
	struct scene *s = with_paths(80, 24);

	keys(s, "=");
	assert_true(shows(s, "nothing is marked: m marks a packet or a path"));
	keys(s, "m=");
	assert_true(shows(s, "that is the marked one itself"));
	keys(s, "m");
	assert_false(shows(s, "◆"));
	keys(s, "m\003");
	keys(s, "=");
	assert_true(shows(s, "no packet here"));
	keys(s, "m");
	assert_true(shows(s, "no packet here: m marks one"));
	scene_free(s);
}

static void packets_of_different_flows_are_compared(void **state)
{
	struct scene *s = with_paths(120, 40);

	keys(s, "\r\rm");
	assert_true(shows(s, "◆ tcp 10.1.0.2:4000"));
	keys(s, "\003/:9999\r\033\r\r=");
	assert_true(shows(s, "the right one never reached"));
	keys(s, "g  ");
	draw(s);
	keys(s, "\r");
	assert_int_equal(s->ui.overlay, -1);
	keys(s, "\033");
	assert_int_equal(s->ui.overlay, PANE_COMPARE);
	keys(s, "\033");
	assert_int_equal(s->ui.overlay, -1);
	assert_int_equal(s->ui.active, PANE_JOURNEY);
	scene_free(s);
}

/* All packets leave a small store: what is on the screen stays, and says so when it must. */
static void what_left_the_store_is_told(void **state)
{
	struct scene *s =
		SCENE(.w = 120, .h = 40, .demo = { .journeys = true }, .options = { .memory = 1 << 20 });

	pass(s, 2 * SECOND);
	keys(s, "\003/10.1.0.2:4000 \r\033\r\rm\r");
	pass(s, 60 * SECOND);
	draw(s);
	keys(s, "jj \r\033G");
	draw(s);
	keys(s, "\033j=");
	assert_true(shows(s, "has left the store") || shows(s, "Compare") || shows(s, "no packet"));
	keys(s, "L\tG\r\033\033");
	draw(s);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_opens_its_paths),
		cmocka_unit_test(esc_goes_back_to_the_same_rows),
		cmocka_unit_test(rows_of_paths_can_be_hidden),
		cmocka_unit_test(two_paths_are_compared),
		cmocka_unit_test(comparing_says_what_to_do),
		cmocka_unit_test(packets_of_different_flows_are_compared),
		cmocka_unit_test(what_left_the_store_is_told),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
