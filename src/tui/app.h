/* SPDX-License-Identifier: GPL-2.0 */
/* The screen: runs until the user quits. */
#ifndef SKBSCOPE_TUI_APP_H
#define SKBSCOPE_TUI_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/profile.h"
#include "recording/recorder.h"
#include "trace/source.h"

struct screen_config; /* screen_config.h */

struct screen_options {
	const char *theme;	   /* name or path; NULL: default */
	size_t memory;		   /* budget of the store, bytes */
	uint64_t duration_ns;	   /* quit by itself this long after all is attached; 0: never */
	const char *ready_file;	   /* made when everything is attached; NULL: none */
	struct recorder *recorder; /* is fed and switched by the screen; NULL: nothing can be recorded */
	bool no_color, ascii, no_mouse, readonly;
	const struct screen_config *config;    /* keys, columns, colours; NULL: the built-in ones */
	const struct profile_source *profiles; /* what :profile knows; NULL: none */
};

/* One line naming what is wrong goes to err (size bytes) when the theme, or the
 * terminal if one is wanted, cannot be used: call it before anything is
 * attached. 0 or -errno, for the terminal -ENOTTY. */
int screen_check(const char *theme, bool terminal, char *err, size_t size);

/* 0, or -errno when the terminal cannot be used (err says why). The terminal is
 * restored however it ends. */
int screen_run(struct source *src, const struct screen_options *options, char *err, size_t size);

/* For the manual, as troff: what each key and each command does; what a theme can colour. */
void screen_docs_keys(FILE *out);
void screen_docs_commands(FILE *out);
void screen_docs_roles(FILE *out);

#endif
