/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of generate.h. Registers: A, X and what is asked of every load stay in
 * their own. Arithmetic is of 32 bits throughout, so the upper halves of A and X
 * are zero.
 */
#ifndef SKBSCOPE_TRACE_FILTER_GENERATOR_H
#define SKBSCOPE_TRACE_FILTER_GENERATOR_H

#include <linux/bpf.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../bpf/config.h"
#include "trace/filter/generate.h"

enum {
	RESULT = BPF_REG_0,
	T1 = BPF_REG_1,
	T2 = BPF_REG_2,
	WIRELEN = BPF_REG_4, /* 4 and 5 survive because no helper is called in between */
	CAPLEN = BPF_REG_5,
	CTX = BPF_REG_6,
	WORK = BPF_REG_7,
	A = BPF_REG_8,
	X = BPF_REG_9,
	FP = BPF_REG_10,
};

#define STACK_M(k) (-64 + 4 * (int)(k)) /* M[k] */
#define STACK_CPU (-68)
#define IN_WORK(field) ((int)offsetof(struct work, field))

struct generator {
	const struct filter_code *code;
	const struct filter_target *target;
	struct bpf_insn *v;
	size_t *to; /* per instruction: the label it jumps to + 1, or 0 */
	size_t n, cap;
	size_t *where; /* per label: its instruction; a label is a classic one or ... */
	size_t cut;    /* ... this: T1 is the end of a load beyond caplen */
	size_t finish; /* ... or this: RESULT is set */
	bool *reached; /* per label */
	size_t at;     /* classic instruction at work */
	bool goes_on;  /* it is followed by the next one */
	char *err;
	size_t size;
};

/* Writes the line of an error; always -EINVAL. */
__attribute__((format(printf, 2, 3))) int generator_refuse(struct generator *g, const char *fmt, ...);

/* One classic instruction, g->at; sets g->goes_on. 0 or -EINVAL with a line. */
int generator_translate(struct generator *g, const struct cbpf_insn *insn);

/* Each adds an instruction (emit_map: two). */
void emit(struct generator *g, int code, int dst, int src, int off, uint32_t imm);
void emit_move(struct generator *g, int dst, int src);
void emit_set(struct generator *g, int dst, uint32_t value);
void emit_load(struct generator *g, int size, int dst, int from, int off);
void emit_store(struct generator *g, int dst, int off, int src); /* 32 bits */
void emit_map(struct generator *g, int dst, int fd);
void emit_call(struct generator *g, uint32_t helper);
void emit_leave(struct generator *g); /* return 0 */

/* code: BPF_JMP | BPF_JA or a condition; the distance is filled in at the end. */
void emit_jump(struct generator *g, int code, int dst, int src, uint32_t imm, size_t label);
void emit_jump_always(struct generator *g, size_t label);

#endif
