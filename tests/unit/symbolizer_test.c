/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../bpf/event.h"
#include "trace/symbol_table.h"
#include "trace/symbolizer.h"

static const char text[] = "ffffffff81000000 T _text\n"
			   "ffffffff81000100 t ip_rcv\n"
			   "ffffffff81000100 T ip_rcv_alias\n"
			   "ffffffff81000400 W weak_one\n"
			   "ffffffff81000500 D data_one\n"
			   "ffffffff81000600 T last_one\n"
			   "ffffffffc0200000 t late_in_module\t[nf_tables]\n"
			   "ffffffffc0100000 t nft_do_chain\t[nf_tables]\n"
			   "ffffffffc0300000 t bpf_prog_1\t[bpf]\n";

static void is(const struct symbol_table *t, uint64_t addr, const char *want)
{
	const char *module = NULL, *name;
	char got[256] = "none";
	uint32_t offset = 0;

	name = symbol_table_find(t, addr, &module, &offset);
	if (name)
		snprintf(got, sizeof(got), "%s+%#x[%s]", name, offset, module);
	assert_string_equal(got, want);
}

static void test_the_function_an_address_lies_in(void **state)
{
	struct symbol_table *t = symbol_table_new(text, strlen(text));

	assert_non_null(t);
	assert_int_equal(symbol_table_functions(t), 8);
	is(t, 0xffffffff80ffffff, "none");
	is(t, 0xffffffff81000000, "_text+0[]");
	is(t, 0xffffffff81000100, "ip_rcv+0[]");
	is(t, 0xffffffff810003ff, "ip_rcv+0x2ff[]");
	is(t, 0xffffffff81000400, "weak_one+0[]");
	is(t, 0xffffffff81000510, "weak_one+0x110[]");
	is(t, 0xffffffffc0100010, "nft_do_chain+0x10[nf_tables]");
	is(t, 0xffffffffc0200001, "late_in_module+0x1[nf_tables]");
	is(t, 0xffffffffc0300001, "bpf_prog_1+0x1[bpf]");
	/* far behind the last one of vmlinux, and of all */
	is(t, 0xffffffff91000000, "none");
	is(t, UINT64_MAX, "none");
	is(t, 0, "none");
	symbol_table_free(t);
}

static void test_broken_texts(void **state)
{
	static const char *const broken[] = { "", "\n\n", "ffffffff81000000", "ffffffff81000000 T",
		"ffffffff81000000 T ", "0000000000000000 T hidden\n", "x\ny z\n", "zzzz T name\t[",
		"1 t a\t[m" };
	const char *module;
	uint32_t offset;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		size_t len = strlen(broken[i]);
		char *exact = malloc(len + 1); /* so that a read beyond it is found */
		struct symbol_table *t;

		memcpy(exact, broken[i], len + 1);
		t = symbol_table_new(exact, len);
		assert_non_null(t);
		symbol_table_find(t, 0xffffffff81000001, &module, &offset);
		symbol_table_free(t);
		free(exact);
	}
}

static void test_every_cut(void **state)
{
	for (size_t len = 0; len < strlen(text); len++) {
		char *cut = malloc(len ? len : 1);
		struct symbol_table *t;

		memcpy(cut, text, len);
		t = symbol_table_new(cut, len);
		assert_non_null(t);
		symbol_table_free(t);
		free(cut);
	}
}

struct taken {
	size_t n;
	struct event_symbol last;
};

static void take(void *ctx, const void *record, size_t size)
{
	struct taken *t = ctx;

	assert_int_equal(size, sizeof(t->last));
	memcpy(&t->last, record, size);
	t->n++;
}

/* Of this machine's kernel, which may hide all addresses: then there is no name. */
static void test_each_is_asked_for_once(void **state)
{
	struct symbolizer *s = symbolizer_new();
	struct taken t = { 0 };

	assert_false(symbolizer_met(s, 0, take, &t));
	assert_true(symbolizer_met(s, 0x1000, take, &t));
	assert_false(symbolizer_met(s, 0x1000, take, &t));
	symbolizer_take(s, take, &t);
	assert_int_equal(t.n, 0);
	symbolizer_look(s);
	symbolizer_take(s, take, &t);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.last.ev.type, EVENT_SYMBOL);
	assert_true(t.last.addr == 0x1000);
	assert_string_equal(t.last.name, "");
	symbolizer_take(s, take, &t);
	assert_int_equal(t.n, 1);
	/* the symbols are there now */
	assert_false(symbolizer_met(s, 0x2000, take, &t));
	assert_int_equal(t.n, 2);
	assert_true(t.last.addr == 0x2000);
	assert_false(symbolizer_met(s, 0x2000, take, &t));
	assert_int_equal(t.n, 2);
	/* what has come is not among them */
	symbolizer_programs_changed(s);
	assert_true(symbolizer_met(s, 0x3000, take, &t));
	assert_false(symbolizer_met(s, 0x1000, take, &t));
	symbolizer_look(s);
	/* another function may lie there now */
	symbolizer_modules_changed(s);
	assert_true(symbolizer_met(s, 0x1000, take, &t));
	symbolizer_free(s);
}

