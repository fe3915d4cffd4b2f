/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "export/list.h"
#include "live.h"
#include "model/names.h"
#include "options.h"
#include "record.h"
#include "settings.h"
#include "trace/discover/discover.h"
#include "trace/discover/kernel.h"
#include "tui/app.h"

static int run_check(void)
{
	struct kernel_report report;

	kernel_look(&report);
	kernel_report_print(&report, stdout);
	return report.can_trace ? EXIT_DONE : EXIT_FORBIDDEN;
}

/* Functions of the chosen layers, categories, priorities, attachable or not. */
static int show_list(const struct options *o, struct discovery *found, char *err, size_t size)
{
	struct selection sel = { 0 };
	bool *show = calloc(found->table.n + 1, sizeof(*show));
	int ret = show ? tracer_select(&sel, &found->table, &o->tracer, err, size) : -ENOMEM;

	for (size_t i = 0; !ret && i < found->table.n; i++) {
		const struct probe_class *c = &found->table.v[i].class;

		show[i] = sel.allowed[i] && sel.layer[c->layer] && sel.category[c->category] &&
			  (c->priority <= sel.priority || sel.func[i] > 0);
		/* a limit shows what would be traced */
		if (o->tracer.max_functions)
			show[i] = sel.wanted[i];
	}
	if (!ret && o->json)
		ret = list_json(stdout, &found->table, show, sel.wanted);
	else if (!ret)
		ret = list_text(stdout, &found->table, show);
	if (ret == -EPIPE)
		ret = 0;
	if (ret && !err[0])
		snprintf(err, size, "output: %s", strerror(-ret));
	selection_fini(&sel);
	free(show);
	return ret;
}

static int run_list(struct options *o)
{
	char err[512] = "", note[256] = "";
	struct discovery found;
	int status = EXIT_DONE;
	int ret;

	if (!o->priority_given)
		o->tracer.priority = PRIORITY_MAX;
	ret = discover_types(&found, NULL, err, sizeof(err));
	if (ret)
		return command_fail(EXIT_FORBIDDEN, err);
	ret = discover_functions(&found, note, sizeof(note), err, sizeof(err));
	if (ret)
		return command_fail(EXIT_FAILED, err);
	if (note[0])
		fprintf(stderr, "skbscope: %s: what can be attached is not known\n", note);
	ret = show_list(o, &found, err, sizeof(err));
	if (ret)
		status = command_fail(ret == -EINVAL ? EXIT_WRONG_USE : EXIT_FAILED, err);
	discovery_fini(&found);
	return status;
}

static int run_screen(struct source *src, const struct options *o, char *err, size_t size)
{
	struct screen_options screen = {
		.theme = o->theme,
		.memory = options_store_bytes(o),
		.duration_ns = (uint64_t)(o->duration * 1e9),
		.ready_file = o->ready_file,
		.no_color = o->no_color,
		.ascii = o->ascii,
		.no_mouse = o->no_mouse,
		.readonly = o->readonly,
		.config = o->settings->screen,
		.profiles = &o->settings->source,
	};
	int ret;

	screen.recorder = recorder_new(&src->info, src->probes);
	if (!screen.recorder) {
		snprintf(err, size, "no memory");
		return -ENOMEM;
	}
	ret = screen_run(src, &screen, err, size);
	recorder_free(screen.recorder);
	return ret;
}

