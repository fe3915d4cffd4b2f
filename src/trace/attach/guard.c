/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/attach/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "trace/discover/kernel.h"

#define GROUP_PREFIX "skbscope_"
#define HELD_MAX 512

enum guard_op { GUARD_HOLD, GUARD_DROP, GUARD_EXPEDITE, GUARD_FINISH };

struct message {
	uint32_t op;
	uint32_t id; /* GUARD_EXPEDITE: on */
	uint32_t lane;
	uint32_t seq; /* of a request; its answer bears the same */
};

struct held {
	uint32_t id;
	uint32_t lane;
	int fd; /* -1: closed */
};

/*
 * Settings that make attaching and detaching slow, and their value meanwhile.
 * The optimizer of kprobes holds their lock for a grace period after every few
 * probes that come or go; without it that period is waited for once.
 */
static const struct {
	const char *path, *value;
} hurry[] = {
	{ "/sys/kernel/rcu_expedited", "1" },
	{ "/proc/sys/debug/kprobes-optimization", "0" },
};

/* What stood there before, kept while it is raised: should the guard be killed, the next start puts it back.
 */
#define HURRY_FILE "/run/skbscope.hurry"

#define HURRIES (sizeof(hurry) / sizeof(hurry[0]))

struct holder {
	int sock;
	pid_t owner;
	bool hurried;
	int keep;		  /* HURRY_FILE while it is ours, else -1 */
	char before[HURRIES][16]; /* what stood there; "" untouched */
	size_t n;
	struct held held[HELD_MAX];
};

void guard_group(char *buf, size_t size, pid_t pid)
{
	snprintf(buf, size, GROUP_PREFIX "%d", pid);
}

/* A leftover may bear our own number, of an earlier process. */
static bool is_alive(pid_t pid)
{
	return pid > 0 && pid != getpid() && (!kill(pid, 0) || errno == EPERM);
}

/*
 * Definitions of one process (owner > 0) or of all that are gone (0): a
 * "-:group/event" for each. A line of kprobe_events reads "p:group/event ...".
 */
static int remove_definitions(pid_t owner)
{
	char path[128], *text, *line, *next, *last = NULL;
	size_t len;
	int n = 0;

	snprintf(path, sizeof(path), "%s/kprobe_events", tracefs_path());
	if (file_read(path, &text, &len))
		return 0;
	for (line = text; line && *line; line = next) {
		char event[160], group[32];
		size_t stop;
		long pid;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (strncmp(line, "p:" GROUP_PREFIX, 2 + strlen(GROUP_PREFIX)))
			continue;
		pid = strtol(line + 2 + strlen(GROUP_PREFIX), NULL, 10);
		if (owner ? pid != owner : is_alive(pid))
			continue;
		guard_group(group, sizeof(group), pid);
		stop = strcspn(line + 2, " ");
		line[2 + stop] = '\0';
		/* probes of one event stand together: one removal takes them all */
		if (last && !strcmp(last, line))
			continue;
		last = line;
		snprintf(event, sizeof(event), "-:%.140s\n", line + 2);
		if (!file_write(path, event, strlen(event)))
			n++;
	}
	free(text);
	return n;
}

