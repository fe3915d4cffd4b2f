/* SPDX-License-Identifier: GPL-2.0 */
#include "export/json_netfilter.h"

#include <string.h>

#include "export/digits.h"
#include "export/json_put.h"
#include "model/conntrack_ring.h"
#include "model/reasons.h"
#include "model/stack.h"
#include "model/tuple.h"

#define NAME_MAX_BYTES 256u /* of a table or chain: the kernel allows 255 */

const char *json_netfilter_type(const struct event *ev)
{
	switch (ev->type) {
	case EVENT_HOOK:
		return "hook";
	case EVENT_CHAIN:
		return "chain";
	case EVENT_RULE:
		return "rule";
	case EVENT_CT:
		return "ct";
	default:
		return NULL;
	}
}

static char *put_word(char *p, const char *key, const char *word)
{
	return json_put_text(p, key, word, strlen(word));
}

static char *put_true(char *p, const char *key)
{
	return put_literal(put_text(p, key, strlen(key)), "true");
}

static char *put_addresses(
	char *p, const char *key, const struct names *names, const uint64_t *addr, size_t n)
{
	p = put_text(p, key, strlen(key));
	*p++ = '[';
	for (size_t i = 0; i < n; i++) {
		if (i)
			*p++ = ',';
		p = json_put_address(p, names, addr[i]);
	}
	*p++ = ']';
	return p;
}

/* Family, table and chain of a chain; nothing of what is not known. */
static char *put_chain_names(char *p, const struct rules *rules, uint8_t family, uint32_t no)
{
	const struct rules_item *chain = rules_item(rules, no);
	const struct rules_item *table = chain ? rules_item(rules, chain->parent) : NULL;

	p = put_word(p, ",\"family\":", rules_family(family));
	if (table && table->name[0])
		p = json_put_text(p, ",\"table\":", table->name, NAME_MAX_BYTES);
	if (chain && chain->name[0])
		p = json_put_text(p, ",\"chain\":", chain->name, NAME_MAX_BYTES);
	return p;
}

static char *put_rule_text(char *p, const struct rules_item *rule)
{
	if (rule->name[0])
		p = json_put_text(p, ",\"rule\":", rule->name, RULE_TEXT_MAX);
	if (rule->comment[0])
		p = json_put_text(p, ",\"comment\":", rule->comment, RULE_TEXT_MAX);
	return p;
}

static char *put_hook(char *p, const struct words *words, const struct event_hook *hook, size_t size)
{
	uint32_t n = hook->nfuncs < HOOK_FUNCS ? hook->nfuncs : HOOK_FUNCS;
	uint64_t func[HOOK_FUNCS];

	p = put_word(p, ",\"hook\":", rules_hook(hook->pf, hook->hook));
	p = put_word(p, ",\"pf\":", rules_pf(hook->pf));
	p = put_word(p, ",\"verdict\":", rules_decision(hook->decision));
	if (hook->decision == NF_DECIDED_QUEUE)
		p = json_put_number(p, ",\"queue\":", hook->queue);
	if (n && size >= sizeof(*hook) && hook->decision != NF_DECIDED_ACCEPT &&
		!(hook->facts & HOOK_BY_CHAIN)) {
		memcpy(func, hook->func, sizeof(func));
		p = put_addresses(p, ",\"functions\":", words->names, func, n);
	}
	return p;
}

static char *put_chain(char *p, const struct words *words, const struct event_chain *chain)
{
	uint32_t no = rules_find_chain(words->rules, chain->ev.netns, chain->table, chain->chain);

	p = put_chain_names(p, words->rules, chain->family, no);
	p = json_put_number(p, ",\"chain_handle\":", chain->chain);
	p = put_word(p, ",\"event\":", chain->what == CHAIN_LEAVE ? "leave" : "enter");
	p = json_put_number(p, ",\"depth\":", chain->depth);
	if (chain->hook != NF_NO_HOOK) {
		p = put_word(p, ",\"hook\":", rules_hook(chain->pf, chain->hook));
		p = put_word(p, ",\"pf\":", rules_pf(chain->pf));
	}
	if (chain->what != CHAIN_LEAVE)
		return p;
	p = put_word(p, ",\"verdict\":", rules_decision(chain->decision));
	return chain->facts & CHAIN_BY_POLICY ? put_true(p, ",\"policy\":") : p;
}

