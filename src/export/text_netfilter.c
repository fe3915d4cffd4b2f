/* SPDX-License-Identifier: GPL-2.0 */
#include "export/text_netfilter.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/conntrack_ring.h"
#include "model/tuple.h"

#define INDENT "                " /* of nested chains; deeper ones stand no further */

const char *text_netfilter_kind(const struct event *ev)
{
	static const char *const kinds[] = {
		[EVENT_HOOK] = "hook",
		[EVENT_CHAIN] = "chain",
		[EVENT_RULE] = "rule",
		[EVENT_CT] = "ct",
	};

	return ev->type < sizeof(kinds) / sizeof(kinds[0]) && kinds[ev->type] ? kinds[ev->type] : "-";
}

/* The state of snprintf() calls one behind the other: what does not fit is left out. */
struct line {
	char *s;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void line_add(struct line *line, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line->s + line->used, line->size - line->used, fmt, args);
	va_end(args);
	if (n > 0)
		line->used += (size_t)n < line->size - line->used ? (size_t)n : line->size - line->used - 1;
}

char *text_netfilter_word(char *buf, size_t bufsize, const struct event *ev, size_t size)
{
	const struct event_hook *hook = (const struct event_hook *)ev;
	const struct event_chain *chain = (const struct event_chain *)ev;
	const struct event_rule *rule = (const struct event_rule *)ev;
	struct line line = { .s = buf, .size = bufsize };
	struct conntrack ct;

	buf[0] = '\0';
	if (ev->type == EVENT_HOOK && size >= EVENT_HOOK_SHORT) {
		line_add(&line, "%s %s %s", rules_pf(hook->pf), rules_hook(hook->pf, hook->hook),
			rules_decision(hook->decision));
		if (hook->decision == NF_DECIDED_QUEUE)
			line_add(&line, " %u", hook->queue);
	} else if (ev->type == EVENT_CHAIN && size >= sizeof(*chain)) {
		line_add(&line, "%.*s%s", 2 * chain->depth, INDENT,
			chain->what == CHAIN_LEAVE ? "leave " : "enter");
		if (chain->what == CHAIN_LEAVE)
			line_add(&line, "%s%s", rules_decision(chain->decision),
				chain->facts & CHAIN_BY_POLICY ? " (policy)" : "");
	} else if (ev->type == EVENT_RULE && size >= sizeof(*rule)) {
		line_add(&line, "%.*s%s", 2 * rule->depth + 2, INDENT, rules_decision(rule->decision));
		if (rule->decision == NF_DECIDED_QUEUE)
			line_add(&line, " %u", rule->queue);
	} else if (ev->type == EVENT_CT && size >= sizeof(struct event_ct)) {
		ct = conntrack_of((const struct event_ct *)ev);
		line_add(
			&line, "%s%s", conntrack_state(ct.info), conntrack_is_reply(ct.info) ? " reply" : "");
	}
	return buf;
}

bool text_netfilter_drops(const struct event *ev, size_t size)
{
	if (ev->type == EVENT_HOOK && size >= EVENT_HOOK_SHORT)
		return ((const struct event_hook *)ev)->decision == NF_DECIDED_DROP;
	if (ev->type == EVENT_CHAIN && size >= sizeof(struct event_chain))
		return ((const struct event_chain *)ev)->what == CHAIN_LEAVE &&
		       ((const struct event_chain *)ev)->decision == NF_DECIDED_DROP;
	return ev->type == EVENT_RULE && size >= sizeof(struct event_rule) &&
	       ((const struct event_rule *)ev)->decision == NF_DECIDED_DROP;
}

static void add_address(struct line *line, const struct names *names, uint64_t addr, bool offset_too)
{
	uint32_t offset;
	const char *name = names_symbol(names, addr, NULL, &offset);

	if (name && offset_too)
		line_add(line, "%s+0x%x", name, offset);
	else if (name)
		line_add(line, "%s", name);
	else
		line_add(line, "0x%" PRIx64, addr);
}

