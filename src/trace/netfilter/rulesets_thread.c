/* SPDX-License-Identifier: GPL-2.0 */
/* The thread of the rulesets: which namespaces there are, and when one is read again. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "trace/netfilter/loaded.h"
#include "trace/netfilter/nft_dump.h"
#include "trace/netfilter/rulesets_private.h"

#define TICK_NS 1000000000ull	/* modules that came or went, names, places that are gone */
#define LEGACY_NS 2000000000ull /* the kernel does not tell of changes there */

static struct space *find_space(struct rulesets *r, uint32_t inode)
{
	for (size_t i = 0; i < r->nspaces; i++) {
		if (r->spaces[i].inode == inode)
			return &r->spaces[i];
	}
	return NULL;
}

static void know(void *ctx, uint32_t inode, const char *path)
{
	struct rulesets *r = ctx;
	struct space *s;

	if (find_space(r, inode))
		return;
	if (r->nspaces == SPACES_MAX) {
		rulesets_say(r, SAID_SPACES, "rulesets of no more network namespaces are read",
			"too many of them");
		return;
	}
	s = &r->spaces[r->nspaces++];
	*s = (struct space){ .inode = inode, .events = -1, .dirty = true };
	snprintf(s->path, sizeof(s->path), "%s", path);
}

static void know_own(struct rulesets *r)
{
	static const char path[] = "/proc/self/ns/net";
	struct stat st;

	if (stat(path, &st))
		return;
	know(r, (uint32_t)st.st_ino, path);
	r->spaces[0].own = true;
}

static void close_events(struct space *s)
{
	if (s->events >= 0)
		close(s->events);
	s->events = -1;
}

/* It is not there any more, and neither are its rules. */
static void forget(struct rulesets *r, struct space *s)
{
	const struct ruleset none = { .texts = true };
	struct strbuf records = STRBUF_INIT;

	close_events(s);
	legacy_counts_free(s->counts);
	if (s->items) {
		ruleset_records(&none, NULL, s->inode, &records);
		rulesets_hand_over(r, s->inode, &records);
		strbuf_fini(&records);
	}
	*s = r->spaces[--r->nspaces];
}

/* Sockets of ours must not keep a namespace that others have given up. */
static bool look_for_places(struct rulesets *r)
{
	bool gone = false;

	for (size_t i = 0; i < r->nspaces;) {
		struct space *s = &r->spaces[i];

		if (!s->own && !netns_place_is(s->path, s->inode) && !netns_place_find(s->inode, s->path)) {
			forget(r, s);
			gone = true;
		} else {
			i++;
		}
	}
	return gone;
}

/* Something came or went: everything is read again. */
static void look_for_modules(struct rulesets *r)
{
	bool nft = r->nft_built_in || is_loaded("nf_tables");
	bool legacy4 = is_loaded("ip_tables"), legacy6 = is_loaded("ip6_tables");
	bool changed = nft != r->nft || legacy4 != r->legacy4 || legacy6 != r->legacy6;

	r->nft = nft;
	r->legacy4 = legacy4;
	r->legacy6 = legacy6;
	for (size_t i = 0; i < r->nspaces; i++) {
		if (!nft)
			close_events(&r->spaces[i]);
		r->spaces[i].dirty |= changed;
	}
}

static void look_for_legacy(struct rulesets *r, uint64_t now)
{
	/* where there was none so far, less often */
	bool all = now - r->named_legacy >= 5 * LEGACY_NS;

	if (!r->legacy4 && !r->legacy6)
		return;
	if (all)
		r->named_legacy = now;
	for (size_t i = 0; i < r->nspaces; i++) {
		struct space *s = &r->spaces[i];

		/* counting tells when its rules are others */
		if (!s->dirty && ((s->legacy && !s->counted) || (!s->legacy && all)) &&
			now > s->due + LEGACY_NS)
			s->dirty = true;
	}
}

/* Where there are tables, every second. */
static void count_legacy(struct rulesets *r)
{
	for (size_t i = 0; i < r->nspaces && r->counting; i++) {
		struct space *s = &r->spaces[i];

		if (s->legacy && s->counts && !s->dirty)
			s->dirty = rulesets_count(r, s);
	}
}

static bool waits(struct rulesets *r)
{
	bool any;

	pthread_mutex_lock(&r->lock);
	any = r->waiting != NULL;
	pthread_mutex_unlock(&r->lock);
	return any;
}

static void tell_that_hits_wait(struct rulesets *r)
{
	if (waits(r) && r->ops.waits)
		r->ops.waits(r->ops.ctx);
}

/* What came since the last time: also where there was no table so far, and rules that are just made. */
static void count_last(struct rulesets *r)
{
	for (size_t i = 0; i < r->nspaces && (r->legacy4 || r->legacy6); i++) {
		struct space *s = &r->spaces[i];

		if (s->read && (!s->counts || (s->legacy && s->dirty) || rulesets_count(r, s)))
			rulesets_read(r, s);
	}
}

