/* SPDX-License-Identifier: GPL-2.0 */
/* Profiles by name: the user's own, those beside the themes, those that are compiled in. */
#ifndef SKBSCOPE_PROFILES_H
#define SKBSCOPE_PROFILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/strbuf.h"

/* The place of a file of settings, "skbscope.conf" or "profiles/x.conf"; false: the user has no home. */
bool settings_path(const char *file, char *buf, size_t size);

/* 0, or -errno with a line in err and nothing to free. */
int profile_read(struct conf *conf, const char *name, char *err, size_t err_size);

/* A compiled-in one: its name, NULL behind the last. */
const char *profile_name(size_t i);

/* What a profile says of itself; "" nothing. Printable; returns buf. */
const char *profile_description(size_t i, char *buf, size_t size);

/* All names, ", " between, own ones among them. */
void profile_names(struct strbuf *out);

#endif
