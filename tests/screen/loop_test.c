/* SPDX-License-Identifier: GPL-2.0 */
/* The real loop on a pty: however it ends, the terminal is as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "demo_source.h"
#include "tui/app.h"

struct pty {
	int fd;
	pid_t pid;
	struct termios before;
	char seen[1 << 20];
	size_t len;
};

static struct pty *pty_start(void)
{
	struct winsize ws = { .ws_row = 24, .ws_col = 80 };
	struct screen_options options = { .memory = 32 << 20 };
	struct demo_options demo = { 0 };
	struct pty *p = calloc(1, sizeof(*p));
	char err[240] = "";
	int slave, ret;

	assert_non_null(p);
	assert_int_equal(openpty(&p->fd, &slave, NULL, NULL, &ws), 0);
	tcgetattr(slave, &p->before);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (!p->pid) {
		close(p->fd);
		login_tty(slave);
		ret = screen_run(demo_source_new(&demo), &options, err, sizeof(err));
		_exit(ret ? 3 : 0);
	}
	close(slave);
	return p;
}

/* Reads until text was seen. */
static void pty_wait_for(struct pty *p, const char *text)
{
	struct pollfd fds = { .fd = p->fd, .events = POLLIN };
	ssize_t n;

	while (!memmem(p->seen, p->len, text, strlen(text))) {
		assert_int_equal(poll(&fds, 1, 20000), 1);
		n = read(p->fd, p->seen + p->len, sizeof(p->seen) - p->len);
		if (n <= 0)
			fail_msg("the screen ended before it showed %s", text);
		p->len += (size_t)n;
	}
}

/* Status as of waitpid(); the terminal must be as it was. */
static int pty_end(struct pty *p)
{
	struct termios now;
	int status;

	/* A pty without a reader would keep the program waiting. */
	for (;;) {
		ssize_t n = read(p->fd, p->seen + p->len, sizeof(p->seen) - p->len);

		if (n <= 0)
			break;
		p->len += (size_t)n;
	}
	waitpid(p->pid, &status, 0);
	if (!tcgetattr(p->fd, &now)) {
		assert_int_equal(now.c_lflag, p->before.c_lflag);
		assert_int_equal(now.c_iflag, p->before.c_iflag);
		assert_int_equal(now.c_oflag, p->before.c_oflag);
	}
	assert_non_null(memmem(p->seen, p->len, "\033[?1049l", 8)); /* back from the other screen */
	close(p->fd);
	free(p);
	return status;
}

static void quitting_restores_the_terminal(void **state)
{
	static const char *const ways[] = { "q", "\003", "\033[21~" };
	struct pty *p;
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		p = pty_start();
		pty_wait_for(p, "Flows");
		assert_true(write(p->fd, ways[i], strlen(ways[i])) > 0);
		assert_int_equal(pty_end(p), 0);
	}
}

static void signals_restore_the_terminal(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGABRT, SIGQUIT };
	struct pty *p;
	size_t i;
	int status;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		p = pty_start();
		pty_wait_for(p, "Flows");
		kill(p->pid, signals[i]);
		status = pty_end(p);
		if (i < 3)
			assert_int_equal(status, 0);
		else
			assert_true(WIFSIGNALED(status) || WEXITSTATUS(status));
	}
}

static void hang_up_ends_it(void **state)
{
	struct pty *p = pty_start();
	int status;

	pty_wait_for(p, "Flows");
	close(p->fd);
	waitpid(p->pid, &status, 0);
	assert_true(WIFEXITED(status));
	free(p);
}

static void resize_is_followed(void **state)
{
	struct winsize ws = { .ws_row = 40, .ws_col = 120 };
	struct pty *p = pty_start();

	pty_wait_for(p, "Flows");
	ioctl(p->fd, TIOCSWINSZ, &ws);
	pty_wait_for(p, "┬");
	assert_true(write(p->fd, "q", 1) == 1);
	assert_int_equal(pty_end(p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quitting_restores_the_terminal),
		cmocka_unit_test(signals_restore_the_terminal),
		cmocka_unit_test(hang_up_ends_it),
		cmocka_unit_test(resize_is_followed),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TERM", "xterm-256color", 1);
	setenv("XDG_STATE_HOME", "/dev/null", 1); /* nothing of the user's is touched */
	unsetenv("NO_COLOR");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