static void test_more_than_fit(void **state)
{
	struct symbolizer *s = symbolizer_new();
	struct taken t = { 0 };
	uint64_t asked = 0;

	for (uint64_t addr = 1; addr <= 2000; addr++)
		asked += symbolizer_met(s, addr, take, &t);
	assert_in_range(asked, 1, 1999);
	symbolizer_look(s);
	symbolizer_programs_changed(s);
	for (uint64_t addr = 1; addr <= 2000; addr++)
		asked += symbolizer_met(s, addr, take, &t); /* nobody has taken the answers yet */
	symbolizer_look(s);
	symbolizer_take(s, take, &t);
	symbolizer_look(s);
	symbolizer_take(s, take, &t);
	assert_int_equal(t.n, asked);
	symbolizer_free(s);
}

static void test_ahead_of_the_first_question(void **state)
{
	struct symbolizer *s = symbolizer_new();
	_Atomic bool cancel = true;
	struct taken t = { 0 };

	assert_false(symbolizer_prepare(s, &cancel));
	assert_true(symbolizer_met(s, 0x1000, take, &t));
	cancel = false;
	assert_true(symbolizer_prepare(s, &cancel));
	assert_false(symbolizer_prepare(s, &cancel));
	assert_false(symbolizer_met(s, 0x2000, take, &t));
	assert_int_equal(t.n, 1);
	/* what was asked for before is answered all the same */
	symbolizer_look(s);
	symbolizer_take(s, take, &t);
	assert_int_equal(t.n, 2);
	assert_true(t.last.addr == 0x1000);
	symbolizer_free(s);
}

/* A file of many pieces, with a line that is longer than a piece and a last one without its end. */
static void test_piece_by_piece(void **state)
{
	char path[] = "/tmp/symbols.XXXXXX";
	const size_t room = 400000;
	char *all = malloc(room);
	size_t len = 0;
	FILE *f = fdopen(mkstemp(path), "w");
	struct symbol_table *t, *same;
	_Atomic bool cancel = true;

	assert_non_null(f);
	for (unsigned int i = 1; i <= 5000; i++) {
		len += (size_t)snprintf(all + len, room - len, "ffffffff8%07x t function_%u%s\n", i * 16, i,
			i % 3 ? "" : "\t[module]");
		if (i == 2500) {
			memset(all + len, 'x', 100000);
			len += 100000;
			all[len++] = '\n';
		}
	}
	len--;
	assert_int_equal(fwrite(all, 1, len, f), len);
	fclose(f);
	t = symbol_table_read(path, NULL);
	same = symbol_table_new(all, len);
	assert_non_null(t);
	assert_int_equal(symbol_table_functions(t), 5000);
	assert_int_equal(symbol_table_functions(same), 5000);
	is(t, 0xffffffff80000010, "function_1+0[]");
	is(t, 0xffffffff80009c41, "function_2500+0x1[]");
	is(t, 0xffffffff80013880, "function_5000+0[]");
	is(t, 0xffffffff80013870, "function_4999+0[]");
	is(t, 0xffffffff80000030, "function_3+0[module]");
	assert_null(symbol_table_read(path, &cancel));
	unlink(path);
	symbol_table_free(t);
	symbol_table_free(same);
	free(all);
	t = symbol_table_read("/nowhere/kallsyms", NULL);
	assert_non_null(t);
	assert_int_equal(symbol_table_functions(t), 0);
	symbol_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_function_an_address_lies_in),
		cmocka_unit_test(test_broken_texts),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_each_is_asked_for_once),
		cmocka_unit_test(test_more_than_fit),
		cmocka_unit_test(test_ahead_of_the_first_question),
		cmocka_unit_test(test_piece_by_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
