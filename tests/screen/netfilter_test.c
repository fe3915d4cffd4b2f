/* SPDX-License-Identifier: GPL-2.0 */
/* Which rule did it: drops, rulesets, rules in journeys, conntrack, stacks. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "tui/journey/journey.h"

static const int size[][2] = { { 80, 24 }, { 120, 40 }, { 200, 60 } };

#define SIZES (sizeof(size) / sizeof(size[0]))

static struct scene *netfilter_scene(size_t i)
{
	struct scene *s =
		SCENE(.w = size[i][0], .h = size[i][1], .demo = { .journeys = true, .netfilter = true });

	pass(s, 4 * SECOND);
	return s;
}

static void expect_at(struct scene *s, const char *name)
{
	char path[80];

	snprintf(path, sizeof(path), "%s-%dx%d", name, s->w, s->h);
	expect(s, path);
}

static struct journey_state *journey(struct scene *s)
{
	return s->ui.pane[PANE_JOURNEY].state;
}

/* From the flow that contains text down to the newest packet of one of its paths. */
static void open_path(struct scene *s, const char *text, const char *path)
{
	int i;

	keys(s, "\003p/");
	keys(s, text);
	keys(s, "\r\033\r");
	keys(s, path);
	for (i = 0; i < 4 && journey(s)->mode != JOURNEY_HOPS; i++)
		keys(s, "\r");
	assert_int_equal(journey(s)->mode, JOURNEY_HOPS);
}

static void open_packet(struct scene *s, const char *text)
{
	open_path(s, text, "");
}

static void drops_and_their_packets(void **state)
{
	struct scene *s;
	size_t i;

	for (i = 0; i < SIZES; i++) {
		s = netfilter_scene(i);
		keys(s, "d");
		expect_at(s, "drops");
		keys(s, "/#5\r\033\r");
		expect_at(s, "drops-packets");
		scene_free(s);
	}
}

static void rules_of_each_namespace(void **state)
{
	struct scene *s;
	size_t i;

	for (i = 0; i < SIZES; i++) {
		s = netfilter_scene(i);
		keys(s, "R");
		expect_at(s, "rules");
		keys(s, "/9999\r\033\r");
		expect_at(s, "rules-packets");
		scene_free(s);
	}
}

static void journeys_tell_the_rule(void **state)
{
	struct scene *s;
	size_t i;

	for (i = 0; i < SIZES; i++) {
		s = netfilter_scene(i);
		open_packet(s, ":9999");
		expect_at(s, "journey-rule");
		keys(s, "/#5\r\033\r");
		expect_at(s, "detail-rule");
		keys(s, "\033G\r");
		expect_at(s, "detail-drop");
		keys(s, "p");
		open_path(s, ":53", "j");
		expect_at(s, "journey-jump");
		keys(s, "p");
		open_packet(s, "10.1.0.2:4000");
		keys(s, "/SNAT\r\033");
		expect_at(s, "journey-ct");
		keys(s, "p");
		open_path(s, "10.1.0.2:4000", "D");
		expect_at(s, "journey-policy");
		keys(s, "p");
		open_path(s, ":7000", "");
		keys(s, "G/2 clone\r\033");
		expect_at(s, "journey-hook");
		scene_free(s);
	}
}

static struct pane *pane_of(struct scene *s, enum pane_id id)
{
	return &s->ui.pane[id];
}

/* Down from the overlay to the journey of a packet, and back to the same rows. */
static void down_and_back(struct scene *s, enum pane_id id)
{
	struct pane *p = pane_of(s, id);
	uint64_t kind = p->selected, packet;

	assert_int_equal(s->ui.overlay, id);
	keys(s, "\rj");
	packet = p->selected;
	assert_true(packet != kind);
	keys(s, "\r");
	assert_int_equal(s->ui.overlay, -1);
	assert_int_equal(journey(s)->mode, JOURNEY_HOPS);
	assert_int_equal(journey(s)->shown.packet.id, packet);
	keys(s, "\r\033\033");
	assert_int_equal(s->ui.overlay, id);
	assert_int_equal(p->selected, packet);
	keys(s, "\033");
	assert_int_equal(s->ui.overlay, id);
	assert_int_equal(p->selected, kind);
	keys(s, "\033");
	assert_int_equal(s->ui.overlay, -1);
}

static void enter_leads_to_packets_and_esc_back(void **state)
{
	struct scene *s = netfilter_scene(0);

	keys(s, "d/#5\r\033");
	down_and_back(s, PANE_DROPS);
	keys(s, "R/#5  ip\r\033");
	down_and_back(s, PANE_RULES);
	keys(s, "R/forwarding  hook\r\033");
	down_and_back(s, PANE_RULES);
	/* By their names too; d and R from one to the other, and off again. */
	keys(s, ":rules\r");
	assert_int_equal(s->ui.overlay, PANE_RULES);
	keys(s, ":drops\r");
	assert_int_equal(s->ui.overlay, PANE_DROPS);
	keys(s, "d");
	assert_int_equal(s->ui.overlay, -1);
	scene_free(s);
}

