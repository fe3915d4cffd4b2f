/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

static bool is_inode(const char *path, uint32_t inode)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino == inode;
}

static bool by_name(const char *folder, uint32_t inode, char *name, size_t size)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (e = readdir(dir))) {
		char path[512];

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		found = is_inode(path, inode);
		if (found)
			snprintf(name, size, "%s", e->d_name);
	}
	closedir(dir);
	return found;
}

static bool by_process(uint32_t inode, char *name, size_t size)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (e = readdir(dir))) {
		char path[300], comm[32];

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		if (!is_inode(path, inode))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		if (file_read_line(path, comm, sizeof(comm)))
			continue;
		snprintf(name, size, "%s:%.20s", comm, e->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}

bool netns_name(uint32_t inode, char *name, size_t size)
{
	if (is_inode("/proc/1/ns/net", inode)) {
		snprintf(name, size, "host");
		return true;
	}
	return by_name("/run/netns", inode, name, size) || by_name("/run/docker/netns", inode, name, size) ||
	       by_process(inode, name, size);
}

void netns_each(void (*fn)(void *ctx, uint32_t inode, const char *name), void *ctx)
{
	DIR *dir = opendir("/run/netns");
	struct dirent *e;
	struct stat st;

	if (!stat("/proc/1/ns/net", &st))
		fn(ctx, st.st_ino, "host");
	while (dir && (e = readdir(dir))) {
		char path[512];

		snprintf(path, sizeof(path), "/run/netns/%s", e->d_name);
		if (e->d_name[0] != '.' && !stat(path, &st))
			fn(ctx, st.st_ino, e->d_name);
	}
	if (dir)
		closedir(dir);
}
