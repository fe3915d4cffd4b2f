/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "live.h"
#include "settings.h"
#include "trace/replay/replay.h"
#include "tui/app.h"

static int run_screen(struct source *src, const struct options *o, char *err, size_t size)
{
	struct screen_options screen = {
		.theme = o->theme,
		.memory = o->memory,
		.no_color = o->no_color,
		.ascii = o->ascii,
		.no_mouse = o->no_mouse,
		.config = o->settings->screen,
		.profiles = &o->settings->source,
	};

	return screen_run(src, &screen, err, size);
}

int run_replay(struct options *o)
{
	bool lines = o->text || o->json || o->stats || o->by_packet;
	bool screen = !lines && isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
	struct replay_options options = { .speed = screen ? o->speed : 0 };
	char err[512] = "";
	struct source *src;
	int ret;

	if (!o->nfiles)
		return command_fail(EXIT_WRONG_USE, "replay: which recording? skbscope replay FILE...");
	ret = screen_check(o->theme, screen, err, sizeof(err));
	if (ret)
		return command_fail(ret == -ENOTTY ? EXIT_FAILED : EXIT_WRONG_USE, err);
	src = replay_open(o->files, o->nfiles, &options, err, sizeof(err));
	if (!src)
		return command_fail(EXIT_FAILED, err);
	if (screen)
		ret = run_screen(src, o, err, sizeof(err));
	else
		ret = live_run(src, o, live_sink(o), err, sizeof(err));
	src->ops->free(src);
	return ret ? command_fail(EXIT_FAILED, err) : EXIT_DONE;
}
