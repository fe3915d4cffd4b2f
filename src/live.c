/* SPDX-License-Identifier: GPL-2.0 */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hashmap.h"
#include "output.h"
#include "record.h"

#define READ_MAX (1 << 20) /* bytes between two looks at signals and the clock */
#define IDLE_MS 500
#define HELD_MS 2

struct live {
	struct source *src;
	const struct options *options;
	struct store *store;
	struct sink *sink;
	struct record *record; /* the command record; NULL: another one */
	struct output output;
	struct hashmap chosen; /* --count: packets that are shown, by id: 1 + copies under way */
	struct hashmap copies; /* of those: COPY_OPEN, COPY_OVER */
	uint64_t begun, ended;
	uint64_t start, until; /* ns; until 0: no end */
	bool ready, stopping, over;
	int error;
	char *err;
	size_t err_size;
};

int live_ready(const char *path, char *err, size_t err_size)
{
	int fd;

	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0) {
		snprintf(err, err_size, "--ready-file %s: %s", path, strerror(errno));
		return -errno;
	}
	close(fd);
	return 0;
}

enum { COPY_OPEN = 1, COPY_OVER };

/* A packet has ended when all its copies have; another may come even then. */
static bool count_copy(struct live *l, const struct event *ev, bool fresh)
{
	uint64_t key = ev->packet * 0x9e3779b97f4a7c15ull + ev->copy;
	uint32_t copy = hashmap_get(&l->copies, key), open = hashmap_get(&l->chosen, ev->packet);

	if (!copy) {
		if (hashmap_put(&l->copies, key, COPY_OPEN) || hashmap_put(&l->chosen, ev->packet, ++open))
			return false;
		l->ended -= open == 2 && !fresh;
		copy = COPY_OPEN;
	}
	if (ev->type != EVENT_END || copy == COPY_OVER)
		return true;
	if (hashmap_put(&l->copies, key, COPY_OVER) || hashmap_put(&l->chosen, ev->packet, --open))
		return false;
	l->ended += open == 1;
	return true;
}

/* --count: is this event of one of the first packets? */
static bool is_chosen(struct live *l, const struct event *ev)
{
	uint64_t limit = l->options->count;
	bool fresh = false;

	if (!limit || !ev->packet)
		return true;
	if (!hashmap_get(&l->chosen, ev->packet)) {
		if (l->begun >= limit || ev->type == EVENT_END || ev->type == EVENT_DROP)
			return false;
		if (hashmap_put(&l->chosen, ev->packet, 1))
			return false;
		l->begun++;
		fresh = true;
	}
	return count_copy(l, ev, fresh);
}

static void take(void *ctx, const struct event *ev, size_t size)
{
	struct live *l = ctx;

	if (l->error || !is_chosen(l, ev))
		return;
	store_add(l->store, ev, size);
	if (l->record)
		record_event(l->record, ev, size);
	l->error = l->sink->ops->event(l->sink, ev, size);
}

static void stop(struct live *l)
{
	if (!l->stopping)
		l->src->ops->stop(l->src);
	l->stopping = true;
}

static void say(struct live *l, const char *text)
{
	if (l->record)
		record_clear_line(l->record);
	fprintf(stderr, "skbscope: %s\n", text);
}

static void take_notices(struct live *l)
{
	struct notice n;

	while (l->src->ops->notice(l->src, &n)) {
		switch (n.type) {
		case NOTICE_READY:
			if (l->ready)
				break;
			l->ready = true;
			if (l->options->duration > 0)
				l->until = clock_now(NULL) + (uint64_t)(l->options->duration * 1e9);
			if (live_ready(l->options->ready_file, l->err, l->err_size)) {
				l->error = -EIO;
				stop(l);
			}
			break;
		case NOTICE_MESSAGE:
			if (!l->options->verbose)
				break;
			/* fall through */
		case NOTICE_FILTER:
			if (l->record && n.type == NOTICE_FILTER)
				record_filter(l->record);
			if (!n.text[0])
				break;
			/* fall through */
		case NOTICE_ERROR:
		case NOTICE_FILTER_REFUSED:
			say(l, n.text);
			break;
		case NOTICE_END:
			l->over = l->stopping || l->src->playback;
			if (n.error) {
				l->error = -n.error;
				snprintf(l->err, l->err_size, "%s", n.text);
				stop(l);
			}
			break;
		case NOTICE_PROGRESS:
			break;
		}
	}
}

/* A reader that takes its time does not make us trace longer. */
static void while_waiting(void *ctx, bool signalled)
{
	struct live *l = ctx;

	take_notices(l);
	if (signalled || (l->until && clock_now(NULL) >= l->until))
		stop(l);
}

/* Enough packets have been seen; maybe before everything was attached. */
static void stop_at_count(struct live *l)
{
	if (!l->options->count || l->ended < l->options->count)
		return;
	if (!l->ready && !l->stopping && live_ready(l->options->ready_file, l->err, l->err_size))
		l->error = -EIO;
	stop(l);
}

/* By the clock of the events. */
static uint64_t events_now(const struct live *l, int64_t *wall)
{
	struct playback_place place;

	if (!l->src->playback) /* one offset from the start to the end: lines stay as far apart as events */
		return clock_now(NULL);
	l->src->playback->place(l->src, &place);
	*wall = (int64_t)((uint64_t)place.wall - place.at);
	return place.at;
}

static int wait_ms(const struct live *l)
{
	uint64_t now = clock_now(NULL);

	if (!l->until || l->stopping)
		return IDLE_MS;
	if (l->until <= now)
		return 0;
	return l->until - now < IDLE_MS * 1000000ull ? (int)((l->until - now) / 1000000) + 1 : IDLE_MS;
}

