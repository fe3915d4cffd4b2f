/* SPDX-License-Identifier: GPL-2.0 */
#include "commands.h"

int run_replay(struct options *options)
{
	return command_fail(EXIT_FAILED, "replay: not built yet");
}
