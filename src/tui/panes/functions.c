/* SPDX-License-Identifier: GPL-2.0 */
/* Every function that can be traced: the wanted ones first, then the rest, dim. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "tui/screen_config.h"
#include "tui/widgets/facts.h"
#include "tui/ui.h"

enum { MARK, NAME, LAYER, PRIORITY, HITS, RATE, COLUMNS };

const struct column functions_columns[COLUMNS] = {
	[MARK] = { "", NULL, NULL, 1, 1 },
	[NAME] = { "function", "function", "name", 14, 60 },
	[LAYER] = { "layer", "layer", "layer", 1, 9, .whole = true, .leaves = 3 },
	[PRIORITY] = { "p", "priority", "priority", 2, 2, .leaves = 4 },
	[HITS] = { "hits", "hits", "hits", 6, 6, .right = true, .leaves = 1 },
	[RATE] = { "rate", "rate", "rate", 7, 7, .right = true, .leaves = 2 },
};

const int functions_ncolumns = COLUMNS;

struct functions_state {
	uint32_t *row; /* probe indexes */
	bool *first;   /* per probe: stands in the upper part */
	size_t known;  /* probes that first tells about */
	size_t n;
	int layer;	/* as listed now, -1 all */
	uint64_t rules; /* ui.rules_changed when first was made */
	bool made;
	bool detail;
	uint32_t shown;
	struct facts facts;
};

static int functions_open(struct pane *p)
{
	struct functions_state *s = p->state;
	size_t cap = probe_capacity(p->ui->src->probes);

	s->row = calloc(cap + 1, sizeof(*s->row));
	s->first = calloc(cap + 1, sizeof(*s->first));
	s->layer = -1;
	p->sort = HITS;
	if (s->row && s->first)
		return 0;
	free(s->row);
	free(s->first);
	return -ENOMEM;
}

static void functions_close(struct pane *p)
{
	struct functions_state *s = p->state;

	free(s->row);
	free(s->first);
}

static int order_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int functions_compare(const void *pa, const void *pb, void *ctx)
{
	const struct pane *p = ctx;
	const struct functions_state *s = p->state;
	const struct meter *m = &p->ui->meter;
	uint32_t ia = *(const uint32_t *)pa, ib = *(const uint32_t *)pb;
	const struct probe *a = &p->ui->src->probes->v[ia], *b = &p->ui->src->probes->v[ib];
	int c = 0;

	if (s->first[ia] != s->first[ib])
		return s->first[ia] ? -1 : 1;
	if (p->sort == LAYER)
		c = (int)a->class.layer - (int)b->class.layer;
	else if (p->sort == PRIORITY)
		c = a->class.priority - b->class.priority;
	else if (p->sort == HITS)
		c = order_u64(m->hits[ia], m->hits[ib]);
	else if (p->sort == RATE)
		c = m->rate[ia] < m->rate[ib] ? -1 : m->rate[ia] > m->rate[ib];
	else
		c = strcmp(a->name, b->name);
	if (c)
		return p->ascending ? c : -c;
	c = a->class.priority - b->class.priority;
	return c ? c : strcmp(a->name, b->name);
}

/*
 * The upper part is made of what was wanted when layers, priority or order
 * last changed: a function switched by hand stays where it is, or going down
 * a list with Space would tear the rows from under the cursor.
 */
static void take_wanted(struct pane *p)
{
	struct functions_state *s = p->state;
	const struct selection *sel = &p->ui->sel;
	size_t i;

	/* functions that came are no reason to tear the others */
	for (; s->known < sel->n; s->known++)
		s->first[s->known] = sel->wanted[s->known];

	if (s->made && s->rules == p->ui->rules_changed)
		return;
	s->made = true;
	s->rules = p->ui->rules_changed;
	for (i = 0; i < sel->n; i++)
		s->first[i] = sel->wanted[i];
}

