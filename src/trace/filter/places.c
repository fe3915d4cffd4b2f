/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/filter/places.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/filter/container.h"

#define CGROUPS "/sys/fs/cgroup"
#define CONTAINER "container:"

static int wrong(int ret, char *err, size_t size, const char *what, const char *value, const char *why)
{
	snprintf(err, size, "%s %s: %s", what, value, why);
	return ret;
}

static bool is_container(const char *text)
{
	return !strncmp(text, CONTAINER, strlen(CONTAINER));
}

/* Where the namespace of this text is to be looked at. false: it is an inode number. */
static bool netns_path(const char *text, char *path, size_t size)
{
	if (text[0] == '/') {
		snprintf(path, size, "%s", text);
	} else if (!strncmp(text, "pid:", 4)) {
		snprintf(path, size, "/proc/%.20s/ns/net", text + 4);
	} else if (!strcmp(text, "host")) {
		snprintf(path, size, "/proc/1/ns/net");
	} else {
		snprintf(path, size, "/run/netns/%s", text);
		if (access(path, F_OK))
			snprintf(path, size, "/run/docker/netns/%s", text);
		return text[strspn(text, "0123456789")] || !access(path, F_OK);
	}
	return true;
}

static int find_container(const char *name, uint32_t *inode, char *err, size_t size)
{
	int ret = container_netns(name, inode);

	if (ret == -EMLINK)
		return wrong(ret, err, size, "netns container", name,
			"its processes are in several network namespaces (pid:N says which)");
	if (ret)
		return wrong(ret, err, size, "netns container", name,
			"no process in a network namespace of its own has a cgroup of that name or id");
	return 0;
}

static int find_netns(const char *text, uint32_t *inode, char *err, size_t size)
{
	char path[FILTER_NAME_MAX + 32];
	struct stat st;

	if (is_container(text))
		return find_container(text + strlen(CONTAINER), inode, err, size);
	if (!netns_path(text, path, sizeof(path))) {
		*inode = strtoul(text, NULL, 10);
		return *inode ? 0 : wrong(-ENOENT, err, size, "netns", text, "no such namespace");
	}
	if (stat(path, &st))
		return wrong(-ENOENT, err, size, "netns", text,
			"no such network namespace (a name under /run/netns, a path, an inode number, "
			"host, pid:N or container:NAME)");
	*inode = st.st_ino;
	return 0;
}

static int find_cgroup(const char *text, uint64_t *id, char *err, size_t size)
{
	char path[FILTER_NAME_MAX + 32];
	struct stat st;

	if (!strncmp(text, CGROUPS "/", strlen(CGROUPS) + 1))
		text += strlen(CGROUPS);
	/* mixed hierarchies have the second version aside */
	snprintf(path, sizeof(path), CGROUPS "/unified/%s", text);
	if (stat(path, &st)) {
		snprintf(path, sizeof(path), CGROUPS "/%s", text);
		if (stat(path, &st) || !S_ISDIR(st.st_mode))
			return wrong(-ENOENT, err, size, "cgroup", text, "no such group under " CGROUPS);
	}
	*id = st.st_ino; /* kernfs: the inode is the id on 64 bit (fs/kernfs/dir.c) */
	return 0;
}

static bool is_process(uint32_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u", pid);
	return !access(path, F_OK);
}

int places_resolve(const struct packet_filter *f, struct filter_config *out, char *err, size_t size)
{
	int ret = 0;

	*out = (struct filter_config){ .mark = f->mark & f->mark_mask, .mark_mask = f->mark_mask };
	if (f->mark_mask)
		out->flags |= FILTER_MARK;
	if (f->interface[0]) {
		out->flags |= FILTER_IFINDEX;
		memcpy(out->interface, f->interface, strnlen(f->interface, sizeof(out->interface) - 1));
	}
	if (f->netns[0]) {
		out->flags |= FILTER_NETNS;
		ret = find_netns(f->netns, &out->netns, err, size);
	}
	if (!ret && f->cgroup[0]) {
		out->flags |= FILTER_CGROUP;
		ret = find_cgroup(f->cgroup, (uint64_t *)&out->cgroup, err, size);
	}
	if (f->pid) {
		char number[16];

		snprintf(number, sizeof(number), "%u", f->pid);
		out->flags |= FILTER_SOCKET | FILTER_PID;
		out->pid = f->pid;
		if (!ret && !is_process(f->pid))
			ret = wrong(-ESRCH, err, size, "pid", number, "no such process");
	}
	if (f->comm[0]) {
		out->flags |= FILTER_SOCKET | FILTER_COMM;
		memcpy(out->comm, f->comm, strnlen(f->comm, sizeof(out->comm) - 1));
	}
	if (f->by_uid) {
		out->flags |= FILTER_UID;
		out->uid = f->uid;
	}
	if (f->sample > 1) {
		out->flags |= FILTER_SAMPLE;
		out->sample = f->sample;
	}
	return ret;
}

bool places_are_there(const struct packet_filter *f, const struct filter_config *config, bool thorough,
	char *what, size_t size)
{
	char err[FILTER_NAME_MAX + 128];
	uint32_t inode = 0;

	if (f->pid && !is_process(f->pid)) {
		snprintf(what, size, "process %u has ended", f->pid);
		return false;
	}
	if (is_container(f->netns) && !thorough)
		return true;
	/* an inode number alone has no place to look at */
	if (f->netns[0] && (find_netns(f->netns, &inode, err, sizeof(err)) || inode != config->netns)) {
		snprintf(what, size, "network namespace %s has gone", f->netns);
		return false;
	}
	return true;
}

void places_sockets_of(const char *pid, void (*fn)(void *ctx, uint64_t inode), void *ctx)
{
	char path[300];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		char target[64];
		ssize_t n = readlinkat(dirfd(dir), e->d_name, target, sizeof(target) - 1);
		unsigned long long inode;

		if (n <= 0)
			continue;
		target[n] = '\0';
		if (sscanf(target, "socket:[%llu]", &inode) == 1)
			fn(ctx, inode);
	}
	if (dir)
		closedir(dir);
}

static bool has_name(const char *pid, const char *comm)
{
	char path[64], line[32];

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	return !file_read_line(path, line, sizeof(line)) && !strcmp(line, comm);
}

size_t places_each_socket(const struct packet_filter *f, void (*fn)(void *ctx, uint64_t inode), void *ctx)
{
	struct dirent *e;
	char pid[16];
	size_t n = 0;
	DIR *dir;

	snprintf(pid, sizeof(pid), "%u", f->pid);
	if (f->pid) {
		if (f->comm[0] && !has_name(pid, f->comm))
			return 0;
		places_sockets_of(pid, fn, ctx);
		return 1;
	}
	dir = opendir("/proc");
	while (dir && (e = readdir(dir))) {
		if (!isdigit((unsigned char)e->d_name[0]) || !has_name(e->d_name, f->comm))
			continue;
		places_sockets_of(e->d_name, fn, ctx);
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}
