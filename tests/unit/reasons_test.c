/* SPDX-License-Identifier: GPL-2.0 */
/* Drop reasons: the enums of a kernel and its modules, and the names by them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <bpf/btf.h>
#include <cmocka.h>

#include "model/reasons.h"
#include "model/source_info.h"
#include "trace/discover/btf_reasons.h"

struct value {
	const char *name;
	int64_t value;
};

/* Takes such an enum; its values end with one that has no name. */
static void take(struct btf_reasons *reasons, const char *name, const struct value *values)
{
	struct btf *btf = btf__new_empty();
	int id = btf__add_enum(btf, name, 4);

	assert_true(id > 0);
	for (; values->name; values++)
		assert_int_equal(btf__add_enum_value(btf, values->name, values->value), 0);
	assert_int_equal(btf_reasons_take(reasons, btf, btf__type_by_id(btf, (uint32_t)id), name), 0);
	btf__free(btf);
}

#define TAKE(reasons, name, ...) take(reasons, name, (const struct value[]){ __VA_ARGS__, { NULL, 0 } })

static void is(const struct btf_reasons *reasons, uint32_t reason, const char *want)
{
	const struct source_info info = { .reasons = (const char *const *)reasons->core,
		.nreasons = reasons->ncore,
		.subsystems = reasons->subsystem,
		.nsubsystems = REASON_SUBSYSTEMS };
	char text[REASON_TEXT_MAX];

	assert_string_equal(reason_name(&info, reason, text, sizeof(text)), want);
}

static void take_kernel(struct btf_reasons *reasons)
{
	TAKE(reasons, "skb_drop_reason", { "SKB_NOT_DROPPED_YET", 0 }, { "SKB_CONSUMED", 1 },
		{ "SKB_DROP_REASON_NOT_SPECIFIED", 2 }, { "SKB_DROP_REASON_NETFILTER_DROP", 4 },
		{ "SKB_DROP_REASON_SUBSYS_MASK", -65536 });
	TAKE(reasons, "skb_drop_reason_subsys", { "SKB_DROP_REASON_SUBSYS_CORE", 0 },
		{ "SKB_DROP_REASON_SUBSYS_MAC80211_UNUSABLE", 1 },
		{ "SKB_DROP_REASON_SUBSYS_OPENVSWITCH", 3 }, { "SKB_DROP_REASON_SUBSYS_NUM", 4 });
}

static void test_core(void **state)
{
	struct btf_reasons reasons = { 0 };

	take_kernel(&reasons);
	is(&reasons, 0, "NOT_DROPPED_YET");
	is(&reasons, 1, "CONSUMED");
	is(&reasons, 3, "0x3");
	is(&reasons, 4, "NETFILTER_DROP");
	is(&reasons, 5, "0x5");
	is(&reasons, UINT32_MAX, "0xffffffff");
	btf_reasons_free(&reasons);
}

static void test_subsystems(void **state)
{
	struct btf_reasons reasons = { 0 };

	take_kernel(&reasons);
	/* its module is not there */
	is(&reasons, 0x30001, "OPENVSWITCH:1");
	is(&reasons, 0x1ffff, "MAC80211_UNUSABLE:65535");
	TAKE(&reasons, "ovs_drop_reason", { "__OVS_DROP_REASON", 0x30000 },
		{ "OVS_DROP_LAST_ACTION", 0x30000 }, { "OVS_DROP_ACTION_ERROR", 0x30001 },
		{ "OVS_DROP_MAX", 0x30003 });
	is(&reasons, 0x30000, "OVS_DROP_LAST_ACTION");
	is(&reasons, 0x30001, "OVS_DROP_ACTION_ERROR");
	is(&reasons, 0x30002, "OPENVSWITCH:2");
	is(&reasons, 0x30004, "OPENVSWITCH:4");
	/* a subsystem without a name; one beyond those that can be told; the end mark is none */
	is(&reasons, 0x20001, "0x20001");
	is(&reasons, 0x40001, "0x40001");
	is(&reasons, 0x110001, "0x110001");
	btf_reasons_free(&reasons);
}

