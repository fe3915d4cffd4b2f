/* SPDX-License-Identifier: GPL-2.0 */
#include "nf_words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tui/ui.h"

#define NF_ROLE ((enum role)(ROLE_LAYER + LAYER_NETFILTER))

static const struct rules_item *item_of(const struct ui *ui, uint32_t no)
{
	return no ? rules_item(store_rules(ui->store), no) : NULL;
}

/* The sign before a decision, and how the two look. */
static const char *decision_sign(unsigned int decision, enum role *role)
{
	switch (decision) {
	case NF_DECIDED_DROP:
		*role = ROLE_DROP;
		return "✗ ";
	case NF_DECIDED_ACCEPT:
		*role = ROLE_OK;
		return "";
	case NF_DECIDED_JUMP:
	case NF_DECIDED_GOTO:
		*role = NF_ROLE;
		return "→ ";
	case NF_DECIDED_QUEUE:
	case NF_DECIDED_STOLEN:
		*role = ROLE_WARN;
		return "";
	default:
		*role = ROLE_DIM;
		return "";
	}
}

const char *words_decision(unsigned int decision, enum role *role, char *buf, size_t size)
{
	const char *sign = decision_sign(decision, role);

	snprintf(buf, size, "%s%s", sign, rules_decision(decision));
	return buf;
}

const char *words_place(const struct ui *ui, uint64_t addr, bool exact, char *buf, size_t size)
{
	const char *module = "", *name;
	uint32_t offset = 0;

	name = names_symbol(store_names(ui->store), addr, &module, &offset);
	if (!name)
		snprintf(buf, size, "0x%" PRIx64, addr);
	else if (exact)
		snprintf(buf, size, "%s+0x%x%s%s%s", name, (unsigned int)offset, *module ? " [" : "", module,
			*module ? "]" : "");
	else
		snprintf(buf, size, "%s", name);
	return buf;
}

const char *words_rule(const struct ui *ui, uint32_t no, char *buf, size_t size)
{
	const struct rules_item *item = item_of(ui, no);

	buf[0] = '\0';
	if (!item)
		return buf;
	rules_line(store_rules(ui->store), no, buf, size);
	/* A drop is laid to a chain when no rule of it has decided. */
	if (item->kind == RULES_CHAIN && strlen(buf) + 8 < size)
		snprintf(buf + strlen(buf), size - strlen(buf), " policy");
	return buf;
}

