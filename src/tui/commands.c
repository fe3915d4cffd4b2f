/* SPDX-License-Identifier: GPL-2.0 */
#include "commands.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "commands_private.h"
#include "model/config_file.h"
#include "model/latency.h"
#include "model/names.h"
#include "ui.h"

#define STATES "on off only"

/* The part of a line behind its first word; the word ends where it ended. */
static char *split(char *line)
{
	size_t len = strcspn(line, " ");
	char *rest = line + len + strspn(line + len, " ");

	line[len] = '\0';
	return rest;
}

static void say_usage(struct ui *ui, const struct command_row *row)
{
	ui_error(ui, ":%s %s: %s", row->name, row->args, row->help);
}

/* Whose fault it is, unless the line says so itself. */
static void say_wrong(struct ui *ui, const char *name, const char *err)
{
	if (strncmp(err, name, strlen(name)))
		ui_error(ui, "%s: %s", name, err);
	else
		ui_error(ui, "%s", err);
}

/* --- filter -------------------------------------------------------------------- */

void command_wish_filter(struct ui *ui, const struct packet_filter *filter, const char *name)
{
	const struct source_ops *ops = ui->src->ops;
	char err[200] = "";
	int ret = ops->check_filter ? ops->check_filter(ui->src, filter, err, sizeof(err)) : 0;

	if (ret && ret != -EAGAIN && ret != -ENOTSUP)
		say_wrong(ui, name, err[0] ? err : strerror(-ret));
	else
		ui_filter_wish(ui, filter);
}

static void run_filter(struct ui *ui, const struct command_row *row, char *arg)
{
	struct packet_filter filter;
	char err[200] = "";

	if (packet_filter_parse(&filter, arg, err, sizeof(err)))
		say_wrong(ui, row->name, err);
	else
		command_wish_filter(ui, &filter, row->name);
}

/* What the filter is without one of its keys. Whatever else is set, is so still. */
static void clear_key(struct packet_filter *f, const char *key)
{
	const struct {
		const char *key;
		void *at;
		size_t size;
	} fields[] = {
		{ "if", f->interface, sizeof(f->interface) },
		{ "netns", f->netns, sizeof(f->netns) },
		{ "cgroup", f->cgroup, sizeof(f->cgroup) },
		{ "comm", f->comm, sizeof(f->comm) },
		{ "inner", f->inner, sizeof(f->inner) },
		{ "mark", &f->mark, sizeof(f->mark) },
		{ "mark", &f->mark_mask, sizeof(f->mark_mask) },
		{ "pid", &f->pid, sizeof(f->pid) },
		{ "uid", &f->uid, sizeof(f->uid) },
		{ "uid", &f->by_uid, sizeof(f->by_uid) },
		{ "sample", &f->sample, sizeof(f->sample) },
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(fields[i].key, key))
			memset(fields[i].at, 0, fields[i].size);
}

static void run_key(struct ui *ui, const char *key, const char *value)
{
	struct packet_filter filter = *ui_filter_latest(ui);
	char err[200] = "";

	clear_key(&filter, key);
	if (value[0] && strcmp(value, "any") && packet_filter_set(&filter, key, value, err, sizeof(err)))
		say_wrong(ui, key, err);
	else
		command_wish_filter(ui, &filter, key);
}

/* --- what is traced ------------------------------------------------------------- */

/* "on", "off", "only": 1, 0, 2; -1 none of them. */
static int state_of(const char *word)
{
	return !strcmp(word, "on") ? 1 : !strcmp(word, "off") ? 0 : !strcmp(word, "only") ? 2 : -1;
}

/* One of n, or it alone: then the others go off first, and only what changes is told. */
static void switch_one(struct ui *ui, enum command_type type, const bool *is_on, int n, int index, int state)
{
	int i;

	for (i = 0; state == 2 && i < n; i++)
		if (i != index && is_on[i] && ui_command(ui, (struct command){ type, .index = i }))
			return;
	ui_command(ui, (struct command){ type, .index = index, .on = state });
}

static void run_layer(struct ui *ui, const struct command_row *row, char *arg)
{
	char *word = split(arg);
	int layer = layer_by_name(arg, strlen(arg)), state = state_of(word);

	if (!arg[0] || state < 0)
		say_usage(ui, row);
	else if (layer < 0)
		ui_error(ui, "no layer \"%.40s\" (there are %s)", arg, layer_names());
	else
		switch_one(ui, COMMAND_LAYER, ui->sel.layer, LAYER_COUNT, layer, state);
}

