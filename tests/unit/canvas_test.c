/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "tui/widgets/canvas.h"
#include "tui/widgets/column.h"
#include "tui/widgets/layout.h"

static void names_lose_their_middle(void **state)
{
	char buf[64];

	assert_string_equal(
		text_shorten(buf, sizeof(buf), "__netif_receive_skb_core", 17), "__netif_re…b_core");
	assert_string_equal(text_shorten(buf, sizeof(buf), "ip_rcv", 6), "ip_rcv");
	assert_string_equal(text_shorten(buf, sizeof(buf), "ip_rcv", 2), "ip");
	assert_string_equal(text_shorten(buf, sizeof(buf), "ip_rcv", 0), "");
}

static void shortened_text_fits_whatever_it_is(void **state)
{
	static const char *const texts[] = { "abcdefghijklmnopqrstuvwxyz", "日本語のテキスト",
		"aé日\xff\xfe…x", "" };
	char buf[64];
	size_t i;
	int w;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (w = 0; w < 40; w++)
			assert_true(text_width(text_shorten(buf, sizeof(buf), texts[i], w)) <= w);
}

static void search_ignores_case(void **state)
{
	assert_string_equal(text_find("IP_Output", "output"), "Output");
	assert_null(text_find("ip_output", "x"));
	assert_null(text_find("ip_output", ""));
}

static void columns_leave_in_order_and_fit(void **state)
{
	static const struct column columns[] = {
		{ .title = "a", .min = 10, .max = 40 },
		{ .title = "b", .min = 5, .max = 5, .leaves = 2 },
		{ .title = "c", .min = 1, .max = 9, .whole = true, .leaves = 1 },
	};
	struct column_fit fit;
	int w, i, sum;

	for (w = 10; w < 100; w++) {
		columns_fit(columns, 3, NULL, w, &fit);
		for (i = sum = 0; i < 3; i++)
			sum += fit.w[i] ? fit.w[i] + (sum > 0) : 0;
		assert_true(sum <= w);
		assert_true(fit.w[0] >= 10);
		assert_true(fit.w[2] == 0 || fit.w[2] == 1 || fit.w[2] == 9);
		assert_false(fit.w[1] && !fit.w[2]);
	}
}

static void layout_stays_on_the_screen(void **state)
{
	struct layout_wish wish = { .shown = PANE_FLOWS, .layer_rows = 18 };
	struct layout l;
	int w, h, i;

	for (w = 1; w < 220; w++)
		for (h = 1; h < 70; h++) {
			wish.single = h % 2;
			wish.filtered = w % 3;
			layout_compute(&l, w, h, &wish);
			assert_int_equal(l.filter.y, l.status.h);
			assert_int_equal(l.body.y, l.filter.y + l.filter.h);
			assert_true(l.pane[PANE_FLOWS].h > 0);
			/* Packets are never hidden without a word. */
			assert_true(!wish.filtered || l.filter.h || h < 2);
			for (i = 0; i < PANE_LIVE; i++) {
				assert_true(l.pane[i].h <= 0 || l.pane[i].y + l.pane[i].h + l.keys.h <= h);
				assert_true(l.pane[i].x + l.pane[i].w <= w);
			}
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_lose_their_middle),
		cmocka_unit_test(shortened_text_fits_whatever_it_is),
		cmocka_unit_test(search_ignores_case),
		cmocka_unit_test(columns_leave_in_order_and_fit),
		cmocka_unit_test(layout_stays_on_the_screen),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
