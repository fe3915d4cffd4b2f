/* SPDX-License-Identifier: GPL-2.0 */
/* What sinks share: packets under way, and text that is made harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "export/escape.h"
#include "export/live.h"

/* More packets under way than are remembered: the oldest go, nothing else does. */
static void test_live_is_bounded(void **state)
{
	struct live *live = live_new(NULL);
	struct event ev = { .type = EVENT_FUNC };
	struct live_packet *p;

	for (ev.packet = 1; ev.packet <= LIVE_MAX + 10; ev.packet++) {
		p = live_get(live, &ev);
		assert_non_null(p);
		assert_int_equal(p->no, ev.packet);
	}
	ev.type = EVENT_END;
	for (ev.packet = 1; ev.packet <= 10; ev.packet++)
		assert_null(live_get(live, &ev));
	for (; ev.packet <= LIVE_MAX + 10; ev.packet++) {
		p = live_get(live, &ev);
		assert_non_null(p);
		live_end(live, p);
		live_end(live, p);
	}
	/* only the last ones that ended are still known */
	ev.packet = LIVE_MAX + 10 - LIVE_ENDED;
	assert_null(live_get(live, &ev));
	ev.packet++;
	assert_non_null(live_get(live, &ev));
	live_free(live);
}

static void test_escape_bounds(void **state)
{
	char in[64], out[64 * ESCAPE_MAX];

	for (int c = 1; c < 256; c++) {
		memset(in, c, sizeof(in));
		assert_true(json_escape(out, in, sizeof(in)) <= out + sizeof(out));
	}
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = "\xf3\xa0\x81\x81"[i % 4];
	assert_true(json_escape(out, in, sizeof(in)) <= out + sizeof(out));
	*json_escape(out, in, 4) = '\0';
	assert_string_equal(out, "\\udb40\\udc41");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live_is_bounded),
		cmocka_unit_test(test_escape_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
