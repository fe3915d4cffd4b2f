/* SPDX-License-Identifier: GPL-2.0 */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/new_file.h"
#include "export/formats.h"
#include "trace/replay/replay.h"

#define READ_MAX (1u << 20) /* bytes between two looks at notices */
#define STREAM_BUFFER (256u << 10)

struct export
{
	const struct options *options;
	struct source *src;
	struct store *store;
	struct sink *sink;
	const char *name; /* of the output, for messages */
	struct new_file file;
	int signals; /* signalfd */
	char note[160];	  /* what found no place in it */
	bool over;
	int error;
	char *err;
	size_t size;
};

static const struct sink_ops *const formats[] = {
	[EXPORT_JSON] = &sink_json,
	[EXPORT_PCAPNG] = &sink_pcapng,
	[EXPORT_FOLDED] = &sink_folded,
	[EXPORT_CSV] = &sink_csv,
};

/* A recording is not written over while it is read. */
static bool is_input(const struct options *o, const struct stat *out)
{
	struct stat in;

	for (size_t i = 0; i < o->nfiles; i++) {
		if (!stat(o->files[i], &in) && in.st_dev == out->st_dev && in.st_ino == out->st_ino)
			return true;
	}
	return false;
}

static int fail(const struct export *e, int error, const char *why)
{
	snprintf(e->err, e->size, "%s: %s", e->name, why);
	return error;
}

/* fd, or -errno with a line in err. */
static int open_file(struct export *e)
{
	struct stat st;
	int fd;

	if (!stat(e->name, &st) && is_input(e->options, &st))
		return fail(e, -EINVAL, "is one of the recordings (name another file)");
	fd = new_file_open(&e->file, e->name);
	if (fd == -ELOOP)
		return fail(e, fd, "a symbolic link, which is not followed (name the file itself)");
	return fd < 0 ? fail(e, fd, strerror(-fd)) : fd;
}

static FILE *open_output(struct export *e)
{
	const char *path = e->options->output;
	int fd;
	FILE *out;

	if (!path || !strcmp(path, "-")) {
		e->name = "output";
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		e->name = path;
		fd = open_file(e);
	}
	if (fd < 0)
		return NULL;
	out = fdopen(fd, "w");
	if (out) {
		setvbuf(out, NULL, _IOFBF, STREAM_BUFFER);
	} else {
		close(fd);
		new_file_drop(&e->file);
	}
	return out;
}

static void take(void *ctx, const struct event *ev, size_t size)
{
	struct export *e = ctx;

	if (e->error)
		return;
	store_add(e->store, ev, size);
	e->error = e->sink->ops->event(e->sink, ev, size);
}

static void take_notices(struct export *e)
{
	struct notice n;

	while (e->src->ops->notice(e->src, &n)) {
		if (n.type == NOTICE_ERROR || (n.type == NOTICE_MESSAGE && e->options->verbose))
			command_fail(EXIT_DONE, n.text);
		if (n.type != NOTICE_END)
			continue;
		e->over = true;
		if (n.error && !e->error) {
			e->error = -n.error;
			snprintf(e->err, e->size, "%s", n.text);
		}
	}
}

static bool is_interrupted(struct export *e)
{
	struct pollfd p = { .fd = e->signals, .events = POLLIN };

	if (e->signals >= 0 && poll(&p, 1, 0) > 0)
		e->error = fail(e, -EINTR, "interrupted: it was not written");
	return e->error == -EINTR;
}

static void read_all(struct export *e)
{
	struct pollfd p[] = {
		{ .fd = e->src->ops->fd(e->src), .events = POLLIN },
		{ .fd = e->signals, .events = POLLIN },
	};

	while (!e->over && !e->error) {
		if (poll(p, 2, -1) < 0 && errno != EINTR) {
			e->error = -errno;
			break;
		}
		if (is_interrupted(e))
			break;
		e->src->ops->read(e->src, READ_MAX, take, e);
		take_notices(e);
	}
	while (!is_interrupted(e) && !e->error && e->src->ops->read(e->src, READ_MAX, take, e))
		;
}

