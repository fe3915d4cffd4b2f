/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kprobes defined in tracefs, for kernels without kprobe.multi. Many probes
 * share one event name, and one perf event with one BPF link serves them all:
 * a thousand single kprobes would take two minutes to detach (one grace period
 * each), this takes half a second.
 *
 * A unit is such an event: functions of one layer that came together, so that
 * layers come and go without the rest. Fewer would detach sooner (25 ms each),
 * but not by layer. Single functions that are switched off are silenced by the
 * config map and stay attached until their unit goes.
 *
 * The functions of a module are a unit of their own: when it is unloaded the
 * kernel disarms their probes (kernel/kprobes.c, kprobes_module_callback), and
 * the rest must be able to stay. Probes defined by address do not come back by
 * themselves with the module, which may lie elsewhere then.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/skel.h"
#include "trace/attach/attach.h"
#include "trace/discover/kernel.h"

struct unit {
	struct unit *next;
	struct bpf_link *link;
	uint32_t held;
	char event[64]; /* "Layer_serial" */
	size_t *probe;
	uint64_t *at; /* address of each probe, for the address map */
	size_t n;
};

struct attacher {
	struct attach_target target;
	struct unit *units;
	struct unit *defined; /* by prepare(), not linked yet */
	char group[32];
	int definitions; /* kprobe_events */
	unsigned int serial;
	size_t done, total;
};

#define OFFSETS 3

/*
 * Behind the call of ftrace at a function's entry, so that the probe is a
 * plain one: ftrace-based kprobes take a grace period each. 5 bytes, after 4
 * bytes of endbr64 where the kernel is built with IBT (5 is then the middle of
 * an instruction and refused; the other way round 9 may be anywhere). The
 * arguments are still in their registers. 0 is the last resort.
 */
static const int offsets[OFFSETS] = { 5, 9, 0 };

/*
 * The last function of a module must not get a plain one. The kernel looks then
 * whether it could become a jump and decodes the function up to the next name,
 * here to the end of the page (can_optimize, arch/x86/kernel/kprobes/opt.c).
 * Since 6.4 nothing needs to be mapped behind a module's code; decoding zeros
 * beyond it ends in an oops (6.12: ipcomp_input of xfrm_ipcomp). The call of
 * ftrace is a place where it does not look: 4 with endbr64, else 0.
 */
static const int end_offsets[OFFSETS] = { 4, 0, 0 };

/* Tries the places until one is at an instruction's start. */
static int define_one(struct attacher *a, struct unit *u, size_t i)
{
	const struct probe *p = &a->target.table->v[u->probe[i]];
	char line[160];
	int err = -EILSEQ;

	for (int k = 0; k < OFFSETS && err == -EILSEQ; k++) {
		int n;

		u->at[i] = p->addr + (p->at_end ? end_offsets : offsets)[k];
		/* By address: looking up a name walks all symbols (7 ms before
		 * 6.2). The number makes it another probe than the others of
		 * the event (kernel/trace/trace_kprobe.c compares arguments, not
		 * addresses); it is never fetched, our program answers 0. */
		n = snprintf(line, sizeof(line), "p:%s/%s 0x%llx n=\\%zu\n", a->group, u->event,
			(unsigned long long)u->at[i], u->probe[i]);
		err = write(a->definitions, line, n) == n ? 0 : -errno;
	}
	return err;
}

static void refuse(struct attacher *a, struct unit *u, size_t i, int err)
{
	struct probe *p = &a->target.table->v[u->probe[i]];

	if (err != -ECANCELED) {
		atomic_store(&p->error, -err);
		atomic_store(&p->state, PROBE_REFUSED);
	}
	u->n--;
	memmove(&u->probe[i], &u->probe[i + 1], (u->n - i) * sizeof(*u->probe));
	memmove(&u->at[i], &u->at[i + 1], (u->n - i) * sizeof(*u->at));
}

static void define(struct attacher *a, struct unit *u)
{
	for (size_t i = 0; i < u->n;) {
		int err = atomic_load(a->target.cancel) ? -ECANCELED : define_one(a, u, i);

		if (err)
			refuse(a, u, i, err);
		else
			i++;
	}
}

static void undefine(struct attacher *a, const struct unit *u)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "-:%s/%s\n", a->group, u->event);

	/* what stays is removed by the guard at the end */
	if (write(a->definitions, line, n) != n && a->target.verbose)
		fprintf(stderr, "skbscope: %.*s: %s\n", n - 1, line, strerror(errno));
}

