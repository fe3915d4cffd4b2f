/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "trace/netfilter/statement.h"

static int named(const char *name)
{
	for (size_t i = 0; i < nstatements; i++) {
		if (!strcmp(statements[i].name, name))
			return (int)i;
	}
	fail_msg("no statement %s", name);
	return -1;
}

static uint64_t bit(const char *name)
{
	return 1ull << named(name);
}

static void test_every_function_stands_once(void **state)
{
	const char *seen[STATEMENTS_MAX * STATEMENT_FUNCS];
	size_t n = 0;

	assert_in_range(nstatements, 1, STATEMENTS_MAX);
	for (size_t i = 0; i < nstatements; i++) {
		assert_non_null(statements[i].name);
		assert_non_null(statements[i].types[0]);
		assert_non_null(statements[i].functions[0]);
		assert_int_equal(named(statements[i].name), i);
		for (size_t f = 0; f < STATEMENT_FUNCS && statements[i].functions[f]; f++) {
			const char *func = statements[i].functions[f];

			assert_int_equal(strncmp(func, "nft_", 4), 0);
			assert_non_null(strstr(func, "_eval"));
			for (size_t k = 0; k < n; k++)
				assert_string_not_equal(seen[k], func);
			seen[n++] = func;
		}
	}
}

static void test_what_only_reads_is_none(void **state)
{
	assert_true(statements_of("meta", EXPRESSION_DREG) == 0);
	assert_true(statements_of("ct", EXPRESSION_DREG) == 0);
	assert_true(statements_of("payload", EXPRESSION_DREG) == 0);
	assert_true(statements_of("exthdr", EXPRESSION_DREG) == 0);
	assert_true(statements_of("lookup", EXPRESSION_SREG) == 0);
	assert_true(statements_of("lookup", EXPRESSION_SREG | EXPRESSION_DREG) == 0);
	assert_true(statements_of("cmp", EXPRESSION_SREG) == 0);
	assert_true(statements_of("immediate", EXPRESSION_DREG | EXPRESSION_VERDICT) == 0);
	assert_true(statements_of("match", 0) == 0);
	assert_true(statements_of("", 0) == 0);
}

static void test_what_writes_or_decides(void **state)
{
	assert_true(statements_of("meta", EXPRESSION_SREG) == bit("meta set"));
	assert_true(statements_of("exthdr", EXPRESSION_SREG) == bit("exthdr set"));
	assert_true(statements_of("exthdr", 0) == bit("exthdr strip"));
	assert_true(statements_of("lookup", EXPRESSION_SREG | EXPRESSION_DREG | EXPRESSION_VERDICT) ==
		    bit("vmap"));
	assert_true(statements_of("counter", 0) == bit("counter"));
	assert_true(statements_of("masq", EXPRESSION_SREG) == bit("masquerade"));
	assert_true(statements_of("target", 0) == bit("xt target"));
}

/* Of two functions of a type only the one in use. */
static void test_two_of_a_kind(void **state)
{
	assert_true(statements_of("objref", 0) == bit("objref"));
	assert_true(statements_of("objref", EXPRESSION_SREG) == bit("objref map"));
	assert_true(statements_of("queue", 0) == bit("queue"));
	assert_true(statements_of("queue", EXPRESSION_SREG) == bit("queue by register"));
	assert_true(statements_of("limit", 0) == bit("limit"));
	assert_true(statements_of("limit", EXPRESSION_BYTES) == bit("limit of bytes"));
	assert_true(statements_of("fwd", 0) == bit("fwd"));
	assert_true(statements_of("fwd", EXPRESSION_SREG) == bit("fwd to address"));
	assert_true(statements_of("ct", EXPRESSION_SREG) == bit("ct set"));
	assert_true(statements_of("ct", EXPRESSION_SREG | EXPRESSION_ZONE) == bit("ct zone set"));
	assert_true(statements_of("ct", EXPRESSION_DREG | EXPRESSION_ZONE) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_function_stands_once),
		cmocka_unit_test(test_what_only_reads_is_none),
		cmocka_unit_test(test_what_writes_or_decides),
		cmocka_unit_test(test_two_of_a_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
