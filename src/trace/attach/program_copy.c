/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/attach/program_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel's own number for "not supported", which no C library knows. */
#define KERNEL_ENOTSUPP 524

static int by_place(const void *a, const void *b)
{
	const struct bpf_func_info *x = a, *y = b;

	return (x->insn_off > y->insn_off) - (x->insn_off < y->insn_off);
}

/* Where the functions in the program begin: wherever a call or an address of one leads. */
static void find_functions(struct program_copy *c)
{
	size_t n = 0;

	c->funcs[n++].insn_off = 0;
	for (size_t i = 0; i < c->ninsns; i++) {
		const struct bpf_insn *insn = &c->insns[i];
		__u32 to = i + insn->imm + 1;
		bool known = false;

		if (!(insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) &&
			!(insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg == BPF_PSEUDO_FUNC))
			continue;
		for (size_t j = 0; j < n; j++)
			known = known || c->funcs[j].insn_off == to;
		if (!known && n <= c->nfuncs)
			c->funcs[n++].insn_off = to;
	}
	qsort(c->funcs, n, sizeof(*c->funcs), by_place);
	c->nfuncs = n;
}

/*
 * Their types, in order, as the kernel has them of the loaded program. It also
 * says where they begin, but in its own instructions.
 */
static int find_types(struct program_copy *c, int prog)
{
	struct bpf_prog_info info = { 0 };
	struct bpf_func_info *types;
	__u32 len = sizeof(info);
	int err = 0;

	if (bpf_obj_get_info_by_fd(prog, &info, &len))
		return -errno;
	c->nfuncs = info.nr_func_info;
	types = calloc(c->nfuncs + 1, sizeof(*types));
	c->funcs = calloc(c->nfuncs + 2, sizeof(*c->funcs));
	if (!types || !c->funcs) {
		free(types);
		return -ENOMEM;
	}
	info = (struct bpf_prog_info){
		.func_info = (uintptr_t)types, .nr_func_info = c->nfuncs, .func_info_rec_size = sizeof(*types)
	};
	len = sizeof(info);
	if (bpf_obj_get_info_by_fd(prog, &info, &len))
		err = -errno;
	find_functions(c);
	if (!err && c->nfuncs != info.nr_func_info)
		err = -EBADMSG;
	for (size_t i = 0; !err && i < c->nfuncs; i++)
		c->funcs[i].type_id = types[i].type_id;
	free(types);
	return err;
}

int program_copy_take(struct program_copy *c, const struct bpf_program *prog, const struct bpf_object *obj)
{
	*c = (struct program_copy){ .name = bpf_program__name(prog), .ninsns = bpf_program__insn_cnt(prog) };
	c->insns = calloc(c->ninsns + 1, sizeof(*c->insns));
	if (!c->insns)
		return -ENOMEM;
	memcpy(c->insns, bpf_program__insns(prog), c->ninsns * sizeof(*c->insns));
	c->btf = bpf_object__btf_fd(obj);
	return find_types(c, bpf_program__fd(prog));
}

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

int program_copy_load(const struct program_copy *c, const struct bpf_insn *insns, enum bpf_attach_type type,
	int module, uint32_t btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type, .attach_btf_id = btf_id,
		.attach_btf_obj_fd = module, .prog_btf_fd = c->btf, .func_info = c->funcs,
		.func_info_cnt = c->nfuncs, .func_info_rec_size = sizeof(*c->funcs));
	int fd;

	if (!btf_id)
		return -ENOENT;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, c->name, "GPL", insns, c->ninsns, &opts);
	return fd >= 0 ? fd : error_of_kernel();
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
