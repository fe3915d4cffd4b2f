/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Jumps only go forward, so one pass is enough: what is reached is known when
 * the pass comes to it. Code that is not reached is left out, because the
 * kernel refuses programs that have some.
 */
#include "trace/filter/generate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "trace/filter/generator.h"

#define PER_CLASSIC 10 /* instructions that one becomes, at most */
#define AROUND 64      /* before the first and behind the last, at most */
#define JUMP_MAX 32767 /* what an instruction's 16 bits can say */

_Static_assert(FILTER_NO >> 2 == 0 && FILTER_YES >> 2 == 0 && FILTER_CUT >> 2 == 0, "see end()");

/*
 * The verifier wants to see something in M[k] before it is read. libpcap's code
 * does not always care: "geneve or not tcp" reads what it has not written.
 */
static void clear_memory(struct generator *g)
{
	bool used[BPF_MEMWORDS] = { false };

	for (size_t i = 0; i < g->code->n; i++) {
		const struct cbpf_insn *insn = &g->code->v[i];

		if ((insn->code == (BPF_LD | BPF_MEM) || insn->code == (BPF_LDX | BPF_MEM)) &&
			insn->k < BPF_MEMWORDS)
			used[insn->k] = true;
	}
	for (unsigned int k = 0; k < BPF_MEMWORDS; k++) {
		if (used[k])
			emit(g, BPF_ST | BPF_W | BPF_MEM, FP, 0, STACK_M(k), 0);
	}
}

static void begin(struct generator *g)
{
	emit_move(g, CTX, BPF_REG_1);
	emit_call(g, BPF_FUNC_get_smp_processor_id);
	emit_store(g, FP, STACK_CPU, BPF_REG_0);
	emit_move(g, BPF_REG_2, FP);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, (uint32_t)STACK_CPU);
	emit_map(g, BPF_REG_1, g->target->works_fd);
	emit_call(g, BPF_FUNC_map_lookup_elem);
	emit(g, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 2, 0);
	emit_leave(g);
	emit_move(g, WORK, BPF_REG_0);
	emit_load(g, BPF_W, CAPLEN, WORK, IN_WORK(caplen));
	emit_load(g, BPF_W, WIRELEN, WORK, IN_WORK(wirelen));
	emit_set(g, A, 0);
	emit_set(g, X, 0);
	clear_memory(g);
}

static void end(struct generator *g)
{
	if (g->reached[g->cut]) {
		g->where[g->cut] = g->n;
		emit_set(g, RESULT, FILTER_CUT);
		emit_jump(g, BPF_JMP | BPF_JGE | BPF_X, WIRELEN, T1, 0, g->finish);
		emit_set(g, RESULT, FILTER_NO);
	}
	g->where[g->finish] = g->n;
	emit_store(g, WORK, IN_WORK(result), RESULT);
	/*
	 * A slot's number that the kernel knows while it loads the program becomes
	 * a direct jump in machine code, to be patched at every change of the slot.
	 * So it is made from memory: a result shifted until nothing is left.
	 */
	emit_load(g, BPF_W, BPF_REG_3, WORK, IN_WORK(result));
	emit(g, BPF_ALU | BPF_RSH | BPF_K, BPF_REG_3, 0, 0, 2);
	emit(g, BPF_ALU | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, SLOT_RESUME);
	emit_move(g, BPF_REG_1, CTX);
	emit_map(g, BPF_REG_2, g->target->slots_fd);
	emit_call(g, BPF_FUNC_tail_call);
	emit_leave(g); /* nothing is in the slot */
}

static int body(struct generator *g)
{
	g->reached[0] = true;
	for (g->at = 0; g->at < g->code->n; g->at++) {
		int ret;

		if (!g->reached[g->at])
			continue;
		g->where[g->at] = g->n;
		g->goes_on = true;
		ret = generator_translate(g, &g->code->v[g->at]);
		if (ret)
			return ret;
		if (g->goes_on && g->at + 1 == g->code->n)
			return generator_refuse(g, "the program does not end with a return");
		g->reached[g->at + 1] |= g->goes_on;
	}
	return 0;
}

/* Distances of the jumps. */
static int resolve(struct generator *g)
{
	if (g->n > g->cap) {
		generator_refuse(g, "the expression is too long: %zu instructions", g->n);
		return -E2BIG;
	}
	for (size_t i = 0; i < g->n; i++) {
		size_t distance;

		if (!g->to[i])
			continue;
		distance = g->where[g->to[i] - 1] - i - 1;
		if (distance > JUMP_MAX) {
			generator_refuse(g,
				"the expression is too long: a jump over %zu instructions, at most %d",
				distance, JUMP_MAX);
			return -E2BIG;
		}
		g->v[i].off = (__s16)distance;
	}
	return 0;
}

static int prepare(struct generator *g)
{
	size_t n = g->code->n;

	if (!n)
		return generator_refuse(g, "the expression has no code");
	if (n > CLASSIC_MAX) {
		generator_refuse(
			g, "the expression is too long: %zu instructions, at most %u", n, CLASSIC_MAX);
		return -E2BIG;
	}
	g->cut = n;
	g->finish = n + 1;
	g->cap = n * PER_CLASSIC + AROUND;
	g->v = calloc(g->cap, sizeof(*g->v));
	g->to = calloc(g->cap, sizeof(*g->to));
	g->where = calloc(n + 2, sizeof(*g->where));
	g->reached = calloc(n + 2, sizeof(*g->reached));
	if (!g->v || !g->to || !g->where || !g->reached) {
		generator_refuse(g, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	return 0;
}

int filter_generate(const struct filter_code *code, const struct filter_target *target, struct bpf_insn **out,
	size_t *n, char *err, size_t size)
{
	struct generator g = { .code = code, .target = target, .err = err, .size = size };
	int ret = prepare(&g);

	if (ret)
		goto out;
	begin(&g);
	ret = body(&g);
	if (ret)
		goto out;
	end(&g);
	ret = resolve(&g);
	if (ret)
		goto out;
	*out = g.v;
	*n = g.n;
	g.v = NULL;
out:
	free(g.v);
	free(g.to);
	free(g.where);
	free(g.reached);
	return ret;
}
