/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that most runs never need: those of filters, and those for functions
 * of modules that come later. The same object once more, on the same maps;
 * loaded when the first is wanted, since it would be half of the time of a start.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "trace/skel.h"
#include "trace/tracer_private.h"

static void choose(const struct tracer *t, struct skbscope_bpf *more)
{
	bool multi = t->backend == &attach_multi, fentry = t->backend == &attach_fentry;
	const bool *hook = t->found.hook;

	programs_choose_none(more);
	/* beside multi, for functions of modules that come later (attach/multi.c) */
	bpf_program__set_autoload(more->progs.function_kprobe, multi);
	bpf_program__set_autoload(more->progs.filter_multi, multi);
	bpf_program__set_autoload(more->progs.filter_kprobe, !fentry);
	bpf_program__set_autoload(more->progs.owner_begin, hook[HOOK_SOCKET]);
}

/* The maps of the programs that are at work, and their settings (.bss). */
static int share_maps(const struct tracer *t, struct skbscope_bpf *more)
{
	struct bpf_map *map, *other = bpf_object__next_map(more->obj, NULL);

	bpf_object__for_each_map(map, t->skel->obj)
	{
		int err = 0;

		if (!other)
			return -ENOENT;
		/* programs of rules are none of these */
		if (map == t->skel->maps.codes || !strncmp(bpf_map__name(map), "nft_", 4))
			bpf_map__set_autocreate(other, bpf_map__autocreate(map));
		if (map != t->skel->maps.rodata && bpf_map__fd(map) >= 0)
			err = bpf_map__reuse_fd(other, bpf_map__fd(map));
		if (err)
			return err;
		other = bpf_object__next_map(more->obj, other);
	}
	return 0;
}

static int load(struct tracer *t)
{
	struct skbscope_bpf *more = programs_open_object(t);
	int err;

	if (!more)
		return -errno;
	memcpy(&more->rodata->type_ids, (const void *)&t->skel->rodata->type_ids, sizeof(struct type_ids));
	choose(t, more);
	err = share_maps(t, more);
	if (!err)
		err = skbscope_bpf__load(more);
	if (err)
		skbscope_bpf__destroy(more);
	else
		t->more = more;
	return err;
}

int programs_load_more(struct tracer *t)
{
	int err = 0;

	pthread_mutex_lock(&t->more_lock);
	if (!t->more) {
		err = load(t);
		tracer_milestone(t, "programs of filters loaded");
	}
	pthread_mutex_unlock(&t->more_lock);
	return err;
}

struct skbscope_bpf *programs_more(struct tracer *t)
{
	struct skbscope_bpf *more;

	pthread_mutex_lock(&t->more_lock);
	more = t->more;
	pthread_mutex_unlock(&t->more_lock);
	return more;
}

int programs_attach_filter(struct tracer *t)
{
	const struct skbscope_bpf *more = programs_more(t);
	const bool *hook = t->found.hook;
	struct bpf_program *progs[FILTER_HOOKS] = {
		hook[HOOK_SOCKET] ? more->progs.owner_begin : NULL,
	};
	int err = 0;

	for (int i = 0; !err && i < FILTER_HOOKS; i++) {
		if (progs[i] && !t->filter_hook[i])
			err = programs_attach_hook(t, progs[i], &t->filter_hook[i]);
	}
	return err;
}
