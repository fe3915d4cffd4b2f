/* SPDX-License-Identifier: GPL-2.0 */
/* Rows that are hidden because they lack a text. */
#include "scene.h"

#include <string.h>

static size_t lines(struct scene *s, enum pane_id pane)
{
	return pane_lines(&s->ui.pane[pane]);
}

static void flows_without_the_text_are_hidden(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	size_t all;

	pass(s, 6 * SECOND);
	all = lines(s, PANE_FLOWS);
	keys(s, "&10.1.0.2:");
	assert_true(lines(s, PANE_FLOWS) < all && lines(s, PANE_FLOWS) > 1);
	keys(s, "\r");
	expect(s, "flows-rows");
	pass(s, 5 * SECOND);
	assert_true(lines(s, PANE_FLOWS) < all);
	keys(s, "\033");
	assert_int_equal(lines(s, PANE_FLOWS), all);
	keys(s, "&udp\r&\r");
	assert_int_equal(lines(s, PANE_FLOWS), all);
	keys(s, "&udp\r&tcp\033");
	assert_int_equal(lines(s, PANE_FLOWS), all);
	keys(s, "&no such flow\r");
	assert_true(shows(s, "none of the 8 rows contains \"no such flow\": Esc shows them"));
	keys(s, "jkG\r/x\r");
	scene_free(s);
}

static void selected_flow_stays_selected(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	uint64_t selected;
	char line[400];

	pass(s, 4 * SECOND);
	keys(s, "/9999\r\033");
	selected = s->ui.pane[PANE_FLOWS].selected;
	keys(s, "&tcp\r");
	assert_int_equal(s->ui.pane[PANE_FLOWS].selected, selected);
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, ":9999"));
	keys(s, "\033");
	assert_int_equal(s->ui.pane[PANE_FLOWS].selected, selected);
	scene_free(s);
}

static void enter_opens_the_row_that_is_shown(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);

	pass(s, 4 * SECOND);
	keys(s, "&:9999\r\r");
	assert_int_equal(s->ui.active, PANE_JOURNEY);
	assert_true(shows(s, "10.2.0.2:9999"));
	keys(s, "\033\033\033");
	keys(s, "\002&nft_do\r\r");
	assert_true(shows(s, "nft_do_chain"));
	assert_true(shows(s, "packet argument"));
	keys(s, "\033");
	assert_true(shows(s, "\"nft_do\" in 3 of"));
	keys(s, "j ");
	assert_true(shows(s, "nft_do_chain"));
	scene_free(s);
}

static void search_stays_in_what_is_shown(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24);
	char line[400];

	pass(s, 4 * SECOND);
	keys(s, "\002&udp\r/rcv\rnnn");
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "udp"));
	assert_non_null(strstr(line, "rcv"));
	keys(s, "/ip_forward\r");
	assert_true(shows(s, "\"ip_forward\": not found"));
	keys(s, "\033");
	assert_true(shows(s, "\"udp\" in"));
	keys(s, "\033");
	assert_false(shows(s, "\"udp\" in"));
	scene_free(s);
}

static void many_rows_are_looked_through(void **state)
{
	struct scene *s =
		SCENE(.w = 120, .h = 40, .demo = { .flows = 120000 }, .options = { .memory = 256 << 20 });
	size_t all;

	pass(s, 8 * SECOND);
	all = lines(s, PANE_FLOWS);
	keys(s, "&:9999\r");
	assert_true(lines(s, PANE_FLOWS) > 0 && lines(s, PANE_FLOWS) < all);
	pass(s, 3 * SECOND);
	draw(s);
	keys(s, "s\r\033\033\033");
	pass(s, 2 * SECOND);
	draw(s);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_without_the_text_are_hidden),
		cmocka_unit_test(selected_flow_stays_selected),
		cmocka_unit_test(enter_opens_the_row_that_is_shown),
		cmocka_unit_test(search_stays_in_what_is_shown),
		cmocka_unit_test(many_rows_are_looked_through),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
