/* SPDX-License-Identifier: GPL-2.0 */
/* The tables behind the command line, for options.c and docs.c. */
#ifndef SKBSCOPE_OPTIONS_TABLE_H
#define SKBSCOPE_OPTIONS_TABLE_H

#include "options.h"

struct option_row {
	const char *name;      /* long */
	char letter;	       /* 0: none */
	const char *arg;       /* NULL: takes none */
	unsigned int commands; /* RUN_* that take it */
	const char *help;
	/* 0, or -errno with a line in err. NULL: it is a key of the filter. */
	int (*set)(struct options *o, const char *arg, char *err, size_t err_size);
	const char *filter_key; /* model/packet_filter.h */
};

struct command_row {
	const char *name; /* "" the screen */
	enum command_name command;
	const char *arguments, *help;
};

extern const struct option_row option_rows[]; /* ends with a NULL name */
extern const struct command_row command_rows[];

#endif
