/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long a tracer takes to be ready, to give the prompt back, and to be gone:
 *
 *     stopwatch READY SIGNAL [-d COMMAND] -- TRACER [ARGS...]
 *
 * READY is a file that appears, or "=TEXT": text that appears on the tracer's
 * stderr. COMMAND runs while it traces. Prints "ready MS", "quit MS", "gone
 * MS"; gone is when no probe of anybody is left, counted from the signal.
 * Without starting other processes: each costs 30 ms in an emulated guest.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 240000

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static bool is_empty(const char *path)
{
	char c;
	int fd = open(path, O_RDONLY);
	bool empty = fd < 0 || read(fd, &c, 1) <= 0;

	if (fd >= 0)
		close(fd);
	return empty;
}

/* Any process whose name begins so? */
static bool is_running(const char *prefix)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir))) {
		char path[300], comm[32] = "";
		int fd;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		found = read(fd, comm, sizeof(comm) - 1) > 0 && !strncmp(comm, prefix, strlen(prefix));
		close(fd);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool has_text(const char *path, const char *text)
{
	char buf[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return strstr(buf, text);
}

static bool is_ready(const char *ready, const char *errors)
{
	return ready[0] == '=' ? has_text(errors, ready + 1) : !access(ready, F_OK);
}

static pid_t start(char **argv, const char *errors)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	dup2(open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
	signal(SIGINT, SIG_DFL);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	const char *ready = argc > 3 ? argv[1] : NULL, *during = NULL, *errors = "/tmp/stopwatch.err";
	int sig = argc > 3 ? atoi(argv[2]) : 0;
	int at = 3, status;
	double begin, told;
	pid_t pid;

	if (argc > 5 && !strcmp(argv[at], "-d")) {
		during = argv[at + 1];
		at += 2;
	}
	if (!ready || at + 1 >= argc || strcmp(argv[at], "--")) {
		fprintf(stderr, "usage: stopwatch READY SIGNAL [-d COMMAND] -- TRACER...\n");
		return 2;
	}
	if (ready[0] != '=')
		unlink(ready);
	begin = now_ms();
	pid = start(argv + at + 1, errors);
	while (!is_ready(ready, errors)) {
		if (waitpid(pid, &status, WNOHANG) == pid || now_ms() - begin > LIMIT_MS) {
			fprintf(stderr, "stopwatch: %s did not become ready\n", argv[at + 1]);
			return 1;
		}
		nap();
	}
	printf("ready %.0f\n", now_ms() - begin);
	fflush(stdout);
	if (during && system(during))
		fprintf(stderr, "stopwatch: %s failed\n", during);
	told = now_ms();
	kill(pid, sig);
	waitpid(pid, &status, 0);
	printf("quit %.0f\n", now_ms() - told);
	while (!is_empty("/sys/kernel/tracing/enabled_functions") ||
		!is_empty("/sys/kernel/debug/kprobes/list") || is_running("skbs")) {
		if (now_ms() - told > LIMIT_MS) {
			fprintf(stderr, "stopwatch: probes are left after %d s\n", LIMIT_MS / 1000);
			return 1;
		}
		nap();
	}
	printf("gone %.0f\n", now_ms() - told);
	return 0;
}
