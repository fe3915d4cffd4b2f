/* SPDX-License-Identifier: GPL-2.0 */
/* Where the time went. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

static void layers_functions_and_slowest(void **state)
{
	static const int size[][2] = { { 80, 24 }, { 120, 40 } };
	char name[60];
	struct scene *s;
	size_t i;

	for (i = 0; i < 2; i++) {
		s = SCENE(.w = size[i][0], .h = size[i][1], .demo = { .journeys = true });
		pass(s, 4 * SECOND);
		keys(s, ":between ip_rcv ip_forward\r");
		pass(s, 4 * SECOND);
		keys(s, "L");
		snprintf(name, sizeof(name), "latency-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		keys(s, "jj\r");
		snprintf(name, sizeof(name), "latency-functions-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		keys(s, "\033\t");
		snprintf(name, sizeof(name), "latency-slowest-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		scene_free(s);
	}
}

static void enter_leads_down_and_esc_back(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = true });
	struct pane *p = &s->ui.pane[PANE_LATENCY];
	uint64_t selected;

	pass(s, 4 * SECOND);
	keys(s, "Ljjj");
	selected = p->selected;
	keys(s, "\rjj\033");
	assert_int_equal(p->selected, selected);
	keys(s, "\tjj");
	selected = p->selected;
	keys(s, "\r");
	assert_int_equal(s->ui.overlay, -1);
	assert_int_equal(s->ui.active, PANE_JOURNEY);
	assert_true(shows(s, "Journey"));
	keys(s, "\r\033\033");
	assert_int_equal(s->ui.overlay, PANE_LATENCY);
	assert_int_equal(p->selected, selected);
	keys(s, "\033\033");
	assert_int_equal(s->ui.overlay, -1);
	scene_free(s);
}

static void reset_measures_anew(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = true });

	pass(s, 4 * SECOND);
	keys(s, "L\022");
	assert_true(shows(s, "no packet has ended yet"));
	pass(s, 2 * SECOND);
	assert_true(shows(s, "whole packets"));
	scene_free(s);
}

static void between_two_functions(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = true });
	int i;

	pass(s, 4 * SECOND);
	keys(s, ":between ip_forw\tno_such\r");
	assert_true(shows(s, ":between FUNC FUNC") || shows(s, "no function \"no_such\""));
	keys(s, ":between ip_rcv\r");
	assert_true(shows(s, ":between FUNC FUNC"));
	keys(s, ":between ip_forward\t tcp_v4_rc\t\r");
	keys(s, ":between ip_rcv nope\r");
	assert_true(shows(s, "no function \"nope\""));
	keys(s, ":between udp_rcv ip_error\r");
	assert_true(shows(s, "ip_error is not traced now"));
	for (i = 0; i < 8; i++) {
		char line[80];

		snprintf(line, sizeof(line), ":between %s ip_rcv\r", s->src->probes->v[i].name);
		keys(s, line);
	}
	assert_true(shows(s, "8 pairs are measured already"));
	keys(s, ":between\rL");
	assert_false(shows(s, "ip_rcv → "));
	scene_free(s);
}

static void frozen_times_stand_still(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = true });
	char *before, *after;

	pass(s, 4 * SECOND);
	keys(s, "Lp");
	before = screen_text(s);
	pass(s, 3 * SECOND);
	after = screen_text(s);
	/* What is red stands above, too. */
	*strstr(before, "red: ") = *strstr(after, "red: ") = '\0';
	assert_string_equal(strstr(before, "Latency"), strstr(after, "Latency"));
	free(before);
	free(after);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_functions_and_slowest),
		cmocka_unit_test(enter_leads_down_and_esc_back),
		cmocka_unit_test(reset_measures_anew),
		cmocka_unit_test(between_two_functions),
		cmocka_unit_test(frozen_times_stand_still),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
