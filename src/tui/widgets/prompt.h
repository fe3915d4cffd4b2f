/* SPDX-License-Identifier: GPL-2.0 */
/* One line that is edited as people are used to from readline. */
#ifndef SKBSCOPE_TUI_WIDGETS_PROMPT_H
#define SKBSCOPE_TUI_WIDGETS_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"
#include "model/packet_filter.h"

#define PROMPT_MAX FILTER_TEXT_MAX /* the longest text that is asked for */

#define PROMPT_NOTE_MAX 640

struct prompt {
	bool open;
	char label[16];
	char text[PROMPT_MAX]; /* UTF-8 */
	size_t cursor;	       /* byte */
	char killed[PROMPT_MAX];
	/* What the owner thinks of the text; a new prompt begins without. */
	bool wrong;		    /* drawn as wrong, with a sign of it */
	char note[PROMPT_NOTE_MAX]; /* above it, "" none */
};

enum prompt_event {
	PROMPT_NOTHING,
	PROMPT_CHANGED,
	PROMPT_ACCEPTED,
	PROMPT_CANCELLED,
	PROMPT_OLDER, /* Up: the owner knows what was typed before */
	PROMPT_NEWER,
	PROMPT_COMPLETE, /* Tab */
};

void prompt_open(struct prompt *prompt, const char *label, const char *text);

/* Another text in the same prompt, the cursor at its end. */
void prompt_set(struct prompt *prompt, const char *text);
enum prompt_event prompt_key(struct prompt *prompt, int key);

/* Draws it and returns the column of the cursor. */
int prompt_draw(const struct prompt *prompt, struct canvas *cv, int y);

/* The note in the lines that end with line `last`, as many as it takes and at most half of them. */
void prompt_draw_note(const struct prompt *prompt, struct canvas *cv, int last);

#endif
