/* SPDX-License-Identifier: GPL-2.0 */
/* Single roles, as a file of settings has them: colour, background and attributes, each if it is needed. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "theme.h"
#include "theme_private.h"

static int find_role(const char *name, char *err, size_t size)
{
	struct nearest near = NEAREST_INIT(name);
	char buf[ROLE_COUNT][ROLE_NAME_MAX];
	const char *at;
	int i;

	for (i = 0; i < ROLE_COUNT; i++) {
		at = role_name((enum role)i, buf[i], sizeof(buf[i]));
		if (!strcasecmp(name, at))
			return i;
		nearest_try(&near, at);
	}
	if (nearest_name(&near))
		snprintf(err, size, "no role is called \"%s\" (did you mean %s?)", name, nearest_name(&near));
	else
		snprintf(err, size, "no role is called \"%s\" (--dump-config lists them)", name);
	return -EINVAL;
}

/* Does every alternative of the field name attributes? "-" could be anything and is none. */
static bool is_attributes(const char *word)
{
	char copy[64], *part, *save = NULL;
	unsigned int ignored;

	if (strlen(word) >= sizeof(copy) || !strcmp(word, "-"))
		return false;
	snprintf(copy, sizeof(copy), "%s", word);
	for (part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save))
		if (strcmp(part, "-") && theme_attributes(part, &ignored))
			return false;
	return true;
}

int theme_set(struct theme *theme, const char *role, const char *words, char *err, size_t size)
{
	char copy[160], line[224], *word[4], *save = NULL;
	int n = 0, at = find_role(role, err, size);

	if (at < 0)
		return at;
	if (strlen(words) >= sizeof(copy)) {
		snprintf(err, size, "%s: too long", role);
		return -EINVAL;
	}
	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok_r(copy, " \t", &save); w && n < 4; w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	if (!n || n > 3) {
		snprintf(err, size, "%s: needs a colour, maybe a background, maybe attributes", role);
		return -EINVAL;
	}
	if (n == 1 && is_attributes(word[0]))
		snprintf(line, sizeof(line), "%s - - %s", role, word[0]);
	else if (n == 1)
		snprintf(line, sizeof(line), "%s %s -", role, word[0]);
	else if (n == 2 && is_attributes(word[1]))
		snprintf(line, sizeof(line), "%s %s - %s", role, word[0], word[1]);
	else if (n > 1)
		snprintf(line, sizeof(line), "%s %s %s %s", role, word[0], word[1], n > 2 ? word[2] : "");
	return theme_parse_line(theme, line, err, size);
}

static void put_colour(short colour, char *buf, size_t size)
{
	if (colour == THEME_DEFAULT)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%d", colour);
}

static void put_attributes(unsigned int attributes, char *buf, size_t size)
{
	size_t i, len = 0;
	const char *name;

	snprintf(buf, size, "-");
	for (i = 0; (name = theme_attribute_name(i)); i++)
		if (attributes & theme_attribute(i) && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "," : "", name);
}

const char *theme_get(const struct theme *theme, enum role role, char *buf, size_t size)
{
	char field[3][THEME_DEPTHS][40];
	size_t len = 0;
	int i, d, depths;

	for (d = 0; d < THEME_DEPTHS; d++) {
		const struct style *s = &theme->style[role][d];

		put_colour(s->fg, field[0][d], sizeof(field[0][d]));
		put_colour(s->bg, field[1][d], sizeof(field[1][d]));
		put_attributes(s->attributes, field[2][d], sizeof(field[2][d]));
	}
	for (i = 0; i < 3; i++) {
		/* a missing one is the one before it */
		for (depths = THEME_DEPTHS; depths > 1; depths--)
			if (strcmp(field[i][depths - 1], field[i][depths - 2]))
				break;
		for (d = 0; d < depths && len < size; d++)
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
				d   ? "/"
				: i ? " "
				    : "",
				field[i][d]);
	}
	return buf;
}
