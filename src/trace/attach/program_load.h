/* SPDX-License-Identifier: GPL-2.0 */
/* Copies of programs, loaded side by side by several threads: it is the verifier's work. */
#ifndef SKBSCOPE_TRACE_ATTACH_PROGRAM_LOAD_H
#define SKBSCOPE_TRACE_ATTACH_PROGRAM_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/attach/program_copy.h"

#define MODULE_FDS_MAX 64

/* The BTF of modules, each opened once for a set: later a module of that name may be another one. */
struct module_fds {
	struct {
		const char *name; /* stays the caller's */
		int fd;		  /* or -errno */
	} v[MODULE_FDS_MAX];
	size_t n;
};

/* A descriptor; 0: the kernel's own (name is NULL); or -errno. */
int module_fds_get(struct module_fds *m, const char *name);
void module_fds_close(struct module_fds *m);

struct program_load {
	const struct program_copy *copy;
	enum bpf_attach_type type;
	int module; /* of module_fds_get() */
	uint32_t btf_id;
	bool edited; /* the value that is loaded at cookie_at is to be cookie */
	size_t cookie_at;
	uint64_t cookie;
	int prog; /* a descriptor or -errno (-ECANCELED) afterwards */
};

void programs_load_copies(
	struct program_load *v, size_t n, bool (*cancelled)(void *ctx), void *cancelled_ctx);

#endif
