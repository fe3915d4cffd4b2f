/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/replay/replay_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "model/names.h"

#define SLICE_NS 10000000ull /* events are handed over that often at most */
#define ITEM_BYTES 16u	     /* that an item which is no event counts for */

static struct replay *replay(struct source *src)
{
	return (struct replay *)src;
}

void replay_say(struct replay *r, enum notice_type type, const char *fmt, ...)
{
	struct notice *n = &r->notice[r->notice_to % REPLAY_NOTICES];
	char text[sizeof(n->text)];
	va_list ap;

	if (r->notice_to - r->notice_from >= REPLAY_NOTICES)
		return;
	r->notice_to++;
	*n = (struct notice){ .type = type };
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printable(n->text, sizeof(n->text), text, strlen(text));
}

/* What is told beside the events, and by another clock, comes in its place between them. */
static uint64_t when(const struct replay *r, const struct track *t)
{
	bool event = t->item.type == READER_EVENT && !t->item.retold;

	if (t->item.ts <= r->last && !t->item.retold)
		return t->item.ts;
	return event ? r->last : t->reached;
}

/*
 * The file that goes on first; NULL: all are over. Files of one rotation go one after
 * the other: the last records of one may be younger than the first of the next, by
 * another CPU, and an end that comes before its hops is none.
 */
static struct track *next_track(struct replay *r)
{
	struct track *next = NULL;

	r->round++;
	for (size_t i = 0; i < r->ntracks; i++) {
		struct track *t = &r->track[i];

		if (t->run->round == r->round || !track_peek(t, &r->merge))
			continue;
		t->run->round = r->round;
		if (!next || when(r, t) < when(r, next))
			next = t;
	}
	return next;
}

static void set_timer(struct replay *r, uint64_t at)
{
	struct itimerspec once = { 0 };

	if (at != UINT64_MAX) {
		at = at ? at : 1;
		once.it_value.tv_sec = (time_t)(at / 1000000000);
		once.it_value.tv_nsec = (long)(at % 1000000000);
	}
	timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &once, NULL);
}

void replay_arm(struct replay *r)
{
	uint64_t now = clock_now(r->clock), at;
	struct track *t;

	if (r->notice_from != r->notice_to || (r->over && !r->over_told) || (r->stepping && !r->over)) {
		set_timer(r, 1);
		return;
	}
	t = r->stopped ? NULL : next_track(r);
	at = t ? pace_when(&r->pace, when(r, t)) : UINT64_MAX;
	if (at != UINT64_MAX && at > now && at - now < SLICE_NS)
		at = now + SLICE_NS;
	set_timer(r, at);
}

uint64_t replay_at(const struct replay *r)
{
	uint64_t due = pace_due(&r->pace, clock_now(r->clock));

	if (r->over || due > r->last)
		return r->over || r->pace.speed > 0 ? r->last : r->reached;
	return due;
}

/* --- reading -------------------------------------------------------------------- */

static void take_counters(struct replay *r, const struct track *t)
{
	struct run *run = t->run;

	for (size_t i = 0; i < t->nfunctions; i++) {
		if (t->item.hits)
			run->hits[t->function[i]] = t->item.hits[i];
		if (t->item.lost)
			run->lost[t->function[i]] = t->item.lost[i];
	}
	if (t->item.totals)
		run->totals = *t->item.totals;
	replay_follow(r);
}

static void take_filter(struct replay *r, const struct packet_filter *f)
{
	r->recorded = *f;
	if (!r->wished)
		replay_say(r, NOTICE_FILTER, "%s", "");
}

struct handing {
	source_event_fn fn;
	void *ctx;
};

static void hand(void *ctx, const struct event *ev, size_t size)
{
	const struct handing *h = ctx;

	h->fn(h->ctx, ev, size);
}

/* A function that has a record was traced, whatever is said elsewhere. */
static bool is_on(struct replay *r, const struct event *ev)
{
	struct selection *sel = &r->source.selection;
	struct probe_table *table = r->source.probes;
	size_t f = ev->func;

	if (!event_is_function(ev->type))
		return true;
	if (f >= sel->n)
		replay_follow(r);
	if (f < sel->n && !sel->allowed[f] && !sel->func[f]) {
		table->v[f].left_out = false;
		sel->allowed[f] = true;
		probe_table_changed(table);
		replay_follow(r);
	}
	return f >= sel->n || sel->wanted[f] || !probe_usable(&table->v[f]);
}