static char *put_rule(char *p, const struct words *words, const struct event_rule *rule)
{
	uint32_t chain = rules_find_chain(words->rules, rule->ev.netns, rule->table, rule->chain);
	uint32_t no = rule->handle ? rules_find(words->rules, rule->ev.netns, rule->table, rule->handle) : 0;
	const struct rules_item *item = rules_item(words->rules, no), *to;

	/* the kernel side knows the hook's chain; the rule may stand in one that it jumps to */
	if (rule->facts & CHAIN_LEGACY && item && item->parent)
		chain = item->parent;

	p = put_chain_names(p, words->rules, rule->family, chain);
	p = json_put_number(p, ",\"chain_handle\":", rule->chain);
	if (rule->handle)
		p = json_put_number(p, ",\"handle\":", rule->handle);
	p = json_put_number(p, ",\"depth\":", rule->depth);
	p = put_word(p, ",\"verdict\":", rules_decision(rule->decision));
	if (rule->decision == NF_DECIDED_QUEUE)
		p = json_put_number(p, ",\"queue\":", rule->queue);
	if (rule->decision == NF_DECIDED_JUMP || rule->decision == NF_DECIDED_GOTO) {
		to = rules_item(
			words->rules, rules_find_chain(words->rules, rule->ev.netns, rule->table, rule->to));
		if (to && to->name[0])
			p = json_put_text(p, ",\"to\":", to->name, NAME_MAX_BYTES);
		p = json_put_number(p, ",\"to_handle\":", rule->to);
	}
	if (item)
		p = put_rule_text(p, item);
	return rule->facts & RULE_PARTLY ? put_true(p, ",\"partly\":") : p;
}

static char *put_status(char *p, uint32_t status)
{
	char words[256], *word, *rest = words;

	conntrack_status(status, words, sizeof(words));
	p = put_literal(p, ",\"status\":[");
	while ((word = strsep(&rest, " ")) && word[0]) {
		if (word != words)
			*p++ = ',';
		p = json_put_string(p, word, strlen(word));
	}
	*p++ = ']';
	return p;
}

static char *put_ct(char *p, const struct event_ct *event)
{
	struct conntrack ct = conntrack_of(event);
	char nat[5 * ENDPOINT_TEXT_MAX];

	p = put_word(p, ",\"state\":", conntrack_state(ct.info));
	if (!ct.entry) /* nothing more is known of what is not tracked */
		return p;
	p = put_word(p, ",\"direction\":", conntrack_is_reply(ct.info) ? "reply" : "original");
	p = put_status(p, ct.status);
	p = json_put_number(p, ",\"mark\":", ct.mark);
	p = json_put_number(p, ",\"zone\":", ct.zone);
	if (conntrack_tcp(ct.tcp_state)[0])
		p = put_word(p, ",\"tcp_state\":", conntrack_tcp(ct.tcp_state));
	if (ct.timeout)
		p = json_put_number(p, ",\"timeout\":", ct.timeout);
	p = json_put_tuple_object(p, ",\"original\":", &ct.original);
	p = json_put_tuple_object(p, ",\"reply\":", &ct.reply);
	if (conntrack_nat(&ct, nat, sizeof(nat))[0])
		p = put_word(p, ",\"nat\":", nat);
	return p;
}

char *json_put_netfilter(char *p, const struct words *words, const struct event *ev, size_t size)
{
	if (ev->type == EVENT_HOOK && size >= EVENT_HOOK_SHORT)
		return put_hook(p, words, (const struct event_hook *)ev, size);
	if (ev->type == EVENT_CHAIN && size >= sizeof(struct event_chain))
		return put_chain(p, words, (const struct event_chain *)ev);
	if (ev->type == EVENT_RULE && size >= sizeof(struct event_rule))
		return put_rule(p, words, (const struct event_rule *)ev);
	if (ev->type == EVENT_CT && size >= sizeof(struct event_ct))
		return put_ct(p, (const struct event_ct *)ev);
	return p;
}

/* The rule that did it, or the base chain by its policy. */
static char *put_cause(char *p, const struct rules *rules, uint32_t no)
{
	const struct rules_item *item = rules_item(rules, no);

	if (!item)
		return p;
	p = put_chain_names(p, rules, item->family, item->kind == RULES_CHAIN ? no : item->parent);
	if (item->kind == RULES_CHAIN)
		return put_true(p, ",\"policy\":");
	p = json_put_number(p, ",\"handle\":", item->handle);
	return put_rule_text(p, item);
}

char *json_put_drop(char *p, const struct words *words, const struct event *ev, size_t size,
	const struct live_packet *packet)
{
	const struct event_drop *drop = (const struct event_drop *)ev;
	uint64_t stack[DROP_STACK];
	const char *func;
	char text[64];
	size_t n;

	if (size < sizeof(*drop))
		return p;
	if (words->info && words->info->nreasons) {
		reason_text(words->info, drop->reason, text, sizeof(text));
		p = json_put_text(p, ",\"reason\":", text, sizeof(text));
	}
	if (drop->location) {
		func = names_symbol(words->names, drop->location, NULL, NULL);
		if (func)
			p = put_word(p, ",\"func\":", func);
		p = put_literal(p, ",\"location\":\"0x");
		p = put_hex(p, drop->location);
		*p++ = '"';
	}
	memcpy(stack, drop->stack, sizeof(stack));
	n = stack_shown(words->names, stack, drop->depth < DROP_STACK ? drop->depth : DROP_STACK);
	if (n)
		p = put_addresses(p, ",\"stack\":", words->names, stack, n);
	return packet && packet->rule ? put_cause(p, words->rules, packet->rule) : p;
}
