/* SPDX-License-Identifier: GPL-2.0 */
/* What main() calls for the commands of the command line, each in a file of its own. */
#ifndef SKBSCOPE_COMMANDS_H
#define SKBSCOPE_COMMANDS_H

#include "options.h"

enum exit_status { EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE, EXIT_FORBIDDEN };

/* The one line on stderr; returns status. */
int command_fail(enum exit_status status, const char *text);

/* Each returns enum exit_status. */
int run_replay(struct options *options);
int run_export(struct options *options);

#endif
