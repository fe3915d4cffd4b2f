/* SPDX-License-Identifier: GPL-2.0 */
#include "ui.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "keymap.h"
#include "replay_time.h"
#include "screen_config.h"

#define TICK_EARLY (UI_TICK_NS / 5) /* a timer and a counted time never meet exactly */

static const struct pane_ops *const all_panes[PANE_COUNT] = {
	[PANE_LAYERS] = &layers_pane,
	[PANE_FUNCTIONS] = &functions_pane,
	[PANE_FLOWS] = &flows_pane,
	[PANE_JOURNEY] = &journey_pane,
	[PANE_HELP] = &help_pane,
	[PANE_MESSAGES] = &messages_pane,
	[PANE_LATENCY] = &latency_pane,
	[PANE_COMPARE] = &compare_pane,
	[PANE_DROPS] = &drops_pane,
	[PANE_RULES] = &rules_pane,
	[PANE_STATS] = &stats_pane,
};

int ui_init(struct ui *ui, struct source *src, const struct screen_options *options, struct palette *palette,
	uint64_t now)
{
	int ret, i;

	memset(ui, 0, sizeof(*ui));
	ui->src = src;
	ui->options = *options;
	ui->palette = palette;
	ui->now = ui->started = ui->clock = now;
	ui->active = PANE_FLOWS;
	ui->overlay = -1;
	ui->focus.layer = -1;
	ui->clicked = -1;
	ui->mouse = !options->no_mouse;
	if (options->config)
		ui->keymap = options->config->keymap;
	else
		keymap_default(&ui->keymap);
	ui->mouse_changed = ui->dirty = true;
	ret = selection_copy(&ui->sel, &src->selection, src->probes);
	if (ret)
		return ret;
	ui_replay_look(ui);
	ret = meter_init(&ui->meter, probe_capacity(src->probes), ui->clock);
	if (ret)
		goto fail;
	ui->store = store_new(options->memory);
	if (!ui->store) {
		ret = -ENOMEM;
		goto fail;
	}
	store_probes(ui->store, src->probes);
	ui_filter_init(ui);
	history_init(&ui->commands, NULL);
	for (i = 0; i < PANE_COUNT && !ret; i++)
		ret = pane_open(&ui->pane[i], all_panes[i], ui, (enum pane_id)i);
	for (i = 0; i < PANE_COUNT; i++) {
		ui->pane[i].mark = &ui->mark;
		ui->pane[i].choice = screen_config_columns(options->config, (enum pane_id)i);
	}
	if (!ret) {
		ui_replay_begin(ui);
		ui_tick(ui, now);
		return 0;
	}
fail:
	ui_fini(ui);
	return ret;
}

void ui_fini(struct ui *ui)
{
	int i;

	for (i = 0; i < PANE_COUNT; i++)
		pane_close(&ui->pane[i]);
	history_fini(&ui->filter.history);
	history_fini(&ui->commands);
	store_free(ui->store);
	meter_fini(&ui->meter);
	selection_fini(&ui->sel);
	memset(ui, 0, sizeof(*ui));
}

bool ui_frozen(const struct ui *ui)
{
	return ui->paused_at != 0;
}

uint64_t ui_view_time(const struct ui *ui)
{
	return ui->paused_at ? ui->paused_at : ui->clock;
}

int ui_panes_anew(struct ui *ui)
{
	struct pane fresh[PANE_COUNT] = { 0 };
	int i, ret = 0;

	for (i = 0; i < PANE_COUNT && !ret; i++)
		ret = pane_open(&fresh[i], all_panes[i], ui, (enum pane_id)i);
	for (i = 0; i < PANE_COUNT; i++) {
		struct pane *old = ret ? &fresh[i] : &ui->pane[i];

		if (!ret && !old->list) {
			fresh[i].sort = old->sort;
			fresh[i].ascending = old->ascending;
		}
		fresh[i].mark = &ui->mark;
		fresh[i].choice = old->choice;
		pane_close(old);
		if (!ret)
			*old = fresh[i];
	}
	return ret;
}

struct pane *ui_current(struct ui *ui)
{
	return &ui->pane[ui->overlay >= 0 ? ui->overlay : (int)ui->active];
}

void ui_error(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->error, sizeof(ui->error), fmt, ap);
	va_end(ap);
	messages_add(&ui->messages, ui->now, true, ui->error);
	ui->dirty = true;
}

void ui_tell(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->error, sizeof(ui->error), fmt, ap);
	va_end(ap);
	messages_add(&ui->messages, ui->now, false, ui->error);
	ui->dirty = true;
}

void ui_say(struct ui *ui, const char *fmt, ...)
{
	char text[240];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	messages_add(&ui->messages, ui->now, false, text);
	ui->dirty = true;
}

