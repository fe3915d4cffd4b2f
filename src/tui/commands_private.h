/* SPDX-License-Identifier: GPL-2.0 */
/* Between commands.c, which does what is typed, and complete.c, which guesses it. */
#ifndef SKBSCOPE_TUI_COMMANDS_PRIVATE_H
#define SKBSCOPE_TUI_COMMANDS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

struct packet_filter;
struct ui;

#define COMMAND_WORDS_MAX 160 /* that can be typed at one place, functions aside */

struct command_row {
	const char *name, *args, *help;
	void (*run)(struct ui *ui, const struct command_row *row, char *arg);
	const char *(*words)(void); /* what the first argument can be, ", " between; NULL anything */
	const char *states;	    /* what the last can be, blanks between; NULL: there is but one */
	bool profiles;		    /* the first argument is the name of one */
	int functions;		    /* so many of the first arguments are names of functions */
};

const struct command_row *command_row(const char *name); /* NULL: none */

/* With the path of the home folder where it begins with "~/". Returns buf, or path itself. */
const char *expand_home(const char *path, char *buf, size_t size);

/* ui_replay.c, ui_record.c */
void command_speed(struct ui *ui, const struct command_row *row, char *arg);
void command_goto(struct ui *ui, const struct command_row *row, char *arg);
void command_record(struct ui *ui, const struct command_row *row, char *arg);

/* All that a line can begin with. A command that has the name of an action comes first, and once. */
size_t command_names(const char *out[COMMAND_WORDS_MAX]);

/* Asks for it when it can be; else says what is wrong, name before it. */
void command_wish_filter(struct ui *ui, const struct packet_filter *filter, const char *name);

/* profile.c */
void command_profile(struct ui *ui, const struct command_row *row, char *arg);

#endif
