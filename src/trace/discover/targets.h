/* SPDX-License-Identifier: GPL-2.0 */
/* The functions that netfilter's programs are attached to, as BTF has them. */
#ifndef SKBSCOPE_TRACE_DISCOVER_TARGETS_H
#define SKBSCOPE_TRACE_DISCOVER_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target {
	char *name;
	char *module; /* NULL for vmlinux */
	uint32_t btf_id;
};

struct targets {
	struct target *v;
	size_t n;
	bool rule_heads; /* struct nft_rule_dp is as the programs read it */
};

bool target_is(const char *name);
/* 0 or -ENOMEM. */
int targets_add(struct targets *targets, const char *name, const char *module, uint32_t btf_id);
/* Of several modules with the name: the first. NULL: none. */
const struct target *targets_find(const struct targets *targets, const char *name);
/* Takes all of from, in the place of those of the same name and module; from is empty then. 0 or -ENOMEM. */
int targets_merge(struct targets *to, struct targets *from);
void targets_free(struct targets *targets);

#endif
