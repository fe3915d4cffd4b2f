/* SPDX-License-Identifier: GPL-2.0 */
/* What was typed before, newest first and each once; some of it outlives the program. */
#ifndef SKBSCOPE_TUI_WIDGETS_HISTORY_H
#define SKBSCOPE_TUI_WIDGETS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "prompt.h"

#define HISTORY_MAX 100

struct history {
	char *v[HISTORY_MAX];
	size_t n;
	size_t at;	  /* one more than what is shown; 0: the line being typed */
	char *draft;	  /* that line, while an older one is shown */
	const char *file; /* name of the file that keeps it, NULL none */
	bool kept_said;	  /* that it cannot be kept was said */
};

/* file: name below the state folder of the user; what it holds is read. NULL: in memory only. */
void history_init(struct history *history, const char *file);
void history_fini(struct history *history);

/* Takes text up and writes the file. 0, or -errno the first time that it cannot be written. */
int history_add(struct history *history, const char *text);

/* A prompt begins: at its own text. */
void history_begin(struct history *history);

/* Another line into the prompt, one step older (1) or newer (-1). */
void history_step(struct history *history, struct prompt *prompt, int step);

/* Where a file of that name is kept; "" when the user has no place for it. Returns buf. */
const char *history_path(const char *file, char *buf, size_t size);

#endif
