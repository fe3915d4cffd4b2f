/* SPDX-License-Identifier: GPL-2.0 */
/* The file of --config: which functions to trace instead of what discovery would choose. */
#ifndef SKBSCOPE_MODEL_CONFIG_FILE_H
#define SKBSCOPE_MODEL_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_FILE_MAX (16u << 20) /* bytes; a file of every kernel function has 300 KiB */

struct config_entry {
	char *name;
	char *module; /* NULL: any */
	int layer;    /* -1: not told */
	int category; /* -1: not told */
	int priority; /* -1: not told */
	bool enabled;
};

struct config_file {
	struct config_entry *v;
	size_t n;
};

/*
 * 0 or -errno; err then says what is wrong, with "path:line:column:" for broken
 * JSON and "path: functions[3]:" (counted from 0) for a wrong entry. out is
 * empty after an error.
 */
int config_read(const char *path, struct config_file *out, char *err, size_t errsize);
void config_free(struct config_file *config);

#endif
