/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trampolines (fentry): copies of function_fentry with other cookies. Several
 * threads share loading them, because it is the verifier's work.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/skel.h"
#include "trace/attach/attach.h"
#include "trace/attach/program_copy.h"

#define FUNCTIONS_MAX 64 /* each is detached by itself: a tenth of a second */
#define LOADERS_MAX 8
#define MODULES_MAX 64

struct copy {
	size_t probe;
	int prog, link; /* -1: none */
	int error;	/* -errno of loading it */
	uint32_t held;
};

struct module_btf {
	const char *name; /* of a probe in the table */
	int fd;		  /* -errno */
};

struct attacher {
	struct attach_target target;
	struct copy *v; /* what is attached */
	size_t n;
	_Atomic uint64_t skipped;     /* by programs that are gone */
	struct program_copy original; /* once it was loaded */
	size_t cookie_at;
	/* while a set is loaded: later a module of that name may be another one */
	struct module_btf module[MODULES_MAX];
	size_t nmodules;
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
	err = program_copy_take(&a->original, skel->progs.function_fentry, skel->obj);
	return err ? err : find_cookie(a);
}

/* --- loading ------------------------------------------------------------------------ */

/* 0: the kernel's own. Opened before the loaders begin. */
static int module_btf(struct attacher *a, const char *name)
{
	if (!name)
		return 0;
	for (size_t i = 0; i < a->nmodules; i++) {
		if (!strcmp(a->module[i].name, name))
			return a->module[i].fd;
	}
	if (a->nmodules == MODULES_MAX)
		return -EMFILE;
	a->module[a->nmodules] = (struct module_btf){ .name = name, .fd = module_btf_open(name) };
	return a->module[a->nmodules++].fd;
}

static void forget_modules(struct attacher *a)
{
	while (a->nmodules) {
		if (a->module[--a->nmodules].fd >= 0)
			close(a->module[a->nmodules].fd);
	}
}

static int load_copy(struct attacher *a, struct bpf_insn *insns, size_t probe)
{
	const struct probe *p = &a->target.table->v[probe];
	const uint64_t cookie = attach_cookie(a->target.table, probe, 0);
	int module = module_btf(a, p->module);

	if (module < 0)
		return module;
	insns[a->cookie_at].imm = (__s32)cookie;
	insns[a->cookie_at + 1].imm = (__s32)(cookie >> 32);
	return program_copy_load(&a->original, insns, BPF_TRACE_FENTRY, module, p->btf_id);
}

struct loading {
	struct attacher *a;
	struct copy *v;
	size_t n;
	_Atomic size_t next;
};

static void *load_some(void *arg)
{
	struct loading *l = arg;
	struct attacher *a = l->a;
	struct bpf_insn *insns = calloc(a->original.ninsns, sizeof(*insns));

	if (insns)
		memcpy(insns, a->original.insns, a->original.ninsns * sizeof(*insns));
	for (size_t i; (i = atomic_fetch_add(&l->next, 1)) < l->n;) {
		int fd = atomic_load(a->target.cancel) ? -ECANCELED
			 : insns		       ? load_copy(a, insns, l->v[i].probe)
						       : -ENOMEM;

		l->v[i].prog = fd < 0 ? -1 : fd;
		l->v[i].error = fd < 0 ? fd : 0;
	}
	free(insns);
	return NULL;
}

static void load_all(struct attacher *a, struct copy *v, size_t n)
{
	struct loading l = { .a = a, .v = v, .n = n };
	pthread_t thread[LOADERS_MAX];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int more = 0;

	for (size_t i = 0; i < n; i++)
		module_btf(a, a->target.table->v[v[i].probe].module);
	while (more < LOADERS_MAX && more + 1 < cpus && (size_t)more + 1 < n &&
		!pthread_create(&thread[more], NULL, load_some, &l))
		more++;
	load_some(&l);
	while (more)
		pthread_join(thread[--more], NULL);
	forget_modules(a);
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
	if (!err) {
		load_all(a, v, n);
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
