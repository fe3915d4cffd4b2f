/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plays keys on made-up traffic under a clock that stands still, and compares
 * what the screen shows with golden/NAME.txt. GENERATE=1 rewrites those.
 * Nothing sleeps and no terminal is needed.
 */
#ifndef SKBSCOPE_TESTS_SCENE_H
#define SKBSCOPE_TESTS_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "demo_source.h"
#include "base/clock.h"
#include "tui/screen.h"
#include "tui/ui.h"

#define MS 1000000ULL
#define SECOND 1000000000ULL

struct scene {
	struct source *src;
	struct screen *screen;
	struct ui ui;
	struct clock clock; /* of a replay */
	FILE *null_in, *null_out;
	int w, h;
};

struct setup {
	int w, h;
	struct demo_options demo;
	struct screen_options options;
	const char *replay; /* a recording instead of the demo */
	bool record;	    /* it can be recorded */
};

#define SCENE(...) scene_new((struct setup){ __VA_ARGS__ })

/* Before the first scene: the same surroundings everywhere, and nothing of the user's is touched. */
void scenes_begin(void);
void scenes_end(void);

struct scene *scene_new(struct setup setup);
void scene_free(struct scene *s);

void pass(struct scene *s, uint64_t ns);

/* Keys as one string; \r Enter, \033 Esc, \t Tab, \001 - \004 F2 - F5, \005 F1, \006 Up, \007 Down. */
void keys(struct scene *s, const char *text);
void draw(struct scene *s);

char *screen_text(struct scene *s); /* to be freed */
void expect(struct scene *s, const char *golden);
bool shows(struct scene *s, const char *what);

/* The line that the cursor is on. */
void cursor_line(struct scene *s, char *buf, size_t size);

#endif
