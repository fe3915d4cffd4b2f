/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../bpf/config.h"
#include "model/selection.h"

static struct probe probes[] = {
	{ .name = "a", .class = { LAYER_IPV4, CATEGORY_IP, 1 } },
	{ .name = "b", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
	{ .name = "c", .class = { LAYER_TCP, CATEGORY_TCP, 0 } },
	{ .name = "d", .class = { LAYER_TCP, CATEGORY_TCP, 2 } },
	{ .name = "e", .class = { LAYER_TCP, CATEGORY_TCP, 0 }, .state = PROBE_UNUSABLE },
	{ .name = "f", .class = { LAYER_OTHER, CATEGORY_GENERAL, 3 }, .state = PROBE_REFUSED },
	{ .name = "g", .module = "m", .class = { LAYER_UDP, CATEGORY_UDP, 1 }, .state = PROBE_ATTACHED },
};
static struct probe_table table = { .v = probes, .n = sizeof(probes) / sizeof(probes[0]) };

/* The wanted ones as text: one letter each. */
static const char *wanted(const struct selection *sel)
{
	static char text[16];
	size_t n = 0;

	for (size_t i = 0; i < sel->n; i++) {
		if (sel->wanted[i])
			text[n++] = probes[i].name[0];
	}
	text[n] = '\0';
	assert_int_equal(sel->count, n);
	return text;
}

static int apply(struct selection *sel, enum command_type type, int index, bool on)
{
	struct command cmd = { .type = type, .index = index, .on = on };

	return selection_apply(sel, &table, &cmd);
}

static int setup(void **state)
{
	static struct selection sel;

	*state = &sel;
	return selection_init(&sel, &table);
}

static int teardown(void **state)
{
	selection_fini(*state);
	return 0;
}

static void test_priority(void **state)
{
	struct selection *sel = *state;

	assert_string_equal(wanted(sel), "abcg");
	assert_int_equal(apply(sel, COMMAND_PRIORITY, 0, true), 0);
	assert_string_equal(wanted(sel), "bc");
	assert_int_equal(apply(sel, COMMAND_PRIORITY, 3, true), 0);
	assert_string_equal(wanted(sel), "abcdfg"); /* refused: wanted still; unusable: never */
}

static void test_layer_and_category(void **state)
{
	struct selection *sel = *state;

	assert_int_equal(apply(sel, COMMAND_LAYER, LAYER_TCP, false), 0);
	assert_string_equal(wanted(sel), "abg");
	sel->category[CATEGORY_UDP] = false;
	selection_update(sel, &table);
	assert_string_equal(wanted(sel), "ab");
	assert_int_equal(apply(sel, COMMAND_LAYER, LAYER_TCP, true), 0);
	assert_string_equal(wanted(sel), "abc");
}

static void test_override(void **state)
{
	struct selection *sel = *state;

	assert_int_equal(apply(sel, COMMAND_FUNC, 3, true), 0); /* above the priority */
	assert_int_equal(apply(sel, COMMAND_FUNC, 1, false), 0);
	assert_int_equal(apply(sel, COMMAND_FUNC, 4, true), 0); /* unusable stays so */
	assert_string_equal(wanted(sel), "acdg");
	assert_int_equal(apply(sel, COMMAND_LAYER, LAYER_TCP, false), 0);
	assert_string_equal(wanted(sel), "adg");
	sel->allowed[3] = false;
	selection_update(sel, &table);
	assert_string_equal(wanted(sel), "ag");
}

static void test_max(void **state)
{
	struct selection *sel = *state;

	sel->max = 3;
	selection_update(sel, &table);
	assert_string_equal(wanted(sel), "abc"); /* both of priority 0, then the first of 1 */
	assert_int_equal(sel->cut, 1);
	sel->max = 1;
	selection_update(sel, &table);
	assert_string_equal(wanted(sel), "b");
	assert_int_equal(sel->cut, 3);
}

static void test_out_of_range(void **state)
{
	struct selection *sel = *state;

	assert_int_equal(apply(sel, COMMAND_FUNC, 7, true), -EINVAL);
	assert_int_equal(apply(sel, COMMAND_FUNC, -1, true), -EINVAL);
	assert_int_equal(apply(sel, COMMAND_LAYER, LAYER_COUNT, true), -EINVAL);
	assert_int_equal(apply(sel, COMMAND_PRIORITY, 4, true), -EINVAL);
	assert_int_equal(apply(sel, (enum command_type)9, 0, true), -EINVAL);
	assert_string_equal(wanted(sel), "abcg");
}

static void test_never_more_than_the_maps_hold(void **state)
{
	struct probe_table many = { .n = MAX_FUNCS + 10 };
	struct selection sel;

	many.v = calloc(many.n, sizeof(*many.v));
	many.names = calloc(1, 1);
	assert_int_equal(selection_init(&sel, &many), 0);
	assert_int_equal(sel.count, MAX_FUNCS);
	assert_int_equal(sel.cut, 10);
	selection_fini(&sel);
	probe_table_free(&many);
	assert_null(many.v);
}

static void test_empty_table(void **state)
{
	struct probe_table none = { 0 };
	struct selection sel;

	assert_int_equal(selection_init(&sel, &none), 0);
	assert_int_equal(sel.count, 0);
	selection_fini(&sel);
}

static void test_find(void **state)
{
	assert_int_equal(probe_find(&table, "c", NULL), 2);
	assert_int_equal(probe_find(&table, "g", "m"), 6);
	assert_int_equal(probe_find(&table, "g", NULL), 6);
	assert_int_equal(probe_find(&table, "c", "m"), -1);
	assert_int_equal(probe_find(&table, "none", NULL), -1);
	assert_string_equal(probe_state_name(PROBE_UNUSABLE), "unusable");
	assert_string_equal(probe_state_name(PROBE_GONE), "gone");
}

/* A table as discovery makes it, with room for cap functions. */
static void table_with_room(struct probe_table *t, size_t cap)
{
	memset(t, 0, sizeof(*t));
	t->v = calloc(cap, sizeof(*t->v));
	t->names = calloc(1, 1);
	t->cap = cap;
	t->v[0] = (struct probe){ .name = "a", .class = { LAYER_IPV4, CATEGORY_IP, 1 } };
	t->n = 1;
}

static struct probe of_module(const char *name, int priority)
{
	return (struct probe){ .name = name,
		.module = "m",
		.addr = 0xffffffffc0001000,
		.arg = 1,
		.late = true,
		.class = { LAYER_TUNNEL, CATEGORY_TUNNEL, priority } };
}

static void test_growing_table(void **state)
{
	char name[] = "b", module[] = "m";
	struct probe b = of_module(name, 1);
	struct probe_table t;
	const struct probe *before;

	table_with_room(&t, 3);
	before = t.v;
	b.module = module;
	assert_int_equal(probe_capacity(&t), 3);
	assert_int_equal(probe_add(&t, &b), 1);
	name[0] = module[0] = 'x'; /* the table has its own */
	assert_string_equal(t.v[1].name, "b");
	assert_string_equal(t.v[1].module, "m");
	assert_int_equal(probe_find(&t, "b", "m"), 1);
	assert_int_equal(probe_add(&t, &b), 2);
	assert_int_equal(probe_add(&t, &b), -ENOSPC);
	assert_int_equal(t.n, 3);
	assert_ptr_equal(t.v, before);
	assert_int_equal(probe_capacity(&t), 3);
	probe_table_free(&t);
	assert_int_equal(probe_capacity(&table), 7); /* one that does not grow */
}

static void test_selection_follows(void **state)
{
	struct probe b = of_module("b", 1), c = of_module("c", 1), d = of_module("d", 3);
	struct command cmd = { .type = COMMAND_FUNC, .index = 3, .on = true };
	struct probe_table t;
	struct selection sel;

	table_with_room(&t, 8);
	assert_int_equal(selection_init(&sel, &t), 0);
	assert_false(selection_follow(&sel, &t));
	c.left_out = true; /* by --function */
	probe_add(&t, &b);
	probe_add(&t, &c);
	probe_add(&t, &d);
	assert_int_equal(sel.count, 1);
	probe_table_changed(&t);
	assert_true(selection_follow(&sel, &t));
	assert_false(selection_follow(&sel, &t));
	assert_int_equal(sel.n, 4);
	assert_int_equal(sel.count, 2);
	assert_true(sel.wanted[1]);
	assert_false(sel.wanted[2]);
	assert_false(sel.wanted[3]);
	assert_int_equal(selection_apply(&sel, &t, &cmd), 0);
	assert_true(sel.wanted[3]);

	/* gone and back: what was said about it by hand still holds */
	for (int i = 1; i < 4; i++)
		t.v[i].state = PROBE_GONE;
	probe_table_changed(&t);
	assert_true(selection_follow(&sel, &t));
	assert_int_equal(sel.count, 1);
	for (int i = 1; i < 4; i++)
		t.v[i].state = PROBE_IDLE;
	probe_table_changed(&t);
	assert_true(selection_follow(&sel, &t));
	assert_int_equal(sel.count, 3);
	assert_true(sel.wanted[3]);
	selection_fini(&sel);
	probe_table_free(&t);
}

static void test_command_before_following(void **state)
{
	struct probe b = of_module("b", 3);
	struct command cmd = { .type = COMMAND_FUNC, .index = 1, .on = true };
	struct probe_table t;
	struct selection sel;

	table_with_room(&t, 8);
	assert_int_equal(selection_init(&sel, &t), 0);
	assert_int_equal(selection_apply(&sel, &t, &cmd), -EINVAL);
	b.asked = -1; /* by --config */
	probe_add(&t, &b);
	assert_int_equal(selection_apply(&sel, &t, &cmd), 0);
	assert_true(sel.wanted[1]);
	cmd = (struct command){ .type = COMMAND_GLOB, .text = "b*", .on = false };
	assert_int_equal(selection_apply(&sel, &t, &cmd), 0);
	assert_false(sel.wanted[1]);
	t.v[1].state = PROBE_GONE;
	assert_int_equal(selection_apply(&sel, &t, &cmd), -ENOENT);
	selection_fini(&sel);
	/* one that begins later knows them from the start */
	t.v[1].state = PROBE_IDLE;
	assert_int_equal(selection_init(&sel, &t), 0);
	assert_int_equal(sel.n, 2);
	assert_int_equal(sel.func[1], -1);
	selection_fini(&sel);
	probe_table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_priority, setup, teardown),
		cmocka_unit_test_setup_teardown(test_layer_and_category, setup, teardown),
		cmocka_unit_test_setup_teardown(test_override, setup, teardown),
		cmocka_unit_test_setup_teardown(test_max, setup, teardown),
		cmocka_unit_test_setup_teardown(test_out_of_range, setup, teardown),
		cmocka_unit_test(test_never_more_than_the_maps_hold),
		cmocka_unit_test(test_empty_table),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_growing_table),
		cmocka_unit_test(test_selection_follows),
		cmocka_unit_test(test_command_before_following),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
