/* SPDX-License-Identifier: GPL-2.0 */
/* Aligned lines to be read during an incident, 80 to 130 columns; as they come, or packet by packet. */
#include "export/sink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "export/block.h"
#include "export/groups.h"
#include "export/text_columns.h"
#include "export/text_summary.h"

#define QUIET_NS 2000000000ull /* a packet of which nothing came for so long is told as it is */

_Static_assert((size_t)GROUP_HEAD >= (size_t)LIVE_TEXT, "the tuple fits");

struct text_sink {
	struct sink sink;
	struct live *live;
	struct groups *groups; /* NULL: lines as they come */
	uint64_t early;	       /* packets told before their end because there was no room */
	bool begun;
	struct text_columns columns;
	struct block block;
};

static char *put_headline(char *p, const struct text_sink *ts, const struct group *group)
{
	enum style style = style_of_fate(group->fate);
	char time[HUMAN_MAX];

	p = text_put_style(p, &ts->columns, STYLE_TITLE);
	p += sprintf(p, "packet %" PRIu64 "%s", group->no, group->again ? " goes on" : "");
	p = text_put_style_end(p, &ts->columns, STYLE_TITLE);
	p += sprintf(p, "  %.*s%s", (int)group->head_len, group->head, group->head_len ? "  " : "");
	p = text_put_style(p, &ts->columns, style);
	p += sprintf(p, "%s", group->fate == FATE_LIVE ? "no end yet" : fate_name(group->fate));
	p = text_put_style_end(p, &ts->columns, style);
	return p + sprintf(p, " after %s\n", human_ns(time, sizeof(time), group->last - group->first, true));
}

/* All that waits of a packet; over: nothing more is expected. */
static void tell(struct text_sink *ts, struct group *group, bool over)
{
	char *p;

	if (!over)
		group->fate = FATE_LIVE;
	p = text_put_header(block_line(&ts->block), &ts->columns, group->first);
	*p++ = '\n';
	block_done(&ts->block, put_headline(p, ts, group));
	block_put(&ts->block, group->text, group->len);
	groups_remove(ts->groups, group);
}

/* Those of which nothing came for a while. */
static void tell_quiet(struct text_sink *ts, uint64_t now)
{
	struct group *group;

	while ((group = groups_oldest(ts->groups)) && group->last + QUIET_NS < now)
		tell(ts, group, false);
}

/* Makes room by telling the one that waits for the longest. False: there is none to tell. */
static bool tell_oldest(struct text_sink *ts)
{
	struct group *group = groups_oldest(ts->groups);

	if (!group)
		return false;
	ts->early++;
	tell(ts, group, false);
	return true;
}

/* A line of a packet: to the others that wait. False: it finds no room, not even alone. */
static bool keep_line(struct text_sink *ts, const struct event *ev, struct live_packet *packet,
	const char *line, size_t len)
{
	struct live_packet *root = live_root(ts->live, packet);
	struct group *group;

	tell_quiet(ts, ev->ts);
	do {
		group = groups_get(ts->groups, ev->packet);
		if (!group)
			continue;
		if (!group->no) {
			group->no = packet->no;
			group->again = root->told;
			root->told = true;
		}
		if (groups_add(ts->groups, group, ev->ts, line, len))
			break;
		if (!group->lines && group == groups_oldest(ts->groups)) {
			groups_remove(ts->groups, group); /* no memory */
			return false;
		}
		group = NULL;
	} while (tell_oldest(ts));
	if (!group)
		return false;
	if (!group->head_len) {
		const struct live_packet *of = packet->text_len ? packet : root;

		memcpy(group->head, of->text, of->text_len);
		group->head_len = of->text_len;
	}
	return true;
}

/* The copy is over, and maybe its packet. */
static void end_copy(struct text_sink *ts, const struct event *ev, struct live_packet *packet)
{
	struct live_packet *root = live_root(ts->live, packet);
	enum fate fate = fate_of(&packet->facts);
	struct group *group;

	live_end(ts->live, packet);
	if (!ts->groups)
		return;
	group = groups_get(ts->groups, ev->packet);
	if (group && !group->lines)
		groups_remove(ts->groups, group);
	if (!group || !group->lines)
		return;
	if (fate > group->fate)
		group->fate = fate;
	if (!root->open)
		tell(ts, group, true);
}

static int text_event(struct sink *sink, const struct event *ev, size_t size)
{
	struct text_sink *ts = (struct text_sink *)sink;
	struct text_columns *columns = &ts->columns;
	struct live_packet *packet;
	bool changed;
	char *p, *line;

	if (size < sizeof(*ev))
		return ts->block.error;
	if (ev->type == EVENT_QUOTE)
		live_quote(ts->live, ev, size);
	if (!text_has_line(ev))
		return ts->block.error;
	if (!ts->begun)
		columns->start = ev->ts;
	ts->begun = true;
	columns->wall_offset = sink->wall;
	packet = live_note(ts->live, columns->words.rules, ev, size, &changed);
	if (changed)
		packet->text_len = (uint16_t)(text_put_packet(packet->text, packet) - packet->text);
	line = block_line(&ts->block);
	if (ts->groups && packet) {
		char text[BLOCK_LINE];

		p = text_put_line(text, columns, ev, size, packet);
		if (!keep_line(ts, ev, packet, text, (size_t)(p - text)))
			block_put(&ts->block, text, (size_t)(p - text));
	} else {
		line = text_put_header(line, columns, ev->ts);
		block_done(&ts->block, text_put_line(line, columns, ev, size, packet));
	}
	if (packet && ev->type == EVENT_END)
		end_copy(ts, ev, packet);
	return ts->block.error;
}

static int text_flush(struct sink *sink, uint64_t now)
{
	struct text_sink *ts = (struct text_sink *)sink;

	if (ts->groups)
		tell_quiet(ts, now);
	return block_flush(&ts->block);
}

static int text_finish(struct sink *sink, const struct summary_of *of)
{
	struct text_sink *ts = (struct text_sink *)sink;
	struct group *group;
	int err;

	while (ts->groups && (group = groups_oldest(ts->groups)))
		tell(ts, group, false);
	err = block_flush(&ts->block);
	if (!err && ts->begun)
		fputc('\n', ts->block.out);
	if (!err && ts->early)
		fprintf(ts->block.out,
			"%" PRIu64
			" packets were told before their end: more lines waited than %u MiB hold\n",
			ts->early, GROUPS_BYTES >> 20);
	if (!err)
		text_summary_write(ts->block.out, of, ts->columns.color);
	return err ? err : block_flush(&ts->block);
}

static void text_close(struct sink *sink)
{
	struct text_sink *ts = (struct text_sink *)sink;

	if (!ts)
		return;
	text_columns_fini(&ts->columns);
	groups_free(ts->groups);
	live_free(ts->live);
	free(ts);
}

static struct sink *text_open(FILE *out, const struct sink_options *options)
{
	struct text_sink *ts = calloc(1, sizeof(*ts));

	if (!ts)
		return NULL;
	ts->sink.ops = &sink_text;
	ts->block.out = out;
	ts->live = live_new(options->probes);
	if (options->by_packet)
		ts->groups = groups_new();
	if (text_columns_init(&ts->columns, options) || !ts->live || (options->by_packet && !ts->groups)) {
		text_close(&ts->sink);
		return NULL;
	}
	return &ts->sink;
}

const struct sink_ops sink_text = {
	.name = "text",
	.open = text_open,
	.event = text_event,
	.flush = text_flush,
	.finish = text_finish,
	.close = text_close,
};
