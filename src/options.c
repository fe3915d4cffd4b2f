/* SPDX-License-Identifier: GPL-2.0 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "model/names.h"
#include "options_table.h"
#include "profiles.h"
#include "settings.h"

#define OPTIONS_MAX 64
#define LONG_BASE 1000 /* getopt's value of a row without a letter */

void options_defaults(struct options *o)
{
	*o = (struct options){ .command = RUN_SCREEN, .memory = 256 << 20, .speed = 1 };
	o->tracer.backend = "auto";
	o->tracer.priority = 1;
	o->tracer.buffer = 16 << 20;
	for (int i = 0; i < LAYER_COUNT; i++)
		o->tracer.layer[i] = true;
	for (int i = 0; i < CATEGORY_COUNT; i++)
		o->tracer.category[i] = true;
}

static void build_getopt(struct option *longs, char *shorts)
{
	char *s = shorts;
	int i;

	*s++ = '+'; /* options first: what follows is a filter */
	*s++ = ':';
	for (i = 0; i < OPTIONS_MAX - 1 && option_rows[i].name; i++) {
		const struct option_row *row = &option_rows[i];

		longs[i] = (struct option){ row->name,
			row->arg    ? required_argument
			: row->flag ? optional_argument
				    : no_argument,
			NULL, row->letter ? row->letter : LONG_BASE + i };
		if (!row->letter)
			continue;
		*s++ = row->letter;
		if (row->arg)
			*s++ = ':';
	}
	longs[i] = (struct option){ 0 };
	*s = '\0';
}

static const struct option_row *row_of(int value)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (value == (row->letter ? row->letter : LONG_BASE + (int)(row - option_rows)))
			return row;
	}
	return NULL;
}

static const struct command_row *command_of(const char *word)
{
	for (const struct command_row *c = command_rows; c->name; c++) {
		if (c->name[0] && !strcmp(c->name, word))
			return c;
	}
	return NULL;
}

static int wrong(char *err, size_t size, const char *what, const char *word)
{
	snprintf(err, size, "%s: %s (skbscope --help lists what there is)", word, what);
	return -EINVAL;
}

/* What getopt did not like: "?" or ":". */
static int refuse(int value, char *const *argv, char *err, size_t size)
{
	char letter[3] = { '-', (char)optopt, '\0' };
	const char *word = argv[optind - 1];

	if (value == ':')
		return wrong(err, size, "needs a value", strncmp(word, "--", 2) ? letter : word);
	if (optopt && row_of(optopt))
		return wrong(err, size, "takes no value", word);
	return wrong(err, size, "no such option", optopt ? letter : word);
}

/* One word that begins like a command is no host name. */
static const char *meant_command(int argc, char **argv)
{
	for (const struct command_row *c = command_rows; argc == 1 && c->name; c++) {
		if (c->name[0] && !strncmp(c->name, argv[0], 2) && !strpbrk(argv[0], ".:/0123456789 "))
			return c->name;
	}
	return NULL;
}

/* The words of a filter: a tcpdump expression, maybe behind words key=value. */
static int set_expression(
	struct options *o, struct packet_filter *filter, int argc, char **argv, char *err, size_t size)
{
	const char *meant = o->of == RUN_SCREEN ? meant_command(argc, argv) : NULL;
	struct strbuf text = STRBUF_INIT;
	char given[FILTER_TEXT_MAX];
	int ret = 0;

	if (!(o->of & (RUN_SCREEN | RUN_TRACE | RUN_RECORD)))
		return wrong(err, size, "this command takes options only", argv[0]);
	if (meant) {
		snprintf(err, size, "%s: no such command (did you mean %s?)", argv[0], meant);
		return -EINVAL;
	}
	/* what options said stands in front: one parser for both */
	strbuf_addf(&text, "%s", packet_filter_format(filter, given, sizeof(given)));
	for (int i = 0; i < argc && !ret; i++) {
		if (argv[i][0] == '-' && (argv[i][1] == '-' || isalpha((unsigned char)argv[i][1])))
			ret = wrong(err, size, "options stand before the filter", argv[i]);
		strbuf_addf(&text, " %s", argv[i]);
	}
	if (!ret)
		ret = packet_filter_parse(filter, strbuf_str(&text), err, size);
	strbuf_fini(&text);
	return ret;
}