/* Which run it is; what stood there is added as it is read. */
static void keep_hurry(struct holder *h)
{
	h->keep = open(HURRY_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (h->keep >= 0) /* else another run has raised them: it puts them back */
		dprintf(h->keep, "%d", getpid());
}

static void forget_hurry(struct holder *h)
{
	if (h->keep < 0)
		return;
	close(h->keep);
	h->keep = -1;
	unlink(HURRY_FILE);
}

/* Settings that a killed guard left raised. */
static void restore_hurry(void)
{
	char line[96], before[HURRIES][16];
	int pid, n;

	if (file_read_line(HURRY_FILE, line, sizeof(line)))
		return;
	n = sscanf(line, "%d %15s %15s", &pid, before[0], before[1]);
	if (n >= 1 && is_alive(pid))
		return;
	for (int i = 0; i < n - 1; i++) {
		if (before[i][0] != '-')
			file_write(hurry[i].path, before[i], strlen(before[i]));
	}
	unlink(HURRY_FILE);
}

int guard_remove_leftovers(void)
{
	restore_hurry();
	return remove_definitions(0);
}

/* Each is written as soon as it is known: the next may take its time. */
static void raise_one(struct holder *h, size_t i)
{
	char *before = h->before[i];

	/* not there, or so already: not ours to change back */
	if (file_read_line(hurry[i].path, before, sizeof(h->before[i])) || !strcmp(before, hurry[i].value))
		before[0] = '\0';
	if (h->keep >= 0)
		dprintf(h->keep, " %s", before[0] ? before : "-");
	if (before[0])
		file_write(hurry[i].path, hurry[i].value, strlen(hurry[i].value));
}

static void raise_first(struct holder *h)
{
	h->hurried = true;
	keep_hurry(h);
	raise_one(h, 0);
}

/* Waits for the optimizer, and until it has taken its jumps back: up to 0.5 s for 1,400 probes. */
static void raise_rest(struct holder *h)
{
	for (size_t i = 1; i < HURRIES; i++)
		raise_one(h, i);
}

static void set_hurry(struct holder *h, bool on)
{
	if (on == h->hurried)
		return;
	if (on) {
		raise_first(h);
		raise_rest(h);
		return;
	}
	h->hurried = false;
	for (size_t i = 0; i < HURRIES; i++) {
		if (h->before[i][0])
			file_write(hurry[i].path, h->before[i], strlen(h->before[i]));
	}
	forget_hurry(h);
}

struct lane_job {
	struct holder *h;
	uint32_t lane;
};

static void *close_lane(void *arg)
{
	const struct lane_job *job = arg;
	struct holder *h = job->h;

	for (size_t i = 0; i < h->n; i++) {
		if (h->held[i].lane != job->lane || h->held[i].fd < 0)
			continue;
		close(h->held[i].fd);
		h->held[i].fd = -1;
	}
	return NULL;
}

/* The lanes wait for different locks and grace periods: side by side. */
static void let_go(struct holder *h)
{
	struct lane_job job[GUARD_LANES];
	pthread_t thread[GUARD_FUNCTIONS];
	bool started[GUARD_FUNCTIONS], was = h->hurried;

	if (h->n && !was)
		raise_first(h);
	for (uint32_t lane = 0; lane < GUARD_LANES; lane++)
		job[lane] = (struct lane_job){ h, lane };
	for (int i = 0; i < GUARD_FUNCTIONS; i++) {
		started[i] = !pthread_create(&thread[i], NULL, close_lane, &job[i]);
		if (!started[i])
			close_lane(&job[i]);
	}
	if (h->hurried && !was)
		raise_rest(h);
	close_lane(&job[GUARD_FUNCTIONS]);
	remove_definitions(h->owner);
	for (int i = 0; i < GUARD_FUNCTIONS; i++) {
		if (started[i])
			pthread_join(thread[i], NULL);
	}
	h->n = 0;
	if (!was)
		set_hurry(h, false);
}

static void drop(struct holder *h, uint32_t id)
{
	for (size_t i = 0; i < h->n; i++) {
		if (h->held[i].id != id)
			continue;
		close(h->held[i].fd);
		h->held[i] = h->held[--h->n];
		return;
	}
}

/* One message with, maybe, a descriptor. 0 at the end of the other side. */
static ssize_t receive(int sock, struct message *msg, int *fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = msg, .iov_len = sizeof(*msg) };
	struct msghdr hdr = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c;
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(sock, &hdr, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = CMSG_FIRSTHDR(&hdr);
	if (n > 0 && c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n;
}

static void serve(struct holder *h)
{
	struct message msg;
	int fd;

	while (receive(h->sock, &msg, &fd) == sizeof(msg)) {
		switch ((enum guard_op)msg.op) {
		case GUARD_HOLD:
			if (h->n < HELD_MAX && fd >= 0)
				h->held[h->n++] = (struct held){ .id = msg.id, .lane = msg.lane, .fd = fd };
			else if (fd >= 0)
				close(fd);
			continue;
		case GUARD_DROP:
			drop(h, msg.id);
			break;
		case GUARD_EXPEDITE:
			set_hurry(h, msg.id);
			break;
		case GUARD_FINISH:
			let_go(h);
			break;
		}
		if (send(h->sock, &msg, sizeof(msg), MSG_NOSIGNAL) < 0)
			break;
	}
	let_go(h);
	set_hurry(h, false);
}

static void guard_main(int sock, pid_t owner)
{
	struct holder *h = calloc(1, sizeof(*h));
	int null = open("/dev/null", O_RDWR);

	if (!h)
		_exit(1);
	setsid(); /* Ctrl-C and hang-up of the terminal are not for us */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NAME, "skbs-guard"); /* no match for pkill skbscope */
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	h->sock = dup2(sock, 3);
	closefrom(4);
	h->owner = owner;
	h->keep = -1;
	serve(h);
	_exit(0);
}

int guard_start(struct guard *guard)
{
	int pair[2];
	pid_t owner = getpid();

	guard->sock = -1;
	guard->next = 1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	guard->pid = fork();
	if (guard->pid < 0) {
		int err = -errno;

		close(pair[0]);
		close(pair[1]);
		return err;
	}
	if (!guard->pid) {
		close(pair[0]);
		guard_main(pair[1], owner);
	}
	close(pair[1]);
	guard->sock = pair[0];
	return 0;
}

static int request(struct guard *guard, enum guard_op op, uint32_t id, int timeout_ms)
{
	struct message msg = { .op = op, .id = id, .seq = ++guard->seq }, answer;
	uint64_t until = clock_now(NULL) + (uint64_t)timeout_ms * 1000000;

	if (guard->sock < 0)
		return -ENOTCONN;
	if (send(guard->sock, &msg, sizeof(msg), MSG_NOSIGNAL) < 0)
		return -errno;
	do { /* the answer of a request that was given up may come first */
		struct pollfd p = { .fd = guard->sock, .events = POLLIN };
		uint64_t now = clock_now(NULL);

		if (timeout_ms >= 0 && poll(&p, 1, now < until ? (int)((until - now) / 1000000) + 1 : 0) <= 0)
			return -ETIMEDOUT;
		if (recv(guard->sock, &answer, sizeof(answer), 0) != sizeof(answer))
			return -EPIPE;
	} while (answer.seq != msg.seq);
	return 0;
}

int guard_hold(struct guard *guard, int fd, enum guard_lane lane, uint32_t *id)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct message msg = { .op = GUARD_HOLD, .id = guard->next, .lane = lane };
	struct iovec iov = { .iov_base = &msg, .iov_len = sizeof(msg) };
	struct msghdr hdr = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&hdr);

	*id = 0;
	if (guard->sock < 0)
		return -ENOTCONN;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(guard->sock, &hdr, MSG_NOSIGNAL) < 0)
		return -errno;
	*id = guard->next++;
	return 0;
}

int guard_drop(struct guard *guard, uint32_t id)
{
	return request(guard, GUARD_DROP, id, -1);
}

void guard_expedite(struct guard *guard, bool on)
{
	request(guard, GUARD_EXPEDITE, on, -1);
}

int guard_finish(struct guard *guard, int timeout_ms)
{
	uint64_t start = clock_now(NULL);
	int err = request(guard, GUARD_FINISH, 0, timeout_ms);

	if (guard->sock >= 0)
		close(guard->sock);
	guard->sock = -1;
	return err ? -1 : (int)((clock_now(NULL) - start) / 1000000);
}
