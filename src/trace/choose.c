/* SPDX-License-Identifier: GPL-2.0 */
/* What the options choose of the functions: at the start, and of those that come later. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/tracer_private.h"

/* One glob of a comma separated list against every function. */
static size_t allow_glob(struct selection *sel, const struct probe_table *table, const char *glob)
{
	size_t n = 0;

	for (size_t i = 0; i < table->n; i++) {
		if (fnmatch(glob, table->v[i].name, 0))
			continue;
		sel->allowed[i] = true;
		n += probe_usable(&table->v[i]);
	}
	return n;
}

static int select_functions(
	struct selection *sel, const struct probe_table *table, const char *list, char *err, size_t err_size)
{
	char *copy = strdup(list), *save = NULL;
	int ret = 0;

	if (!copy)
		return -ENOMEM;
	memset(sel->allowed, 0, table->n * sizeof(*sel->allowed));
	for (char *glob = strtok_r(copy, ",", &save); glob && !ret; glob = strtok_r(NULL, ",", &save)) {
		if (allow_glob(sel, table, glob))
			continue;
		snprintf(err, err_size,
			"--function %s: no function of this kernel that takes an skb and can be traced "
			"matches (skbscope list -p 3 shows them)",
			glob);
		ret = -EINVAL;
	}
	free(copy);
	return ret;
}

static void configure(struct probe_class *class, const struct config_entry *f)
{
	if (f->layer >= 0)
		class->layer = f->layer;
	if (f->category >= 0)
		class->category = f->category;
	if (f->priority >= 0)
		class->priority = f->priority;
}

static void select_config(struct selection *sel, struct probe_table *table, const struct config_file *config)
{
	memset(sel->allowed, 0, table->n * sizeof(*sel->allowed));
	for (size_t i = 0; i < config->n; i++) {
		const struct config_entry *f = &config->v[i];
		int at = probe_find(table, f->name, f->module);

		if (at < 0)
			continue;
		configure(&table->v[at].class, f);
		sel->allowed[at] = true;
		sel->func[at] = f->enabled ? 0 : -1;
	}
}

/* Functions that drop: one of the first three on every kernel. */
static const char *const droppers[] = { "sk_skb_reason_drop", "kfree_skb_reason", "kfree_skb",
	"kfree_skb_list_reason", "kfree_skb_list" };

static bool is_dropper(const char *name)
{
	for (size_t i = 0; i < sizeof(droppers) / sizeof(droppers[0]); i++) {
		if (!strcmp(name, droppers[i]))
			return true;
	}
	return false;
}

static void select_drops(struct selection *sel, const struct probe_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		sel->allowed[i] = !table->v[i].module && is_dropper(table->v[i].name);
		sel->func[i] = sel->allowed[i];
	}
}

int tracer_dropper(const struct probe_table *table)
{
	int index = probe_find(table, "kfree_skb_list_reason", NULL);

	for (size_t i = 0; i < sizeof(droppers) / sizeof(droppers[0]) && index < 0; i++)
		index = probe_find(table, droppers[i], NULL);
	return index;
}

int tracer_select(struct selection *sel, const struct probe_table *table,
	const struct tracer_options *options, char *err, size_t err_size)
{
	int ret = selection_init(sel, table);

	if (ret)
		return ret;
	sel->priority = options->priority;
	memcpy(sel->layer, options->layer, sizeof(sel->layer));
	memcpy(sel->category, options->category, sizeof(sel->category));
	sel->max = options->max_functions;
	if (options->config)
		select_config(sel, (struct probe_table *)table, options->config);
	if (options->drops && !options->config && !options->functions)
		select_drops(sel, table);
	if (options->functions) {
		sel->priority = PRIORITY_MAX; /* named: whatever their priority */
		ret = select_functions(sel, table, options->functions, err, err_size);
	}
	selection_update(sel, table);
	return ret;
}

static bool is_named(const char *list, const char *name)
{
	char *copy = strdup(list), *save = NULL;
	bool named = false;

	for (char *glob = copy ? strtok_r(copy, ",", &save) : NULL; glob && !named;
		glob = strtok_r(NULL, ",", &save))
		named = !fnmatch(glob, name, 0);
	free(copy);
	return named;
}

static void choose_by_config(struct probe *p, const struct config_file *config)
{
	p->left_out = true;
	for (size_t i = 0; i < config->n; i++) {
		const struct config_entry *f = &config->v[i];

		if (strcmp(f->name, p->name) != 0 ||
			(f->module && (!p->module || strcmp(f->module, p->module) != 0)))
			continue;
		configure(&p->class, f);
		p->left_out = false;
		p->asked = f->enabled ? 0 : -1;
	}
}

void tracer_choose(const struct tracer_options *options, struct probe *p)
{
	if (options->config)
		choose_by_config(p, options->config);
	else if (options->drops)
		p->left_out = true;
	if (options->functions)
		p->left_out = !is_named(options->functions, p->name);
}
