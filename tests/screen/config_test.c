/* SPDX-License-Identifier: GPL-2.0 */
/* Keys, columns and colours of a file of settings on the screen; profiles while it runs. */
#include "scene.h"

#include <errno.h>
#include <string.h>

#include "tui/screen_config.h"

static void set(struct screen_config *config, const char *section, const char *name, const char *value)
{
	char err[200];

	if (screen_config_set(config, section, name, value, err, sizeof(err)))
		fail_msg("%s", err);
}

static void keys_are_what_the_file_says(void **state)
{
	struct screen_config *config = screen_config_new();
	enum action clash[2];
	struct scene *s;
	char err[200];

	set(config, "keys", "quit", "x");
	set(config, "keys", "help", "H, F1");
	set(config, "keys", "toggle", "t");
	set(config, "keys", "priority-0", "none");
	set(config, "keys", "filter", "€");
	if (screen_config_check(config, clash, err, sizeof(err)))
		fail_msg("%s", err);
	s = SCENE(.w = 120, .h = 24, .options = { .config = config });
	pass(s, 2 * SECOND);
	keys(s, "q ");
	assert_false(s->ui.quit);
	keys(s, "\001");
	assert_true(shows(s, "t on/off"));
	assert_true(shows(s, "H help  x quit"));
	assert_true(shows(s, "€ filter"));
	assert_false(shows(s, "priority"));
	assert_true(s->ui.sel.layer[LAYER_DEVICE]);
	keys(s, "t");
	assert_false(s->ui.sel.layer[LAYER_DEVICE]);
	ui_key(&s->ui, KEY_WIDE(0x20ac));
	assert_true(s->ui.prompt.open);
	keys(s, "\033");
	keys(s, "H/quit;\r");
	assert_true(shows(s, "x Ctrl-C"));
	keys(s, "\033\033x");
	assert_true(s->ui.quit);
	scene_free(s);
	screen_config_free(config);
}

static void columns_are_what_the_file_says(void **state)
{
	struct screen_config *config = screen_config_new();
	struct scene *s;

	set(config, "columns", "flows", "drops, server, proto");
	set(config, "columns", "functions", "hits, function");
	s = SCENE(.w = 80, .h = 24, .options = { .config = config });
	pass(s, 3 * SECOND);
	expect(s, "columns-of-flows");
	keys(s, "\002");
	expect(s, "columns-of-functions");
	scene_free(s);
	screen_config_free(config);
}

static void colours_are_what_the_file_says(void **state)
{
	struct screen_config *config = screen_config_new();
	struct theme theme;

	set(config, "theme", "drop", "blue underline");
	set(config, "theme", "ok", "1 2 bold");
	theme_default(&theme);
	screen_config_colours(config, &theme);
	assert_int_equal(theme.style[ROLE_DROP][THEME_256].fg, 4);
	assert_int_equal(theme.style[ROLE_DROP][THEME_MONO].attributes, THEME_UNDERLINE);
	assert_int_equal(theme.style[ROLE_OK][THEME_8].bg, 2);
	screen_config_free(config);
}

static int read_profile(const char *name, struct profile *out, char *err, size_t size)
{
	*out = (struct profile){ .priority = -1 };
	if (!strcmp(name, "tcp")) {
		out->has_layers = out->has_filter = true;
		out->layer[LAYER_TCP] = out->layer[LAYER_IPV4] = true;
		out->priority = 2;
		return packet_filter_parse(&out->filter, "tcp", err, size);
	}
	if (!strcmp(name, "two")) {
		strcpy(out->functions, "ip_rcv*,tcp_v4_rcv");
		strcpy(out->fixed, "memory, drops");
		return 0;
	}
	snprintf(err, size, "profile \"%s\": not found", name);
	return -ENOENT;
}

static const struct profile_source profiles = { .names = "tcp, two, three", .read = read_profile };

static void profiles_are_put_into_force(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40, .options = { .profiles = &profiles });
	size_t i;

	pass(s, 2 * SECOND);
	keys(s, ":filter if=eth0\r");
	pass(s, SECOND);
	keys(s, ":profile tc\t\r");
	for (i = 0; i < LAYER_COUNT; i++)
		assert_int_equal(s->ui.sel.layer[i], i == LAYER_TCP || i == LAYER_IPV4);
	assert_int_equal(s->ui.sel.priority, 2);
	assert_int_equal(s->src->selection.priority, 2);
	pass(s, SECOND);
	/* what it says of the filter is added to what stands */
	assert_string_equal(s->ui.filter.text, "if=eth0 tcp");

	keys(s, ":profile two\r");
	assert_true(shows(s, "profile two is in force, but for memory, drops"));
	for (i = 0; i < s->ui.src->probes->n; i++) {
		const char *name = s->ui.src->probes->v[i].name;

		if (s->ui.sel.wanted[i])
			assert_true(!strncmp(name, "ip_rcv", 6) || !strcmp(name, "tcp_v4_rcv"));
	}
	assert_true(s->ui.sel.count >= 2);

	keys(s, ":profile one\r");
	assert_true(shows(s, "profile \"one\": not found"));
	keys(s, ":profile\r");
	assert_true(shows(s, ":profile NAME: tcp, two, three"));
	scene_free(s);
}

static void nothing_changes_when_it_may_not(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40, .options = { .profiles = &profiles, .readonly = true });

	pass(s, 2 * SECOND);
	keys(s, ":profile tcp\r");
	assert_true(shows(s, "--readonly"));
	assert_int_equal(s->ui.sel.priority, 1);
	scene_free(s);
	s = SCENE(.w = 120, .h = 40);
	keys(s, ":profile tcp\r");
	assert_true(shows(s, "profile: there are none here"));
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_what_the_file_says),
		cmocka_unit_test(columns_are_what_the_file_says),
		cmocka_unit_test(colours_are_what_the_file_says),
		cmocka_unit_test(profiles_are_put_into_force),
		cmocka_unit_test(nothing_changes_when_it_may_not),
	};
	int failed;

	scenes_begin();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return failed;
}
