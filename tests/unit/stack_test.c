/* SPDX-License-Identifier: GPL-2.0 */
/* Stacks of drops: where they begin, and what is left out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "model/stack.h"
#include "trace/stack_trim.h"

static void test_it_begins_where_it_was_dropped(void **state)
{
	struct event_drop rec = { .location = 30, .depth = 5, .stack = { 10, 20, 30, 40, 50 } };

	stack_trim(&rec, sizeof(rec));
	assert_int_equal(rec.depth, 3);
	assert_true(rec.stack[0] == 30 && rec.stack[1] == 40 && rec.stack[2] == 50);
	assert_true(rec.stack[3] == 0 && rec.stack[4] == 0);
	/* once more: nothing is left to cut */
	stack_trim(&rec, sizeof(rec));
	assert_int_equal(rec.depth, 3);
	assert_true(rec.stack[0] == 30);
}

static void test_the_first_of_two(void **state)
{
	struct event_drop rec = { .location = 30, .depth = 4, .stack = { 10, 30, 20, 30 } };

	stack_trim(&rec, sizeof(rec));
	assert_int_equal(rec.depth, 3);
	assert_true(rec.stack[0] == 30 && rec.stack[1] == 20 && rec.stack[2] == 30);
}

static void stays(uint64_t location, uint32_t depth, size_t size)
{
	struct event_drop rec = { .location = location, .depth = depth, .stack = { 10, 20, 30 } };
	struct event_drop before = rec;

	stack_trim(&rec, size);
	assert_memory_equal(&rec, &before, sizeof(rec));
}

static void test_others_stay(void **state)
{
	stays(99, 3, sizeof(struct event_drop));
	stays(0, 3, sizeof(struct event_drop));
	stays(30, 0, sizeof(struct event_drop));
	stays(30, 2, sizeof(struct event_drop)); /* beyond its depth */
	stays(30, 3, sizeof(struct event_drop) - 1);
	stays(30, 3, sizeof(struct event));
}

static void test_a_depth_that_cannot_be(void **state)
{
	struct event_drop rec = { .location = DROP_STACK, .depth = UINT32_MAX };

	for (uint32_t i = 0; i < DROP_STACK; i++)
		rec.stack[i] = i + 1;
	stack_trim(&rec, sizeof(rec));
	assert_int_equal(rec.depth, 1);
	assert_true(rec.stack[0] == DROP_STACK);
	rec.depth = UINT32_MAX;
	rec.location = 99;
	stack_trim(&rec, sizeof(rec));
	assert_true(rec.stack[0] == DROP_STACK);
}

static void learn(struct names *names, uint64_t addr, const char *name, const char *module)
{
	struct event_symbol rec = { .ev.type = EVENT_SYMBOL, .addr = addr, .offset = 5 };

	snprintf(rec.name, sizeof(rec.name), "%s", name);
	snprintf(rec.module, sizeof(rec.module), "%s", module);
	names_apply(names, &rec.ev, sizeof(rec));
}

/* The addresses that are shown, as "1 2 3". */
static void shows(const struct names *names, const uint64_t *stack, size_t n, const char *want)
{
	uint64_t shown[DROP_STACK] = { 0 };
	char got[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		shown[i] = stack[i];
	n = stack_shown(names, shown, n);
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(got + used, sizeof(got) - used, "%s%d", i ? " " : "", (int)shown[i]);
	assert_string_equal(got, want);
}

#define SHOWS(names, want, ...)                                                                              \
	shows(names, (const uint64_t[]){ __VA_ARGS__ }, sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, want)

static void test_what_watches_is_left_out(void **state)
{
	struct names *names = names_new();

	learn(names, 1, "nf_hook_slow", "");
	learn(names, 2, "nf_hook_slow", "");
	learn(names, 3, "ip_forward", "");
	learn(names, 4, "bpf_trampoline_57982153888", "bpf");
	learn(names, 5, "ftrace_trampoline", "__builtin__ftrace");
	learn(names, 6, "bpf_prog_b38ab2b1397257e1_drop_reason", "bpf");
	learn(names, 7, "bpf_trampoline_of_a_module", "other");
	learn(names, 8, "kprobe_insn_page", "__builtin__kprobes");
	SHOWS(names, "1 3", 1, 3);
	/* the function again that the trampoline was entered from */
	SHOWS(names, "1 3", 1, 4, 2, 3);
	SHOWS(names, "1 3 3", 1, 5, 3, 3);
	/* one that calls itself is there twice */
	SHOWS(names, "1 2 3", 1, 2, 3);
	SHOWS(names, "1 3", 1, 4, 5, 8, 2, 3);
	/* the program that took the stack, and one of somebody else */
	SHOWS(names, "1 6 3", 6, 1, 6, 3);
	SHOWS(names, "1 7 99 2", 1, 7, 99, 2);
	/* nobody knows what lies there */
	SHOWS(names, "1 99 98", 1, 4, 99, 98);
	SHOWS(names, "", 4, 4, 6);
	shows(names, NULL, 0, "");
	names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_begins_where_it_was_dropped),
		cmocka_unit_test(test_the_first_of_two),
		cmocka_unit_test(test_others_stay),
		cmocka_unit_test(test_a_depth_that_cannot_be),
		cmocka_unit_test(test_what_watches_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
