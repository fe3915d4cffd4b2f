/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/symbolizer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/event.h"
#include "base/hashmap.h"
#include "trace/symbol_table.h"

#define QUEUE 512u  /* asked for at once; others are asked for when they are met again */
#define KNOWN 8192u /* addresses that were asked for; a power of two */

struct symbolizer {
	pthread_mutex_t lock;
	uint64_t ask[QUEUE];
	size_t nask;
	struct event_symbol answer[QUEUE];
	size_t nanswer;
	struct symbol_table *table; /* made and freed by the thread that looks */
	bool stale;
	atomic_uint round; /* another one: modules have changed, and what lies where */

	/* the thread that asks */
	unsigned int round_known;
	uint64_t known[KNOWN]; /* by hash */
};

struct symbolizer *symbolizer_new(void)
{
	struct symbolizer *s = calloc(1, sizeof(*s));

	if (s)
		pthread_mutex_init(&s->lock, NULL);
	return s;
}

void symbolizer_free(struct symbolizer *s)
{
	if (!s)
		return;
	symbol_table_free(s->table);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void copy_name(char *to, size_t size, const char *name)
{
	size_t len = strnlen(name, size - 1);

	memcpy(to, name, len);
	to[len] = '\0';
}

static void answer(const struct symbol_table *table, uint64_t addr, struct event_symbol *to)
{
	const char *name = NULL, *module = "";

	memset(to, 0, sizeof(*to));
	to->ev.type = EVENT_SYMBOL;
	to->addr = addr;
	if (table)
		name = symbol_table_find(table, addr, &module, &to->offset);
	if (!name)
		return;
	copy_name(to->name, sizeof(to->name), name);
	copy_name(to->module, sizeof(to->module), module);
}

bool symbolizer_met(struct symbolizer *s, uint64_t addr, symbolizer_fn put, void *ctx)
{
	unsigned int round = atomic_load(&s->round);
	uint64_t *known = &s->known[hash_u64(addr) & (KNOWN - 1)];
	bool now, asked = false;
	struct event_symbol one;

	if (round != s->round_known) {
		memset(s->known, 0, sizeof(s->known));
		s->round_known = round;
	}
	if (!addr || *known == addr)
		return false;
	pthread_mutex_lock(&s->lock);
	now = s->table && !s->stale;
	if (now) {
		answer(s->table, addr, &one);
	} else if (s->nask < QUEUE) {
		s->ask[s->nask++] = addr;
		asked = true;
	}
	pthread_mutex_unlock(&s->lock);
	if (now)
		put(ctx, &one, sizeof(one));
	if (now || asked)
		*known = addr;
	return asked;
}

void symbolizer_take(struct symbolizer *s, symbolizer_fn put, void *ctx)
{
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->nanswer; i++)
		put(ctx, &s->answer[i], sizeof(s->answer[i]));
	s->nanswer = 0;
	pthread_mutex_unlock(&s->lock);
}

/* The old ones go first: there is never more than one table. */
static void read_symbols(struct symbolizer *s, const _Atomic bool *cancel)
{
	struct symbol_table *table;

	if (s->table && !s->stale)
		return;
	pthread_mutex_lock(&s->lock);
	table = s->table;
	s->table = NULL;
	pthread_mutex_unlock(&s->lock);
	symbol_table_free(table);
	table = symbol_table_read("/proc/kallsyms", cancel);
	pthread_mutex_lock(&s->lock);
	s->table = table;
	s->stale = !table;
	pthread_mutex_unlock(&s->lock);
}

bool symbolizer_prepare(struct symbolizer *s, const _Atomic bool *cancel)
{
	bool had = s->table && !s->stale;

	read_symbols(s, cancel);
	return s->table && !had;
}

void symbolizer_look(struct symbolizer *s)
{
	uint64_t ask[QUEUE];
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	/* answers that nobody has taken yet keep their place */
	while (n < s->nask && n + s->nanswer < QUEUE) {
		ask[n] = s->ask[n];
		n++;
	}
	s->nask -= n;
	memmove(s->ask, s->ask + n, s->nask * sizeof(s->ask[0]));
	pthread_mutex_unlock(&s->lock);
	if (!n)
		return;
	read_symbols(s, NULL);
	for (size_t i = 0; i < n; i++) {
		struct event_symbol one;

		answer(s->table, ask[i], &one);
		pthread_mutex_lock(&s->lock);
		s->answer[s->nanswer++] = one;
		pthread_mutex_unlock(&s->lock);
	}
}

void symbolizer_programs_changed(struct symbolizer *s)
{
	pthread_mutex_lock(&s->lock);
	s->stale = true;
	pthread_mutex_unlock(&s->lock);
}

void symbolizer_modules_changed(struct symbolizer *s)
{
	symbolizer_programs_changed(s);
	atomic_fetch_add(&s->round, 1);
}
