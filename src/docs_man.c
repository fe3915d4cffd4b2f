/* SPDX-License-Identifier: GPL-2.0 */
/* The manual: pieces that scripts/man puts where "@NAME@" stands. */
#include <ctype.h>

#include "base/troff.h"
#include "docs_private.h"
#include "profiles.h"
#include "tui/app.h"

/* A fragment of --help as a sentence. */
static void put_sentence(FILE *out, const char *text)
{
	char first[2] = { (char)toupper((unsigned char)text[0]), '\0' };

	fputs("\\&", out);
	troff_puts(first, out);
	troff_puts(text + 1, out);
	fputs(".\n", out);
}

static void man_commands(FILE *out)
{
	for (const struct command_row *c = command_rows; c->name; c++) {
		fprintf(out, ".TP\n\\fBskbscope%s%s\\fR", c->name[0] ? " " : "", c->name);
		if (c->arguments[0])
			fprintf(out, " \\fI%s\\fR", c->arguments);
		fputc('\n', out);
		put_sentence(out, c->help);
	}
}

static void man_options(FILE *out)
{
	enum option_group group = GROUP_COUNT;

	for (const struct option_row *row = docs_next(NULL, COMMANDS); row; row = docs_next(row, COMMANDS)) {
		const char *separator = "Taken by ";

		if (row->group != group)
			fprintf(out, ".SS %s\n", option_groups[row->group]);
		group = row->group;
		fputs(".TP\n", out);
		if (row->letter)
			fprintf(out, "\\fB\\-%c\\fR, ", row->letter);
		fputs("\\fB\\-\\-", out);
		troff_puts(row->name, out);
		fputs("\\fR", out);
		if (row->arg)
			fprintf(out, " \\fI%s\\fR", row->arg);
		fputc('\n', out);
		put_sentence(out, row->help);
		for (const struct command_row *c = command_rows; c->name && row->commands != COMMANDS; c++) {
			if (!(row->commands & c->command))
				continue;
			fprintf(out, "%s\\fI%s\\fR", separator, docs_command(c));
			separator = ", ";
		}
		if (row->commands != COMMANDS)
			fputs(".\n", out);
	}
}

static void man_filter_keys(FILE *out)
{
	for (const struct packet_filter_key *k = packet_filter_keys; k->key; k++) {
		fprintf(out, ".TP\n\\fB%s=\\fR\\fI%s\\fR\n", k->key, k->value);
		put_sentence(out, k->help);
	}
}

static void man_layers(FILE *out)
{
	for (int i = 0; i < LAYER_COUNT; i++)
		fprintf(out, "\\fB%s\\fR (%c)%s\n", layer_name((enum layer)i), layer_letter((enum layer)i),
			i + 1 < LAYER_COUNT ? "," : ".");
}

static void man_categories(FILE *out)
{
	for (int i = 0; i < CATEGORY_COUNT; i++)
		fprintf(out, "\\fB%s\\fR%s\n", category_name((enum category)i),
			i + 1 < CATEGORY_COUNT ? "," : ".");
}

static void man_profiles(FILE *out)
{
	char text[200];

	for (size_t i = 0; profile_name(i); i++) {
		fprintf(out, ".TP\n.B %s\n", profile_name(i));
		put_sentence(out, profile_description(i, text, sizeof(text)));
	}
}

static void man_version(FILE *out)
{
	fprintf(out, "%s\n", VERSION);
}

void docs_man(FILE *out)
{
	static const struct {
		const char *name;
		void (*print)(FILE *out);
	} pieces[] = {
		{ "VERSION", man_version },
		{ "COMMANDS", man_commands },
		{ "OPTIONS", man_options },
		{ "FILTERKEYS", man_filter_keys },
		{ "PROFILES", man_profiles },
		{ "LAYERS", man_layers },
		{ "CATEGORIES", man_categories },
		{ "KEYS", screen_docs_keys },
		{ "SCREENCOMMANDS", screen_docs_commands },
		{ "ROLES", screen_docs_roles },
	};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		fprintf(out, "@%s@\n", pieces[i].name);
		pieces[i].print(out);
	}
}
