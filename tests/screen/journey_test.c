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
			snprintf(name, sizeof(name), "journey-%s-%dx%d", flows[k].name, size[i][0],
				size[i][1]);
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
	keys(s, "GD");
	cursor_line(s, line, sizeof(line));
	assert_non_null(strstr(line, "DROPPED NETFILTER_DROP"));
	/* Folded away, the drop is still what D finds. */
	keys(s, " GD");
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

/* --snap: the bytes of the copy as it was at the hop; control characters are dots. */
static void detail_shows_the_bytes(void **state)
{
	static const unsigned char frame[] = "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x08\x00"
					     "\x45\x00\x00\x3c\x1c\x46\x40\x00\x40\x11\x00\x00"
					     "\x0a\x01\x00\x02\xc0\x00\x02\x01"
					     "hello \033[31m\a\x9b world";
	struct scene *s = SCENE(.w = 80, .h = 24, .demo = { .journeys = true });
	struct {
		struct event_bytes bytes;
		unsigned char data[sizeof(frame) - 1];
	} b = { .bytes = { .ev.type = EVENT_BYTES, .len = sizeof(frame) - 1, .l3 = 14, .proto = 0x0800 } };

	pass(s, 4 * SECOND);
	open_packet(s, "10.1.0.2:4000");
	b.bytes.ev.packet = journey(s)->shown.packet.id;
	b.bytes.ev.ts = journey(s)->shown.hop[0].ts;
	memcpy(b.data, frame, sizeof(b.data));
	store_add(s->ui.store, &b.bytes.ev, sizeof(b));
	keys(s, "gj\rG");
	assert_true(shows(s, "the first 14 are the link layer header"));
	assert_true(shows(s, "hello .[31m"));
	expect(s, "hop-detail-bytes");
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

#define MANY 100000

/* A packet that goes round and round, with a copy made now and then. */
static void add_long_journey(struct scene *s, uint64_t packet, uint64_t ts, unsigned int n)
{
	struct event_full full = { .ev = { .packet = packet, .skb = 0xffff888100000000ull, .len = 84 },
		.tuple = { .family = 4,
			.proto = 17,
			.l2proto = 0x0800,
			.flags = TUPLE_IP | TUPLE_PORTS,
			.saddr = { 10, 66, 0, 1 },
			.daddr = { 10, 66, 0, 2 },
			.sport = 6666,
			.dport = 6667 } };
	unsigned int i, round = 0;

	for (i = 0; i < n; i++) {
		full.ev.ts = ts + i * 1000ull;
		full.ev.func = (uint16_t)(i % 40);
		full.ev.seq = (uint16_t)round++;
		full.ev.ifindex = 2 + i / 7 % 3;
		full.ev.netns = 4026532000u + i / 20 % 3;
		full.ev.type = i ? EVENT_FUNC : EVENT_FUNC_FULL;
		store_add(s->ui.store, &full.ev, i ? sizeof(full.ev) : sizeof(full));
	}
}

static void a_long_journey_stays_smooth(void **state)
{
	struct scene *s = SCENE(.w = 120, .h = 40, .options = { .memory = 64 << 20 });
	struct pane *p = &s->ui.pane[PANE_JOURNEY];

	pass(s, 2 * SECOND);
	add_long_journey(s, 1ull << 40, s->ui.now, MANY);
	pass(s, SECOND);
	keys(s, "\003/:6666\r\033\r");
	while (journey(s)->mode != JOURNEY_HOPS)
		keys(s, "\r");
	assert_true(pane_lines(p) > MANY);
	keys(s, "G");
	draw(s);
	/* It goes on while it is looked at, and the cursor stays where it is. */
	add_long_journey(s, 1ull << 40, s->ui.now, 1000);
	pass(s, 2 * SECOND);
	assert_true(pane_lines(p) > MANY + 1000);
	keys(s, "gjj&ip_rcv\r/ip_rcv\rn\033\033G\r\033");
	draw(s);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_line),
		cmocka_unit_test(copies_fold),
		cmocka_unit_test(detail_knows_copy_and_headers),
		cmocka_unit_test(detail_shows_the_bytes),
		cmocka_unit_test(what_the_kernel_has_not_ended_is_in_flight),
		cmocka_unit_test(a_long_journey_stays_smooth),
	};
	int ret;

	scenes_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scenes_end();
	return ret;
}
