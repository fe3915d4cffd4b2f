/* SPDX-License-Identifier: GPL-2.0 */
/* :profile puts into force what of a profile can be while tracing runs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands_private.h"
#include "ui.h"

/* One bool each of layers or categories: only what changes is told. */
static int switch_all(struct ui *ui, enum command_type type, const bool *now, const bool *wanted, int n)
{
	int i, ret = 0;

	for (i = 0; i < n && !ret; i++)
		if (now[i] != wanted[i])
			ret = ui_command(ui, (struct command){ type, .index = i, .on = wanted[i] });
	return ret;
}

/* Those and no others. A pattern that fits nothing here is told, the rest holds. */
static int switch_functions(struct ui *ui, const char *globs)
{
	int ret = ui_command(ui, (struct command){ COMMAND_GLOB, .text = "*" });

	while ((!ret || ret == -ENOENT) && *globs) {
		struct command cmd = { COMMAND_GLOB, .on = true };
		size_t len = strcspn(globs, ",");

		if (len >= sizeof(cmd.text)) {
			ui_error(ui, "profile: a pattern has at most %zu characters", sizeof(cmd.text) - 1);
			return -EINVAL;
		}
		snprintf(cmd.text, sizeof(cmd.text), "%.*s", (int)len, globs);
		ret = ui_command(ui, cmd);
		if (ret == -ENOENT)
			ui_error(ui, "no function that can be traced matches \"%s\"", cmd.text);
		globs += len + (globs[len] == ',');
	}
	return ret == -ENOENT ? 0 : ret;
}

static int apply(struct ui *ui, const struct profile *p)
{
	int ret = 0;

	/* what was said of single functions would stay against it */
	if (p->has_layers || p->has_categories || p->priority >= 0)
		ret = ui_command(ui, (struct command){ COMMAND_RULES });
	if (!ret && p->has_layers)
		ret = switch_all(ui, COMMAND_LAYER, ui->sel.layer, p->layer, LAYER_COUNT);
	if (!ret && p->has_categories)
		ret = switch_all(ui, COMMAND_CATEGORY, ui->sel.category, p->category, CATEGORY_COUNT);
	if (!ret && p->priority >= 0 && p->priority != ui->sel.priority)
		ret = ui_command(ui, (struct command){ COMMAND_PRIORITY, .index = p->priority });
	if (!ret && p->functions[0])
		ret = switch_functions(ui, p->functions);
	return ret;
}

void command_profile(struct ui *ui, const struct command_row *row, char *arg)
{
	struct packet_filter filter = *ui_filter_latest(ui);
	struct profile p;
	char err[200] = "";

	if (!ui->options.profiles) {
		ui_error(ui, "profile: there are none here");
		return;
	}
	if (!arg[0]) {
		ui_error(ui, ":profile NAME: %s", ui->options.profiles->names);
		return;
	}
	if (ui->options.profiles->read(arg, &p, err, sizeof(err))) {
		ui_error(ui, "%s", err);
		return;
	}
	ui->error[0] = '\0';
	if (apply(ui, &p))
		return;
	packet_filter_merge(&filter, &p.filter);
	if (p.has_filter)
		command_wish_filter(ui, &filter, row->name);
	if (ui->error[0])
		return;
	if (p.fixed[0])
		ui_error(ui,
			"profile %s is in force, but for %s: only from the start (skbscope --profile %s)",
			arg, p.fixed, arg);
	else
		ui_say(ui, "profile %s is in force", arg);
}
