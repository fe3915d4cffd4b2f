/* SPDX-License-Identifier: GPL-2.0 */
#include "commands.h"

int run_export(struct options *options)
{
	return command_fail(EXIT_FAILED, "export: not built yet");
}