static void take_event(struct replay *r, struct track *t, struct handing *h)
{
	const struct event *ev = t->item.event;
	bool shown;

	if (t->name_before.ev.type)
		sieve_pass(&r->sieve, &t->name_before.ev, sizeof(t->name_before), true, hand, h);
	shown = sieve_pass(&r->sieve, ev, t->item.size, is_on(r, ev), hand, h);
	if (shown && r->stepping) {
		r->stepping = false;
		pace_set(&r->pace, when(r, t) > r->pace.at ? when(r, t) : r->pace.at, clock_now(r->clock));
	}
}

/* Bytes that it counts for. */
static size_t take_item(struct replay *r, struct track *t, struct handing *h)
{
	size_t size = ITEM_BYTES;

	switch (t->item.type) {
	case READER_EVENT:
		if (!t->item.retold && t->item.ts > r->reached)
			r->reached = t->item.ts;
		if (!t->item.retold)
			t->reached = t->item.ts;
		size = t->item.size;
		take_event(r, t, h);
		break;
	case READER_COUNTERS:
		take_counters(r, t);
		break;
	case READER_FILTER:
		take_filter(r, t->item.filter);
		break;
	case READER_FIGURES:
		t->run->totals = t->item.run->totals;
		if (t->item.goes_on)
			break;
		t->run->figures = *t->item.run;
		t->run->has_figures = true;
		break;
	}
	track_taken(t);
	return size;
}

static void come_to_end(struct replay *r)
{
	r->over = true;
	r->stepping = false;
	pace_set(&r->pace, r->last, clock_now(r->clock));
}

static size_t replay_read(struct source *src, size_t max_bytes, source_event_fn fn, void *ctx)
{
	struct replay *r = replay(src);
	struct handing h = { fn, ctx };
	uint64_t due = pace_due(&r->pace, clock_now(r->clock));
	size_t taken = 0;

	while (!r->stopped && taken < max_bytes) {
		struct track *t = next_track(r);

		if (!t) {
			if (!r->over)
				come_to_end(r);
			break;
		}
		if (when(r, t) > due && !r->stepping)
			break;
		taken += take_item(r, t, &h);
		if (!r->stepping && r->pace.paused)
			due = r->pace.at; /* a step that is done */
	}
	replay_arm(r);
	return taken;
}

/* What is wrong with the files is told when they are over: one line after the other. */
static bool next_flaw(struct replay *r, struct notice *out)
{
	bool bad;

	while (r->flaw_track < r->ntracks) {
		struct track *t = &r->track[r->flaw_track];

		if (!t->told && track_flaw(t, r->flaw++, &bad, out->text, sizeof(out->text))) {
			if (!out->text[0])
				continue;
			out->type = bad ? NOTICE_ERROR : NOTICE_MESSAGE;
			return true;
		}
		t->told = true;
		r->flaw = 0;
		r->flaw_track++;
	}
	return false;
}

static bool replay_notice(struct source *src, struct notice *out)
{
	struct replay *r = replay(src);

	if (r->notice_from != r->notice_to) {
		*out = r->notice[r->notice_from++ % REPLAY_NOTICES];
		return true;
	}
	*out = (struct notice){ 0 };
	if ((r->over || r->stopped) && !r->over_told) {
		if (r->over && next_flaw(r, out))
			return true;
		r->over_told = true;
		out->type = NOTICE_END;
		snprintf(out->text, sizeof(out->text), "the recording is over");
		replay_arm(r);
		return true;
	}
	replay_arm(r);
	return false;
}

/* --- wishes --------------------------------------------------------------------- */

void replay_follow(struct replay *r)
{
	struct selection *sel = &r->source.selection;
	struct probe_table *table = r->source.probes;
	bool changed = false;

	for (; r->functions < table->n; r->functions++) {
		table->v[r->functions].left_out = true;
		table->v[r->functions].asked = 0;
	}
	for (size_t i = 0; i < r->ntracks; i++) {
		const struct track *t = &r->track[i];
		const bool *wanted = reader_wanted(t->reader);

		for (size_t k = 0; wanted && k < t->nfunctions; k++) {
			size_t f = t->function[k];
			if (!wanted[k])
				continue;
			table->v[f].left_out = false;
			if (f < sel->n && !sel->allowed[f])
				sel->allowed[f] = changed = true;
		}
	}
	for (size_t i = 0; i < table->n; i++) {
		int priority = table->v[i].class.priority;

		if (table->v[i].left_out || r->priority_wished || priority <= sel->priority)
			continue;
		sel->priority = priority;
		changed = true;
	}
	if (changed)
		probe_table_changed(table);
	if (sel->allowed) /* before, there is only the table */
		selection_follow(sel, table);
}

