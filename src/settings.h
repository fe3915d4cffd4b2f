/* SPDX-License-Identifier: GPL-2.0 */
/* Files of settings: skbscope.conf, then a profile. */
#ifndef SKBSCOPE_SETTINGS_H
#define SKBSCOPE_SETTINGS_H

#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"
#include "model/profile.h"
#include "options.h"

struct screen_config;

/* Which rows of the table were set: a bit each. */
typedef uint64_t settings_given;

struct settings {
	struct conf file, profile;    /* options point into them */
	settings_given given;	      /* in any of them */
	struct screen_config *screen; /* keys, columns, colours; owned */
	char *names;		      /* of the profiles that there are; owned */
	struct profile_source source; /* of those, for the screen */
};

/*
 * The user's file unless options->no_config, then the profile: options->profile,
 * or the one that the file names. 0, or -errno with a line in err.
 */
int settings_load(struct options *options, char *err, size_t err_size);
void settings_free(struct settings *settings);

/*
 * What a file says, into options. is_profile: it may have a [profile] and not
 * name another. 0, or -EINVAL with "file:line: what" in err.
 */
int settings_apply(struct options *options, const struct conf *conf, bool is_profile, settings_given *given,
	char *err, size_t err_size);

/*
 * What a value that somebody gave later means for those before: the priority of a
 * file of settings does not hold for --config of the command line.
 */
void settings_settle(struct options *options, settings_given before, settings_given later);

/* What of a profile can be put into force live. 0, or -errno with a line in err. */
int settings_profile(const char *name, struct profile *out, char *err, size_t err_size);

/*
 * Everything in force as a file that is read to the same; what is built in stands
 * behind #. 0, or -EINVAL with a line in err.
 */
int settings_dump(const struct options *options, FILE *out, char *err, size_t err_size);

#endif
