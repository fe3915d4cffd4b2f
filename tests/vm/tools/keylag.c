/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The screen under load, measured from outside:
 *
 *     keylag [-l LAYER] COMMAND SCREEN [ARGS...]
 *
 * Runs SCREEN in a terminal of 120x40, waits until it is live, starts COMMAND
 * (traffic) and meanwhile presses keys. Prints
 *     key MS...         from each "?" to the title of the help on the screen
 *     toggle MS         from Space on LAYER's row to the last hit that its functions counted
 *     hits BEFORE AFTER of that layer at the key and at the end (-l only)
 *     rss KIB           of the screen's process at the end
 * The hits are read from the kernel's own counters: the map named "stats".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../../bpf/config.h"

#define KEYS 12
#define CPUS_MAX 64

struct screen {
	int fd;
	pid_t pid;
	char tail[1 << 16]; /* what it wrote last */
	size_t n;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Reads what there is; waits up to ms for the first byte. false: nothing came. */
static bool drain(struct screen *s, int ms)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	bool any = false;

	while (poll(&p, 1, any ? 0 : ms) > 0) {
		ssize_t got;

		if (s->n > sizeof(s->tail) / 2) {
			memmove(s->tail, s->tail + s->n / 2, s->n - s->n / 2);
			s->n -= s->n / 2;
		}
		got = read(s->fd, s->tail + s->n, sizeof(s->tail) - 1 - s->n);
		if (got <= 0)
			return any;
		s->n += got;
		s->tail[s->n] = '\0';
		any = true;
	}
	return any;
}

static bool wait_text(struct screen *s, const char *text, double ms)
{
	double until = now_ms() + ms;

	while (now_ms() < until) {
		drain(s, 5);
		if (memmem(s->tail, s->n, text, strlen(text)))
			return true;
	}
	return false;
}