static int open_event(const struct attacher *a, const struct unit *u)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1
	};
	char path[256], id[32];
	int fd, err;

	snprintf(path, sizeof(path), "%s/events/%s/%s/id", tracefs_path(), a->group, u->event);
	err = file_read_line(path, id, sizeof(id));
	if (err)
		return err;
	attr.config = strtoull(id, NULL, 10);
	/* one CPU is enough: a BPF program on a kprobe event runs on all */
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int link_unit(struct attacher *a, struct unit *u)
{
	int map = bpf_map__fd((*a->target.skel)->maps.addresses);
	int fd;

	for (size_t i = 0; i < u->n; i++) {
		__u64 key = u->at[i], cookie = attach_cookie(a->target.table, u->probe[i], 0);

		if (bpf_map_update_elem(map, &key, &cookie, BPF_ANY))
			return -errno;
	}
	fd = open_event(a, u);
	if (fd < 0)
		return fd;
	u->link = bpf_program__attach_perf_event((*a->target.skel)->progs.function_kprobe, fd);
	if (!u->link) {
		int err = -errno;

		close(fd);
		return err;
	}
	guard_hold(a->target.guard, bpf_link__fd(u->link), GUARD_FUNCTIONS, &u->held);
	for (size_t i = 0; i < u->n; i++)
		atomic_store(&a->target.table->v[u->probe[i]].state, PROBE_ATTACHED);
	return 0;
}

static void unit_free(struct unit *u)
{
	free(u->probe);
	free(u->at);
	free(u);
}

static void unit_close(struct attacher *a, struct unit *u)
{
	int map = bpf_map__fd((*a->target.skel)->maps.addresses);

	if (u->link)
		bpf_link__destroy(u->link);
	u->link = NULL;
	if (u->held)
		guard_drop(a->target.guard, u->held);
	undefine(a, u);
	for (size_t i = 0; i < u->n; i++) {
		struct probe *p = &a->target.table->v[u->probe[i]];
		__u64 key = u->at[i];

		bpf_map_delete_elem(map, &key);
		if (atomic_load(&p->state) == PROBE_ATTACHED)
			atomic_store(&p->state, PROBE_IDLE);
	}
	unit_free(u);
}

static struct unit *unit_new(struct attacher *a, const size_t *probe, size_t n)
{
	const struct probe *first = &a->target.table->v[probe[0]];
	struct unit *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->probe = calloc(n, sizeof(*u->probe));
	u->at = calloc(n, sizeof(*u->at));
	if (!u->probe || !u->at) {
		unit_free(u);
		return NULL;
	}
	memcpy(u->probe, probe, n * sizeof(*probe));
	u->n = n;
	snprintf(u->event, sizeof(u->event), "%s_%u", layer_name(first->class.layer), ++a->serial);
	return u;
}

static int unit_split(struct attacher *a, struct unit *u);

/* Links a unit that is defined; where that is refused, in halves. */
static int unit_attach(struct attacher *a, struct unit *u)
{
	int err = u->n ? link_unit(a, u) : 0;

	if (!err && u->n) {
		u->next = a->units;
		a->units = u;
		return 0;
	}
	if (err && u->n > 1)
		return unit_split(a, u);
	if (err) {
		struct probe *p = &a->target.table->v[u->probe[0]];

		atomic_store(&p->error, -err);
		atomic_store(&p->state, PROBE_REFUSED);
	}
	unit_close(a, u);
	return 0;
}

static int unit_split(struct attacher *a, struct unit *u)
{
	size_t half = u->n / 2;
	struct unit *first = unit_new(a, u->probe, half);
	struct unit *second = unit_new(a, u->probe + half, u->n - half);
	int err = first && second ? 0 : -ENOMEM;

	unit_close(a, u);
	if (!err) {
		define(a, first);
		define(a, second);
		err = unit_attach(a, first);
		first = NULL;
	}
	if (!err) {
		err = unit_attach(a, second);
		second = NULL;
	}
	if (first)
		unit_free(first);
	if (second)
		unit_free(second);
	return err;
}

/*
 * Closes units of which little is wanted; what is wanted of them is attached
 * again with the rest and misses hits in between. Those of which most is
 * wanted stay: the config map silences the others.
 */
static void close_unwanted(struct attacher *a, const bool *wanted)
{
	struct unit **at = &a->units;

	while (*at) {
		struct unit *u = *at;
		size_t n = 0;

		for (size_t i = 0; i < u->n; i++)
			n += wanted[u->probe[i]];
		if (n * 2 > u->n) {
			at = &u->next;
			continue;
		}
		*at = u->next;
		unit_close(a, u);
	}
}

/* Does the function belong into the unit that begins with first? */
static bool same_unit(const struct probe *first, const struct probe *p)
{
	if (first->module || p->module)
		return first->module && p->module && !strcmp(first->module, p->module);
	return first->class.layer == p->class.layer;
}

