/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/filter/codes.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../bpf/config.h"
#include "trace/filter/generate.h"

/* What the generator refuses cannot be run by the interpreter either. */
static int check(const struct filter_code *code, char *err, size_t size)
{
	const struct filter_target target = { 0 };
	struct bpf_insn *insns;
	size_t n;
	int ret;

	if (!code->n)
		return 0;
	ret = filter_generate(code, &target, &insns, &n, err, size);
	if (!ret)
		free(insns);
	return ret;
}

static int set(int map_fd, unsigned int slot, const struct filter_code *code)
{
	struct classic_code *to = calloc(1, sizeof(*to));
	int ret;

	if (!to)
		return -ENOMEM;
	to->n = code->n;
	for (size_t i = 0; i < code->n; i++)
		to->v[i] = (struct classic_insn){
			.code = code->v[i].code, .jt = code->v[i].jt, .jf = code->v[i].jf, .k = code->v[i].k
		};
	ret = bpf_map_update_elem(map_fd, &slot, to, BPF_ANY) ? -errno : 0;
	free(to);
	return ret;
}

int codes_fill(int map_fd, unsigned int half, const struct filter_parts *parts, char *err, size_t size)
{
	int ret = check(&parts->expr, err, size);

	if (!ret)
		ret = check(&parts->inner, err, size);
	if (ret)
		return ret;
	ret = set(map_fd, SLOT_EXPR + half, &parts->expr);
	if (!ret)
		ret = set(map_fd, SLOT_INNER + half, &parts->inner);
	if (ret)
		snprintf(err, size, "the filter's map: %s", strerror(-ret));
	return ret;
}
