/* SPDX-License-Identifier: GPL-2.0 */
/* The excerpt of the kernel's types: what libbpf looks for in it, and no more. Lines of symbols. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <bpf/btf.h>
#include <cmocka.h>

#include "trace/discover/btf_excerpt.h"
#include "trace/discover/symbol_line.h"

/* What the programs know: a struct by another kernel's name, one that is nowhere, an enum. */
static struct btf *programs(void)
{
	struct btf *btf = btf__new_empty();
	int u32 = btf__add_int(btf, "u32", 4, 0);

	assert_true(btf__add_struct(btf, "packet___older", 4) > 0);
	assert_int_equal(btf__add_field(btf, "len", u32, 0, 0), 0);
	assert_true(btf__add_struct(btf, "nowhere", 4) > 0);
	assert_true(btf__add_enum(btf, "verdict", 4) > 0);
	assert_true(btf__add_struct(btf, "rule", 4) > 0);
	return btf;
}


/* A kernel: struct packet with a pointer, an array, and a struct by value behind a typedef and a const. */
static struct btf *kernel(int *packet)
{
	struct btf *btf = btf__new_empty();
	int u32 = btf__add_int(btf, "unsigned int", 4, 0), far, inner, both, array, pointer;

	far = btf__add_struct(btf, "far", 4);
	assert_int_equal(btf__add_field(btf, "x", u32, 0, 0), 0);
	inner = btf__add_struct(btf, "inner", 8);
	assert_int_equal(btf__add_field(btf, "a", u32, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "b", u32, 32, 0), 0);
	both = btf__add_const(btf, btf__add_typedef(btf, "inner_t", inner));
	array = btf__add_array(btf, u32, u32, 3);
	pointer = btf__add_ptr(btf, far);
	*packet = btf__add_struct(btf, "packet", 32);
	assert_int_equal(btf__add_field(btf, "next", pointer, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "places", array, 64, 0), 0);
	assert_int_equal(btf__add_field(btf, "in", both, 160, 0), 0);
	assert_int_equal(btf__add_field(btf, "len", u32, 224, 5), 0);
	assert_true(btf__add_enum(btf, "verdict", 4) > 0);
	assert_int_equal(btf__add_enum_value(btf, "DROP", 0), 0);
	assert_int_equal(btf__add_enum_value(btf, "ACCEPT", 1), 0);
	return btf;
}

static void see_all(struct btf_excerpt *e, const struct btf *btf, __u32 from)
{
	assert_int_equal(btf_excerpt_begin(e, btf, from), 0);
	for (__u32 id = from; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (t->name_off)
			assert_int_equal(btf_excerpt_see(e, id, t, btf__name_by_offset(btf, t->name_off)), 0);
	}
}

static const struct btf_member *member(const struct btf *btf, const char *type, const char *name)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = btf__type_by_id(btf, (__u32)id);

	assert_true(id > 0);
	for (int i = 0; i < btf_vlen(t); i++) {
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			return &btf_members(t)[i];
	}
	fail_msg("%s has no %s", type, name);
	return NULL;
}

static void what_is_named_is_there(void **state)
{
	struct btf *mine = programs(), *theirs;
	struct btf_excerpt *e = btf_excerpt_new(mine);
	const struct btf *out;
	const struct btf_type *t;
	int packet;

	(void)state;
	theirs = kernel(&packet);
	see_all(e, theirs, 1);
	out = btf_excerpt_types(e);
	assert_int_equal(btf_excerpt_id(e, "packet"), packet);
	assert_int_equal(btf_excerpt_id(e, "nowhere"), 0);
	assert_int_equal(btf_excerpt_id(e, "never asked"), 0);
	/* places and sizes are the kernel's, a bit field's width too */
	t = btf__type_by_id(out, (__u32)btf__find_by_name_kind(out, "packet", BTF_KIND_STRUCT));
	assert_int_equal(t->size, 32);
	assert_int_equal(btf_vlen(t), 4);
	assert_int_equal(btf_member_bit_offset(t, 3), 224);
	assert_int_equal(btf_member_bitfield_size(t, 3), 5);
	/* by value: all of it */
	t = btf__type_by_id(out, (__u32)btf__resolve_type(out, member(out, "packet", "in")->type));
	assert_string_equal(btf__name_by_offset(out, t->name_off), "inner");
	assert_int_equal(member(out, "inner", "b")->offset, 32);
	t = btf__type_by_id(out, member(out, "packet", "places")->type);
	assert_int_equal(btf_array(t)->nelems, 3);
	assert_string_equal(
		btf__name_by_offset(out, btf__type_by_id(out, btf_array(t)->type)->name_off), "unsigned int");
	/* what is pointed at is not */
	t = btf__type_by_id(out, member(out, "packet", "next")->type);
	assert_true(btf_is_ptr(t));
	assert_int_equal(t->type, 0);
	assert_true(btf__find_by_name_kind(out, "far", BTF_KIND_STRUCT) < 0);
	assert_true(btf__find_by_name_kind(out, "verdict", BTF_KIND_ENUM) > 0);
	btf_excerpt_free(e);
	btf__free(theirs);
	btf__free(mine);
}

