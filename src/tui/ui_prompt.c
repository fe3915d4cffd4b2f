/* SPDX-License-Identifier: GPL-2.0 */
/* What is typed in the bottom line: searches, filters, commands. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "ui.h"

void ui_ask(struct ui *ui, enum asking what)
{
	struct pane *p = ui_current(ui);

	switch (what) {
	case ASKING_SEARCH:
		ui->search_from = p->cursor;
		p->search[0] = '\0';
		prompt_open(&ui->prompt, "/", "");
		break;
	case ASKING_ROWS:
		if (!p->ops->text) {
			ui_error(ui, "no rows can be hidden here");
			return;
		}
		prompt_open(&ui->prompt, "&", "");
		break;
	case ASKING_FILTER:
		/* Whoever has typed a long one wants to have known before. */
		if (!ui->src->ops->filter || ui->options.readonly || ui->ended) {
			ui_filter_wish(ui, &ui->filter.now);
			return;
		}
		prompt_open(&ui->prompt, "filter", ui->filter.text);
		history_begin(&ui->filter.history);
		ui->filter.unchecked = true;
		break;
	case ASKING_COMMAND:
		prompt_open(&ui->prompt, ":", "");
		history_begin(&ui->commands);
		break;
	}
	ui->asking = what;
}

void ui_search_again(struct ui *ui, int step)
{
	struct pane *p = ui_current(ui);
	size_t rows = pane_lines(p);

	if (!p->search[0])
		ui_error(ui, "nothing to search for yet: / starts a search");
	else if (!rows || !pane_search(p, (p->cursor + (step > 0 ? 1 : rows - 1)) % rows, step))
		ui_error(ui, "\"%s\": not found", p->search);
}

static void search_event(struct ui *ui, enum prompt_event event)
{
	struct pane *p = ui_current(ui);

	switch (event) {
	case PROMPT_CHANGED:
		snprintf(p->search, sizeof(p->search), "%.*s", (int)sizeof(p->search) - 1, ui->prompt.text);
		if (!p->search[0] || !pane_search(p, ui->search_from, 1))
			pane_move_to(p, ui->search_from);
		break;
	case PROMPT_ACCEPTED:
		if (p->search[0] && !pane_search(p, p->cursor, 1))
			ui_error(ui, "\"%s\": not found", p->search);
		break;
	case PROMPT_CANCELLED:
		p->search[0] = '\0';
		pane_move_to(p, ui->search_from);
		break;
	default:
		break;
	}
}

/* As in less: what is typed stays on the list, Esc or nothing shows all rows again. */
static void rows_event(struct ui *ui, enum prompt_event event)
{
	struct pane *p = ui_current(ui);

	if (event == PROMPT_CANCELLED)
		pane_set_filter(p, "");
	else if (event == PROMPT_CHANGED || event == PROMPT_ACCEPTED)
		pane_set_filter(p, ui->prompt.text);
}

/* Kept for the next time, and for the next start where that is possible. */
static void remember(struct ui *ui, struct history *history, const char *text)
{
	char path[4096];
	int ret = history_add(history, text);

	if (ret)
		ui_say(ui, "what was typed cannot be kept in %.160s: %s",
			history_path(history->file, path, sizeof(path)), strerror(-ret));
}

static void filter_accepted(struct ui *ui)
{
	struct prompt *p = &ui->prompt;
	struct packet_filter wish;

	if (!p->text[strspn(p->text, " ")])
		prompt_set(p, ""); /* blanks alone: nothing */
	ui->filter.unchecked = true;
	p->open = true;
	ui_filter_look(ui);
	if (p->wrong)
		return; /* with what is wrong above it */
	p->open = false;
	if (packet_filter_parse(&wish, p->text, p->note, sizeof(p->note)))
		return;
	if (!ui_filter_wish(ui, &wish))
		remember(ui, &ui->filter.history, p->text);
}

static void filter_event(struct ui *ui, enum prompt_event event)
{
	switch (event) {
	case PROMPT_OLDER:
	case PROMPT_NEWER:
		history_step(&ui->filter.history, &ui->prompt, event == PROMPT_OLDER ? 1 : -1);
		/* fall through */
	case PROMPT_CHANGED:
		/* Looked at before it is drawn: text that is pasted comes as many keys. */
		ui->filter.unchecked = true;
		break;
	case PROMPT_ACCEPTED:
		filter_accepted(ui);
		break;
	default:
		break;
	}
}

static void command_event(struct ui *ui, enum prompt_event event)
{
	struct prompt *p = &ui->prompt;
	char line[PROMPT_MAX];

	if (event != PROMPT_NOTHING)
		p->note[0] = '\0';
	switch (event) {
	case PROMPT_OLDER:
	case PROMPT_NEWER:
		history_step(&ui->commands, p, event == PROMPT_OLDER ? 1 : -1);
		break;
	case PROMPT_COMPLETE:
		commands_complete(ui);
		break;
	case PROMPT_ACCEPTED:
		/* The command may open a prompt of its own. */
		memcpy(line, p->text, sizeof(line));
		remember(ui, &ui->commands, line);
		commands_run(ui, line);
		break;
	default:
		break;
	}
}

void ui_prompt_key(struct ui *ui, int key)
{
	static void (*const event[])(struct ui *, enum prompt_event) = {
		[ASKING_SEARCH] = search_event,
		[ASKING_ROWS] = rows_event,
		[ASKING_FILTER] = filter_event,
		[ASKING_COMMAND] = command_event,
	};

	event[ui->asking](ui, prompt_key(&ui->prompt, key));
}