static void build_facts(struct pane *p)
{
	struct functions_state *s = p->state;
	const struct probe *f = &p->ui->src->probes->v[s->shown];
	enum probe_state state = (enum probe_state)atomic_load(&f->state);
	struct facts *facts = &s->facts;
	char rate[HUMAN_MAX];

	facts_clear(facts);
	facts_add(facts, ROLE_TITLE, "function", "%s", f->name);
	facts_add(facts, ROLE_TEXT, "module", "%s", f->module ? f->module : "(the kernel itself)");
	facts_add(facts, (enum role)(ROLE_LAYER + (int)f->class.layer), "layer", "%s",
		layer_name(f->class.layer));
	facts_add(facts, ROLE_TEXT, "category", "%s", category_name(f->class.category));
	facts_add(facts, ROLE_TEXT, "priority", "%d", f->class.priority);
	if (p->ui->sel.wanted[s->shown])
		facts_add(facts, ROLE_ON, "wanted", "yes");
	else
		facts_add(facts, ROLE_OFF, "wanted", "no (%s in the list turns it on)",
			ui_key_name(p->ui, p->id, ACTION_TOGGLE));
	facts_add(facts, state == PROBE_REFUSED || state == PROBE_UNUSABLE ? ROLE_WARN : ROLE_TEXT, "state",
		"%s", probe_state_name(state));
	if (state == PROBE_REFUSED)
		facts_add(facts, ROLE_WARN, "the kernel says", "%s", strerror(atomic_load(&f->error)));
	if (state == PROBE_GONE)
		facts_add(facts, ROLE_WARN, "because", "%s was unloaded", f->module);
	if (state == PROBE_UNUSABLE && f->why)
		facts_add(facts, ROLE_WARN, "because", "%s", f->why);
	facts_add(facts, ROLE_TEXT, "hits", "%" PRIu64, p->ui->meter.hits[s->shown]);
	facts_add(facts, ROLE_TEXT, "rate", "%s",
		p->ui->meter.rate[s->shown] < 0
			? "-"
			: human_rate(rate, sizeof(rate), p->ui->meter.rate[s->shown]));
	facts_add(facts, p->ui->meter.lost[s->shown] ? ROLE_DROP : ROLE_TEXT, "lost records", "%" PRIu64,
		p->ui->meter.lost[s->shown]);
	facts_add(facts, ROLE_TEXT, "packet argument", f->arg ? "%d%s" : "none", f->arg,
		f->guessed ? " (guessed from the name)" : "");
	facts_add(facts, ROLE_TEXT, "address", f->addr ? "0x%" PRIx64 : "unknown", f->addr);
}

static void functions_refresh(struct pane *p, bool order)
{
	struct functions_state *s = p->state;
	const struct probe_table *probes = p->ui->src->probes;
	size_t i;

	if (s->detail) {
		build_facts(p);
		return;
	}
	if (!order && s->n)
		return;
	take_wanted(p);
	s->layer = p->ui->focus.layer;
	s->n = 0;
	for (i = 0; i < s->known; i++)
		if (s->layer < 0 || (int)probes->v[i].class.layer == s->layer)
			s->row[s->n++] = (uint32_t)i;
	qsort_r(s->row, s->n, sizeof(*s->row), functions_compare, p);
}

static size_t functions_rows(struct pane *p)
{
	struct functions_state *s = p->state;

	return s->detail ? s->facts.n : s->n;
}

static uint64_t functions_key(struct pane *p, size_t row)
{
	struct functions_state *s = p->state;

	return s->detail ? row + 1 : (uint64_t)s->row[row] + 1;
}

static enum role function_mark(struct ui *ui, uint32_t i, const char **sign)
{
	bool wanted = ui->sel.wanted[i];

	switch ((enum probe_state)atomic_load_explicit(&ui->src->probes->v[i].state, memory_order_relaxed)) {
	case PROBE_GONE:
		*sign = "○";
		return ROLE_DIM;
	case PROBE_REFUSED:
	case PROBE_UNUSABLE:
		*sign = "!";
		return wanted ? ROLE_WARN : ROLE_DIM;
	case PROBE_ATTACHED:
		*sign = wanted ? "●" : ui->progress.changing ? "⟳" : "○";
		return wanted ? ROLE_ON : ui->progress.changing ? ROLE_BUSY : ROLE_OFF;
	case PROBE_IDLE:
		break;
	}
	*sign = !wanted ? "○" : ui->progress.changing ? "⟳" : ui->meter.totals.attached ? "!" : "●";
	if (!wanted)
		return ROLE_OFF;
	if (ui->progress.changing)
		return ROLE_BUSY;
	return ui->meter.totals.attached ? ROLE_WARN : ROLE_ON;
}

static void draw_name(struct canvas *cv, const struct column_fit *fit, const struct probe *f, bool wanted)
{
	int room = fit->w[NAME] - text_width(f->name);
	char module[80];

	column_draw(cv, functions_columns, fit, NAME, wanted ? ROLE_TEXT : ROLE_DIM, f->name);
	if (!f->module || room < 5)
		return;
	snprintf(module, sizeof(module), " %.60s", f->module);
	canvas_cell(cv, fit->x[NAME] + text_width(f->name), 0, room, false, ROLE_DIM, module);
}

/* A refused function has no numbers: the reason takes their place. */
static void draw_refusal(struct canvas *cv, const struct column_fit *fit, const struct probe *f)
{
	char text[160];
	int x = fit->x[NAME] + fit->w[NAME] + 1;

	if (f->state == PROBE_REFUSED)
		snprintf(text, sizeof(text), "refused: %s", strerror(atomic_load(&f->error)));
	else
		snprintf(text, sizeof(text), "%s", f->why ? f->why : "cannot be traced");
	canvas_cell(cv, x, 0, cv->w - x - 1, false, ROLE_WARN, text);
}