/* Takes out of todo what belongs together with its first one. */
static size_t collect(const struct attacher *a, size_t *todo, size_t *left, size_t *out)
{
	const struct probe *v = a->target.table->v, *first = &v[todo[0]];
	size_t n = 0, rest = 0;

	for (size_t i = 0; i < *left; i++) {
		if (same_unit(first, &v[todo[i]]))
			out[n++] = todo[i];
		else
			todo[rest++] = todo[i];
	}
	*left = rest;
	return n;
}

/* New units, defined, one a layer and one a module. */
static struct unit *define_wanted(struct attacher *a, const bool *wanted, int *err)
{
	const struct probe_table *table = a->target.table;
	size_t cap = probe_capacity(table), left = 0;
	size_t *todo = calloc(2 * cap + 1, sizeof(*todo));
	struct unit *list = NULL, **tail = &list;

	*err = todo ? 0 : -ENOMEM;
	a->done = a->total = 0;
	for (size_t i = 0; !*err && i < table->n; i++) {
		if (wanted[i] && atomic_load(&table->v[i].state) == PROBE_IDLE)
			todo[left++] = i;
	}
	while (left && !*err) {
		size_t n = collect(a, todo, &left, todo + cap);

		*tail = unit_new(a, todo + cap, n);
		if (!*tail) {
			*err = -ENOMEM;
			break;
		}
		define(a, *tail);
		a->total += (*tail)->n;
		tail = &(*tail)->next;
	}
	free(todo);
	return list;
}

/* First all are defined, then all linked. */
static int tracefs_prepare(struct attacher *a, const bool *wanted)
{
	int err;

	if (a->definitions < 0)
		return -EOPNOTSUPP;
	guard_expedite(a->target.guard, true);
	a->defined = define_wanted(a, wanted, &err);
	return err;
}

static int link_defined(struct attacher *a)
{
	int err = 0;

	while (a->defined) {
		struct unit *u = a->defined;

		a->defined = u->next;
		u->next = NULL;
		if (err || atomic_load(a->target.cancel)) {
			unit_close(a, u);
			continue;
		}
		a->done += u->n;
		err = unit_attach(a, u);
		if (a->target.progress)
			a->target.progress(a->target.ctx, a->done, a->total);
	}
	return err;
}

/* All of them: then it is something else. They may be tried again. */
static int all_refused(const struct attacher *a, const bool *wanted)
{
	int err = 0;

	for (size_t i = 0; i < a->target.table->n; i++) {
		const struct probe *p = &a->target.table->v[i];

		if (!wanted[i])
			continue;
		if (atomic_load(&p->state) != PROBE_REFUSED)
			return 0;
		err = -atomic_load(&p->error);
	}
	for (size_t i = 0; err && i < a->target.table->n; i++) {
		if (wanted[i])
			atomic_store(&a->target.table->v[i].state, PROBE_IDLE);
	}
	return err;
}

static int tracefs_set(struct attacher *a, const bool *wanted)
{
	int err;

	guard_expedite(a->target.guard, true);
	/* what was prepared may not be what is wanted by now */
	err = link_defined(a);
	close_unwanted(a, wanted);
	if (!err)
		err = tracefs_prepare(a, wanted);
	if (!err)
		err = link_defined(a);
	guard_expedite(a->target.guard, false);
	if (!err && atomic_load(a->target.cancel))
		err = -ECANCELED;
	return err ? err : all_refused(a, wanted);
}

static struct attacher *tracefs_open(const struct attach_target *target)
{
	struct attacher *a = calloc(1, sizeof(*a));
	char path[256];

	if (!a)
		return NULL;
	a->target = *target;
	guard_group(a->group, sizeof(a->group), getpid());
	snprintf(path, sizeof(path), "%s/kprobe_events", tracefs_path());
	/* append: opening it otherwise removes everybody's probes */
	a->definitions = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	return a;
}

static void tracefs_close(struct attacher *a)
{
	if (!a)
		return;
	while (a->defined) {
		struct unit *u = a->defined;

		a->defined = u->next;
		unit_free(u); /* the guard removes the definitions */
	}
	while (a->units) {
		struct unit *u = a->units;

		a->units = u->next;
		if (u->link)
			bpf_link__destroy(u->link);
		unit_free(u);
	}
	if (a->definitions >= 0)
		close(a->definitions);
	free(a);
}

const struct attach_ops attach_tracefs = {
	.name = "kprobe",
	.needs = "CONFIG_KPROBE_EVENTS and tracefs",
	.open = tracefs_open,
	.prepare = tracefs_prepare,
	.set = tracefs_set,
	.close = tracefs_close,
};
