/* SPDX-License-Identifier: GPL-2.0 */
/* Aligned lines to be read during an incident, 80 to 130 columns, plain ASCII but for names. */
#include "export/sink.h"

#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "export/block.h"
#include "export/digits.h"
#include "export/live.h"
#include "export/text_netfilter.h"
#include "export/text_summary.h"
#include "model/names.h"
#include "model/reasons.h"
#include "model/tuple.h"

enum {
	COL_TIME = 11,
	COL_CPU = 3,
	COL_PACKET = 6,
	COL_NETNS = 10,
	COL_DEV = 10,
	COL_LAYER = 9,
	COL_FUNC = 28,
	COL_LEN = 5
};

struct text_sink {
	struct sink sink;
	const struct probe_table *probes;
	struct live *live;
	uint64_t start; /* ts of the first event */
	bool started, color;
	struct words words;
	struct block block;
};

/* Characters, not bytes: names may be UTF-8 (wide ones are rare enough here). */
static size_t columns(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (s[i] & 0xc0) != 0x80;
	return n;
}

/* s, then blanks up to width and one more. A longer one pushes the rest: nothing is cut off. */
static char *put_left(char *p, const char *s, size_t len, size_t width)
{
	size_t cols = columns(s, len);

	p = put_text(p, s, len);
	do
		*p++ = ' ';
	while (cols++ < width);
	return p;
}

static char *put_right(char *p, uint64_t n, size_t width)
{
	char digits[20];
	size_t len = (size_t)(put_u64(digits, n) - digits);

	for (size_t i = len; i < width; i++)
		*p++ = ' ';
	p = put_text(p, digits, len);
	*p++ = ' ';
	return p;
}

/* Seconds since the first event; a record of another CPU can be a little older. */
static char *put_time(char *p, const struct text_sink *ts, uint64_t at)
{
	bool negative = at < ts->start;
	uint64_t us = (negative ? ts->start - at : at - ts->start) / 1000;
	char buf[32], *b = buf;
	size_t len;

	if (negative && us)
		*b++ = '-';
	b = put_u64(b, us / 1000000);
	*b++ = '.';
	us %= 1000000;
	for (uint64_t unit = 100000; unit; unit /= 10)
		*b++ = (char)('0' + us / unit % 10);
	len = (size_t)(b - buf);
	for (size_t i = len; i < COL_TIME; i++)
		*p++ = ' ';
	p = put_text(p, buf, len);
	*p++ = ' ';
	return p;
}

static char *put_place(char *p, const struct text_sink *ts, const struct event *ev)
{
	char number[20];
	const char *name = names_netns(ts->words.names, ev->netns);

	if (name)
		p = put_left(p, name, strlen(name), COL_NETNS);
	else if (ev->netns)
		p = put_left(p, number, (size_t)(put_u64(number, ev->netns) - number), COL_NETNS);
	else
		p = put_left(p, "-", 1, COL_NETNS);
	name = names_device(ts->words.names, ev->netns, ev->ifindex);
	if (name)
		return put_left(p, name, strlen(name), COL_DEV);
	if (!ev->ifindex)
		return put_left(p, "-", 1, COL_DEV);
	number[0] = '#';
	return put_left(p, number, (size_t)(put_u64(number + 1, ev->ifindex) - number), COL_DEV);
}

static char *put_tuple(char *p, const struct wire_tuple *t)
{
	bool ip = t->flags & TUPLE_IP;
	char text[ENDPOINT_TEXT_MAX];

	tuple_proto_name(ip ? t->family : 0, t->proto, t->l2proto, text, sizeof(text));
	p = put_text(p, text, strlen(text));
	if (ip) {
		*p++ = ' ';
		endpoint_text(t, true, text, sizeof(text));
		p = put_text(p, text, strlen(text));
		p = put_literal(p, " > ");
		endpoint_text(t, false, text, sizeof(text));
		p = put_text(p, text, strlen(text));
	}
	if (t->flags & TUPLE_VLAN) {
		p = put_literal(p, " vlan ");
		p = put_u64(p, t->vlan);
	}
	if (t->flags & TUPLE_FRAGMENT) {
		p = put_literal(p, " fragment +");
		p = put_u64(p, t->frag_off);
	}
	return p;
}