/* One option of the command line, into o or, a key of the filter, into filter. */
static int take_option(struct options *o, struct packet_filter *filter, const struct option_row *row,
	enum command_name command, const char *arg, char *err, size_t size)
{
	if (row->commands && !(row->commands & command)) {
		snprintf(err, size, "--%s does not belong to this command (skbscope --help)", row->name);
		return -EINVAL;
	}
	if (row->arg && !*arg) {
		snprintf(err, size, "--%s: needs a value (skbscope --help)", row->name);
		return -EINVAL;
	}
	if (row->flag && arg) {
		if (!option_set_flag(o, row, arg))
			return 0;
		snprintf(err, size, "--%s=%s: yes or no (or nothing: yes)", row->name, arg);
		return -EINVAL;
	}
	return option_set(o, filter, row, arg, err, size);
}

/* Into o, except for the filter; *given: which rows. */
static int parse_options(struct options *o, struct packet_filter *filter, settings_given *given, int argc,
	char **argv, char *err, size_t size)
{
	struct option longs[OPTIONS_MAX];
	char shorts[2 * OPTIONS_MAX + 4];
	enum command_name command = o->command;
	int value, ret;

	build_getopt(longs, shorts);
	opterr = 0;
	optind = 1;
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *row = value == '?' || value == ':' ? NULL : row_of(value);

		if (!row)
			return refuse(value, argv, err, size);
		ret = take_option(o, filter, row, command, optarg, err, size);
		if (ret)
			return ret;
		*given |= 1ull << (row - option_rows);
	}
	if (command & (RUN_REPLAY | RUN_EXPORT)) {
		o->files = argv + optind;
		o->nfiles = argc - optind;
		return 0;
	}
	if (optind < argc && (o->command == command || o->command == RUN_DUMP_CONFIG))
		return set_expression(o, filter, argc - optind, argv + optind, err, size);
	return 0;
}

/* The same on top of what files of settings say; o is as it shall begin. */
static int parse_all(struct options *o, int argc, char **argv, char *err, size_t size)
{
	struct packet_filter filter = { 0 }, ignored = { 0 };
	settings_given given = 0, first = 0;
	struct options look = *o;
	int ret;

	/* which files, says the command line; what is wrong with it, it shall hear first */
	ret = parse_options(&look, &ignored, &first, argc, argv, err, size);
	if (ret || look.command & (RUN_HELP | RUN_VERSION | RUN_DOCS | RUN_CHECK)) {
		*o = look;
		return ret;
	}
	o->no_config = look.no_config;
	o->profile = look.profile;
	ret = settings_load(o, err, size);
	if (!ret)
		ret = parse_options(o, &filter, &given, argc, argv, err, size);
	if (ret)
		return ret;
	packet_filter_merge(&o->filter, &filter);
	settings_settle(o, o->settings->given, given);
	return 0;
}

int options_parse(struct options *o, int argc, char **argv, char *err, size_t err_size)
{
	const struct command_row *c = argc > 1 ? command_of(argv[1]) : NULL;
	char line[512];
	int ret;

	options_defaults(o);
	o->argv = argv;
	if (c) {
		o->command = c->command;
		argc--;
		argv++;
	}
	o->of = o->command;
	ret = parse_all(o, argc, argv, line, sizeof(line));
	o->tracer.verbose = o->verbose;
	if (!ret && o->json && (o->by_packet || o->text)) {
		snprintf(line, sizeof(line), "--json: not with --%s, which prints text",
			o->by_packet ? "by-packet" : "text");
		ret = -EINVAL;
	}
	if (!ret)
		return 0;
	options_fini(o);
	/* it quotes what was given, which may hold anything */
	printable(err, err_size, line, sizeof(line));
	return -EINVAL;
}

size_t options_store_bytes(const struct options *options)
{
	return options->memory - options->memory / 4;
}

void options_fini(struct options *o)
{
	settings_free(o->settings);
	o->settings = NULL;
}

