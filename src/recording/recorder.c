/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "recording/about.h"
#include "recording/codec.h"
#include "recording/format.h"
#include "recording/memory.h"
#include "recording/state.h"
#include "recording/target.h"
#include "recording/writer.h"

#define BLOCK_FULL (256u << 10) /* plain bytes */
#define BLOCK_SMALL (16u << 10)
#define BLOCK_AGE 1000000000u /* ns */

_Static_assert(BLOCK_FULL + CODEC_PUT_MAX <= WRITER_ROOM, "an event more finds room in a block");

struct recorder {
	const struct source_info *info;
	const struct probe_table *probes;
	struct memory *memory;
	struct writer *writer; /* NULL: nothing is recorded */
	struct writer_status *now;
	struct codec codec;
	struct writer_block *events, *state; /* being filled; NULL: none */
	size_t limit;			     /* plain bytes of a block */
	uint64_t rotate_size;
	bool rotates;	    /* the file is at its end, another one is still to begin */
	unsigned int files; /* begun here; the writer may be behind */
	size_t known;	    /* functions that the file tells of */
	size_t cap;
	uint32_t *told;	       /* by function: state_of() */
	uint64_t *hits, *lost; /* as told */
	bool *wanted;
	struct packet_filter filter;
	struct source_totals totals;
	uint64_t recorded, missed, missed_before, missed_told; /* before: when the file began */
	uint64_t begun;
	char *path, *options;
	bool failed;
};

struct recorder *recorder_new(const struct source_info *info, const struct probe_table *probes)
{
	struct recorder *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->info = info;
	r->probes = probes;
	r->cap = probe_capacity(probes);
	r->memory = memory_new();
	r->now = calloc(1, sizeof(*r->now));
	r->told = calloc(r->cap + 1, sizeof(*r->told));
	r->hits = calloc(r->cap + 1, sizeof(*r->hits));
	r->lost = calloc(r->cap + 1, sizeof(*r->lost));
	r->wanted = calloc(r->cap + 1, sizeof(*r->wanted));
	if (r->memory && r->now && r->told && r->hits && r->lost && r->wanted)
		return r;
	recorder_free(r);
	return NULL;
}

void recorder_free(struct recorder *r)
{
	char err[256];

	if (!r)
		return;
	if (r->writer)
		recorder_stop(r, NULL, err, sizeof(err));
	memory_free(r->memory);
	free(r->now);
	free(r->told);
	free(r->hits);
	free(r->lost);
	free(r->wanted);
	free(r->path);
	free(r->options);
	free(r);
}

/* --- records of state ---------------------------------------------------------- */

static void flush_state(struct recorder *r)
{
	if (r->state)
		writer_put(r->writer, r->state);
	r->state = NULL;
}

/* Room for one more; NULL: what is to be told waits for the next time. */
static uint8_t *state_room(struct recorder *r)
{
	if (r->state && r->state->len + STATE_MAX > WRITER_ROOM)
		flush_state(r);
	if (!r->state)
		r->state = writer_get(r->writer, false);
	return r->state ? r->state->data + r->state->len : NULL;
}

static void state_added(struct recorder *r, const uint8_t *end)
{
	r->state->len = (uint32_t)(end - r->state->data);
	r->state->records++;
}

/* Those that are new, or became others. Indices come without a gap. */
static void tell_functions(struct recorder *r)
{
	size_t n = r->probes->n;

	for (size_t i = 0; i < n && i < r->cap; i++) {
		uint32_t state = state_of(&r->probes->v[i], r->wanted[i]);
		uint8_t *p;

		if (state == r->told[i])
			continue;
		p = state_room(r);
		if (!p)
			return;
		state_added(r, state_put_function(p, (uint32_t)i, &r->probes->v[i], r->wanted[i]));
		r->told[i] = state;
		if (i >= r->known)
			r->known = i + 1;
	}
}

static void tell_counters(struct recorder *r, uint64_t ts, const uint64_t *hits, const uint64_t *lost)
{
	struct state_count v[STATE_COUNTS];
	size_t n = 0;
	uint8_t *p;

	for (size_t i = 0; i < r->known; i++) {
		if (hits[i] == r->hits[i] && lost[i] == r->lost[i])
			continue;
		v[n++] = (struct state_count){ (uint32_t)i, hits[i], lost[i] };
		r->hits[i] = hits[i];
		r->lost[i] = lost[i];
		if (n < STATE_COUNTS)
			continue;
		p = state_room(r);
		if (!p)
			break;
		state_added(r, state_put_counters(p, ts, v, n, NULL));
		n = 0;
	}
	p = state_room(r);
	if (p)
		state_added(r, state_put_counters(p, ts, v, n, &r->totals));
	else /* all of it another time */
		memset(r->hits, 0xff, r->cap * sizeof(*r->hits));
}

