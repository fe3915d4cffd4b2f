/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kprobe.multi (5.18, CONFIG_FPROBE): one link holds the whole set. A change
 * attaches the next link beside it and closes the old one; meanwhile the program
 * counts a call that comes by both once: no hit is missed and none counted twice.
 *
 * Such a link keeps the modules of its functions from being unloaded (6.2,
 * get_modules_for_addrs in kernel/trace/bpf_trace.c). Those that came while we
 * trace are the ones that may go again: their functions are attached by kprobe
 * events, which hold no module.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace/skel.h"
#include "trace/attach/attach.h"

struct held_link {
	struct bpf_link *link;
	uint32_t held; /* the guard's name for it */
};

struct attacher {
	struct attach_target target;
	struct held_link current;
	size_t linked; /* functions in it */
	uint32_t generation;
	bool *mapped;	       /* per probe: its cookie is in the address map */
	struct attacher *late; /* for functions that came later; NULL: none did yet */
	struct attach_target late_target;
	bool *late_wanted;
};

/* A set on its way to the kernel. */
struct batch {
	unsigned long *addrs;
	__u64 *cookies;
	size_t *probe;
	size_t n;
};

static void batch_fini(struct batch *b)
{
	free(b->addrs);
	free(b->cookies);
	free(b->probe);
}

static int batch_fill(struct batch *b, const struct attacher *a, const bool *wanted)
{
	struct probe_table *table = a->target.table;

	*b = (struct batch){ 0 };
	b->addrs = calloc(table->n + 1, sizeof(*b->addrs));
	b->cookies = calloc(table->n + 1, sizeof(*b->cookies));
	b->probe = calloc(table->n + 1, sizeof(*b->probe));
	if (!b->addrs || !b->cookies || !b->probe)
		return -ENOMEM;
	for (size_t i = 0; i < table->n; i++) {
		const struct probe *p = &table->v[i];

		if (!wanted[i] || p->late || !probe_usable(p) || atomic_load(&p->state) == PROBE_REFUSED)
			continue;
		b->addrs[b->n] = p->addr;
		b->cookies[b->n] = attach_cookie(table, i, a->generation + 1);
		b->probe[b->n++] = i;
	}
	return 0;
}

static struct bpf_link *try_attach(const struct attacher *a, const struct batch *b, size_t from, size_t n)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .addrs = b->addrs + from, .cookies = b->cookies + from,
		.cnt = n);

	return bpf_program__attach_kprobe_multi_opts((*a->target.skel)->progs.function_multi, NULL, &opts);
}

/*
 * The call is all or nothing and does not say which function it refuses:
 * halve. A refusal answers in a millisecond; a half that works is attached for
 * a moment.
 */
static void find_refused(const struct attacher *a, const struct batch *b, size_t from, size_t n, int error)
{
	struct probe *p = &a->target.table->v[b->probe[from]];
	struct bpf_link *link;

	if (n == 1) {
		atomic_store(&p->error, -error);
		atomic_store(&p->state, PROBE_REFUSED);
		return;
	}
	for (int half = 0; half < 2; half++) {
		size_t at = half ? from + n / 2 : from;
		size_t count = half ? n - n / 2 : n / 2;

		link = try_attach(a, b, at, count);
		if (link)
			bpf_link__destroy(link);
		else
			find_refused(a, b, at, count, -errno);
	}
}

static void release(struct attacher *a, struct held_link *held)
{
	if (!held->link)
		return;
	bpf_link__destroy(held->link);
	if (held->held)
		guard_drop(a->target.guard, held->held);
	*held = (struct held_link){ 0 };
}

static void mark(const struct attacher *a, const struct batch *b)
{
	struct probe_table *table = a->target.table;

	for (size_t i = 0; i < table->n; i++) {
		if (!table->v[i].late && atomic_load(&table->v[i].state) == PROBE_ATTACHED)
			atomic_store(&table->v[i].state, PROBE_IDLE);
	}
	for (size_t i = 0; i < b->n; i++)
		atomic_store(&table->v[b->probe[i]].state, PROBE_ATTACHED);
}

/* All of them: then it is something else; they may be tried again. */
static bool all_refused(const struct attacher *a, const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (atomic_load(&a->target.table->v[b->probe[i]].state) != PROBE_REFUSED)
			return false;
	}
	for (size_t i = 0; i < b->n; i++)
		atomic_store(&a->target.table->v[b->probe[i]].state, PROBE_IDLE);
	return true;
}

/*
 * Only what is not there yet. An entry that is written again becomes another
 * element, and the kernel gives the former one to the next key at once, while
 * a program may still read the cookie of its function there.
 */
