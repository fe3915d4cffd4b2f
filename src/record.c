/* SPDX-License-Identifier: GPL-2.0 */
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/strbuf.h"
#include "recording/recorder.h"

#define EVERY 1000000000u /* ns */
#define LINE_MAX_COLUMNS 100
#define HELD_BLOCKS 8 /* of those that may wait: what is read at once fits in the others */

struct record {
	struct source *src;
	struct recorder *recorder;
	struct selection selection;
	uint64_t *hits, *lost;
	struct source_totals totals;
	uint64_t next; /* look, ns */
	bool terminal; /* stderr is one: a line is rewritten there */
	int columns;   /* of what stands in the line now */
};

static struct recorder_options wish(const struct options *options, const char *line)
{
	return (struct recorder_options){
		.path = options->output,
		.rotate_size = options->rotate_size,
		.rotate_count = options->rotate_count,
		.options = line,
	};
}

int record_check(const struct options *options, char *err, size_t size)
{
	struct recorder_options to = wish(options, "");

	if (options->output)
		return recorder_check(&to, err, size);
	snprintf(err, size, "record: -o FILE is missing: where the recording goes");
	return -EINVAL;
}

/* What was typed, for those who read the file. */
static void put_line(struct strbuf *line, char *const *argv)
{
	for (; argv && *argv; argv++) {
		if (line->len)
			strbuf_putc(line, ' ');
		strbuf_puts(line, *argv);
	}
}

static int start(struct record *r, const struct options *options, char *err, size_t size)
{
	struct strbuf line = STRBUF_INIT;
	struct packet_filter filter;
	struct recorder_options to;
	int ret;

	put_line(&line, options->argv);
	to = wish(options, strbuf_str(&line));
	r->src->ops->filter_now(r->src, &filter);
	ret = recorder_start(r->recorder, &to, &filter, r->selection.wanted, err, size);
	strbuf_fini(&line);
	return ret;
}

struct record *record_open(struct source *src, const struct options *options, char *err, size_t size)
{
	struct record *r = calloc(1, sizeof(*r));
	size_t cap = probe_capacity(src->probes);

	if (r) {
		r->src = src;
		r->recorder = recorder_new(&src->info, src->probes);
		r->hits = calloc(cap + 1, sizeof(*r->hits));
		r->lost = calloc(cap + 1, sizeof(*r->lost));
		r->terminal = isatty(STDERR_FILENO);
	}
	if (!r || !r->recorder || !r->hits || !r->lost ||
		selection_copy(&r->selection, &src->selection, src->probes))
		snprintf(err, size, "record: %s", strerror(ENOMEM));
	else if (!start(r, options, err, size))
		return r;
	record_free(r);
	return NULL;
}

bool record_has_room(const struct record *r)
{
	struct recorder_status status;

	recorder_status(r->recorder, &status);
	return status.waiting < HELD_BLOCKS || status.error[0];
}

void record_event(struct record *r, const struct event *ev, size_t size)
{
	recorder_event(r->recorder, ev, size);
}

void record_filter(struct record *r)
{
	struct packet_filter filter;

	r->src->ops->filter_now(r->src, &filter);
	recorder_filter(r->recorder, &filter);
}

void record_clear_line(struct record *r)
{
	if (r->columns)
		fprintf(stderr, "\r%*s\r", r->columns, "");
	r->columns = 0;
}

static void show_line(struct record *r, const struct recorder_status *status, uint64_t now)
{
	char events[HUMAN_MAX], bytes[HUMAN_MAX], missed[HUMAN_MAX], lost[HUMAN_MAX], line[LINE_MAX_COLUMNS];
	const struct source_totals *t = &r->totals;
	int columns;

	if (!r->terminal)
		return;
	columns = snprintf(line, sizeof(line), "%.0f s  %s events  %s written  %s missed  %s lost",
		(double)(now - status->begun) / 1e9, human_count(events, sizeof(events), status->events),
		human_bytes(bytes, sizeof(bytes), status->bytes),
		human_count(missed, sizeof(missed), status->missed),
		human_count(lost, sizeof(lost), t->lost_ring + t->lost_channel));
	fprintf(stderr, "\r%-*s", r->columns, line);
	r->columns = columns;
}

static void tick(struct record *r, uint64_t now)
{
	selection_follow(&r->selection, r->src->probes);
	r->src->ops->counters(r->src, r->hits, r->lost);
	r->src->ops->totals(r->src, &r->totals);
	recorder_tick(r->recorder, now, r->hits, r->lost, &r->totals, r->selection.wanted);
}

int record_look(struct record *r, uint64_t now, char *err, size_t size)
{
	struct recorder_status status;

	if (now < r->next)
		return 0;
	r->next = now + EVERY;
	tick(r, now);
	recorder_status(r->recorder, &status);
	show_line(r, &status, now);
	if (!status.error[0])
		return 0;
	snprintf(err, size, "%s", status.error);
	return -EIO;
}

int record_finish(struct record *r, const struct run_figures *run, char *err, size_t size)
{
	struct recorder_status status;
	char missed[HUMAN_MAX];
	int ret;

	tick(r, clock_now(NULL));
	ret = recorder_stop(r->recorder, run, err, size);
	record_clear_line(r);
	recorder_status(r->recorder, &status);
	if (!ret && status.missed)
		fprintf(stderr, "skbscope: %s events are not in the recording: the disk could not keep up\n",
			human_count(missed, sizeof(missed), status.missed));
	return ret;
}

void record_free(struct record *r)
{
	if (!r)
		return;
	record_clear_line(r);
	recorder_free(r->recorder);
	selection_fini(&r->selection);
	free(r->hits);
	free(r->lost);
	free(r);
}
