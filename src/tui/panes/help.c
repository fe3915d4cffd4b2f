/* SPDX-License-Identifier: GPL-2.0 */
/* Keys, from the same tables that make them work, and what the signs mean. */
#include <stdio.h>
#include <string.h>

#include "tui/commands.h"
#include "tui/keymap.h"
#include "tui/ui.h"

#define LINES_MAX 200

struct help_line {
	enum role role; /* of the left side */
	char left[40];
	const char *right;
};

struct help_state {
	struct help_line line[LINES_MAX];
	size_t n;
};

static const struct {
	enum role role;
	const char *sign, *meaning;
} signs[] = {
	{ ROLE_ON, "●", "traced" },
	{ ROLE_OFF, "○", "not traced" },
	{ ROLE_DIM, "∙", "layer on, nothing of it wanted at this priority" },
	{ ROLE_BUSY, "⟳", "being attached or detached" },
	{ ROLE_WARN, "!", "wanted, but not (all) attached: Enter says why" },
	{ ROLE_DROP, "✗", "a packet was dropped; red means this or a loss" },
	{ ROLE_CHANGED, "veth0", "bright in a journey: not the same as at the hop before" },
	{ ROLE_CHANGED, "↪", "the headers are others from here on: NAT, tunnels, VLAN" },
	{ ROLE_DIM, "#5", "a netfilter rule by its handle, below its chain" },
	{ ROLE_CHANGED, "↪ ct", "what conntrack says of the packet is another thing" },
	{ ROLE_DIM, "never", "no packet has met this rule since the start" },
	{ ROLE_TIME, "⧗", "it stood in a queue for 10 µs or more" },
	{ ROLE_TEXT, "╞ + −", "a copy, table, chain: folded, open; Space changes it" },
	{ ROLE_DROP, "┄", "records lost there; a path: records lost in it" },
	{ ROLE_FOCUS, "◆", "marked: = on another packet or path compares" },
	{ ROLE_WARN, "+1.2ms", "largest gap of a journey; bars: log, 100 ns to 100 ms" },
	{ ROLE_DROP, "lost", "records there was no room for; e says where" },
	{ ROLE_TEXT, "cost", "share of all CPUs that tracing takes, this included" },
};

static void add(struct help_state *s, enum role role, const char *left, const char *right)
{
	struct help_line *l;

	if (s->n == LINES_MAX)
		return;
	l = &s->line[s->n++];
	l->role = role;
	snprintf(l->left, sizeof(l->left), "%.39s", left);
	l->right = right;
}

/* NULL: what keys do there goes without saying. */
static const char *section(int pane)
{
	static const char *const names[PANE_COUNT] = {
		[PANE_LAYERS] = "In the layers",
		[PANE_FUNCTIONS] = "In the functions",
		[PANE_FLOWS] = "In the flows",
		[PANE_JOURNEY] = "In the journey",
		[PANE_LATENCY] = "In the latency",
		[PANE_COMPARE] = "In a comparison",
		[PANE_RULES] = "In the rules",
	};

	return pane == KEYMAP_ANY ? "Everywhere" : names[pane];
}

/* Every action that has keys of its own in that pane. */
static size_t section_actions(
	const struct keymap *km, int pane, enum action *out, char keys[][64], size_t max)
{
	size_t n = 0;
	int a;

	for (a = 1; a < ACTION_COUNT && n < max; a++) {
		keymap_keys(km, pane, (enum action)a, " ", keys[n], 64);
		if (keys[n][0])
			out[n++] = (enum action)a;
	}
	return n;
}

static void add_commands(struct help_state *s)
{
	struct command_help c;
	char left[40];
	size_t i;

	add(s, ROLE_TEXT, "", "");
	add(s, ROLE_TITLE, "Commands, behind :", "");
	for (i = 0; commands_at(i, &c); i++) {
		snprintf(left, sizeof(left), "%s %s", c.name, c.args);
		add(s, ROLE_KEY, left, c.help);
	}
	add(s, ROLE_KEY, "quit, pause, ...", "whatever a key does, by its name: Tab lists them");
}

static int help_open(struct pane *p)
{
	struct help_state *s = p->state;
	enum action actions[ACTION_COUNT];
	char keys[ACTION_COUNT][64];
	size_t i, n;
	int pane;

	for (pane = KEYMAP_ANY; pane < PANE_COUNT; pane++) {
		n = section_actions(&p->ui->keymap, pane, actions, keys, ACTION_COUNT);
		if (!n || !section(pane))
			continue;
		if (s->n)
			add(s, ROLE_TEXT, "", "");
		add(s, ROLE_TITLE, section(pane), "");
		for (i = 0; i < n; i++)
			add(s, ROLE_KEY, keys[i], action_help(actions[i]));
	}
	add_commands(s);
	add(s, ROLE_TEXT, "", "");
	add(s, ROLE_TITLE, "Signs", "");
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		add(s, signs[i].role, signs[i].sign, signs[i].meaning);
	return 0;
}

static size_t help_rows(struct pane *p)
{
	return ((struct help_state *)p->state)->n;
}

static void help_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct help_line *l = &((struct help_state *)p->state)->line[row];
	int left = cv->w >= 60 ? 20 : cv->w / 3;

	if (!l->right[0]) {
		canvas_text(cv, 0, 0, l->role, l->left);
		return;
	}
	canvas_cell(cv, 1, 0, left, false, l->role, l->left);
	canvas_cell(cv, left + 2, 0, cv->w - left - 3, false, ROLE_TEXT, l->right);
}

static void help_text(struct pane *p, size_t row, char *buf, size_t size)
{
	const struct help_line *l = &((struct help_state *)p->state)->line[row];

	snprintf(buf, size, "%s %s", l->left, l->right);
}

static const char *help_title(struct pane *p, char *buf, size_t size)
{
	snprintf(buf, size, "skbscope " VERSION);
	return buf;
}

const struct pane_ops help_pane = {
	.name = "Help",
	.state_size = sizeof(struct help_state),
	.open = help_open,
	.rows = help_rows,
	.draw_row = help_draw_row,
	.text = help_text,
	.title = help_title,
};
