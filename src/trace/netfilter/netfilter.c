/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/netfilter.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "trace/cond.h"
#include "trace/netfilter/hits.h"
#include "trace/netfilter/hooks.h"
#include "trace/netfilter/rulesets.h"

#define SECOND_NS 1000000000ull
#define OUTBOX_MAX ((size_t)4 << 20) /* bytes of counters that wait: what finds no room is told later */

struct outbox {
	unsigned char *v;
	size_t n, cap;
};

struct netfilter {
	struct netfilter_options options;
	pthread_t thread;
	bool started;
	struct rulesets *rulesets;
	struct nf_hooks hooks; /* its thread's */
	struct hits hits;
	bool counting; /* hits is there */
	bool failed;   /* the programs cannot be loaded: said once */
	bool legacy_failed;

	pthread_mutex_t lock; /* what follows */
	pthread_cond_t wake;
	struct targets targets;
	bool wanted, stopping;
	bool dirty; /* something of what is wanted has changed */
	bool settled;
	struct outbox outbox;
	_Atomic uint64_t skipped;
	_Atomic bool cancel;
};

static void say(struct netfilter *nf, enum notice_type type, const char *text)
{
	struct notice notice = { .type = type };

	snprintf(notice.text, sizeof(notice.text), "%s", text);
	nf->options.ops.notice(nf->options.ops.ctx, &notice);
}

/* --- what it is told ------------------------------------------------------------------ */

static void mark_dirty(struct netfilter *nf)
{
	pthread_mutex_lock(&nf->lock);
	nf->dirty = true;
	pthread_cond_signal(&nf->wake);
	pthread_mutex_unlock(&nf->lock);
}

static void rulesets_changed(void *arg)
{
	struct netfilter *nf = arg;

	mark_dirty(nf);
	nf->options.ops.waits(nf->options.ops.ctx);
}

static void rulesets_wait(void *arg)
{
	struct netfilter *nf = arg;

	nf->options.ops.waits(nf->options.ops.ctx);
}

static void rulesets_say(void *arg, bool error, const char *text)
{
	say(arg, error ? NOTICE_ERROR : NOTICE_MESSAGE, text);
}

void netfilter_want(struct netfilter *nf, bool wanted)
{
	pthread_mutex_lock(&nf->lock);
	if (nf->wanted != wanted) {
		nf->wanted = wanted;
		nf->settled = false;
		nf->dirty = true;
		pthread_cond_signal(&nf->wake);
	}
	pthread_mutex_unlock(&nf->lock);
	rulesets_want_counts(nf->rulesets, wanted);
}

void netfilter_see(struct netfilter *nf, uint32_t netns)
{
	rulesets_see(nf->rulesets, netns);
}

bool netfilter_settled(struct netfilter *nf)
{
	bool settled;

	pthread_mutex_lock(&nf->lock);
	settled = nf->settled;
	pthread_mutex_unlock(&nf->lock);
	return settled;
}

uint64_t netfilter_skipped(struct netfilter *nf)
{
	return atomic_load(&nf->skipped);
}

void netfilter_targets(struct netfilter *nf, struct targets *came)
{
	pthread_mutex_lock(&nf->lock);
	if (came->n) {
		targets_merge(&nf->targets, came);
		nf->dirty = true;
		pthread_cond_signal(&nf->wake);
	}
	pthread_mutex_unlock(&nf->lock);
}

/* --- counters ------------------------------------------------------------------------- */

static void put_out(void *arg, const void *record, size_t size)
{
	struct netfilter *nf = arg;
	struct outbox *out = &nf->outbox;

	pthread_mutex_lock(&nf->lock);
	if (out->n + size > out->cap && out->cap < OUTBOX_MAX) {
		size_t cap = out->cap ? 2 * out->cap : 65536;
		unsigned char *more = realloc(out->v, cap);

		if (more) {
			out->v = more;
			out->cap = cap;
		}
	}
	if (out->n + size <= out->cap) {
		memcpy(out->v + out->n, record, size);
		out->n += size;
	}
	pthread_mutex_unlock(&nf->lock);
}