static char *put_whole(char *p, const struct live_packet *packet)
{
	p = put_tuple(p, &packet->tuple);
	if (!packet->about.family)
		return p;
	p = put_literal(p, " (about ");
	p = put_tuple(p, &packet->about);
	*p++ = ')';
	return p;
}

static char *put_func(char *p, const struct text_sink *ts, const struct event *ev)
{
	const struct probe *probe;
	const char *layer;
	char name[512];

	if (ev->func >= ts->probes->n) {
		p = put_left(p, "-", 1, COL_LAYER);
		return put_left(p, "?", 1, COL_FUNC);
	}
	probe = &ts->probes->v[ev->func];
	layer = layer_name(probe->class.layer);
	p = put_left(p, layer, strlen(layer), COL_LAYER);
	printable(name, sizeof(name), probe->name, strlen(probe->name));
	return put_left(p, name, strlen(name), COL_FUNC);
}

static char *put_drop(char *p, const struct text_sink *ts, const struct event *ev, size_t size)
{
	const struct event_drop *drop = (const struct event_drop *)ev;
	char text[64] = "";

	if (size >= sizeof(*drop) && ts->words.info && ts->words.info->nreasons)
		reason_text(ts->words.info, drop->reason, text, sizeof(text));
	p = put_left(p, "DROPPED", 7, COL_LAYER);
	return put_left(p, text, strlen(text), COL_FUNC);
}

static char *put_socket(char *p, const struct text_sink *ts, const struct event *ev, size_t size)
{
	const struct event_socket *s = (const struct event_socket *)ev;
	char text[64] = "";
	const char *comm;
	uint32_t pid;

	comm = size >= sizeof(*s) ? names_owner(ts->words.names, s->inode, &pid) : NULL;
	if (comm && pid)
		snprintf(text, sizeof(text), "of %s (%u)", comm, pid);
	else if (size >= sizeof(*s) && s->inode)
		snprintf(text, sizeof(text), "[%llu] of uid %u", (unsigned long long)s->inode, s->uid);
	p = put_left(p, "socket", 6, COL_LAYER);
	return put_left(p, text, strlen(text), COL_FUNC);
}

/* Number of the packet; a copy of it: "12.1" */
static char *put_packet(char *p, const struct live_packet *packet)
{
	char text[48], *end;
	size_t len;

	if (!packet)
		return put_literal(p, "     - ");
	end = put_u64(text, packet->no);
	if (packet->number) {
		*end++ = '.';
		end = put_u64(end, packet->number);
	}
	for (len = (size_t)(end - text); len < COL_PACKET; len++)
		*p++ = ' ';
	p = put_text(p, text, (size_t)(end - text));
	*p++ = ' ';
	return p;
}

static char *put_end(char *p, const struct event *ev, const struct live_packet *packet)
{
	char text[64] = "";

	if (packet && ev->ts >= packet->first) {
		char time[HUMAN_MAX];

		snprintf(text, sizeof(text), "%s after %s", fate_name(fate_of(&packet->facts)),
			human_ns(time, sizeof(time), ev->ts - packet->first, true));
	}
	p = put_left(p, "end", 3, COL_LAYER);
	return put_left(p, text, strlen(text), COL_FUNC);
}

static void put_header(struct text_sink *ts, uint64_t start)
{
	char *p = block_line(&ts->block);

	ts->start = start;
	ts->started = true;
	p += sprintf(p, "%*s %*s %*s %-*s %-*s %-*s %-*s %*s %s\n", COL_TIME, "seconds", COL_CPU, "cpu",
		COL_PACKET, "packet", COL_NETNS, "netns", COL_DEV, "interface", COL_LAYER, "layer", COL_FUNC,
		"function", COL_LEN, "len", "proto source > destination");
	block_done(&ts->block, p);
}

static bool is_func(const struct event *ev)
{
	return ev->type == EVENT_FUNC || ev->type == EVENT_FUNC_FULL;
}

static bool is_netfilter(const struct event *ev)
{
	return ev->type >= EVENT_HOOK && ev->type <= EVENT_CT;
}

