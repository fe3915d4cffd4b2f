/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/filters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "trace/cond.h"
#include "trace/filter/codes.h"
#include "trace/filter/places.h"
#include "trace/skel.h"
#include "trace/tracer_private.h"

#define LOOK_MS 250 /* between two looks at the sockets of processes */
#define THOROUGH 16 /* looks between two at all processes */

int filters_check(const struct packet_filter *wish, char *err, size_t size)
{
	struct filter_parts parts;
	struct filter_config config;
	int ret;

	if (filter_parts_need_names(wish))
		return -EAGAIN;
	ret = filter_parts_compile(&parts, wish, err, size);
	if (ret)
		return -EINVAL;
	filter_parts_free(&parts);
	return places_resolve(wish, &config, err, size) ? -EINVAL : 0;
}

static __u32 flags_of(const struct filter_parts *parts)
{
	__u32 flags = 0;

	if (parts->expr.n)
		flags |= FILTER_EXPR | (parts->expr.vlan ? FILTER_EXPR_VLAN : 0) |
			 (parts->expr.mac ? FILTER_EXPR_MAC : 0) | (parts->expr.steady ? 0 : FILTER_EXPR_HOP);
	if (parts->inner.n)
		flags |= FILTER_INNER;
	return flags;
}

/* Into the half that is not in force, then that one is. */
static int put_in_force(struct tracer *t, const struct filter_parts *parts,
	const struct filter_config *config, char *err, size_t size)
{
	const __u32 next = t->config->filter_generation + 1, half = next & 1;
	int ret = 0;

	if (t->backend == &attach_fentry)
		ret = codes_fill(bpf_map__fd(t->skel->maps.codes), half, parts, err, size);
	for (size_t i = 0; i < t->filters.nslots && !ret; i++)
		ret = slots_fill(&t->filters.slots[i], half, parts, err, size);
	if (ret)
		return ret;
	t->config->filter[half] = *config;
	atomic_thread_fence(memory_order_release);
	t->config->filter_generation = next;
	t->filters.config = *config;
	return 0;
}

struct inode_list {
	int fd;
	uint64_t *v;
	size_t n, room;
};

static void collect(struct inode_list *o, uint64_t inode)
{
	if (o->n == o->room) {
		size_t room = o->room ? o->room * 2 : 64;
		uint64_t *more = realloc(o->v, room * sizeof(*more));

		if (!more)
			return;
		o->v = more;
		o->room = room;
	}
	o->v[o->n++] = inode;
}

static void keep_owner(void *ctx, uint64_t inode)
{
	struct inode_list *o = ctx;
	const __u8 one = 1;

	collect(o, inode);
	bpf_map_update_elem(o->fd, &inode, &one, BPF_ANY);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * The sockets that the processes have now. Those that were closed leave, but
 * not those that the kernel's hook brings in while we look.
 */
static void refresh_owners(struct tracer *t, const struct packet_filter *f)
{
	int fd = bpf_map__fd(programs_more(t)->maps.owners);
	struct inode_list before = { .fd = fd }, now = { .fd = fd };
	uint64_t key, next;

	for (int err = bpf_map_get_next_key(fd, NULL, &next); !err;
		err = bpf_map_get_next_key(fd, &key, &next)) {
		key = next;
		collect(&before, key);
	}
	places_each_socket(f, keep_owner, &now);
	if (now.n)
		qsort(now.v, now.n, sizeof(*now.v), by_number);
	for (size_t i = 0; i < before.n; i++) {
		if (!now.n || !bsearch(&before.v[i], now.v, now.n, sizeof(*now.v), by_number))
			bpf_map_delete_elem(fd, &before.v[i]);
	}
	free(before.v);
	free(now.v);
}

/* The worker attaches, which takes a while: the filter works meanwhile. */
static void want_hooks(struct tracer *t)
{
	if (!t->filters.config.flags)
		return;
	pthread_mutex_lock(&t->lock);
	t->filter_wanted = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
}

/* What decides packets in the kernel, before the first filter. */
static int open_slots(struct tracer *t, char *err, size_t size)
{
	struct filters *fs = &t->filters;
	struct skbscope_bpf *more;
	int ret = programs_load_more(t);

	if (ret) {
		snprintf(err, size, "the filter's programs: %s (-v shows what the kernel says)",
			strerror(-ret));
		return ret;
	}
	more = programs_more(t);
	const struct {
		const struct bpf_map *map;
		const struct bpf_program *resume;
		enum bpf_attach_type attach_type;
	} kinds[] = {
		{ more->maps.slots_multi, more->progs.filter_multi, BPF_TRACE_KPROBE_MULTI },
		{ more->maps.slots_kprobe, more->progs.filter_kprobe, 0 },
	};

	fs->nslots = 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int resume = bpf_program__fd(kinds[i].resume);

		if (resume < 0) /* not loaded: nothing is attached in that way */
			continue;
		ret = slots_open(&fs->slots[fs->nslots], bpf_map__fd(kinds[i].map),
			bpf_map__fd(more->maps.works), kinds[i].attach_type, resume);
		if (ret) {
			snprintf(err, size, "the filter's slots: %s", strerror(-ret));
			return ret;
		}
		fs->nslots++;
	}
	fs->open = true;
	return 0;
}

/* All of one wish whose expressions are compiled. */
static int apply(struct tracer *t, const struct packet_filter *f, const struct filter_parts *parts, char *err,
	size_t size)
{
	struct filter_config config;
	int ret = places_resolve(f, &config, err, size);

	if (ret)
		return ret;
	config.flags |= flags_of(parts);
	if (!config.flags && !t->filters.open) /* nothing was refused, nothing is */
		return 0;
	if (!t->filters.open)
		ret = open_slots(t, err, size);
	if (ret)
		return ret;
	if (config.flags & FILTER_SOCKET)
		refresh_owners(t, f);
	ret = put_in_force(t, parts, &config, err, size);
	if (ret)
		return ret;
	pthread_mutex_lock(&t->filters.lock);
	t->filters.now = *f;
	pthread_mutex_unlock(&t->filters.lock);
	t->filters.gone_said = t->filters.device_seen = false;
	want_hooks(t);
	return 0;
}