/* mac80211 has one enum for two subsystems, and the same once more under another name. */
static void test_an_enum_of_two(void **state)
{
	struct btf_reasons reasons = { 0 };

	TAKE(&reasons, "___mac80211_drop_reason", { "___RX_DROP_OTHER", 0x10001 });
	TAKE(&reasons, "mac80211_drop_reason", { "RX_CONTINUE", 1 }, { "RX_DROP_U_REPLAY", 0x10001 },
		{ "RX_DROP_MONITOR", 0x20000 });
	TAKE(&reasons, "mac80211_drop_reason", { "SECOND_THOUGHT", 0x10001 });
	take_kernel(&reasons);
	is(&reasons, 0x10001, "RX_DROP_U_REPLAY");
	is(&reasons, 0x10000, "MAC80211_UNUSABLE:0");
	is(&reasons, 1, "CONSUMED");
	btf_reasons_free(&reasons);
}

static void test_others_are_ignored(void **state)
{
	struct btf_reasons reasons = { 0 };

	take_kernel(&reasons);
	TAKE(&reasons, "_drop_reason", { "A", 0x30001 });
	TAKE(&reasons, "ovs_drop_reasons", { "A", 0x30001 });
	TAKE(&reasons, "reason", { "A", 0x30001 });
	TAKE(&reasons, "far_drop_reason", { "A", 0x30000 + 40000 }, { "B", 0x7fff0000 }, { "C", -1 });
	is(&reasons, 0x30001, "OPENVSWITCH:1");
	is(&reasons, 0x30000 + 40000, "OPENVSWITCH:40000");
	btf_reasons_free(&reasons);
}

static void test_a_module_that_comes_later(void **state)
{
	struct btf_reasons reasons = { 0 }, late = { 0 };

	take_kernel(&reasons);
	TAKE(&late, "ovs_drop_reason", { "OVS_DROP_METER", 0x30005 });
	btf_reasons_add_lists(&reasons, &late);
	is(&reasons, 0x30005, "OVS_DROP_METER");
	btf_reasons_free(&late);
	/* it went, and comes once more */
	TAKE(&late, "ovs_drop_reason", { "OVS_DROP_METER_AGAIN", 0x30005 });
	btf_reasons_add_lists(&reasons, &late);
	is(&reasons, 0x30005, "OVS_DROP_METER");
	btf_reasons_free(&late);
	btf_reasons_free(&reasons);
}

static void test_no_reasons_at_all(void **state)
{
	struct btf_reasons reasons = { 0 };
	char text[REASON_TEXT_MAX] = "before";

	is(&reasons, 0, "");
	is(&reasons, 5, "0x5");
	assert_string_equal(reason_name(NULL, 0, text, sizeof(text)), "");
	assert_string_equal(reason_name(NULL, 0x30001, text, sizeof(text)), "0x30001");
}

static void test_hostile_and_long_names(void **state)
{
	struct reason_subsystem subsystems[2] = { { NULL },
		{ .name = "A\033[2J_NAME_THAT_IS_AS_LONG_AS_THE_ROOM_THERE_IS_AND_THEN_SOME_MORE" } };
	const struct source_info info = { .subsystems = subsystems, .nsubsystems = 2 };
	char text[16];

	assert_string_equal(reason_name(&info, 0x10007, text, sizeof(text)), "A?[2J_NAME_TH:7");
	assert_string_equal(reason_name(&info, 0x1ffff, text, sizeof(text)), "A?[2J_NAM:65535");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_core),
		cmocka_unit_test(test_subsystems),
		cmocka_unit_test(test_an_enum_of_two),
		cmocka_unit_test(test_others_are_ignored),
		cmocka_unit_test(test_a_module_that_comes_later),
		cmocka_unit_test(test_no_reasons_at_all),
		cmocka_unit_test(test_hostile_and_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