static void run_category(struct ui *ui, const struct command_row *row, char *arg)
{
	char *word = split(arg);
	int category = category_by_name(arg, strlen(arg)), state = state_of(word);

	if (!arg[0] || state < 0)
		say_usage(ui, row);
	else if (category < 0)
		ui_error(ui, "no category \"%.40s\" (there are %s)", arg, category_names());
	else
		switch_one(ui, COMMAND_CATEGORY, ui->sel.category, CATEGORY_COUNT, category, state);
}

static void run_function(struct ui *ui, const struct command_row *row, char *arg)
{
	struct command cmd = { COMMAND_GLOB };
	char *word = split(arg);
	int state = state_of(word);

	if (!arg[0] || state < 0 || state > 1)
		say_usage(ui, row);
	else if (strlen(arg) >= sizeof(cmd.text))
		ui_error(ui, "function: a pattern has at most %zu characters", sizeof(cmd.text) - 1);
	else {
		cmd.on = state;
		snprintf(cmd.text, sizeof(cmd.text), "%s", arg);
		if (ui_command(ui, cmd) == -ENOENT)
			ui_error(ui, "no function that can be traced matches \"%s\"", arg);
	}
}

static void run_by_layer(struct ui *ui, const struct command_row *row, char *arg)
{
	ui_command(ui, (struct command){ COMMAND_RULES });
}

static void run_priority(struct ui *ui, const struct command_row *row, char *arg)
{
	if (strlen(arg) != 1 || arg[0] < '0' || arg[0] > '0' + PRIORITY_MAX)
		say_usage(ui, row);
	else
		ui_command(ui, (struct command){ COMMAND_PRIORITY, .index = arg[0] - '0' });
}

static int switch_function(struct ui *ui, int i)
{
	struct command cmd = { COMMAND_FUNC, .index = i, .on = true };
	const char *name = ui->src->probes->v[i].name;

	/* What --function left out comes back only when it is called by its name. */
	if (!ui->sel.allowed[i] && strlen(name) < sizeof(cmd.text)) {
		cmd.type = COMMAND_GLOB;
		snprintf(cmd.text, sizeof(cmd.text), "%s", name);
	}
	return ui_command(ui, cmd);
}

/* The functions of the file that are enabled, and no others. */
static void apply_config(struct ui *ui, const struct config_file *config, const char *path)
{
	const char *unknown = NULL;
	size_t i, missing = 0, on = 0;
	int at, ret;

	ret = ui_command(ui, (struct command){ COMMAND_GLOB, .text = "*" });
	for (i = 0; (!ret || ret == -ENOENT) && i < config->n; i++) {
		at = probe_find(ui->src->probes, config->v[i].name, config->v[i].module);
		if (at < 0 || ui->src->probes->v[at].state == PROBE_UNUSABLE) {
			unknown = unknown ? unknown : config->v[i].name;
			missing++;
		} else if (config->v[i].enabled) {
			ret = switch_function(ui, at);
			on++;
		}
	}
	if (ret && ret != -ENOENT)
		return;
	if (missing)
		ui_error(ui, "%.80s: %zu functions on; %zu cannot be traced here: %.60s%s", path, on, missing,
			unknown, missing > 1 ? " ..." : "");
	else
		ui_say(ui, "%.160s: %zu functions on", path, on);
}

/* There is no shell that would do it. */
const char *expand_home(const char *path, char *buf, size_t size)
{
	const char *home = getenv("HOME");

	if (!home || strncmp(path, "~/", 2))
		return path;
	snprintf(buf, size, "%s%s", home, path + 1);
	return buf;
}

static void run_config(struct ui *ui, const struct command_row *row, char *arg)
{
	struct config_file config;
	char err[240], buf[PROMPT_MAX];
	const char *path = expand_home(arg, buf, sizeof(buf));

	if (!arg[0])
		say_usage(ui, row);
	else if (config_read(path, &config, err, sizeof(err)))
		ui_error(ui, "%s", err);
	else {
		apply_config(ui, &config, path);
		config_free(&config);
	}
}

/* --- latency -------------------------------------------------------------------- */

static void clear_between(struct ui *ui)
{
	int i;

	for (i = 0; i < LATENCY_BETWEEN; i++)
		store_between_remove(ui->store, i);
	ui_say(ui, "between: nothing is measured any more");
}