int filters_open(struct tracer *t, const struct packet_filter *f, const struct filter_parts *parts, char *err,
	size_t size)
{
	return f && !packet_filter_is_empty(f) ? apply(t, f, parts, err, size) : 0;
}

static bool is_superseded(void *ctx)
{
	struct filters *fs = ctx;
	bool ret;

	pthread_mutex_lock(&fs->lock);
	ret = fs->asked || fs->stopping;
	pthread_mutex_unlock(&fs->lock);
	return ret;
}

static void fulfil(struct tracer *t, const struct packet_filter *f, uint64_t asked_at)
{
	struct notice notice = { .type = NOTICE_FILTER };
	struct filter_parts parts = { 0 };
	int ret;

	if (filter_parts_need_names(f)) {
		tracer_say(t, NOTICE_MESSAGE, "filter: looking up names");
		ret = filter_parts_look_up(
			&parts, f, is_superseded, &t->filters, notice.text, sizeof(notice.text));
	} else {
		ret = filter_parts_compile(&parts, f, notice.text, sizeof(notice.text));
	}
	if (ret == -ECANCELED)
		return;
	if (!ret)
		ret = apply(t, f, &parts, notice.text, sizeof(notice.text));
	filter_parts_free(&parts);
	if (ret) {
		notice.type = NOTICE_FILTER_REFUSED;
		if (!notice.text[0])
			snprintf(notice.text, sizeof(notice.text), "filter: %s", strerror(-ret));
	}
	notice.done = (clock_now(NULL) - asked_at) / 1000;
	tracer_notice(t, &notice);
}

/* Those of other namespaces are not looked for. */
static bool device_is_there(struct filters *fs, char *what, size_t size)
{
	bool there = fs->now.interface[0] && if_nametoindex(fs->now.interface);

	if (there || !fs->device_seen) {
		fs->device_seen |= there;
		return true;
	}
	fs->device_seen = false;
	snprintf(what, size, "device %s has gone", fs->now.interface);
	return false;
}

/* Now and then: sockets come and go, and so do processes and namespaces. */
static void look_around(struct tracer *t)
{
	struct filters *fs = &t->filters;
	char what[FILTER_NAME_MAX + 64];

	if (fs->config.flags & FILTER_SOCKET)
		refresh_owners(t, &fs->now);
	if (fs->gone_said ||
		(places_are_there(&fs->now, &fs->config, !(++fs->looks % THOROUGH), what, sizeof(what)) &&
			device_is_there(fs, what, sizeof(what))))
		return;
	fs->gone_said = true;
	tracer_say(t, NOTICE_ERROR, "filter: %s: nothing new will match", what);
}

static void *filters_main(void *tracer)
{
	struct tracer *t = tracer;
	struct filters *fs = &t->filters;
	struct packet_filter wish;
	uint64_t asked_at;

	prctl(PR_SET_NAME, "skbscope-filter");
	/* little work, and somebody waits for it on a busy box */
	setpriority(PRIO_PROCESS, 0, -10);
	pthread_mutex_lock(&fs->lock);
	while (!fs->stopping) {
		bool watch = fs->now.pid || fs->now.comm[0] || fs->now.netns[0] || fs->now.interface[0];
		struct timespec at = cond_in_ms(LOOK_MS);

		if (fs->asked) {
			wish = fs->wish;
			asked_at = fs->asked_at;
			fs->asked = false;
			pthread_mutex_unlock(&fs->lock);
			fulfil(t, &wish, asked_at);
			pthread_mutex_lock(&fs->lock);
		} else if (!watch) {
			pthread_cond_wait(&fs->wake, &fs->lock);
		} else if (pthread_cond_timedwait(&fs->wake, &fs->lock, &at) == ETIMEDOUT) {
			pthread_mutex_unlock(&fs->lock);
			look_around(t);
			pthread_mutex_lock(&fs->lock);
		}
	}
	pthread_mutex_unlock(&fs->lock);
	return NULL;
}

int filters_start(struct tracer *t)
{
	int err = -pthread_create(&t->filters.thread, NULL, filters_main, t);

	t->filters.started = !err;
	return err;
}

void filters_init(struct tracer *t)
{
	struct filters *fs = &t->filters;

	pthread_mutex_init(&fs->lock, NULL);
	cond_init(&fs->wake);
}

void filters_close(struct tracer *t)
{
	struct filters *fs = &t->filters;

	pthread_mutex_lock(&fs->lock);
	fs->stopping = true;
	pthread_cond_signal(&fs->wake);
	pthread_mutex_unlock(&fs->lock);
	if (fs->started)
		pthread_join(fs->thread, NULL);
	fs->started = false;
	while (fs->nslots)
		slots_close(&fs->slots[--fs->nslots]);
}

int filters_ask(struct tracer *t, const struct packet_filter *wish)
{
	struct filters *fs = &t->filters;

	pthread_mutex_lock(&fs->lock);
	fs->wish = *wish;
	fs->asked = true;
	fs->asked_at = clock_now(NULL);
	pthread_cond_signal(&fs->wake);
	pthread_mutex_unlock(&fs->lock);
	return 0;
}

void filters_now(struct tracer *t, struct packet_filter *out)
{
	pthread_mutex_lock(&t->filters.lock);
	*out = t->filters.now;
	pthread_mutex_unlock(&t->filters.lock);
}