/* As rules_line(), and a rule's comment as nft writes it, unless it stands in the text already. */
static void add_item(struct line *line, const struct rules *rules, uint32_t no)
{
	const struct rules_item *item = rules_item(rules, no);

	rules_line(rules, no, line->s + line->used, line->size - line->used);
	line->used += strlen(line->s + line->used);
	if (item && item->kind == RULES_RULE && item->comment[0] && !strstr(item->name, item->comment))
		line_add(line, " comment \"%s\"", item->comment);
}

static void add_rule(struct line *line, const struct words *words, const struct event_rule *rule)
{
	uint32_t no = rule->handle ? rules_find(words->rules, rule->ev.netns, rule->table, rule->handle) : 0;
	const struct rules_item *to;

	if (!no)
		no = rules_find_chain(words->rules, rule->ev.netns, rule->table, rule->chain);
	add_item(line, words->rules, no);
	if (rule->decision != NF_DECIDED_JUMP && rule->decision != NF_DECIDED_GOTO)
		return;
	to = rules_item(words->rules, rules_find_chain(words->rules, rule->ev.netns, rule->table, rule->to));
	/* its text tells, when it is there */
	if (to && to->name[0] && rules_item(words->rules, no) && !rules_item(words->rules, no)->name[0])
		line_add(line, "  to %s", to->name);
}

static void add_ct(struct line *line, const struct event_ct *event)
{
	struct conntrack ct = conntrack_of(event);
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX], more[256];

	if (!ct.entry)
		return;
	line_add(line, "%s > %s", endpoint_text(&ct.original, true, from, sizeof(from)),
		endpoint_text(&ct.original, false, to, sizeof(to)));
	if (conntrack_tcp(ct.tcp_state)[0])
		line_add(line, "  %s", conntrack_tcp(ct.tcp_state));
	if (conntrack_nat(&ct, more, sizeof(more))[0])
		line_add(line, "  %s", more);
	if (ct.mark)
		line_add(line, "  mark 0x%x", ct.mark);
	if (ct.zone)
		line_add(line, "  zone %u", ct.zone);
	if (conntrack_status(ct.status, more, sizeof(more))[0])
		line_add(line, "  %s", more);
}

static void add_functions(struct line *line, const struct names *names, const struct event_hook *hook)
{
	uint32_t n = hook->nfuncs < HOOK_FUNCS ? hook->nfuncs : HOOK_FUNCS;

	if (hook->decision == NF_DECIDED_ACCEPT || hook->facts & HOOK_BY_CHAIN)
		return;
	for (uint32_t i = 0; i < n; i++) {
		line_add(line, "%s", i ? ", " : "one of ");
		add_address(line, names, hook->func[i], false);
	}
}

char *text_netfilter_tail(
	char *buf, size_t bufsize, const struct words *words, const struct event *ev, size_t size)
{
	const struct event_chain *chain = (const struct event_chain *)ev;
	struct line line = { .s = buf, .size = bufsize };

	buf[0] = '\0';
	if (ev->type == EVENT_HOOK && size >= sizeof(struct event_hook))
		add_functions(&line, words->names, (const struct event_hook *)ev);
	else if (ev->type == EVENT_CHAIN && size >= sizeof(*chain))
		rules_line(words->rules,
			rules_find_chain(words->rules, ev->netns, chain->table, chain->chain), buf, bufsize);
	else if (ev->type == EVENT_RULE && size >= sizeof(struct event_rule))
		add_rule(&line, words, (const struct event_rule *)ev);
	else if (ev->type == EVENT_CT && size >= sizeof(struct event_ct))
		add_ct(&line, (const struct event_ct *)ev);
	return buf;
}

char *text_drop_tail(char *buf, size_t bufsize, const struct words *words, const struct event *ev,
	size_t size, const struct live_packet *packet)
{
	const struct event_drop *drop = (const struct event_drop *)ev;
	struct line line = { .s = buf, .size = bufsize };

	buf[0] = '\0';
	if (ev->type != EVENT_DROP || size < sizeof(*drop))
		return buf;
	if (drop->location) {
		line_add(&line, " at ");
		add_address(&line, words->names, drop->location, true);
	}
	if (packet && packet->rule && rules_item(words->rules, packet->rule)) {
		line_add(&line, " by ");
		add_item(&line, words->rules, packet->rule);
	}
	return buf;
}
