/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes what is traced again and again while traffic runs, and counts what
 * was seen of packets that every setting shows:
 *
 *     swapper [-b BACKEND] [-p N] filter|set TIMES EXPR_A EXPR_B FUNCTION[,...] -- COMMAND...
 *
 * filter: EXPR_A and EXPR_B take turns; set: layers TCP, UDP and Socket are
 * switched off and on while EXPR_A is in force. COMMAND makes the traffic.
 * Prints "changes N", "late N" (10 ms or more), "median US", "p95 US", "slowest US"
 * (asked for until in force), "events FUNCTION N",
 * "hits FUNCTION N", "lost N", "unfiltered N", "recursion N".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "trace/tracer.h"

#define FUNCS 8
#define READ_MAX (1 << 20)
#define QUICK	 10000 /* us: what a change may take */

struct swapper {
	struct source *src;
	int func[FUNCS]; /* index in the table */
	const char *name[FUNCS];
	uint64_t events[FUNCS];
	size_t n;
	bool ready, over;
	unsigned int in_force, refused; /* notices */
	uint64_t took;			/* us, of the last filter */
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "swapper: %s: %s\n", what, why);
	exit(1);
}

static void take(void *ctx, const struct event *ev, size_t size)
{
	struct swapper *s = ctx;

	(void)size;
	if (!event_is_function(ev->type))
		return;
	for (size_t i = 0; i < s->n; i++)
		s->events[i] += ev->func == s->func[i];
}

static void look(struct swapper *s, int ms)
{
	struct pollfd p = { .fd = s->src->ops->fd(s->src), .events = POLLIN };
	struct notice n;

	poll(&p, 1, ms);
	s->src->ops->read(s->src, READ_MAX, take, s);
	while (s->src->ops->notice(s->src, &n)) {
		s->ready |= n.type == NOTICE_READY;
		s->over |= n.type == NOTICE_END;
		s->in_force += n.type == NOTICE_FILTER;
		if (n.type == NOTICE_FILTER)
			s->took = n.done;
		s->refused += n.type == NOTICE_FILTER_REFUSED;
		if (n.type == NOTICE_ERROR || n.type == NOTICE_FILTER_REFUSED)
			fprintf(stderr, "swapper: %s\n", n.text);
	}
}

static struct source *start(const char *backend, int priority, const char *expr)
{
	static struct packet_filter filter;
	static struct filter_parts parts;
	struct tracer_options options = {
		.backend = backend, .priority = priority, .buffer = 16 << 20, .channel = 64 << 20
	};
	enum tracer_failure failure;
	struct source *src;
	char err[512];

	for (int i = 0; i < LAYER_COUNT; i++)
		options.layer[i] = true;
	for (int i = 0; i < CATEGORY_COUNT; i++)
		options.category[i] = true;
	if (packet_filter_parse(&filter, expr, err, sizeof(err)) ||
		filter_parts_compile(&parts, &filter, err, sizeof(err)))
		die(expr, err);
	options.filter = &filter;
	options.parts = &parts;
	src = tracer_open(&options, &failure, err, sizeof(err));
	if (!src || tracer_start(src))
		die("tracer", err);
	return src;
}

static pid_t run(char **command)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	execvp(command[0], command);
	_exit(127);
}

/* One change, waited for: microseconds from the wish until it is in force. */
static uint64_t change_filter(struct swapper *s, const struct packet_filter *f)
{
	unsigned int before = s->in_force + s->refused;

	s->src->ops->filter(s->src, f);
	while (s->in_force + s->refused == before)
		look(s, 100);
	return s->took;
}

static uint64_t change_set(struct swapper *s, unsigned int step)
{
	static const enum layer layers[] = { LAYER_TCP, LAYER_UDP, LAYER_SOCKET };
	struct command cmd = { .type = COMMAND_LAYER, .index = layers[step / 2 % 3], .on = step & 1 };
	uint64_t begin = clock_now(NULL), took;

	s->src->ops->command(s->src, &cmd);
	took = (clock_now(NULL) - begin) / 1000;
	/* the attachment follows in the background */
	s->ready = false;
	while (!s->ready)
		look(s, 100);
	return took;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print(struct swapper *s, uint64_t *each, unsigned int done)
{
	struct source_totals totals;
	unsigned int late = 0;
	uint64_t *hits;

	hits = calloc(s->src->probes->n + 1, sizeof(*hits));
	if (!hits)
		die("memory", strerror(errno));
	s->src->ops->counters(s->src, hits, NULL);
	s->src->ops->totals(s->src, &totals);
	qsort(each, done, sizeof(*each), by_number);
	for (unsigned int i = 0; i < done; i++)
		late += each[i] >= QUICK;
	printf("late %u\n", late);
	printf("changes %u\nmedian %llu\np95 %llu\nslowest %llu\n", done, (unsigned long long)each[done / 2],
		(unsigned long long)each[done * 95 / 100], (unsigned long long)each[done ? done - 1 : 0]);
	for (size_t i = 0; i < s->n; i++)
		printf("events %s %llu\nhits %s %llu\n", s->name[i], (unsigned long long)s->events[i],
			s->name[i], (unsigned long long)hits[s->func[i]]);
	printf("lost %llu\nunfiltered %llu\nrecursion %llu\n",
		(unsigned long long)(totals.lost_ring + totals.lost_channel + totals.lost_identity),
		(unsigned long long)totals.unfiltered, (unsigned long long)totals.lost_recursion);
	free(hits);
}

int main(int argc, char **argv)
{
	struct packet_filter filter[2];
	struct swapper s = { 0 };
	const char *backend = "auto";
	int priority = 1, opt;
	uint64_t *each;
	unsigned int times, done;
	char err[512];
	pid_t child;

	while ((opt = getopt(argc, argv, "+b:p:")) > 0) {
		if (opt == 'b')
			backend = optarg;
		else if (opt == 'p')
			priority = atoi(optarg);
	}
	argc -= optind - 1;
	argv += optind - 1;
	if (argc < 8 || strcmp(argv[6], "--"))
		die("use", "[-b BACKEND] [-p N] filter|set TIMES EXPR_A EXPR_B FUNCTION[,...] -- COMMAND...");
	times = atoi(argv[2]);
	for (int i = 0; i < 2; i++) {
		if (packet_filter_parse(&filter[i], argv[3 + i], err, sizeof(err)))
			die(argv[3 + i], err);
	}
	s.src = start(backend, priority, argv[3]);
	for (char *save = NULL, *name = strtok_r(argv[5], ",", &save); name && s.n < FUNCS;
		name = strtok_r(NULL, ",", &save)) {
		s.name[s.n] = name;
		s.func[s.n] = probe_find(s.src->probes, name, NULL);
		if (s.func[s.n++] < 0)
			die(name, "no such function");
	}
	while (!s.ready && !s.over)
		look(&s, 100);
	each = calloc(times + 1, sizeof(*each));
	if (!each)
		die("memory", strerror(errno));
	child = run(argv + 7);
	for (done = 0; done < times && !waitpid(child, NULL, WNOHANG); done++) {
		each[done] =
			strcmp(argv[1], "set") ? change_filter(&s, &filter[~done & 1]) : change_set(&s, done);
	}
	while (!waitpid(child, NULL, WNOHANG))
		look(&s, 20);
	for (int quiet = 0; quiet < 5; quiet++)
		look(&s, 100);
	s.src->ops->stop(s.src);
	while (!s.over)
		look(&s, 100);
	print(&s, each, done);
	free(each);
	s.src->ops->free(s.src);
	return 0;
}
