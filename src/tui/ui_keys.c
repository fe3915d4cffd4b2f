/* SPDX-License-Identifier: GPL-2.0 */
/* From keys and clicks to what they do. */
#include <stdio.h>
#include <string.h>

#include "keymap.h"
#include "ui.h"

static void go_pane(struct ui *ui, int step)
{
	if (ui->overlay >= 0)
		ui->overlay = -1;
	else
		ui->active = (enum pane_id)(((int)ui->active + step + PANE_LIVE) % PANE_LIVE);
}

static void toggle_overlay(struct ui *ui, enum pane_id pane)
{
	bool open = ui->overlay != (int)pane;

	ui->overlay = open ? (int)pane : -1;
	if (open)
		pane_refresh(&ui->pane[pane], true);
}

static void toggle_pause(struct ui *ui)
{
	struct store_totals t;
	int i;

	if (ui_frozen(ui)) {
		ui->paused_at = 0;
		ui->refreshed = ui->ticked = 0; /* everything anew, at once */
		ui_tick(ui, ui->now);
		return;
	}
	/* What stands still shall be what is known now, in the order the eye is used to. */
	for (i = 0; i < PANE_COUNT; i++)
		pane_refresh(&ui->pane[i], false);
	store_totals(ui->store, &t);
	ui->paused_events = t.events;
	ui->paused_at = ui->now;
}

/* Every row is about that packet: then the title tells that it is marked, not the row. */
static bool is_one_packet(struct pane *p, uint64_t packet)
{
	size_t n = pane_lines(p);

	return n > 1 && p->ops->packet(p, pane_filter_row(p, 0)) == packet &&
	       p->ops->packet(p, pane_filter_row(p, n - 1)) == packet;
}

static void mark(struct ui *ui)
{
	struct pane *p = ui_current(ui);
	size_t row = pane_cursor_row(p);
	uint64_t packet = pane_packet(p);

	if (!packet) {
		ui_error(ui, "no packet here: %s marks one, or a path, in a flow that %s has opened",
			ui_key_name(ui, ui->active, ACTION_MARK), ui_key_name(ui, PANE_FLOWS, ACTION_OPEN));
		return;
	}
	if (packet == ui->mark.packet || pane_marked(p, row)) {
		ui->mark.packet = 0;
		return;
	}
	ui->mark = (struct pane_mark){ .packet = packet, .pane = p, .list = p->list };
	if (!is_one_packet(p, packet))
		ui->mark.key = p->ops->key(p, row);
	ui_say(ui, "packet %llu is marked", (unsigned long long)packet);
}

static void compare(struct ui *ui)
{
	uint64_t packet = pane_packet(ui_current(ui));

	if (!ui->mark.packet)
		ui_error(ui,
			"nothing is marked: %s marks a packet or a path, %s on another one compares them",
			ui_key_name(ui, ui->active, ACTION_MARK),
			ui_key_name(ui, ui->active, ACTION_COMPARE));
	else if (!packet)
		ui_error(ui, "no packet here: %s compares one, or a path, with the marked one",
			ui_key_name(ui, ui->active, ACTION_COMPARE));
	else if (packet == ui->mark.packet)
		ui_error(ui, "that is the marked one itself: %s on another one compares them",
			ui_key_name(ui, ui->active, ACTION_COMPARE));
	else
		ui_compare(ui, ui->mark.packet, packet);
}

/* Nobody below wanted Esc: close what is on top. */
static void back(struct ui *ui)
{
	if (ui->overlay >= 0)
		ui->overlay = -1;
	else if (ui->zoomed)
		ui->zoomed = false;
}

/* What changes what is to be seen where. False: something else. */
static bool view_action(struct ui *ui, enum action action)
{
	switch (action) {
	case ACTION_BACK:
		back(ui);
		return true;
	case ACTION_NEXT_PANE:
		go_pane(ui, 1);
		return true;
	case ACTION_PREV_PANE:
		go_pane(ui, -1);
		return true;
	case ACTION_LAYERS:
	case ACTION_FUNCTIONS:
	case ACTION_FLOWS:
	case ACTION_JOURNEY:
		ui_go(ui, (enum pane_id)(PANE_LAYERS + (action - ACTION_LAYERS)));
		return true;
	case ACTION_ZOOM:
		ui->zoomed = !ui->zoomed;
		return true;
	case ACTION_PAUSE:
		toggle_pause(ui);
		return true;
	case ACTION_HELP:
		toggle_overlay(ui, PANE_HELP);
		return true;
	case ACTION_MESSAGES:
		toggle_overlay(ui, PANE_MESSAGES);
		return true;
	case ACTION_DROPS:
		toggle_overlay(ui, PANE_DROPS);
		return true;
	case ACTION_RULES:
		toggle_overlay(ui, PANE_RULES);
		return true;
	case ACTION_STATS:
		toggle_overlay(ui, PANE_STATS);
		return true;
	case ACTION_LATENCY:
		toggle_overlay(ui, PANE_LATENCY);
		return true;
	case ACTION_COMPARE:
		compare(ui);
		return true;
	default:
		return false;
	}
}

