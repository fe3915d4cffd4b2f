/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/replay/replay_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

#define FILES_TOLD 8u /* in messages at the start */

/* Begin of a file on everybody's clock; two files of one run differ in what comes first in them. */
static int by_begin(const void *a, const void *b)
{
	const struct reader_head *x = reader_head(((const struct track *)a)->reader);
	const struct reader_head *y = reader_head(((const struct track *)b)->reader);
	uint64_t first[2], last;

	if (x->wall != y->wall)
		return x->wall < y->wall ? -1 : 1;
	reader_span(((const struct track *)a)->reader, &first[0], &last);
	reader_span(((const struct track *)b)->reader, &first[1], &last);
	return first[0] < first[1] ? -1 : first[0] > first[1];
}

static int open_files(struct replay *r, char *const *paths, size_t n, char *err, size_t size)
{
	struct reader *reader;
	int ret;

	if (!n || n > REPLAY_FILES) {
		snprintf(err, size, "replay: %zu files: from 1 to %u can be replayed at once", n,
			REPLAY_FILES);
		return -EINVAL;
	}
	r->track = calloc(n, sizeof(*r->track));
	if (!r->track)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		ret = reader_open(&reader, paths[i], err, size);
		if (ret)
			return ret;
		ret = track_init(&r->track[r->ntracks++], reader, paths[i]);
		if (ret)
			return ret;
	}
	qsort(r->track, n, sizeof(*r->track), by_begin);
	return 0;
}

static int bring_together(struct replay *r)
{
	const struct reader_head *head[REPLAY_FILES];
	unsigned int run_of[REPLAY_FILES];
	size_t functions = 0;
	int ret;

	for (size_t i = 0; i < r->ntracks; i++) {
		head[i] = reader_head(r->track[i].reader);
		functions += probe_capacity(reader_probes(r->track[i].reader));
	}
	ret = merge_init(&r->merge, head, r->ntracks, functions, run_of);
	for (size_t i = 0; !ret && i < r->ntracks; i++) {
		bool goes_on = false;

		for (size_t k = 0; k < i; k++)
			goes_on |= run_of[k] == run_of[i];
		ret = track_begin(&r->track[i], &r->merge, &r->merge.run[run_of[i]], goes_on);
	}
	return ret;
}

static void find_span(struct replay *r)
{
	uint64_t first, last;

	r->first = UINT64_MAX;
	for (size_t i = 0; i < r->ntracks; i++) {
		struct track *t = &r->track[i];

		reader_span(t->reader, &first, &last);
		first += t->run->shift;
		last += t->run->shift;
		r->first = first < r->first ? first : r->first;
		r->last = last > r->last ? last : r->last;
	}
	r->last = r->last < r->first ? r->first : r->last;
	r->reached = r->first;
}

/* Everything that was recorded is switched on, and nothing else. */
static int make_selection(struct replay *r)
{
	struct selection *sel = &r->source.selection;
	struct probe_table *table = &r->merge.probes;

	r->source.probes = table;
	replay_follow(r); /* what was not wanted is left out */
	if (selection_init(sel, table))
		return -ENOMEM;
	sel->priority = 0;
	replay_follow(r);
	selection_update(sel, table);
	return 0;
}

static void say_whence(struct replay *r)
{
	for (size_t i = 0; i < r->ntracks && i < FILES_TOLD; i++) {
		const struct reader_head *head = reader_head(r->track[i].reader);
		time_t wall = (time_t)(head->wall / 1000000000);
		char date[40] = "an unknown time";
		struct tm tm;

		if (localtime_r(&wall, &tm))
			strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
		replay_say(r, NOTICE_MESSAGE, "%s: of %s, Linux %s, %s", r->track[i].name,
			head->info.host ? head->info.host : "?", head->info.kernel ? head->info.kernel : "?",
			date);
	}
}

static int begin(struct replay *r, const struct replay_options *options)
{
	r->clock = options->clock;
	r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (r->timer < 0)
		return -errno;
	if (sieve_init(&r->sieve) || make_selection(r))
		return -ENOMEM;
	find_span(r);
	r->source.ops = &replay_ops;
	r->source.playback = &replay_playback;
	r->source.info = r->merge.info;
	r->pace = (struct pace){ .speed = options->speed, .paused = options->paused };
	pace_set(&r->pace, r->first, clock_now(r->clock));
	replay_say(r, NOTICE_READY, "%s", "");
	say_whence(r);
	replay_arm(r);
	return 0;
}

struct source *replay_open(
	char *const *paths, size_t n, const struct replay_options *options, char *err, size_t size)
{
	struct replay *r = calloc(1, sizeof(*r));
	int ret;

	err[0] = '\0';
	if (!r) {
		snprintf(err, size, "replay: no memory");
		return NULL;
	}
	r->timer = -1;
	ret = open_files(r, paths, n, err, size);
	if (!ret)
		ret = bring_together(r);
	if (!ret)
		ret = begin(r, options);
	if (!ret)
		return &r->source;
	if (!err[0])
		snprintf(err, size, "replay: %s", strerror(-ret));
	replay_ops.free(&r->source);
	return NULL;
}
