/* SPDX-License-Identifier: GPL-2.0 */
/* What the manual tells of the screen, from the tables that make it work. */
#include <stdio.h>

#include "base/troff.h"
#include "tui/app.h"
#include "tui/commands.h"
#include "tui/keymap.h"
#include "tui/theme.h"

#define KEYS_TEXT 64

static const char *heading(int pane)
{
	static const char *const names[PANE_COUNT] = {
		[PANE_LAYERS] = "In the layers",
		[PANE_FUNCTIONS] = "In the functions",
		[PANE_FLOWS] = "In the flows",
		[PANE_JOURNEY] = "In the journey",
		[PANE_LATENCY] = "In the latency",
		[PANE_COMPARE] = "In a comparison",
		[PANE_RULES] = "In the rules",
	};

	return pane == KEYMAP_ANY ? "Everywhere" : names[pane];
}

void screen_docs_keys(FILE *out)
{
	char keys[KEYS_TEXT];
	struct keymap km;

	keymap_default(&km);
	for (int pane = KEYMAP_ANY; pane < PANE_COUNT; pane++) {
		bool empty = true;

		if (!heading(pane))
			continue;

		for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
			keymap_keys(&km, pane, (enum action)a, " ", keys, sizeof(keys));
			if (!keys[0])
				continue;
			if (empty)
				fprintf(out, ".SS %s\n", heading(pane));
			empty = false;
			fputs(".TP\n\\&\\fB", out);
			troff_puts(keys, out);
			fputs("\\fR\n", out);
			troff_puts(action_help((enum action)a), out);
			fputc('\n', out);
		}
	}
}

void screen_docs_commands(FILE *out)
{
	struct command_help c;
	size_t i;

	for (i = 0; commands_at(i, &c); i++) {
		fputs(".TP\n\\fB:", out);
		troff_puts(c.name, out);
		fputs("\\fR", out);
		if (c.args[0]) {
			fputs(" \\fI", out);
			troff_puts(c.args, out);
			fputs("\\fR", out);
		}
		fputc('\n', out);
		troff_puts(c.help, out);
		fputc('\n', out);
	}
}

void screen_docs_roles(FILE *out)
{
	char buf[32];

	for (int role = 0; role < ROLE_COUNT; role++)
		fprintf(out, "\\fB%s\\fR%s\n", role_name((enum role)role, buf, sizeof(buf)),
			role + 1 < ROLE_COUNT ? "," : ".");
}