/* As the recorded run ended; without: as far as it came. */
static int finish(struct export *e)
{
	struct run_figures run = { .attach_ms = -1, .detach_ms = -1 };
	struct summary_of of = {
		.info = &e->src->info, .probes = e->src->probes, .store = e->store, .run = &run
	};
	uint64_t *hits = calloc(probe_capacity(e->src->probes) + 1, sizeof(*hits));
	int err;

	if (!hits)
		return -ENOMEM;
	e->src->ops->counters(e->src, hits, NULL);
	e->src->playback->figures(e->src, &run);
	of.hits = hits;
	err = e->sink->ops->finish(e->sink, &of);
	free(hits);
	return err;
}

static int run_through(struct export *e)
{
	struct playback_place place;

	e->src->playback->place(e->src, &place);
	e->sink->wall = (int64_t)((uint64_t)place.wall - place.at);
	read_all(e);
	return e->error ? e->error : finish(e);
}

static int write_all(struct export *e, FILE *out)
{
	struct sink_options options = {
		.probes = e->src->probes,
		.info = &e->src->info,
		.per_hop = e->options->per_hop,
		.note = e->note,
		.note_size = sizeof(e->note),
	};
	int err = -ENOMEM;

	options.store = e->store = store_new(options_store_bytes(e->options));
	if (!e->store)
		return -ENOMEM;
	store_probes(e->store, e->src->probes);
	e->sink = formats[e->options->format]->open(out, &options);
	if (e->sink) {
		err = run_through(e);
		e->sink->ops->close(e->sink);
	}
	store_free(e->store);
	return err;
}

static int keep_file(struct export *e)
{
	char left[PATH_MAX];
	int err = new_file_keep(&e->file, left, sizeof(left));

	if (err)
		snprintf(e->err, e->size, "%s: %s: it is complete as %s", e->name, strerror(-err), left);
	return err;
}

/* 0, or -errno with a line in err. */
static int export_to(struct export *e, FILE *out)
{
	int err = write_all(e, out);

	errno = 0;
	/* in its place it is to be whole, also after the power fails */
	if (!err && e->file.beside && (fflush(out) || fsync(fileno(out))))
		err = errno ? -errno : -EIO;
	if (fclose(out) && !err)
		err = errno ? -errno : -EIO;
	if (err)
		new_file_drop(&e->file);
	else
		err = keep_file(e);
	if (err == -EPIPE) /* the reader has seen enough */
		return 0;
	if (err && !e->err[0])
		snprintf(e->err, e->size, "%s: %s", e->name, strerror(-err));
	else if (!err && e->note[0])
		command_fail(EXIT_DONE, e->note);
	return err;
}

/* NULL: it can begin. */
static const char *wrong_use(const struct options *o)
{
	if (o->format == EXPORT_NONE)
		return "export: no format: give --json, --pcapng, --folded or --csv";
	if (o->per_hop && o->format != EXPORT_PCAPNG)
		return "export: --per hop is for --pcapng";
	if (!o->nfiles)
		return "export: no recording: name a file that skbscope record has written";
	if (!o->output && isatty(STDOUT_FILENO))
		return "export: the output is a terminal: give -o FILE, or -o - all the same";
	return NULL;
}

/*
 * Ctrl-C and the like are read where a file is written: what was begun is taken
 * away then. -1: they end us at once, also while a pipe does not take more.
 */
static int catch_signals(const struct new_file *file)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction now;
	sigset_t set;
	int fd;

	if (!file->beside)
		return -1;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		/* nohup, and what a script runs in the background: a blocked one would come all the same */
		if (!sigaction(ends[i], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaddset(&set, ends[i]);
	}
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	return fd;
}

int run_export(struct options *options)
{
	struct replay_options replay = { .speed = 0 };
	char err[512] = "";
	struct export e = { .options = options, .signals = -1, .err = err, .size = sizeof(err) };
	const char *wrong = wrong_use(options);
	FILE *out;
	int ret;

	if (wrong)
		return command_fail(EXIT_WRONG_USE, wrong);
	e.src = replay_open(options->files, options->nfiles, &replay, err, sizeof(err));
	if (!e.src)
		return command_fail(EXIT_FAILED, err);
	out = open_output(&e);
	if (!out && !err[0])
		snprintf(err, sizeof(err), "%s: %s", e.name, strerror(errno));
	e.signals = catch_signals(&e.file);
	ret = out ? export_to(&e, out) : -EIO;
	e.src->ops->free(e.src);
	if (e.signals >= 0)
		close(e.signals);
	return ret ? command_fail(EXIT_FAILED, err) : EXIT_DONE;
}
