/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Manual and completions from the tables behind the command line, so that an
 * option is written down once. The build asks for them with --dump-docs.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "options_table.h"
#include "profiles.h"
#include "trace/attach/attach.h"
#include "tui/app.h"

#define COMMANDS (RUN_SCREEN | RUN_TRACE | RUN_RECORD | RUN_REPLAY | RUN_EXPORT | RUN_LIST | RUN_CHECK)

/* What can be proposed as the value of an option. */
struct value {
	const char *option;
	const char *words;	    /* blanks between */
	const char *(*names)(void); /* or these, ", " between */
	bool profiles;		    /* or names of those */
	bool list;		    /* several of them, commas between */
	bool files;
};

static const struct value values[] = {
	{ "priority", .words = "0 1 2 3" },
	{ "layer", .names = layer_names, .list = true },
	{ "category", .names = category_names, .list = true },
	{ "config", .files = true },
	{ "profile", .profiles = true },
	{ "rotate", .words = "64M,8 256M,4" },
	{ "backend", .names = attach_names },
	{ "buffer", .words = "4M 16M 64M 256M" },
	{ "memory", .words = "64M 256M 1G 4G" },
	{ "ready-file", .files = true },
	{ "output", .files = true },
	{ "time", .words = "relative wall" },
	{ "per", .words = "packet hop" },
	{ "speed", .words = "1 10 100 max" },
	{ "theme", .words = "default light mono", .files = true },
	{ 0 },
};

static const struct value *value_of(const struct option_row *row)
{
	static const struct value none = { 0 };

	for (const struct value *v = values; v->option; v++) {
		if (!strcmp(v->option, row->name))
			return v;
	}
	return &none;
}

/* The words of a value, one blank between. */
static void put_words(FILE *out, const struct value *v)
{
	for (size_t i = 0; v->profiles && profile_name(i); i++)
		fprintf(out, "%s%s", i ? " " : "", profile_name(i));
	for (const char *p = v->names ? v->names() : v->words ? v->words : ""; *p; p++) {
		if (*p != ',')
			fputc(*p, out);
	}
}

static bool has_words(const struct value *v)
{
	return v->names || v->words || v->profiles;
}

static const char *command_name(const struct command_row *c)
{
	return c->name[0] ? c->name : "screen";
}

/* The next option that the command takes; NULL: no more. */
static const struct option_row *next_of(const struct option_row *row, unsigned int commands)
{
	for (row = row ? row + 1 : option_rows; row->name; row++) {
		if (row->commands & commands)
			return row;
	}
	return NULL;
}

/* --- manual: pieces that scripts/man puts where "@NAME@" stands ------------- */

static void put_troff(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\')
			fputs("\\e", out);
		else if (*p == '-')
			fputs("\\-", out);
		else
			fputc(*p, out);
	}
}