void netfilter_take(struct netfilter *nf, void (*put)(void *ctx, const void *record, size_t size), void *ctx)
{
	const size_t size = sizeof(struct event_rule_hits);

	rulesets_take(nf->rulesets, put, ctx);
	pthread_mutex_lock(&nf->lock);
	for (size_t at = 0; at + size <= nf->outbox.n; at += size)
		put(ctx, nf->outbox.v + at, size);
	nf->outbox.n = 0;
	pthread_mutex_unlock(&nf->lock);
}

static void count(struct netfilter *nf)
{
	if (!nf->counting)
		return;
	hits_read(&nf->hits, put_out, nf);
	nf_hooks_forget_calls(&nf->hooks, clock_now(NULL));
	atomic_store(&nf->skipped, nf_hooks_skipped(&nf->hooks));
	nf->options.ops.waits(nf->options.ops.ctx);
}

/* --- the thread ----------------------------------------------------------------------- */

static void progress(void *arg, size_t done, size_t total)
{
	struct netfilter *nf = arg;
	struct notice notice = {
		.type = NOTICE_PROGRESS, .done = done, .total = total, .text = "attaching rules"
	};

	nf->options.ops.notice(nf->options.ops.ctx, &notice);
	nf->options.ops.milestone(nf->options.ops.ctx, "one attached");
}

static void refused(void *arg, const char *function, int error)
{
	char text[160];

	snprintf(text, sizeof(text), "%s: the kernel refuses a trampoline there: %s", function,
		strerror(error));
	say(arg, NOTICE_ERROR, text);
}

static bool cancelled(void *arg)
{
	return atomic_load(&((struct netfilter *)arg)->cancel);
}

static bool load(struct netfilter *nf, bool chains)
{
	char text[160];
	int err;

	if (nf->failed)
		return false;
	err = nf_hooks_load(&nf->hooks, chains);
	if (!err && chains && !nf->counting) {
		err = hits_init(&nf->hits, nf_hooks_counters(&nf->hooks), nf->options.cpus);
		nf->counting = !err;
	}
	nf->options.ops.milestone(nf->options.ops.ctx, "programs of netfilter loaded");
	if (!err)
		return true;
	nf->failed = true;
	snprintf(text, sizeof(text),
		"rules and hooks of netfilter cannot be followed: %s (-v shows what the kernel says)",
		strerror(-err));
	say(nf, NOTICE_ERROR, text);
	return false;
}

/* What is there of legacy iptables; without it the rest is followed all the same. */
static bool load_legacy(struct netfilter *nf, const struct targets *targets)
{
	char text[160];
	bool any = false;

	for (int six = 0; six < 2; six++) {
		int err;

		if (!targets_find(targets, six ? "ip6t_do_table" : "ipt_do_table"))
			continue;
		err = nf_hooks_load_legacy(&nf->hooks, six);
		any = any || !err;
		if (!err || nf->legacy_failed)
			continue;
		nf->legacy_failed = true;
		snprintf(text, sizeof(text), "tables of legacy iptables cannot be followed: %s",
			strerror(-err));
		say(nf, NOTICE_ERROR, text);
	}
	return any;
}

static void take_targets(struct netfilter *nf, struct targets *out)
{
	*out = (struct targets){ .rule_heads = nf->targets.rule_heads };
	for (size_t i = 0; i < nf->targets.n; i++)
		targets_add(out, nf->targets.v[i].name, nf->targets.v[i].module, nf->targets.v[i].btf_id);
}

