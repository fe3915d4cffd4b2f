/* SPDX-License-Identifier: GPL-2.0 */
/* What a file of settings says of the screen: [keys], [columns], [theme]. */
#ifndef SKBSCOPE_TUI_SCREEN_CONFIG_H
#define SKBSCOPE_TUI_SCREEN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "keymap.h"
#include "theme.h"
#include "widgets/column.h"

#define SCREEN_LISTS 2 /* panes whose columns can be chosen */

struct role_words {
	char role[32];
	char words[128]; /* "" none */
};

struct screen_config {
	struct keymap keymap;
	struct column_choice columns[SCREEN_LISTS];
	struct role_words colours[ROLE_COUNT];
};

/* Everything as it is built in; NULL: no memory. */
struct screen_config *screen_config_new(void);
void screen_config_free(struct screen_config *config);

bool screen_config_has(const char *section);

/* 0, or -errno with a line in err. */
int screen_config_set(struct screen_config *config, const char *section, const char *name, const char *value,
	char *err, size_t size);

/* When all is said: as keymap_check(). */
int screen_config_check(struct screen_config *config, enum action clash[2], char *err, size_t size);

/* config may be NULL. */
const struct column_choice *screen_config_columns(const struct screen_config *config, enum pane_id pane);
void screen_config_colours(const struct screen_config *config, struct theme *theme);

/* The three sections, what is built in behind #. 0, or -errno with a line in err: the theme is not there. */
int screen_config_dump(
	const struct screen_config *config, const char *theme, FILE *out, char *err, size_t size);

extern const struct column flows_columns[], functions_columns[];
extern const int flows_ncolumns, functions_ncolumns;

#endif
