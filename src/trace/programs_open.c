/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF object before it is loaded, and the kernel's types that libbpf relocates it by. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/skel.h"
#include "trace/tracer_private.h"

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, args);
}

struct skbscope_bpf *programs_open_object(const struct tracer *t)
{
	char path[64];
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = path);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", t->types_fd);
	return skbscope_bpf__open_opts(&opts);
}

int programs_open(struct tracer *t, char *err, size_t err_size)
{
	int ret;

	libbpf_set_print(t->verbose ? print_libbpf : NULL);
	ret = kept_programs_begin(&t->kept, t->found.hook_id, t->verbose);
	if (ret < 0) {
		snprintf(err, err_size, "libbpf: %s", strerror(-ret));
		return ret;
	}
	t->types_fd = memfd_create("skbscope-types", MFD_CLOEXEC);
	if (t->types_fd < 0) {
		ret = -errno;
		snprintf(err, err_size, "memfd_create: %s", strerror(-ret));
		return ret;
	}
	t->skel = programs_open_object(t);
	if (t->skel)
		return 0;
	ret = -errno;
	snprintf(err, err_size, "BPF object: %s", strerror(-ret));
	return ret;
}

struct btf_excerpt *programs_types(const struct tracer *t)
{
	return btf_excerpt_new(bpf_object__btf(t->skel->obj));
}

int programs_take_types(struct tracer *t, const struct btf_excerpt *types)
{
	struct type_ids ids = {
		.sk_buff = btf_excerpt_id(types, "sk_buff"),
		.net_device = btf_excerpt_id(types, "net_device"),
		.iphdr = btf_excerpt_id(types, "iphdr"),
		.timespec64 = btf_excerpt_id(types, "timespec64"),
	};

	memcpy((void *)&t->skel->rodata->type_ids, &ids, sizeof(ids));
	return btf_excerpt_write(types, t->types_fd);
}