static bool has_line(const struct event *ev)
{
	return is_func(ev) || is_netfilter(ev) || ev->type == EVENT_END || ev->type == EVENT_DROP ||
	       ev->type == EVENT_SOCKET;
}

/* The columns of the layer and the function. */
static char *put_what(char *p, const struct text_sink *ts, const struct event *ev, size_t size,
	const struct live_packet *packet)
{
	const char *kind;
	char word[128];

	if (ev->type == EVENT_DROP)
		return put_drop(p, ts, ev, size);
	if (ev->type == EVENT_END)
		return put_end(p, ev, packet);
	if (ev->type == EVENT_SOCKET)
		return put_socket(p, ts, ev, size);
	if (!is_netfilter(ev))
		return put_func(p, ts, ev);
	kind = text_netfilter_kind(ev);
	p = put_left(p, kind, strlen(kind), COL_LAYER);
	text_netfilter_word(word, sizeof(word), ev, size);
	return put_left(p, word, strlen(word), COL_FUNC);
}

/* The packet's tuple, and what is longer than a column. */
static char *put_tail(char *p, const struct text_sink *ts, const struct event *ev, size_t size,
	const struct live_packet *packet)
{
	char tail[TEXT_TAIL_MAX];

	if (packet && !is_netfilter(ev))
		p = put_text(p, packet->text, packet->text_len);
	if (is_netfilter(ev))
		text_netfilter_tail(tail, sizeof(tail), &ts->words, ev, size);
	else if (ev->type == EVENT_DROP)
		text_drop_tail(tail, sizeof(tail), &ts->words, ev, size, packet);
	else
		return p;
	return put_text(p, tail, strlen(tail));
}

static int text_event(struct sink *sink, const struct event *ev, size_t size)
{
	struct text_sink *ts = (struct text_sink *)sink;
	struct live_packet *packet;
	bool changed;
	char *p;

	if (size < sizeof(*ev))
		return ts->block.error;
	if (ev->type == EVENT_QUOTE)
		live_quote(ts->live, ev, size);
	if (!has_line(ev))
		return ts->block.error;
	if (!ts->started)
		put_header(ts, ev->ts);
	packet = live_note(ts->live, ts->words.rules, ev, size, &changed);
	if (changed)
		packet->text_len = (uint16_t)(put_whole(packet->text, packet) - packet->text);
	p = put_time(block_line(&ts->block), ts, ev->ts);
	p = put_right(p, ev->cpu, COL_CPU);
	p = put_packet(p, packet);
	p = put_place(p, ts, ev);
	p = put_what(p, ts, ev, size, packet);
	if (is_func(ev))
		p = put_right(p, ev->len, COL_LEN);
	else /* the skb is not read there */
		p = put_left(p, "", 0, COL_LEN);
	p = put_tail(p, ts, ev, size, packet);
	while (p[-1] == ' ')
		p--;
	*p++ = '\n';
	if (packet && ev->type == EVENT_END)
		live_end(ts->live, packet);
	return block_done(&ts->block, p);
}

static int text_flush(struct sink *sink, uint64_t now)
{
	return block_flush(&((struct text_sink *)sink)->block);
}

static int text_finish(struct sink *sink, const struct summary_of *of)
{
	struct text_sink *ts = (struct text_sink *)sink;
	int err = block_flush(&ts->block);

	if (!err && ts->started)
		fputc('\n', ts->block.out);
	if (!err)
		text_summary_write(ts->block.out, of, ts->color);
	return err ? err : block_flush(&ts->block);
}

static void text_close(struct sink *sink)
{
	struct text_sink *ts = (struct text_sink *)sink;

	if (!ts)
		return;
	live_free(ts->live);
	free(ts);
}

static struct sink *text_open(FILE *out, const struct sink_options *options)
{
	struct text_sink *ts = calloc(1, sizeof(*ts));

	if (!ts)
		return NULL;
	ts->sink.ops = &sink_text;
	ts->probes = options->probes;
	ts->color = options->color;
	ts->block.out = out;
	ts->live = live_new(options->probes);
	ts->words = words_of(options);
	if (!ts->live) {
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
