/* SPDX-License-Identifier: GPL-2.0 */
/* What was said to the user, the newest few hundred lines of it. */
#ifndef SKBSCOPE_TUI_MESSAGES_H
#define SKBSCOPE_TUI_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGES_MAX 256

struct message {
	uint64_t at; /* ns */
	bool error;
	unsigned int times; /* the same line again is counted, not repeated */
	char text[240];
};

struct messages {
	struct message v[MESSAGES_MAX];
	size_t next, n;
};

void messages_add(struct messages *messages, uint64_t now, bool error, const char *text);

/* The i-th newest; NULL: no more. */
const struct message *messages_at(const struct messages *messages, size_t i);

#endif
