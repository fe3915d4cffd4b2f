/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of each classic instruction. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "trace/filter/generator.h"

int generator_refuse(struct generator *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(g->err, g->size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* --- loads ------------------------------------------------------------------------ */

static int bytes_of(int code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

static void to_host_order(struct generator *g, int bytes)
{
	if (bytes > 1)
		emit(g, BPF_ALU | BPF_END | BPF_TO_BE, A, 0, 0, (uint32_t)bytes * 8);
}

/* dst: A, or X for the length of a header. */
static void load_absolute(struct generator *g, int code, int dst)
{
	uint32_t k = g->code->v[g->at].k, end = k + (uint32_t)bytes_of(code);

	emit_set(g, T1, end);
	emit_jump(g, BPF_JMP | BPF_JLT | BPF_X, CAPLEN, T1, 0, g->cut);
	/* Beyond the frame the jump is always taken, which the verifier cannot know. */
	if (end <= FILTER_FRAME)
		emit_load(g, BPF_SIZE(code), dst, WORK, IN_WORK(frame) + (int)k);
	else
		emit_set(g, dst, 0);
}

static void load_indirect(struct generator *g, int code)
{
	uint32_t k = g->code->v[g->at].k;

	/* X + k in 64 bits: a sum that does not fit in 32 is beyond every packet */
	emit_set(g, T2, k);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_X, T2, X, 0, 0);
	emit_move(g, T1, T2);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, T1, 0, 0, (uint32_t)bytes_of(code));
	emit_jump(g, BPF_JMP | BPF_JLT | BPF_X, CAPLEN, T1, 0, g->cut);
	/* Never taken, as caplen is within the frame: this is the proof for the verifier. */
	emit_jump(g, BPF_JMP | BPF_JGT | BPF_K, T2, 0, FILTER_FRAME - 1, g->cut);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_X, T2, WORK, 0, 0);
	emit_load(g, BPF_SIZE(code), A, T2, IN_WORK(frame));
}

/* Offsets that the kernel's classic BPF does not read from the packet. */
static int refuse_special(struct generator *g, uint32_t k)
{
	switch (k - (uint32_t)SKF_AD_OFF) {
	case SKF_AD_PKTTYPE:
		return generator_refuse(g, "inbound and outbound are not in a packet's bytes: not supported");
	case SKF_AD_IFINDEX:
		return generator_refuse(g, "ifindex is not in a packet's bytes: not supported, see if=NAME");
	case SKF_AD_VLAN_TAG:
	case SKF_AD_VLAN_TAG_PRESENT:
		return generator_refuse(g, "tags outside of a packet's bytes are not supported");
	default:
		return generator_refuse(g, "offset 0x%x: Linux extensions are not supported", k);
	}
}

static int translate_load(struct generator *g, const struct cbpf_insn *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
		if (insn->k >= (uint32_t)SKF_LL_OFF)
			return refuse_special(g, insn->k);
		load_absolute(g, insn->code, A);
		to_host_order(g, bytes_of(insn->code));
		return 0;
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
		load_indirect(g, insn->code);
		to_host_order(g, bytes_of(insn->code));
		return 0;
	case BPF_LDX | BPF_B | BPF_MSH: /* length of an IPv4 header */
		if (insn->k >= (uint32_t)SKF_LL_OFF)
			return refuse_special(g, insn->k);
		load_absolute(g, insn->code, X);
		emit(g, BPF_ALU | BPF_AND | BPF_K, X, 0, 0, 15);
		emit(g, BPF_ALU | BPF_LSH | BPF_K, X, 0, 0, 2);
		return 0;
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
		emit_move(g, BPF_CLASS(insn->code) == BPF_LD ? A : X, WIRELEN);
		return 0;
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
		emit_set(g, BPF_CLASS(insn->code) == BPF_LD ? A : X, insn->k);
		return 0;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
		if (insn->k >= BPF_MEMWORDS)
			return generator_refuse(g, "instruction %zu: there is no M[%u]", g->at, insn->k);
		emit_load(g, BPF_W, BPF_CLASS(insn->code) == BPF_LD ? A : X, FP, STACK_M(insn->k));
		return 0;
	default:
		return generator_refuse(g, "instruction %zu: unknown load 0x%x", g->at, insn->code);
	}
}

static int translate_store(struct generator *g, const struct cbpf_insn *insn)
{
	if (insn->code != BPF_ST && insn->code != BPF_STX)
		return generator_refuse(g, "instruction %zu: unknown store 0x%x", g->at, insn->code);
	if (insn->k >= BPF_MEMWORDS)
		return generator_refuse(g, "instruction %zu: there is no M[%u]", g->at, insn->k);
	emit_store(g, FP, STACK_M(insn->k), insn->code == BPF_ST ? A : X);
	return 0;
}

/* --- arithmetic and jumps ----------------------------------------------------------- */

/* bpf_filter() ends with "no match" here, while eBPF would go on with 0. */
static int divide(struct generator *g, const struct cbpf_insn *insn)
{
	if (BPF_SRC(insn->code) == BPF_K) {
		if (!insn->k)
			return generator_refuse(g, "instruction %zu: division by zero", g->at);
	} else {
		emit_set(g, RESULT, FILTER_NO);
		emit_jump(g, BPF_JMP32 | BPF_JEQ | BPF_K, X, 0, 0, g->finish);
	}
	if (BPF_SRC(insn->code) == BPF_K)
		emit(g, insn->code, A, 0, 0, insn->k);
	else
		emit(g, insn->code, A, X, 0, 0);
	return 0;
}

