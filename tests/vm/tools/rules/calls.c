/* SPDX-License-Identifier: GPL-2.0 */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLES 6

void *grow(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if (!p) {
		fprintf(stderr, "labrules: no memory\n");
		exit(1);
	}
	return p;
}

struct call *calls_begin(struct calls *calls, uint64_t owner, uint64_t more, const char *who)
{
	struct call *call;

	if (calls->n == calls->max) {
		calls->max = calls->max ? calls->max * 2 : 1024;
		calls->v = grow(calls->v, calls->max, sizeof(*calls->v));
	}
	if (calls->nopen == calls->open_max) {
		calls->open_max = calls->open_max ? calls->open_max * 2 : 64;
		calls->open = grow(calls->open, calls->open_max, sizeof(*calls->open));
	}
	call = &calls->v[calls->n];
	*call = (struct call){ .owner = owner, .more = more, .at = calls->n, .who = strdup(who) };
	calls->open[calls->nopen++] = calls->n++;
	return call;
}

struct call *calls_open(struct calls *calls, uint64_t owner, uint64_t more)
{
	for (uint32_t i = calls->nopen; i--;) {
		struct call *call = &calls->v[calls->open[i]];

		if (call->owner == owner && call->more == more)
			return call;
	}
	return NULL;
}

void calls_step(struct calls *calls, struct call *call, const char *step)
{
	size_t n = strlen(step);

	call->what = grow(call->what, call->len + n + 2, 1);
	memcpy(call->what + call->len, step, n);
	memcpy(call->what + call->len + n, "\n", 2);
	call->len += n + 1;
	calls->steps++;
}

void calls_end(struct calls *calls, struct call *call)
{
	call->over = true;
	for (uint32_t i = calls->nopen; i--;) {
		if (&calls->v[calls->open[i]] == call) {
			calls->open[i] = calls->open[--calls->nopen];
			return;
		}
	}
}

static int compare(const void *a, const void *b)
{
	const struct call *x = a, *y = b;
	int d = strcmp(x->who, y->who);

	return d ? d : x->at < y->at ? -1 : x->at > y->at;
}

/*
 * Reports of multicast listeners come when they like, also before one of the two
 * witnesses looks and after.
 */
static bool is_report(const struct call *call)
{
	return strstr(call->who, " ff02::16");
}

static void sort(struct calls *calls)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < calls->n; i++) {
		if (is_report(&calls->v[i])) {
			free(calls->v[i].who);
			free(calls->v[i].what);
		} else {
			calls->v[n++] = calls->v[i];
		}
	}
	calls->n = n;
	qsort(calls->v, calls->n, sizeof(*calls->v), compare);
	calls->nopen = 0;
}

/* Steps that may not be told by the truth are skipped where it does not. */
static bool same(const char *truth, const char *seen)
{
	while (*seen) {
		bool maybe = *seen == '?';
		const char *s = seen + maybe, *end = strchr(s, '\n');
		size_t n = (size_t)(end - s) + 1;

		if (!strncmp(truth, s, n))
			truth += n;
		else if (!maybe)
			return false;
		seen = end + 1;
	}
	return !*truth;
}

/* One of the two may be NULL. */
static void example(uint64_t n, const char *why, const struct call *truth, const struct call *seen)
{
	const char *who = truth ? truth->who : seen ? seen->who : "";

	if (n >= EXAMPLES)
		return;
	fprintf(stderr, "%s: %s\n", why, who);
	if (truth)
		fprintf(stderr, " the kernel:\n%s", truth->what ? truth->what : "");
	if (seen)
		fprintf(stderr, " skbscope:\n%s", seen->what ? seen->what : "");
}

struct calls_result calls_compare(struct calls *truth, struct calls *seen)
{
	struct calls_result r = { 0 };
	uint32_t i = 0, k = 0;

	sort(truth);
	sort(seen);
	while (i < truth->n || k < seen->n) {
		const struct call *t = i < truth->n ? &truth->v[i] : NULL,
				  *s = k < seen->n ? &seen->v[k] : NULL;
		int d = !t ? 1 : !s ? -1 : strcmp(t->who, s->who);

		if (d < 0) {
			example(r.missing++, "missing", t, NULL);
		} else if (d > 0) {
			example(r.extra++, "extra", NULL, s);
		} else if (t->over && s->over && same(t->what ? t->what : "", s->what ? s->what : "")) {
			r.equal++;
		} else {
			example(r.different++, "different", t, s);
		}
		i += d <= 0;
		k += d >= 0;
	}
	return r;
}
