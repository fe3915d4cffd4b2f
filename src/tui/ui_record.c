/* SPDX-License-Identifier: GPL-2.0 */
/* Keeping what is on the screen: a recording that is begun and ended there. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/human.h"
#include "commands_private.h"
#include "ui.h"

#define TICK_NS 1000000000ULL

bool ui_recording(const struct ui *ui, struct recorder_status *status)
{
	if (!ui->options.recorder)
		return false;
	recorder_status(ui->options.recorder, status);
	return status->on;
}

static void tick(struct ui *ui, struct run_figures *run)
{
	struct source *src = ui->src;
	size_t cap = probe_capacity(src->probes);
	uint64_t *counts = calloc(2 * cap + 1, sizeof(*counts));

	src->ops->totals(src, &run->totals);
	if (!counts)
		return;
	src->ops->counters(src, counts, counts + cap);
	recorder_tick(ui->options.recorder, ui->now, counts, counts + cap, &run->totals, ui->sel.wanted);
	free(counts);
}

void ui_record_tick(struct ui *ui)
{
	struct recorder_status status;
	struct run_figures run;

	if (ui->now - ui->recorded_at < TICK_NS || !ui_recording(ui, &status))
		return;
	ui->recorded_at = ui->now;
	tick(ui, &run);
	recorder_status(ui->options.recorder, &status);
	if (status.error[0] && !ui->record_failed) {
		ui->record_failed = true;
		ui_error(ui, "recording: %s", status.error);
	}
}

int ui_record_stop(struct ui *ui, char *err, size_t size)
{
	struct run_figures run = { .attach_ms = -1, .detach_ms = -1 };
	struct recorder_status status;

	if (!ui_recording(ui, &status))
		return 0;
	tick(ui, &run);
	run.seconds = (double)(ui->now - ui->started) / 1e9;
	if (run.totals.attach_ns)
		run.attach_ms = (double)run.totals.attach_ns / 1e6;
	return recorder_stop(ui->options.recorder, &run, err, size);
}

static void stop(struct ui *ui)
{
	struct recorder_status status;
	char err[240] = "", bytes[HUMAN_MAX], path[160];
	int ret;

	recorder_status(ui->options.recorder, &status);
	snprintf(path, sizeof(path), "%s", status.path); /* the next call may change it */
	ret = ui_record_stop(ui, err, sizeof(err));
	recorder_status(ui->options.recorder, &status);
	if (ret)
		ui_error(ui, "recording: %s", err[0] ? err : strerror(-ret));
	else if (status.missed)
		ui_error(ui, "recorded %.160s: %sB, but %" PRIu64 " events found no room", path,
			human_bytes(bytes, sizeof(bytes), status.bytes), status.missed);
	else
		ui_tell(ui, "recorded %.160s: %sB, %" PRIu64 " events", path,
			human_bytes(bytes, sizeof(bytes), status.bytes), status.events);
}

/* In the folder it was started in; a host name is somebody else's text. */
static void default_path(const struct ui *ui, char *path, size_t size)
{
	time_t now = time(NULL);
	char host[64], date[32] = "";
	struct tm tm;
	size_t i;

	snprintf(host, sizeof(host), "%s", ui->src->info.host ? ui->src->info.host : "host");
	for (i = 0; host[i]; i++)
		if (!isalnum((unsigned char)host[i]) && !strchr("-_", host[i]))
			host[i] = '_';
	if (localtime_r(&now, &tm))
		strftime(date, sizeof(date), "%Y%m%d-%H%M%S", &tm);
	snprintf(path, size, "./skbscope-%s-%s.skb", host, date);
}

static void start(struct ui *ui, const char *path)
{
	struct recorder_options options = { .path = path, .options = "" };
	char err[240] = "";
	int ret = recorder_start(
		ui->options.recorder, &options, &ui->filter.now, ui->sel.wanted, err, sizeof(err));

	if (ret) {
		ui_error(ui, "recording: %s", err[0] ? err : strerror(-ret));
		return;
	}
	ui->record_failed = false;
	ui->recorded_at = 0;
	ui_record_tick(ui);
	ui_tell(ui, "recording into %.180s", path);
}

static bool can_record(struct ui *ui)
{
	if (ui->src->playback)
		ui_error(ui, "this is a recording already: it can be copied as a file");
	else if (!ui->options.recorder)
		ui_error(ui, "what this source tells cannot be recorded");
	else if (ui->ended)
		ui_error(ui, "tracing has ended: there is nothing more to record");
	else
		return true;
	return false;
}

void ui_record_toggle(struct ui *ui)
{
	struct recorder_status status;
	char path[160];

	if (ui_recording(ui, &status)) {
		stop(ui);
	} else if (can_record(ui)) {
		default_path(ui, path, sizeof(path));
		start(ui, path);
	}
}

void command_record(struct ui *ui, const struct command_row *row, char *arg)
{
	struct recorder_status status;
	char path[PROMPT_MAX];

	if (!arg[0] || !can_record(ui)) {
		if (!arg[0])
			ui_record_toggle(ui);
	} else if (ui_recording(ui, &status)) {
		ui_error(ui, "recording into %.160s already: :record alone ends it", status.path);
	} else {
		start(ui, expand_home(arg, path, sizeof(path)));
	}
}
