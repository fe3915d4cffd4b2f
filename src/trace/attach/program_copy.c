/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/attach/program_copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel's own number for "not supported", which no C library knows. */
#define KERNEL_ENOTSUPP 524

#define LOG_SIZE (1u << 20)

void program_copy_free(struct program_copy *c)
{
	free(c->insns);
	free(c->funcs);
	c->insns = NULL;
	c->funcs = NULL;
}

static int error_of_kernel(void)
{
	return errno == KERNEL_ENOTSUPP ? -EOPNOTSUPP : -errno;
}

/* Once more: the log makes loading slow, and most programs are not refused. */
static void print_log(
	const struct program_copy *c, const struct bpf_insn *insns, struct bpf_prog_load_opts *opts)
{
	char *log = calloc(1, LOG_SIZE);
	int fd;

	if (!log)
		return;
	opts->log_buf = log;
	opts->log_size = LOG_SIZE;
	opts->log_level = 1;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, c->name, "GPL", insns, c->ninsns, opts);
	if (fd >= 0)
		close(fd);
	else
		fprintf(stderr, "skbscope: %s refused by the kernel:\n%s\n", c->name, log);
	free(log);
}

int program_copy_load(const struct program_copy *c, const struct bpf_insn *insns, enum bpf_attach_type type,
	int module, uint32_t btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type, .attach_btf_id = btf_id,
		.attach_btf_obj_fd = module, .prog_btf_fd = c->btf, .func_info = c->funcs,
		.func_info_cnt = c->nfuncs, .func_info_rec_size = c->func_size);
	int fd, err;

	if (!btf_id)
		return -ENOENT;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, c->name, "GPL", insns, c->ninsns, &opts);
	if (fd >= 0)
		return fd;
	err = error_of_kernel();
	if (c->verbose)
		print_log(c, insns, &opts);
	return err;
}

int program_copy_attach(int prog, enum bpf_attach_type type)
{
	int fd = bpf_link_create(prog, 0, type, NULL);

	return fd >= 0 ? fd : error_of_kernel();
}

int module_btf_open(const char *name)
{
	__u32 id = 0;

	while (!bpf_btf_get_next_id(id, &id)) {
		char found[64] = "";
		struct bpf_btf_info info = { .name = (uintptr_t)found, .name_len = sizeof(found) };
		__u32 len = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue; /* gone, or not for us */
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.kernel_btf && !strcmp(found, name))
			return fd;
		close(fd);
	}
	return -ENOENT;
}

uint64_t program_skipped(int prog)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return prog < 0 || bpf_obj_get_info_by_fd(prog, &info, &len) ? 0 : info.recursion_misses;
}
