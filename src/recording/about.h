/* SPDX-License-Identifier: GPL-2.0 */
/* BLOCK_ABOUT: which machine and run it was, as JSON. */
#ifndef SKBSCOPE_RECORDING_ABOUT_H
#define SKBSCOPE_RECORDING_ABOUT_H

#include <stddef.h>
#include <stdint.h>

#include "model/reasons.h"
#include "model/source_info.h"

struct about {
	struct source_info info;
	const char *options, *version;
	uint64_t begun;
	int64_t wall;
	uint32_t functions; /* capacity of the table of functions */
	uint32_t file;	    /* 0: the first of a rotation */
};

/* Into a text without end that free() takes; NULL: no memory, or it would be longer than max. */
char *about_write(const struct about *about, size_t max, size_t *len);

struct about_read;

/* Any text; what is missing is "" or 0. NULL: no memory. Free it with about_free(). */
struct about_read *about_read(const char *text, size_t len);
const struct about *about_of(const struct about_read *read);
void about_free(struct about_read *read);

#endif
