/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/symbolizer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/event.h"
#include "base/file.h"
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
	atomic_uint round; /* another one: modules have changed, and what lies where */

	/* the thread that asks */
	unsigned int round_known;
	uint64_t known[KNOWN]; /* by hash */

	/* the thread that looks */
	struct symbol_table *table;
	bool stale;
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

bool symbolizer_met(struct symbolizer *s, uint64_t addr)
{
	unsigned int round = atomic_load(&s->round);
	uint64_t *known = &s->known[hash_u64(addr) & (KNOWN - 1)];
	bool asked = false;

	if (round != s->round_known) {
		memset(s->known, 0, sizeof(s->known));
		s->round_known = round;
	}
	if (!addr || *known == addr)
		return false;
	pthread_mutex_lock(&s->lock);
	if (s->nask < QUEUE) {
		s->ask[s->nask++] = addr;
		asked = true;
	}
	pthread_mutex_unlock(&s->lock);
	if (asked)
		*known = addr;
	return asked;
}

void symbolizer_take(struct symbolizer *s, void (*put)(void *ctx, const void *record, size_t size), void *ctx)
{
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->nanswer; i++)
		put(ctx, &s->answer[i], sizeof(s->answer[i]));
	s->nanswer = 0;
	pthread_mutex_unlock(&s->lock);
}

static void copy_name(char *to, size_t size, const char *name)
{
	size_t len = strnlen(name, size - 1);

	memcpy(to, name, len);
	to[len] = '\0';
}

/* Unreadable symbols are an empty table: addresses without names. */
static void read_symbols(struct symbolizer *s)
{
	char *text = NULL;
	size_t len = 0;

	if (s->table && !s->stale)
		return;
	if (file_read("/proc/kallsyms", &text, &len)) {
		text = NULL;
		len = 0;
	}
	symbol_table_free(s->table);
	s->table = symbol_table_new(text ? text : "", len);
	s->stale = !s->table;
	free(text);
}

static void answer(const struct symbolizer *s, uint64_t addr, struct event_symbol *to)
{
	const char *name = NULL, *module = "";

	memset(to, 0, sizeof(*to));
	to->ev.type = EVENT_SYMBOL;
	to->addr = addr;
	if (s->table)
		name = symbol_table_find(s->table, addr, &module, &to->offset);
	if (!name)
		return;
	copy_name(to->name, sizeof(to->name), name);
	copy_name(to->module, sizeof(to->module), module);
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
	read_symbols(s);
	for (size_t i = 0; i < n; i++) {
		struct event_symbol one;

		answer(s, ask[i], &one);
		pthread_mutex_lock(&s->lock);
		s->answer[s->nanswer++] = one;
		pthread_mutex_unlock(&s->lock);
	}
}

void symbolizer_modules_changed(struct symbolizer *s)
{
	s->stale = true;
	atomic_fetch_add(&s->round, 1);
}
