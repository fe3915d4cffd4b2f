/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/rulesets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "trace/netfilter/rulesets_private.h"

static void wake(struct rulesets *r)
{
	const uint64_t one = 1;

	/* full: it is awake */
	if (write(r->wake, &one, sizeof(one)) < 0)
		return;
}

static void free_waiting(struct waiting *w)
{
	while (w) {
		struct waiting *next = w->next;

		strbuf_fini(&w->bytes);
		free(w);
		w = next;
	}
}

static void release(struct rulesets *r)
{
	for (size_t i = 0; i < r->nspaces; i++) {
		if (r->spaces[i].events >= 0)
			close(r->spaces[i].events);
		legacy_counts_free(r->spaces[i].counts);
	}
	free(r->spaces);
	free_waiting(r->waiting);
	libnftables_free(r->lib);
	if (r->wake >= 0)
		close(r->wake);
	if (r->names >= 0)
		close(r->names);
	if (r->own >= 0)
		close(r->own);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct rulesets *rulesets_start(const struct rulesets_ops *ops, bool count)
{
	struct rulesets *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->ops = *ops;
	r->count = r->counting = count;
	pthread_mutex_init(&r->lock, NULL);
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->names = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	r->own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	r->spaces = calloc(SPACES_MAX, sizeof(*r->spaces));
	r->started = r->wake >= 0 && r->spaces && !pthread_create(&r->thread, NULL, rulesets_run, r);
	if (r->started)
		return r;
	release(r);
	return NULL;
}

void rulesets_stop(struct rulesets *r)
{
	if (!r || !r->started)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_mutex_unlock(&r->lock);
	wake(r);
	pthread_join(r->thread, NULL);
	r->started = false;
}

void rulesets_free(struct rulesets *r)
{
	if (!r)
		return;
	rulesets_stop(r);
	release(r);
}

void rulesets_want_counts(struct rulesets *r, bool count)
{
	bool other;

	pthread_mutex_lock(&r->lock);
	other = r->count != count;
	r->count = count;
	pthread_mutex_unlock(&r->lock);
	if (other)
		wake(r);
}

void rulesets_see(struct rulesets *r, uint32_t netns)
{
	bool asked = false;
	size_t i = 0;

	if (!netns)
		return;
	pthread_mutex_lock(&r->lock);
	while (i < r->nseen && r->seen[i] != netns)
		i++;
	if (i == r->nseen && i < SEEN_MAX) {
		r->seen[r->nseen++] = netns;
		asked = true;
	}
	pthread_mutex_unlock(&r->lock);
	if (asked)
		wake(r);
}

bool rulesets_ready(struct rulesets *r)
{
	return atomic_load(&r->ready);
}

uint64_t rulesets_statements(struct rulesets *r)
{
	return atomic_load(&r->statements);
}

bool rulesets_any(struct rulesets *r)
{
	return atomic_load(&r->any);
}

bool rulesets_any_legacy(struct rulesets *r)
{
	return atomic_load(&r->any_legacy);
}

/* What waits of a namespace; where it stands. */
static struct waiting **find_waiting(struct rulesets *r, uint32_t inode)
{
	struct waiting **at = &r->waiting;

	while (*at && (*at)->inode != inode)
		at = &(*at)->next;
	return at;
}

static void append_waiting(struct rulesets *r, struct waiting *w)
{
	struct waiting **at = &r->waiting;

	while (*at)
		at = &(*at)->next;
	*at = w;
	r->waiting_bytes += w->bytes.len;
}

bool rulesets_hand_over(struct rulesets *r, uint32_t inode, struct strbuf *records)
{
	struct waiting *w = calloc(1, sizeof(*w)), *old, **at;
	bool fits;

	if (!w)
		return false;
	w->inode = inode;
	w->bytes = *records;
	*records = (struct strbuf)STRBUF_INIT;
	pthread_mutex_lock(&r->lock);
	/* what waits of this namespace is out of date */
	at = find_waiting(r, inode);
	old = *at;
	if (old) {
		*at = old->next;
		old->next = NULL;
		r->waiting_bytes -= old->bytes.len;
	}
	fits = !w->bytes.failed && r->waiting_bytes + w->bytes.len <= WAITING_MAX;
	if (fits)
		append_waiting(r, w);
	pthread_mutex_unlock(&r->lock);
	free_waiting(old);
	if (!fits)
		free_waiting(w);
	return fits;
}

bool rulesets_hand_over_more(struct rulesets *r, uint32_t inode, const struct strbuf *records)
{
	struct waiting *w;
	bool fits;

	pthread_mutex_lock(&r->lock);
	fits = !records->failed && r->waiting_bytes + records->len <= WAITING_MAX;
	w = fits ? *find_waiting(r, inode) : NULL;
	if (fits && !w) {
		w = calloc(1, sizeof(*w));
		if (w) {
			w->inode = inode;
			append_waiting(r, w);
		}
	}
	if (w) {
		r->waiting_bytes -= w->bytes.len;
		strbuf_add(&w->bytes, records->s, records->len);
		r->waiting_bytes += w->bytes.len;
		fits = !w->bytes.failed;
	}
	pthread_mutex_unlock(&r->lock);
	return w && fits;
}

void rulesets_take(struct rulesets *r, void (*put)(void *ctx, const void *record, size_t size), void *ctx)
{
	struct waiting *all;

	pthread_mutex_lock(&r->lock);
	all = r->waiting;
	r->waiting = NULL;
	r->waiting_bytes = 0;
	pthread_mutex_unlock(&r->lock);
	for (const struct waiting *w = all; w; w = w->next)
		ruleset_each_record(w->bytes.s, w->bytes.len, put, ctx);
	free_waiting(all);
}
