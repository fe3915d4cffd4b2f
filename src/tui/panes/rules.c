/* SPDX-License-Identifier: GPL-2.0 */
/* The rulesets as a tree, what each rule has hit, and the packets that hit it. */
#include "rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "tui/journey/nf_words.h"
#include "tui/journey/packet_rows.h"
#include "tui/journey/words.h"
#include "tui/ui.h"

enum { MARK, HITS, RATE, VERDICTS, TREE, COLUMNS };

static const struct column columns[COLUMNS] = {
	[MARK] = { .title = "", .min = 1, .max = 1 },
	[HITS] = { .title = "hits", .min = 6, .max = 6, .right = true },
	[RATE] = { .title = "rate", .min = 7, .max = 7, .right = true, .leaves = 1 },
	[VERDICTS] = { .title = "verdicts", .min = 20, .max = 30, .leaves = 2 },
	[TREE] = { .title = "namespace, table, chain, rule", .min = 50, .max = 400 },
};

enum list { LIST_TREE, LIST_PACKETS };

struct rules_state {
	struct rules_tree tree;
	uint32_t opened; /* rule or chain whose packets are listed */
	struct packet_list packets;
};

static int rules_open(struct pane *p)
{
	return rules_tree_init(&((struct rules_state *)p->state)->tree);
}

static void rules_close(struct pane *p)
{
	struct rules_state *s = p->state;

	rules_tree_fini(&s->tree);
	packet_list_free(&s->packets);
}

static void rules_refresh(struct pane *p, bool order)
{
	struct rules_state *s = p->state;
	const struct rules *rules = store_rules(p->ui->store);
	uint64_t id[RULES_RECENT];

	if (p->list == LIST_TREE && (!ui_frozen(p->ui) || !s->tree.n))
		rules_tree_take(&s->tree, rules);
	else if (p->list == LIST_PACKETS && (!ui_frozen(p->ui) || !s->packets.n))
		packet_list_take(&s->packets, p->ui, id, rules_recent(rules, s->opened, id, RULES_RECENT));
}

static const struct rules_row *row_at(struct pane *p, size_t row)
{
	const struct rules_tree *tree = &((struct rules_state *)p->state)->tree;

	return &tree->row[tree->shown[row]];
}

static size_t rules_rows(struct pane *p)
{
	struct rules_state *s = p->state;

	return p->list == LIST_PACKETS ? s->packets.n : s->tree.nshown;
}

static uint64_t rules_key(struct pane *p, size_t row)
{
	struct rules_state *s = p->state;

	return p->list == LIST_PACKETS ? s->packets.v[row].id : rules_row_key(row_at(p, row));
}

static bool is_gone(const struct rules_tree *tree, const struct rules_row *row)
{
	const struct rules_netns *netns = rules_tree_netns(tree, row->netns);

	return netns && netns->known && !(row->facts & RULES_LISTED);
}

static bool is_never(const struct rules_row *row)
{
	return row->level >= LEVEL_CHAIN && !row->hits && !(row->facts & RULES_MET);
}

static void netns_text(struct pane *p, const struct rules_row *row, char *buf, size_t size)
{
	const struct rules_netns *n = rules_tree_netns(&((struct rules_state *)p->state)->tree, row->netns);
	char name[80];
	size_t len;

	snprintf(buf, size, "netns %s · ", words_netns(p->ui, row->netns, name, sizeof(name)));
	len = strlen(buf);
	if (!n || !n->known)
		snprintf(buf + len, size - len, "%s", n && n->error ? strerror(-n->error) : "not read yet");
	else if (!n->tables && !n->error)
		snprintf(buf + len, size - len, "no ruleset");
	else
		snprintf(buf + len, size - len, "%zu rule%s in %zu chain%s%s%s%s", n->rules,
			n->rules == 1 ? "" : "s", n->chains, n->chains == 1 ? "" : "s",
			n->error ? " · not all of it: " : "", n->error ? strerror(-n->error) : "",
			n->rules && !n->texts ? " · without text: libnftables was not there" : "");
}

