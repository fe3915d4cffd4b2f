/* SPDX-License-Identifier: GPL-2.0 */
#include "filter/machine.h"

#include <linux/bpf.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK 512
#define STEPS_MAX 1000000
#define CONTEXT 0x1122334455667788u
#define CPU 3
/* What a map's loaded address looks like; nothing may be read there. */
#define WORKS_MAP 0xfffffffffffff001u
#define SLOTS_MAP 0xfffffffffffff002u

struct cpu {
	struct machine *m;
	uint64_t r[11];
	bool set[11];	/* written before */
	bool known[11]; /* the same for every packet, as far as the verifier could tell */
	_Alignas(8) uint8_t stack[STACK];
	bool written[STACK];
	size_t pc;
};

__attribute__((format(printf, 3, 4))) static int fault(struct machine *m, size_t pc, const char *fmt, ...)
{
	int at = snprintf(m->fault, sizeof(m->fault), "instruction %zu: ", pc);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->fault + at, sizeof(m->fault) - (size_t)at, fmt, ap);
	va_end(ap);
	return -1;
}

/* --- shape -------------------------------------------------------------------------- */

static int check_fields(struct machine *m, size_t pc, const struct bpf_insn *i)
{
	int op = BPF_OP(i->code);
	bool is_x = BPF_SRC(i->code) == BPF_X, bad = false;

	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		if (op == BPF_END)
			bad = i->src_reg || i->off;
		else if (op == BPF_NEG)
			bad = is_x || i->src_reg || i->off || i->imm;
		else
			bad = i->off || (is_x ? i->imm != 0 : i->src_reg != 0);
		if (!is_x && (op == BPF_LSH || op == BPF_RSH))
			bad |= (uint32_t)i->imm >= (BPF_CLASS(i->code) == BPF_ALU ? 32 : 64);
		if (!is_x && (op == BPF_DIV || op == BPF_MOD))
			bad |= !i->imm;
		break;
	case BPF_JMP:
	case BPF_JMP32:
		if (op == BPF_JA)
			bad = is_x || i->src_reg || i->dst_reg || i->imm;
		else if (op == BPF_CALL)
			bad = i->src_reg || i->dst_reg || i->off;
		else if (op == BPF_EXIT)
			bad = i->src_reg || i->dst_reg || i->off || i->imm;
		else
			bad = is_x ? i->imm != 0 : i->src_reg != 0;
		break;
	case BPF_LDX:
	case BPF_STX:
		bad = i->imm != 0;
		break;
	case BPF_ST:
		bad = i->src_reg != 0;
		break;
	}
	if (i->dst_reg > 10 || i->src_reg > 10)
		bad = true;
	return bad ? fault(m, pc, "code 0x%x: a reserved field is set", i->code) : 0;
}

/* Marks where pc leads to; false when that is outside. */
static bool follow(const struct bpf_insn *insns, size_t n, size_t pc, bool *reached)
{
	const struct bpf_insn *i = &insns[pc];
	int class = BPF_CLASS(i->code), op = BPF_OP(i->code);
	bool is_jump = class == BPF_JMP || class == BPF_JMP32, next = true;

	if (is_jump && op == BPF_EXIT)
		return true;
	if (is_jump && op != BPF_CALL) {
		if (i->off < 0 || pc + 1 + (size_t)i->off >= n)
			return false;
		reached[pc + 1 + (size_t)i->off] = true;
		next = op != BPF_JA;
	}
	if (next && pc + 1 >= n)
		return false;
	if (next)
		reached[pc + 1] = true;
	return true;
}

int machine_check(struct machine *m, const struct bpf_insn *insns, size_t n)
{
	bool *reached = calloc(n + 1, sizeof(*reached));
	int ret = 0;

	if (!reached || !n) {
		free(reached);
		return fault(m, 0, "no program");
	}
	reached[0] = true;
	for (size_t pc = 0; pc < n && !ret; pc++) {
		const struct bpf_insn *i = &insns[pc];

		if (!reached[pc]) {
			ret = fault(m, pc, "is not reached");
		} else if (i->code == (BPF_LD | BPF_DW | BPF_IMM)) {
			if (pc + 2 >= n || insns[pc + 1].code || reached[pc + 1])
				ret = fault(m, pc, "broken pair");
			pc++;
			reached[pc + 1] = true;
		} else {
			ret = check_fields(m, pc, i);
			if (!ret && !follow(insns, n, pc, reached))
				ret = fault(m, pc, "leads out of the program or back");
		}
	}
	free(reached);
	return ret;
}

/* --- execution ------------------------------------------------------------------------- */

