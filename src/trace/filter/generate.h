/* SPDX-License-Identifier: GPL-2.0 */
/* Classic BPF → a program for the kernel's slot of a filter. */
#ifndef SKBSCOPE_TRACE_FILTER_GENERATE_H
#define SKBSCOPE_TRACE_FILTER_GENERATE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/filter/compile.h"

struct bpf_insn; /* linux/bpf.h */

/*
 * What the program finds in bpf/config.h's struct work of its CPU (map works,
 * an array with one entry a CPU; the program looks itself up by
 * bpf_get_smp_processor_id): the frame, its caplen and wirelen. It writes
 * work->result (enum filter_result) and tail-calls slot SLOT_RESUME of
 * prog_array_fd, with the context that it was given.
 */
struct filter_target {
	int works_fd;
	int slots_fd;
};

/*
 * 0 with *out (malloc) and *n, or -EINVAL / -E2BIG / -ENOMEM with a line in
 * err. Loads beyond caplen end it: FILTER_NO when they are beyond wirelen too
 * (as bpf_filter() does), else FILTER_CUT: the bytes exist and cannot be read
 * here. Jumps backwards and unknown opcodes are refused by name.
 */
int filter_generate(const struct filter_code *code, const struct filter_target *target, struct bpf_insn **out,
	size_t *n, char *err, size_t size);

#endif
