/* SPDX-License-Identifier: GPL-2.0 */
/* Between theme.c and theme_roles.c. */
#ifndef SKBSCOPE_TUI_THEME_PRIVATE_H
#define SKBSCOPE_TUI_THEME_PRIVATE_H

#include "theme.h"

#define ROLE_NAME_MAX 32

/* Words with commas between; 0 or -EINVAL. Writes to words. */
int theme_attributes(char *words, unsigned int *out);

/* Attribute number i: its name, NULL behind the last; its bit. */
const char *theme_attribute_name(size_t i);
unsigned int theme_attribute(size_t i);

/* One line of a theme, written to. 0, or -EINVAL with the reason in err. */
int theme_parse_line(struct theme *theme, char *line, char *err, size_t size);

#endif