static long bpf_call(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* The newest map of that name, mapped. */
static const struct cpu_stats *map_stats(unsigned int *cpus)
{
	union bpf_attr attr = { 0 };
	int found = -1;

	while (!bpf_call(BPF_MAP_GET_NEXT_ID, &attr)) {
		struct bpf_map_info info = { 0 };
		union bpf_attr get = { .map_id = attr.next_id }, ask = { 0 };
		int fd = bpf_call(BPF_MAP_GET_FD_BY_ID, &get);

		ask.info.bpf_fd = fd;
		ask.info.info_len = sizeof(info);
		ask.info.info = (uintptr_t)&info;
		if (fd >= 0 && !bpf_call(BPF_OBJ_GET_INFO_BY_FD, &ask) && !strcmp(info.name, "stats")) {
			*cpus = info.max_entries;
			found = fd;
		}
		attr.start_id = attr.next_id;
	}
	if (found < 0)
		return NULL;
	const void *p = mmap(
		NULL, (sizeof(struct cpu_stats) * *cpus + 4095) & ~4095ul, PROT_READ, MAP_SHARED, found, 0);
	return p == MAP_FAILED ? NULL : p;
}

/* Which functions are of the layer: "list" prints them in table order. */
static size_t read_layer(const char *layer, bool *in)
{
	FILE *list = popen("skbscope list -p 3", "r");
	char line[512], name[128], module[64], word[64];
	size_t n = 0;

	while (list && n < MAX_FUNCS && fgets(line, sizeof(line), list)) {
		if (sscanf(line, "%127s %63s %63s", name, module, word) != 3 || !strcmp(name, "function"))
			continue;
		in[n++] = !strcmp(word, layer);
	}
	if (list)
		pclose(list);
	return n;
}

static uint64_t layer_hits(const struct cpu_stats *stats, unsigned int cpus, const bool *in, size_t n)
{
	uint64_t sum = 0;

	for (unsigned int c = 0; c < cpus; c++) {
		for (size_t i = 0; i < n; i++) {
			if (in[i])
				sum += ((volatile const struct cpu_stats *)stats)[c].hits[i];
		}
	}
	return sum;
}

static void press(struct screen *s, char key)
{
	if (write(s->fd, &key, 1) != 1)
		perror("keylag: write");
}

/*
 * "?" until the title of the help is on the screen, then Esc. The screen draws
 * under load anyway: only that text tells that the key was answered.
 */
static void measure_keys(struct screen *s)
{
	printf("key");
	for (int i = 0; i < KEYS; i++) {
		double until, begin;

		for (until = now_ms() + 100; now_ms() < until;)
			drain(s, 10);
		s->n = 0;
		begin = now_ms();
		press(s, '?');
		if (!wait_text(s, "Help", 5000))
			fprintf(stderr, "keylag: no answer to ?\n");
		printf(" %.1f", now_ms() - begin);
		press(s, 27);
		for (until = now_ms() + 100; now_ms() < until;)
			drain(s, 10);
	}
	printf("\n");
}

static void measure_toggle(
	struct screen *s, const struct cpu_stats *stats, unsigned int cpus, const bool *in, size_t n)
{
	double begin, last, now;
	uint64_t at_key, seen;

	if (write(s->fd, "\033OQ", 3) != 3) /* F2: the layers; the cursor is on the first */
		perror("keylag: write");
	usleep(100000);
	drain(s, 10);
	at_key = layer_hits(stats, cpus, in, n);
	usleep(20000);
	if (layer_hits(stats, cpus, in, n) == at_key)
		fprintf(stderr, "keylag: no traffic any more when the layer was to be toggled\n");
	at_key = seen = layer_hits(stats, cpus, in, n);
	begin = last = now_ms();
	press(s, ' ');
	while ((now = now_ms()) < begin + 400) {
		uint64_t hits = layer_hits(stats, cpus, in, n);

		if (hits != seen) {
			seen = hits;
			last = now;
		}
		drain(s, 0);
	}
	printf("toggle %.1f\nhits %llu %llu\n", last - begin, (unsigned long long)at_key,
		(unsigned long long)seen);
}

static long rss_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	}
	if (f)
		fclose(f);
	return kib;
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 40, .ws_col = 120 };
	static bool in[MAX_FUNCS];
	static struct screen s;
	const struct cpu_stats *stats;
	const char *layer = NULL;
	unsigned int cpus = 0;
	size_t n = 0;
	int at = 1;
	pid_t load;

	if (argc > 2 && !strcmp(argv[1], "-l")) {
		layer = argv[2];
		at = 3;
		n = read_layer(layer, in);
	}
	if (argc < at + 2) {
		fprintf(stderr, "usage: keylag [-l LAYER] COMMAND SCREEN...\n");
		return 2;
	}
	s.pid = forkpty(&s.fd, NULL, NULL, &size);
	if (!s.pid) {
		setenv("TERM", "xterm-256color", 1);
		execvp(argv[at + 1], argv + at + 1);
		_exit(127);
	}
	if (!wait_text(&s, "LIVE", 60000)) {
		fprintf(stderr, "keylag: the screen did not come up\n%s\n", s.tail);
		return 1;
	}
	stats = map_stats(&cpus);
	load = fork();
	if (!load) {
		execl("/bin/bash", "bash", "-c", argv[at], NULL);
		_exit(127);
	}
	for (double until = now_ms() + 300; now_ms() < until;)
		drain(&s, 10);
	measure_keys(&s);
	if (layer && stats)
		measure_toggle(&s, stats, cpus, in, n);
	while (waitpid(load, NULL, WNOHANG) == 0)
		drain(&s, 50);
	printf("rss %ld\n", rss_kib(s.pid));
	press(&s, 'q');
	double begin = now_ms();
	while (waitpid(s.pid, NULL, WNOHANG) == 0 && now_ms() < begin + 10000)
		drain(&s, 5);
	printf("quit %.0f\n", now_ms() - begin);
	return 0;
}
