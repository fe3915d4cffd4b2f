/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netns_places.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = { "/run/netns", "/run/docker/netns" };

void netns_places_named(void (*fn)(void *ctx, uint32_t inode, const char *path), void *ctx)
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		DIR *dir = opendir(folders[i]);
		struct dirent *e;
		struct stat at, st;

		if (!dir)
			continue;
		if (stat(folders[i], &at))
			at.st_dev = 0;
		while ((e = readdir(dir))) {
			char path[NETNS_PATH];

			snprintf(path, sizeof(path), "%s/%s", folders[i], e->d_name);
			/* still a plain file: the namespace is about to be put there, or was */
			if (e->d_name[0] != '.' && !stat(path, &st) && st.st_dev != at.st_dev)
				fn(ctx, (uint32_t)st.st_ino, path);
		}
		closedir(dir);
	}
}

void netns_places_processes(void (*fn)(void *ctx, uint32_t inode, const char *path), void *ctx)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	struct stat st;

	while (dir && (e = readdir(dir))) {
		char path[NETNS_PATH];

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		if (!stat(path, &st))
			fn(ctx, (uint32_t)st.st_ino, path);
	}
	if (dir)
		closedir(dir);
}

struct search {
	uint32_t inode;
	char *path;
	bool found;
};

static void compare(void *ctx, uint32_t inode, const char *path)
{
	struct search *s = ctx;

	if (s->found || inode != s->inode)
		return;
	snprintf(s->path, NETNS_PATH, "%s", path);
	s->found = true;
}

bool netns_place_find(uint32_t inode, char *path)
{
	struct search s = { .inode = inode, .path = path };

	netns_places_named(compare, &s);
	if (!s.found)
		netns_places_processes(compare, &s);
	return s.found;
}

bool netns_place_is(const char *path, uint32_t inode)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino == inode;
}

int netns_place_enter(const char *path, uint32_t inode)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_ino != inode)
		err = -ESTALE;
	else if (setns(fd, CLONE_NEWNET))
		err = -errno;
	close(fd);
	return err;
}
