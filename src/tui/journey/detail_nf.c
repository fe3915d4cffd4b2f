/* SPDX-License-Identifier: GPL-2.0 */
/* What the detail of a hop knows of netfilter: its rule, its conntrack entry, who dropped it. */
#include "journey.h"
#include "nf_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "model/stack.h"

#define WRAP 60	      /* columns: what a screen of 80 has room for */
#define RULE_LINES 24 /* of a rule's text */
#define HOOK_AHEAD 64 /* records behind a hook's function among which its verdict is looked for */

static void add_counts(struct facts *facts, const struct rules_item *item)
{
	bool chain = item->kind == RULES_CHAIN;
	char text[160] = "", n[HUMAN_MAX];
	unsigned int i;
	size_t len;

	facts_add(facts, ROLE_TEXT, chain ? "entered" : "hits", "%" PRIu64 " · %s", item->hits,
		human_rate(n, sizeof(n), item->rate));
	for (i = chain; i < NF_DECISIONS; i++) {
		len = strlen(text);
		if (item->n[i])
			snprintf(text + len, sizeof(text) - len, "%s%s %" PRIu64, len ? ", " : "",
				rules_decision(i), item->n[i]);
	}
	if (text[0])
		facts_add(facts, ROLE_TEXT, chain ? "by its policy" : "it decided", "%s", text);
}

static void add_chain(struct pane *p, const struct rules_item *chain)
{
	struct facts *facts = &((struct journey_state *)p->state)->facts;
	char text[WORDS_MAX];

	facts_add(facts, ROLE_TEXT, "chain", "%.150s",
		rules_line(store_rules(p->ui->store), chain->no, text, sizeof(text)));
	if (chain->facts & RULES_BASE)
		facts_add(facts, ROLE_TEXT, "hook", "%s · priority %d · policy %s",
			rules_hook(chain->family, chain->hook), (int)chain->priority,
			rules_decision(chain->policy));
}

/* Of a rule or chain by its number: all that the ruleset tells. */
static void add_item(struct pane *p, uint32_t no)
{
	struct facts *facts = &((struct journey_state *)p->state)->facts;
	const struct rules *rules = store_rules(p->ui->store);
	const struct rules_item *item = no ? rules_item(rules, no) : NULL, *chain;

	if (!item) {
		facts_add(facts, ROLE_DIM, "rule", "not known, or forgotten");
		return;
	}
	chain = item->kind == RULES_RULE ? rules_item(rules, item->parent) : item;
	if (item->kind == RULES_RULE)
		facts_add(facts, ROLE_TEXT, "rule", "handle %" PRIu64 " · family %s", item->handle,
			rules_family(item->family));
	if (item->kind == RULES_RULE && item->name[0])
		facts_wrap(facts, ROLE_TITLE, "its text", WRAP, RULE_LINES, item->name);
	if (item->comment[0])
		facts_wrap(facts, ROLE_TEXT, "comment", WRAP, 4, item->comment);
	if (chain)
		add_chain(p, chain);
	add_counts(facts, item);
	if (!(item->facts & RULES_LISTED))
		facts_add(facts, ROLE_WARN, "note",
			"it is not in the ruleset (any more), as far as that was read");
}

void detail_nf_record(struct pane *p, const struct hop *hop)
{
	struct facts *facts = &((struct journey_state *)p->state)->facts;
	char text[80];
	enum role role;

	if (hop->type == EVENT_CT)
		return;
	words_decision(hop->nf.decision, &role, text, sizeof(text));
	if (hop->type == EVENT_HOOK)
		facts_add(facts, ROLE_TEXT, "hook", "%s %s · %s", rules_pf(hop->nf.depth),
			rules_hook(hop->nf.depth, hop->nf.what),
			hop->nf.facts & HOOK_BY_CHAIN ? "by a chain" : "by a function at the hook");
	if (hop->type != EVENT_CHAIN || hop->nf.what == CHAIN_LEAVE)
		facts_add(facts, role, "verdict", "%s%s", text,
			hop->type == EVENT_CHAIN && hop->nf.facts & CHAIN_BY_POLICY ? ", the chain's policy"
										    : "");
	if (hop->type == EVENT_HOOK)
		return;
	facts_add(facts, ROLE_TEXT, "depth", "%u%s", hop->nf.depth, hop->nf.depth ? "" : " (the base chain)");
	if (hop->nf.facts & RULE_PARTLY)
		facts_add(facts, ROLE_DIM, "note", "matches behind its last statement may not have fitted");
	add_item(p, hop->no);
}