/* Text in a column, broken at blanks. */
static void wrap(FILE *out, const char *text, int indent, int width)
{
	int at = indent;

	while (*text) {
		int len = strcspn(text, " ");

		if (at + 1 + len > width && at > indent) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
		}
		at += fprintf(out, "%s%.*s", at > indent ? " " : "", len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

#define HELP_WIDTH 100
#define HELP_INDENT 31

/* What the right column is about; a long one has a line of its own. */
static void put_left(FILE *out, const char *text)
{
	if (strlen(text) < HELP_INDENT - 2)
		fprintf(out, "  %-*s", HELP_INDENT - 2, text);
	else
		fprintf(out, "  %s\n%*s", text, HELP_INDENT, "");
}

static void help_commands(FILE *out, enum command_name command)
{
	for (const struct command_row *c = command_rows; c->name; c++) {
		char line[64];

		if (command != RUN_SCREEN && c->command != command)
			continue;
		snprintf(line, sizeof(line), "skbscope %s%s%s", c->name, c->name[0] ? " " : "", c->arguments);
		put_left(out, line);
		wrap(out, c->help, HELP_INDENT, HELP_WIDTH);
	}
}

/* Whose it is, when it is not the screen's. */
static void add_owners(struct strbuf *text, const struct option_row *row)
{
	const char *before = " (";

	if (row->commands & RUN_SCREEN)
		return;
	for (const struct command_row *c = command_rows; c->name; c++) {
		if (!(row->commands & c->command))
			continue;
		strbuf_addf(text, "%s%s", before, c->name);
		before = ", ";
	}
	strbuf_puts(text, ")");
}

static void help_option(FILE *out, const struct option_row *row, enum command_name command)
{
	struct strbuf text = STRBUF_INIT;
	char letter[5] = "    ", name[48];

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	snprintf(name, sizeof(name), "%s--%s%s%s", letter, row->name, row->arg ? " " : "",
		row->arg ? row->arg : "");
	put_left(out, name);
	strbuf_puts(&text, row->help);
	if (command == RUN_SCREEN)
		add_owners(&text, row);
	wrap(out, strbuf_str(&text), HELP_INDENT, HELP_WIDTH);
	strbuf_fini(&text);
}

static void help_profiles(FILE *out)
{
	char text[200];

	fprintf(out, "\nProfiles:\n");
	for (size_t i = 0; profile_name(i); i++) {
		put_left(out, profile_name(i));
		wrap(out, profile_description(i, text, sizeof(text)), HELP_INDENT, HELP_WIDTH);
	}
}

void options_help(FILE *out, enum command_name command)
{
	unsigned int commands = command == RUN_SCREEN ? ~0u : command;
	enum option_group group = GROUP_COUNT;

	fprintf(out, "skbscope %s: where is a packet, who dropped it, where did the time go\n\n", VERSION);
	help_commands(out, command);
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!(row->commands & commands))
			continue;
		if (row->group != group)
			fprintf(out, "\n%s:\n", option_groups[row->group]);
		group = row->group;
		help_option(out, row, command);
	}
	if (commands & (RUN_TRACE | RUN_RECORD))
		fprintf(out,
			"\nFILTER: a tcpdump expression, maybe behind words as if=eth0 netns=web (those of "
			"\"Which packets\")\n");
	if (commands & (RUN_TRACE | RUN_RECORD | RUN_LIST)) {
		help_profiles(out);
		fprintf(out, "\nLayers: ");
		wrap(out, layer_names(), 8, HELP_WIDTH);
		fprintf(out, "Categories: ");
		wrap(out, category_names(), 12, HELP_WIDTH);
	}
	if (command == RUN_SCREEN)
		fputs("\nOn the screen ? shows the keys. `skbscope COMMAND --help`: what that one takes.\n"
		      "Settings: ~/.config/skbscope/skbscope.conf (skbscope --dump-config prints one);\n"
		      "--FLAG=no takes back a flag that they set.\n"
		      "Exit status: 0 done, 1 failed, 2 wrong use, 3 this kernel or user may not trace.\n",
			out);
}