static void modules_add_what_the_kernel_lacks(void **state)
{
	struct btf *mine = programs(), *theirs, *module;
	struct btf_excerpt *e = btf_excerpt_new(mine);
	int packet, rule, count = 0;
	const struct btf *out;

	(void)state;
	theirs = kernel(&packet);
	module = btf__new_empty_split(theirs);
	assert_true(btf__add_struct(module, "packet", 8) > 0);
	rule = btf__add_struct(module, "rule", 32);
	/* a type of the kernel's own by value */
	assert_int_equal(btf__add_field(module, "packet", packet, 0, 0), 0);
	see_all(e, theirs, 1);
	see_all(e, module, btf__type_cnt(theirs));
	out = btf_excerpt_types(e);
	for (__u32 id = 1; id < btf__type_cnt(out); id++) {
		const struct btf_type *t = btf__type_by_id(out, id);

		if (!strcmp(btf__name_by_offset(out, t->name_off), "packet")) {
			assert_int_equal(t->size, 32);
			count++;
		}
	}
	assert_int_equal(count, 1);
	assert_true(btf__find_by_name_kind(out, "rule", BTF_KIND_STRUCT) > 0);
	assert_int_equal(member(out, "rule", "packet")->type,
		btf__find_by_name_kind(out, "packet", BTF_KIND_STRUCT));
	/* an id of a module is none that a program could be told */
	assert_true(rule > 0);
	assert_int_equal(btf_excerpt_id(e, "rule"), 0);
	btf_excerpt_free(e);
	btf__free(module);
	btf__free(theirs);
	btf__free(mine);
}

static void expect_line(const char *text, char type, const char *name, const char *module, uint64_t addr)
{
	const char *end = text + strlen(text), *next = strchr(text, '\n');
	struct symbol_line line;

	assert_ptr_equal(symbol_line_read(text, end, &line), next ? next + 1 : end);
	assert_int_equal(line.type, type);
	assert_int_equal(line.name_len, strlen(name));
	assert_memory_equal(line.name, name, line.name_len);
	assert_int_equal(line.module_len, strlen(module));
	assert_memory_equal(line.module, module, line.module_len);
	if (type)
		assert_int_equal(symbol_line_address(&line), addr);
}

static void lines_of_symbols(void **state)
{
	(void)state;
	expect_line("ffffffff81000000 T _text\nffffffff81000010 t x\n", 'T', "_text", "", 0xffffffff81000000);
	expect_line("ffffffffc0a01000 t nft_do_chain\t[nf_tables]\n", 't', "nft_do_chain", "nf_tables",
		0xffffffffc0a01000);
	expect_line("0000000000000000 W hidden", 'W', "hidden", "", 0);
	expect_line("81000000 T short\n", 'T', "short", "", 0x81000000);
	expect_line("ffffffff81000000 t odd]\n", 't', "odd]", "", 0xffffffff81000000);
	expect_line("ffffffff81000000 t [m]\n", 't', "[m]", "", 0xffffffff81000000);
	expect_line("ffffffff81000000\n", 0, "", "", 0);
	expect_line("ffffffff81000000 \n", 0, "", "", 0);
	expect_line("\n", 0, "", "", 0);
}

static void names_with_modules(void **state)
{
	const char *text = "ip_rcv\nnft_do_chain [nf_tables]\nlast", *end = text + strlen(text), *p = text;
	struct symbol_line line;

	(void)state;
	p = symbol_line_read_name(p, end, &line);
	assert_int_equal(line.name_len, strlen("ip_rcv"));
	assert_int_equal(line.module_len, 0);
	p = symbol_line_read_name(p, end, &line);
	assert_int_equal(line.name_len, strlen("nft_do_chain"));
	assert_memory_equal(line.module, "nf_tables", line.module_len);
	assert_int_equal(line.module_len, strlen("nf_tables"));
	p = symbol_line_read_name(p, end, &line);
	assert_int_equal(line.name_len, strlen("last"));
	assert_ptr_equal(p, end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_named_is_there),
		cmocka_unit_test(modules_add_what_the_kernel_lacks),
		cmocka_unit_test(lines_of_symbols),
		cmocka_unit_test(names_with_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
