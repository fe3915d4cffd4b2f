/* SPDX-License-Identifier: GPL-2.0 */
#include "theme.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "datadir.h"
#include "theme_private.h"

#define THEME_FILE_MAX (64 << 10)

static const char default_theme[] =
#include "default_theme.inc"
	;

#define _(id, name) [ROLE_##id] = name,
static const char *const role_names[ROLE_LAYER] = { ROLES(_) };
#undef _

static const char *const colour_names[] = {
	"black",
	"red",
	"green",
	"yellow",
	"blue",
	"magenta",
	"cyan",
	"white",
	"bright-black",
	"bright-red",
	"bright-green",
	"bright-yellow",
	"bright-blue",
	"bright-magenta",
	"bright-cyan",
	"bright-white",
};

static const struct {
	const char *name;
	unsigned int attribute;
} attribute_names[] = {
	{ "bold", THEME_BOLD },
	{ "dim", THEME_DIM },
	{ "reverse", THEME_REVERSE },
	{ "underline", THEME_UNDERLINE },
	{ "italic", THEME_ITALIC },
};

const char *role_name(enum role role, char *buf, size_t size)
{
	size_t i;

	if (role < ROLE_LAYER)
		return role_names[role];
	snprintf(buf, size, "layer.%s", layer_name((enum layer)(role - ROLE_LAYER)));
	for (i = 0; buf[i]; i++)
		buf[i] = (char)tolower((unsigned char)buf[i]);
	return buf;
}

static int role_by_name(const char *name)
{
	char buf[32];
	int i;

	for (i = 0; i < ROLE_COUNT; i++)
		if (!strcasecmp(name, role_name((enum role)i, buf, sizeof(buf))))
			return i;
	return -1;
}

static int parse_colour(const char *word, short *out)
{
	char *end;
	long n;
	size_t i;

	if (!strcmp(word, "-") || !strcmp(word, "default")) {
		*out = THEME_DEFAULT;
		return 0;
	}
	for (i = 0; i < sizeof(colour_names) / sizeof(colour_names[0]); i++)
		if (!strcmp(word, colour_names[i])) {
			*out = (short)i;
			return 0;
		}
	if (!isdigit((unsigned char)*word))
		return -EINVAL;
	n = strtol(word, &end, 10);
	if (*end || n > 255)
		return -EINVAL;
	*out = (short)n;
	return 0;
}

int theme_attributes(char *words, unsigned int *out)
{
	char *word, *save = NULL;
	size_t i, n = sizeof(attribute_names) / sizeof(attribute_names[0]);

	*out = 0;
	if (!strcmp(words, "-") || !strcmp(words, "none"))
		return 0;
	for (word = strtok_r(words, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < n && strcmp(word, attribute_names[i].name); i++)
			;
		if (i == n)
			return -EINVAL;
		*out |= attribute_names[i].attribute;
	}
	return 0;
}

const char *theme_attribute_name(size_t i)
{
	return i < sizeof(attribute_names) / sizeof(attribute_names[0]) ? attribute_names[i].name : NULL;
}

unsigned int theme_attribute(size_t i)
{
	return attribute_names[i].attribute;
}

enum field { FIELD_FG, FIELD_BG, FIELD_ATTRIBUTES, FIELDS };

/* Splits a field at its slashes and stores each alternative. Returns the word
 * that is wrong, NULL when all is well. */
static const char *parse_field(struct style *style, enum field field, char *text)
{
	char *word, *save = NULL;
	struct style s = style[0];
	int depth = 0, err;

	for (word = strtok_r(text, "/", &save); depth < THEME_DEPTHS; depth++) {
		if (word) {
			if (field == FIELD_FG)
				err = parse_colour(word, &s.fg);
			else if (field == FIELD_BG)
				err = parse_colour(word, &s.bg);
			else
				err = theme_attributes(word, &s.attributes);
			if (err)
				return word;
			word = strtok_r(NULL, "/", &save);
		}
		if (field == FIELD_FG)
			style[depth].fg = s.fg;
		else if (field == FIELD_BG)
			style[depth].bg = s.bg;
		else
			style[depth].attributes = s.attributes;
	}
	return word;
}

int theme_parse_line(struct theme *theme, char *line, char *err, size_t size)
{
	static const char *const kinds[FIELDS] = { "colour", "background colour", "attribute" };
	char *word, *save = NULL, none[] = "-";
	const char *bad;
	int role, field;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, " \t\r", &save);
	if (!word)
		return 0;
	role = role_by_name(word);
	if (role < 0) {
		snprintf(err, size, "no role is called \"%.32s\"", word);
		return -EINVAL;
	}
	for (field = 0; field < FIELDS; field++) {
		word = strtok_r(NULL, " \t\r", &save);
		if (!word && field == FIELD_ATTRIBUTES)
			word = none;
		if (!word) {
			snprintf(err, size, "a line is: role colour background [attributes]");
			return -EINVAL;
		}
		bad = parse_field(theme->style[role], (enum field)field, word);
		if (bad) {
			snprintf(err, size, "\"%.32s\" is no %s", bad, kinds[field]);
			return -EINVAL;
		}
	}
	word = strtok_r(NULL, " \t\r", &save);
	if (word) {
		snprintf(err, size, "\"%.32s\" is one word too many (attributes are joined by commas)", word);
		return -EINVAL;
	}
	return 0;
}