static void settle(struct netfilter *nf)
{
	const struct nf_hooks_ops ops = {
		.progress = progress, .refused = refused, .cancelled = cancelled, .ctx = nf
	};
	struct nf_wanted wanted = { 0 };
	struct targets targets;
	bool on, known, tables;
	int err;

	pthread_mutex_lock(&nf->lock);
	on = nf->wanted;
	nf->dirty = false;
	take_targets(nf, &targets);
	pthread_mutex_unlock(&nf->lock);
	wanted.hooks = on;
	/* the programs are loaded with the types of nf_tables */
	tables = targets_find(&targets, "nft_do_chain") && targets.rule_heads;
	if (on && !load(nf, tables))
		wanted.hooks = false;
	known = rulesets_ready(nf->rulesets); /* before their statements */
	if (wanted.hooks && tables && rulesets_any(nf->rulesets)) {
		wanted.chains = true;
		wanted.statements = rulesets_statements(nf->rulesets);
	}
	wanted.legacy = on && rulesets_any_legacy(nf->rulesets) && load_legacy(nf, &targets);
	err = nf_hooks_set(&nf->hooks, &targets, &wanted, &ops);
	pthread_mutex_lock(&nf->lock);
	nf->settled = known && !err && nf->wanted == on;
	pthread_mutex_unlock(&nf->lock);
	nf->options.ops.milestone(nf->options.ops.ctx, "rules followed");
	targets_free(&targets);
	nf->options.ops.settled(nf->options.ops.ctx);
}

static bool wait_for_work(struct netfilter *nf, uint64_t last, bool *dirty)
{
	uint64_t next = last + SECOND_NS;
	struct timespec until = { .tv_sec = next / SECOND_NS, .tv_nsec = next % SECOND_NS };
	bool stopping;

	pthread_mutex_lock(&nf->lock);
	if (!nf->dirty && !nf->stopping)
		pthread_cond_timedwait(&nf->wake, &nf->lock, &until);
	*dirty = nf->dirty;
	stopping = nf->stopping;
	pthread_mutex_unlock(&nf->lock);
	return !stopping;
}

static void *netfilter_main(void *arg)
{
	struct netfilter *nf = arg;
	uint64_t last = clock_now(NULL);
	bool dirty = true;

	prctl(PR_SET_NAME, "skbscope-rules");
	do {
		if (dirty)
			settle(nf);
		if (clock_now(NULL) - last >= SECOND_NS) {
			last = clock_now(NULL);
			count(nf);
		}
	} while (wait_for_work(nf, last, &dirty));
	return NULL;
}

struct netfilter *netfilter_start(const struct netfilter_options *options)
{
	struct netfilter *nf = calloc(1, sizeof(*nf));
	struct rulesets_ops ops = {
		.changed = rulesets_changed, .waits = rulesets_wait, .say = rulesets_say, .ctx = nf
	};

	if (!nf)
		return NULL;
	nf->options = *options;
	nf_hooks_init(&nf->hooks, options->main, options->guard, options->kept);
	nf->wanted = options->wanted;
	nf->dirty = true;
	pthread_mutex_init(&nf->lock, NULL);
	cond_init(&nf->wake);
	nf->targets = *options->targets;
	*options->targets = (struct targets){ 0 };
	nf->rulesets = rulesets_start(&ops, options->wanted);
	nf->started = nf->rulesets && !pthread_create(&nf->thread, NULL, netfilter_main, nf);
	if (nf->started)
		return nf;
	netfilter_free(nf);
	return NULL;
}

void netfilter_stop(struct netfilter *nf)
{
	if (!nf || !nf->started)
		return;
	atomic_store(&nf->cancel, true);
	pthread_mutex_lock(&nf->lock);
	nf->stopping = true;
	pthread_cond_signal(&nf->wake);
	pthread_mutex_unlock(&nf->lock);
	pthread_join(nf->thread, NULL);
	nf->started = false;
	count(nf);
	rulesets_stop(nf->rulesets);
	nf_hooks_close(&nf->hooks);
}

void netfilter_free(struct netfilter *nf)
{
	if (!nf)
		return;
	netfilter_stop(nf);
	if (nf->rulesets)
		rulesets_free(nf->rulesets);
	if (nf->counting)
		hits_fini(&nf->hits);
	nf_hooks_free(&nf->hooks);
	targets_free(&nf->targets);
	free(nf->outbox.v);
	free(nf);
}
