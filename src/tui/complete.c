/* SPDX-License-Identifier: GPL-2.0 */
/* Tab behind the colon. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "commands_private.h"
#include "ui.h"

struct words {
	const char *v[COMMAND_WORDS_MAX];
	size_t len[COMMAND_WORDS_MAX], n;
	bool more; /* than there is room for */
};

static void add_list(struct words *w, const char *list)
{
	size_t len;

	for (list += strspn(list, ", "); *list && w->n < COMMAND_WORDS_MAX; list += strspn(list, ", ")) {
		len = strcspn(list, ", ");
		w->v[w->n] = list;
		w->len[w->n++] = len;
		list += len;
	}
}

/* There are too many of them to take them all. */
static void add_functions(struct words *w, const struct probe_table *probes, const char *typed)
{
	size_t i, n = probes->n, len = strlen(typed);

	for (i = 0; i < n; i++) {
		if (!probe_usable(&probes->v[i]) || strncasecmp(probes->v[i].name, typed, len))
			continue;
		if (w->n == COMMAND_WORDS_MAX) {
			w->more = true;
			return;
		}
		w->v[w->n] = probes->v[i].name;
		w->len[w->n++] = strlen(probes->v[i].name);
	}
}

/* Which argument begins at `from`, counted from 1. */
static int argument(const char *text, size_t from)
{
	int n = 0;
	size_t i;

	for (i = 0; i < from; i++)
		n += text[i] == ' ' && (!i || text[i - 1] != ' ');
	return n;
}

/* What could stand where the word at `from` stands; false: nobody knows. */
static bool possible(struct ui *ui, const char *text, size_t from, struct words *w)
{
	char name[32];
	size_t len = strcspn(text, " "), first = len + strspn(text + len, " "), i;
	const struct command_row *row;

	w->n = 0;
	w->more = false;
	if (!from) {
		w->n = command_names(w->v);
		for (i = 0; i < w->n; i++)
			w->len[i] = strlen(w->v[i]);
		return true;
	}
	snprintf(name, sizeof(name), "%.*s", (int)len, text);
	row = command_row(name);
	if (row && from == first && row->words)
		add_list(w, row->words());
	else if (row && from == first && row->profiles && ui->options.profiles)
		add_list(w, ui->options.profiles->names);
	else if (row && argument(text, from) <= row->functions)
		add_functions(w, ui->src->probes, text + from);
	else if (row && from > first && row->states)
		add_list(w, row->states);
	return w->n;
}

/* Those that begin with what is typed; the length that they have in common. */
static size_t matching(struct words *w, const char *typed)
{
	size_t typed_len = strlen(typed), common = 0, i, n = 0;

	for (i = 0; i < w->n; i++) {
		if (w->len[i] < typed_len || strncasecmp(w->v[i], typed, typed_len))
			continue;
		if (!n)
			common = w->len[i];
		else
			while (common && (common > w->len[i] || strncasecmp(w->v[0], w->v[i], common)))
				common--;
		w->v[n] = w->v[i];
		w->len[n++] = w->len[i];
	}
	w->n = n;
	/* What those have in common that were not looked at, nobody knows. */
	return w->more ? typed_len : common;
}

void commands_complete(struct ui *ui)
{
	struct prompt *p = &ui->prompt;
	char text[PROMPT_MAX], *last;
	size_t lead = strspn(p->text, " "), common, i, at = 0;
	struct words w;

	memcpy(text, p->text + lead, sizeof(text) - lead);
	last = strrchr(text, ' ');
	last = last ? last + 1 : text;
	/* Only at the end: in the middle of a line nothing is guessed. */
	if (p->text[p->cursor] || !possible(ui, text, (size_t)(last - text), &w))
		return;
	common = matching(&w, last);
	if (!w.n)
		return;
	snprintf(last, sizeof(text) - (size_t)(last - text), "%.*s%s", (int)common, w.v[0],
		w.n == 1 ? " " : "");
	prompt_set(p, text);
	for (i = 0; w.n > 1 && i < w.n && at < sizeof(p->note); i++)
		at += (size_t)snprintf(
			p->note + at, sizeof(p->note) - at, "%s%.*s", i ? " " : "", (int)w.len[i], w.v[i]);
}