static int replay_command(struct source *src, const struct command *cmd)
{
	struct replay *r = replay(src);
	int ret = selection_apply(&src->selection, src->probes, cmd);

	if (ret)
		return ret;
	r->priority_wished |= cmd->type == COMMAND_PRIORITY;
	ret = sieve_thin(&r->sieve);
	replay_say(r, NOTICE_READY, "%s", "");
	replay_arm(r);
	return ret;
}

static int check(
	const struct replay *r, const struct packet_filter *wish, struct question *q, char *err, size_t size)
{
	char wished[FILTER_TEXT_MAX], recorded[FILTER_TEXT_MAX];

	packet_filter_format(wish, wished, sizeof(wished));
	packet_filter_format(&r->recorded, recorded, sizeof(recorded));
	/* what was asked of the kernel then needs no asking */
	if (!strcmp(wished, recorded)) {
		memset(q, 0, sizeof(*q));
		return 0;
	}
	return question_compile(q, wish, err, size);
}

static int replay_check_filter(struct source *src, const struct packet_filter *wish, char *err, size_t size)
{
	struct question q;
	int ret = check(replay(src), wish, &q, err, size);

	if (!ret)
		question_free(&q);
	return ret;
}

static int replay_filter(struct source *src, const struct packet_filter *wish)
{
	struct replay *r = replay(src);
	struct question q;
	char err[200] = "";
	bool mac;

	if (check(r, wish, &q, err, sizeof(err))) {
		replay_say(r, NOTICE_FILTER_REFUSED, "%s", err);
		replay_arm(r);
		return 0;
	}
	mac = q.code.mac;
	if (sieve_filter(&r->sieve, &q, !packet_filter_is_empty(&q.filter))) {
		question_free(&q);
		return -ENOMEM;
	}
	r->wish = *wish;
	r->wished = true;
	if (mac)
		replay_say(r, NOTICE_FILTER, "Ethernet addresses are only in recordings made with --snap");
	else if (r->reached > r->first)
		replay_say(r, NOTICE_FILTER, "from here on; going back asks all that was recorded");
	else
		replay_say(r, NOTICE_FILTER, "%s", "");
	replay_arm(r);
	return 0;
}

static void replay_filter_now(struct source *src, struct packet_filter *out)
{
	const struct replay *r = replay(src);

	*out = r->wished ? r->wish : r->recorded;
}

/* --- figures -------------------------------------------------------------------- */

static void replay_counters(struct source *src, uint64_t *hits, uint64_t *lost)
{
	const struct replay *r = replay(src);
	size_t n = probe_capacity(src->probes);

	if (hits)
		memset(hits, 0, n * sizeof(*hits));
	if (lost)
		memset(lost, 0, n * sizeof(*lost));
	for (size_t i = 0; i < r->merge.nruns; i++) {
		const struct run *run = &r->merge.run[i];

		for (size_t k = 0; hits && k < n; k++)
			hits[k] += run->hits[k];
		for (size_t k = 0; lost && k < n; k++)
			lost[k] += run->lost[k];
	}
}

static void replay_totals(struct source *src, struct source_totals *out)
{
	const struct replay *r = replay(src);
	struct run_figures figures;

	replay_playback.figures(src, &figures);
	*out = figures.totals;
	out->filtered_out += r->sieve.filtered_out;
	out->sampled_out += r->sieve.sampled_out;
	out->waiting = 0;
}

static int replay_fd(struct source *src)
{
	return replay(src)->timer;
}

static void replay_stop(struct source *src)
{
	struct replay *r = replay(src);

	r->stopped = true;
	r->over_told = false;
	replay_arm(r);
}

static void replay_free(struct source *src)
{
	struct replay *r = replay(src);

	for (size_t i = 0; i < r->ntracks; i++)
		track_fini(&r->track[i]);
	free(r->track);
	sieve_fini(&r->sieve);
	selection_fini(&src->selection);
	merge_fini(&r->merge);
	if (r->timer >= 0)
		close(r->timer);
	free(r);
}

const struct source_ops replay_ops = {
	.fd = replay_fd,
	.read = replay_read,
	.notice = replay_notice,
	.command = replay_command,
	.filter = replay_filter,
	.filter_now = replay_filter_now,
	.check_filter = replay_check_filter,
	.counters = replay_counters,
	.totals = replay_totals,
	.stop = replay_stop,
	.free = replay_free,
};
