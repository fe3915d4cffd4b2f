/* SPDX-License-Identifier: GPL-2.0 */
/* The tracer and its thread for rules. */
#include <string.h>

#include "trace/skel.h"
#include "trace/tracer_private.h"

/* While a function of the layer is traced, and whenever drops alone are. */
static bool is_wanted(const struct tracer *t)
{
	const struct probe_table *table = t->src.probes;

	if (t->options->drops)
		return true;
	for (size_t i = 0; i < t->selection.n; i++) {
		if (t->selection.wanted[i] && table->v[i].class.layer == LAYER_NETFILTER)
			return true;
	}
	return false;
}

void tracer_follow_netfilter(struct tracer *t)
{
	bool wanted = is_wanted(t);

	t->config->netfilter = !wanted ? NETFILTER_OFF : t->options->drops ? NETFILTER_DROPS : NETFILTER_ON;
	if (t->netfilter)
		netfilter_want(t->netfilter, wanted);
}

static void notice(void *tracer, const struct notice *notice)
{
	struct tracer *t = tracer;

	if (notice->type == NOTICE_PROGRESS) /* with every one that is attached */
		atomic_store(&t->programs_came, true);
	tracer_notice(t, notice);
}

static void settled(void *tracer)
{
	struct tracer *t = tracer;

	pthread_mutex_lock(&t->lock);
	t->rules_settled = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
}

static void waits(void *tracer)
{
	/* the drain thread looks every few milliseconds */
}

static void milestone(void *tracer, const char *what)
{
	tracer_milestone(tracer, what);
}

void tracer_start_netfilter(struct tracer *t)
{
	struct netfilter_options options = {
		.main = t->skel,
		.guard = &t->guard,
		.kept = &t->kept,
		.targets = &t->found.targets,
		.cpus = t->cpus,
		.wanted = is_wanted(t),
		.ops = { .notice = notice,
			.waits = waits,
			.settled = settled,
			.milestone = milestone,
			.ctx = t },
	};

	if (!t->found.trampolines) {
		tracer_say(t, NOTICE_ERROR,
			"rules of netfilter cannot be followed: trampolines cannot be had here (sysctl "
			"kernel.ftrace_enabled?)");
		return;
	}
	t->netfilter = netfilter_start(&options);
	if (!t->netfilter)
		tracer_say(t, NOTICE_ERROR, "rules of netfilter cannot be followed: no thread, or no memory");
}