static void chain_text(const struct rules_item *item, char *buf, size_t size)
{
	if (item->facts & RULES_BASE)
		snprintf(buf, size, "%.120s  hook %s priority %d; policy %s", item->name,
			rules_hook(item->family, item->hook), (int)item->priority,
			rules_decision(item->policy));
	else
		snprintf(buf, size, "%.200s", item->name);
}

/* What the row is, and *more: what is said of it. */
static enum role row_text(
	struct pane *p, const struct rules_row *row, char *buf, size_t size, char *more, size_t more_size)
{
	const struct rules_item *item = row->no ? rules_item(store_rules(p->ui->store), row->no) : NULL;

	buf[0] = more[0] = '\0';
	switch ((enum rules_level)row->level) {
	case LEVEL_NETNS:
		netns_text(p, row, buf, size);
		return ROLE_TITLE;
	case LEVEL_TABLE:
		rules_line(store_rules(p->ui->store), row->no, buf, size);
		snprintf(more, more_size, "%s", row->facts & RULES_LEGACY ? "legacy iptables" : "");
		return ROLE_TEXT;
	case LEVEL_CHAIN:
		snprintf(buf, size, "?");
		if (item)
			chain_text(item, buf, size);
		return is_never(row) ? ROLE_DIM : (enum role)(ROLE_LAYER + LAYER_NETFILTER);
	case LEVEL_RULE:
		snprintf(buf, size, "#%" PRIu64 "  %.*s", item ? item->handle : 0, (int)size - 32,
			!item		 ? "?"
			: !item->name[0] ? "(text not known)"
					 : item->name);
		if (item && item->comment[0] && !strstr(item->name, item->comment))
			snprintf(more, more_size, "%.120s", item->comment);
		return is_never(row) ? ROLE_DIM : ROLE_TEXT;
	}
	return ROLE_TEXT;
}

/* What was decided, where that is not one thing only; of a chain what its policy did. */
static enum role verdicts_text(const struct rules_row *row, char *buf, size_t size)
{
	size_t kinds = 0, i, len;
	char n[HUMAN_MAX];

	buf[0] = '\0';
	if (row->level < LEVEL_CHAIN)
		return ROLE_DIM;
	for (i = 0; i < NF_DECISIONS; i++)
		kinds += row->n[i] > 0;
	/* Entered is not decided. */
	if (row->level == LEVEL_RULE ? kinds < 2 : !(row->facts & RULES_BASE))
		return ROLE_DIM;
	for (i = row->level == LEVEL_CHAIN; i < NF_DECISIONS; i++) {
		len = strlen(buf);
		if (row->n[i])
			snprintf(buf + len, size - len, "%s%s%s %s", len ? ", " : "",
				row->level == LEVEL_CHAIN && !len ? "policy " : "",
				rules_decision((unsigned int)i), human_count(n, sizeof(n), row->n[i]));
	}
	return row->n[NF_DECIDED_DROP] ? ROLE_DROP : ROLE_DIM;
}

static void draw_tree(
	struct pane *p, struct canvas *cv, const struct rules_row *row, const struct column_fit *fit)
{
	const struct rules_tree *tree = &((struct rules_state *)p->state)->tree;
	int x = fit->x[TREE] + 2 * row->level, end = fit->x[TREE] + fit->w[TREE], room;
	char text[512], more[160], cut[520];
	enum role role = row_text(p, row, text, sizeof(text), more, sizeof(more));
	bool gone = row->no && is_gone(tree, row);