int ui_command(struct ui *ui, struct command cmd)
{
	int ret;

	if (ui->options.readonly && !ui->src->playback) {
		ui_error(ui, "started with --readonly: what is traced cannot be changed here");
		return -EROFS;
	}
	ret = ui->ended ? -ESHUTDOWN : ui->src->ops->command(ui->src, &cmd);
	if (ret == -ENOTSUP)
		ui_error(ui, "this is a recording: what was traced cannot be changed any more");
	else if (ret == -ESHUTDOWN)
		ui_error(ui, "tracing has ended: nothing can be changed any more");
	else if (ret && ret != -ENOENT)
		ui_error(ui, "the tracing thread did not take the command: %s", strerror(-ret));
	if (ret)
		return ret;
	selection_apply(&ui->sel, ui->src->probes, &cmd);
	meter_states(&ui->meter, ui->src->probes, &ui->sel);
	ui->rules_changed += cmd.type != COMMAND_FUNC;
	ui->progress.changing = true;
	ui->progress.total = 0;
	ui->dirty = true;
	return 0;
}

static void take_notice(struct ui *ui, const struct notice *notice)
{
	char text[sizeof(notice->text)];

	printable(text, sizeof(text), notice->text, strnlen(notice->text, sizeof(notice->text)));
	ui->dirty = true;
	switch (notice->type) {
	case NOTICE_PROGRESS:
		ui->progress.changing = notice->done < notice->total;
		ui->progress.done = notice->done;
		ui->progress.total = notice->total;
		snprintf(ui->progress.text, sizeof(ui->progress.text), "%.39s", text);
		break;
	case NOTICE_READY:
		ui->progress.changing = false;
		if (!ui->ready)
			ui->ready = ui->now;
		if (text[0])
			messages_add(&ui->messages, ui->now, false, text);
		break;
	case NOTICE_MESSAGE:
		messages_add(&ui->messages, ui->now, false, text);
		break;
	case NOTICE_FILTER:
		ui_filter_notice(ui, true);
		if (ui->options.recorder)
			recorder_filter(ui->options.recorder, &ui->filter.now);
		if (text[0])
			ui_error(ui, "filter: %s", text);
		break;
	case NOTICE_FILTER_REFUSED:
		ui_filter_notice(ui, false);
		ui_error(ui, "filter: %s", text);
		break;
	case NOTICE_ERROR:
		ui_error(ui, "%s", text);
		break;
	case NOTICE_END:
		ui->ended = !ui->src->playback || notice->error; /* else there is a way back */
		ui->filter.asked = 0;
		ui->progress.changing = false;
		if (notice->error)
			ui_error(ui, "tracing has ended: %s%s%s", text, text[0] ? ": " : "",
				strerror(notice->error));
		else
			ui_say(ui, "%s", text[0] ? text : "no more events will come");
		break;
	}
}

static void take_event(void *ctx, const struct event *ev, size_t size)
{
	struct ui *ui = ctx;

	store_add(ui->store, ev, size);
	if (ui->options.recorder)
		recorder_event(ui->options.recorder, ev, size);
}

bool ui_take(struct ui *ui, size_t max_bytes)
{
	struct notice notice;
	size_t taken = ui->src->ops->read(ui->src, max_bytes, take_event, ui);
	int i;

	/* Notices are few; a flood of them must not keep the keys waiting either. */
	for (i = 0; i < 64 && ui->src->ops->notice(ui->src, &notice); i++)
		take_notice(ui, &notice);
	return taken >= max_bytes;
}

/* Modules came or went; or the functions of a recording became known, with what was said of them. */
static void follow_functions(struct ui *ui)
{
	const struct probe_table *probes = ui->src->probes;
	struct selection sel;

	if (!ui->src->playback) {
		selection_follow(&ui->sel, probes);
		return;
	}
	if (ui->sel.came == atomic_load_explicit(&probes->came, memory_order_relaxed))
		return;
	if (selection_copy(&sel, &ui->src->selection, probes))
		return;
	selection_fini(&ui->sel);
	ui->sel = sel;
}

void ui_tick(struct ui *ui, uint64_t now)
{
	bool first = !ui->ticked;
	int i;

	ui->now = now;
	if (!first && now - ui->ticked < UI_TICK_NS - TICK_EARLY)
		return;
	ui->ticked = now;
	ui->dirty = true;
	ui->clock = now;
	ui_replay_look(ui);
	ui_record_tick(ui);
	meter_totals(&ui->meter, ui->src, ui->clock);
	follow_functions(ui);
	meter_states(&ui->meter, ui->src->probes, &ui->sel);
	if (ui_frozen(ui))
		return;
	meter_counters(&ui->meter, ui->src, ui->clock);
	if (!first && now - ui->refreshed < UI_REFRESH_NS - TICK_EARLY)
		return;
	ui->refreshed = now;
	store_tick(ui->store, ui->clock);
	/* In order: the journey follows the flow that is selected. */
	for (i = 0; i < PANE_COUNT; i++)
		pane_refresh(&ui->pane[i], true);
}

