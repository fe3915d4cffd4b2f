/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording/format.h"

static int refuse(char *err, size_t size, int error, const char *path, const char *what)
{
	snprintf(err, size, "%s: %s", path, what);
	return -error;
}

static int fail(char *err, size_t size, const char *path)
{
	int error = errno;

	snprintf(err, size, "%s: %s", path, strerror(error));
	return -error;
}

/* May what the descriptor stands for be replaced? */
static int check_ours(int fd, const char *path, char *err, size_t size)
{
	uint8_t start[RECORDING_START];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return fail(err, size, path);
	if (!S_ISREG(st.st_mode))
		return refuse(err, size, EEXIST, path, "is no regular file: a recording needs one");
	if (st.st_uid != geteuid())
		return refuse(err, size, EEXIST, path, "belongs to another user: choose another name");
	if (st.st_nlink != 1)
		return refuse(err, size, EEXIST, path, "has other names (hard links): choose another name");
	n = pread(fd, start, sizeof(start), 0);
	if (n < 0)
		return fail(err, size, path);
	if (n && !recording_is_ours(start, (size_t)n))
		return refuse(err, size, EEXIST, path,
			"exists and is no recording: it is left alone (choose another name)");
	return 0;
}

/* Of what is there already; -errno with a line in err, -ENOENT without: nothing is there. */
static int open_existing(const char *path, char *err, size_t size)
{
	struct stat st;
	int fd, ret;

	/* devices and pipes are not even opened, that alone may do something */
	if (lstat(path, &st))
		return errno == ENOENT ? -ENOENT : fail(err, size, path);
	if (S_ISLNK(st.st_mode))
		return refuse(err, size, EEXIST, path, "is a symbolic link, which is not followed");
	if (S_ISDIR(st.st_mode))
		return refuse(err, size, EISDIR, path, "is a directory");
	if (!S_ISREG(st.st_mode))
		return refuse(err, size, EEXIST, path, "is no regular file: a recording needs one");
	fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : fail(err, size, path);
	ret = check_ours(fd, path, err, size);
	if (!ret && flock(fd, LOCK_EX | LOCK_NB))
		ret = refuse(err, size, EBUSY, path, "is being written by another skbscope");
	if (ret) {
		close(fd);
		return ret;
	}
	return fd;
}

static int open_new(struct target *t, char *err, size_t size)
{
	t->good = 0;
	t->fd = open(t->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (t->fd < 0)
		return fail(err, size, t->path);
	flock(t->fd, LOCK_EX | LOCK_NB);
	return 0;
}

static char *name_of(const struct target *t, unsigned int number, char *buf, size_t size)
{
	if (number)
		snprintf(buf, size, "%s.%u", t->path, number);
	else
		snprintf(buf, size, "%s", t->path);
	return buf;
}

/* FILE.1 becomes FILE.2 and so on, as far as there is no gap; what is foreign stops it before anything moves.
 */
static int shift(const struct target *t, char *err, size_t size)
{
	char from[PATH_MAX + 16], to[PATH_MAX + 16];
	unsigned int last = 1;

	for (; last < t->count; last++) {
		int fd = open_existing(name_of(t, last, to, sizeof(to)), err, size);

		if (fd == -ENOENT)
			break;
		if (fd < 0)
			return fd;
		close(fd);
		if (last == t->count - 1) /* pushed out */
			break;
	}
	for (; last && last < t->count; last--) {
		if (rename(name_of(t, last - 1, from, sizeof(from)), name_of(t, last, to, sizeof(to))))
			return fail(err, size, from);
	}
	return 0;
}

/* Before the first rotation needs them: none of the names may be taken by something else. */
static int check_names(const struct target *t, char *err, size_t size)
{
	char name[PATH_MAX + 16];

	for (unsigned int i = 1; i < t->count; i++) {
		int fd = open_existing(name_of(t, i, name, sizeof(name)), err, size);

		if (fd >= 0)
			close(fd);
		else if (fd != -ENOENT)
			return fd;
	}
	return 0;
}

static int open_first(struct target *t, char *err, size_t size)
{
	int fd = open_existing(t->path, err, size), ret = 0;
	struct stat st;

	if (fd == -ENOENT)
		return open_new(t, err, size);
	if (fd < 0)
		return fd;
	if (t->count > 1 && !fstat(fd, &st) && st.st_size) {
		ret = shift(t, err, size);
		close(fd);
		return ret ? ret : open_new(t, err, size);
	}
	if (ftruncate(fd, 0) || fchmod(fd, 0600)) {
		ret = fail(err, size, t->path);
		close(fd);
		return ret;
	}
	t->fd = fd;
	return 0;
}

static int check_path(const char *path, char *err, size_t size)
{
	if (!strcmp(path, "-"))
		return refuse(err, size, EINVAL, path, "a recording needs a file, not standard output");
	if (strlen(path) >= PATH_MAX)
		return refuse(err, size, ENAMETOOLONG, path, strerror(ENAMETOOLONG));
	return 0;
}

int target_check(const char *path, unsigned int count, char *err, size_t size)
{
	struct target t = { .path = (char *)path, .count = count, .fd = -1 };
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	int ret = check_path(path, err, size), fd;

	if (!ret)
		ret = check_names(&t, err, size);
	if (ret)
		return ret;
	fd = open_existing(path, err, size);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (fd != -ENOENT)
		return fd;
	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash == path ? 1 : slash - path), path);
	return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) ? fail(err, size, folder) : 0;
}

int target_open(struct target *t, const char *path, unsigned int count, char *err, size_t size)
{
	int ret = check_path(path, err, size);

	*t = (struct target){ .fd = -1, .count = count };
	if (ret)
		return ret;
	t->path = strdup(path);
	if (!t->path)
		return refuse(err, size, ENOMEM, path, strerror(ENOMEM));
	ret = check_names(t, err, size);
	if (!ret)
		ret = open_first(t, err, size);
	if (ret) {
		free(t->path);
		t->path = NULL;
	}
	return ret;
}

int target_append(struct target *t, const void *data, size_t len)
{
	size_t done = 0;
	int error;

	while (done < len) {
		ssize_t n = pwrite(t->fd, (const char *)data + done, len - done, (off_t)(t->good + done));

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		error = n ? errno : ENOSPC;
		/* half a block would be told as broken: what is there stays good */
		(void)!ftruncate(t->fd, (off_t)t->good);
		return -error;
	}
	t->good += len;
	return 0;
}

int target_rotate(struct target *t, char *err, size_t size)
{
	int ret = 0;

	if (t->count > 1)
		ret = shift(t, err, size);
	else if (unlink(t->path))
		ret = fail(err, size, t->path);
	if (!ret && close(t->fd))
		ret = fail(err, size, t->path);
	if (ret)
		return ret;
	t->fd = -1;
	return open_new(t, err, size);
}

int target_close(struct target *t)
{
	int ret = 0;

	if (t->fd >= 0) {
		if (fdatasync(t->fd))
			ret = -errno;
		if (close(t->fd) && !ret)
			ret = -errno;
	}
	free(t->path);
	*t = (struct target){ .fd = -1 };
	return ret;
}
