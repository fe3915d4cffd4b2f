/* SPDX-License-Identifier: GPL-2.0 */
/* The enums of drop reasons in BTF → their names (model/reasons.h). */
#ifndef SKBSCOPE_TRACE_DISCOVER_BTF_REASONS_H
#define SKBSCOPE_TRACE_DISCOVER_BTF_REASONS_H

#include "model/reasons.h"

struct btf;
struct btf_type;

struct btf_reasons {
	char **core; /* enum skb_drop_reason by number; a NULL is a gap */
	size_t ncore;
	char *name[REASON_SUBSYSTEMS]; /* enum skb_drop_reason_subsys */
	struct reason_list *list[REASON_SUBSYSTEMS];
	struct reason_subsystem subsystem[REASON_SUBSYSTEMS]; /* the two, to be read by others */
};

/* Takes what an enum of that name tells; others are ignored. 0 or -ENOMEM. */
int btf_reasons_take(
	struct btf_reasons *reasons, const struct btf *btf, const struct btf_type *t, const char *name);
/* Hands over the lists that to does not have; it may be read meanwhile. */
void btf_reasons_add_lists(struct btf_reasons *to, struct btf_reasons *from);
void btf_reasons_free(struct btf_reasons *reasons);

#endif
