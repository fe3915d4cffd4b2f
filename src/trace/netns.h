/* SPDX-License-Identifier: GPL-2.0 */
/* Network namespaces: inode → name. Reads /run/netns and /proc; may take milliseconds. */
#ifndef SKBSCOPE_TRACE_NETNS_H
#define SKBSCOPE_TRACE_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * "host" for that of process 1, the name under /run/netns, or the process that
 * lives in it ("nginx:812"). false: nobody lives there and it has no name.
 */
bool netns_name(uint32_t inode, char *name, size_t size);

/* Calls fn with inode and name of "host" and of every namespace under /run/netns. */
void netns_each(void (*fn)(void *ctx, uint32_t inode, const char *name), void *ctx);

#endif
