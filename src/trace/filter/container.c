/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/filter/container.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

#define ID_DIGITS 12 /* as many as docker ps shows */

static bool is_id(const char *name)
{
	return strlen(name) >= ID_DIGITS && !name[strspn(name, "0123456789abcdef")];
}

bool container_is_named(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (!len)
		return false;
	for (const char *at = strstr(line, name); at; at = strstr(at + 1, name)) {
		const char *end = at + len;

		if (at == line || !strchr("/-.:", at[-1]))
			continue;
		if (is_id(name)) /* the rest of it */
			end += strspn(end, "0123456789abcdef");
		if (!*end || strchr("/.\n", *end))
			return true;
	}
	return false;
}

static uint32_t netns_of(const char *pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/net", pid);
	return stat(path, &st) ? 0 : (uint32_t)st.st_ino;
}

static bool is_inside(const char *pid, const char *name)
{
	char path[64], *text;
	size_t len;
	bool ret;

	snprintf(path, sizeof(path), "/proc/%.20s/cgroup", pid);
	if (file_read(path, &text, &len))
		return false;
	ret = container_is_named(text, name);
	free(text);
	return ret;
}

int container_netns(const char *name, uint32_t *inode)
{
	const uint32_t host = netns_of("1");
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int ret = -ENOENT;

	while (dir && ret != -EMLINK && (e = readdir(dir))) {
		uint32_t found = isdigit((unsigned char)e->d_name[0]) ? netns_of(e->d_name) : 0;

		if (!found || found == host || (!ret && found == *inode) || !is_inside(e->d_name, name))
			continue;
		ret = ret ? 0 : -EMLINK;
		*inode = found;
	}
	if (dir)
		closedir(dir);
	return ret;
}