/* What is typed somewhere. False: something else. */
static bool prompt_action(struct ui *ui, enum action action)
{
	switch (action) {
	case ACTION_FILTER:
		ui_ask(ui, ASKING_FILTER);
		return true;
	case ACTION_COMMAND:
		ui_ask(ui, ASKING_COMMAND);
		return true;
	case ACTION_SEARCH:
		ui_ask(ui, ASKING_SEARCH);
		return true;
	case ACTION_ROWS:
		ui_ask(ui, ASKING_ROWS);
		return true;
	case ACTION_SEARCH_NEXT:
		ui_search_again(ui, 1);
		return true;
	case ACTION_SEARCH_PREV:
		ui_search_again(ui, -1);
		return true;
	default:
		return false;
	}
}

/* What works everywhere. */
static void common_action(struct ui *ui, enum action action)
{
	if (ui_replay_action(ui, action) || view_action(ui, action) || prompt_action(ui, action))
		return;
	switch (action) {
	case ACTION_PRIORITY_0:
	case ACTION_PRIORITY_1:
	case ACTION_PRIORITY_2:
	case ACTION_PRIORITY_3:
		ui_command(ui, (struct command){ COMMAND_PRIORITY, (int)(action - ACTION_PRIORITY_0), true });
		break;
	case ACTION_MARK:
		mark(ui);
		break;
	case ACTION_RECORD:
		ui_record_toggle(ui);
		break;
	case ACTION_MOUSE:
		ui->mouse = !ui->mouse;
		ui->mouse_changed = true;
		ui_say(ui, "mouse %s", ui->mouse ? "on" : "off: the terminal has it");
		break;
	case ACTION_REDRAW:
		ui->redraw = true;
		break;
	case ACTION_SUSPEND:
		ui->suspend = true;
		break;
	case ACTION_QUIT:
		/* In the help q is expected to leave the help. */
		if (ui->overlay >= 0)
			ui->overlay = -1;
		else
			ui->quit = true;
		break;
	default:
		break;
	}
}

void ui_action(struct ui *ui, enum action action)
{
	if (action != ACTION_NONE && !pane_action(ui_current(ui), action))
		common_action(ui, action);
}

void ui_key(struct ui *ui, int key)
{
	ui->dirty = true;
	ui->error[0] = '\0';
	if (ui->prompt.open) {
		ui_prompt_key(ui, key);
		return;
	}
	if (key == KEY_CTRL('c')) {
		ui->quit = true;
		return;
	}
	if (key == 27 && ui_filter_waits(ui)) {
		ui_filter_give_up(ui);
		return;
	}
	ui_action(ui, keymap_lookup(&ui->keymap, ui_current(ui)->id, key));
}

static bool inside(const struct rect *r, int x, int y)
{
	return x >= r->x && x < r->x + r->w && y >= r->y && y < r->y + r->h;
}

/* The pane drawn at x, y and the line in it; -1 none. */
static int pane_at(struct ui *ui, int x, int y, int *line)
{
	int i;

	for (i = 0; i < PANE_LIVE; i++)
		if (inside(&ui->layout.pane[i], x, y) || inside(&ui->layout.title[i], x, y)) {
			*line = y - ui->layout.pane[i].y;
			return ui->overlay >= 0 ? ui->overlay : i;
		}
	return -1;
}

void ui_click(struct ui *ui, int x, int y, bool twice)
{
	int line, id = pane_at(ui, x, y, &line);
	long row;

	if (id < 0 || ui->prompt.open)
		return;
	ui->dirty = true;
	ui->error[0] = '\0';
	if (id < PANE_LIVE)
		ui_go(ui, (enum pane_id)id);
	row = line < 0 ? -1 : pane_line_at(&ui->pane[id], line);
	if (row < 0)
		return;
	pane_move_to(&ui->pane[id], (size_t)row);
	if (twice)
		pane_action(&ui->pane[id], ACTION_OPEN);
}

void ui_wheel(struct ui *ui, int x, int y, int rows)
{
	int line, id = pane_at(ui, x, y, &line);
	struct pane *p;
	size_t to;

	if (id < 0 || ui->prompt.open)
		return;
	ui->dirty = true;
	p = &ui->pane[id];
	to = rows < 0 && (size_t)-rows > p->cursor ? 0 : (size_t)((long)p->cursor + rows);
	pane_move_to(p, to);
}