static void the_tree_folds(void **state)
{
	struct scene *s = netfilter_scene(1);
	struct pane *p = pane_of(s, PANE_RULES);
	uint64_t selected;
	size_t lines;

	keys(s, "R");
	lines = pane_lines(p);
	keys(s, "/forwarding  hook\r\033 ");
	assert_int_equal(pane_lines(p), lines - 6);
	assert_true(shows(s, "+ forwarding  hook forward"));
	assert_false(shows(s, "tcp dport 9999"));
	assert_true(shows(s, "− services"));
	/* It stays folded while figures come, and Enter does the same to a table. */
	pass(s, 2 * SECOND);
	assert_int_equal(pane_lines(p), lines - 6);
	keys(s, "k");
	selected = p->selected;
	keys(s, "\r");
	assert_int_equal(pane_lines(p), lines - 10);
	assert_int_equal(p->selected, selected);
	keys(s, "\rj ");
	assert_int_equal(pane_lines(p), lines);
	keys(s, "j ");
	assert_true(shows(s, "Space folds namespaces, tables and chains"));
	scene_free(s);
}

static void rules_that_were_never_hit(void **state)
{
	struct scene *s = netfilter_scene(1);

	keys(s, "R&never\r");
	assert_int_equal(pane_lines(pane_of(s, PANE_RULES)), 2);
	assert_true(shows(s, "tcp dport 22") && shows(s, "meta skuid 33"));
	keys(s, "\033&lab services\r");
	assert_int_equal(pane_lines(pane_of(s, PANE_RULES)), 2);
	scene_free(s);
}

static void hostile_text_stays_text(void **state)
{
	struct scene *s = netfilter_scene(2);
	const char *at;
	char *text;

	keys(s, "R");
	text = screen_text(s);
	assert_non_null(strstr(text, "keep?[2J?]0;owned? this?rule"));
	for (at = text; *at; at++)
		assert_true((unsigned char)*at >= ' ' || *at == '\n');
	free(text);
	scene_free(s);
}

static void frozen_figures_stand_still(void **state)
{
	static const char *const opens[] = { "d", "R" }, *const titles[] = { "─ Drops", "─ Rules" };
	struct scene *s;
	char *before, *after;
	size_t i;

	for (i = 0; i < 2; i++) {
		s = netfilter_scene(0);
		keys(s, opens[i]);
		keys(s, "p");
		before = screen_text(s);
		pass(s, 3 * SECOND);
		after = screen_text(s);
		/* What is red stands above, too. */
		*strstr(before, "red: ") = *strstr(after, "red: ") = '\0';
		assert_string_equal(strstr(before, titles[i]), strstr(after, titles[i]));
		free(before);
		free(after);
		scene_free(s);
	}
}

static void empty_panes_say_why(void **state)
{
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = false });

	keys(s, "d");
	assert_true(shows(s, "no packet yet") || shows(s, "nothing is attached yet"));
	keys(s, "R");
	assert_true(shows(s, "no ruleset was read yet"));
	keys(s, ":layer Netfilter off\r");
	assert_true(shows(s, "the Netfilter layer is off"));
	scene_free(s);
	/* What a filter hides was perhaps dropped. */
	s = SCENE(.w = 80, .h = 24);
	keys(s, ":filter icmp\r");
	pass(s, 3 * SECOND);
	keys(s, "d");
	assert_true(shows(s, "nothing was dropped so far") && shows(s, "those that the filter lets pass"));
	scene_free(s);
}

static void the_detail_opens_related_packets(void **state)
{
	struct scene *s = netfilter_scene(1);
	uint64_t first, line;

	open_packet(s, "#305");
	first = journey(s)->shown.packet.id;
	keys(s, "\r/echo and reply\r\033");
	line = pane_of(s, PANE_JOURNEY)->selected;
	keys(s, "\r");
	assert_int_equal(journey(s)->mode, JOURNEY_HOPS);
	assert_true(journey(s)->shown.packet.id != first);
	/* From there back again: two steps deep. */
	keys(s, "\r/echo and reply\r\033\r");
	assert_int_equal(journey(s)->shown.packet.id, first);
	keys(s, "\033\033\033");
	assert_int_equal(journey(s)->mode, JOURNEY_DETAIL);
	assert_int_equal(journey(s)->shown.packet.id, first);
	assert_int_equal(pane_of(s, PANE_JOURNEY)->selected, line);
	keys(s, "\033\033");
	assert_int_equal(journey(s)->mode, JOURNEY_PACKETS);
	scene_free(s);
}

