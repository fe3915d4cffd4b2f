/* SPDX-License-Identifier: GPL-2.0 */
/* The tables behind the command line, for options.c and docs.c. */
#ifndef SKBSCOPE_OPTIONS_TABLE_H
#define SKBSCOPE_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/* What an option is about: --help and manual are ordered by it. */
enum option_group {
	GROUP_TRACED,
	GROUP_PACKETS,
	GROUP_OUTPUT,
	GROUP_SCREEN,
	GROUP_LIMITS,
	GROUP_OTHER,
	GROUP_COUNT,
};

/* Rows of a group stand together, groups in their order. */
struct option_row {
	const char *name;      /* long */
	char letter;	       /* 0: none */
	const char *arg;       /* NULL: takes none; "X,...": a list */
	unsigned int commands; /* RUN_* that take it; 0: not told of */
	enum option_group group;
	const char *help;
	/* 0, or -errno with a line in err. */
	int (*set)(struct options *o, const char *arg, char *err, size_t err_size);
	/* Or one of these, which of struct options it is: offsetof() */
	size_t flag;		/* a bool */
	size_t text;		/* a const char *, as it stands */
	const char *filter_key; /* or a key of the filter: model/packet_filter.h */
	/* The value as set() takes it, "" when there is none; for those with set(). */
	void (*get)(const struct options *o, char *buf, size_t size);
	bool once; /* for one run only: no file of settings may hold it */
};

struct command_row {
	const char *name; /* "" the screen */
	enum command_name command;
	const char *arguments, *help;
	bool files; /* behind the options stand names of files */
};

extern const struct option_row option_rows[]; /* ends with a NULL name */
extern const char *const option_groups[GROUP_COUNT];
extern const struct command_row command_rows[];

/* The row of a long name; NULL: none. */
const struct option_row *option_row(const char *name);

/*
 * Puts a value in, arg NULL for one that takes none. Keys of the filter go to
 * filter. 0, or -errno with a line in err.
 */
int option_set(struct options *o, struct packet_filter *filter, const struct option_row *row, const char *arg,
	char *err, size_t err_size);

/* A flag by a word, "yes" or "no". 0, or -EINVAL: it is neither. */
int option_set_flag(struct options *o, const struct option_row *row, const char *word);

/* What is in force, as option_set() takes it; flags: "yes" or "no"; keys of the filter: "". Returns buf. */
const char *option_get(const struct options *o, const struct option_row *row, char *buf, size_t size);

#endif
