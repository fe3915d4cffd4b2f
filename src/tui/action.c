/* SPDX-License-Identifier: GPL-2.0 */
#include "action.h"

static const struct {
	const char *name, *label, *help;
} actions[ACTION_COUNT] = {
	[ACTION_NONE] = {"none", "", ""},
#define _(id, name, label, help) [ACTION_##id] = {name, label, help},
	ACTIONS(_)
#undef _
};

const char *action_name(enum action action)
{
	return actions[action].name;
}

const char *action_label(enum action action)
{
	return actions[action].label;
}

const char *action_help(enum action action)
{
	return actions[action].help;
}