static int fill_addresses(struct attacher *a, const struct batch *b)
{
	const struct probe_table *table = a->target.table;
	__u64 *keys = calloc(b->n + 1, sizeof(*keys)), *values = calloc(b->n + 1, sizeof(*values));
	__u32 n = 0;
	int err;

	if (!a->mapped)
		a->mapped = calloc(probe_capacity(table) + 1, sizeof(*a->mapped));
	err = keys && values && a->mapped ? 0 : -ENOMEM;
	for (size_t i = 0; i < b->n && !err; i++) {
		if (a->mapped[b->probe[i]])
			continue;
		keys[n] = b->addrs[i];
		values[n++] = attach_cookie(table, b->probe[i], 0);
	}
	if (n)
		err = bpf_map_update_batch(
			bpf_map__fd((*a->target.skel)->maps.addresses), keys, values, &n, NULL);
	for (size_t i = 0; i < b->n && !err; i++)
		a->mapped[b->probe[i]] = true;
	free(keys);
	free(values);
	return err;
}

/* Nothing may be lost by a bad function: find it, leave it out, go on. */
static int attach_batch(struct attacher *a, struct batch *b, const bool *wanted, struct held_link *next)
{
	int err;

	*next = (struct held_link){ 0 };
	if (!b->n)
		return 0;
	err = fill_addresses(a, b);
	if (err)
		return err;
	next->link = try_attach(a, b, 0, b->n);
	if (!next->link) {
		err = -errno;
		if (err == -EOPNOTSUPP || err == -EPERM || err == -ENOMEM)
			return err;
		find_refused(a, b, 0, b->n, err);
		if (all_refused(a, b)) /* not the functions' fault */
			return err;
		batch_fini(b);
		err = batch_fill(b, a, wanted);
		if (err || !b->n)
			return err;
		next->link = try_attach(a, b, 0, b->n);
		if (!next->link)
			return -errno;
	}
	guard_hold(a->target.guard, bpf_link__fd(next->link), GUARD_FUNCTIONS, &next->held);
	return 0;
}

/* Functions that came later, or went, change nothing about the link. */
static bool same_link(const struct attacher *a, const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (atomic_load(&a->target.table->v[b->probe[i]].state) != PROBE_ATTACHED)
			return false;
	}
	return a->current.link && a->linked == b->n;
}

static int set_link(struct attacher *a, const bool *wanted)
{
	struct held_link next = { 0 }, old;
	volatile __u32 *overlap;
	struct batch b;
	int err;

	err = batch_fill(&b, a, wanted);
	if (!err && atomic_load(a->target.cancel))
		err = -ECANCELED;
	if (err || same_link(a, &b))
		goto out;
	overlap = &(*a->target.skel)->bss->config.next_generation;
	if (a->current.link)
		*overlap = a->generation + 1;
	atomic_thread_fence(memory_order_seq_cst);
	err = attach_batch(a, &b, wanted, &next);
	if (!err) {
		old = a->current;
		a->current = next;
		a->linked = b.n;
		a->generation++;
		mark(a, &b);
		if (a->target.progress)
			a->target.progress(a->target.ctx, b.n, b.n);
		release(a, &old); /* waits until no handler runs by it any more */
	}
	*overlap = 0;
out:
	batch_fini(&b);
	return err;
}

/* What came later, by events. Nothing is done while nothing of it changes. */
static int set_late(struct attacher *a, const bool *wanted)
{
	const struct probe_table *table = a->target.table;
	bool any = false, change = false;

	if (!a->late_wanted)
		a->late_wanted = calloc(probe_capacity(table) + 1, sizeof(*a->late_wanted));
	if (!a->late_wanted)
		return -ENOMEM;
	for (size_t i = 0; i < table->n; i++) {
		bool want = wanted[i] && table->v[i].late;

		any = any || want;
		change = change || want != a->late_wanted[i] ||
			 (want && atomic_load(&table->v[i].state) == PROBE_IDLE);
		a->late_wanted[i] = want;
	}
	if (!change)
		return 0;
	if (any && !a->late) {
		int err = a->target.load_more(a->target.ctx);

		if (err)
			return err;
		a->late_target = a->target;
		a->late_target.skel = a->target.more;
		a->late = attach_tracefs.open(&a->late_target);
	}
	if (!a->late)
		return any ? -ENOMEM : 0;
	return attach_tracefs.set(a->late, a->late_wanted);
}

static int multi_set(struct attacher *a, const bool *wanted)
{
	int err = set_link(a, wanted);

	return err ? err : set_late(a, wanted);
}

static struct attacher *multi_open(const struct attach_target *target)
{
	struct attacher *a = calloc(1, sizeof(*a));

	if (a)
		a->target = *target;
	return a;
}

static void multi_close(struct attacher *a)
{
	if (!a)
		return;
	if (a->late)
		attach_tracefs.close(a->late);
	if (a->current.link)
		bpf_link__destroy(a->current.link);
	free(a->late_wanted);
	free(a->mapped);
	free(a);
}

const struct attach_ops attach_multi = {
	.name = "kprobe-multi",
	.needs = "CONFIG_FPROBE, 5.18 or later",
	.open = multi_open,
	.set = multi_set,
	.close = multi_close,
};
