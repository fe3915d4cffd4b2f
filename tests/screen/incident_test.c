/* SPDX-License-Identifier: GPL-2.0 */
/* The recorded incident of tests/data on the screen: what a real kernel told, in the panes that show it. */
#include "scene.h"

#include <stdlib.h>

#define INCIDENT "tests/data/incident.skb"

static struct scene *incident(int w, int h)
{
	struct scene *s = SCENE(.w = w, .h = h, .replay = INCIDENT);

	pass(s, 2 * SECOND);
	keys(s, "E");
	pass(s, SECOND);
	return s;
}

static void overview(void **state)
{
	struct scene *s = incident(120, 40);

	assert_true(shows(s, "REPLAY end"));
	expect(s, "incident-overview");
	scene_free(s);
	s = incident(200, 60);
	expect(s, "incident-200x60");
	scene_free(s);
	s = incident(80, 24);
	expect(s, "incident-80x24");
	scene_free(s);
}

/* Who dropped it, which rule did it, and the packet's way there. */
static void drop_with_its_rule(void **state)
{
	struct scene *s = incident(120, 40);

	keys(s, "d");
	pass(s, SECOND);
	expect(s, "incident-drops");
	keys(s, "/inet lab\r\r");
	pass(s, SECOND);
	assert_true(shows(s, "DROPPED NETFILTER_DROP"));
	keys(s, "\rz");
	pass(s, SECOND);
	assert_true(shows(s, "ip saddr 10.1.0.2 tcp dport 9999 counter"));
	expect(s, "incident-journey");
	scene_free(s);
}

static void rules_with_hits(void **state)
{
	struct scene *s = incident(120, 40);

	keys(s, "R");
	pass(s, SECOND);
	expect(s, "incident-rules");
	scene_free(s);
}

static void statistics(void **state)
{
	struct scene *s = incident(120, 40);

	keys(s, "t");
	pass(s, 2 * SECOND);
	expect(s, "incident-stats");
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overview),
		cmocka_unit_test(drop_with_its_rule),
		cmocka_unit_test(rules_with_hits),
		cmocka_unit_test(statistics),
	};
	int failed;

	scenes_begin();
	setenv("TZ", "UTC", 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return failed;
}
