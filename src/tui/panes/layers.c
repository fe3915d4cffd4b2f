/* SPDX-License-Identifier: GPL-2.0 */
/* The layers of the stack: on or off, how far attached, how busy. */
#include <stdio.h>

#include "base/human.h"
#include "tui/ui.h"

enum { MARK, NAME, FUNCS, HITS, RATE, HISTORY, COLUMNS };

static const struct column columns[COLUMNS] = {
	[MARK] = { .title = "", .min = 1, .max = 1 },
	[NAME] = { .title = "layer", .min = 9, .max = 12 },
	[FUNCS] = { .title = "functions", .min = 9, .max = 9, .right = true, .leaves = 3 },
	[HITS] = { .title = "hits", .min = 6, .max = 6, .right = true, .leaves = 2 },
	[RATE] = { .title = "rate", .min = 7, .max = 7, .right = true, .leaves = 1 },
	[HISTORY] = { .title = "16 s", .min = 6, .max = METER_HISTORY, .leaves = 4 },
};

struct layers_state {
	enum layer row[LAYER_COUNT];
	size_t n;
};

/* Layers that have functions on this kernel, in the order of the table: it never changes. */
static void layers_refresh(struct pane *p, bool order)
{
	struct layers_state *s = p->state;
	int i;

	s->n = 0;
	for (i = 0; i < LAYER_COUNT; i++)
		if (p->ui->meter.layer[i].known)
			s->row[s->n++] = (enum layer)i;
}

static size_t layers_rows(struct pane *p)
{
	return ((struct layers_state *)p->state)->n;
}

static uint64_t layers_key(struct pane *p, size_t row)
{
	return (uint64_t)((struct layers_state *)p->state)->row[row] + 1;
}

static enum role layer_mark(struct ui *ui, enum layer layer, const char **sign)
{
	const struct layer_meter *m = &ui->meter.layer[layer];

	if (ui->progress.changing && m->pending) {
		*sign = "⟳";
		return ROLE_BUSY;
	}
	if (!m->wanted) {
		/* Switched off is not the same as on with nothing to trace at this priority. */
		*sign = ui->sel.layer[layer] ? "∙" : "○";
		return ui->sel.layer[layer] ? ROLE_DIM : ROLE_OFF;
	}
	if (m->refused || (ui->meter.totals.attached && m->attached < m->wanted)) {
		*sign = "!";
		return ROLE_WARN;
	}
	*sign = "●";
	return ROLE_ON;
}

static void layers_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	enum layer layer = ((struct layers_state *)p->state)->row[row];
	const struct layer_meter *m = &p->ui->meter.layer[layer];
	enum role colour = (enum role)(ROLE_LAYER + (int)layer), mark;
	char text[40], number[HUMAN_MAX];
	const char *sign;

	mark = layer_mark(p->ui, layer, &sign);
	column_draw(cv, columns, fit, MARK, mark, sign);
	column_draw(cv, columns, fit, NAME, m->wanted ? colour : ROLE_DIM, layer_name(layer));
	if (m->wanted)
		snprintf(text, sizeof(text), "%zu/%zu", m->attached, m->wanted);
	else
		snprintf(text, sizeof(text), "%zu", m->known);
	column_draw(cv, columns, fit, FUNCS, m->wanted ? mark == ROLE_ON ? ROLE_TEXT : mark : ROLE_DIM, text);
	column_draw(cv, columns, fit, HITS, m->hits ? ROLE_TEXT : ROLE_DIM,
		human_count(number, sizeof(number), m->hits));
	if (!m->wanted && !(m->rate > 0))
		column_draw(cv, columns, fit, RATE, ROLE_OFF, p->ui->sel.layer[layer] ? "-" : "off");
	else if (m->rate < 0)
		column_draw(cv, columns, fit, RATE, ROLE_DIM, "-");
	else
		column_draw(cv, columns, fit, RATE, m->rate > 0 ? ROLE_TEXT : ROLE_DIM,
			human_rate(number, sizeof(number), m->rate));
	if (fit->w[HISTORY])
		canvas_graph(cv, fit->x[HISTORY], 0, fit->w[HISTORY], m->wanted ? colour : ROLE_DIM,
			m->history, METER_HISTORY);
}

static void layers_text(struct pane *p, size_t row, char *buf, size_t size)
{
	snprintf(buf, size, "%s", layer_name(((struct layers_state *)p->state)->row[row]));
}

static bool layers_action(struct pane *p, enum action action)
{
	struct layers_state *s = p->state;
	struct ui *ui = p->ui;
	size_t row = pane_cursor_row(p);
	enum layer layer;

	if (row >= s->n)
		return false;
	layer = s->row[row];
	switch (action) {
	case ACTION_TOGGLE:
		p->moved = true;
		ui_command(ui, (struct command){ COMMAND_LAYER, (int)layer, !ui->sel.layer[layer] });
		/* On, and still nothing to see: say why before somebody waits for it. */
		if (ui->sel.layer[layer] && !ui->meter.layer[layer].wanted && !ui->error[0])
			ui_error(ui,
				"%s is on, but none of its functions is wanted at priority %d (try 2 or 3)",
				layer_name(layer), ui->sel.priority);
		return true;
	case ACTION_OPEN:
		ui->focus.layer = (int)layer;
		pane_reset(&ui->pane[PANE_FUNCTIONS]);
		pane_refresh(&ui->pane[PANE_FUNCTIONS], true);
		ui_go(ui, PANE_FUNCTIONS);
		return true;
	default:
		return false;
	}
}

static const char *layers_empty(struct pane *p, char *buf, size_t size)
{
	return ui_why_empty(p->ui, buf, size);
}

static const struct column *layers_columns(struct pane *p, int *n)
{
	*n = COLUMNS;
	return columns;
}

const struct pane_ops layers_pane = {
	.name = "Layers",
	.state_size = sizeof(struct layers_state),
	.refresh = layers_refresh,
	.rows = layers_rows,
	.key = layers_key,
	.draw_row = layers_draw_row,
	.text = layers_text,
	.action = layers_action,
	.empty = layers_empty,
	.columns = layers_columns,
};