/* Where a decision is the end of a rule's text: its word, of a jump its chain, of a queue the options. */
static const char *verdict_in(const char *text, unsigned int decision)
{
	const char *word = rules_decision(decision), *at = text, *found = NULL, *rest;
	size_t len = strlen(word);

	for (; len && (at = strstr(at, word)); at += len)
		if ((at == text || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			found = at;
	if (!found)
		return NULL;
	rest = found + len;
	switch (decision) {
	case NF_DECIDED_JUMP:
	case NF_DECIDED_GOTO:
		return *rest && !strchr(rest + 1, ' ') ? found : NULL;
	case NF_DECIDED_QUEUE:
		return strlen(rest) < 40 ? found : NULL;
	default:
		return *rest ? NULL : found;
	}
}

/* The rule without its verdict, and the verdict: as the rule says it, or as it was decided. */
static void split_rule(const struct ui *ui, const struct timeline *tl, const struct line *line,
	const struct rules_item *item, struct nf_text *out)
{
	unsigned int decision = tl->hop[line->hop].nf.decision;
	const char *sign = decision_sign(decision, &out->verdict_role);
	const char *at = verdict_in(item->name, decision);
	const struct rules_item *to;
	size_t len = at ? (size_t)(at - item->name) : strlen(item->name);

	while (len && item->name[len - 1] == ' ')
		len--;
	snprintf(out->body, sizeof(out->body), "%.*s", (int)len, item->name);
	if (at)
		snprintf(out->verdict, sizeof(out->verdict), "%s%s", sign, at);
	else if (decision != NF_DECIDED_NOT)
		words_decision(decision, &out->verdict_role, out->verdict, sizeof(out->verdict));
	to = !at && line->old != TIMELINE_NONE ? item_of(ui, tl->hop[line->old].no) : NULL;
	if (to && strlen(out->verdict) + strlen(to->name) + 2 < sizeof(out->verdict))
		snprintf(out->verdict + strlen(out->verdict), sizeof(out->verdict) - strlen(out->verdict),
			" %s", to->name);
}

static void rule_text(
	const struct ui *ui, const struct timeline *tl, const struct line *line, struct nf_text *out)
{
	const struct hop *hop = &tl->hop[line->hop];
	const struct rules_item *item = item_of(ui, hop->no);

	out->body_role = ROLE_TEXT;
	if (!item || !item->name[0]) {
		out->body_role = ROLE_DIM;
		snprintf(out->body, sizeof(out->body), "%s", item ? "(text not known)" : "(rule not known)");
		words_decision(hop->nf.decision, &out->verdict_role, out->verdict, sizeof(out->verdict));
	} else {
		split_rule(ui, tl, line, item, out);
	}
	if (item && item->handle)
		snprintf(out->lead, sizeof(out->lead), "#%" PRIu64, item->handle);
	else
		snprintf(out->lead, sizeof(out->lead), "#?");
	if (hop->nf.decision == NF_DECIDED_NOT)
		out->verdict[0] = '\0';
}

static void chain_text(const struct ui *ui, const struct hop *hop, struct nf_text *out)
{
	const struct rules_item *item = item_of(ui, hop->no);
	const char *hook = item ? rules_hook(item->family, item->hook) : "";
	char name[NF_BODY_MAX - 40] = "?";

	out->body_role = NF_ROLE;
	if (hop->nf.what == CHAIN_ENTER) {
		if (item && hop->nf.depth)
			snprintf(name, sizeof(name), "%s", item->name);
		else if (item)
			rules_line(store_rules(ui->store), hop->no, name, sizeof(name));
		snprintf(out->body, sizeof(out->body), "%.24s%s→ %s", hop->nf.depth ? "" : hook,
			*hook && !hop->nf.depth ? " " : "", name);
		return;
	}
	words_decision(hop->nf.decision, &out->verdict_role, out->verdict, sizeof(out->verdict));
	out->body_role = ROLE_DIM;
	if (hop->nf.facts & CHAIN_BY_POLICY)
		snprintf(out->body, sizeof(out->body), "policy");
	else
		snprintf(out->body, sizeof(out->body), "end of %s:", item ? item->name : "the chain");
}

static void hook_text(const struct hop *hop, struct nf_text *out)
{
	const char *hook = rules_hook(hop->nf.depth, hop->nf.what);

	out->body_role = NF_ROLE;
	snprintf(out->body, sizeof(out->body), "%s hook %s%s", rules_pf(hop->nf.depth), hook,
		hop->nf.facts & HOOK_BY_CHAIN ? ":" : ", a function there:");
	words_decision(hop->nf.decision, &out->verdict_role, out->verdict, sizeof(out->verdict));
}

__attribute__((format(printf, 3, 4))) static void append(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

/* What is not as it was when the packet had its conntrack entry told before. */
static void ct_text(
	const struct ui *ui, const struct timeline *tl, const struct line *line, struct nf_text *out)
{
	const struct conntrack *ct = store_conntrack(ui->store, tl->hop[line->hop].no), *old = NULL;
	char text[NF_BODY_MAX / 2], *buf = out->body;
	size_t size = sizeof(out->body);

	out->body_role = ROLE_CHANGED;
	if (!ct) {
		snprintf(buf, size, "↪ ct, what it said is not kept any more");
		return;
	}
	if (line->old != TIMELINE_NONE)
		old = store_conntrack(ui->store, tl->hop[line->old].no);
	snprintf(buf, size, "↪ ct ");
	if (old && strcmp(conntrack_state(old->info), conntrack_state(ct->info)))
		append(buf, size, "%s → ", conntrack_state(old->info));
	append(buf, size, "%s", conntrack_state(ct->info));
	if (conntrack_is_reply(ct->info) && (!old || !conntrack_is_reply(old->info)))
		append(buf, size, ", reply");
	if (old && ct->status & ~old->status)
		append(buf, size, "  +%s", conntrack_status(ct->status & ~old->status, text, sizeof(text)));
	if (ct->zone && !old)
		append(buf, size, "  zone %u", ct->zone);
	if (ct->mark != (old ? old->mark : 0))
		append(buf, size, "  mark 0x%x", (unsigned int)ct->mark);
	if (conntrack_has_nat(ct) && (!old || !conntrack_has_nat(old)))
		append(buf, size, "  %s", conntrack_nat(ct, text, sizeof(text)));
	else if (!old)
		out->body_role = ROLE_DIM;
}

void nf_text(const struct ui *ui, const struct timeline *tl, const struct line *line, struct nf_text *out)
{
	const struct hop *hop = &tl->hop[line->hop];

	*out = (struct nf_text){ .body_role = ROLE_TEXT, .verdict_role = ROLE_TEXT };
	switch (hop->type) {
	case EVENT_RULE:
		rule_text(ui, tl, line, out);
		break;
	case EVENT_CHAIN:
		chain_text(ui, hop, out);
		break;
	case EVENT_HOOK:
		hook_text(hop, out);
		break;
	case EVENT_CT:
		ct_text(ui, tl, line, out);
		break;
	default:
		break;
	}
}

void nf_join(const struct nf_text *text, int width, char *buf, size_t size)
{
	char body[NF_BODY_MAX + 8];
	int fixed = text_width(text->lead) + text_width(text->verdict);

	fixed += (text->lead[0] ? 2 : 0) + (text->body[0] && text->verdict[0] ? 1 : 0);
	snprintf(buf, size, "%s%s%s%s%s", text->lead, text->lead[0] ? "  " : "",
		text_cut(body, sizeof(body), text->body, width - fixed),
		text->body[0] && text->verdict[0] ? " " : "", text->verdict);
}

void nf_record_text(const struct ui *ui, const struct timeline *tl, uint32_t hop, char *buf, size_t size)
{
	struct line line = {
		.hop = hop, .before = TIMELINE_NONE, .look = TIMELINE_NONE, .old = TIMELINE_NONE
	};
	struct nf_text text;

	nf_text(ui, tl, &line, &text);
	nf_join(&text, NF_BODY_MAX, buf, size);
}
