/* SPDX-License-Identifier: GPL-2.0 */
#include "export/formats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/strbuf.h"
#include "model/store.h"

struct csv_sink {
	struct sink sink;
	FILE *out;
	struct sink_options options;
};

static const char header[] = "proto,client,client_port,server,server_port,client_packets,client_bytes,"
			     "server_packets,server_bytes,delivered,dropped,state,first,last,p50_ns,p99_ns,"
			     "max_ns\r\n";

static int csv_event(struct sink *sink, const struct event *ev, size_t size)
{
	return 0; /* the store has it */
}

static int csv_flush(struct sink *sink, uint64_t now)
{
	errno = 0;
	if (fflush(((struct csv_sink *)sink)->out))
		return errno ? -errno : -EIO;
	return 0;
}

/* RFC 4180; and no spreadsheet takes it for a formula. */
static void put_cell(struct strbuf *line, const char *text)
{
	bool quoted = strpbrk(text, ",\"\r\n") != NULL;

	if (line->len)
		strbuf_putc(line, ',');
	if (quoted)
		strbuf_putc(line, '"');
	if (text[0] && strchr("=+-@", text[0]) && text[1])
		strbuf_putc(line, '\'');
	for (; *text; text++) {
		if (*text == '"')
			strbuf_putc(line, '"');
		strbuf_putc(line, *text);
	}
	if (quoted)
		strbuf_putc(line, '"');
}

static void put_number(struct strbuf *line, uint64_t n)
{
	strbuf_addf(line, ",%" PRIu64, n);
}

/* "2025-03-14T15:09:26.535897932Z" */
static void put_time(struct strbuf *line, const struct csv_sink *cs, uint64_t ts)
{
	int64_t wall = (int64_t)(ts + (uint64_t)cs->sink.wall);
	int64_t ns = (wall % 1000000000 + 1000000000) % 1000000000;
	time_t seconds = (time_t)((wall - ns) / 1000000000);
	char text[32];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		text[0] = '\0';
	put_cell(line, text);
	strbuf_addf(line, ".%09" PRId64 "Z", ns);
}

static void put_end(struct strbuf *line, const struct flow_key *key, int end)
{
	bool ports = key->port[0] || key->port[1];
	char text[64] = "";

	put_cell(line, key->family ? addr_text(key->addr[end], key->family, text, sizeof(text)) : "");
	if (ports)
		put_number(line, key->port[end]);
	else
		put_cell(line, "");
}

static void put_flow(struct strbuf *line, const struct csv_sink *cs, const struct flow *f)
{
	char text[32];

	strbuf_clear(line);
	put_cell(line, tuple_proto_name(f->key.family, f->key.proto, f->key.l2proto, text, sizeof(text)));
	put_end(line, &f->key, f->client);
	put_end(line, &f->key, !f->client);
	for (int way = 0; way < 2; way++) {
		put_number(line, f->packets[way]);
		put_number(line, f->bytes[way]);
	}
	put_number(line, f->delivered);
	put_number(line, f->drops);
	put_cell(line,
		f->progress.state == FLOW_UNKNOWN ? "" : flow_state_name((enum flow_state)f->progress.state));
	put_time(line, cs, f->first);
	put_time(line, cs, f->last);
	put_number(line, flow_times_quantile(&f->times, 0.5));
	put_number(line, flow_times_quantile(&f->times, 0.99));
	put_number(line, f->times.max);
	strbuf_puts(line, "\r\n");
}

static int put_flows(const struct csv_sink *cs, const struct store_totals *totals)
{
	struct strbuf line = STRBUF_INIT;
	int err = 0;

	errno = 0;
	if (fputs(header, cs->out) == EOF)
		err = errno ? -errno : -EIO;
	for (size_t i = 0; !err && i < totals->flows; i++) {
		put_flow(&line, cs, store_flow_at(cs->options.store, i));
		errno = 0;
		if (line.failed)
			err = -ENOMEM;
		else if (fwrite(line.s, 1, line.len, cs->out) != line.len)
			err = errno ? -errno : -EIO;
	}
	strbuf_fini(&line);
	return err;
}

static int csv_finish(struct sink *sink, const struct summary_of *of)
{
	struct csv_sink *cs = (struct csv_sink *)sink;
	struct store_totals totals;
	int err;

	store_totals(cs->options.store, &totals);
	err = put_flows(cs, &totals);
	if (cs->options.note && (totals.evicted_flows || totals.orphans))
		snprintf(cs->options.note, cs->options.note_size,
			"csv: %" PRIu64 " flows are missing and %" PRIu64
			" events are of packets that were gone: memory was full",
			totals.evicted_flows, totals.orphans);
	return err ? err : csv_flush(sink, 0);
}

static void csv_close(struct sink *sink)
{
	free(sink);
}

static struct sink *csv_open(FILE *out, const struct sink_options *options)
{
	struct csv_sink *cs = calloc(1, sizeof(*cs));

	if (!cs)
		return NULL;
	cs->sink.ops = &sink_csv;
	cs->out = out;
	cs->options = *options;
	return &cs->sink;
}

const struct sink_ops sink_csv = {
	.name = "csv",
	.open = csv_open,
	.event = csv_event,
	.flush = csv_flush,
	.finish = csv_finish,
	.close = csv_close,
};
