/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Modules that are loaded or unloaded while we trace. The worker looks once a
 * second; what that costs is one read of /proc/modules and a stat a module.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace/tracer_private.h"

/* Functions of one module that came, or that there was no room for. */
struct arrivals {
	struct tracer *t;
	const char *const *modules;
	size_t *came, *left; /* per module */
	size_t n;
};

void modules_begin(struct tracer *t)
{
	module_list_read(&t->modules);
}

void modules_free(struct tracer *t)
{
	module_list_free(&t->modules);
}

static bool is_of(const struct probe *p, const char *module)
{
	return p->module && !strcmp(p->module, module);
}

/* Its functions are nowhere: nothing may be attached to their addresses, which others get. */
static size_t leave(struct tracer *t, const char *module)
{
	struct probe_table *table = t->src.probes;
	size_t n = 0;

	for (size_t i = 0; i < table->n; i++) {
		struct probe *p = &table->v[i];

		if (!is_of(p, module) || !probe_usable(p))
			continue;
		atomic_store(&p->state, PROBE_GONE);
		n++;
	}
	if (n)
		tracer_say(t, NOTICE_MESSAGE, "module %s went: %zu function%s gone", module, n,
			n == 1 ? " is" : "s are");
	return n;
}

/* An entry of a module that was there before, at another place now. */
static bool come_back(struct tracer *t, size_t index, const struct probe *entry)
{
	struct probe *p = &t->src.probes->v[index];

	/* all that can be traced is in use already: loaded while we began */
	if (probe_usable(p) || index >= MAX_FUNCS)
		return false;
	atomic_store(&p->addr, entry->addr);
	atomic_store(&p->arg, entry->arg);
	atomic_store(&p->error, 0);
	p->at_end = entry->at_end;
	p->btf_id = entry->btf_id;
	p->late = true;
	if (t->told)
		t->told[index] = false;
	atomic_store(&p->state, PROBE_IDLE);
	return true;
}

static void arrive(void *ctx, const struct probe *entry)
{
	struct arrivals *a = ctx;
	struct probe_table *table = a->t->src.probes;
	int index = probe_find(table, entry->name, entry->module);
	struct probe p = *entry;
	size_t m = 0;

	while (m < a->n && !is_of(entry, a->modules[m]))
		m++;
	if (m == a->n)
		return;
	if (index >= 0) {
		a->came[m] += come_back(a->t, index, entry);
		return;
	}
	p.late = true;
	tracer_choose(a->t->options, &p);
	index = table->n < MAX_FUNCS ? probe_add(table, &p) : -ENOSPC;
	a->came[m] += index >= 0;
	a->left[m] += index < 0;
}

static void say_arrivals(const struct arrivals *a)
{
	for (size_t m = 0; m < a->n; m++) {
		if (a->came[m])
			tracer_say(a->t, NOTICE_MESSAGE, "module %s: %zu function%s came", a->modules[m],
				a->came[m], a->came[m] == 1 ? "" : "s");
		if (a->left[m])
			tracer_say(a->t, NOTICE_ERROR,
				"module %s: %zu function%s left out: no more than %u can be counted",
				a->modules[m], a->left[m], a->left[m] == 1 ? " is" : "s are", MAX_FUNCS);
	}
}

/* Everything about the modules of now that the former list does not have. */
static size_t enter(struct tracer *t, const struct module_list *now)
{
	struct arrivals a = { .t = t };
	struct targets targets = { 0 };
	const char **modules = calloc(now->n + 1, sizeof(*modules));
	size_t *counts = calloc(now->n + 1, 2 * sizeof(*counts)), count = 0;
	int err = modules && counts ? 0 : -ENOMEM;

	for (size_t i = 0; i < now->n && !err; i++) {
		if (!module_list_has(&t->modules, &now->v[i]))
			modules[a.n++] = now->v[i].name;
	}
	a.modules = modules;
	a.came = counts;
	if (!err && a.n) {
		a.left = counts + a.n;
		err = discover_modules(modules, a.n, arrive, &a, &targets, &t->found.reasons);
	}
	if (err)
		tracer_say(t, NOTICE_ERROR, "modules that were loaded: their functions are not found: %s",
			strerror(-err));
	else
		say_arrivals(&a);
	for (size_t m = 0; m < a.n; m++)
		count += a.came[m];
	if (t->netfilter)
		netfilter_targets(t->netfilter, &targets);
	targets_free(&targets);
	symbolizer_modules_changed(t->symbolizer);
	free(counts);
	free(modules);
	return count;
}

void modules_look(struct tracer *t, void (*change)(struct tracer *))
{
	struct module_list now;
	size_t n = 0;

	/* not read: as if nothing had happened; the next look is in a second */
	if (module_list_read(&now) || now.hash == t->modules.hash) {
		module_list_free(&now);
		return;
	}
	for (size_t i = 0; i < t->modules.n; i++) {
		if (!module_list_has(&now, &t->modules.v[i]))
			n += leave(t, t->modules.v[i].name);
	}
	if (n) {
		/* before others come: what is attached to these must be gone by then */
		tracer_follow(t);
		change(t);
	}
	if (enter(t, &now)) {
		t->late = true;
		tracer_follow(t);
		change(t);
	}
	module_list_free(&t->modules);
	t->modules = now;
}