/* Until now, or from now on. */
static void follow_counts(struct rulesets *r)
{
	bool count;

	pthread_mutex_lock(&r->lock);
	count = r->count;
	pthread_mutex_unlock(&r->lock);
	if (count == r->counting)
		return;
	if (!count)
		count_last(r);
	r->counting = count;
	for (size_t i = 0; i < r->nspaces && count; i++) {
		struct space *s = &r->spaces[i];

		s->looked = false;
		s->base = s->dirty = true;
	}
}

static bool tick(struct rulesets *r, uint64_t now)
{
	r->ticked = now;
	/* the folders may come later; one that is watched already stays as it is */
	if (r->names >= 0) {
		inotify_add_watch(r->names, "/run/netns", IN_DELETE | IN_MOVED_FROM);
		inotify_add_watch(r->names, "/run/docker/netns", IN_DELETE | IN_MOVED_FROM);
	}
	look_for_modules(r);
	netns_places_named(know, r);
	look_for_legacy(r, now);
	count_legacy(r);
	tell_that_hits_wait(r);
	return look_for_places(r);
}

static void meet(struct rulesets *r)
{
	uint32_t seen[SEEN_MAX];
	char path[NETNS_PATH];
	size_t n;

	pthread_mutex_lock(&r->lock);
	n = r->nseen;
	memcpy(seen, r->seen, n * sizeof(seen[0]));
	r->nseen = 0;
	pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < n; i++) {
		if (!find_space(r, seen[i]) && netns_place_find(seen[i], path))
			know(r, seen[i], path);
	}
}

static bool stopped(struct rulesets *r)
{
	bool stop;

	pthread_mutex_lock(&r->lock);
	stop = r->stop;
	pthread_mutex_unlock(&r->lock);
	return stop;
}

static bool update(struct rulesets *r)
{
	uint64_t statements = 0, before = atomic_load(&r->statements);
	bool any = false, legacy = false, ready = true, changed;

	for (size_t i = 0; i < r->nspaces; i++) {
		const struct space *s = &r->spaces[i];

		statements |= s->statements;
		any |= s->chains > 0;
		legacy |= s->legacy;
		ready &= s->read;
	}
	changed = statements != before || any != atomic_load(&r->any) ||
		  legacy != atomic_load(&r->any_legacy) || ready != atomic_load(&r->ready);
	atomic_store(&r->statements, statements);
	atomic_store(&r->any, any);
	atomic_store(&r->any_legacy, legacy);
	atomic_store(&r->ready, ready);
	return changed;
}

bool rulesets_publish(struct rulesets *r)
{
	bool changed = update(r);

	if (changed && r->ops.changed)
		r->ops.changed(r->ops.ctx);
	return changed;
}

/* Reads those that are due; ms until the next is. */
static int read_due(struct rulesets *r)
{
	uint64_t now, next = r->ticked + TICK_NS;
	bool read = false;

	for (size_t i = 0; i < r->nspaces && !stopped(r);) {
		struct space *s = &r->spaces[i];

		now = clock_now(NULL);
		if (s->dirty && s->due <= now) {
			read = true;
			if (!rulesets_read(r, s)) {
				forget(r, s);
				continue;
			}
		}
		if (s->dirty && s->due < next)
			next = s->due;
		i++;
	}
	if (!rulesets_publish(r) && read && waits(r) && r->ops.changed)
		r->ops.changed(r->ops.ctx);
	now = clock_now(NULL);
	return next > now ? (int)((next - now) / 1000000) + 1 : 0;
}

static void wait_for_news(struct rulesets *r, int ms)
{
	struct pollfd p[SPACES_MAX + 2];
	char buf[4096] __attribute__((aligned(8)));
	size_t n = r->nspaces;

	for (size_t i = 0; i < n; i++) {
		/* what waits to be read again has said so already: no need to wake for more of it */
		p[i] = (struct pollfd){ .fd = r->spaces[i].dirty ? -1 : r->spaces[i].events,
			.events = POLLIN };
	}
	p[n] = (struct pollfd){ .fd = r->wake, .events = POLLIN };
	p[n + 1] = (struct pollfd){ .fd = r->names, .events = POLLIN };
	if (poll(p, n + 2, ms) <= 0)
		return;
	for (size_t i = 0; i < n; i++)
		r->spaces[i].dirty |= p[i].revents != 0;
	if (p[n].revents && read(r->wake, buf, sizeof(uint64_t)) < 0)
		return;
	if (p[n + 1].revents) {
		while (read(r->names, buf, sizeof(buf)) > 0)
			;
		look_for_places(r);
	}
	meet(r);
}

void *rulesets_run(void *arg)
{
	struct rulesets *r = arg;
	sigset_t all;

	prctl(PR_SET_NAME, "skbscope-read");
	/* signals are for others */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	r->nft_built_in = is_built_in("nf_tables");
	know_own(r);
	netns_places_named(know, r);
	netns_places_processes(know, r);
	look_for_modules(r);
	while (!stopped(r)) {
		uint64_t now = clock_now(NULL);

		if (now - r->ticked >= TICK_NS && tick(r, now) && r->ops.changed)
			r->ops.changed(r->ops.ctx);
		wait_for_news(r, read_due(r));
		follow_counts(r);
	}
	look_for_modules(r);
	if (r->counting)
		count_last(r);
	tell_that_hits_wait(r);
	return NULL;
}
