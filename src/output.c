/* SPDX-License-Identifier: GPL-2.0 */
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 500

static bool is_signalled(const struct output *out)
{
	struct pollfd p = { .fd = out->signals, .events = POLLIN };

	return out->signals >= 0 && poll(&p, 1, 0) > 0;
}

/* Until there is room. 0 or an errno. */
static int wait_for_room(const struct output *out)
{
	for (;;) {
		bool ending = is_signalled(out);
		struct pollfd p[2] = {
			{ .fd = out->fd, .events = POLLOUT },
			/* level-triggered: once it has come, only room counts */
			{ .fd = ending ? -1 : out->signals, .events = POLLIN },
		};
		int n = poll(p, 2, ending ? OUTPUT_GRACE_MS : LOOK_MS);

		if (n < 0 && errno != EINTR)
			return errno;
		if (p[0].revents)
			return 0; /* room, or an error that write() names */
		if (n == 0 && ending)
			return ECANCELED;
		out->waiting(out->ctx, is_signalled(out));
	}
}

/* Room in a pipe means room for PIPE_BUF at least (pipe(7)): such a write does not block. */
static ssize_t output_write(void *cookie, const char *buf, size_t size)
{
	const struct output *out = cookie;
	struct stat st;
	bool whole = !fstat(out->fd, &st) && S_ISREG(st.st_mode);
	size_t done = 0;

	while (done < size) {
		size_t part = !whole && size - done > PIPE_BUF ? PIPE_BUF : size - done;
		int err = whole ? 0 : wait_for_room(out);
		ssize_t n;

		if (err) {
			errno = err;
			break;
		}
		n = write(out->fd, buf + done, part);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) /* somebody else made it so, and took the room */
			continue;
		if (n < 0)
			break;
		done += n;
	}
	return done; /* a short count is the error: fopencookie(3) wants no negative number */
}

FILE *output_open(struct output *out)
{
	static const cookie_io_functions_t io = { .write = output_write };
	FILE *stream = fopencookie(out, "w", io);

	/* lines come in blocks of their own */
	if (stream)
		setvbuf(stream, NULL, _IONBF, 0);
	return stream;
}

bool output_color(int fd, bool refused)
{
	const char *no = getenv("NO_COLOR"); /* https://no-color.org */

	return !refused && !(no && no[0]) && isatty(fd);
}
