/* SPDX-License-Identifier: GPL-2.0 */
#include "model/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *probe_state_name(enum probe_state state)
{
	switch (state) {
	case PROBE_IDLE:
		return "idle";
	case PROBE_ATTACHED:
		return "attached";
	case PROBE_REFUSED:
		return "refused";
	case PROBE_UNUSABLE:
		return "unusable";
	case PROBE_GONE:
		return "gone";
	}
	return "?";
}

struct probe_names {
	struct probe_names *next;
	char text[]; /* name and module */
};

size_t probe_capacity(const struct probe_table *table)
{
	size_t n = table->n;

	return table->cap > n ? table->cap : n;
}

int probe_add(struct probe_table *table, const struct probe *entry)
{
	size_t name = strlen(entry->name) + 1, module = entry->module ? strlen(entry->module) + 1 : 0;
	size_t n = table->n;
	struct probe_names *text;
	struct probe *p;

	if (n >= table->cap)
		return -ENOSPC;
	text = malloc(sizeof(*text) + name + module);
	if (!text)
		return -ENOMEM;
	text->next = table->more;
	table->more = text;
	p = &table->v[n];
	*p = *entry;
	p->name = memcpy(text->text, entry->name, name);
	if (module)
		p->module = memcpy(text->text + name, entry->module, module);
	atomic_store_explicit(&table->n, n + 1, memory_order_release);
	return (int)n;
}

void probe_table_changed(struct probe_table *table)
{
	atomic_fetch_add_explicit(&table->came, 1, memory_order_release);
}

void probe_table_free(struct probe_table *table)
{
	while (table->more) {
		struct probe_names *next = table->more->next;

		free(table->more);
		table->more = next;
	}
	free(table->v);
	free(table->names);
	memset(table, 0, sizeof(*table));
}

int probe_find(const struct probe_table *table, const char *name, const char *module)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct probe *p = &table->v[i];

		if (strcmp(p->name, name) != 0)
			continue;
		if (!module || (p->module && !strcmp(p->module, module)))
			return (int)i;
	}
	return -1;
}
