/* SPDX-License-Identifier: GPL-2.0 */
/* Namespaces, cgroups and processes of a filter: names → the numbers that the kernel compares. */
#ifndef SKBSCOPE_TRACE_FILTER_PLACES_H
#define SKBSCOPE_TRACE_FILTER_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../bpf/config.h"
#include "model/packet_filter.h"

/*
 * Everything of *out but what belongs to the expressions. 0, or -ENOENT /
 * -ESRCH with a line in err: what is not there.
 */
int places_resolve(const struct packet_filter *f, struct filter_config *out, char *err, size_t size);

/*
 * Is what was resolved still there? false: a line in what says which namespace,
 * process or device has gone since. thorough: also what takes a look at all processes.
 */
bool places_are_there(const struct packet_filter *f, const struct filter_config *config, bool thorough,
	char *what, size_t size);

/*
 * Calls fn with the inode of every socket of the process .pid, or of those
 * named .comm. Reads /proc: 0.1 ms a process and more. Returns the processes.
 */
size_t places_each_socket(const struct packet_filter *f, void (*fn)(void *ctx, uint64_t inode), void *ctx);

/* Calls fn with the inode of each socket that the process (its number as text) has open. */
void places_sockets_of(const char *pid, void (*fn)(void *ctx, uint64_t inode), void *ctx);

#endif