static void functions_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	struct functions_state *s = p->state;
	struct ui *ui = p->ui;
	const struct probe *f;
	char text[HUMAN_MAX];
	const char *sign;
	enum role mark;
	bool wanted;
	uint32_t i;

	if (s->detail) {
		facts_draw(&s->facts, cv, row);
		return;
	}
	i = s->row[row];
	f = &ui->src->probes->v[i];
	wanted = ui->sel.wanted[i];
	mark = function_mark(ui, i, &sign);
	column_draw(cv, functions_columns, fit, MARK, mark, sign);
	draw_name(cv, fit, f, wanted);
	if (*sign == '!' && wanted && atomic_load(&f->state) != PROBE_IDLE) {
		draw_refusal(cv, fit, f);
		return;
	}
	snprintf(text, sizeof(text), "%c", layer_letter(f->class.layer));
	column_draw(cv, functions_columns, fit, LAYER,
		wanted ? (enum role)(ROLE_LAYER + (int)f->class.layer) : ROLE_DIM,
		fit->w[LAYER] > 1 ? layer_name(f->class.layer) : text);
	snprintf(text, sizeof(text), "%d", f->class.priority);
	column_draw(cv, functions_columns, fit, PRIORITY, ROLE_DIM, text);
	column_draw(cv, functions_columns, fit, HITS, wanted && ui->meter.hits[i] ? ROLE_TEXT : ROLE_DIM,
		human_count(text, sizeof(text), ui->meter.hits[i]));
	if (ui->meter.rate[i] < 0)
		snprintf(text, sizeof(text), "-");
	else
		human_rate(text, sizeof(text), ui->meter.rate[i]);
	column_draw(cv, functions_columns, fit, RATE, ui->meter.rate[i] > 0 ? ROLE_TEXT : ROLE_DIM, text);
}

static void functions_text(struct pane *p, size_t row, char *buf, size_t size)
{
	struct functions_state *s = p->state;
	const struct probe *f;

	if (s->detail) {
		facts_text(&s->facts, row, buf, size);
		return;
	}
	f = &p->ui->src->probes->v[s->row[row]];
	snprintf(buf, size, "%s %s %s", f->name, f->module ? f->module : "", layer_name(f->class.layer));
}

static void toggle(struct pane *p, uint32_t i)
{
	struct ui *ui = p->ui;
	const struct probe *f = &ui->src->probes->v[i];

	p->moved = true;
	if (f->state == PROBE_GONE) {
		ui_error(ui, "%s is gone: %s was unloaded", f->name, f->module);
		return;
	}
	if (!ui->sel.wanted[i] && f->state == PROBE_UNUSABLE) {
		ui_error(ui, "%s cannot be traced: %s", f->name,
			f->why ? f->why : "the kernel does not allow it");
		return;
	}
	ui_command(ui, (struct command){ COMMAND_FUNC, (int)i, !ui->sel.wanted[i] });
	if (ui->error[0])
		return;
	if (!ui->sel.layer[f->class.layer] && !ui->sel.wanted[i])
		ui_say(ui, "%s is off", f->name);
}

/* In or out of the detail; the list finds its row again by the key. */
static void set_detail(struct pane *p, bool detail)
{
	struct functions_state *s = p->state;

	s->detail = detail;
	p->list = detail;
	pane_reset(p);
	if (!detail) {
		p->selected = (uint64_t)s->shown + 1;
		p->moved = true;
	}
	pane_refresh(p, !detail);
}

static bool functions_action(struct pane *p, enum action action)
{
	struct functions_state *s = p->state;
	size_t row = pane_cursor_row(p);

	switch (action) {
	case ACTION_TOGGLE:
		if (s->detail || row < s->n)
			toggle(p, s->detail ? s->shown : s->row[row]);
		if (s->detail)
			build_facts(p);
		return true;
	case ACTION_OPEN:
		if (s->detail || row >= s->n)
			return true;
		s->shown = s->row[row];
		set_detail(p, true);
		return true;
	case ACTION_BACK:
		if (s->detail) {
			set_detail(p, false);
		} else if (p->ui->focus.layer >= 0) {
			p->ui->focus.layer = -1;
			pane_refresh(p, true);
			ui_go(p->ui, PANE_LAYERS);
		} else {
			return false;
		}
		return true;
	case ACTION_SORT:
	case ACTION_SORT_BACK:
	case ACTION_REVERSE:
		s->made = false;
		return s->detail;
	default:
		return false;
	}
}

static const char *functions_title(struct pane *p, char *buf, size_t size)
{
	struct functions_state *s = p->state;

	if (s->detail)
		snprintf(buf, size, "%s", p->ui->src->probes->v[s->shown].name);
	else if (s->layer >= 0)
		snprintf(buf, size, "%s only", layer_name((enum layer)s->layer));
	else
		snprintf(buf, size, "%s %s", functions_columns[p->sort].sort, p->ascending ? "▴" : "▾");
	return buf;
}

static const char *functions_empty(struct pane *p, char *buf, size_t size)
{
	return ui_why_empty(p->ui, buf, size);
}

static const struct column *columns_of(struct pane *p, int *n)
{
	*n = COLUMNS;
	return ((struct functions_state *)p->state)->detail ? NULL : functions_columns;
}

const struct pane_ops functions_pane = {
	.name = "Functions",
	.state_size = sizeof(struct functions_state),
	.open = functions_open,
	.close = functions_close,
	.refresh = functions_refresh,
	.rows = functions_rows,
	.key = functions_key,
	.draw_row = functions_draw_row,
	.text = functions_text,
	.action = functions_action,
	.title = functions_title,
	.empty = functions_empty,
	.columns = columns_of,
};