static void tell_missed(struct recorder *r)
{
	uint64_t missed = r->missed - r->missed_before;
	uint8_t *p = missed == r->missed_told ? NULL : state_room(r);

	if (!p)
		return;
	state_added(r, state_put_missed(p, clock_now(NULL), missed));
	r->missed_told = missed;
}

static void tell_filter(struct recorder *r)
{
	uint8_t *p = state_room(r);

	if (p)
		state_added(r, state_put_filter(p, clock_now(NULL), &r->filter));
}

static void tell_figures(struct recorder *r, const struct run_figures *run, bool goes_on)
{
	uint64_t now = clock_now(NULL);
	struct run_figures known = { .attach_ms = -1, .detach_ms = -1, .totals = r->totals };
	uint8_t *p = state_room(r);

	if (!p)
		return;
	known.seconds = (double)(now - r->begun) / 1e9;
	if (r->totals.attach_ns)
		known.attach_ms = (double)r->totals.attach_ns / 1e6;
	state_added(r, state_put_figures(p, now, run ? run : &known, goes_on));
}

/* --- what a file begins with ---------------------------------------------------- */

static int64_t wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void tell_about(struct recorder *r)
{
	struct about about = {
		.info = *r->info,
		.options = r->options,
		.version = VERSION,
		.begun = clock_now(NULL),
		.wall = wall_now(),
		.functions = (uint32_t)r->cap,
		.file = r->files - 1,
	};
	struct writer_block *b = writer_get(r->writer, false);
	size_t len = 0;
	char *text;

	if (!b)
		return;
	text = about_write(&about, WRITER_ROOM, &len);
	if (!text) { /* reasons without number: rather no names than no recording */
		about.info.nreasons = about.info.nsubsystems = 0;
		text = about_write(&about, WRITER_ROOM, &len);
	}
	b->type = BLOCK_ABOUT;
	if (text)
		memcpy(b->data, text, len);
	b->len = (uint32_t)len;
	b->records = 1;
	writer_put(r->writer, b);
	free(text);
}

static void add_event(struct recorder *r, struct writer_block *b, const struct event *ev, size_t size)
{
	b->len = (uint32_t)(codec_put(&r->codec, ev, size, b->data + b->len) - b->data);
	b->records++;
}

/* Names have the time at which they were told: not of this file. */
static void retell(void *recorder, const struct event *ev, size_t size)
{
	struct recorder *r = recorder;

	if (size > CODEC_EVENT_MAX)
		return;
	if (r->events && r->events->len >= r->limit) {
		writer_put(r->writer, r->events);
		r->events = NULL;
	}
	if (!r->events) {
		r->events = writer_get(r->writer, false);
		if (!r->events)
			return;
		r->events->type = BLOCK_RETOLD;
		codec_reset(&r->codec);
	}
	add_event(r, r->events, ev, size);
}

static void begin_file(struct recorder *r)
{
	r->files++;
	r->known = 0;
	memset(r->told, 0, r->cap * sizeof(*r->told));
	memset(r->hits, 0, r->cap * sizeof(*r->hits));
	memset(r->lost, 0, r->cap * sizeof(*r->lost));
	r->missed_before = r->missed;
	r->missed_told = 0;
	tell_about(r);
	tell_functions(r);
	tell_filter(r);
	flush_state(r);
	memory_retell(r->memory, retell, r);
	if (r->events)
		writer_put(r->writer, r->events);
	r->events = NULL;
}

/* --- events --------------------------------------------------------------------- */

static void rotate(struct recorder *r)
{
	if (!r->rotates) {
		if (!r->rotate_size || r->now->file_bytes < r->rotate_size)
			return;
		tell_missed(r);
		tell_figures(r, NULL, true);
		flush_state(r);
	}
	r->rotates = !writer_rotate(r->writer);
	if (!r->rotates)
		begin_file(r);
}

static void flush_events(struct recorder *r)
{
	if (r->events)
		writer_put(r->writer, r->events);
	r->events = NULL;
	writer_status(r->writer, r->now);
	r->failed = r->now->error[0];
	if (!r->failed)
		rotate(r);
}

