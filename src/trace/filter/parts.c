/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/filter/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "trace/cond.h"

#define LOOK_MS 50 /* between two looks whether something else is wanted */

/* An expression that waits for a resolver, in a thread that nobody waits for. */
struct lookup {
	pthread_mutex_t lock;
	pthread_cond_t done_cond;
	int users; /* the waiting one and the thread */
	bool done;
	struct packet_filter filter;
	struct filter_parts parts;
	int ret;
	char err[240];
};

void filter_parts_free(struct filter_parts *parts)
{
	filter_code_free(&parts->expr);
	filter_code_free(&parts->inner);
	memset(parts, 0, sizeof(*parts));
}

int filter_parts_compile(struct filter_parts *parts, const struct packet_filter *f, char *err, size_t size)
{
	int ret = 0;

	memset(parts, 0, sizeof(*parts));
	if (f->expr[0])
		ret = filter_compile(f->expr, &parts->expr, err, size);
	if (!ret && f->inner[0])
		ret = filter_compile(f->inner, &parts->inner, err, size);
	if (ret)
		filter_parts_free(parts);
	return ret;
}

bool filter_parts_need_names(const struct packet_filter *f)
{
	return filter_needs_names(f->expr) || filter_needs_names(f->inner);
}

static void lookup_put(struct lookup *l)
{
	bool last;

	pthread_mutex_lock(&l->lock);
	last = --l->users == 0;
	pthread_mutex_unlock(&l->lock);
	if (!last)
		return;
	filter_parts_free(&l->parts);
	pthread_cond_destroy(&l->done_cond);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static void *lookup_main(void *arg)
{
	struct lookup *l = arg;
	struct filter_parts parts;
	char err[sizeof(l->err)] = "";
	int ret;

	prctl(PR_SET_NAME, "skbscope-names");
	ret = filter_parts_compile(&parts, &l->filter, err, sizeof(err));
	pthread_mutex_lock(&l->lock);
	l->ret = ret;
	if (!ret)
		l->parts = parts;
	snprintf(l->err, sizeof(l->err), "%s", err);
	l->done = true;
	pthread_cond_signal(&l->done_cond);
	pthread_mutex_unlock(&l->lock);
	lookup_put(l);
	return NULL;
}

static struct lookup *lookup_start(const struct packet_filter *f)
{
	struct lookup *l = calloc(1, sizeof(*l));
	pthread_t thread;

	if (!l)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	cond_init(&l->done_cond);
	l->users = 2;
	l->filter = *f;
	if (!pthread_create(&thread, NULL, lookup_main, l)) {
		pthread_detach(thread);
		return l;
	}
	l->users = 1;
	lookup_put(l);
	return NULL;
}

int filter_parts_look_up(struct filter_parts *parts, const struct packet_filter *f,
	bool (*give_up)(void *ctx), void *ctx, char *err, size_t size)
{
	struct lookup *l = lookup_start(f);
	int ret = -ECANCELED;

	if (!l)
		return -ENOMEM;
	pthread_mutex_lock(&l->lock);
	while (!l->done && !give_up(ctx)) {
		struct timespec at = cond_in_ms(LOOK_MS);

		pthread_cond_timedwait(&l->done_cond, &l->lock, &at);
	}
	if (l->done) {
		ret = l->ret;
		*parts = l->parts;
		memset(&l->parts, 0, sizeof(l->parts));
		snprintf(err, size, "%s", l->err);
	}
	pthread_mutex_unlock(&l->lock);
	lookup_put(l);
	return ret;
}
