/* SPDX-License-Identifier: GPL-2.0 */
/* One packet, one journey: what its lines tell. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "tui/journey/journey.h"

static struct journey_state *journey(struct scene *s)
{
	return s->ui.pane[PANE_JOURNEY].state;
}

/* From the flow that contains text down to its newest packet. */
static void open_packet(struct scene *s, const char *text)
{
	int i;

	keys(s, "\003p/");
	keys(s, text);
	keys(s, "\r\033\r");
	for (i = 0; i < 4 && journey(s)->mode != JOURNEY_HOPS; i++)
		keys(s, "\r");
	assert_int_equal(journey(s)->mode, JOURNEY_HOPS);
}

static void each_kind_of_line(void **state)
{
	static const struct {
		const char *name, *flow, *keys;
	} flows[] = {
		{ "nat", "10.1.0.2:4000", "G" },
		{ "copies", ":7000", "" },
		{ "again", ":45010", "" },
		{ "tunnel", "10.9.0.2:80", "" },
		{ "lost", "#77", "" },
	};
	static const int size[][2] = { { 80, 24 }, { 120, 40 } };
	char name[60];
	struct scene *s;
	size_t i, k;

	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		s = SCENE(.w = size[i][0], .h = size[i][1], .demo = { .journeys = true });
		pass(s, 4 * SECOND);
		for (k = 0; k < sizeof(flows) / sizeof(flows[0]); k++) {
			open_packet(s, flows[k].flow);
			keys(s, flows[k].keys);
			snprintf(name, sizeof(name), "journey-%s-%dx%d", flows[k].name, size[i][0], size[i][1]);
			expect(s, name);
			keys(s, "p");
		}
		scene_free(s);
	}
}

static void copies_fold(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = true });
	struct pane *p = &s->ui.pane[PANE_JOURNEY];
	char line[400];
	size_t lines;

	pass(s, 4 * SECOND);
	open_packet(s, ":7000");
	lines = pane_lines(p);
	keys(s, "jj ");
	assert_int_equal(pane_lines(p), lines + 5);
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "− 1 clone"));
	/* From within it, and the cursor stays where the copy begins. */
	keys(s, "jj ");
	assert_int_equal(pane_lines(p), lines);
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "+ 1 clone · 5 hops · ● transmitted"));
	keys(s, "g ");
	assert_true(shows(s, "Space folds copies"));
	keys(s, "Gd");
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "DROPPED NETFILTER_DROP"));
	/* Folded away, the drop is still what d finds. */
	keys(s, " Gd");
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "+ 2 clone"));
	scene_free(s);
}

static void detail_knows_copy_and_headers(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 50, .demo = { .journeys = true });

	pass(s, 4 * SECOND);
	open_packet(s, "10.1.0.2:4000");
	keys(s, "z/SNAT\r\033\r");
	expect(s, "hop-detail-change");
	keys(s, "\033");
	assert_true(shows(s, "SNAT"));
	keys(s, "G\r");
	expect(s, "hop-detail-end");
	scene_free(s);
}

static void what_the_kernel_has_not_ended_is_in_flight(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = true });

	pass(s, 4 * SECOND);
	open_packet(s, "#77");
	keys(s, "G");
	assert_true(shows(s, "○ still in flight"));
	keys(s, "\r");
	assert_true(shows(s, "ip_output") || shows(s, "dev_hard_start_xmit"));
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_line),
		cmocka_unit_test(copies_fold),
		cmocka_unit_test(detail_knows_copy_and_headers),
		cmocka_unit_test(what_the_kernel_has_not_ended_is_in_flight),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