static void run_between(struct ui *ui, const struct command_row *row, char *arg)
{
	char *second = split(arg);
	int from, to, ret;

	if (!arg[0]) {
		clear_between(ui);
		return;
	}
	if (!second[0] || strchr(second, ' ')) {
		say_usage(ui, row);
		return;
	}
	from = probe_find(ui->src->probes, arg, NULL);
	to = probe_find(ui->src->probes, second, NULL);
	if (from < 0 || to < 0) {
		ui_error(ui, "no function \"%.60s\" that can be traced", from < 0 ? arg : second);
		return;
	}
	ret = store_between(ui->store, (uint16_t)from, (uint16_t)to);
	if (ret == -ENOSPC)
		ui_error(ui, "between: %d pairs are measured already; :between alone clears them",
			LATENCY_BETWEEN);
	else if (ret < 0)
		ui_error(ui, "between: %s", strerror(-ret));
	else if (!ui->sel.wanted[from] || !ui->sel.wanted[to])
		ui_error(ui, "between: %s is not traced now (`:function %s on`)",
			ui->sel.wanted[from] ? second : arg, ui->sel.wanted[from] ? second : arg);
	else
		ui_say(ui, "between: %s and %s, in packets that end from now on (%s shows it)", arg, second,
			ui_key_name(ui, ui->active, ACTION_LATENCY));
}

static const struct command_row rows[] = {
	{ "filter", "TEXT", "show packets that match; without TEXT: all", run_filter },
	{ "layer", "NAME on|off", "trace a layer or not; `only`: and no other", run_layer, layer_names,
		STATES },
	{ "category", "NAME on|off", "the same for a category of functions", run_category, category_names,
		STATES },
	{ "function", "GLOB on|off", "trace functions by name, whatever their layer", run_function,
		.states = "on off", .functions = 1 },
	{ "between", "FUNC FUNC", "measure from one function to another; alone: no more", run_between,
		.functions = 2 },
	{ "by-layer", "", "forget what was said of single functions", run_by_layer },
	{ "priority", "0-3", "trace everything up to this priority", run_priority },
	{ "config", "FILE", "trace what a file of `list --json` enables", run_config },
	{ "profile", "NAME", "layers, priority, filter ... of a profile", command_profile, .profiles = true },
	{ "record", "FILE", "keep what comes in a file from now on; alone: end that", command_record },
	{ "goto", "TIME", "replay: 12.5 (s), +5s, -1m, 14:03:07, start, end", command_goto },
	{ "speed", "FACTOR", "replay: 1 as it was, 10, 0.5, max", command_speed },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct command_row *command_row(const char *name)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

bool commands_at(size_t i, struct command_help *out)
{
	size_t k;

	if (i < ROWS) {
		*out = (struct command_help){ rows[i].name, rows[i].args, rows[i].help };
		return true;
	}
	for (k = 0; packet_filter_keys[k].key; k++)
		if (k == i - ROWS) {
			*out = (struct command_help){ packet_filter_keys[k].key, packet_filter_keys[k].value,
				packet_filter_keys[k].help };
			return true;
		}
	return false;
}

/* --- words ---------------------------------------------------------------------- */

size_t command_names(const char *out[COMMAND_WORDS_MAX])
{
	struct command_help c;
	size_t n = 0;
	int a;

	while (n < COMMAND_WORDS_MAX - ACTION_COUNT && commands_at(n, &c))
		out[n++] = c.name;
	for (a = ACTION_NONE + 1; a < ACTION_COUNT; a++)
		if (!command_row(action_name((enum action)a)))
			out[n++] = action_name((enum action)a);
	return n;
}

static const char *nearest(const char *word)
{
	const char *names[COMMAND_WORDS_MAX];
	struct nearest near = NEAREST_INIT(word);
	size_t n = command_names(names), i;

	for (i = 0; i < n; i++)
		nearest_try(&near, names[i]);
	return nearest_name(&near);
}

void commands_run(struct ui *ui, const char *text)
{
	char line[PROMPT_MAX], *arg, *end;
	const struct command_row *row;
	const char *name = line, *close;
	size_t i;
	int a;

	snprintf(line, sizeof(line), "%s", text + strspn(text, " "));
	for (end = line + strlen(line); end > line && end[-1] == ' '; *--end = '\0')
		;
	if (!line[0])
		return;
	arg = split(line);
	row = command_row(name);
	if (row) {
		row->run(ui, row, arg);
		return;
	}
	for (i = 0; packet_filter_keys[i].key; i++)
		if (!strcmp(packet_filter_keys[i].key, name)) {
			run_key(ui, name, arg);
			return;
		}
	for (a = ACTION_NONE + 1; a < ACTION_COUNT; a++)
		if (!strcmp(action_name((enum action)a), name)) {
			if (*arg)
				ui_error(ui, ":%.60s takes nothing behind it: \"%.60s\"", name, arg);
			else
				ui_action(ui, (enum action)a);
			return;
		}
	close = nearest(name);
	if (close)
		ui_error(ui, "no command \"%.60s\"; the nearest is :%s", name, close);
	else
		ui_error(ui, "no command \"%.60s\": Tab behind the colon lists them", name);
}
