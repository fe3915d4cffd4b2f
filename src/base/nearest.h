/* SPDX-License-Identifier: GPL-2.0 */
/* Which of some names was meant. */
#ifndef SKBSCOPE_BASE_NEAREST_H
#define SKBSCOPE_BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word; /* as typed */
	const char *best; /* NULL: nothing so far */
	size_t least;
};

#define NEAREST_INIT(word_)                                                                                  \
	{                                                                                                    \
		.word = (word_)                                                                              \
	}

/* One more name that there is; it must live as long as the result is used. */
void nearest_try(struct nearest *n, const char *name);

/* The name that is near enough to be proposed; NULL: none. */
const char *nearest_name(const struct nearest *n);

#endif
