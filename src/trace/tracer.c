/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/tracer.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "trace/cond.h"
#include "trace/discover/kernel.h"
#include "trace/netns.h"
#include "trace/tracer_private.h"

static struct tracer *of(struct source *src)
{
	return (struct tracer *)src;
}

/* What the programs test: one byte a function, written at once. */
static void write_enabled(struct tracer *t)
{
	for (size_t i = 0; i < t->selection.n && i < MAX_FUNCS; i++)
		t->config->enabled[i] = t->selection.wanted[i];
	tracer_follow_netfilter(t);
}

static int tracer_fd(struct source *src)
{
	return of(src)->channel.eventfd;
}

struct read_ctx {
	source_event_fn fn;
	void *ctx;
};

static void hand_over(void *ctx, const void *record, size_t size)
{
	const struct read_ctx *r = ctx;

	r->fn(r->ctx, record, size);
}

static size_t tracer_read(struct source *src, size_t max, source_event_fn fn, void *ctx)
{
	struct read_ctx r = { .fn = fn, .ctx = ctx };

	return channel_take(&of(src)->channel, max, hand_over, &r);
}

static bool tracer_get_notice(struct source *src, struct notice *out)
{
	return notices_get(&of(src)->notices, out);
}

/* Off at once by the config map; the attachment follows in the background. */
static int tracer_command(struct source *src, const struct command *cmd)
{
	struct tracer *t = of(src);
	int err;

	pthread_mutex_lock(&t->lock);
	err = selection_apply(&t->selection, src->probes, cmd);
	if (!err) {
		write_enabled(t);
		t->dirty = true;
		pthread_cond_signal(&t->wake);
	}
	pthread_mutex_unlock(&t->lock);
	return err;
}

static int tracer_filter(struct source *src, const struct packet_filter *wish)
{
	return filters_ask(of(src), wish);
}

static void tracer_filter_now(struct source *src, struct packet_filter *out)
{
	filters_now(of(src), out);
}

static int tracer_check_filter(struct source *src, const struct packet_filter *wish, char *err, size_t size)
{
	return filters_check(wish, err, size);
}

void tracer_follow(struct tracer *t)
{
	probe_table_changed(t->src.probes);
	pthread_mutex_lock(&t->lock);
	if (selection_follow(&t->selection, t->src.probes))
		write_enabled(t);
	pthread_mutex_unlock(&t->lock);
}

static void tracer_counters(struct source *src, uint64_t *hits, uint64_t *lost)
{
	const struct tracer *t = of(src);
	size_t n = src->probes->n;

	for (size_t i = 0; i < n; i++) {
		uint64_t h = 0, l = 0;

		for (unsigned int seat = 0; seat < t->seats && i < MAX_FUNCS; seat++) {
			h += t->stats[seat].hits[i];
			l += t->stats[seat].lost[i];
		}
		if (hits)
			hits[i] = h;
		if (lost)
			lost[i] = l;
	}
}

static uint64_t own_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void count_probes(const struct tracer *t, struct source_totals *out)
{
	size_t n = t->src.probes->n;

	for (size_t i = 0; i < n; i++) {
		int state = atomic_load_explicit(&t->src.probes->v[i].state, memory_order_relaxed);

		/* others are there to be watched only (attach_watch()) */
		out->attached += state == PROBE_ATTACHED && t->config->enabled[i & (MAX_FUNCS - 1)];
		out->refused += state == PROBE_REFUSED;
	}
	out->wanted = t->selection.count;
}

static void tracer_totals(struct source *src, struct source_totals *out)
{
	const struct tracer *t = of(src);
	size_t n = src->probes->n < MAX_FUNCS ? src->probes->n : MAX_FUNCS;

	*out = (struct source_totals){ 0 };
	for (unsigned int seat = 0; seat < t->seats; seat++) {
		const struct cpu_stats *st = &t->stats[seat];

		for (size_t i = 0; i < n; i++) {
			out->hits += st->hits[i];
			out->lost_ring += st->lost[i];
		}
		out->events += st->events + st->end_events;
		out->lost_ring += st->end_lost;
		out->null_skb += st->null_skb;
		out->after_free += st->after_free;
		out->lost_identity += st->id_full + st->copies_full + st->unread;
		out->cost_ns += st->cost_ns;
		out->filtered_out += st->refused;
		out->sampled_out += st->sampled_out;
		out->undecided += st->undecided;
		out->unfiltered += st->unfiltered;
	}
	out->lost_channel = atomic_load(&t->channel.lost);
	out->lost_recursion = atomic_load(&t->recursion);
	out->lost_identity += atomic_load(&t->missed_ends);
	out->waiting = channel_waiting(&t->channel);
	out->own_ns = own_cpu_ns();
	out->attach_ns = atomic_load(&t->attach_ns);
	count_probes(t, out);
}

static void tracer_stop(struct source *src)
{
	struct tracer *t = of(src);

	atomic_store(&t->cancel, true);
	pthread_mutex_lock(&t->lock);
	t->config->on = 0;
	t->stopping = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
}

