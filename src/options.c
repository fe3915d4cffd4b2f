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
#include "tui/app.h"

#define OPTIONS_MAX 64
#define LONG_BASE 1000 /* getopt's value of a row without a letter */

static void set_defaults(struct options *o)
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

		longs[i] = (struct option){ row->name, row->arg ? required_argument : no_argument, NULL,
			row->letter ? row->letter : LONG_BASE + i };
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
static int set_expression(struct options *o, int argc, char **argv, char *err, size_t size)
{
	const char *meant = o->command == RUN_SCREEN ? meant_command(argc, argv) : NULL;
	struct strbuf text = STRBUF_INIT;
	char given[FILTER_TEXT_MAX];
	int ret = 0;

	if (!(o->command & (RUN_SCREEN | RUN_TRACE | RUN_RECORD)))
		return wrong(err, size, "this command takes options only", argv[0]);
	if (meant) {
		snprintf(err, size, "%s: no such command (did you mean %s?)", argv[0], meant);
		return -EINVAL;
	}
	/* what options said stands in front: one parser for both */
	strbuf_addf(&text, "%s", packet_filter_format(&o->filter, given, sizeof(given)));
	for (int i = 0; i < argc && !ret; i++) {
		if (argv[i][0] == '-' && (argv[i][1] == '-' || isalpha((unsigned char)argv[i][1])))
			ret = wrong(err, size, "options stand before the filter", argv[i]);
		strbuf_addf(&text, " %s", argv[i]);
	}
	if (!ret)
		ret = packet_filter_parse(&o->filter, strbuf_str(&text), err, size);
	strbuf_fini(&text);
	return ret;
}

static int parse_options(struct options *o, int argc, char **argv, char *err, size_t size)
{
	struct option longs[OPTIONS_MAX];
	char shorts[2 * OPTIONS_MAX + 4];
	enum command_name command = o->command;
	int value;

	build_getopt(longs, shorts);
	opterr = 0;
	optind = 1;
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *row = value == '?' || value == ':' ? NULL : row_of(value);
		int ret;

		if (!row)
			return refuse(value, argv, err, size);
		if (row->commands && !(row->commands & command)) {
			snprintf(err, size, "--%s does not belong to this command (skbscope --help)",
				row->name);
			return -EINVAL;
		}
		if (row->arg && !*optarg) {
			snprintf(err, size, "--%s: needs a value (skbscope --help)", row->name);
			return -EINVAL;
		}
		ret = row->set ? row->set(o, optarg, err, size)
			       : packet_filter_set(&o->filter, row->filter_key, optarg, err, size);
		if (ret)
			return ret;
	}
	if (command & (RUN_REPLAY | RUN_EXPORT)) {
		o->files = argv + optind;
		o->nfiles = argc - optind;
		return 0;
	}
	if (optind < argc && o->command == command)
		return set_expression(o, argc - optind, argv + optind, err, size);
	return 0;
}

int options_parse(struct options *o, int argc, char **argv, char *err, size_t err_size)
{
	const struct command_row *c = argc > 1 ? command_of(argv[1]) : NULL;
	char line[512];

	set_defaults(o);
	o->argv = argv;
	if (c) {
		o->command = c->command;
		argc--;
		argv++;
	}
	if (!parse_options(o, argc, argv, line, sizeof(line)))
		return 0;
	/* it quotes what was given, which may hold anything */
	printable(err, err_size, line, sizeof(line));
	return -EINVAL;
}

size_t options_store_bytes(const struct options *options)
{
	return options->memory - options->memory / 4;
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

void options_help(FILE *out)
{
	fprintf(out, "skbscope %s: where is a packet, who dropped it, where did the time go\n\n", VERSION);
	for (const struct command_row *c = command_rows; c->name; c++) {
		char line[64];

		snprintf(line, sizeof(line), "skbscope %s%s%s", c->name, c->name[0] ? " " : "", c->arguments);
		fprintf(out, "  %-28s ", line);
		wrap(out, c->help, 31, 100);
	}
	fprintf(out, "\nOptions:\n");
	for (const struct option_row *row = option_rows; row->name; row++) {
		char letter[5] = "    ";

		if (!row->commands)
			continue;
		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		fprintf(out, "  %s--%-13s %-9s ", letter, row->name, row->arg ? row->arg : "");
		wrap(out, row->help, 33, 100);
	}
	fprintf(out, "\nLayers: ");
	wrap(out, layer_names(), 8, 100);
	fprintf(out, "Categories: ");
	wrap(out, category_names(), 12, 100);
	fprintf(out, "\nKeys of the screen:\n");
	screen_print_keys(out);
	fprintf(out, "\nExit status: 0 done, 1 failed, 2 wrong use, 3 this kernel or user may not trace.\n");
}
