/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One JSON object a line. Every hit of a function becomes a line, so these are
 * written by hand: what a function or a packet adds is made once and copied.
 */
#include "export/sink.h"

#include <stdlib.h>
#include <string.h>

#include "export/block.h"
#include "export/digits.h"
#include "export/escape.h"
#include "export/json_netfilter.h"
#include "export/json_put.h"
#include "export/json_stats.h"
#include "export/live.h"
#include "model/names.h"
#include "model/tuple.h"

#define FUNC_NAME_MAX 512u /* bytes of a name; longest in the kernel (KSYM_NAME_LEN) */

struct json_sink {
	struct sink sink;
	const struct probe_table *probes;
	struct live *live;
	char **func; /* ,"func":"ip_rcv","layer":"IPv4","priority":0 */
	uint32_t *func_len;
	struct words words;
	struct block block;
};

static char *put_func(char *p, const struct probe *probe)
{
	p = put_literal(p, ",\"func\":");
	p = json_put_string(p, probe->name, FUNC_NAME_MAX);
	if (probe->module) {
		p = put_literal(p, ",\"module\":");
		p = json_put_string(p, probe->module, 64);
	}
	p = put_literal(p, ",\"layer\":");
	p = json_put_string(p, layer_name(probe->class.layer), 32);
	p = put_literal(p, ",\"priority\":");
	return put_u64(p, (uint64_t)probe->class.priority);
}

/* The text of a function, made when it is first hit; 0 when it is not in the table. */
static uint32_t func_text(struct json_sink *js, uint16_t func)
{
	char buf[(FUNC_NAME_MAX + 128) * ESCAPE_MAX + 128];
	size_t len;

	if (func >= js->probes->n)
		return 0;
	if (js->func[func])
		return js->func_len[func];
	len = (size_t)(put_func(buf, &js->probes->v[func]) - buf);
	js->func[func] = malloc(len);
	if (!js->func[func])
		return 0;
	memcpy(js->func[func], buf, len);
	return js->func_len[func] = (uint32_t)len;
}

/* The tuple, and of an ICMP error that of the packet it is about. */
static char *put_packet(char *p, const struct live_packet *packet)
{
	p = json_put_tuple(p, &packet->tuple);
	if (packet->about.family)
		p = json_put_tuple_object(p, ",\"about\":", &packet->about);
	return p;
}

/* What all lines begin with, after {"type":"..." */
static char *put_identity(char *p, const struct event *ev, const struct live_packet *packet)
{
	p = put_literal(p, ",\"ts\":");
	p = put_u64(p, ev->ts);
	if (ev->packet) {
		p = put_literal(p, ",\"packet\":");
		p = put_u64(p, ev->packet);
	}
	p = put_literal(p, ",\"copy\":");
	p = put_u64(p, packet ? packet->number : 0);
	if (packet && packet->parent != LIVE_NO_PARENT) {
		p = put_literal(p, ",\"parent\":");
		p = put_u64(p, packet->parent);
	}
	p = put_literal(p, ",\"skb\":\"0x");
	p = put_hex(p, ev->skb);
	*p++ = '"';
	return p;
}

static char *put_place(char *p, const struct json_sink *js, const struct event *ev)
{
	const char *name;

	p = put_literal(p, ",\"cpu\":");
	p = put_u64(p, ev->cpu);
	if (ev->netns) {
		p = put_literal(p, ",\"netns\":");
		p = put_u64(p, ev->netns);
		name = names_netns(js->words.names, ev->netns);
		if (name) {
			p = put_literal(p, ",\"netns_name\":");
			p = json_put_string(p, name, 64);
		}
	}
	if (ev->ifindex) {
		p = put_literal(p, ",\"ifindex\":");
		p = put_u64(p, ev->ifindex);
		name = names_device(js->words.names, ev->netns, ev->ifindex);
		if (name) {
			p = put_literal(p, ",\"ifname\":");
			p = json_put_string(p, name, 64);
		}
	}
	if (!event_is_function(ev->type)) /* the skb is not read there */
		return p;
	p = put_literal(p, ",\"len\":");
	return put_u64(p, ev->len);
}

static char *put_context(char *p, const struct event *ev, const struct live_packet *packet)
{
	const char *ct;

	if (event_is_function(ev->type)) {
		p = put_literal(p, ",\"mark\":");
		p = put_u64(p, ev->mark);
	}
	p = put_literal(p, ",\"pid\":");
	p = put_u64(p, ev->pid);
	if (packet && live_comm_fits(packet, ev)) {
		p = put_literal(p, ",\"comm\":");
		p = json_put_string(p, packet->comm, sizeof(packet->comm));
	}
	ct = packet && event_is_function(ev->type) ? live_conntrack(packet, ev) : NULL;
	if (ct)
		p = json_put_text(p, ",\"ct\":", ct, 16);
	if (ev->flags & EVENT_BY_SOCKET)
		p = put_literal(p, ",\"matched_by\":\"socket\"");
	else if (ev->flags & EVENT_BY_CURRENT)
		p = put_literal(p, ",\"matched_by\":\"current\"");
	return p;
}