	if (row->parent)
		canvas_text(cv, x, 0, ROLE_FRAME, rules_tree_folded(tree, row) ? "+" : "−");
	x += 2;
	room = end - x - (gone ? 6 : 0);
	x += canvas_text(cv, x, 0, gone ? ROLE_DIM : role, text_shorten(cut, sizeof(cut), text, room));
	if (gone)
		x += canvas_text(cv, x, 0, ROLE_WARN, "  gone");
	if (more[0] && end - x > 6)
		canvas_text(cv, x + 2, 0, ROLE_DIM, text_cut(cut, sizeof(cut), more, end - x - 2));
}

static void draw_row(
	struct pane *p, struct canvas *cv, const struct rules_row *row, const struct column_fit *fit)
{
	char text[120];
	enum role role;

	draw_tree(p, cv, row, fit);
	if (row->level < LEVEL_CHAIN)
		return;
	if (row->n[NF_DECIDED_DROP])
		column_draw(cv, columns, fit, MARK, ROLE_DROP, "✗");
	if (row->hits)
		human_count(text, sizeof(text), row->hits);
	else
		snprintf(text, sizeof(text), "%s", is_never(row) ? "never" : "met");
	column_draw(cv, columns, fit, HITS, row->hits ? ROLE_TEXT : ROLE_DIM, text);
	if (row->hits)
		column_draw(cv, columns, fit, RATE, row->rate >= 0.05 ? ROLE_TEXT : ROLE_DIM,
			human_rate(text, sizeof(text), row->rate));
	role = verdicts_text(row, text, sizeof(text));
	column_draw(cv, columns, fit, VERDICTS, role, text);
}

static void rules_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	struct rules_state *s = p->state;

	if (p->list == LIST_PACKETS)
		packet_row_draw(p->ui, cv, &s->packets.v[row], fit);
	else
		draw_row(p, cv, row_at(p, row), fit);
}

/* With all that it is of: a filter for a table, a namespace or "never" finds its rules. */
static void rules_text(struct pane *p, size_t at, char *buf, size_t size)
{
	struct rules_state *s = p->state;
	const struct rules_row *row;
	char text[200], more[160], netns[80], line[PANE_TEXT_MAX];

	if (p->list == LIST_PACKETS) {
		packet_row_text(p->ui, &s->packets.v[at], true, buf, size);
		return;
	}
	row = row_at(p, at);
	row_text(p, row, text, sizeof(text), more, sizeof(more));
	if (row->level == LEVEL_RULE)
		rules_line(store_rules(p->ui->store), row->no, line, sizeof(line));
	snprintf(buf, size, "%s %s %s%s%s", words_netns(p->ui, row->netns, netns, sizeof(netns)),
		is_never(row) ? "never" : "", more, row->no && is_gone(&s->tree, row) ? " gone " : " ",
		row->level == LEVEL_RULE ? line : text);
}

static void go_list(struct pane *p, enum list list, uint64_t selected)
{
	struct rules_state *s = p->state;

	p->list = (int)list;
	pane_reset(p);
	p->search[0] = '\0';
	p->selected = selected;
	p->moved = selected != 0;
	s->packets.n = 0;
	pane_refresh(p, true);
}

static void fold(struct pane *p, const struct rules_row *row)
{
	if (row->parent)
		rules_tree_fold(&((struct rules_state *)p->state)->tree, row);
	else
		ui_error(p->ui, "%s folds namespaces, tables and chains",
			ui_key_name(p->ui, p->id, ACTION_FOLD));
	pane_refresh(p, false);
}

static bool open_row(struct pane *p, size_t at)
{
	struct rules_state *s = p->state;
	const struct rules_row *row;

	if (at >= rules_rows(p))
		return true;
	if (p->list == LIST_PACKETS) {
		ui_show_packet(p->ui, s->packets.v[at].id);
		return true;
	}
	row = row_at(p, at);
	if (row->level < LEVEL_CHAIN) {
		fold(p, row);
	} else {
		s->opened = row->no;
		go_list(p, LIST_PACKETS, 0);
	}
	return true;
}

