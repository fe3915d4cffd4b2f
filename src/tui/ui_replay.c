/* SPDX-License-Identifier: GPL-2.0 */
/* Going through a recording: pace, steps, jumps. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands_private.h"
#include "keymap.h"
#include "replay_time.h"
#include "ui.h"

#define SECOND 1000000000ULL
#define LIVE "this is live: only a recording has a %s (skbscope replay FILE)"

/* In the order of the keys; 0: as fast as it is read. */
static const double speeds[] = { 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 1000, 0 };

#define SPEEDS (sizeof(speeds) / sizeof(speeds[0]))

void ui_replay_look(struct ui *ui)
{
	if (!ui->src->playback)
		return;
	ui->src->playback->place(ui->src, &ui->place);
	ui->clock = ui->place.at;
}

/* Keys that only a replay has; the bar at the bottom has no room for them. */
void ui_replay_begin(struct ui *ui)
{
	static const enum action told[] = { ACTION_PAUSE, ACTION_STEP, ACTION_FASTER, ACTION_SLOWER,
		ACTION_TO_END, ACTION_HELP };
	char text[160] = "", key[24];
	size_t i;

	if (!ui->src->playback)
		return;
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		keymap_key(&ui->keymap, PANE_FLOWS, told[i], key, sizeof(key));
		if (key[0])
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s, ", key,
				action_label(told[i]));
	}
	ui_tell(ui, "replay: %s:goto TIME", text);
}

static void changed(struct ui *ui)
{
	ui_replay_look(ui);
	ui->ticked = 0; /* the line that tells of it, at once */
	ui_tick(ui, ui->now);
	ui->dirty = true;
}

static void set_speed(struct ui *ui, double speed)
{
	ui->src->playback->speed(ui->src, speed);
	changed(ui);
}

/* The next one in the table, upwards or downwards. */
static void other_speed(struct ui *ui, int step)
{
	double now = ui->place.speed > 0 ? ui->place.speed : INFINITY;
	size_t i;

	if (step > 0) {
		for (i = 0; i + 1 < SPEEDS && speeds[i] <= now; i++)
			;
	} else {
		for (i = SPEEDS - 1; i && (i == SPEEDS - 1 || speeds[i] >= now); i--)
			;
	}
	set_speed(ui, speeds[i]);
}

/*
 * What was seen is not undone but forgotten: it is all read again. Packets and
 * flows have other numbers then, so nobody may remember one.
 */
static int forget(struct ui *ui)
{
	struct store *store = store_new(ui->options.memory);
	struct meter meter;
	int ret = store ? meter_init(&meter, probe_capacity(ui->src->probes), ui->place.first) : -ENOMEM;

	if (!ret && ui_panes_anew(ui)) {
		meter_fini(&meter);
		ret = -ENOMEM;
	}
	if (ret) {
		store_free(store);
		return ret;
	}
	store_free(ui->store);
	ui->store = store;
	store_probes(store, ui->src->probes);
	meter_fini(&ui->meter);
	ui->meter = meter;
	ui->focus = (struct focus){ .layer = ui->focus.layer, .drill = ui->focus.drill };
	ui->mark = (struct pane_mark){ 0 };
	ui->paused_at = 0;
	ui->clicked = -1;
	return 0;
}

static void jump(struct ui *ui, uint64_t to)
{
	int ret = ui->src->playback->jump(ui->src, to);

	ui_replay_look(ui);
	if (ret > 0)
		ret = forget(ui);
	if (ret < 0)
		ui_error(ui, "goto: %s", strerror(-ret));
	changed(ui);
}

bool ui_replay_action(struct ui *ui, enum action action)
{
	const struct playback_ops *playback = ui->src->playback;

	switch (action) {
	case ACTION_PAUSE:
		if (!playback)
			return false;
		ui_replay_look(ui);
		playback->pause(ui->src, !ui->place.paused);
		break;
	case ACTION_FASTER:
	case ACTION_SLOWER:
		if (playback)
			other_speed(ui, action == ACTION_FASTER ? 1 : -1);
		break;
	case ACTION_STEP:
		if (playback)
			playback->step(ui->src);
		break;
	case ACTION_TO_END:
		if (playback)
			jump(ui, UINT64_MAX);
		break;
	default:
		return false;
	}
	if (playback)
		changed(ui);
	else
		ui_error(ui, LIVE, action == ACTION_STEP ? "next record" : "speed and an end");
	return true;
}

void command_speed(struct ui *ui, const struct command_row *row, char *arg)
{
	char *end;
	double speed = strtod(arg, &end);

	if (!ui->src->playback)
		ui_error(ui, LIVE, "speed");
	else if (!strcmp(arg, "max"))
		set_speed(ui, 0);
	else if (end == arg || *end || !isfinite(speed) || speed < 0.001 || speed > 1000)
		ui_error(ui, ":%s %s: %s", row->name, row->args, row->help);
	else
		set_speed(ui, speed);
}

void command_goto(struct ui *ui, const struct command_row *row, char *arg)
{
	uint64_t to;

	if (!ui->src->playback) {
		ui_error(ui, LIVE, "time to go to");
		return;
	}
	ui_replay_look(ui);
	if (replay_time_parse(arg, &ui->place, &to))
		ui_error(ui, ":%s %s: %s", row->name, row->args, row->help);
	else
		jump(ui, to);
}
