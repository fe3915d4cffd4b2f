/* SPDX-License-Identifier: GPL-2.0 */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "model/names.h"

int command_fail(enum exit_status status, const char *text)
{
	char line[1024];

	/* arguments and file names may hold anything */
	fprintf(stderr, "skbscope: %s\n", printable(line, sizeof(line), text, strlen(text)));
	return status;
}