void ui_go(struct ui *ui, enum pane_id pane)
{
	ui->overlay = -1;
	ui->active = pane;
	ui->dirty = true;
}

const char *ui_key_name(struct ui *ui, enum pane_id pane, enum action action)
{
	char *name = ui->key_name[ui->key_names++ % 4];

	keymap_key(&ui->keymap, pane, action, name, sizeof(ui->key_name[0]));
	if (!name[0])
		snprintf(name, sizeof(ui->key_name[0]), ":%s", action_name(action));
	return name;
}

/* "1,234": a number that is looked at once, not compared in a column. */
static const char *grouped(char *buf, size_t size, uint64_t n)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n), i, at = 0;

	for (i = 0; i < len && at + 2 < size; i++) {
		if (i && (len - i) % 3 == 0)
			buf[at++] = ',';
		buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return buf;
}

/* Packets came, and the filter let none of them pass. False: that is not the reason. */
static bool why_filtered(struct ui *ui, char *buf, size_t size)
{
	const struct source_totals *t = &ui->meter.totals;
	const char *key = ui_key_name(ui, ui->active, ACTION_FILTER);
	char refused[32], left_out[32];

	if (!ui->filter.text[0])
		return false;
	grouped(refused, sizeof(refused), t->filtered_out);
	grouped(left_out, sizeof(left_out), t->sampled_out);
	if (t->filtered_out && t->sampled_out)
		snprintf(buf, size,
			"no packet yet: the filter refused %s, its sample left out %s: %s changes it",
			refused, left_out, key);
	else if (t->filtered_out)
		snprintf(buf, size, "every packet so far was refused by the filter (%s): %s changes it",
			refused, key);
	else if (t->sampled_out)
		snprintf(buf, size,
			"every packet so far was left out by the filter's sample (%s): %s changes it",
			left_out, key);
	else if (t->hits)
		snprintf(buf, size, "no packet has matched the filter yet: %s changes it", key);
	else
		return false;
	return true;
}

/* False: the same reasons as live. */
static bool why_replay(struct ui *ui, char *buf, size_t size)
{
	char at[64];

	if (why_filtered(ui, buf, size))
		return true;
	if (!ui->sel.count)
		return false;
	snprintf(buf, size, "no packet at %s%s", replay_time_text(&ui->place, at, sizeof(at)),
		ui->place.over ? ": there is none in this recording" : "");
	if (ui->place.paused && !ui->place.over)
		snprintf(buf + strlen(buf), size - strlen(buf), ": %s lets it run",
			ui_key_name(ui, ui->active, ACTION_PAUSE));
	return true;
}

const char *ui_why_empty(struct ui *ui, char *buf, size_t size)
{
	const struct source_totals *t = &ui->meter.totals;
	uint64_t quiet = (ui->clock - ui->meter.last_hit) / 1000000000;
	size_t on = 0, i;

	for (i = 0; i < LAYER_COUNT; i++)
		on += ui->sel.layer[i] && ui->meter.layer[i].known;
	if (!ui->ended && ui->src->playback && why_replay(ui, buf, size))
		return buf;
	if (ui->ended)
		snprintf(buf, size, "tracing has ended; %s shows why",
			ui_key_name(ui, ui->active, ACTION_MESSAGES));
	else if (!ui->src->probes->n)
		snprintf(buf, size, "no function can be traced here; `skbscope check` says what is missing");
	else if (!on)
		snprintf(buf, size, "every layer is off: %s in the layers turns one on",
			ui_key_name(ui, PANE_LAYERS, ACTION_TOGGLE));
	else if (!ui->sel.count)
		snprintf(buf, size, "no function is wanted at priority %d: %s to %s ask for more",
			ui->sel.priority, ui_key_name(ui, ui->active, ACTION_PRIORITY_1),
			ui_key_name(ui, ui->active, ACTION_PRIORITY_3));
	else if (ui->progress.changing && ui->progress.total)
		snprintf(buf, size, "attaching %zu of %zu ...", ui->progress.done, ui->progress.total);
	else if (!t->attached && ui->meter.last_hit == ui->started)
		snprintf(buf, size, "nothing is attached yet (%zu functions wanted)", ui->sel.count);
	else if (why_filtered(ui, buf, size))
		return buf;
	else if (t->hits)
		snprintf(buf, size, "no packet yet: %zu functions attached, no hit for %llu s", t->attached,
			(unsigned long long)quiet);
	else
		snprintf(buf, size, "no packet yet: %zu functions attached, 0 hits for %llu s", t->attached,
			(unsigned long long)quiet);
	return buf;
}
