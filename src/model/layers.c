/* SPDX-License-Identifier: GPL-2.0 */
#include "model/layers.h"

#include <strings.h>
#include <string.h>

static const char *const layer_table[] = {
#define _(id, name, letter) [LAYER_##id] = name,
	LAYERS(_)
#undef _
};

static const char layer_letters[] = {
#define _(id, name, letter) [LAYER_##id] = letter,
	LAYERS(_)
#undef _
};

static const char *const category_table[] = {
#define _(id, name) [CATEGORY_##id] = name,
	CATEGORIES(_)
#undef _
};

/* Joined by the compiler; the comma before the first name is skipped when read. */
#define _(id, name, letter) ", " name
static const char all_layers[] = LAYERS(_);
#undef _

#define _(id, name) ", " name
static const char all_categories[] = CATEGORIES(_);
#undef _

const char *layer_name(enum layer layer)
{
	return (unsigned int)layer < LAYER_COUNT ? layer_table[layer] : layer_table[LAYER_OTHER];
}

char layer_letter(enum layer layer)
{
	return (unsigned int)layer < LAYER_COUNT ? layer_letters[layer] : layer_letters[LAYER_OTHER];
}

const char *category_name(enum category category)
{
	return (unsigned int)category < CATEGORY_COUNT ? category_table[category]
						       : category_table[CATEGORY_GENERAL];
}

static int by_name(const char *const *table, int count, const char *name, size_t len)
{
	for (int i = 0; i < count; i++) {
		if (strlen(table[i]) == len && !strncasecmp(table[i], name, len))
			return i;
	}
	return -1;
}

int layer_by_name(const char *name, size_t len)
{
	return by_name(layer_table, LAYER_COUNT, name, len);
}

int category_by_name(const char *name, size_t len)
{
	return by_name(category_table, CATEGORY_COUNT, name, len);
}

const char *layer_names(void)
{
	return all_layers + strlen(", ");
}

const char *category_names(void)
{
	return all_categories + strlen(", ");
}