void recorder_event(void *recorder, const struct event *ev, size_t size)
{
	struct recorder *r = recorder;
	struct writer_block *b;

	memory_take(r->memory, ev, size);
	if (!r->writer)
		return;
	if (ev->func >= r->known && r->known < r->probes->n) {
		flush_events(r);
		tell_functions(r);
		flush_state(r);
	}
	if (!r->events && !r->failed) {
		r->events = writer_get(r->writer, true);
		if (r->events)
			codec_reset(&r->codec);
	}
	b = r->events;
	if (!b || size < sizeof(*ev) || size > CODEC_EVENT_MAX) {
		r->missed++;
		return;
	}
	add_event(r, b, ev, size);
	r->recorded++;
	if (ev->ts) {
		b->first = !b->first || ev->ts < b->first ? ev->ts : b->first;
		b->last = ev->ts > b->last ? ev->ts : b->last;
	}
	if (b->len >= r->limit || b->last - b->first >= BLOCK_AGE)
		flush_events(r);
}

/* --- a recording ------------------------------------------------------------------ */

static unsigned int files_of(const struct recorder_options *options)
{
	return options->rotate_size ? options->rotate_count : 1;
}

int recorder_check(const struct recorder_options *options, char *err, size_t size)
{
	return target_check(options->path, files_of(options), err, size);
}

int recorder_start(struct recorder *r, const struct recorder_options *options,
	const struct packet_filter *filter, const bool *wanted, char *err, size_t size)
{
	char *path, *text;
	int ret;

	if (r->writer) {
		snprintf(err, size, "%s: a recording is on already", r->path);
		return -EALREADY;
	}
	path = strdup(options->path);
	text = strdup(options->options ? options->options : "");
	ret = path && text ? writer_start(&r->writer, path, files_of(options), err, size) : -ENOMEM;
	if (ret) {
		if (!path || !text)
			snprintf(err, size, "%s: %s", options->path, strerror(ENOMEM));
		free(path);
		free(text);
		return ret;
	}
	free(r->path);
	free(r->options);
	r->path = path;
	r->options = text;
	r->rotate_size = options->rotate_size;
	r->limit = BLOCK_FULL;
	if (r->rotate_size && r->rotate_size / 8 < BLOCK_FULL)
		r->limit = r->rotate_size / 8 > BLOCK_SMALL ? r->rotate_size / 8 : BLOCK_SMALL;
	r->files = 0;
	r->failed = r->rotates = false;
	r->recorded = r->missed = 0;
	r->begun = clock_now(NULL);
	r->filter = *filter;
	memset(&r->totals, 0, sizeof(r->totals));
	memcpy(r->wanted, wanted, r->cap * sizeof(*wanted));
	begin_file(r);
	writer_status(r->writer, r->now);
	return 0;
}

void recorder_tick(struct recorder *r, uint64_t now, const uint64_t *hits, const uint64_t *lost,
	const struct source_totals *totals, const bool *wanted)
{
	if (!r->writer)
		return;
	r->totals = *totals;
	memcpy(r->wanted, wanted, r->cap * sizeof(*wanted));
	flush_events(r);
	tell_functions(r);
	tell_counters(r, now, hits, lost);
	tell_missed(r);
	flush_state(r);
}

void recorder_filter(struct recorder *r, const struct packet_filter *filter)
{
	r->filter = *filter;
	if (!r->writer)
		return;
	flush_events(r);
	tell_filter(r);
	flush_state(r);
}

int recorder_stop(struct recorder *r, const struct run_figures *run, char *err, size_t size)
{
	if (!r->writer)
		return 0;
	if (r->events)
		writer_put(r->writer, r->events);
	r->events = NULL;
	tell_missed(r);
	tell_figures(r, run, false);
	flush_state(r);
	writer_stop(r->writer, r->now);
	r->writer = NULL;
	if (!r->now->error[0])
		return 0;
	snprintf(err, size, "%s", r->now->error);
	return -EIO;
}

void recorder_status(const struct recorder *r, struct recorder_status *out)
{
	if (r->writer)
		writer_status(r->writer, r->now);
	*out = (struct recorder_status){
		.on = r->writer,
		.path = r->path ? r->path : "",
		.begun = r->begun,
		.bytes = r->now->bytes,
		.events = r->recorded - r->now->missed,
		.missed = r->missed + r->now->missed,
		.files = r->now->files,
		.waiting = r->writer ? r->now->waiting : 0,
		.error = r->now->error,
	};
}
