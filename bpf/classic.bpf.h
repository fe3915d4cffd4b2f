/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs libpcap's classic BPF on the frame in struct work. A generated program
 * does the same several times faster (src/trace/filter/generate.h), but cannot
 * be shared by trampolines of different functions; this takes 0.3 us a packet,
 * and changing the expression is a write into a map. Its text was checked in
 * user space: jumps go forward and stay inside, every instruction is known.
 * The file has no kernel in it: tests compile it for user space.
 */
#ifndef SKBSCOPE_CLASSIC_BPF_H
#define SKBSCOPE_CLASSIC_BPF_H

#include "config.h"

/* Parts of a code, as in linux/bpf_common.h. */
enum classic_part {
	CLASS_LD = 0x00,
	CLASS_LDX = 0x01,
	CLASS_ST = 0x02,
	CLASS_STX = 0x03,
	CLASS_ALU = 0x04,
	CLASS_JMP = 0x05,
	CLASS_RET = 0x06,
	CLASS_MISC = 0x07,
	SIZE_H = 0x08,
	SIZE_B = 0x10,
	MODE_IMM = 0x00,
	MODE_ABS = 0x20,
	MODE_IND = 0x40,
	MODE_MEM = 0x60,
	MODE_LEN = 0x80,
	MODE_MSH = 0xa0,
	SOURCE_X = 0x08,
	RETURN_A = 0x10,
	MISC_TXA = 0x80,
	JUMP_ALWAYS = 0x00,
	JUMP_EQUAL = 0x10,
	JUMP_GREATER = 0x20,
	JUMP_NOT_LESS = 0x30,
};

/* Bytes at an offset; false: not all of them are there, and the result says what that means. */
static inline __attribute__((always_inline)) int classic_bytes(
	struct work *w, __u64 from, __u32 code, __u32 *value)
{
	const __u32 n = code & SIZE_B ? 1 : code & SIZE_H ? 2 : 4;
	const __u8 *b;

	if (from + n > w->caplen) {
		w->result = from + n > w->wirelen ? FILTER_NO : FILTER_CUT;
		return 0;
	}
	b = &w->frame[from & (FILTER_FRAME - 1)];
	if (n == 1)
		*value = b[0];
	else if (n == 2)
		*value = (__u32)b[0] << 8 | b[1];
	else
		*value = (__u32)b[0] << 24 | (__u32)b[1] << 16 | (__u32)b[2] << 8 | b[3];
	return 1;
}

static inline __attribute__((always_inline)) int classic_load(struct work *w, const struct classic_insn *insn)
{
	struct classic_state *s = &w->classic;
	__u32 value = insn->k;

	switch (insn->code & 0xe0) {
	case MODE_ABS:
		if (!classic_bytes(w, insn->k, insn->code, &value))
			return 0;
		break;
	case MODE_IND:
		if (!classic_bytes(w, (__u64)s->x + insn->k, insn->code, &value))
			return 0;
		break;
	case MODE_MSH:
		if (!classic_bytes(w, insn->k, insn->code, &value))
			return 0;
		value = (value & 15) << 2;
		break;
	case MODE_MEM:
		value = s->m[insn->k & (CLASSIC_MEMORY - 1)];
		break;
	case MODE_LEN:
		value = w->wirelen;
		break;
	}
	if ((insn->code & 7) == CLASS_LD)
		s->a = value;
	else
		s->x = value;
	return 1;
}

static inline __attribute__((always_inline)) int classic_calculate(
	struct work *w, const struct classic_insn *insn)
{
	struct classic_state *s = &w->classic;
	const __u32 by = insn->code & SOURCE_X ? s->x : insn->k;

	switch (insn->code & 0xf0) {
	case 0x00:
		s->a += by;
		break;
	case 0x10:
		s->a -= by;
		break;
	case 0x20:
		s->a *= by;
		break;
	case 0x30: /* by zero: no match, as bpf_filter() says */
	case 0x90:
		if (!by) {
			w->result = FILTER_NO;
			return 0;
		}
		s->a = (insn->code & 0xf0) == 0x30 ? s->a / by : s->a % by;
		break;
	case 0x40:
		s->a |= by;
		break;
	case 0x50:
		s->a &= by;
		break;
	case 0x60:
		s->a = by < 32 ? s->a << (by & 31) : 0;
		break;
	case 0x70:
		s->a = by < 32 ? s->a >> (by & 31) : 0;
		break;
	case 0x80:
		s->a = 0 - s->a;
		break;
	case 0xa0:
		s->a ^= by;
		break;
	}
	return 1;
}

static inline __attribute__((always_inline)) void classic_jump(
	struct classic_state *s, const struct classic_insn *insn)
{
	const __u32 with = insn->code & SOURCE_X ? s->x : insn->k;
	int yes;

	switch (insn->code & 0xf0) {
	case JUMP_ALWAYS:
		s->at += insn->k;
		return;
	case JUMP_EQUAL:
		yes = s->a == with;
		break;
	case JUMP_GREATER:
		yes = s->a > with;
		break;
	case JUMP_NOT_LESS:
		yes = s->a >= with;
		break;
	default:
		yes = (s->a & with) != 0;
	}
	s->at += yes ? insn->jt : insn->jf;
}

/* One instruction; w->classic.at is behind it already. 0: w->result is set. */
static inline __attribute__((always_inline)) int classic_step(struct work *w, const struct classic_insn *insn)
{
	struct classic_state *s = &w->classic;

	switch (insn->code & 7) {
	case CLASS_LD:
	case CLASS_LDX:
		return classic_load(w, insn);
	case CLASS_ST:
		s->m[insn->k & (CLASSIC_MEMORY - 1)] = s->a;
		return 1;
	case CLASS_STX:
		s->m[insn->k & (CLASSIC_MEMORY - 1)] = s->x;
		return 1;
	case CLASS_ALU:
		return classic_calculate(w, insn);
	case CLASS_JMP:
		classic_jump(s, insn);
		return 1;
	case CLASS_RET:
		w->result = (insn->code & RETURN_A ? s->a : insn->k) ? FILTER_YES : FILTER_NO;
		return 0;
	}
	if (insn->code & MISC_TXA)
		s->a = s->x;
	else
		s->x = s->a;
	return 1;
}

#endif
