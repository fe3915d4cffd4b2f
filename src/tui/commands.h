/* SPDX-License-Identifier: GPL-2.0 */
/* What can be typed behind the colon. */
#ifndef SKBSCOPE_TUI_COMMANDS_H
#define SKBSCOPE_TUI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "widgets/prompt.h"

struct ui;

struct command_help {
	const char *name;
	const char *args; /* as people write them; "" none */
	const char *help;
};

/* The i-th command for help and manual, without those that are actions of keys too. False: no more. */
bool commands_at(size_t i, struct command_help *out);

/* Does what line says, or says what is wrong with it. */
void commands_run(struct ui *ui, const char *line);

/* Tab: the word at the end of the text as far as it is clear, and what it could be in the note. */
void commands_complete(struct ui *ui);

#endif
