/* SPDX-License-Identifier: GPL-2.0 */
#include "model/probe.h"

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
	}
	return "?";
}

void probe_table_free(struct probe_table *table)
{
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
