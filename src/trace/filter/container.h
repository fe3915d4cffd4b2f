/* SPDX-License-Identifier: GPL-2.0 */
/* Containers by name, without asking the program that runs them: their processes' cgroups name them. */
#ifndef SKBSCOPE_TRACE_FILTER_CONTAINER_H
#define SKBSCOPE_TRACE_FILTER_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Does a line of /proc/PID/cgroup name this container? By the name (nspawn, LXC)
 * or the id (Docker, Podman, Kubernetes), of which the first 12 digits are enough:
 *     0::/machine.slice/machine-web.scope      0::/lxc.payload.web/init.scope
 *     0::/system.slice/docker-3f4e...9a.scope  12:cpu:/docker/3f4e...9a
 */
bool container_is_named(const char *line, const char *name);

/*
 * Inode of the network namespace of the processes in the container. 0, -ENOENT:
 * there is none with a namespace of its own, -EMLINK: several. Reads all of /proc.
 */
int container_netns(const char *name, uint32_t *inode);

#endif
