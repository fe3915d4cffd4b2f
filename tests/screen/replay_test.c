/* SPDX-License-Identifier: GPL-2.0 */
/* Recording from the screen, and what was recorded on the screen again. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/replay_time.h"

static char folder[] = "/tmp/skbscope-replay-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void type(struct scene *s, const char *fmt, const char *arg)
{
	char line[200];

	snprintf(line, sizeof(line), fmt, arg);
	keys(s, line);
}

/* A second, and until the disk has it: on a busy machine the demo is faster than any writer. */
static void pass_recorded(struct scene *s)
{
	struct recorder_status status;

	pass(s, SECOND);
	for (recorder_status(s->ui.options.recorder, &status); status.waiting;
		recorder_status(s->ui.options.recorder, &status))
		usleep(1000);
}

/* Ten seconds of the demo; the first one is not in it, but its names are. */
static void make_recording(const char *name)
{
	struct scene *s = SCENE(.w = 120, .h = 30, .record = true, .demo.netfilter = true);

	pass(s, SECOND);
	type(s, ":record %s\r", in_folder(name));
	for (int i = 0; i < 10; i++)
		pass_recorded(s);
	keys(s, ":record\r");
	if (!shows(s, "recorded /tmp/") || shows(s, "found no room"))
		abort();
	scene_free(s);
}

static struct scene *replay(int w, int h)
{
	return SCENE(.w = w, .h = h, .replay = in_folder("a.skb"));
}

/* --- recording ---------------------------------------------------------------------- */

static void recording_is_begun_and_ended(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 30, .record = true, .options.readonly = true);
	struct stat st;

	pass(s, SECOND);
	assert_false(shows(s, "REC"));
	type(s, ":record %s\r", in_folder("rec.skb"));
	assert_true(shows(s, "recording into /tmp/"));
	pass_recorded(s);
	pass_recorded(s);
	assert_true(shows(s, "● REC"));
	type(s, ":record %s\r", in_folder("other.skb"));
	assert_true(shows(s, "already: :record alone ends it"));
	keys(s, "r");
	assert_true(shows(s, "recorded /tmp/"));
	assert_false(shows(s, "● REC"));
	assert_int_equal(stat(in_folder("rec.skb"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(st.st_size > 1000);
	assert_int_equal(access(in_folder("other.skb"), F_OK), -1);
	scene_free(s);
}

static void recording_has_a_name_of_its_own(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 30, .record = true);
	char before[200];

	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(folder), 0);
	pass(s, SECOND);
	keys(s, "r");
	assert_true(shows(s, "recording into ./skbscope-web1-20"));
	pass(s, SECOND);
	keys(s, "r");
	assert_true(shows(s, "recorded ./skbscope-web1-20"));
	assert_int_equal(chdir(before), 0);
	scene_free(s);
}

static void recording_that_cannot_be_made_says_so(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 30, .record = true);

	pass(s, SECOND);
	keys(s, ":record /nowhere/a.skb\r");
	assert_true(shows(s, "/nowhere/a.skb"));
	assert_true(shows(s, "recording: "));
	assert_false(shows(s, "● REC"));
	scene_free(s);
}

/* --- replay -------------------------------------------------------------------------- */

static void replay_goes_on_by_itself(void **state)
{
	struct scene *s = replay(120, 30);

	pass(s, 4 * SECOND);
	expect(s, "replay-120x30");
	pass(s, 10 * SECOND);
	assert_true(shows(s, "REPLAY end"));
	assert_false(s->ui.ended);
	expect(s, "replay-end");
	/* and it stays, with everything that can be opened */
	keys(s, "\003\r");
	pass(s, SECOND);
	assert_true(s->ui.place.over);
	scene_free(s);
}

static void replay_on_a_narrow_screen(void **state)
{
	struct scene *s = replay(80, 24);

	pass(s, 4 * SECOND);
	expect(s, "replay-80x24");
	scene_free(s);
}

