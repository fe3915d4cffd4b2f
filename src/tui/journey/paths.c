/* SPDX-License-Identifier: GPL-2.0 */
/* The ways that the packets of a flow took, most packets first. */
#include <stdio.h>

#include "base/human.h"
#include "journey.h"
#include "nf_words.h"

enum { MARK, COUNT, SHARE, P50, P99, HOPS, END, WAY, COLUMNS };

static const struct column columns[COLUMNS] = {
	[MARK] = { .title = "", .min = 1, .max = 1 },
	[COUNT] = { .title = "pkts", .min = 5, .max = 6, .right = true },
	[SHARE] = { .title = "share", .min = 7, .max = 7, .right = true },
	[P50] = { .title = "p50", .min = 6, .max = 6, .right = true, .leaves = 2 },
	[P99] = { .title = "p99", .min = 6, .max = 6, .right = true, .leaves = 1 },
	[HOPS] = { .title = "hops", .min = 4, .max = 5, .right = true, .leaves = 3 },
	[END] = { .title = "end", .min = 16, .max = 28 },
	[WAY] = { .title = "way", .min = 27, .max = 140 },
};

const struct column *paths_columns(int *n)
{
	*n = COLUMNS;
	return columns;
}

void paths_take(struct pane *p)
{
	struct journey_state *s = p->state;
	struct paths paths = { 0 };

	/* What cannot be made anew stays as it was. */
	if (paths_build(&paths, p->ui->store, s->flow, PATHS_NEWEST))
		return;
	paths_free(&s->paths);
	s->paths = paths;
}

static const char *func_name(const struct ui *ui, uint16_t func)
{
	return func < ui->src->probes->n ? ui->src->probes->v[func].name : "?";
}

/* Where it leaves the way that most packets take; NULL: nowhere, or at its first or last function. */
static const char *where_it_parts(const struct ui *ui, const struct paths *all, const struct path *path)
{
	const struct path *most = &all->v[0];
	uint32_t i;

	if (path == most)
		return NULL;
	for (i = 0; i < path->nfuncs && i < most->nfuncs && path->funcs[i] == most->funcs[i]; i++)
		;
	return i && i + 1 < path->nfuncs ? func_name(ui, path->funcs[i]) : NULL;
}

/* What dropped its packets, as the newest one tells; "" no rule. */
static const char *rule_text(struct pane *p, const struct path *path, char *buf, size_t size)
{
	const struct packet *packet =
		path->flags & PATH_DROPPED ? store_packet(p->ui->store, path->example) : NULL;

	return words_rule(p->ui, packet ? packet->rule : 0, buf, size);
}

static void way_text(struct pane *p, const struct path *path, char *buf, size_t size)
{
	const struct journey_state *s = p->state;
	const char *parts = where_it_parts(p->ui, &s->paths, path);

	if (!path->nfuncs)
		snprintf(buf, size, "-");
	else if (path->nfuncs == 1)
		snprintf(buf, size, "%s", func_name(p->ui, path->funcs[0]));
	else
		snprintf(buf, size, "%s … %s%s%s", func_name(p->ui, path->funcs[0]), parts ? parts : "",
			parts ? " … " : "", func_name(p->ui, path->funcs[path->nfuncs - 1]));
}

/* All of it, or the first and the last function, each as much of it as there is room for. */
static void draw_way(struct pane *p, struct canvas *cv, const struct path *path, enum role role,
	const struct column_fit *fit)
{
	char text[200], first[80], last[80], rule[WORDS_MAX], cut[WORDS_MAX + 8];
	int w = fit->w[WAY], room, end;

	way_text(p, path, text, sizeof(text));
	if (rule_text(p, path, rule, sizeof(rule))[0]) {
		canvas_text(cv, fit->x[WAY], 0, ROLE_TEXT, text_cut(cut, sizeof(cut), rule, w));
		end = text_width(rule) + 3;
		if (w - end >= 40)
			canvas_cell(cv, fit->x[WAY] + end, 0, w - end, false, role, text);
		return;
	}
	if (w > 10 && text_width(text) > w && path->nfuncs > 1) {
		end = text_width(func_name(p->ui, path->funcs[path->nfuncs - 1]));
		room = end < (w - 3) / 2 ? w - 3 - end : (w - 3) - (w - 3) / 2;
		text_shorten(first, sizeof(first), func_name(p->ui, path->funcs[0]), room);
		text_shorten(last, sizeof(last), func_name(p->ui, path->funcs[path->nfuncs - 1]),
			w - 3 - text_width(first));
		snprintf(text, sizeof(text), "%s … %s", first, last);
	}
	column_draw(cv, columns, fit, WAY, role, text);
}

/* A list of drops need not say so in words, too. */
static const char *end_text(struct pane *p, const struct path *path, enum role *role, char *buf, size_t size)
{
	char reason[64];

	words_fate(p->ui, (enum fate)path->fate, path->reason, role, buf, size);
	if (path->fate == FATE_DROPPED)
		snprintf(buf, size, "✗ %s", words_reason(p->ui, path->reason, reason, sizeof(reason)));
	return buf;
}

/* The sign of what the eye should fall on. */
static const char *mark_of(const struct path *path, enum role *role)
{
	*role = ROLE_DROP;
	if (path->flags & PATH_DROPPED)
		return "✗";
	if (path->flags & PATH_LOST)
		return "┄";
	*role = ROLE_WARN;
	return path->flags & PATH_RARE ? "!" : " ";
}

void paths_text(struct pane *p, size_t row, char *buf, size_t size)
{
	const struct path *path = &((struct journey_state *)p->state)->paths.v[row];
	char fate[120], way[200], rule[WORDS_MAX];
	enum role role;

	way_text(p, path, way, sizeof(way));
	snprintf(buf, size, "%s %s %s%s",
		words_fate(p->ui, (enum fate)path->fate, path->reason, &role, fate, sizeof(fate)),
		rule_text(p, path, rule, sizeof(rule)), way, path->flags & PATH_RARE ? " rare" : "");
}

void paths_draw(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct path *path = &((struct journey_state *)p->state)->paths.v[row];
	bool rare = path->flags & PATH_RARE;
	char text[200];
	const char *mark;
	enum role role;

	mark = mark_of(path, &role);
	column_draw(cv, columns, fit, MARK, role, mark);
	column_draw(cv, columns, fit, COUNT, rare ? ROLE_WARN : ROLE_TEXT,
		human_count(text, sizeof(text), path->count));
	snprintf(text, sizeof(text), "%.1f %%", path->share * 100);
	column_draw(cv, columns, fit, SHARE, rare ? ROLE_WARN : ROLE_TEXT, text);
	column_draw(cv, columns, fit, P50, ROLE_TIME, human_ns(text, sizeof(text), path->p50, false));
	column_draw(cv, columns, fit, P99, ROLE_TIME, human_ns(text, sizeof(text), path->p99, false));
	column_draw(cv, columns, fit, HOPS, ROLE_DIM, human_count(text, sizeof(text), path->nhops));
	end_text(p, path, &role, text, sizeof(text));
	column_draw(cv, columns, fit, END, role, text);
	draw_way(p, cv, path, rare ? ROLE_TEXT : ROLE_DIM, fit);
}