/* The threads leave signals to the one that asks for them. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGWINCH);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int run_live(struct options *o)
{
	static const enum exit_status status_of[] = {
		[TRACER_FAILED] = EXIT_FAILED,
		[TRACER_WRONG_USE] = EXIT_WRONG_USE,
		[TRACER_FORBIDDEN] = EXIT_FORBIDDEN,
	};
	bool screen = o->command == RUN_SCREEN && isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
	enum tracer_failure failure;
	char err[512] = "";
	struct source *src;
	int ret = 0;

	if (o->command == RUN_SCREEN)
		ret = screen_check(o->theme, screen, err, sizeof(err));
	if (ret)
		return command_fail(ret == -ENOTTY ? EXIT_FAILED : EXIT_WRONG_USE, err);
	if (o->command == RUN_RECORD)
		ret = record_check(o, err, sizeof(err));
	if (ret)
		return command_fail(ret == -EINVAL ? EXIT_WRONG_USE : EXIT_FAILED, err);
	/* before signals are held back: a resolver's answer can be waited for no longer */
	if (filter_parts_need_names(&o->filter))
		fprintf(stderr, "skbscope: looking up the names of the filter (Ctrl-C ends it)\n");
	if (filter_parts_compile(&o->parts, &o->filter, err, sizeof(err)))
		return command_fail(EXIT_WRONG_USE, err);
	o->tracer.filter = &o->filter;
	o->tracer.parts = &o->parts;
	o->tracer.channel = o->memory - options_store_bytes(o);
	block_signals();
	src = tracer_open(&o->tracer, &failure, err, sizeof(err));
	filter_parts_free(&o->parts);
	if (!src)
		return command_fail(status_of[failure], err);
	ret = tracer_start(src);
	if (ret)
		snprintf(err, sizeof(err), "%s", strerror(-ret));
	else if (screen)
		ret = run_screen(src, o, err, sizeof(err));
	else
		ret = live_run(src, o, live_sink(o), err, sizeof(err));
	src->ops->free(src);
	return ret ? command_fail(EXIT_FAILED, err) : EXIT_DONE;
}

static int with_config(struct options *o, int (*run)(struct options *))
{
	struct config_file config = { 0 };
	char err[512] = "";
	int status;

	if (o->config) {
		if (config_read(o->config, &config, err, sizeof(err)))
			return command_fail(EXIT_WRONG_USE, err);
		o->tracer.config = &config;
		if (!o->priority_given) /* the file decides */
			o->tracer.priority = PRIORITY_MAX;
	}
	status = run(o);
	o->tracer.config = NULL;
	config_free(&config);
	return status;
}

/* Started without some of 0-2, the next files would become them. */
static void keep_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 3);
	if (fd > 2)
		close(fd);
}

/* What was printed must have arrived: a full disk is an error. */
static int printed(int status)
{
	if ((!fflush(stdout) && !ferror(stdout)) || errno == EPIPE)
		return status;
	return command_fail(EXIT_FAILED, "output: cannot be written");
}

static int run_dump_config(const struct options *o)
{
	char err[512] = "", *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int ret;

	if (!out)
		return command_fail(EXIT_FAILED, strerror(errno));
	ret = settings_dump(o, out, err, sizeof(err));
	/* all of it or nothing */
	if (!fclose(out) && !ret)
		fwrite(text, 1, len, stdout);
	free(text);
	return ret ? command_fail(EXIT_WRONG_USE, err) : printed(EXIT_DONE);
}

static int run_command(struct options *o)
{
	switch (o->command) {
	case RUN_CHECK:
		return printed(run_check());
	case RUN_LIST:
		return with_config(o, run_list);
	case RUN_DUMP_CONFIG:
		return run_dump_config(o);
	case RUN_HELP:
		options_help(stdout, o->of);
		return printed(EXIT_DONE);
	case RUN_VERSION:
		printf("skbscope %s\n", VERSION);
		return printed(EXIT_DONE);
	case RUN_DOCS:
		if (!options_docs(o->docs, stdout))
			return printed(EXIT_DONE);
		return command_fail(EXIT_WRONG_USE, "--dump-docs takes man, bash, zsh or fish");
	case RUN_SCREEN:
	case RUN_TRACE:
	case RUN_RECORD:
		return with_config(o, run_live);
	case RUN_REPLAY:
		return printed(run_replay(o));
	case RUN_EXPORT:
		return printed(run_export(o));
	}
	return EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct options o;
	char err[512];
	int status;

	keep_standard_fds();
	signal(SIGPIPE, SIG_IGN); /* a reader that has seen enough is no error */
	setlocale(LC_ALL, "");
	if (options_parse(&o, argc, argv, err, sizeof(err)))
		return command_fail(EXIT_WRONG_USE, err);
	status = run_command(&o);
	options_fini(&o);
	return status;
}
