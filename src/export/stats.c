/* SPDX-License-Identifier: GPL-2.0 */
/* Sinks that say nothing of events: only what the run came to (--stats). */
#include "export/sink.h"

#include <errno.h>
#include <stdlib.h>

#include "export/json_stats.h"
#include "export/text_summary.h"

struct stats_sink {
	struct sink sink;
	FILE *out;
	bool color;
};

static struct sink *stats_open(FILE *out, const struct sink_options *options)
{
	struct stats_sink *ss = calloc(1, sizeof(*ss));

	if (!ss)
		return NULL;
	ss->out = out;
	ss->color = options->color;
	return &ss->sink;
}

static struct sink *stats_open_text(FILE *out, const struct sink_options *options)
{
	struct sink *sink = stats_open(out, options);

	if (sink)
		sink->ops = &sink_stats_text;
	return sink;
}

static struct sink *stats_open_json(FILE *out, const struct sink_options *options)
{
	struct sink *sink = stats_open(out, options);

	if (sink)
		sink->ops = &sink_stats_json;
	return sink;
}

static int stats_event(struct sink *sink, const struct event *ev, size_t size)
{
	return 0;
}

static int stats_flush(struct sink *sink, uint64_t now)
{
	return 0;
}

static int stats_finish_text(struct sink *sink, const struct summary_of *of)
{
	struct stats_sink *ss = (struct stats_sink *)sink;

	errno = 0;
	text_summary_write(ss->out, of, ss->color);
	if (fflush(ss->out) || ferror(ss->out))
		return errno ? -errno : -EIO;
	return 0;
}

static int stats_finish_json(struct sink *sink, const struct summary_of *of)
{
	struct stats_sink *ss = (struct stats_sink *)sink;
	int err = json_stats_write(ss->out, of);

	errno = 0;
	if (!err && fflush(ss->out))
		err = errno ? -errno : -EIO;
	return err;
}

static void stats_close(struct sink *sink)
{
	free(sink);
}

const struct sink_ops sink_stats_text = {
	.name = "stats",
	.open = stats_open_text,
	.event = stats_event,
	.flush = stats_flush,
	.finish = stats_finish_text,
	.close = stats_close,
};

const struct sink_ops sink_stats_json = {
	.name = "stats as JSON",
	.open = stats_open_json,
	.event = stats_event,
	.flush = stats_flush,
	.finish = stats_finish_json,
	.close = stats_close,
};