static void tracer_free(struct source *src)
{
	struct tracer *t = of(src);

	if (t->worker_started) {
		tracer_stop(src);
		pthread_join(t->worker_thread, NULL);
	} else {
		worker_abandon(t);
	}
	filters_close(t);
	if (t->ring)
		ring_buffer__free(t->ring);
	netfilter_free(t->netfilter);
	symbolizer_free(t->symbolizer);
	programs_free(t);
	channel_fini(&t->channel);
	selection_fini(&t->selection);
	selection_fini(&src->selection);
	discovery_fini(&t->found);
	modules_free(t);
	free(t->netns.known);
	free(t->told);
	free(t);
}

static const struct source_ops tracer_ops = {
	.fd = tracer_fd,
	.read = tracer_read,
	.notice = tracer_get_notice,
	.command = tracer_command,
	.filter = tracer_filter,
	.filter_now = tracer_filter_now,
	.check_filter = tracer_check_filter,
	.counters = tracer_counters,
	.totals = tracer_totals,
	.stop = tracer_stop,
	.free = tracer_free,
};

static void describe(struct tracer *t)
{
	struct source_info *info = &t->src.info;
	struct utsname name;

	uname(&name);
	snprintf(t->host, sizeof(t->host), "%.63s", name.nodename);
	snprintf(t->kernel, sizeof(t->kernel), "%.64s", name.release);
	info->host = t->host;
	info->kernel = t->kernel;
	info->backend = t->backend->name;
	info->reasons = (const char *const *)t->found.reasons.core;
	info->nreasons = t->found.reasons.ncore;
	info->subsystems = t->found.reasons.subsystem;
	info->nsubsystems = REASON_SUBSYSTEMS;
}

/* Names of a config file that this kernel does not have are left out, and said. */
static void say_unknown(struct tracer *t, const struct config_file *config)
{
	for (size_t i = 0; config && i < config->n; i++) {
		const struct config_entry *f = &config->v[i];

		if (probe_find(t->src.probes, f->name, f->module) < 0)
			tracer_say(t, NOTICE_ERROR,
				"--config: %s: this kernel has no such function that takes an skb: left out",
				f->name);
	}
}

struct source *tracer_open(
	const struct tracer_options *options, enum tracer_failure *failure, char *err, size_t err_size)
{
	struct tracer *t = aligned_alloc(64, (sizeof(*t) + 63) & ~(size_t)63);
	int ret;

	*failure = TRACER_FAILED;
	if (!t) {
		snprintf(err, err_size, "%s", strerror(ENOMEM));
		return NULL;
	}
	memset(t, 0, sizeof(*t));
	t->src.ops = &tracer_ops;
	t->guard.sock = -1;
	t->types_fd = -1;
	t->verbose = options->verbose;
	t->options = options;
	t->started = clock_now(NULL);
	atomic_store(&t->detach_ms, -1);
	pthread_mutex_init(&t->lock, NULL);
	pthread_mutex_init(&t->netns.lock, NULL);
	owners_init(&t->owners);
	pthread_mutex_init(&t->more_lock, NULL);
	cond_init(&t->wake);
	notices_init(&t->notices);
	filters_init(t);
	ret = channel_init(&t->channel, options->channel);
	if (ret)
		snprintf(err, err_size, "%zu bytes of memory: %s", options->channel, strerror(-ret));
	t->symbolizer = symbolizer_new();
	if (!ret && !t->symbolizer) {
		snprintf(err, err_size, "%s", strerror(ENOMEM));
		ret = -ENOMEM;
	}
	if (!ret)
		ret = tracer_open_parts(t, options, failure, err, err_size);
	if (ret) {
		tracer_free(&t->src);
		return NULL;
	}
	describe(t);
	t->config->drop_func =
		tracer_dropper(t->src.probes) < 0 ? MAX_FUNCS - 1 : (uint32_t)tracer_dropper(t->src.probes);
	write_enabled(t);
	say_unknown(t, options->config);
	return &t->src;
}

/* Known before the first packet: lines need no second look at them. */
static void tell_netns(void *ctx, uint32_t inode, const char *name)
{
	struct event_netns rec = { .ev.type = EVENT_NETNS, .ev.netns = inode };
	struct tracer *t = ctx;

	snprintf(rec.name, sizeof(rec.name), "%s", name);
	channel_put(&t->channel, &rec, sizeof(rec));
}

int tracer_start(struct source *src)
{
	struct tracer *t = of(src);
	int err = drain_open(t);

	if (err)
		return err;
	netns_each(tell_netns, t);
	tracer_start_netfilter(t);
	err = -pthread_create(&t->drain_thread, NULL, drain_main, t);
	if (err)
		return err;
	t->drain_started = true;
	err = -pthread_create(&t->worker_thread, NULL, worker_main, t);
	if (err) {
		atomic_store(&t->drain_stop, true);
		pthread_join(t->drain_thread, NULL);
		return err;
	}
	t->worker_started = true;
	return filters_start(t);
}

int tracer_detach_ms(const struct source *src)
{
	return atomic_load(&((const struct tracer *)src)->detach_ms);
}