int theme_parse(struct theme *theme, const char *file, const char *text, char *err, size_t size)
{
	unsigned int number = 0;
	char line[256], what[120];
	const char *next;
	size_t len;
	int ret;

	for (; *text; text = next) {
		number++;
		len = strcspn(text, "\n");
		next = text + len + (text[len] == '\n');
		if (len >= sizeof(line)) {
			snprintf(err, size, "%s:%u: line too long", file, number);
			return -EINVAL;
		}
		memcpy(line, text, len);
		line[len] = '\0';
		ret = theme_parse_line(theme, line, what, sizeof(what));
		if (ret) {
			snprintf(err, size, "%s:%u: %s", file, number, what);
			return ret;
		}
	}
	return 0;
}

void theme_default(struct theme *theme)
{
	char err[160];
	int role, depth;

	for (role = 0; role < ROLE_COUNT; role++)
		for (depth = 0; depth < THEME_DEPTHS; depth++)
			theme->style[role][depth] = (struct style){ THEME_DEFAULT, THEME_DEFAULT, 0 };
	/* Checked by a unit test; a fault here would only cost colours. */
	theme_parse(theme, "default.theme", default_theme, err, sizeof(err));
}

/* 0 with the file's text in *text (to be freed), or -errno. */
static int read_file(const char *path, char **text)
{
	FILE *f = fopen(path, "re");
	size_t n;
	int ret = 0;

	*text = NULL;
	if (!f)
		return -errno;
	*text = malloc(THEME_FILE_MAX + 1);
	if (!*text) {
		ret = -ENOMEM;
		goto out;
	}
	n = fread(*text, 1, THEME_FILE_MAX, f);
	if (ferror(f))
		ret = -EIO;
	else if (!feof(f) && fgetc(f) != EOF)
		ret = -EFBIG;
	else if (memchr(*text, 0, n))
		ret = -EINVAL; /* no text */
	(*text)[n] = '\0';
out:
	fclose(f);
	if (ret) {
		free(*text);
		*text = NULL;
	}
	return ret;
}

/* The place number i where a theme of that name may be; false: no more places. */
static bool theme_path(int i, const char *name, char *buf, size_t size)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	buf[0] = '\0';
	switch (i) {
	case 0:
		if (xdg && *xdg == '/')
			snprintf(buf, size, "%s/skbscope/themes/%s.theme", xdg, name);
		else if (home && *home == '/')
			snprintf(buf, size, "%s/.config/skbscope/themes/%s.theme", home, name);
		return true;
	case 1:
		snprintf(buf, size, "%s/themes/%s.theme", DATADIR, name);
		return true;
	case 2:
		snprintf(buf, size, "themes/%s.theme", name);
		return true;
	default:
		return false;
	}
}

int theme_load(struct theme *theme, const char *name, char *err, size_t size)
{
	char path[4096], *text = NULL;
	int ret = -ENOENT, i;

	theme_default(theme);
	if (!name)
		return 0;
	if (strchr(name, '/')) {
		snprintf(path, sizeof(path), "%s", name);
		ret = read_file(path, &text);
	} else {
		for (i = 0; ret == -ENOENT && theme_path(i, name, path, sizeof(path)); i++)
			if (path[0])
				ret = read_file(path, &text);
		if (ret == -ENOENT && !strcmp(name, "default"))
			return 0;
	}
	if (ret == -ENOENT && !strchr(name, '/'))
		snprintf(err, size,
			"theme \"%s\": not found (give a path, or put %s.theme into "
			"~/.config/skbscope/themes)",
			name, name);
	else if (!ret && text)
		ret = theme_parse(theme, path, text, err, size);
	else
		snprintf(err, size, "%s: %s", path, strerror(-ret));
	free(text);
	return ret;
}

struct style theme_style(const struct theme *theme, enum theme_depth depth, enum role role, bool selected)
{
	struct style s = theme->style[role][depth], sel;

	if (depth == THEME_8) {
		/* Eight colours have no bright half: bold stands for it. */
		if (s.fg >= 8 && s.fg < 16)
			s.attributes |= THEME_BOLD;
		s.fg = s.fg >= 8 ? (short)(s.fg & 7) : s.fg;
		s.bg = s.bg >= 8 ? (short)(s.bg & 7) : s.bg;
	}
	if (selected) {
		sel = theme->style[ROLE_SELECTED][depth];
		/* Dim on a coloured bar could not be read. */
		if (sel.fg != THEME_DEFAULT) {
			s.fg = sel.fg;
			s.attributes &= ~(unsigned int)THEME_DIM;
		}
		if (sel.bg != THEME_DEFAULT)
			s.bg = sel.bg;
		s.attributes |= sel.attributes;
	}
	if (depth == THEME_16) {
		s.fg = s.fg >= 16 ? THEME_DEFAULT : s.fg;
		s.bg = s.bg >= 16 ? THEME_DEFAULT : s.bg;
	} else if (depth == THEME_MONO) {
		s.fg = s.bg = THEME_DEFAULT;
	}
	return s;
}
