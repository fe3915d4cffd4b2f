/* SPDX-License-Identifier: GPL-2.0 */
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static void forget(struct new_file *f)
{
	free(f->beside);
	free(f->path);
	*f = (struct new_file){ 0 };
}

/* In the same folder, with a short name: that of the file may be as long as names can be. */
static char *name_beside(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name;

	if (asprintf(&name, "%.*s.skbscope.XXXXXX", slash ? (int)(slash + 1 - path) : 0, path) < 0)
		return NULL;
	return name;
}

/* As the file that is there, as far as this user may. */
static int make_alike(int fd, const struct stat *st)
{
	mode_t mode = st->st_mode & 0777;

	if (fchown(fd, st->st_uid, st->st_gid))
		mode &= 0707; /* its group is another one */
	return fchmod(fd, mode);
}

static int not_beside(struct new_file *f, int err)
{
	free(f->beside);
	f->beside = NULL;
	return err;
}

static int open_beside(struct new_file *f, const struct stat *there)
{
	int fd, err;

	f->beside = name_beside(f->path);
	if (!f->beside)
		return -ENOMEM;
	fd = mkostemp(f->beside, O_CLOEXEC);
	if (fd < 0)
		return not_beside(f, -errno);
	err = there ? make_alike(fd, there) : fchmod(fd, usual_mode());
	if (!err)
		return fd;
	err = -errno;
	close(fd);
	unlink(f->beside);
	return not_beside(f, err);
}

static int open_itself(const char *path, bool cut)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | (cut ? O_TRUNC : 0));

	if (fd < 0)
		return -errno;
	return fd;
}

int new_file_open(struct new_file *f, const char *path)
{
	struct stat st;
	bool there = !lstat(path, &st);
	int fd;

	*f = (struct new_file){ .path = strdup(path) };
	if (!f->path)
		return -ENOMEM;
	if (there && S_ISLNK(st.st_mode)) {
		fd = -ELOOP;
	} else if (there && access(path, W_OK)) {
		fd = -errno;
	} else if (there && !S_ISREG(st.st_mode)) {
		fd = open_itself(path, false);
	} else {
		fd = open_beside(f, there ? &st : NULL);
		if (there && (fd == -EACCES || fd == -EPERM || fd == -EROFS))
			fd = open_itself(path, true); /* no file can be made beside it */
	}
	if (fd < 0)
		forget(f);
	return fd;
}

int new_file_keep(struct new_file *f, char *left, size_t size)
{
	int err = 0;

	left[0] = '\0';
	if (f->beside && rename(f->beside, f->path)) {
		err = -errno;
		snprintf(left, size, "%s", f->beside);
	}
	forget(f);
	return err;
}

void new_file_drop(struct new_file *f)
{
	if (f->beside)
		unlink(f->beside);
	forget(f);
}
