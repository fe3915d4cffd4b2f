/* SPDX-License-Identifier: GPL-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "trace/tracer_private.h"

void notices_init(struct notices *n)
{
	memset(n, 0, sizeof(*n));
	pthread_mutex_init(&n->lock, NULL);
}

bool notices_get(struct notices *n, struct notice *out)
{
	bool any;

	pthread_mutex_lock(&n->lock);
	any = n->n;
	if (any) {
		*out = n->v[n->first];
		n->first = (n->first + 1) % NOTICES;
		n->n--;
	}
	pthread_mutex_unlock(&n->lock);
	return any;
}

void tracer_notice(struct tracer *t, const struct notice *notice)
{
	struct notices *n = &t->notices;
	struct notice *last;

	pthread_mutex_lock(&n->lock);
	last = n->n ? &n->v[(n->first + n->n - 1) % NOTICES] : NULL;
	/* only the newest progress matters */
	if (last && last->type == NOTICE_PROGRESS && notice->type == NOTICE_PROGRESS) {
		*last = *notice;
	} else {
		if (n->n == NOTICES) {
			n->first = (n->first + 1) % NOTICES;
			n->n--;
		}
		n->v[(n->first + n->n++) % NOTICES] = *notice;
	}
	pthread_mutex_unlock(&n->lock);
	channel_poke(&t->channel);
}

void tracer_say(struct tracer *t, enum notice_type type, const char *fmt, ...)
{
	struct notice notice = { .type = type };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(notice.text, sizeof(notice.text), fmt, ap);
	va_end(ap);
	tracer_notice(t, &notice);
}

void tracer_milestone(const struct tracer *t, const char *what)
{
	if (t->verbose)
		fprintf(stderr, "skbscope: %5.0f ms %s\n", (double)(clock_now(NULL) - t->started) / 1e6,
			what);
}
