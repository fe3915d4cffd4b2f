/* SPDX-License-Identifier: GPL-2.0 */
#include "model/selection.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/config.h"

int selection_init(struct selection *sel, const struct probe_table *table)
{
	size_t cap = probe_capacity(table);

	memset(sel, 0, sizeof(*sel));
	sel->priority = 1;
	for (int i = 0; i < LAYER_COUNT; i++)
		sel->layer[i] = true;
	for (int i = 0; i < CATEGORY_COUNT; i++)
		sel->category[i] = true;
	/* One more than needed: an empty table is no lack of memory. */
	sel->func = calloc(cap + 1, sizeof(*sel->func));
	sel->allowed = calloc(cap + 1, sizeof(*sel->allowed));
	sel->wanted = calloc(cap + 1, sizeof(*sel->wanted));
	if (!sel->func || !sel->allowed || !sel->wanted) {
		selection_fini(sel);
		return -ENOMEM;
	}
	selection_update(sel, table);
	return 0;
}

void selection_fini(struct selection *sel)
{
	free(sel->func);
	free(sel->allowed);
	free(sel->wanted);
	memset(sel, 0, sizeof(*sel));
}

static bool is_wanted(const struct selection *sel, const struct probe *p, size_t i)
{
	/* A refused one stays wanted: the refusal can be over (module loaded again). */
	if (!probe_usable(p) || !sel->allowed[i])
		return false;
	if (sel->func[i])
		return sel->func[i] > 0;
	return sel->layer[p->class.layer] && sel->category[p->class.category] &&
	       p->class.priority <= sel->priority;
}

/* Functions that came: as the options say, which the tracing side has noted. */
static void grow(struct selection *sel, const struct probe_table *table)
{
	size_t n = table->n;

	for (size_t i = sel->n; i < n; i++) {
		sel->allowed[i] = !table->v[i].left_out;
		sel->func[i] = table->v[i].asked;
	}
	if (n > sel->n)
		sel->n = n;
}

void selection_update(struct selection *sel, const struct probe_table *table)
{
	size_t limit = sel->max && sel->max < MAX_FUNCS ? sel->max : MAX_FUNCS;

	/* before the states are read: what changes after this is met by the next look */
	sel->came = atomic_load_explicit(&table->came, memory_order_acquire);
	grow(sel, table);
	sel->count = 0;
	sel->cut = 0;
	memset(sel->wanted, 0, sel->n * sizeof(*sel->wanted));
	for (int priority = 0; priority <= PRIORITY_MAX; priority++) {
		for (size_t i = 0; i < sel->n && i < table->n; i++) {
			const struct probe *p = &table->v[i];

			if (p->class.priority != priority || !is_wanted(sel, p, i))
				continue;
			if (sel->count < limit) {
				sel->wanted[i] = true;
				sel->count++;
			} else {
				sel->cut++;
			}
		}
	}
}

bool selection_follow(struct selection *sel, const struct probe_table *table)
{
	if (sel->came == atomic_load_explicit(&table->came, memory_order_relaxed))
		return false;
	selection_update(sel, table);
	return true;
}

static size_t apply_glob(struct selection *sel, const struct probe_table *table, const struct command *cmd)
{
	size_t n = 0;

	for (size_t i = 0; i < sel->n && i < table->n; i++) {
		if (fnmatch(cmd->text, table->v[i].name, 0))
			continue;
		if (cmd->on) /* asked for by name: also what --function left out */
			sel->allowed[i] = true;
		sel->func[i] = cmd->on ? 1 : -1;
		n += probe_usable(&table->v[i]);
	}
	return n;
}

int selection_copy(struct selection *to, const struct selection *from, const struct probe_table *table)
{
	int ret = selection_init(to, table);

	if (ret)
		return ret;
	to->priority = from->priority;
	to->max = from->max;
	memcpy(to->layer, from->layer, sizeof(to->layer));
	memcpy(to->category, from->category, sizeof(to->category));
	/* functions that came meanwhile are known to the new one already */
	if (from->func && from->n <= to->n)
		memcpy(to->func, from->func, from->n * sizeof(*to->func));
	if (from->allowed && from->n <= to->n)
		memcpy(to->allowed, from->allowed, from->n * sizeof(*to->allowed));
	selection_update(to, table);
	return 0;
}

int selection_apply(struct selection *sel, const struct probe_table *table, const struct command *cmd)
{
	if (cmd->index < 0)
		return -EINVAL;
	grow(sel, table);
	switch (cmd->type) {
	case COMMAND_LAYER:
		if (cmd->index >= LAYER_COUNT)
			return -EINVAL;
		sel->layer[cmd->index] = cmd->on;
		break;
	case COMMAND_FUNC:
		if ((size_t)cmd->index >= sel->n)
			return -EINVAL;
		sel->func[cmd->index] = cmd->on ? 1 : -1;
		break;
	case COMMAND_CATEGORY:
		if (cmd->index >= CATEGORY_COUNT)
			return -EINVAL;
		sel->category[cmd->index] = cmd->on;
		break;
	case COMMAND_GLOB:
		if (!apply_glob(sel, table, cmd))
			return -ENOENT;
		break;
	case COMMAND_RULES:
		memset(sel->func, 0, sel->n * sizeof(*sel->func));
		break;
	case COMMAND_PRIORITY:
		if (cmd->index > PRIORITY_MAX)
			return -EINVAL;
		sel->priority = cmd->index;
		break;
	default:
		return -EINVAL;
	}
	selection_update(sel, table);
	return 0;
}
