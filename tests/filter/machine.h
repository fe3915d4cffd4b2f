/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs what filter_generate() makes, without a kernel, and finds what the
 * kernel would refuse or suffer from: reads of what was never written, accesses
 * outside of struct work and the stack, code that is not reached, reserved
 * fields that are set, a slot's number that is known while loading.
 * Also a plain interpreter of classic BPF that tells FILTER_CUT.
 */
#ifndef SKBSCOPE_TESTS_FILTER_MACHINE_H
#define SKBSCOPE_TESTS_FILTER_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "../../bpf/config.h"
#include "trace/filter/compile.h"
#include "trace/filter/generate.h"

struct machine {
	struct filter_target target; /* the numbers that the program must use */
	struct work *work;	     /* of this CPU; NULL: the lookup fails */
	char fault[160];	     /* why a call below failed */
	bool resumed;		     /* it tail-called SLOT_RESUME with its context */
	unsigned int steps;
};

/* The shape of a program, once. 0 or -1 with m->fault. */
int machine_check(struct machine *m, const struct bpf_insn *insns, size_t n);

/* Runs it to its end. 0 or -1 with m->fault. */
int machine_run(struct machine *m, const struct bpf_insn *insns, size_t n);

/* What the program must put into work->result; M[] begins with zeros. */
enum filter_result classic_run(const struct filter_code *code, const struct work *work);

#endif
