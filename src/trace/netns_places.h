/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where network namespaces can be entered: paths. Whoever holds a namespace's
 * file or a socket in it keeps it alive after its owner is done with it, so what
 * is remembered is a path.
 */
#ifndef SKBSCOPE_TRACE_NETNS_PLACES_H
#define SKBSCOPE_TRACE_NETNS_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETNS_PATH 300 /* bytes */

/* Calls fn for each name under /run/netns and /run/docker/netns: microseconds each. */
void netns_places_named(void (*fn)(void *ctx, uint32_t inode, const char *path), void *ctx);
/* And for each process, as often as they are in the same one. */
void netns_places_processes(void (*fn)(void *ctx, uint32_t inode, const char *path), void *ctx);

/* By name or process. path has room for NETNS_PATH. */
bool netns_place_find(uint32_t inode, char *path);
/* Is it still there? */
bool netns_place_is(const char *path, uint32_t inode);

/* The calling thread goes there; 0, -ESTALE (it is another one), -errno. */
int netns_place_enter(const char *path, uint32_t inode);

#endif
