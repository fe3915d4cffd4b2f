/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/attach/program_load.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOADERS_MAX 8

int module_fds_get(struct module_fds *m, const char *name)
{
	if (!name)
		return 0;
	for (size_t i = 0; i < m->n; i++) {
		if (!strcmp(m->v[i].name, name))
			return m->v[i].fd;
	}
	if (m->n == MODULE_FDS_MAX)
		return -EMFILE;
	m->v[m->n].name = name;
	m->v[m->n].fd = module_btf_open(name);
	return m->v[m->n++].fd;
}

void module_fds_close(struct module_fds *m)
{
	while (m->n) {
		if (m->v[--m->n].fd >= 0)
			close(m->v[m->n].fd);
	}
}

static int load_edited(const struct program_load *p)
{
	const struct program_copy *c = p->copy;
	struct bpf_insn *insns = calloc(c->ninsns, sizeof(*insns));
	int fd;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, c->insns, c->ninsns * sizeof(*insns));
	insns[p->cookie_at].imm = (__s32)p->cookie;
	insns[p->cookie_at + 1].imm = (__s32)(p->cookie >> 32);
	fd = program_copy_load(c, insns, p->type, p->module, p->btf_id);
	free(insns);
	return fd;
}

static int load_one(const struct program_load *p)
{
	if (p->module < 0)
		return p->module;
	return p->edited ? load_edited(p)
			 : program_copy_load(p->copy, p->copy->insns, p->type, p->module, p->btf_id);
}

struct loading {
	struct program_load *v;
	size_t n;
	_Atomic size_t next;
	bool (*cancelled)(void *ctx);
	void *ctx;
};

static void *load_some(void *arg)
{
	struct loading *l = arg;

	for (size_t i; (i = atomic_fetch_add(&l->next, 1)) < l->n;)
		l->v[i].prog = l->cancelled(l->ctx) ? -ECANCELED : load_one(&l->v[i]);
	return NULL;
}

void programs_load_copies(
	struct program_load *v, size_t n, bool (*cancelled)(void *ctx), void *cancelled_ctx)
{
	struct loading l = { .v = v, .n = n, .cancelled = cancelled, .ctx = cancelled_ctx };
	pthread_t thread[LOADERS_MAX];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int more = 0;

	while (more < LOADERS_MAX && more + 1 < cpus && (size_t)more + 1 < n &&
		!pthread_create(&thread[more], NULL, load_some, &l))
		more++;
	load_some(&l);
	while (more)
		pthread_join(thread[--more], NULL);
}