/* A disk that is slow for a while: events wait where there is room for them. */
static bool is_held(const struct live *l)
{
	return l->record && !record_has_room(l->record);
}

static size_t read_some(struct live *l)
{
	if (!is_held(l))
		return l->src->ops->read(l->src, READ_MAX, take, l);
	poll(NULL, 0, HELD_MS);
	return 0;
}

static void loop(struct live *l, int signals)
{
	struct pollfd p[3] = {
		{ .fd = l->src->ops->fd(l->src), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		/* the reader of a pipe may go while there is nothing to write */
		{ .fd = l->options->command == RUN_RECORD ? -1 : STDOUT_FILENO },
	};

	while (!l->over) {
		size_t taken;

		if (poll(p, 3, wait_ms(l)) < 0 && errno != EINTR) {
			l->error = -errno;
			break;
		}
		if (p[1].revents) {
			p[1].fd = -1; /* it stays there for the output to see */
			stop(l);
		}
		if (p[2].revents & POLLERR) {
			p[2].fd = -1;
			l->error = -EPIPE;
		}
		taken = read_some(l);
		take_notices(l);
		if (!l->error && l->record)
			l->error = record_look(l->record, clock_now(NULL), l->err, l->err_size);
		/* people and pipes see lines at once; a backlog goes in blocks */
		if (!l->error && taken < READ_MAX)
			l->error = l->sink->ops->flush(l->sink, events_now(l, &l->sink->wall));
		if (l->until && clock_now(NULL) >= l->until)
			stop(l);
		stop_at_count(l);
		if (l->error)
			stop(l);
	}
	while (read_some(l) || is_held(l))
		;
}

static void live_figures(struct live *l, struct run_figures *run, int (*detach_ms)(const struct source *))
{
	l->src->ops->totals(l->src, &run->totals);
	run->seconds = (double)(clock_now(NULL) - l->start) / 1e9;
	if (run->totals.attach_ns)
		run->attach_ms = (double)run->totals.attach_ns / 1e6;
	run->detach_ms = detach_ms(l->src);
}

static int last_line(struct live *l, int (*detach_ms)(const struct source *))
{
	struct run_figures run = { .attach_ms = -1 };
	struct summary_of of = {
		.info = &l->src->info, .probes = l->src->probes, .store = l->store, .run = &run
	};
	uint64_t *hits = calloc(probe_capacity(l->src->probes) + 1, sizeof(*hits));
	int err;

	if (!hits)
		return -ENOMEM;
	l->src->ops->counters(l->src, hits, NULL);
	if (l->src->playback)
		l->src->playback->figures(l->src, &run);
	else
		live_figures(l, &run, detach_ms);
	of.hits = hits;
	err = l->record ? record_finish(l->record, &run, l->err, l->err_size) : 0;
	if (!err)
		err = l->sink->ops->finish(l->sink, &of);
	free(hits);
	return err;
}

static struct sink *open_sink(struct live *l, FILE *out, const struct sink_ops *ops)
{
	struct sink_options sink = {
		.probes = l->src->probes,
		.info = &l->src->info,
		.color = output_color(STDOUT_FILENO, l->options->no_color),
		.by_packet = l->options->by_packet,
		.wall = l->options->time == TIME_WALL,
	};
	struct sink *made;

	sink.store = l->store = store_new(options_store_bytes(l->options));
	if (!l->store)
		return NULL;
	store_probes(l->store, l->src->probes);
	made = ops->open(out, &sink);
	if (made) {
		made->wall = clock_wall_offset();
		events_now(l, &made->wall);
	}
	/* a sink takes its options by value */
	/* cppcheck-suppress returnDanglingLifetime */
	return made;
}

const struct sink_ops *live_sink(const struct options *options)
{
	if (options->stats || options->command == RUN_RECORD)
		return options->json ? &sink_stats_json : &sink_stats_text;
	return options->json ? &sink_json : &sink_text;
}

static void run(struct live *l, int signals)
{
	l->start = clock_now(NULL);
	if (l->options->command == RUN_RECORD) {
		l->record = record_open(l->src, l->options, l->err, l->err_size);
		if (!l->record) {
			l->error = -EIO;
			return;
		}
	}
	loop(l, signals);
	if (!l->error)
		l->error = last_line(l, tracer_detach_ms);
}

int live_run(struct source *src, const struct options *options, const struct sink_ops *ops, char *err,
	size_t err_size)
{
	struct live l = { .src = src, .options = options, .err = err, .err_size = err_size };
	sigset_t set;
	FILE *out;

	/* formatting must not compete with what is being measured */
	setpriority(PRIO_PROCESS, 0, 19);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	l.output = (struct output){
		.fd = STDOUT_FILENO,
		.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC),
		.waiting = while_waiting,
		.ctx = &l,
	};
	out = output_open(&l.output);
	l.sink = out ? open_sink(&l, out, ops) : NULL;
	if (l.output.signals < 0 || !l.sink || hashmap_init(&l.chosen, 16) || hashmap_init(&l.copies, 16)) {
		l.error = -ENOMEM;
	} else {
		run(&l, l.output.signals);
	}
	record_free(l.record);
	if (l.sink)
		ops->close(l.sink);
	store_free(l.store);
	hashmap_fini(&l.chosen);
	hashmap_fini(&l.copies);
	if (out && fclose(out) && !l.error)
		l.error = -errno;
	if (l.output.signals >= 0)
		close(l.output.signals);
	if (l.error == -EPIPE) /* the reader has seen enough */
		return 0;
	if (l.error == -ECANCELED)
		snprintf(err, err_size, "output: its reader takes nothing: the last lines were not written");
	if (l.error && !err[0])
		snprintf(err, err_size, "output: %s", strerror(-l.error));
	return l.error;
}
