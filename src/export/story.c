/* SPDX-License-Identifier: GPL-2.0 */
#include "export/story.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "export/text_netfilter.h"
#include "model/names.h"
#include "model/reasons.h"
#include "model/tuple.h"

bool story_tells(const struct event *ev)
{
	switch (ev->type) {
	case EVENT_FUNC:
	case EVENT_FUNC_FULL:
	case EVENT_END:
	case EVENT_DROP:
	case EVENT_SOCKET:
	case EVENT_HOOK:
	case EVENT_CHAIN:
	case EVENT_RULE:
	case EVENT_CT:
		return true;
	default:
		return false;
	}
}

static size_t tuple_words(char *buf, size_t size, const struct wire_tuple *t)
{
	bool ip = t->flags & TUPLE_IP;
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX], proto[32], tag[24] = "", fragment[24] = "";
	int n;

	tuple_proto_name(ip ? t->family : 0, t->proto, t->l2proto, proto, sizeof(proto));
	if (t->flags & TUPLE_VLAN)
		snprintf(tag, sizeof(tag), " vlan %u", t->vlan);
	if (t->flags & TUPLE_FRAGMENT)
		snprintf(fragment, sizeof(fragment), " fragment +%u", t->frag_off);
	if (ip)
		n = snprintf(buf, size, "%s %s > %s%s%s", proto, endpoint_text(t, true, from, sizeof(from)),
			endpoint_text(t, false, to, sizeof(to)), tag, fragment);
	else
		n = snprintf(buf, size, "%s%s%s", proto, tag, fragment);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

char *story_tuple(char *buf, size_t size, const struct wire_tuple *tuple, const struct wire_tuple *about)
{
	size_t n = tuple_words(buf, size, tuple);
	char words[LIVE_TEXT / 2];

	if (about->family) {
		tuple_words(words, sizeof(words), about);
		snprintf(buf + n, size - n, " (about %s)", words);
	}
	return buf;
}

char *story_place(char *buf, size_t size, const struct names *names, uint32_t netns, uint32_t ifindex)
{
	const char *space = names_netns(names, netns), *device = names_device(names, netns, ifindex);
	char number[2][24] = { "-", "-" };

	if (netns)
		snprintf(number[0], sizeof(number[0]), "%u", netns);
	if (ifindex)
		snprintf(number[1], sizeof(number[1]), "#%u", ifindex);
	snprintf(buf, size, "%.70s/%.70s", space ? space : number[0], device && ifindex ? device : number[1]);
	return buf;
}

static void put_socket(
	struct strbuf *out, const struct names *names, const struct event_socket *s, size_t size)
{
	const char *comm = NULL;
	uint32_t pid = 0;

	strbuf_puts(out, "socket");
	if (size < sizeof(*s))
		return;
	comm = names_owner(names, s->inode, &pid);
	if (comm && pid)
		strbuf_addf(out, " of %s (%u)", comm, pid);
	else if (s->inode)
		strbuf_addf(out, " [%" PRIu64 "] of uid %u", (uint64_t)s->inode, s->uid);
}

static void put_drop(struct strbuf *out, const struct story_of *of, const struct event_drop *drop,
	size_t size, const struct live_packet *packet)
{
	char text[TEXT_TAIL_MAX];

	strbuf_puts(out, drop->ev.flags & EVENT_QUEUED ? "freed unsent from the queue" : "DROPPED");
	if (size >= sizeof(*drop))
		strbuf_addf(out, " %s", reason_text(of->words.info, drop->reason, text, sizeof(text)));
	strbuf_puts(out, text_drop_tail(text, sizeof(text), &of->words, &drop->ev, size, packet));
}

static void put_function(struct strbuf *out, const struct probe_table *probes, uint16_t func)
{
	const struct probe *probe;
	char name[512];

	if (func >= probes->n) {
		strbuf_addf(out, "- function %u", func);
		return;
	}
	probe = &probes->v[func];
	strbuf_addf(out, "%s %s", layer_name(probe->class.layer),
		printable(name, sizeof(name), probe->name, strlen(probe->name)));
}

static void put_netfilter(struct strbuf *out, const struct words *words, const struct event *ev, size_t size)
{
	char text[TEXT_TAIL_MAX];
	const char *word;

	strbuf_puts(out, text_netfilter_kind(ev));
	word = text_netfilter_word(text, sizeof(text), ev, size);
	word += strspn(word, " "); /* how deep it is tells the chain */
	if (*word)
		strbuf_addf(out, " %s", word);
	if (text_netfilter_tail(text, sizeof(text), words, ev, size)[0])
		strbuf_addf(out, "  %s", text);
}

static void put_what(struct strbuf *out, const struct story_of *of, const struct event *ev, size_t size,
	const struct live_packet *packet)
{
	switch (ev->type) {
	case EVENT_FUNC:
	case EVENT_FUNC_FULL:
		put_function(out, of->probes, ev->func);
		break;
	case EVENT_SOCKET:
		put_socket(out, of->words.names, (const struct event_socket *)ev, size);
		break;
	case EVENT_DROP:
		put_drop(out, of, (const struct event_drop *)ev, size, packet);
		break;
	case EVENT_END:
		strbuf_puts(out, "end");
		if (packet)
			strbuf_addf(out, " %s", fate_name(fate_of(&packet->facts)));
		break;
	default:
		put_netfilter(out, &of->words, ev, size);
	}
}

void story_line(struct strbuf *out, const struct story_of *of, const struct event *ev, size_t size,
	const struct live_packet *packet, uint64_t start)
{
	/* a record of another CPU can be a little older */
	uint64_t ns = ev->ts > start ? ev->ts - start : start - ev->ts;
	char place[STORY_PLACE_MAX];

	strbuf_addf(out, "%c%" PRIu64 ".%09" PRIu64 " %s ", ev->ts < start ? '-' : '+', ns / 1000000000,
		ns % 1000000000, story_place(place, sizeof(place), of->words.names, ev->netns, ev->ifindex));
	if (packet && packet->number)
		strbuf_addf(out, "[%u] ", packet->number);
	put_what(out, of, ev, size, packet);
	strbuf_putc(out, '\n');
}
