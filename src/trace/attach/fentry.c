/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trampolines (fentry): copies of function_fentry with other cookies. Several
 * threads share loading them, because it is the verifier's work.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/skel.h"
#include "trace/attach/attach.h"
#include "trace/attach/kept_programs.h"
#include "trace/attach/program_load.h"

#define FUNCTIONS_MAX 64 /* each is detached by itself: a tenth of a second */

struct copy {
	size_t probe;
	int prog, link; /* -1: none */
	int error;	/* -errno of loading it */
	uint32_t held;
};

struct attacher {
	struct attach_target target;
	struct copy *v; /* what is attached */
	size_t n;
	_Atomic uint64_t skipped;     /* by programs that are gone */
	struct program_copy original; /* once it was loaded */
	size_t cookie_at;
};

/* --- what is copied --------------------------------------------------------------- */

static int find_cookie(struct attacher *a)
{
	for (size_t i = 0; i + 1 < a->original.ninsns; i++) {
		const struct bpf_insn *insn = &a->original.insns[i];

		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW) && !insn->src_reg &&
			(__u32)insn[0].imm == (__u32)FENTRY_COOKIE &&
			(__u32)insn[1].imm == FENTRY_COOKIE >> 32) {
			a->cookie_at = i;
			return 0;
		}
	}
	return -EBADMSG;
}

static int take_original(struct attacher *a)
{
	struct skbscope_bpf *skel = *a->target.skel;
	int err;

	if (a->original.insns)
		return 0;
	err = kept_programs_take(a->target.kept, skel->progs.function_fentry, &a->original);
	return err ? err : find_cookie(a);
}

/* --- loading ------------------------------------------------------------------------ */

static bool is_cancelled(void *attacher)
{
	return atomic_load(((const struct attacher *)attacher)->target.cancel);
}

static int load_all(struct attacher *a, struct copy *v, size_t n)
{
	struct program_load *load = calloc(n + 1, sizeof(*load));
	struct module_fds modules = { .n = 0 };

	if (!load)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct probe *p = &a->target.table->v[v[i].probe];

		load[i] = (struct program_load){
			.copy = &a->original,
			.type = BPF_TRACE_FENTRY,
			.module = module_fds_get(&modules, p->module),
			.btf_id = p->btf_id,
			.edited = true,
			.cookie_at = a->cookie_at,
			.cookie = attach_cookie(a->target.table, v[i].probe, 0),
		};
	}
	programs_load_copies(load, n, is_cancelled, a);
	for (size_t i = 0; i < n; i++) {
		v[i].prog = load[i].prog < 0 ? -1 : load[i].prog;
		v[i].error = load[i].prog < 0 ? load[i].prog : 0;
	}
	module_fds_close(&modules);
	free(load);
	return 0;
}

/* --- the set ------------------------------------------------------------------------ */

static uint64_t fentry_skipped(const struct attacher *a)
{
	uint64_t sum = atomic_load(&a->skipped);

	for (size_t i = 0; i < a->n; i++)
		sum += program_skipped(a->v[i].prog);
	return sum;
}

static void copy_close(struct attacher *a, struct copy *c)
{
	if (c->link >= 0)
		close(c->link);
	if (c->held)
		guard_drop(a->target.guard, c->held);
	if (c->prog >= 0) {
		atomic_fetch_add(&a->skipped, program_skipped(c->prog));
		close(c->prog);
	}
}

static void refuse(struct attacher *a, const struct copy *c, int err)
{
	struct probe *p = &a->target.table->v[c->probe];

	if (err == -ECANCELED)
		return;
	atomic_store(&p->error, -err);
	atomic_store(&p->state, PROBE_REFUSED);
}

static void attach_one(struct attacher *a, struct copy *c)
{
	int err = c->error;

	if (!err) {
		c->link = program_copy_attach(c->prog, BPF_TRACE_FENTRY);
		err = c->link < 0 ? c->link : 0;
	}
	if (err) {
		refuse(a, c, err);
		copy_close(a, c);
		return;
	}
	guard_hold(a->target.guard, c->link, GUARD_FUNCTIONS, &c->held);
	a->v[a->n++] = *c;
	atomic_store(&a->target.table->v[c->probe].state, PROBE_ATTACHED);
}

static void close_unwanted(struct attacher *a, const bool *wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		struct copy *c = &a->v[i];
		struct probe *p = &a->target.table->v[c->probe];

		if (wanted[c->probe]) {
			a->v[n++] = *c;
			continue;
		}
		copy_close(a, c);
		if (atomic_load(&p->state) == PROBE_ATTACHED) /* and not gone */
			atomic_store(&p->state, PROBE_IDLE);
	}
	a->n = n;
}

/* Those to be attached, into v. */
static size_t collect(const struct attacher *a, const bool *wanted, struct copy *v)
{
	const struct probe_table *table = a->target.table;
	size_t n = 0;

	for (size_t i = 0; i < table->n; i++) {
		if (wanted[i] && atomic_load(&table->v[i].state) == PROBE_IDLE)
			v[n++] = (struct copy){ .probe = i, .prog = -1, .link = -1 };
	}
	return n;
}

/* None of them: then it is something else. They may be tried again. */
static int all_refused(const struct attacher *a, const struct copy *v, size_t n)
{
	int err = 0;

	if (a->n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct probe *p = &a->target.table->v[v[i].probe];

		if (atomic_load(&p->state) == PROBE_REFUSED)
			err = -atomic_load(&p->error);
		atomic_store(&p->state, PROBE_IDLE);
	}
	return err;
}

static int fentry_set(struct attacher *a, const bool *wanted)
{
	struct copy *v = calloc(a->target.table->n + 1, sizeof(*v));
	size_t n = 0, stay = 0;
	int err = v ? take_original(a) : -ENOMEM;

	if (!err) {
		n = collect(a, wanted, v);
		for (size_t i = 0; i < a->n; i++)
			stay += wanted[a->v[i].probe];
		if (stay + n > FUNCTIONS_MAX)
			err = -E2BIG;
	}
	if (!err)
		err = load_all(a, v, n);
	if (!err) {
		close_unwanted(a, wanted);
		for (size_t i = 0; i < n; i++) {
			if (atomic_load(a->target.cancel))
				v[i].error = -ECANCELED;
			attach_one(a, &v[i]);
			if (a->target.progress)
				a->target.progress(a->target.ctx, i + 1, n);
		}
		err = atomic_load(a->target.cancel) ? -ECANCELED : all_refused(a, v, n);
	}
	free(v);
	return err;
}

static struct attacher *fentry_open(const struct attach_target *target)
{
	struct attacher *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->target = *target;
	a->v = calloc(FUNCTIONS_MAX, sizeof(*a->v));
	if (a->v)
		return a;
	free(a);
	return NULL;
}

static void fentry_close(struct attacher *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++) {
		close(a->v[i].link);
		close(a->v[i].prog);
	}
	program_copy_free(&a->original);
	free(a->v);
	free(a);
}

const struct attach_ops attach_fentry = {
	.name = "fentry",
	.needs = "BPF trampolines, 5.19 or later",
	.limit = FUNCTIONS_MAX,
	.open = fentry_open,
	.set = fentry_set,
	.skipped = fentry_skipped,
	.close = fentry_close,
};
