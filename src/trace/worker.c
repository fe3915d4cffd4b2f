/* SPDX-License-Identifier: GPL-2.0 */
/* The thread for what takes its time: attach, detach, look up names. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "trace/cond.h"
#include "trace/netns.h"
#include "trace/tracer_private.h"

#define SECOND_NS 1000000000ull
#define DETACH_WAIT_MS 120 /* the prompt does not wait longer than this */
#define PATIENCE 5	   /* seconds that names of functions wait for what is attached first */
#define NAMES_EVERY 10	   /* seconds after which names are asked again */

static void progress(void *ctx, size_t done, size_t total)
{
	struct notice notice = { .type = NOTICE_PROGRESS, .done = done, .total = total, .text = "attaching" };

	tracer_notice(ctx, &notice);
}

static void say_refused(struct tracer *t)
{
	const struct probe_table *table = t->src.probes;

	if (!t->told)
		t->told = calloc(probe_capacity(table) + 1, sizeof(*t->told));
	for (size_t i = 0; t->told && i < table->n; i++) {
		const struct probe *p = &table->v[i];

		if (atomic_load(&p->state) != PROBE_REFUSED || t->told[i])
			continue;
		t->told[i] = true;
		tracer_say(t, NOTICE_MESSAGE, "%s: the kernel refuses a probe there: %s", p->name,
			strerror(atomic_load(&p->error)));
	}
}

/* Attached whatever is wanted: what makes one packet of many skbs. */
static void add_watched(const struct probe_table *table, bool *wanted)
{
	for (size_t i = 0; i < table->n; i++)
		wanted[i] = wanted[i] || attach_watch(table, &table->v[i]);
}

/* Hands a copy of the wanted set to a step of the backend. */
static int with_wanted(struct tracer *t, int (*step)(struct attacher *, const bool *))
{
	bool *wanted = calloc(probe_capacity(t->src.probes) + 1, sizeof(*wanted));
	int err;

	if (!wanted)
		return -ENOMEM;
	pthread_mutex_lock(&t->lock);
	memcpy(wanted, t->selection.wanted, t->selection.n * sizeof(*wanted));
	t->dirty = false;
	pthread_mutex_unlock(&t->lock);
	if (t->backend != &attach_fentry)
		add_watched(t->src.probes, wanted);
	err = step(t->attacher, wanted);
	free(wanted);
	return err;
}

static void say_failed(struct tracer *t, int err, bool first)
{
	struct notice notice = { .type = first ? NOTICE_END : NOTICE_ERROR, .error = -err };

	if (err == -E2BIG)
		snprintf(notice.text, sizeof(notice.text),
			"attaching by %s: at most %zu functions: nothing was changed", t->backend->name,
			t->backend->limit);
	else
		snprintf(notice.text, sizeof(notice.text), "attaching by %s: %s (needs %s)", t->backend->name,
			strerror(-err), t->backend->needs);
	tracer_notice(t, &notice);
}

/* Both of what attaches have done so. */
static void say_ready(struct tracer *t)
{
	if (!t->functions_ready || (t->netfilter && !netfilter_settled(t->netfilter)))
		return;
	tracer_say(t, NOTICE_READY, "%s", "");
	t->ready = true;
}

static void change(struct tracer *t, bool first)
{
	uint64_t start = clock_now(NULL);
	int err = with_wanted(t, t->backend->set);

	if (first)
		atomic_store(&t->attach_ns, clock_now(NULL) - start);
	if (err == -ECANCELED)
		return;
	if (err) {
		say_failed(t, err, first);
		return;
	}
	if (first)
		tracer_milestone(t, "functions attached");
	say_refused(t);
	t->functions_ready = true;
	if (t->backend == &attach_fentry)
		atomic_store(&t->programs_came, true);
	say_ready(t);
}

static void change_again(struct tracer *t)
{
	change(t, false);
}

static void answer_netns(struct tracer *t)
{
	struct netns_queue *q = &t->netns;
	uint32_t ask[NETNS_QUEUE];
	size_t n;

	pthread_mutex_lock(&q->lock);
	n = q->nask;
	memcpy(ask, q->ask, n * sizeof(*ask));
	q->nask = 0;
	pthread_mutex_unlock(&q->lock);
	for (size_t i = 0; i < n; i++) {
		struct event_netns rec = { .ev.type = EVENT_NETNS, .ev.netns = ask[i] };

		if (!netns_name(ask[i], rec.name, sizeof(rec.name)))
			continue;
		pthread_mutex_lock(&q->lock);
		if (q->nanswer < NETNS_QUEUE)
			q->answer[q->nanswer++] = rec;
		pthread_mutex_unlock(&q->lock);
	}
}

/*
 * The wish is taken back before: what is asked for meanwhile is a wish of its own.
 * Symbols take a third of a second or more to read: not between the start and
 * NOTICE_READY, unless that does not come.
 */
static void answer_names(struct tracer *t, bool patient)
{
	atomic_store(&t->asked, false);
	answer_netns(t);
	owners_look(&t->owners, clock_now(NULL));
	if (atomic_exchange(&t->programs_came, false))
		symbolizer_programs_changed(t->symbolizer);
	if (!t->ready && patient)
		return;
	if (symbolizer_prepare(t->symbolizer, &t->cancel))
		tracer_milestone(t, "symbols read");
	if (!atomic_load(&t->cancel)) /* then finish() does it, when all is detached */
		symbolizer_look(t->symbolizer);
}