static char *put_socket(char *p, const struct json_sink *js, const struct event *ev, size_t size)
{
	const struct event_socket *s = (const struct event_socket *)ev;
	const char *comm;
	uint32_t pid;

	if (size < sizeof(*s))
		return p;
	p = put_literal(p, ",\"inode\":");
	p = put_u64(p, s->inode);
	p = put_literal(p, ",\"uid\":");
	p = put_u64(p, s->uid);
	if (s->cgroup) {
		p = put_literal(p, ",\"cgroup\":");
		p = put_u64(p, s->cgroup);
	}
	comm = names_owner(js->words.names, s->inode, &pid);
	if (comm && pid) {
		p = put_literal(p, ",\"owner\":{\"pid\":");
		p = put_u64(p, pid);
		p = put_literal(p, ",\"comm\":");
		p = json_put_string(p, comm, 32);
		*p++ = '}';
	}
	return p;
}

static char *put_end(char *p, const struct event *ev, const struct live_packet *packet)
{
	const struct fate_facts nothing = { 0 };
	enum fate end = fate_of(packet ? &packet->facts : &nothing);
	const char *fate = fate_name(end);

	p = put_literal(p, ",\"fate\":\"");
	p = put_text(p, fate, strlen(fate));
	*p++ = '"';
	if (end == FATE_MERGED && event_into(ev)) {
		p = put_literal(p, ",\"into\":");
		p = put_u64(p, event_into(ev));
	}
	if (packet && ev->ts >= packet->first) {
		p = put_literal(p, ",\"duration\":");
		p = put_u64(p, ev->ts - packet->first);
	}
	return p;
}

/* What the lines of a record are called; NULL: it has none. */
static const char *line_type(const struct event *ev)
{
	switch (ev->type) {
	case EVENT_FUNC:
	case EVENT_FUNC_FULL:
		return "function";
	case EVENT_END:
		return "end";
	case EVENT_DROP:
		return "drop";
	case EVENT_SOCKET:
		return "socket";
	default:
		return json_netfilter_type(ev);
	}
}

static char *put_what(
	char *p, struct json_sink *js, const struct event *ev, size_t size, const struct live_packet *packet)
{
	uint32_t len;

	switch (ev->type) {
	case EVENT_END:
		return put_end(p, ev, packet);
	case EVENT_DROP:
		return json_put_drop(p, &js->words, ev, size, packet);
	case EVENT_SOCKET:
		p = put_socket(p, js, ev, size);
		__attribute__((fallthrough));
	case EVENT_FUNC:
	case EVENT_FUNC_FULL:
		len = func_text(js, ev->func);
		return len ? put_text(p, js->func[ev->func], len) : p;
	default:
		return json_put_netfilter(p, &js->words, ev, size);
	}
}

static int json_event(struct sink *sink, const struct event *ev, size_t size)
{
	struct json_sink *js = (struct json_sink *)sink;
	const char *type = size >= sizeof(*ev) ? line_type(ev) : NULL;
	struct live_packet *packet;
	bool changed;
	char *p;

	if (size < sizeof(*ev))
		return js->block.error;
	if (ev->type == EVENT_QUOTE)
		live_quote(js->live, ev, size);
	if (!type)
		return js->block.error;
	packet = live_note(js->live, js->words.rules, ev, size, &changed);
	if (changed)
		packet->text_len = (uint16_t)(put_packet(packet->text, packet) - packet->text);
	p = put_literal(block_line(&js->block), "{\"type\":\"");
	p = put_text(p, type, strlen(type));
	*p++ = '"';
	p = put_identity(p, ev, packet);
	p = put_what(p, js, ev, size, packet);
	p = put_place(p, js, ev);
	if (packet)
		p = put_text(p, packet->text, packet->text_len);
	p = put_context(p, ev, packet);
	p = put_literal(p, "}\n");
	if (packet && ev->type == EVENT_END)
		live_end(js->live, packet);
	return block_done(&js->block, p);
}

static int json_flush(struct sink *sink, uint64_t now)
{
	return block_flush(&((struct json_sink *)sink)->block);
}

static int json_finish(struct sink *sink, const struct summary_of *of)
{
	struct json_sink *js = (struct json_sink *)sink;
	int err = block_flush(&js->block);

	if (!err)
		err = json_stats_write(js->block.out, of);
	if (err && !js->block.error)
		js->block.error = err;
	return err ? err : block_flush(&js->block);
}

static void json_close(struct sink *sink)
{
	struct json_sink *js = (struct json_sink *)sink;

	if (!js)
		return;
	for (size_t i = 0; js->func && i < js->probes->n; i++)
		free(js->func[i]);
	free(js->func);
	free(js->func_len);
	live_free(js->live);
	free(js);
}

static struct sink *json_open(FILE *out, const struct sink_options *options)
{
	const struct probe_table *probes = options->probes;
	struct json_sink *js = calloc(1, sizeof(*js));

	if (!js)
		return NULL;
	js->sink.ops = &sink_json;
	js->probes = probes;
	js->block.out = out;
	js->live = live_new(probes);
	js->func = calloc(probe_capacity(probes) + 1, sizeof(*js->func));
	js->func_len = calloc(probe_capacity(probes) + 1, sizeof(*js->func_len));
	js->words = words_of(options);
	if (!js->live || !js->func || !js->func_len) {
		json_close(&js->sink);
		return NULL;
	}
	return &js->sink;
}

const struct sink_ops sink_json = {
	.name = "json",
	.open = json_open,
	.event = json_event,
	.flush = json_flush,
	.finish = json_finish,
	.close = json_close,
};
