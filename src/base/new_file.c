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

static int open_beside(struct new_file *f, mode_t mode)
{
	int fd;

	if (asprintf(&f->beside, "%s.XXXXXX", f->path) < 0) {
		f->beside = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(f->beside, O_CLOEXEC);
	if (fd >= 0 && !fchmod(fd, mode))
		return fd;
	if (fd >= 0) {
		int err = -errno;

		close(fd);
		unlink(f->beside);
		return err;
	}
	return -errno;
}

static void forget(struct new_file *f)
{
	free(f->beside);
	free(f->path);
	*f = (struct new_file){ 0 };
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
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
		fd = fd < 0 ? -errno : fd;
	} else {
		fd = open_beside(f, there ? st.st_mode & 07777 : usual_mode());
	}
	if (fd < 0)
		forget(f);
	return fd;
}

int new_file_keep(struct new_file *f)
{
	int err = 0;

	if (f->beside && rename(f->beside, f->path)) {
		err = -errno;
		unlink(f->beside);
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
