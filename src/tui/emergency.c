/* SPDX-License-Identifier: GPL-2.0 */
#include "emergency.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT};
static const int wanted[] = {SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGTSTP, SIGCONT};

#define NFATAL (sizeof(fatal) / sizeof(fatal[0]))
#define NWANTED (sizeof(wanted) / sizeof(wanted[0]))

/* A signal handler gets no context: the only thing here that is not passed around. */
static struct {
	volatile sig_atomic_t armed;
	int fd;
	struct termios before;
	char reset[256];
	size_t len;
	struct sigaction old_fatal[NFATAL];
	struct sigaction old_wanted[NWANTED];
	pid_t loop; /* thread */
} emergency;

/* Puts the terminal back and lets the signal do what it would have done without us. */
static void die(int sig)
{
	ssize_t ignored;
	size_t i;

	if (emergency.armed) {
		emergency.armed = 0;
		ignored = write(emergency.fd, emergency.reset, emergency.len);
		(void)ignored;
		tcsetattr(emergency.fd, TCSANOW, &emergency.before);
	}
	for (i = 0; i < NFATAL; i++)
		if (fatal[i] == sig)
			sigaction(sig, &emergency.old_fatal[i], NULL);
	raise(sig); /* blocked while we are here, delivered when we return */
}

void emergency_arm(int fd, const struct termios *before, const char *reset, size_t len)
{
	struct sigaction sa = {.sa_handler = die};
	size_t i;

	emergency.fd = fd;
	emergency.before = *before;
	emergency.len = len < sizeof(emergency.reset) ? len : sizeof(emergency.reset);
	memcpy(emergency.reset, reset, emergency.len);
	sigemptyset(&sa.sa_mask);
	/* Armed again with another text: the old handlers are known already. */
	for (i = 0; i < NFATAL && !emergency.armed; i++)
		sigaction(fatal[i], &sa, &emergency.old_fatal[i]);
	emergency.armed = 1;
}

void emergency_disarm(void)
{
	size_t i;

	if (!emergency.armed)
		return;
	emergency.armed = 0;
	for (i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &emergency.old_fatal[i], NULL);
}

/*
 * The loop's thread has these signals blocked and reads them from a signalfd.
 * Another thread may have them open, and the kernel then delivers there: pass
 * them on, so that they end up in the signalfd nevertheless.
 */
static void bring_home(int sig)
{
	int err = errno;

	syscall(SYS_tgkill, getpid(), emergency.loop, sig);
	errno = err;
}

int emergency_signals(sigset_t *old)
{
	struct sigaction sa = {.sa_handler = bring_home, .sa_flags = SA_RESTART};
	sigset_t set;
	size_t i;
	int fd, err;

	sigemptyset(&set);
	for (i = 0; i < NWANTED; i++)
		sigaddset(&set, wanted[i]);
	if (sigprocmask(SIG_BLOCK, &set, old))
		return -errno;
	emergency.loop = (pid_t)syscall(SYS_gettid);
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < NWANTED; i++)
		sigaction(wanted[i], &sa, &emergency.old_wanted[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0) {
		err = errno;
		emergency_signals_end(-1, old);
		return -err;
	}
	return fd;
}

void emergency_signals_end(int fd, const sigset_t *old)
{
	size_t i;

	if (fd >= 0)
		close(fd);
	for (i = 0; i < NWANTED; i++)
		sigaction(wanted[i], &emergency.old_wanted[i], NULL);
	sigprocmask(SIG_SETMASK, old, NULL);
}
