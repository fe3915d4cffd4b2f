/* SPDX-License-Identifier: GPL-2.0 */
/* The statistics of the run as they are so far. */
#include "scene.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/summary.h"

static void every_size(void **state)
{
	static const int size[][2] = { { 80, 24 }, { 120, 40 }, { 200, 60 } };
	char name[60];

	for (size_t i = 0; i < 3; i++) {
		struct scene *s = SCENE(.w = size[i][0], .h = size[i][1],
			.demo = { .journeys = true, .netfilter = true });

		pass(s, 6 * SECOND);
		keys(s, "t");
		snprintf(name, sizeof(name), "stats-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		keys(s, "G");
		snprintf(name, sizeof(name), "stats-end-%dx%d", size[i][0], size[i][1]);
		expect(s, name);
		scene_free(s);
	}
}

static void a_command_opens_it_and_esc_leaves(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = true });

	pass(s, 2 * SECOND);
	keys(s, ":stats\r");
	assert_int_equal(s->ui.overlay, PANE_STATS);
	keys(s, "\033");
	assert_int_equal(s->ui.overlay, -1);
	scene_free(s);
}

/* What stands there are the store's numbers, once a second; frozen ones stand still. */
static void numbers_are_the_stores(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40, .demo = { .journeys = true });
	struct store_totals before, after;
	char line[80];

	pass(s, 4 * SECOND);
	keys(s, "t");
	store_totals(s->ui.store, &before);
	snprintf(line, sizeof(line), "%" PRIu64 " packets, ", before.packets);
	assert_true(shows(s, line));
	pass(s, 2 * SECOND);
	assert_false(shows(s, line));
	store_totals(s->ui.store, &after);
	assert_true(after.packets > before.packets);
	snprintf(line, sizeof(line), "%" PRIu64 " packets, ", after.packets);
	assert_true(shows(s, line));
	keys(s, "p");
	pass(s, 4 * SECOND);
	assert_true(shows(s, line));
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size),
		cmocka_unit_test(a_command_opens_it_and_esc_leaves),
		cmocka_unit_test(numbers_are_the_stores),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
