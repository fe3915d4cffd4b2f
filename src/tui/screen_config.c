/* SPDX-License-Identifier: GPL-2.0 */
#include "screen_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

#define KEYS_TEXT 160

static const struct {
	enum pane_id pane;
	const char *name;
	const struct column *columns;
	const int *n;
} lists[SCREEN_LISTS] = {
	{ PANE_FLOWS, "flows", flows_columns, &flows_ncolumns },
	{ PANE_FUNCTIONS, "functions", functions_columns, &functions_ncolumns },
};

struct screen_config *screen_config_new(void)
{
	struct screen_config *config = calloc(1, sizeof(*config));

	if (config)
		keymap_default(&config->keymap);
	return config;
}

void screen_config_free(struct screen_config *config)
{
	free(config);
}

bool screen_config_has(const char *section)
{
	return !strcmp(section, "keys") || !strcmp(section, "columns") || !strcmp(section, "theme");
}

static int set_columns(
	struct screen_config *config, const char *name, const char *value, char *err, size_t size)
{
	struct nearest near = NEAREST_INIT(name);
	int i;

	for (i = 0; i < SCREEN_LISTS; i++) {
		if (!strcmp(lists[i].name, name))
			return columns_choose(
				lists[i].columns, *lists[i].n, value, &config->columns[i], err, size);
		nearest_try(&near, lists[i].name);
	}
	snprintf(err, size, "%s: has no columns to choose from (flows and functions have)%s%s%s", name,
		nearest_name(&near) ? "; did you mean " : "", nearest_name(&near) ? nearest_name(&near) : "",
		nearest_name(&near) ? "?" : "");
	return -EINVAL;
}

static int set_colour(
	struct screen_config *config, const char *role, const char *words, char *err, size_t size)
{
	struct theme scratch;
	size_t i = 0;
	int ret;

	theme_default(&scratch);
	ret = theme_set(&scratch, role, words, err, size);
	if (ret)
		return ret;
	while (i < ROLE_COUNT - 1 && config->colours[i].words[0] && strcmp(config->colours[i].role, role))
		i++;
	if (strlen(words) >= sizeof(config->colours[i].words)) {
		snprintf(err, size, "%s: too long", role);
		return -EINVAL;
	}
	snprintf(config->colours[i].role, sizeof(config->colours[i].role), "%s", role);
	snprintf(config->colours[i].words, sizeof(config->colours[i].words), "%s", words);
	return 0;
}

int screen_config_set(struct screen_config *config, const char *section, const char *name, const char *value,
	char *err, size_t size)
{
	if (!strcmp(section, "keys"))
		return keymap_set(&config->keymap, name, value, err, size);
	if (!strcmp(section, "columns"))
		return set_columns(config, name, value, err, size);
	return set_colour(config, name, value, err, size);
}

int screen_config_check(struct screen_config *config, enum action clash[2], char *err, size_t size)
{
	struct keymap *km = &config->keymap;

	/* it does so whatever is bound, and the help shall tell */
	if (keymap_lookup(km, PANE_FLOWS, KEY_CTRL('c')) == ACTION_NONE && km->n < KEYMAP_MAX)
		km->v[km->n++] = (struct key_binding){ KEYMAP_ANY, KEY_CTRL('c'), ACTION_QUIT };
	return keymap_check(km, clash, err, size);
}

const struct column_choice *screen_config_columns(const struct screen_config *config, enum pane_id pane)
{
	int i;

	for (i = 0; config && i < SCREEN_LISTS; i++)
		if (lists[i].pane == pane && config->columns[i].n)
			return &config->columns[i];
	return NULL;
}

void screen_config_colours(const struct screen_config *config, struct theme *theme)
{
	char err[200];
	int i;

	/* each was taken once before: it is taken now */
	for (i = 0; config && i < ROLE_COUNT && config->colours[i].words[0]; i++)
		theme_set(theme, config->colours[i].role, config->colours[i].words, err, sizeof(err));
}

/* --- dump ----------------------------------------------------------------------- */

static void dump_columns(const struct screen_config *config, FILE *out)
{
	int i, k;

	fputs("\n[columns]\n# Which ones, and in which order; those that do not fit leave by themselves.\n",
		out);
	for (i = 0; i < SCREEN_LISTS; i++) {
		const struct column_choice *c = &config->columns[i];
		int n = c->n ? c->n : *lists[i].n;
		const char *between = "";

		fprintf(out, "%s%s = ", c->n ? "" : "#", lists[i].name);
		for (k = 0; k < n; k++) {
			const char *name = lists[i].columns[c->n ? c->at[k] : k].name;

			if (name)
				fprintf(out, "%s%s", between, name);
			between = name ? ", " : between;
		}
		fputc('\n', out);
	}
}

static void dump_keys(const struct screen_config *config, FILE *out)
{
	char keys[KEYS_TEXT], built_in[KEYS_TEXT], name[48];
	struct keymap km;
	int pane, a;

	keymap_default(&km);
	fputs("\n[keys]\n"
	      "# Actions and their keys. \"none\" takes them away. Behind the name of a pane and a dot:\n"
	      "# in that pane only. No key may mean two things in one pane.\n",
		out);
	for (a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		for (pane = KEYMAP_ANY; pane < PANE_COUNT; pane++) {
			keymap_keys(&km, pane, (enum action)a, ", ", built_in, sizeof(built_in));
			keymap_keys(&config->keymap, pane, (enum action)a, ", ", keys, sizeof(keys));
			if (!keys[0] && !built_in[0])
				continue;
			fprintf(out, "%s%s = %s\n", strcmp(keys, built_in) ? "" : "#",
				keymap_name(pane, (enum action)a, name, sizeof(name)),
				keys[0] ? keys : "none");
		}
	}
}

int screen_config_dump(
	const struct screen_config *config, const char *theme, FILE *out, char *err, size_t size)
{
	char role[32], words[160], built_in[160];
	struct theme of_name, t;
	int i, ret = theme_load(&of_name, theme, err, size);

	if (ret)
		return ret;
	t = of_name;
	screen_config_colours(config, &t);
	dump_columns(config, out);
	dump_keys(config, out);
	fputs("\n[theme]\n"
	      "# Single roles of the theme: colour, background, attributes; what is left out is the\n"
	      "# terminal's own. Alternatives for 256, 16, 8 and no colours have slashes between.\n",
		out);
	for (i = 0; i < ROLE_COUNT; i++) {
		theme_get(&of_name, (enum role)i, built_in, sizeof(built_in));
		theme_get(&t, (enum role)i, words, sizeof(words));
		fprintf(out, "%s%s = %s\n", strcmp(words, built_in) ? "" : "#",
			role_name((enum role)i, role, sizeof(role)), words);
	}
	return 0;
}
