/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Called for every function of the kernel. */
bool target_is(const char *name)
{
	static const char *const others[] = { "ipt_do_table", "ip6t_do_table", "kfree_skb_reason",
		"sk_skb_reason_drop" };

	if (name[0] == 'n') {
		if (!strcmp(name, "nf_hook_slow") || !strcmp(name, "nft_do_chain"))
			return true;
		/* "nft_counter_eval", "nft_target_eval_xt" */
		return !strncmp(name, "nft_", 4) && strstr(name, "_eval");
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (name[0] == others[i][0] && !strcmp(name, others[i]))
			return true;
	}
	return false;
}

int targets_add(struct targets *targets, const char *name, const char *module, uint32_t btf_id)
{
	struct target *more = realloc(targets->v, (targets->n + 1) * sizeof(*more)), *t;

	if (!more)
		return -ENOMEM;
	targets->v = more;
	t = &more[targets->n];
	*t = (struct target){
		.name = strdup(name), .module = module ? strdup(module) : NULL, .btf_id = btf_id
	};
	if (!t->name || (module && !t->module)) {
		free(t->name);
		free(t->module);
		return -ENOMEM;
	}
	targets->n++;
	return 0;
}

const struct target *targets_find(const struct targets *targets, const char *name)
{
	for (size_t i = 0; i < targets->n; i++) {
		if (!strcmp(targets->v[i].name, name))
			return &targets->v[i];
	}
	return NULL;
}

/* Or none is there. */
static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static struct target *same_place(const struct targets *targets, const struct target *t)
{
	for (size_t i = 0; i < targets->n; i++) {
		struct target *o = &targets->v[i];

		if (!strcmp(o->name, t->name) && same_text(o->module, t->module))
			return o;
	}
	return NULL;
}

int targets_merge(struct targets *to, struct targets *from)
{
	int err = 0;

	for (size_t i = 0; i < from->n && !err; i++) {
		struct target *known = same_place(to, &from->v[i]);

		if (known)
			known->btf_id = from->v[i].btf_id;
		else
			err = targets_add(to, from->v[i].name, from->v[i].module, from->v[i].btf_id);
	}
	to->rule_heads = to->rule_heads || from->rule_heads;
	targets_free(from);
	return err;
}

void targets_free(struct targets *targets)
{
	for (size_t i = 0; i < targets->n; i++) {
		free(targets->v[i].name);
		free(targets->v[i].module);
	}
	free(targets->v);
	*targets = (struct targets){ 0 };
}
