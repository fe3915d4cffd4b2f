/* SPDX-License-Identifier: GPL-2.0 */
/* One line that is edited as people are used to from readline. */
#ifndef SKBSCOPE_TUI_PROMPT_H
#define SKBSCOPE_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"

#define PROMPT_MAX 120

struct prompt {
	bool open;
	char label[16];
	char text[PROMPT_MAX]; /* UTF-8 */
	size_t cursor;	       /* byte */
	char killed[PROMPT_MAX];
};

enum prompt_event { PROMPT_NOTHING, PROMPT_CHANGED, PROMPT_ACCEPTED, PROMPT_CANCELLED };

void prompt_open(struct prompt *prompt, const char *label, const char *text);
enum prompt_event prompt_key(struct prompt *prompt, int key);

/* Draws it and returns the column of the cursor. */
int prompt_draw(const struct prompt *prompt, struct canvas *cv, int y);

#endif
