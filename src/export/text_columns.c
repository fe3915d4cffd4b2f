/* SPDX-License-Identifier: GPL-2.0 */
#include "export/text_columns.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/human.h"
#include "export/digits.h"
#include "export/text_netfilter.h"
#include "model/names.h"
#include "model/reasons.h"
#include "model/tuple.h"

#define FUNC_NAME_MAX 512u /* bytes of a name; longest in the kernel (KSYM_NAME_LEN) */
#define SECOND 1000000000

enum {
	COL_TIME = 11,
	COL_WALL = 15,
	COL_CPU = 3,
	COL_PACKET = 6,
	COL_NETNS = 10,
	COL_DEV = 10,
	COL_LAYER = 9,
	COL_FUNC = 28,
	COL_LEN = 5
};

int text_columns_init(struct text_columns *c, const struct sink_options *options)
{
	size_t cap = probe_capacity(options->probes) + 1;

	*c = (struct text_columns){
		.probes = options->probes,
		.words = words_of(options),
		.color = options->color,
		.wall = options->wall,
		.second = INT64_MIN,
		.func = calloc(cap, sizeof(*c->func)),
		.func_len = calloc(cap, sizeof(*c->func_len)),
	};
	return c->func && c->func_len ? 0 : -ENOMEM;
}

void text_columns_fini(struct text_columns *c)
{
	for (size_t i = 0; c->func && i < c->probes->n; i++)
		free(c->func[i]);
	free(c->func);
	free(c->func_len);
}

char *text_put_style(char *p, const struct text_columns *c, enum style style)
{
	const char *s = c->color ? style_begin(style) : "";

	return put_text(p, s, strlen(s));
}

char *text_put_style_end(char *p, const struct text_columns *c, enum style style)
{
	return c->color && style_begin(style)[0] ? put_literal(p, STYLE_END) : p;
}

/* Characters, not bytes: names may be UTF-8 (wide ones are rare enough here). */
static size_t columns(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (s[i] & 0xc0) != 0x80;
	return n;
}

static char *put_blanks(char *p, size_t n)
{
	memset(p, ' ', n);
	return p + n;
}

/* s, then blanks up to width and one more. A longer one pushes the rest: nothing is cut off. */
static char *put_styled(
	char *p, const struct text_columns *c, enum style style, const char *s, size_t len, size_t width)
{
	size_t cols = columns(s, len);

	p = text_put_style(p, c, style);
	p = put_text(p, s, len);
	p = text_put_style_end(p, c, style);
	return put_blanks(p, cols < width ? width - cols + 1 : 1);
}

static char *put_left(char *p, const char *s, size_t len, size_t width)
{
	size_t cols = columns(s, len);

	return put_blanks(put_text(p, s, len), cols < width ? width - cols + 1 : 1);
}

static char *put_right(char *p, const char *s, size_t len, size_t width)
{
	if (len < width)
		p = put_blanks(p, width - len);
	p = put_text(p, s, len);
	*p++ = ' ';
	return p;
}

static char *put_number(char *p, uint64_t n, size_t width)
{
	char digits[20];

	return put_right(p, digits, (size_t)(put_u64(digits, n) - digits), width);
}

static char *put_micros(char *p, uint64_t us)
{
	*p++ = '.';
	for (uint64_t unit = 100000; unit; unit /= 10)
		*p++ = (char)('0' + us / unit % 10);
	return p;
}

/* Seconds since the first event; a record of another CPU can be a little older. */
static char *put_relative(char *p, const struct text_columns *c, uint64_t at)
{
	bool negative = at < c->start;
	uint64_t us = (negative ? c->start - at : at - c->start) / 1000;
	char buf[32], *b = buf;

	if (negative && us)
		*b++ = '-';
	b = put_micros(put_u64(b, us / 1000000), us % 1000000);
	return put_right(p, buf, (size_t)(b - buf), COL_TIME);
}

/* Makes clock and date of it, unless they are. Returns ns in the second. */
static int64_t wall_clock(struct text_columns *c, uint64_t at)
{
	int64_t wall = (int64_t)(at + (uint64_t)c->wall_offset);
	int64_t ns = wall % SECOND < 0 ? wall % SECOND + SECOND : wall % SECOND;
	time_t second = (time_t)((wall - ns) / SECOND);
	struct tm tm;

	if (second == c->second)
		return ns;
	c->second = second;
	if (!localtime_r(&second, &tm) || !strftime(c->clock, sizeof(c->clock), "%H:%M:%S", &tm) ||
		!strftime(c->date, sizeof(c->date), "%Y-%m-%d", &tm)) {
		snprintf(c->clock, sizeof(c->clock), "--:--:--");
		snprintf(c->date, sizeof(c->date), "-");
	}
	return ns;
}

