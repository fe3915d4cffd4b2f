/* SPDX-License-Identifier: GPL-2.0 */
/* libnftables, loaded when it is needed and there. */
#ifndef SKBSCOPE_TRACE_NETFILTER_LIBNFTABLES_H
#define SKBSCOPE_TRACE_NETFILTER_LIBNFTABLES_H

#include <stddef.h>

struct libnftables;

/* NULL: not there, or not as expected; why says it. */
struct libnftables *libnftables_load(char *why, size_t size);
void libnftables_free(struct libnftables *lib);

/*
 * "list ruleset" of the calling thread's network namespace with handles, without
 * what changes by itself (counters) and without elements of named sets: *text
 * (free it). nf_tables must be loaded. 0, -EIO (it failed) or -ENOMEM.
 */
int libnftables_list(struct libnftables *lib, char **text, size_t *len);

#endif