/* Waits for a change, a name to look up, the end, or the next second. */
static bool wait_for_work(struct tracer *t, uint64_t last, bool *dirty, bool *settled)
{
	uint64_t next = last + SECOND_NS;
	struct timespec until = { .tv_sec = next / SECOND_NS, .tv_nsec = next % SECOND_NS };
	bool stopping;

	pthread_mutex_lock(&t->lock);
	if (!t->dirty && !t->filter_wanted && !t->rules_settled && !t->stopping && !atomic_load(&t->asked))
		pthread_cond_timedwait(&t->wake, &t->lock, &until);
	*dirty = t->dirty;
	*settled = t->rules_settled;
	t->rules_settled = false;
	stopping = t->stopping;
	pthread_mutex_unlock(&t->lock);
	return !stopping;
}

static void join_prepare(struct tracer *t)
{
	if (t->prepare_started)
		pthread_join(t->prepare_thread, NULL);
	t->prepare_started = false;
}

/* Everything off, the tail drained, then the end is told. */
static void finish(struct tracer *t)
{
	struct notice notice = { .type = NOTICE_END };

	programs_count_skipped(t);
	join_prepare(t);
	netfilter_stop(t->netfilter);
	t->backend->close(t->attacher);
	t->attacher = NULL;
	for (int i = 0; i < END_HOOKS; i++) {
		bpf_link__destroy(t->end_hook[i]);
		t->end_hook[i] = NULL;
	}
	for (int i = 0; i < FILTER_HOOKS; i++) {
		bpf_link__destroy(t->filter_hook[i]);
		t->filter_hook[i] = NULL;
	}
	atomic_store(&t->detach_ms, guard_finish(&t->guard, DETACH_WAIT_MS));
	answer_netns(t);
	symbolizer_look(t->symbolizer);
	atomic_store(&t->drain_stop, true);
	if (t->drain_started)
		pthread_join(t->drain_thread, NULL);
	t->drain_started = false;
	tracer_notice(t, &notice);
}

static void *prepare_main(void *tracer)
{
	struct tracer *t = tracer;

	/* an error shows again, and is reported, in set() */
	with_wanted(t, t->backend->prepare);
	tracer_milestone(t, "probes defined");
	return NULL;
}

static int load_more(void *tracer)
{
	return programs_load_more(tracer);
}

int worker_prepare(struct tracer *t)
{
	struct attach_target target = {
		.skel = &t->skel,
		.more = &t->more,
		.load_more = load_more,
		.table = t->src.probes,
		.guard = &t->guard,
		.kept = &t->kept,
		.progress = progress,
		.ctx = t,
		.cancel = &t->cancel,
		.verbose = t->verbose,
	};

	t->attacher = t->backend->open(&target);
	if (!t->attacher)
		return -ENOMEM;
	t->prepare_started =
		t->backend->prepare && !pthread_create(&t->prepare_thread, NULL, prepare_main, t);
	return 0;
}

void worker_abandon(struct tracer *t)
{
	atomic_store(&t->cancel, true);
	join_prepare(t);
	if (t->attacher)
		t->backend->close(t->attacher);
	t->attacher = NULL;
	guard_finish(&t->guard, 0);
}

/* Once a filter was set. */
static int attach_filter_hooks(struct tracer *t)
{
	bool wanted;

	pthread_mutex_lock(&t->lock);
	wanted = t->filter_wanted;
	t->filter_wanted = false;
	pthread_mutex_unlock(&t->lock);
	return wanted ? programs_attach_filter(t) : 0;
}

/* First the ends of life, so that no id outlives its packet; then the functions. */
static int begin(struct tracer *t)
{
	int err = programs_attach_ends(t);

	if (!err)
		err = attach_filter_hooks(t);
	tracer_milestone(t, "ends of packets hooked");
	join_prepare(t);
	if (err) {
		struct notice notice = { .type = NOTICE_END, .error = -err };

		snprintf(notice.text, sizeof(notice.text), "hooks at the end of packets: %s", strerror(-err));
		tracer_notice(t, &notice);
		return err;
	}
	pthread_mutex_lock(&t->lock);
	t->config->on = !t->stopping;
	pthread_mutex_unlock(&t->lock);
	change(t, true);
	return 0;
}

void *worker_main(void *tracer)
{
	struct tracer *t = tracer;
	bool dirty, settled;
	int seconds = 0;
	uint64_t last;
	int err;

	prctl(PR_SET_NAME, "skbscope-worker");
	err = begin(t);
	last = clock_now(NULL);
	answer_names(t, true);
	while (wait_for_work(t, last, &dirty, &settled)) {
		if (!err)
			attach_filter_hooks(t); /* what does not work was said */
		if (dirty && !err)
			change(t, false);
		else if (settled)
			say_ready(t);
		answer_names(t, seconds < PATIENCE);
		if (clock_now(NULL) - last < SECOND_NS)
			continue;
		last = clock_now(NULL);
		programs_count_skipped(t);
		if (!err)
			modules_look(t, change_again);
		if (++seconds % NAMES_EVERY)
			continue;
		/* renamed devices; another namespace with the number of one that is gone */
		programs_forget_devices(t);
		atomic_store(&t->netns_again, true);
	}
	finish(t);
	return NULL;
}