static bool is_netfilter(const struct ui *ui, const struct hop *hop)
{
	enum layer layer;

	if (!event_is_function(hop->type))
		return false;
	if (hop->func >= ui->src->probes->n)
		return false;
	layer = ui->src->probes->v[hop->func].class.layer;
	return layer == LAYER_NETFILTER || layer == LAYER_CONNTRACK;
}

/* What the hook that begins with that function has decided: no line says so when it accepted. */
void detail_hook(struct pane *p, const struct hop *hop)
{
	struct journey_state *s = p->state;
	const struct timeline *tl = &s->shown;
	const struct hop *h, *end = tl->hop + tl->nhops;
	char text[80];
	enum role role;
	int i = 0;

	if (!is_netfilter(p->ui, hop))
		return;
	for (h = hop + 1; h < end && i < HOOK_AHEAD; h++) {
		if (h->copy != hop->copy)
			continue;
		i++;
		if (h->type == EVENT_HOOK) {
			words_decision(h->nf.decision, &role, text, sizeof(text));
			facts_add(&s->facts, role, "its hook", "%s %s: %s%s", rules_pf(h->nf.depth),
				rules_hook(h->nf.depth, h->nf.what), text,
				h->nf.facts & HOOK_BY_CHAIN ? ", by a chain" : "");
			return;
		}
		/* It went on elsewhere. */
		if (!is_nf(h) && !is_netfilter(p->ui, h))
			return;
	}
}

void detail_conntrack(struct pane *p, const struct hop *hop)
{
	struct journey_state *s = p->state;
	const struct packet *packet = store_packet(p->ui->store, s->shown.packet.id);
	const struct conntrack *ct = NULL;
	char text[200], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	if (hop->type == EVENT_CT)
		ct = store_conntrack(p->ui->store, hop->no);
	else if (packet)
		ct = store_conntrack_at(p->ui->store, packet, hop);
	if (!ct)
		return;
	facts_add(&s->facts, ROLE_TEXT, "conntrack", "%s, %s · entry 0x%" PRIx64, conntrack_state(ct->info),
		conntrack_is_reply(ct->info) ? "reply" : "original direction", ct->entry);
	facts_add(&s->facts, ROLE_TEXT, "ct status", "%s%s%s",
		conntrack_status(ct->status, text, sizeof(text) / 2), ct->tcp_state ? " · tcp " : "",
		ct->tcp_state ? conntrack_tcp(ct->tcp_state) : "");
	facts_add(&s->facts, ROLE_TEXT, "ct zone, mark", "zone %u · mark 0x%x · %u s left", ct->zone,
		(unsigned int)ct->mark, (unsigned int)ct->timeout);
	facts_add(&s->facts, ROLE_TEXT, "ct original", "%s → %s",
		endpoint_text(&ct->original, true, a, sizeof(a)),
		endpoint_text(&ct->original, false, b, sizeof(b)));
	facts_add(&s->facts, ROLE_TEXT, "ct reply", "%s → %s", endpoint_text(&ct->reply, true, a, sizeof(a)),
		endpoint_text(&ct->reply, false, b, sizeof(b)));
	if (conntrack_has_nat(ct))
		facts_add(&s->facts, ROLE_CHANGED, "ct nat", "%.150s", conntrack_nat(ct, text, sizeof(text)));
}

/* Who called whom until it was dropped. */
static void add_stack(struct pane *p, uint64_t *stack, size_t n)
{
	struct facts *facts = &((struct journey_state *)p->state)->facts;
	char text[128];

	n = stack_shown(store_names(p->ui->store), stack, n);
	for (size_t i = 0; i < n; i++)
		facts_add(facts, i ? ROLE_DIM : ROLE_TEXT, i ? "" : "stack", "%s",
			words_place(p->ui, stack[i], true, text, sizeof(text)));
}

void detail_drop(struct pane *p, const struct line *line)
{
	struct journey_state *s = p->state;
	const struct copy *c = timeline_copy(&s->shown, line->copy);
	const struct packet *packet = store_packet(p->ui->store, s->shown.packet.id);
	uint64_t stack[DROP_STACK];
	char text[128];
	size_t n;

	if (!c || !(c->facts & COPY_DROPPED))
		return;
	facts_add(&s->facts, ROLE_TEXT, "dropped at", "%s",
		words_place(p->ui, c->location, true, text, sizeof(text)));
	if (line->kind != LINE_END)
		return;
	if (c->facts & COPY_RULE)
		add_item(p, (uint32_t)c->rule);
	n = packet ? store_stack(p->ui->store, packet, line->copy, stack, DROP_STACK) : 0;
	add_stack(p, stack, n);
}
