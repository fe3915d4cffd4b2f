/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/replay/merge_reasons.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX 1024u	 /* names of a subsystem */
#define CORE_MAX 0xffffu /* numbers that the core can have */
#define UNKNOWN 0xffffu

static uint16_t core_reason(struct merge *m, const char *name, size_t hint)
{
	size_t i, n = m->info.nreasons;

	if (hint < n && m->reasons[hint] && !strcmp(m->reasons[hint], name))
		return (uint16_t)hint;
	for (i = 0; i < n; i++)
		if (m->reasons[i] && !strcmp(m->reasons[i], name))
			return (uint16_t)i;
	if (n >= m->reasons_max)
		return UNKNOWN;
	m->reasons[m->info.nreasons++] = name;
	return (uint16_t)n;
}

/* The first kernel's numbers stay; others' reasons get the number of their name, or a new one. */
static int core_reasons(struct merge *m)
{
	size_t max = 1;

	for (size_t i = 0; i < m->nruns; i++)
		max += m->run[i].head->info.nreasons;
	m->reasons_max = max < CORE_MAX ? max : CORE_MAX;
	m->reasons = calloc(m->reasons_max, sizeof(*m->reasons));
	if (!m->reasons)
		return -ENOMEM;
	m->info.nreasons = 0;
	for (size_t i = 0; i < m->nruns; i++) {
		const struct source_info *of = &m->run[i].head->info;
		size_t n = of->nreasons < CORE_MAX ? of->nreasons : CORE_MAX;

		m->run[i].reason = calloc(n + 1, sizeof(*m->run[i].reason));
		if (!m->run[i].reason)
			return -ENOMEM;
		for (size_t k = 0; k < n; k++) {
			if (!of->reasons[k] && !i && m->info.nreasons < m->reasons_max)
				m->info.nreasons++; /* a gap stays one */
			m->run[i].reason[k] = of->reasons[k] ? core_reason(m, of->reasons[k], k) : UNKNOWN;
		}
	}
	m->info.reasons = m->reasons;
	return 0;
}

/* Its number among all; 0: there is no room for it. */
static uint16_t subsystem_number(struct merge *m, const char *name, size_t hint)
{
	size_t i;

	for (i = 1; i < REASON_SUBSYSTEMS; i++)
		if (m->subsystem[i].name && !strcmp(m->subsystem[i].name, name))
			return (uint16_t)i;
	if (m->subsystem[hint].name)
		for (hint = 1; hint < REASON_SUBSYSTEMS && m->subsystem[hint].name; hint++)
			;
	if (hint >= REASON_SUBSYSTEMS)
		return 0;
	m->subsystem[hint].name = name;
	return (uint16_t)hint;
}

int merge_reasons_init(struct merge *m)
{
	if (core_reasons(m))
		return -ENOMEM;
	for (size_t i = 0; i < m->nruns; i++) {
		const struct source_info *of = &m->run[i].head->info;

		for (size_t k = 1; k < of->nsubsystems && k < REASON_SUBSYSTEMS; k++)
			if (of->subsystems[k].name)
				m->subsystem_of[i][k] = subsystem_number(m, of->subsystems[k].name, k);
	}
	m->info.subsystems = m->subsystem;
	m->info.nsubsystems = REASON_SUBSYSTEMS;
	return 0;
}

void merge_reasons_fini(struct merge *m)
{
	for (size_t i = 0; i < m->nruns; i++)
		free(m->run[i].reason);
	for (size_t i = 0; i < REASON_SUBSYSTEMS; i++)
		free((void *)(uintptr_t)m->subsystem[i].list);
	free(m->reasons);
}

/* The lists become known as their modules do: a name is looked for when it is met. */
static uint32_t subsystem_reason(struct merge *m, const struct run *run, uint32_t reason)
{
	uint32_t of = reason_subsystem(reason), number = reason & 0xffff;
	uint32_t no = of < REASON_SUBSYSTEMS ? m->subsystem_of[run->no][of] : 0;
	const struct reason_list *theirs = no ? run->head->info.subsystems[of].list : NULL;
	struct reason_list *list;
	size_t i;

	if (!no || !theirs || number >= theirs->n || !theirs->name[number])
		return no ? no << 16 | number : UNKNOWN;
	list = (struct reason_list *)(uintptr_t)m->subsystem[no].list;
	if (!list) {
		list = calloc(1, sizeof(*list) + LIST_MAX * sizeof(list->name[0]));
		if (!list)
			return no << 16 | number;
		m->subsystem[no].list = list;
	}
	for (i = 0; i < list->n; i++)
		if (list->name[i] && !strcmp(list->name[i], theirs->name[number]))
			return (uint32_t)(no << 16 | i);
	/* where it was, if that is free */
	if (number < LIST_MAX && (number >= list->n || !list->name[number]))
		i = number;
	if (i >= LIST_MAX)
		return no << 16 | number;
	list->name[i] = theirs->name[number];
	list->n = i + 1 > list->n ? i + 1 : list->n;
	return (uint32_t)(no << 16 | i);
}

uint32_t merge_reason(struct merge *m, const struct run *run, uint32_t reason)
{
	if (reason_subsystem(reason))
		return subsystem_reason(m, run, reason);
	if (reason < run->head->info.nreasons && reason < CORE_MAX)
		return run->reason[reason];
	return reason < m->info.nreasons ? UNKNOWN : reason;
}
