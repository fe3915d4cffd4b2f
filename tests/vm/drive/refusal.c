/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a filter costs that shows nothing, everything attached:
 *
 *     refusal ROUNDS PRIORITY EXPR -- COMMAND...
 *
 * Runs COMMAND in turns with the probes idle (they return at once), counting
 * only, and with EXPR. COMMAND prints its milliseconds. Prints "idle MS",
 * "counted MS", "refused MS" per round.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/tracer_private.h"

static void die(const char *what, const char *why)
{
	fprintf(stderr, "refusal: %s: %s\n", what, why);
	exit(1);
}

static void take(void *ctx, const struct event *ev, size_t size)
{
	(void)ctx;
	(void)ev;
	(void)size;
}

static bool look(struct source *src, enum notice_type wanted)
{
	struct pollfd p = { .fd = src->ops->fd(src), .events = POLLIN };
	struct notice n;
	bool found = false;

	poll(&p, 1, 100);
	src->ops->read(src, 1 << 20, take, NULL);
	while (src->ops->notice(src, &n)) {
		found |= n.type == wanted;
		if (n.type == NOTICE_ERROR || n.type == NOTICE_FILTER_REFUSED)
			die("tracer", n.text);
	}
	return found;
}

static struct source *start(int priority)
{
	struct tracer_options options = {
		.backend = "auto", .priority = priority, .buffer = 16 << 20, .channel = 64 << 20
	};
	enum tracer_failure failure;
	struct source *src;
	char err[512] = "";

	for (int i = 0; i < LAYER_COUNT; i++)
		options.layer[i] = true;
	for (int i = 0; i < CATEGORY_COUNT; i++)
		options.category[i] = true;
	src = tracer_open(&options, &failure, err, sizeof(err));
	if (!src || tracer_start(src))
		die("start", err);
	while (!look(src, NOTICE_READY))
		;
	return src;
}

static double run(const char *command)
{
	FILE *out = popen(command, "r");
	double ms = 0;

	if (!out || fscanf(out, "%lf", &ms) != 1)
		die(command, "no figure");
	pclose(out);
	return ms;
}

int main(int argc, char **argv)
{
	struct source *src;
	struct packet_filter f;
	char err[512];

	if (argc != 6 || strcmp(argv[4], "--"))
		die("use", "refusal ROUNDS PRIORITY EXPR -- COMMAND");
	if (packet_filter_parse(&f, argv[3], err, sizeof(err)))
		die(argv[3], err);
	src = start(atoi(argv[2]));
	src->ops->filter(src, &f);
	while (!look(src, NOTICE_FILTER))
		;
	usleep(500000); /* the filter's own hooks come in the background */
	for (int i = 0; i < atoi(argv[1]); i++) {
		volatile struct skb_config *config = ((struct tracer *)src)->config;

		config->on = TRACING_OFF;
		printf("idle %.0f\n", run(argv[5]));
		config->on = TRACING_COUNT;
		printf("counted %.0f\n", run(argv[5]));
		config->on = TRACING_ON;
		printf("refused %.0f\n", run(argv[5]));
	}
	src->ops->stop(src);
	while (!look(src, NOTICE_END))
		;
	src->ops->free(src);
	return 0;
}
