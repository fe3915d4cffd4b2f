/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One program at many trampolines. A program of a trampoline is verified against
 * the types of one function, so each function has one of its own: the instructions
 * as libbpf has relocated them for the original, loaded again. libbpf opens and
 * relocates once, and looks through no module's BTF; a copy is one system call.
 */
#ifndef SKBSCOPE_TRACE_ATTACH_PROGRAM_COPY_H
#define SKBSCOPE_TRACE_ATTACH_PROGRAM_COPY_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct program_copy {
	const char *name; /* of the original */
	struct bpf_insn *insns;
	size_t ninsns;
	void *funcs; /* where its functions begin, and their types: struct bpf_func_info */
	size_t nfuncs, func_size;
	int btf; /* the object's */
	bool verbose; /* stderr gets what the verifier says of a copy that it refuses */
};

/* kept_programs_take() fills it; the object is to outlive it. */
void program_copy_free(struct program_copy *c);

/*
 * Loads the instructions (c->insns, or an edited copy of them) for the function
 * of that BTF id. module: its BTF's descriptor, 0 for the kernel's own. A descriptor or -errno.
 */
int program_copy_load(const struct program_copy *c, const struct bpf_insn *insns, enum bpf_attach_type type,
	int module, uint32_t btf_id);

/* -errno, as a program that is loaded is attached. */
int program_copy_attach(int prog, enum bpf_attach_type type);

/* The descriptor of a loaded module's BTF, or -errno. */
int module_btf_open(const char *name);

/* How often the kernel left a program out because it ran on that CPU already. */
uint64_t program_skipped(int prog);

#endif
