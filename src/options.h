/* SPDX-License-Identifier: GPL-2.0 */
/* The command line. One table feeds getopt, --help, man page and completions. */
#ifndef SKBSCOPE_OPTIONS_H
#define SKBSCOPE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "trace/tracer.h"

enum command_name {
	RUN_SCREEN = 1 << 0,
	RUN_TRACE = 1 << 1,
	RUN_LIST = 1 << 2,
	RUN_CHECK = 1 << 3,
	RUN_HELP = 1 << 4,    /* --help */
	RUN_VERSION = 1 << 5, /* --version */
	RUN_DOCS = 1 << 6,    /* --dump-docs: what the build makes man page and completions from */
	RUN_RECORD = 1 << 7,
	RUN_REPLAY = 1 << 8,
	RUN_EXPORT = 1 << 9,
	RUN_DUMP_CONFIG = 1 << 10, /* --dump-config */
};

enum export_format { EXPORT_NONE, EXPORT_JSON, EXPORT_PCAPNG, EXPORT_FOLDED, EXPORT_CSV };

/* How lines tell time. */
enum time_style {
	TIME_RELATIVE, /* since the first event */
	TIME_WALL,     /* of day, with date when it is not today's */
};

struct settings;

struct options {
	enum command_name command;
	enum command_name of; /* which one --help and --dump-config were asked of */
	struct tracer_options tracer;
	struct packet_filter filter;
	struct filter_parts parts; /* of filter, once it is compiled */
	const char *config;	   /* path; NULL: none */
	const char *ready_file;	   /* NULL: none */
	const char *theme;	   /* NULL: default */
	const char *profile;	   /* NULL: none */
	const char *docs;	   /* man, bash, zsh, fish */
	size_t memory;		   /* bytes */
	double duration;	   /* seconds; 0: no end */
	uint64_t count;		   /* packets; 0: no end */
	const char *output;	   /* path; NULL: none */
	uint64_t rotate_size;	   /* bytes; 0: no rotation */
	unsigned int rotate_count; /* files */
	enum export_format format;
	enum time_style time;
	double speed;	    /* of a replay; 0: as fast as it is read */
	char *const *files; /* recordings; the command line's own */
	size_t nfiles;
	char *const *argv; /* the command line itself, ends with a NULL */
	bool json, no_color, ascii, no_mouse, readonly, verbose;
	bool stats;	/* only what the run came to */
	bool text;	/* a replay as lines */
	bool by_packet; /* lines grouped by packet */
	bool per_hop;	/* pcapng: a block a hop */
	bool priority_given;
	bool no_config;
	struct settings *settings; /* what files of settings said: settings.h; owned */
};

/* What is in force when nobody says anything. */
void options_defaults(struct options *options);

/*
 * The file of settings, the profile, then the command line: the later counts.
 * 0, or -EINVAL with one line in err and nothing to free.
 */
int options_parse(struct options *options, int argc, char **argv, char *err, size_t err_size);
void options_fini(struct options *options);

/* Of one command, with what it takes; RUN_SCREEN: of all. */
void options_help(FILE *out, enum command_name command);

/* What of --memory is for packets (the rest is for events that wait): equal stores tell equal statistics. */
size_t options_store_bytes(const struct options *options);

/* The same tables as "man" (troff), "bash", "zsh" or "fish". -EINVAL: no such. */
int options_docs(const char *kind, FILE *out);

#endif
