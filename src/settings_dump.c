/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "options_table.h"
#include "settings.h"
#include "tui/screen_config.h"

#define WIDTH 96
#define VALUE_MAX CONF_LINE_MAX

/* A comment, broken at blanks. */
static void comment(FILE *out, const char *text)
{
	int at = fprintf(out, "#");

	while (*text) {
		int len = (int)strcspn(text, " ");

		if (at + 1 + len > WIDTH && at > 1)
			at = fprintf(out, "\n#") - 1;
		at += fprintf(out, " %.*s", len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

/* Would it be read back as it is? */
static bool can_be_written(const char *value)
{
	size_t len = strlen(value), n;
	uint32_t cp;

	if (len && (value[0] == ' ' || value[len - 1] == ' '))
		return false;
	for (; len; value += n, len -= n) {
		n = utf8_decode(value, len, &cp);
		if (!n || !utf8_printable(cp))
			return false;
	}
	return true;
}

static int put(FILE *out, const char *name, const char *value, const char *built_in, const char *arg,
	char *err, size_t err_size)
{
	if (!can_be_written(value)) {
		snprintf(err, err_size,
			"--%s %s: control characters, or blanks at an end: no file can hold it", name, value);
		return -EINVAL;
	}
	if (strlen(value) + strlen(name) + 3 > CONF_LINE_MAX) {
		snprintf(err, err_size, "--%s: longer than a line of the file may be", name);
		return -EINVAL;
	}
	if (strcmp(value, built_in))
		fprintf(out, "%s = %s\n", name, value);
	else
		fprintf(out, "#%s = %s\n", name, value[0] ? value : arg);
	return 0;
}

static int dump_row(const struct options *o, const struct options *built_in, const struct option_row *row,
	FILE *out, char *err, size_t err_size)
{
	char *value = malloc(VALUE_MAX), *other = malloc(VALUE_MAX);
	int ret = -ENOMEM;

	if (value && other) {
		option_get(o, row, value, VALUE_MAX);
		option_get(built_in, row, other, VALUE_MAX);
		/* what it said stands in the other lines already */
		if (!strcmp(row->name, "profile"))
			value[0] = other[0] = '\0';
		comment(out, row->help);
		ret = put(out, row->name, value, other, row->arg, err, err_size);
	} else {
		snprintf(err, err_size, "no memory");
	}
	free(value);
	free(other);
	return ret;
}

static int dump_filter(const struct options *o, FILE *out, char *err, size_t err_size)
{
	char text[FILTER_TEXT_MAX];

	comment(out,
		"Which packets: the words of a filter. Single keys of it are settings of their own too:");
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (row->filter_key)
			fprintf(out, "#   %-10s %-6s %s\n", row->name, row->arg, row->help);
	}
	return put(out, "filter", packet_filter_format(&o->filter, text, sizeof(text)), "",
		"KEY=VALUE ... EXPRESSION", err, err_size);
}

int settings_dump(const struct options *o, FILE *out, char *err, size_t err_size)
{
	enum option_group group = GROUP_COUNT;
	struct options built_in;

	options_defaults(&built_in);
	fprintf(out, "# Settings of skbscope " VERSION ": $XDG_CONFIG_HOME/skbscope/skbscope.conf, or\n"
		     "# ~/.config/skbscope/skbscope.conf. A line such as #name = value says what is so "
		     "anyway.\n\n[options]\n");
	for (const struct option_row *row = option_rows; row->name; row++) {
		int ret = 0;

		if (row->once || !row->commands)
			continue;
		if (row->group != group)
			fprintf(out, "\n# --- %s\n", option_groups[row->group]);
		if (row->group != group && row->group == GROUP_PACKETS)
			ret = dump_filter(o, out, err, err_size);
		group = row->group;
		if (!ret && !row->filter_key)
			ret = dump_row(o, &built_in, row, out, err, err_size);
		if (ret)
			return ret;
	}
	return screen_config_dump(o->settings->screen, o->theme, out, err, err_size);
}