static void what_conntrack_and_hooks_say_is_found(void **state)
{
	struct scene *s = netfilter_scene(2);
	char line[400];

	/* Where TCP does not tell the state. */
	keys(s, "\003z/:5353\r");
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "consumed, established"));
	keys(s, "\033");
	/* A hook that accepted has no line of its own. */
	open_path(s, "#305", "");
	keys(s, "/ip_forward\r\033j");
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "nf_hook_slow"));
	assert_false(shows(s, "hook forward"));
	keys(s, "\r");
	assert_true(shows(s, "ipv4 forward: accept, by a chain"));
	scene_free(s);
}

static void journeys_are_compared_by_their_rules(void **state)
{
	struct scene *s = netfilter_scene(1);

	open_path(s, "10.1.0.2:4000", "D");
	keys(s, "m\033\033g");
	keys(s, "j=");
	expect_at(s, "compare-rules");
	scene_free(s);
}

static void dropped_paths_name_the_rule(void **state)
{
	struct scene *s;
	size_t i;

	for (i = 0; i < SIZES; i++) {
		s = netfilter_scene(i);
		keys(s, "\003/10.1.0.2:4000 \r\033\r");
		expect_at(s, "paths-rule");
		scene_free(s);
	}
}

#define MANY 20000

static void push_rule(struct scene *s, uint64_t handle)
{
	union {
		struct event_rule_text text;
		char room[sizeof(struct event_rule_text) + 64];
	} u = { .text = { .ev = { .ts = s->ui.now, .type = EVENT_RULE_TEXT, .netns = 7 },
			.table = 1,
			.chain = handle ? 2 : 0,
			.handle = handle > 2 ? handle : 0,
			.kind = handle > 2    ? RULE_TEXT_RULE
				: handle == 2 ? RULE_TEXT_CHAIN
					      : RULE_TEXT_TABLE,
			.family = 1,
			.hook = NF_NO_HOOK,
			.table_len = 3,
			.chain_len = handle ? 4 : 0 } };
	int len = snprintf(u.text.names, 64, "big%s%s", handle ? "many" : "", "");

	if (handle > 2)
		u.text.text_len =
			(uint16_t)snprintf(u.text.names + len, 50, "tcp dport %u drop", (unsigned int)handle);
	store_add(s->ui.store, &u.text.ev, sizeof(u.text) + (size_t)len + u.text.text_len);
}

static void push_many(struct scene *s, uint32_t generation, uint64_t n)
{
	struct event_ruleset set = { .ev = { .ts = s->ui.now, .type = EVENT_RULESET, .netns = 7 },
		.generation = generation,
		.what = RULESET_BEGIN,
		.texts = 1 };
	uint64_t i;

	store_add(s->ui.store, &set.ev, sizeof(set));
	push_rule(s, 0);
	for (i = 2; i < n; i++)
		push_rule(s, i);
	set.what = RULESET_END;
	store_add(s->ui.store, &set.ev, sizeof(set));
}

/* A long ruleset is replaced by a longer one while it is looked at: the cursor stays on its rule. */
static void many_rules_stay_smooth(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40, .options = { .memory = 256 << 20 });
	struct pane *p = pane_of(s, PANE_RULES);
	uint64_t selected;

	pass(s, SECOND);
	push_many(s, 1, MANY);
	pass(s, SECOND);
	keys(s, "R");
	assert_int_equal(pane_lines(p), MANY);
	keys(s, "/dport 9000 \r");
	selected = p->selected;
	push_many(s, 2, MANY + 100);
	pass(s, 2 * SECOND);
	assert_int_equal(p->selected, selected);
	keys(s, "\033&dport 77\rG\033 gjjj G");
	draw(s);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drops_and_their_packets),
		cmocka_unit_test(rules_of_each_namespace),
		cmocka_unit_test(journeys_tell_the_rule),
		cmocka_unit_test(dropped_paths_name_the_rule),
		cmocka_unit_test(what_conntrack_and_hooks_say_is_found),
		cmocka_unit_test(journeys_are_compared_by_their_rules),
		cmocka_unit_test(enter_leads_to_packets_and_esc_back),
		cmocka_unit_test(the_tree_folds),
		cmocka_unit_test(rules_that_were_never_hit),
		cmocka_unit_test(hostile_text_stays_text),
		cmocka_unit_test(frozen_figures_stand_still),
		cmocka_unit_test(empty_panes_say_why),
		cmocka_unit_test(the_detail_opens_related_packets),
		cmocka_unit_test(many_rules_stay_smooth),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
