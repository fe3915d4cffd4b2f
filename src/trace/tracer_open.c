/* SPDX-License-Identifier: GPL-2.0 */
/* What is read, looked for and loaded before tracing can start. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "trace/discover/kernel.h"
#include "trace/tracer_private.h"

static int choose_backend(struct tracer *t, const char *name, char *err, size_t err_size)
{
	if (!strcmp(name, "auto")) {
		t->backend = t->found.multi ? &attach_multi : &attach_tracefs;
		return 0;
	}
	t->backend = attach_by_name(name);
	if (!t->backend) {
		snprintf(err, err_size, "--backend %s: no such backend (%s)", name, attach_names());
		return -EINVAL;
	}
	if (t->backend == &attach_multi && !t->found.multi) {
		snprintf(err, err_size, "--backend %s: not on this kernel (needs %s; kprobe works here)",
			name, attach_multi.needs);
		return -EOPNOTSUPP;
	}
	if (t->backend == &attach_fentry && !t->found.trampolines) {
		snprintf(err, err_size, "--backend %s: not on this kernel (needs %s; kprobe works here)",
			name, attach_fentry.needs);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int check_kernel(void (*look)(struct kernel_report *), enum tracer_failure *failure, char *err,
	size_t err_size)
{
	struct kernel_report report;
	const struct kernel_check *bad;

	look(&report);
	bad = kernel_obstacle(&report);
	if (!bad)
		return 0;
	*failure = TRACER_FORBIDDEN;
	snprintf(err, err_size, "%s: %s (%s; see skbscope check)", bad->what, bad->found, bad->remedy);
	return -EPERM;
}

struct load_job {
	struct tracer *t;
	const struct tracer_options *options;
	char err[256];
	int ret;
};

static void *load_main(void *arg)
{
	struct load_job *job = arg;

	job->ret = programs_load(job->t, job->options, job->err, sizeof(job->err));
	tracer_milestone(job->t, "programs loaded");
	if (!job->ret && job->options->filter && !packet_filter_is_empty(job->options->filter))
		programs_load_more(job->t); /* an error shows again in filters_open() */
	return NULL;
}

static int find_functions(struct tracer *t, const struct tracer_options *options,
	enum tracer_failure *failure, char *err, size_t err_size)
{
	char note[256];
	int ret = discover_functions(&t->found, note, sizeof(note), err, err_size);

	if (ret)
		return ret;
	if (note[0]) {
		*failure = TRACER_FORBIDDEN;
		snprintf(err, err_size, "%s", note);
		return -EPERM;
	}
	tracer_milestone(t, "functions found");
	t->src.probes = &t->found.table;
	*failure = TRACER_WRONG_USE;
	t->found.table.look_everywhere = options->functions || options->config;
	ret = tracer_select(&t->selection, t->src.probes, options, err, err_size);
	if (!ret)
		ret = tracer_select(&t->src.selection, t->src.probes, options, err, err_size);
	if (!ret && !t->selection.count) {
		snprintf(err, err_size,
			"no function is left by these options (skbscope list shows what there is)");
		ret = -EINVAL;
	}
	if (!ret && t->backend->limit && t->selection.count > t->backend->limit) {
		snprintf(err, err_size,
			"--backend %s: %zu functions are wanted, it takes at most %zu (-p, -l, -F choose "
			"fewer)",
			t->backend->name, (size_t)t->selection.count, t->backend->limit);
		ret = -E2BIG;
	}
	return ret;
}

/* The programs load (0.3 s in an emulated guest) while functions are looked up and chosen. */
static int load_and_find(struct tracer *t, const struct tracer_options *options, enum tracer_failure *failure,
	char *err, size_t err_size)
{
	struct load_job job = { .t = t, .options = options };
	pthread_t thread;
	bool side = !pthread_create(&thread, NULL, load_main, &job);
	int ret;

	if (!side)
		load_main(&job);
	*failure = TRACER_FAILED;
	ret = find_functions(t, options, failure, err, err_size);
	if (!ret)
		ret = worker_prepare(t);
	if (side)
		pthread_join(thread, NULL);
	if (!ret && job.ret) {
		*failure = TRACER_FAILED;
		snprintf(err, err_size, "%s", job.err);
		ret = job.ret;
		/* does the kernel take no program at all? */
		(void)check_kernel(kernel_try, failure, err, err_size);
	}
	if (!ret) {
		*failure = TRACER_WRONG_USE;
		ret = filters_open(t, options->filter, options->parts, err, err_size);
	}
	return ret;
}

static int read_types(struct tracer *t, enum tracer_failure *failure, char *err, size_t err_size)
{
	struct btf_excerpt *types;
	int ret = programs_open(t, err, err_size);

	if (ret)
		return ret;
	types = programs_types(t);
	if (!types) {
		snprintf(err, err_size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	ret = discover_types(&t->found, types, err, err_size);
	if (ret && ret != -ENOMEM)
		*failure = TRACER_FORBIDDEN;
	if (!ret) {
		ret = programs_take_types(t, types);
		if (ret)
			snprintf(err, err_size, "types of the kernel: %s", strerror(-ret));
	}
	btf_excerpt_free(types);
	return ret;
}

int tracer_open_parts(struct tracer *t, const struct tracer_options *options, enum tracer_failure *failure,
	char *err, size_t err_size)
{
	int ret;

	ret = check_kernel(kernel_look_quickly, failure, err, err_size);
	if (ret)
		return ret;
	guard_remove_leftovers();
	ret = guard_start(&t->guard);
	if (ret) {
		*failure = TRACER_FAILED;
		snprintf(err, err_size, "fork: %s", strerror(-ret));
		return ret;
	}
	modules_begin(t); /* before the types: what comes while they are read is found later */
	ret = read_types(t, failure, err, err_size);
	if (ret)
		return ret;
	tracer_milestone(t, "types read");
	*failure = TRACER_WRONG_USE;
	ret = choose_backend(t, options->backend, err, err_size);
	if (ret)
		return ret;
	return load_and_find(t, options, failure, err, err_size);
}