/* A fragment of --help as a sentence. */
static void put_sentence(FILE *out, const char *text)
{
	char first[2] = { (char)toupper((unsigned char)text[0]), '\0' };

	fputs("\\&", out);
	put_troff(out, first);
	put_troff(out, text + 1);
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

	for (const struct option_row *row = next_of(NULL, COMMANDS); row; row = next_of(row, COMMANDS)) {
		const char *separator = "Taken by ";

		if (row->group != group)
			fprintf(out, ".SS %s\n", option_groups[row->group]);
		group = row->group;
		fputs(".TP\n", out);
		if (row->letter)
			fprintf(out, "\\fB\\-%c\\fR, ", row->letter);
		fputs("\\fB\\-\\-", out);
		put_troff(out, row->name);
		fputs("\\fR", out);
		if (row->arg)
			fprintf(out, " \\fI%s\\fR", row->arg);
		fputc('\n', out);
		put_sentence(out, row->help);
		for (const struct command_row *c = command_rows; c->name && row->commands != COMMANDS; c++) {
			if (!(row->commands & c->command))
				continue;
			fprintf(out, "%s\\fI%s\\fR", separator, command_name(c));
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

static void docs_man(FILE *out)
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

/* --- bash ------------------------------------------------------------------- */

static const char bash_head[] =
	"# SPDX-License-Identifier: GPL-2.0\n"
	"# bash completion of skbscope; made from the tables of the program\n"
	"\n"
	"# _skbscope_words CURRENT WORD...: case does not matter, here as in skbscope\n"
	"_skbscope_words()\n"
	"{\n"
	"\tlocal word current=$1\n"
	"\tshift\n"
	"\tfor word; do\n"
	"\t\t[[ ${word,,} != \"${current,,}\"* ]] || COMPREPLY+=(\"$word\")\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# _skbscope_list CURRENT WORD...: several, commas between, each once\n"
	"_skbscope_list()\n"
	"{\n"
	"\tlocal word head='' last=${1##*,}\n"
	"\t[[ $1 != *,* ]] || head=${1%,*},\n"
	"\tshift\n"
	"\tfor word; do\n"
	"\t\t[[ ,${head,,} != *,${word,,},* && ${word,,} == \"${last,,}\"* ]] || continue\n"
	"\t\tCOMPREPLY+=(\"$head$word\")\n"
	"\tdone\n"
	"\tcompopt -o nospace 2>/dev/null\n"
	"}\n"
	"\n"
	"# _skbscope_profiles CURRENT WORD...: and the user's own ones\n"
	"_skbscope_profiles()\n"
	"{\n"
	"\tlocal file current=$1 words=()\n"
	"\tshift\n"
	"\tfor file in \"${XDG_CONFIG_HOME:-$HOME/.config}\"/skbscope/profiles/*.conf; do\n"
	"\t\tfile=${file##*/}\n"
	"\t\t[[ $file == '*.conf' || \" $* \" == *\" ${file%.conf} \"* ]] || words+=(\"${file%.conf}\")\n"
	"\tdone\n"
	"\t_skbscope_words \"$current\" \"$@\" \"${words[@]}\"\n"
	"}\n"
	"\n"
	"_skbscope_files()\n"
	"{\n"
	"\tlocal file\n"
	"\twhile IFS= read -r file; do\n"
	"\t\tCOMPREPLY+=(\"$file\")\n"
	"\tdone < <(compgen -f -- \"$1\")\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"}\n"
	"\n"
	"_skbscope()\n"
	"{\n"
	"\tlocal command='' current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\t# --option=value comes as three words\n"
	"\tif [[ $current == = ]]; then\n"
	"\t\tcurrent=\n"
	"\telif [[ $before == = ]]; then\n"
	"\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\t[ \"$COMP_CWORD\" = 1 ] || command=${COMP_WORDS[1]}\n"
	"\n"
	"\tcase $before in\n";

static void bash_value(FILE *out, const struct option_row *row)
{
	const struct value *v = value_of(row);

	fprintf(out, "\t--%s", row->name);
	if (row->letter)
		fprintf(out, " | -%c", row->letter);
	fputs(")\n", out);
	if (has_words(v)) {
		fprintf(out, "\t\t_skbscope_%s \"$current\" ",
			v->profiles ? "profiles"
			: v->list   ? "list"
				    : "words");
		put_words(out, v);
		fputc('\n', out);
	}
	if (v->files)
		fputs("\t\t_skbscope_files \"$current\"\n", out);
	fputs("\t\treturn\n\t\t;;\n", out);
}

/* The options of a command as words. */
static void bash_words(FILE *out, unsigned int commands)
{
	fputs("\t\t_skbscope_words \"$current\"", out);
	for (const struct option_row *row = next_of(NULL, commands); row; row = next_of(row, commands)) {
		fprintf(out, " --%s", row->name);
		if (row->letter)
			fprintf(out, " -%c", row->letter);
	}
	fputc('\n', out);
}

static void docs_bash(FILE *out)
{
	fputs(bash_head, out);
	for (const struct option_row *row = next_of(NULL, COMMANDS); row; row = next_of(row, COMMANDS)) {
		if (row->arg)
			bash_value(out, row);
	}
	fputs("\tesac\n\n\tcase $command in\n", out);
	for (const struct command_row *c = command_rows; c->name; c++) {
		if (!c->name[0])
			continue;
		fprintf(out, "\t%s)\n", c->name);
		if (c->files)
			fputs("\t\tif [[ $current != -* ]]; then\n"
			      "\t\t\t_skbscope_files \"$current\"\n\t\t\treturn\n\t\tfi\n",
				out);
		bash_words(out, c->command);
		fputs("\t\t;;\n", out);
	}
	fputs("\t*)\n\t\tif [[ $COMP_CWORD == 1 && $current != -* ]]; then\n"
	      "\t\t\t_skbscope_words \"$current\"",
		out);
	for (const struct command_row *c = command_rows; c->name; c++)
		fprintf(out, "%s%s", c->name[0] ? " " : "", c->name);
	fputs("\n\t\t\treturn\n\t\tfi\n", out);
	bash_words(out, RUN_SCREEN);
	fputs("\t\t;;\n\tesac\n}\n\ncomplete -F _skbscope skbscope\n", out);
}

/* --- zsh -------------------------------------------------------------------- */

/* Inside '...' and, in there, inside [...] or before a colon. */
static void zsh_quoted(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			fputs("'\\''", out);
		else if (strchr("[]:\\", *p))
			fprintf(out, "\\%c", *p);
		else
			fputc(*p, out);
	}
}

static void zsh_action(FILE *out, const struct option_row *row)
{
	const struct value *v = value_of(row);

	if (!row->arg)
		return;
	fprintf(out, ":%s:", row->arg);
	if (v->list) {
		fprintf(out, "_values -s , %s ", row->name);
		put_words(out, v);
	} else if (has_words(v) && v->files) {
		/* the blank: called as it stands, without the options of _arguments */
		fprintf(out, " _alternative \"%s\\:%s\\:(", row->name, row->name);
		put_words(out, v);
		fputs(")\" \"files\\:file\\:_files\"", out);
	} else if (has_words(v)) {
		fputc('(', out);
		put_words(out, v);
		fputc(')', out);
	} else if (v->files) {
		fputs("_files", out);
	}
}

static void zsh_options(FILE *out, unsigned int commands, bool files)
{
	for (const struct option_row *row = next_of(NULL, commands); row; row = next_of(row, commands)) {
		for (int brief = 0; brief < (row->letter ? 2 : 1); brief++) {
			fputs(" \\\n\t\t\t'", out);
			if (row->letter)
				fprintf(out, "(-%c --%s)", row->letter, row->name);
			if (brief)
				fprintf(out, "-%c%s[", row->letter, row->arg ? "+" : "");
			else
				fprintf(out, "--%s%s[", row->name, row->arg ? "=" : "");
			zsh_quoted(out, row->help);
			fputc(']', out);
			zsh_action(out, row);
			fputc('\'', out);
		}
	}
	if (files)
		fputs(" \\\n\t\t\t'*:recording:_files'", out);
	fputc('\n', out);
}

static void docs_zsh(FILE *out)
{
	fputs("#compdef skbscope\n"
	      "# SPDX-License-Identifier: GPL-2.0\n"
	      "# zsh completion of skbscope; made from the tables of the program\n"
	      "\n"
	      "_skbscope()\n"
	      "{\n"
	      "\tlocal -a commands\n"
	      "\tlocal command=$words[2]\n"
	      "\n"
	      "\tcommands=(\n",
		out);
	for (const struct command_row *c = command_rows; c->name; c++) {
		if (!c->name[0])
			continue;
		fprintf(out, "\t\t'%s:", c->name);
		zsh_quoted(out, c->help);
		fputs("'\n", out);
	}
	fputs("\t)\n"
	      "\tif [[ $CURRENT == 2 && $command != -* ]]; then\n"
	      "\t\t_describe -t commands command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tcase $command in\n",
		out);
	for (const struct command_row *c = command_rows; c->name; c++) {
		if (!c->name[0])
			continue;
		fprintf(out, "\t%s)\n\t\tshift words\n\t\t((CURRENT--))\n\t\t_arguments -s -S", c->name);
		zsh_options(out, c->command, c->files);
		fputs("\t\t;;\n", out);
	}
	fputs("\t*)\n\t\t_arguments -s -S", out);
	zsh_options(out, RUN_SCREEN, false);
	fputs("\t\t;;\n\tesac\n}\n\n_skbscope \"$@\"\n", out);
}

/* --- fish ------------------------------------------------------------------- */

static void fish_quoted(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'' || *p == '\\')
			fputc('\\', out);
		fputc(*p, out);
	}
}

