/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal: taken, given back whatever happens, resized, suspended. */
#ifndef SKBSCOPE_TUI_SCREEN_H
#define SKBSCOPE_TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "widgets/canvas.h"

struct screen;
struct screen_config;

struct screen_settings {
	const char *theme;
	const struct screen_config *config; /* NULL: none; what it says of roles counts before the theme */
	bool no_color, ascii;
	FILE *in, *out; /* NULL: standard input and output */
};

/* 0 with *out, or -errno with a line for the user in err. note (err's size) is
 * set when it works but not as asked. */
int screen_start(
	struct screen **out, const struct screen_settings *settings, char *err, char *note, size_t size);
void screen_stop(struct screen *screen);

/* Whether the type of the terminal can be used. 0, or -ENOTTY with a line in err. */
int screen_check_terminal(char *err, size_t size);

struct palette *screen_palette(struct screen *screen);
int screen_fd(const struct screen *screen); /* of the keyboard */
void screen_size(int *w, int *h);

/* Takes the size that the terminal has now. */
void screen_resize(struct screen *screen);
void screen_mouse(struct screen *screen, bool on);
void screen_redraw(struct screen *screen); /* everything anew with the next update */
void screen_resume(struct screen *screen); /* somebody else has had the terminal meanwhile */
void screen_update(struct screen *screen);

/* Back to the shell until somebody continues us. whole: all of the job, as Ctrl-Z does. */
void screen_suspend(struct screen *screen, bool whole);

/* The next key as the keymap knows it; -1 none. Mouse events are KEY_MOUSE. */
int screen_key(struct screen *screen);

/* False when the terminal is gone. */
bool screen_alive(const struct screen *screen);

/* What the screen shows, a line each, without blanks at the ends. */
void screen_dump(FILE *out);

#endif
