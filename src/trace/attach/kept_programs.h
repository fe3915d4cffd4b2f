/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How libbpf loads programs of trampolines here (its prog_prepare_load_fn).
 *  - SEC("copied"): relocated by libbpf, then kept instead of loaded, since it is
 *    the copies that are loaded, one for each function (program_copy.h).
 *  - SEC("fentry/FUNCTION"), SEC("fexit/FUNCTION"): loaded for the BTF id that is
 *    known of the function; libbpf would look through all types of the kernel.
 */
#ifndef SKBSCOPE_TRACE_ATTACH_KEPT_PROGRAMS_H
#define SKBSCOPE_TRACE_ATTACH_KEPT_PROGRAMS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/attach/program_copy.h"

struct kept_program;

struct kept_programs {
	const uint32_t *hook_id; /* by enum hook; 0: not there */
	bool verbose;
	pthread_mutex_t lock;
	struct kept_program *v;
	size_t n;
	int handler[3]; /* libbpf's numbers, 0: none */
};

/*
 * Before the first object is opened; until kept_programs_end(), after the last one
 * was closed. hook_id is looked at when a program is loaded. 0 or -errno.
 */
int kept_programs_begin(struct kept_programs *k, const uint32_t *hook_id, bool verbose);
void kept_programs_end(struct kept_programs *k);

/* Of an object that was loaded, which is to outlive the copy. 0 or -ENOENT. */
int kept_programs_take(struct kept_programs *k, const struct bpf_program *prog, struct program_copy *out);

#endif