static void replay_stands_still_and_steps(void **state)
{
	struct scene *s = replay(120, 30);
	struct store_totals before, after;
	uint64_t at;

	pass(s, 3 * SECOND);
	keys(s, "p");
	assert_true(shows(s, "REPLAY paused"));
	at = s->ui.place.at;
	store_totals(s->ui.store, &before);
	pass(s, 5 * SECOND);
	assert_int_equal(s->ui.place.at, at);
	store_totals(s->ui.store, &after);
	assert_int_equal(before.events, after.events);
	keys(s, ".");
	pass(s, SECOND);
	store_totals(s->ui.store, &after);
	assert_int_equal(before.events + 1, after.events);
	assert_true(s->ui.place.paused);
	keys(s, "p");
	pass(s, SECOND);
	assert_true(s->ui.place.at > at + SECOND / 2);
	scene_free(s);
}

static void replay_at_another_speed(void **state)
{
	struct scene *s = replay(120, 30);
	uint64_t at;

	pass(s, SECOND);
	at = s->ui.place.at;
	keys(s, "]");
	assert_true(shows(s, "REPLAY 2x"));
	pass(s, SECOND);
	assert_int_equal(s->ui.place.at, at + 2 * SECOND);
	keys(s, "[[");
	assert_true(shows(s, "REPLAY 0.5x"));
	keys(s, ":speed 4\r");
	assert_true(shows(s, "REPLAY 4x"));
	keys(s, ":speed 0\r");
	assert_true(shows(s, ":speed FACTOR: "));
	keys(s, ":speed max\r");
	pass(s, SECOND);
	assert_true(shows(s, "REPLAY end"));
	keys(s, "[");
	assert_float_equal(s->ui.place.speed, 1000, 0.1);
	scene_free(s);
}

static void replay_goes_to_a_time(void **state)
{
	struct scene *s = replay(120, 30);
	struct store_totals first, t;

	keys(s, "p:goto 2\r");
	pass(s, SECOND);
	assert_int_equal(s->ui.place.at - s->ui.place.first, 2 * SECOND);
	store_totals(s->ui.store, &first);
	assert_true(first.packets > 0);
	/* a packet is open and marked */
	keys(s, "\003\r\rm");
	pass(s, SECOND);
	assert_true(s->ui.mark.packet);
	keys(s, ":goto +3s\r");
	pass(s, SECOND);
	assert_int_equal(s->ui.place.at - s->ui.place.first, 5 * SECOND);
	store_totals(s->ui.store, &t);
	assert_true(t.packets > first.packets);
	assert_true(s->ui.mark.packet);
	/* back: nothing is remembered that is not there */
	keys(s, ":goto -3s\r");
	pass(s, SECOND);
	assert_int_equal(s->ui.place.at - s->ui.place.first, 2 * SECOND);
	store_totals(s->ui.store, &t);
	assert_int_equal(t.packets, first.packets);
	assert_int_equal(t.events, first.events);
	assert_int_equal(s->ui.mark.packet, 0);
	draw(s);
	keys(s, "E");
	pass(s, SECOND);
	assert_true(shows(s, "REPLAY end"));
	keys(s, ":goto start\r");
	pass(s, SECOND);
	assert_int_equal(s->ui.place.at, s->ui.place.first);
	keys(s, ":goto soon\r");
	assert_true(shows(s, ":goto TIME: "));
	scene_free(s);
}

static void replay_is_asked_for_packets(void **state)
{
	struct scene *s = replay(120, 30);
	struct store_totals all, some;

	keys(s, "E");
	pass(s, SECOND);
	store_totals(s->ui.store, &all);
	keys(s, ":filter udp\r:goto start\rE");
	pass(s, SECOND);
	store_totals(s->ui.store, &some);
	assert_true(some.packets > 0 && some.packets < all.packets);
	assert_string_equal(s->ui.filter.text, "udp");
	assert_int_equal(s->ui.meter.totals.filtered_out > 0, 1);
	keys(s, ":filter netns=pid:5\r");
	assert_true(shows(s, "a recording knows namespaces by their names and inodes only"));
	scene_free(s);
}