static char *put_wall(char *p, struct text_columns *c, uint64_t at)
{
	int64_t ns = wall_clock(c, at);

	p = put_text(p, c->clock, strlen(c->clock));
	p = put_micros(p, (uint64_t)ns / 1000);
	*p++ = ' ';
	return p;
}

/* Number of the packet; a copy of it: "12.1" */
static char *put_number_of(char *p, const struct live_packet *packet)
{
	char text[48], *end;

	if (!packet)
		return put_right(p, "-", 1, COL_PACKET);
	end = put_u64(text, packet->no);
	if (packet->number) {
		*end++ = '.';
		end = put_u64(end, packet->number);
	}
	return put_right(p, text, (size_t)(end - text), COL_PACKET);
}

static char *put_place(char *p, const struct text_columns *c, const struct event *ev)
{
	char number[20];
	const char *name = names_netns(c->words.names, ev->netns);

	if (name)
		p = put_left(p, name, strlen(name), COL_NETNS);
	else if (ev->netns)
		p = put_left(p, number, (size_t)(put_u64(number, ev->netns) - number), COL_NETNS);
	else
		p = put_left(p, "-", 1, COL_NETNS);
	name = names_device(c->words.names, ev->netns, ev->ifindex);
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

char *text_put_packet(char *p, const struct live_packet *packet)
{
	p = put_tuple(p, &packet->tuple);
	if (!packet->about.family)
		return p;
	p = put_literal(p, " (about ");
	p = put_tuple(p, &packet->about);
	*p++ = ')';
	return p;
}

static char *put_probe(char *p, const struct text_columns *c, const struct probe *probe)
{
	const char *layer = layer_name(probe->class.layer);
	enum style style = (enum style)(STYLE_LAYER + probe->class.layer);
	char name[FUNC_NAME_MAX];

	printable(name, sizeof(name), probe->name, strlen(probe->name));
	p = put_styled(p, c, style, layer, strlen(layer), COL_LAYER);
	return put_styled(p, c, style, name, strlen(name), COL_FUNC);
}

static char *put_func(char *p, struct text_columns *c, uint16_t func)
{
	char buf[FUNC_NAME_MAX + 128];
	size_t len;

	if (func >= c->probes->n) {
		p = put_left(p, "-", 1, COL_LAYER);
		return put_left(p, "?", 1, COL_FUNC);
	}
	if (c->func[func])
		return put_text(p, c->func[func], c->func_len[func]);
	len = (size_t)(put_probe(buf, c, &c->probes->v[func]) - buf);
	c->func[func] = malloc(len);
	if (c->func[func]) {
		memcpy(c->func[func], buf, len);
		c->func_len[func] = (uint32_t)len;
	}
	return put_text(p, buf, len);
}

/* The columns of the layer and the function, for what is no function. */
static char *put_two(
	char *p, const struct text_columns *c, enum style style, const char *kind, const char *word)
{
	p = put_styled(p, c, style, kind, strlen(kind), COL_LAYER);
	return put_styled(p, c, word[0] ? style : STYLE_NONE, word, strlen(word), COL_FUNC);
}

static char *put_drop(char *p, const struct text_columns *c, const struct event *ev, size_t size)
{
	const struct event_drop *drop = (const struct event_drop *)ev;
	char text[REASON_TEXT_MAX] = "";

	if (size >= sizeof(*drop) && c->words.info && c->words.info->nreasons)
		reason_text(c->words.info, drop->reason, text, sizeof(text));
	return put_two(p, c, STYLE_DROP, "DROPPED", text);
}

static char *put_socket(char *p, const struct text_columns *c, const struct event *ev, size_t size)
{
	const struct event_socket *s = (const struct event_socket *)ev;
	char text[64] = "";
	const char *comm;
	uint32_t pid;

	comm = size >= sizeof(*s) ? names_owner(c->words.names, s->inode, &pid) : NULL;
	if (comm && pid)
		snprintf(text, sizeof(text), "of %s (%u)", comm, pid);
	else if (size >= sizeof(*s) && s->inode)
		snprintf(text, sizeof(text), "[%llu] of uid %u", (unsigned long long)s->inode, s->uid);
	return put_two(p, c, STYLE_GOOD, "socket", text);
}

static char *put_end(
	char *p, const struct text_columns *c, const struct event *ev, const struct live_packet *packet)
{
	enum fate fate = packet ? fate_of(&packet->facts) : FATE_LIVE;
	char text[64] = "", time[HUMAN_MAX];

	if (packet && ev->ts >= packet->first)
		snprintf(text, sizeof(text), "%s after %s", fate_name(fate),
			human_ns(time, sizeof(time), ev->ts - packet->first, true));
	return put_two(p, c, style_of_fate(fate), "end", text);
}

static bool is_netfilter(const struct event *ev)
{
	return ev->type >= EVENT_HOOK && ev->type <= EVENT_CT;
}

bool text_has_line(const struct event *ev)
{
	return event_is_function(ev->type) || is_netfilter(ev) || ev->type == EVENT_END ||
	       ev->type == EVENT_DROP || ev->type == EVENT_SOCKET;
}

static char *put_what(char *p, struct text_columns *c, const struct event *ev, size_t size,
	const struct live_packet *packet)
{
	char word[128];

	if (event_is_function(ev->type))
		return put_func(p, c, ev->func);
	if (ev->type == EVENT_DROP)
		return put_drop(p, c, ev, size);
	if (ev->type == EVENT_END)
		return put_end(p, c, ev, packet);
	if (ev->type == EVENT_SOCKET)
		return put_socket(p, c, ev, size);
	text_netfilter_word(word, sizeof(word), ev, size);
	return put_two(p, c, text_netfilter_drops(ev, size) ? STYLE_DROP : STYLE_NETFILTER,
		text_netfilter_kind(ev), word);
}

/* The packet's tuple, and what is longer than a column. */
static char *put_tail(char *p, const struct text_columns *c, const struct event *ev, size_t size,
	const struct live_packet *packet)
{
	char tail[TEXT_TAIL_MAX];

	if (packet && !is_netfilter(ev))
		p = put_text(p, packet->text, packet->text_len);
	if (is_netfilter(ev))
		text_netfilter_tail(tail, sizeof(tail), &c->words, ev, size);
	else if (ev->type == EVENT_DROP)
		text_drop_tail(tail, sizeof(tail), &c->words, ev, size, packet);
	else
		return p;
	return put_text(p, tail, strlen(tail));
}

char *text_put_header(char *p, struct text_columns *c, uint64_t ts)
{
	bool first = !c->headed;

	if (c->wall)
		wall_clock(c, ts);
	if (!first && !strcmp(c->shown, c->date))
		return p;
	c->headed = true;
	memcpy(c->shown, c->date, sizeof(c->shown));
	p = text_put_style(p, c, STYLE_DIM);
	if (first)
		p += sprintf(p, "%*s %*s %*s %-*s %-*s %-*s %-*s %*s %s", c->wall ? COL_WALL : COL_TIME,
			c->wall ? c->date : "seconds", COL_CPU, "cpu", COL_PACKET, "packet", COL_NETNS,
			"netns", COL_DEV, "interface", COL_LAYER, "layer", COL_FUNC, "function", COL_LEN,
			"len", "proto source > destination");
	else
		p += sprintf(p, "%*s", COL_WALL, c->date);
	p = text_put_style_end(p, c, STYLE_DIM);
	*p++ = '\n';
	return p;
}

char *text_put_line(char *p, struct text_columns *c, const struct event *ev, size_t size,
	const struct live_packet *packet)
{
	p = c->wall ? put_wall(p, c, ev->ts) : put_relative(p, c, ev->ts);
	p = put_number(p, ev->cpu, COL_CPU);
	p = put_number_of(p, packet);
	p = put_place(p, c, ev);
	p = put_what(p, c, ev, size, packet);
	if (event_is_function(ev->type))
		p = put_number(p, ev->len, COL_LEN);
	else /* the skb is not read there */
		p = put_blanks(p, COL_LEN + 1);
	p = put_tail(p, c, ev, size, packet);
	while (p[-1] == ' ')
		p--;
	*p++ = '\n';
	return p;
}
