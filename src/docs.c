/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Manual and completions from the tables behind the command line, so that an
 * option is written down once. The build asks for them with --dump-docs.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "docs_private.h"
#include "profiles.h"
#include "trace/attach/attach.h"
#include "tui/app.h"

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

const char *docs_command(const struct command_row *c)
{
	return c->name[0] ? c->name : "screen";
}

const struct option_row *docs_next(const struct option_row *row, unsigned int commands)
{
	for (row = row ? row + 1 : option_rows; row->name; row++) {
		if (row->commands & commands)
			return row;
	}
	return NULL;
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
	for (const struct option_row *row = docs_next(NULL, commands); row; row = docs_next(row, commands)) {
		fprintf(out, " --%s", row->name);
		if (row->letter)
			fprintf(out, " -%c", row->letter);
	}
	fputc('\n', out);
}

static void docs_bash(FILE *out)
{
	fputs(bash_head, out);
	for (const struct option_row *row = docs_next(NULL, COMMANDS); row; row = docs_next(row, COMMANDS)) {
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
	for (const struct option_row *row = docs_next(NULL, commands); row; row = docs_next(row, commands)) {
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
			fprintf(out, " %s", docs_command(c));
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
	for (const struct option_row *row = docs_next(NULL, COMMANDS); row; row = docs_next(row, COMMANDS))
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
