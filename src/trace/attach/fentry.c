/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trampolines (fentry). A program is verified against the types of one
 * function, so each function has one of its own: the instructions of
 * function_fentry as libbpf has relocated them, with another cookie. libbpf
 * opens and relocates once; loading a copy is one system call, and several
 * threads share the work, because it is the verifier's.
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

#define FUNCTIONS_MAX 64 /* each is detached by itself: a tenth of a second */
#define LOADERS_MAX 8
#define MODULES_MAX 64
/* The kernel's own number for "not supported", which no C library knows. */
#define KERNEL_ENOTSUPP 524

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
	_Atomic uint64_t skipped; /* by programs that are gone */
	/* what is copied; once it was loaded */
	struct bpf_insn *insns;
	size_t ninsns;
	size_t cookie_at;
	struct bpf_func_info *funcs;
	size_t nfuncs;
	int btf;
	/* while a set is loaded: later a module of that name may be another one */
	struct module_btf module[MODULES_MAX];
	size_t nmodules;
};

/* --- what is copied --------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct bpf_func_info *x = a, *y = b;

	return (x->insn_off > y->insn_off) - (x->insn_off < y->insn_off);
}

/* Where the functions in the program begin: wherever a call or an address of one leads. */
static void find_functions(struct attacher *a)
{
	size_t n = 0;

	a->funcs[n++].insn_off = 0;
	for (size_t i = 0; i < a->ninsns; i++) {
		const struct bpf_insn *insn = &a->insns[i];
		__u32 to = i + insn->imm + 1;
		bool known = false;

		if (!(insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) &&
			!(insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg == BPF_PSEUDO_FUNC))
			continue;
		for (size_t j = 0; j < n; j++)
			known = known || a->funcs[j].insn_off == to;
		if (!known && n <= a->nfuncs)
			a->funcs[n++].insn_off = to;
	}
	qsort(a->funcs, n, sizeof(*a->funcs), by_place);
	a->nfuncs = n;
}

/*
 * Their types, in order, as the kernel has them of the loaded program. It also
 * says where they begin, but in its own instructions.
 */
static int find_types(struct attacher *a, int prog)
{
	struct bpf_prog_info info = { 0 };
	struct bpf_func_info *types;
	__u32 len = sizeof(info);
	int err = 0;

	if (bpf_obj_get_info_by_fd(prog, &info, &len))
		return -errno;
	a->nfuncs = info.nr_func_info;
	types = calloc(a->nfuncs + 1, sizeof(*types));
	a->funcs = calloc(a->nfuncs + 2, sizeof(*a->funcs));
	if (!types || !a->funcs) {
		free(types);
		return -ENOMEM;
	}
	info = (struct bpf_prog_info){
		.func_info = (uintptr_t)types, .nr_func_info = a->nfuncs, .func_info_rec_size = sizeof(*types)
	};
	len = sizeof(info);
	if (bpf_obj_get_info_by_fd(prog, &info, &len))
		err = -errno;
	find_functions(a);
	if (!err && a->nfuncs != info.nr_func_info)
		err = -EBADMSG;
	for (size_t i = 0; !err && i < a->nfuncs; i++)
		a->funcs[i].type_id = types[i].type_id;
	free(types);
	return err;
}

static int find_cookie(struct attacher *a)
{
	for (size_t i = 0; i + 1 < a->ninsns; i++) {
		const struct bpf_insn *insn = &a->insns[i];

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
	const struct bpf_program *prog = skel->progs.function_fentry;
	int err;

	if (a->insns)
		return 0;
	a->ninsns = bpf_program__insn_cnt(prog);
	a->insns = calloc(a->ninsns + 1, sizeof(*a->insns));
	if (!a->insns)
		return -ENOMEM;
	memcpy(a->insns, bpf_program__insns(prog), a->ninsns * sizeof(*a->insns));
	a->btf = bpf_object__btf_fd(skel->obj);
	err = find_cookie(a);
	return err ? err : find_types(a, bpf_program__fd(prog));
}

/* --- loading ------------------------------------------------------------------------ */

static int open_module_btf(const char *name)
{
	__u32 id = 0;

	while (!bpf_btf_get_next_id(id, &id)) {
		char found[64] = "";
		struct bpf_btf_info info = { .name = (uintptr_t)found, .name_len = sizeof(found) };
		__u32 len = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue; /* gone, or not for us */
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.kernel_btf && !strcmp(found, name))
			return fd;
		close(fd);
	}
	return -ENOENT;
}

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
	a->module[a->nmodules] = (struct module_btf){ .name = name, .fd = open_module_btf(name) };
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
	int module = module_btf(a, p->module), fd;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY,
		.attach_btf_id = p->btf_id, .prog_btf_fd = a->btf, .func_info = a->funcs,
		.func_info_cnt = a->nfuncs, .func_info_rec_size = sizeof(*a->funcs));

	if (!p->btf_id)
		return -ENOENT;
	if (module < 0)
		return module;
	opts.attach_btf_obj_fd = module;
	insns[a->cookie_at].imm = (__s32)cookie;
	insns[a->cookie_at + 1].imm = (__s32)(cookie >> 32);
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "function_fentry", "GPL", insns, a->ninsns, &opts);
	if (fd >= 0)
		return fd;
	return errno == KERNEL_ENOTSUPP ? -EOPNOTSUPP : -errno;
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
	struct bpf_insn *insns = calloc(a->ninsns, sizeof(*insns));

	if (insns)
		memcpy(insns, a->insns, a->ninsns * sizeof(*insns));
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

static uint64_t skipped_by(const struct copy *c)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(c->prog, &info, &len) ? 0 : info.recursion_misses;
}

static uint64_t fentry_skipped(const struct attacher *a)
{
	uint64_t sum = atomic_load(&a->skipped);

	for (size_t i = 0; i < a->n; i++)
		sum += skipped_by(&a->v[i]);
	return sum;
}

static void copy_close(struct attacher *a, struct copy *c)
{
	if (c->link >= 0)
		close(c->link);
	if (c->held)
		guard_drop(a->target.guard, c->held);
	if (c->prog >= 0) {
		atomic_fetch_add(&a->skipped, skipped_by(c));
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
		c->link = bpf_link_create(c->prog, 0, BPF_TRACE_FENTRY, NULL);
		if (c->link < 0)
			err = errno == KERNEL_ENOTSUPP ? -EOPNOTSUPP : -errno;
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
	free(a->insns);
	free(a->funcs);
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