/* Memory of size bytes at address, or NULL: struct work, or the stack. */
static void *memory(struct cpu *c, uint64_t address, size_t size, bool write)
{
	uint64_t stack = (uint64_t)(uintptr_t)c->stack, work = (uint64_t)(uintptr_t)c->m->work;

	if (address % size && address >= stack && address - stack < STACK)
		return NULL;
	if (address >= stack && address - stack <= STACK - size) {
		size_t at = (size_t)(address - stack);

		for (size_t i = at; i < at + size; i++) {
			if (!write && !c->written[i])
				return NULL;
			c->written[i] = true;
		}
		return c->stack + at;
	}
	if (work && address >= work && address - work <= sizeof(struct work) - size)
		return (uint8_t *)c->m->work + (address - work);
	return NULL;
}

static size_t size_of(int code)
{
	switch (BPF_SIZE(code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

static int access_memory(struct cpu *c, const struct bpf_insn *i)
{
	bool is_load = BPF_CLASS(i->code) == BPF_LDX;
	size_t size = size_of(i->code);
	uint64_t address = c->r[is_load ? i->src_reg : i->dst_reg] + (uint64_t)(int64_t)i->off, value = 0;
	void *p;

	if (!c->set[is_load ? i->src_reg : i->dst_reg] ||
		(BPF_CLASS(i->code) == BPF_STX && !c->set[i->src_reg]))
		return fault(c->m, c->pc, "uses a register that nothing was written to");
	p = memory(c, address, size, !is_load);
	if (!p)
		return fault(c->m, c->pc, "%zu bytes at work%+lld, frame pointer%+lld", size,
			(long long)(address - (uintptr_t)c->m->work),
			(long long)(address - (uintptr_t)(c->stack + STACK)));
	if (is_load) {
		memcpy(&value, p, size); /* little endian */
		c->r[i->dst_reg] = value;
		c->set[i->dst_reg] = true;
		c->known[i->dst_reg] = false;
		return 0;
	}
	value = BPF_CLASS(i->code) == BPF_STX ? c->r[i->src_reg] : (uint64_t)(int64_t)i->imm;
	memcpy(p, &value, size);
	return 0;
}

static int byte_swap(struct cpu *c, const struct bpf_insn *i)
{
	uint64_t *d = &c->r[i->dst_reg];

	if (!c->set[i->dst_reg] || BPF_SRC(i->code) != BPF_TO_BE)
		return fault(c->m, c->pc, "wrong swap");
	switch (i->imm) {
	case 16:
		*d = __builtin_bswap16((uint16_t)*d);
		return 0;
	case 32:
		*d = __builtin_bswap32((uint32_t)*d);
		return 0;
	default:
		return fault(c->m, c->pc, "swaps %d bits", i->imm);
	}
}

/* As eBPF: division by zero gives 0 (modulo: the number), shifts take the count modulo the width. */
static bool compute(int op, bool wide, uint64_t a, uint64_t b, uint64_t *out)
{
	unsigned int count = (unsigned int)b & (wide ? 63 : 31);

	switch (op) {
	case BPF_ADD:
		*out = a + b;
		return true;
	case BPF_SUB:
		*out = a - b;
		return true;
	case BPF_MUL:
		*out = a * b;
		return true;
	case BPF_DIV:
		*out = b ? a / b : 0;
		return true;
	case BPF_MOD:
		*out = b ? a % b : a;
		return true;
	case BPF_OR:
		*out = a | b;
		return true;
	case BPF_AND:
		*out = a & b;
		return true;
	case BPF_XOR:
		*out = a ^ b;
		return true;
	case BPF_LSH:
		*out = a << count;
		return true;
	case BPF_RSH:
		*out = a >> count;
		return true;
	case BPF_NEG:
		*out = 0 - a;
		return true;
	case BPF_MOV:
		*out = b;
		return true;
	default:
		return false;
	}
}

static int arithmetic(struct cpu *c, const struct bpf_insn *i)
{
	bool wide = BPF_CLASS(i->code) == BPF_ALU64, is_x = BPF_SRC(i->code) == BPF_X;
	int op = BPF_OP(i->code);
	uint64_t a = c->r[i->dst_reg], b = is_x ? c->r[i->src_reg] : (uint64_t)(int64_t)i->imm;
	bool needs_a = op != BPF_MOV;

	if (op == BPF_END)
		return byte_swap(c, i);
	if ((needs_a && !c->set[i->dst_reg]) || (is_x && !c->set[i->src_reg]))
		return fault(c->m, c->pc, "uses a register that nothing was written to");
	if (i->dst_reg == BPF_REG_10)
		return fault(c->m, c->pc, "writes to the frame pointer");
	if (!wide) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	if (!compute(op, wide, a, b, &c->r[i->dst_reg]))
		return fault(c->m, c->pc, "unknown operation 0x%x", i->code);
	if (!wide)
		c->r[i->dst_reg] = (uint32_t)c->r[i->dst_reg];
	c->set[i->dst_reg] = true;
	c->known[i->dst_reg] = (!needs_a || c->known[i->dst_reg]) && (!is_x || c->known[i->src_reg]);
	if (!is_x && !i->imm && (op == BPF_AND || op == BPF_MUL))
		c->known[i->dst_reg] = true;
	return 0;
}

static bool holds(int op, uint64_t a, uint64_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return a & b;
	default:
		return op == BPF_JA;
	}
}

static int tail_call(struct cpu *c)
{
	for (int r = 1; r <= 3; r++) {
		if (!c->set[r])
			return fault(c->m, c->pc, "tail call without r%d", r);
	}
	if (c->r[1] != CONTEXT || c->r[2] != SLOTS_MAP || c->r[3] != SLOT_RESUME)
		return fault(c->m, c->pc, "tail call of slot %llu", (unsigned long long)c->r[3]);
	if (c->known[3])
		return fault(c->m, c->pc, "the slot is known while loading");
	c->m->resumed = true;
	return 1;
}

/* 1: the program is left. */
static int call(struct cpu *c, int helper)
{
	uint32_t *key;

	switch (helper) {
	case BPF_FUNC_get_smp_processor_id:
		c->r[0] = CPU;
		break;
	case BPF_FUNC_map_lookup_elem:
		key = c->set[1] && c->set[2] && c->r[1] == WORKS_MAP ? memory(c, c->r[2], 4, false) : NULL;
		if (!key || *key != CPU)
			return fault(c->m, c->pc, "looks something else up");
		c->r[0] = (uint64_t)(uintptr_t)c->m->work;
		break;
	case BPF_FUNC_tail_call:
		return tail_call(c);
	default:
		return fault(c->m, c->pc, "calls helper %d", helper);
	}
	c->set[0] = true;
	c->known[0] = false;
	for (int r = 1; r <= 5; r++) {
		c->set[r] = false;
		c->r[r] = 0xdeadbeefdeadbeefu;
	}
	return 0;
}

/* 1: the program is left. */
static int jump(struct cpu *c, const struct bpf_insn *i)
{
	uint64_t a = c->r[i->dst_reg], b;
	bool is_x = BPF_SRC(i->code) == BPF_X;

	if (BPF_OP(i->code) == BPF_CALL)
		return call(c, i->imm);
	if (BPF_OP(i->code) == BPF_EXIT)
		return !c->set[0] || c->r[0] ? fault(c->m, c->pc, "returns not 0") : 1;
	b = is_x ? c->r[i->src_reg] : (uint64_t)(int64_t)i->imm;
	if (BPF_OP(i->code) != BPF_JA && (!c->set[i->dst_reg] || (is_x && !c->set[i->src_reg])))
		return fault(c->m, c->pc, "uses a register that nothing was written to");
	if (BPF_CLASS(i->code) == BPF_JMP32) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	if (holds(BPF_OP(i->code), a, b))
		c->pc += (size_t)i->off;
	return 0;
}

static int load_map(struct cpu *c, const struct bpf_insn *i)
{
	if (i->src_reg != BPF_PSEUDO_MAP_FD)
		return fault(c->m, c->pc, "not a map");
	if (i->imm == c->m->target.works_fd)
		c->r[i->dst_reg] = WORKS_MAP;
	else if (i->imm == c->m->target.slots_fd)
		c->r[i->dst_reg] = SLOTS_MAP;
	else
		return fault(c->m, c->pc, "map %d", i->imm);
	c->set[i->dst_reg] = true;
	c->known[i->dst_reg] = true;
	c->pc++;
	return 0;
}

static int step(struct cpu *c, const struct bpf_insn *i)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return arithmetic(c, i);
	case BPF_JMP:
	case BPF_JMP32:
		return jump(c, i);
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return access_memory(c, i);
	default:
		return load_map(c, i);
	}
}

int machine_run(struct machine *m, const struct bpf_insn *insns, size_t n)
{
	struct cpu c = { .m = m };
	int ret = 0;

	c.r[1] = CONTEXT;
	c.set[1] = true;
	c.r[10] = (uint64_t)(uintptr_t)(c.stack + STACK);
	c.set[10] = true;
	m->resumed = false;
	for (m->steps = 0; !ret; m->steps++, c.pc++) {
		if (c.pc >= n || m->steps > STEPS_MAX)
			return fault(m, c.pc, "the program does not end");
		ret = step(&c, &insns[c.pc]);
	}
	return ret < 0 ? -1 : 0;
}
