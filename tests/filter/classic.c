/* SPDX-License-Identifier: GPL-2.0 */
/* Classic BPF as its definition says, with three answers instead of two. */
#include <linux/filter.h>
#include <stdint.h>

#include "filter/machine.h"

struct classic {
	const struct work *work;
	uint32_t a, x, m[16];
	enum filter_result result; /* FILTER_UNKNOWN while it runs */
};

static uint32_t load(struct classic *c, uint64_t at, int code)
{
	uint64_t size = BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
	uint32_t value = 0;

	if (at + size > c->work->caplen) {
		c->result = at + size > c->work->wirelen ? FILTER_NO : FILTER_CUT;
		return 0;
	}
	while (size--)
		value = value << 8 | c->work->frame[at++];
	return value;
}

static uint32_t load_any(struct classic *c, const struct cbpf_insn *i)
{
	switch (BPF_MODE(i->code)) {
	case BPF_IMM:
		return i->k;
	case BPF_ABS:
		return load(c, i->k, i->code);
	case BPF_IND:
		return load(c, (uint64_t)c->x + i->k, i->code);
	case BPF_MEM:
		return c->m[i->k & 15];
	case BPF_LEN:
		return c->work->wirelen;
	default: /* BPF_MSH */
		return (load(c, i->k, i->code) & 15) * 4;
	}
}

static void arithmetic(struct classic *c, const struct cbpf_insn *i)
{
	uint32_t b = BPF_SRC(i->code) == BPF_X ? c->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		c->a += b;
		return;
	case BPF_SUB:
		c->a -= b;
		return;
	case BPF_MUL:
		c->a *= b;
		return;
	case BPF_OR:
		c->a |= b;
		return;
	case BPF_AND:
		c->a &= b;
		return;
	case BPF_XOR:
		c->a ^= b;
		return;
	case BPF_LSH:
		c->a = b < 32 ? c->a << b : 0;
		return;
	case BPF_RSH:
		c->a = b < 32 ? c->a >> b : 0;
		return;
	case BPF_NEG:
		c->a = 0 - c->a;
		return;
	}
	if (!b)
		c->result = FILTER_NO;
	else if (BPF_OP(i->code) == BPF_DIV)
		c->a /= b;
	else
		c->a %= b;
}

static uint32_t distance(const struct classic *c, const struct cbpf_insn *i)
{
	uint32_t b = BPF_SRC(i->code) == BPF_X ? c->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return c->a == b ? i->jt : i->jf;
	case BPF_JGT:
		return c->a > b ? i->jt : i->jf;
	case BPF_JGE:
		return c->a >= b ? i->jt : i->jf;
	case BPF_JSET:
		return c->a & b ? i->jt : i->jf;
	default:
		return i->k;
	}
}

enum filter_result classic_run(const struct filter_code *code, const struct work *work)
{
	struct classic c = { .work = work };

	for (size_t pc = 0; c.result == FILTER_UNKNOWN && pc < code->n; pc++) {
		const struct cbpf_insn *i = &code->v[pc];

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			c.a = load_any(&c, i);
			break;
		case BPF_LDX:
			c.x = load_any(&c, i);
			break;
		case BPF_ST:
			c.m[i->k & 15] = c.a;
			break;
		case BPF_STX:
			c.m[i->k & 15] = c.x;
			break;
		case BPF_ALU:
			arithmetic(&c, i);
			break;
		case BPF_JMP:
			pc += distance(&c, i);
			break;
		case BPF_RET:
			c.result = (BPF_RVAL(i->code) == BPF_A ? c.a : i->k) ? FILTER_YES : FILTER_NO;
			break;
		default:
			if (BPF_MISCOP(i->code) == BPF_TAX)
				c.x = c.a;
			else
				c.a = c.x;
		}
	}
	return c.result;
}
