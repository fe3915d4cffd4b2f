/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/btf_reasons.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS 4096 /* in a subsystem: more are no list of reasons */

/* Values are as the kernel counts them: a subsystem's lie in its range. */
static bool is_number_of(__s32 value, __u32 subsystem)
{
	return value >= 0 && reason_subsystem((__u32)value) == subsystem && (value & 0xffff) < NUMBERS;
}

static size_t numbers(const struct btf_type *t, __u32 subsystem)
{
	const struct btf_enum *e = btf_enum(t);
	size_t n = 0;

	for (int i = 0; i < btf_vlen(t); i++) {
		if (is_number_of(e[i].val, subsystem) && (size_t)(e[i].val & 0xffff) >= n)
			n = (e[i].val & 0xffff) + 1u;
	}
	return n;
}

static const char *without_prefix(const char *name)
{
	static const char *const prefixes[] = { "SKB_DROP_REASON_SUBSYS_", "SKB_DROP_REASON_", "SKB_", NULL };

	for (const char *const *p = prefixes; *p; p++) {
		if (!strncmp(name, *p, strlen(*p)))
			return name + strlen(*p);
	}
	return name;
}

/* Of several names of a number the first, but for "__..." which only marks where a range begins. */
static int copy_names(
	const struct btf *btf, const struct btf_type *t, __u32 subsystem, char **names, size_t n)
{
	const struct btf_enum *e = btf_enum(t);

	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);
		char **to;

		if (!is_number_of(e[i].val, subsystem) || !name || !strncmp(name, "__", 2))
			continue;
		if ((size_t)(e[i].val & 0xffff) >= n)
			continue;
		to = &names[e[i].val & 0xffff];
		if (*to)
			continue;
		*to = strdup(without_prefix(name));
		if (!*to)
			return -ENOMEM;
	}
	return 0;
}

static int take_core(struct btf_reasons *reasons, const struct btf *btf, const struct btf_type *t)
{
	size_t n = numbers(t, 0);

	if (reasons->core)
		return 0;
	reasons->core = calloc(n + 1, sizeof(*reasons->core));
	if (!reasons->core)
		return -ENOMEM;
	reasons->ncore = n;
	return copy_names(btf, t, 0, reasons->core, n);
}

static int take_subsystems(struct btf_reasons *reasons, const struct btf *btf, const struct btf_type *t)
{
	int err = copy_names(btf, t, 0, reasons->name, REASON_SUBSYSTEMS);

	for (size_t i = 1; i < REASON_SUBSYSTEMS; i++) {
		/* the last one only counts them */
		if (reasons->name[i] && strcmp(reasons->name[i], "NUM") != 0)
			reasons->subsystem[i].name = reasons->name[i];
	}
	return err;
}

static void free_list(struct reason_list *list)
{
	for (size_t i = 0; list && i < list->n; i++)
		free(list->name[i]);
	free(list);
}

static int take_list(
	struct btf_reasons *reasons, const struct btf *btf, const struct btf_type *t, __u32 subsystem)
{
	size_t n = numbers(t, subsystem);
	struct reason_list *list;

	if (!n || reasons->list[subsystem])
		return 0;
	list = calloc(1, sizeof(*list) + n * sizeof(list->name[0]));
	if (!list)
		return -ENOMEM;
	reasons->list[subsystem] = list;
	list->n = n;
	if (copy_names(btf, t, subsystem, list->name, n))
		return -ENOMEM;
	atomic_store(&reasons->subsystem[subsystem].list, list);
	return 0;
}

int btf_reasons_take(
	struct btf_reasons *reasons, const struct btf *btf, const struct btf_type *t, const char *name)
{
	static const char ending[] = "_drop_reason";
	size_t len = strlen(name);
	int err = 0;

	if (!strcmp(name, "skb_drop_reason"))
		return take_core(reasons, btf, t);
	if (!strcmp(name, "skb_drop_reason_subsys"))
		return take_subsystems(reasons, btf, t);
	/* "ovs_drop_reason", "mac80211_drop_reason"; "___mac80211_drop_reason" has the same once more */
	if (name[0] == '_' || len < sizeof(ending) || strcmp(name + len - sizeof(ending) + 1, ending) != 0)
		return 0;
	for (__u32 s = 1; s < REASON_SUBSYSTEMS && !err; s++)
		err = take_list(reasons, btf, t, s);
	return err;
}

void btf_reasons_add_lists(struct btf_reasons *to, struct btf_reasons *from)
{
	for (size_t i = 0; i < REASON_SUBSYSTEMS; i++) {
		if (to->list[i])
			continue;
		to->list[i] = from->list[i];
		from->list[i] = NULL;
		atomic_store(&to->subsystem[i].list, to->list[i]);
	}
}

void btf_reasons_free(struct btf_reasons *reasons)
{
	for (size_t i = 0; i < reasons->ncore; i++)
		free(reasons->core[i]);
	free(reasons->core);
	for (size_t i = 0; i < REASON_SUBSYSTEMS; i++) {
		free(reasons->name[i]);
		free_list(reasons->list[i]);
	}
	memset(reasons, 0, sizeof(*reasons));
}