static bool rules_action(struct pane *p, enum action action)
{
	size_t at = pane_cursor_row(p);

	switch (action) {
	case ACTION_OPEN:
		return open_row(p, at);
	case ACTION_FOLD:
		if (p->list == LIST_TREE && at < rules_rows(p)) {
			p->moved = true;
			fold(p, row_at(p, at));
		}
		return true;
	case ACTION_BACK:
		if (p->list == LIST_TREE)
			return false;
		go_list(p, LIST_TREE, RULES_KEY(((struct rules_state *)p->state)->opened));
		return true;
	default:
		return false;
	}
}

static const char *rules_title(struct pane *p, char *buf, size_t size)
{
	struct rules_state *s = p->state;
	const struct rules *rules = store_rules(p->ui->store);
	char text[WORDS_MAX];
	size_t len;

	if (p->list == LIST_PACKETS) {
		snprintf(buf, size, "%zu newest packets%s · %s", s->packets.n,
			s->packets.gone ? ", others are not kept any more" : "",
			rules_line(rules, s->opened, text, sizeof(text)));
		return buf;
	}
	if (!s->tree.n)
		return NULL;
	snprintf(buf, size, "%zu rule%s, %zu never hit", s->tree.rules, s->tree.rules == 1 ? "" : "s",
		s->tree.never);
	len = strlen(buf);
	if (rules_lost(rules) + rules_lost_texts(rules))
		snprintf(buf + len, size - len, " · no place for %zu items, %zu texts (--memory gives more)",
			rules_lost(rules), rules_lost_texts(rules));
	return buf;
}

static const char *rules_empty(struct pane *p, char *buf, size_t size)
{
	const struct rules_tree *tree = &((struct rules_state *)p->state)->tree;
	size_t read = 0, failed = 0, i;
	int error = 0;

	for (i = 0; i < tree->nnetns; i++) {
		read += tree->netns[i].known;
		failed += tree->netns[i].error != 0;
		error = tree->netns[i].error ? tree->netns[i].error : error;
	}
	if (p->list == LIST_PACKETS)
		snprintf(buf, size,
			"no packet that is kept has been here (--memory keeps more; hits count them all)");
	else if (!p->ui->sel.layer[LAYER_NETFILTER])
		snprintf(buf, size, "the Netfilter layer is off: %s in the layers turns it on",
			ui_key_name(p->ui, PANE_LAYERS, ACTION_TOGGLE));
	else if (p->ui->ended)
		snprintf(buf, size, "no ruleset was read; tracing has ended");
	else if (failed)
		snprintf(buf, size, "the ruleset could not be read: %s", strerror(-error));
	else if (read)
		snprintf(buf, size,
			"no ruleset in the %zu network namespace%s seen so far: no packet is filtered there",
			read, read == 1 ? "" : "s");
	else
		snprintf(buf, size,
			"no ruleset was read yet: it is when nf_tables is loaded and packets are seen");
	return buf;
}

static const struct column *rules_columns(struct pane *p, int *n)
{
	if (p->list == LIST_PACKETS)
		return packet_row_columns(true, n);
	*n = COLUMNS;
	return columns;
}

static uint64_t rules_packet(struct pane *p, size_t row)
{
	struct rules_state *s = p->state;
	uint64_t id = 0;

	if (p->list == LIST_PACKETS)
		return s->packets.v[row].id;
	/* A rule stands for its newest packet. */
	rules_recent(store_rules(p->ui->store), row_at(p, row)->no, &id, 1);
	return id;
}

const struct pane_ops rules_pane = {
	.name = "Rules",
	.state_size = sizeof(struct rules_state),
	.open = rules_open,
	.close = rules_close,
	.refresh = rules_refresh,
	.rows = rules_rows,
	.key = rules_key,
	.draw_row = rules_draw_row,
	.text = rules_text,
	.action = rules_action,
	.title = rules_title,
	.empty = rules_empty,
	.columns = rules_columns,
	.packet = rules_packet,
};