static void fish_option(FILE *out, const struct option_row *row)
{
	const struct value *v = value_of(row);

	fputs("complete -c skbscope -n '__skbscope_in", out);
	for (const struct command_row *c = command_rows; c->name; c++) {
		if (row->commands & c->command)
			fprintf(out, " %s", command_name(c));
	}
	fputc('\'', out);
	if (row->letter)
		fprintf(out, " -s %c", row->letter);
	fprintf(out, " -l %s", row->name);
	if (row->arg)
		fputs(v->files ? " -r -F" : " -x", out);
	if (has_words(v)) {
		fputs(v->list ? " -a '(__skbscope_list " : " -a '", out);
		put_words(out, v);
		fputs(v->list ? ")'" : "'", out);
	}
	fputs(" -d '", out);
	fish_quoted(out, row->help);
	fputs("'\n", out);
}

static void docs_fish(FILE *out)
{
	fputs("# SPDX-License-Identifier: GPL-2.0\n"
	      "# fish completion of skbscope; made from the tables of the program\n"
	      "\n"
	      "# Is the command on the line one of these?\n"
	      "function __skbscope_in\n"
	      "\tset -l words (commandline -opc)\n"
	      "\tset -l command screen\n"
	      "\tif set -q words[2]; and contains -- $words[2]",
		out);
	for (const struct command_row *c = command_rows; c->name; c++)
		fprintf(out, "%s%s", c->name[0] ? " " : "", c->name);
	fputs("\n"
	      "\t\tset command $words[2]\n"
	      "\tend\n"
	      "\tcontains -- $command $argv\n"
	      "end\n"
	      "\n"
	      "# Several, commas between\n"
	      "function __skbscope_list\n"
	      "\tset -l head (commandline -ct | string replace -r '^-[^=]*=' '' | string match -r '^.*,')\n"
	      "\tprintf '%s\\n' \"$head\"$argv\n"
	      "end\n"
	      "\n"
	      "complete -c skbscope -f\n",
		out);
	for (const struct command_row *c = command_rows; c->name; c++) {
		if (!c->name[0])
			continue;
		fprintf(out, "complete -c skbscope -n __fish_is_first_arg -a %s -d '", c->name);
		fish_quoted(out, c->help);
		fputs("'\n", out);
		if (c->files)
			fprintf(out, "complete -c skbscope -n '__skbscope_in %s' -F\n", c->name);
	}
	for (const struct option_row *row = next_of(NULL, COMMANDS); row; row = next_of(row, COMMANDS))
		fish_option(out, row);
}

int options_docs(const char *kind, FILE *out)
{
	static const struct {
		const char *kind;
		void (*print)(FILE *out);
	} kinds[] = {
		{ "man", docs_man },
		{ "bash", docs_bash },
		{ "zsh", docs_zsh },
		{ "fish", docs_fish },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kind, kinds[i].kind))
			continue;
		kinds[i].print(out);
		return 0;
	}
	return -EINVAL;
}