static void replay_without_a_layer(void **state)
{
	struct scene *s = replay(120, 30);
	size_t before = s->ui.sel.count;

	keys(s, ":layer IPv4 off\r:goto start\r");
	pass(s, 4 * SECOND);
	assert_true(s->ui.sel.count < before);
	assert_false(s->ui.progress.changing);
	keys(s, "\003\r\r");
	pass(s, SECOND);
	assert_false(shows(s, "ip_rcv "));
	scene_free(s);
}

static void replay_refuses_what_only_a_kernel_can(void **state)
{
	struct scene *s = replay(120, 30);

	keys(s, "r");
	assert_true(shows(s, "this is a recording already"));
	keys(s, ":record /tmp/x.skb\r");
	assert_true(shows(s, "this is a recording already"));
	scene_free(s);
	s = SCENE(.w = 120, .h = 30);
	pass(s, SECOND);
	keys(s, "]");
	assert_true(shows(s, "this is live"));
	keys(s, ":goto 5\r");
	assert_true(shows(s, "this is live"));
	keys(s, "r");
	assert_true(shows(s, "cannot be recorded"));
	scene_free(s);
}

/* --- times --------------------------------------------------------------------------- */

static void times_are_read(void **state)
{
	/* 14:03:00 UTC on some day, ten seconds in; an hour long */
	const struct playback_place p = { .first = 100 * SECOND,
		.last = 3700 * SECOND,
		.at = 110 * SECOND,
		.wall = (1700000000ll / 86400 * 86400 + 14 * 3600 + 3 * 60) * 1000000000ll };
	static const struct {
		const char *text;
		uint64_t to; /* seconds; 0: refused */
	} cases[] = { { "start", 100 }, { "end", 3700 }, { "12", 112 }, { "+5s", 115 }, { "-5", 105 },
		{ "-1h", 100 }, { "2m", 220 }, { "3000ms", 103 }, { "99999999", 3700 }, { "14:03:07", 117 },
		{ "14:04", 170 }, { "13:00:00", 100 }, { "23:00", 3700 }, { "14:03:07x", 0 }, { "25:00", 0 },
		{ "", 0 }, { "inf", 0 }, { "1e400", 0 }, { "0x10", 0 }, { "+", 0 }, { "5 s", 0 },
		{ "1..2", 0 }, { "14:03:-1", 0 } };
	uint64_t to;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ret = replay_time_parse(cases[i].text, &p, &to);

		if (!ret != !!cases[i].to || (!ret && to != cases[i].to * SECOND))
			fail_msg("\"%s\": %d, %llu", cases[i].text, ret, (unsigned long long)(to / SECOND));
	}
}

static void times_are_told(void **state)
{
	struct playback_place p = {
		.first = 100 * SECOND, .last = 130 * SECOND, .at = 109 * SECOND + 440 * MS
	};
	char text[64];

	assert_string_equal(replay_time_text(&p, text, sizeof(text)), " 9.4/30.0 s");
	p.last = 100 * SECOND + 3725 * SECOND;
	assert_string_equal(replay_time_text(&p, text, sizeof(text)), "0:00:09/1:02:05");
	assert_string_equal(replay_speed_text(0.5, text, sizeof(text)), "0.5x");
	assert_string_equal(replay_speed_text(0, text, sizeof(text)), "max");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recording_is_begun_and_ended),
		cmocka_unit_test(recording_has_a_name_of_its_own),
		cmocka_unit_test(recording_that_cannot_be_made_says_so),
		cmocka_unit_test(replay_goes_on_by_itself),
		cmocka_unit_test(replay_on_a_narrow_screen),
		cmocka_unit_test(replay_stands_still_and_steps),
		cmocka_unit_test(replay_at_another_speed),
		cmocka_unit_test(replay_goes_to_a_time),
		cmocka_unit_test(replay_is_asked_for_packets),
		cmocka_unit_test(replay_without_a_layer),
		cmocka_unit_test(replay_refuses_what_only_a_kernel_can),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(times_are_told),
	};
	char command[64];
	int failed;

	scenes_begin();
	setenv("TZ", "UTC", 1);
	if (!mkdtemp(folder))
		return 1;
	make_recording("a.skb");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (!getenv("KEEP") && system(command))
		return 1;
	scenes_end();
	return failed;
}