/* By 32 and more the result is 0, while eBPF would take the count modulo 32. */
static void shift(struct generator *g, const struct cbpf_insn *insn)
{
	if (BPF_SRC(insn->code) == BPF_X) {
		emit(g, BPF_JMP32 | BPF_JLT | BPF_K, X, 0, 2, 32);
		emit_set(g, A, 0);
		emit(g, BPF_JMP | BPF_JA, 0, 0, 1, 0);
		emit(g, insn->code, A, X, 0, 0);
	} else if (insn->k < 32) {
		emit(g, insn->code, A, 0, 0, insn->k);
	} else {
		emit_set(g, A, 0);
	}
}

static int translate_arithmetic(struct generator *g, const struct cbpf_insn *insn)
{
	int source = BPF_SRC(insn->code);

	if (insn->code & ~0xff)
		return generator_refuse(g, "instruction %zu: unknown operation 0x%x", g->at, insn->code);
	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_OR:
	case BPF_AND:
	case BPF_XOR:
		emit(g, insn->code, A, source == BPF_X ? X : 0, 0, source == BPF_X ? 0 : insn->k);
		return 0;
	case BPF_DIV:
	case BPF_MOD:
		return divide(g, insn);
	case BPF_LSH:
	case BPF_RSH:
		shift(g, insn);
		return 0;
	case BPF_NEG:
		if (source == BPF_K) {
			emit(g, insn->code, A, 0, 0, 0);
			return 0;
		}
		/* fall through */
	default:
		return generator_refuse(g, "instruction %zu: unknown operation 0x%x", g->at, insn->code);
	}
}

static int condition_of(int op, bool inverse)
{
	switch (op) {
	case BPF_JEQ:
		return inverse ? BPF_JNE : BPF_JEQ;
	case BPF_JGT:
		return inverse ? BPF_JLE : BPF_JGT;
	case BPF_JGE:
		return inverse ? BPF_JLT : BPF_JGE;
	case BPF_JSET:
		return inverse ? -1 : BPF_JSET;
	default:
		return -1;
	}
}

static void branch(struct generator *g, const struct cbpf_insn *insn, size_t yes, size_t no)
{
	int source = BPF_SRC(insn->code), inverse = condition_of(BPF_OP(insn->code), true);
	uint32_t imm = source == BPF_K ? insn->k : 0;
	int src = source == BPF_X ? X : 0;
	size_t next = g->at + 1;

	g->goes_on = yes == next || no == next;
	if (yes == no) {
		if (yes != next)
			emit_jump_always(g, yes);
	} else if (yes == next && inverse >= 0) {
		emit_jump(g, BPF_JMP32 | inverse | source, A, src, imm, no);
	} else {
		emit_jump(g, BPF_JMP32 | BPF_OP(insn->code) | source, A, src, imm, yes);
		if (no != next)
			emit_jump_always(g, no);
	}
}

static int translate_jump(struct generator *g, const struct cbpf_insn *insn)
{
	uint64_t next = g->at + 1, yes = next + insn->jt, no = next + insn->jf;
	bool always = insn->code == (BPF_JMP | BPF_JA);

	if (always && (int32_t)insn->k < 0)
		return generator_refuse(
			g, "protochain and other loops are not supported: instruction %zu jumps back", g->at);
	if (always)
		yes = no = next + insn->k;
	else if (insn->code & ~0xff || condition_of(BPF_OP(insn->code), false) < 0)
		return generator_refuse(g, "instruction %zu: unknown jump 0x%x", g->at, insn->code);
	if (yes >= g->code->n || no >= g->code->n)
		return generator_refuse(g, "instruction %zu jumps out of the program", g->at);
	branch(g, insn, yes, no);
	return 0;
}

static int translate_return(struct generator *g, const struct cbpf_insn *insn)
{
	if (insn->code == (BPF_RET | BPF_K)) {
		emit_set(g, RESULT, insn->k ? FILTER_YES : FILTER_NO);
	} else if (insn->code == (BPF_RET | BPF_A)) {
		emit_set(g, RESULT, FILTER_NO);
		emit_jump(g, BPF_JMP32 | BPF_JEQ | BPF_K, A, 0, 0, g->finish);
		emit_set(g, RESULT, FILTER_YES);
	} else {
		return generator_refuse(g, "instruction %zu: unknown return 0x%x", g->at, insn->code);
	}
	emit_jump_always(g, g->finish);
	g->goes_on = false;
	return 0;
}

int generator_translate(struct generator *g, const struct cbpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		return translate_load(g, insn);
	case BPF_ST:
	case BPF_STX:
		return translate_store(g, insn);
	case BPF_ALU:
		return translate_arithmetic(g, insn);
	case BPF_JMP:
		return translate_jump(g, insn);
	case BPF_RET:
		return translate_return(g, insn);
	default:
		if (insn->code == (BPF_MISC | BPF_TAX))
			emit_move(g, X, A);
		else if (insn->code == (BPF_MISC | BPF_TXA))
			emit_move(g, A, X);
		else
			return generator_refuse(
				g, "instruction %zu: unknown operation 0x%x", g->at, insn->code);
		return 0;
	}
}
