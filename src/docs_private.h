/* SPDX-License-Identifier: GPL-2.0 */
/* Between docs.c, the completions, and docs_man.c. */
#ifndef SKBSCOPE_DOCS_PRIVATE_H
#define SKBSCOPE_DOCS_PRIVATE_H

#include "options_table.h"

#define COMMANDS (RUN_SCREEN | RUN_TRACE | RUN_RECORD | RUN_REPLAY | RUN_EXPORT | RUN_LIST | RUN_CHECK)

/* As people call it; "screen" for the one without a name. */
const char *docs_command(const struct command_row *c);

/* The next option that one of the commands takes; row NULL: the first. NULL: no more. */
const struct option_row *docs_next(const struct option_row *row, unsigned int commands);

void docs_man(FILE *out);

#endif
