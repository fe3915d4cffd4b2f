/* SPDX-License-Identifier: GPL-2.0 */
/* eBPF instructions, one by one. */
#include "trace/filter/generator.h"

void emit(struct generator *g, int code, int dst, int src, int off, uint32_t imm)
{
	if (g->n < g->cap)
		g->v[g->n] = (struct bpf_insn){ .code = (__u8)code,
			.dst_reg = (__u8)dst & 15,
			.src_reg = (__u8)src & 15,
			.off = (__s16)off,
			.imm = (__s32)imm };
	g->n++; /* beyond cap: noticed at the end */
}

void emit_move(struct generator *g, int dst, int src)
{
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void emit_set(struct generator *g, int dst, uint32_t value)
{
	emit(g, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, value);
}

void emit_load(struct generator *g, int size, int dst, int from, int off)
{
	emit(g, BPF_LDX | size | BPF_MEM, dst, from, off, 0);
}

void emit_store(struct generator *g, int dst, int off, int src)
{
	emit(g, BPF_STX | BPF_W | BPF_MEM, dst, src, off, 0);
}

void emit_map(struct generator *g, int dst, int fd)
{
	emit(g, BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_FD, 0, (uint32_t)fd);
	emit(g, 0, 0, 0, 0, 0);
}

void emit_call(struct generator *g, uint32_t helper)
{
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

void emit_leave(struct generator *g)
{
	emit_set(g, BPF_REG_0, 0);
	emit(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

void emit_jump(struct generator *g, int code, int dst, int src, uint32_t imm, size_t label)
{
	if (g->n < g->cap)
		g->to[g->n] = label + 1;
	g->reached[label] = true;
	emit(g, code, dst, src, 0, imm);
}

void emit_jump_always(struct generator *g, size_t label)
{
	emit_jump(g, BPF_JMP | BPF_JA, 0, 0, 0, label);
}
