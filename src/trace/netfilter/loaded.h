/* SPDX-License-Identifier: GPL-2.0 */
/* Is a part of the kernel there? Asking it by netlink or a socket option would load it. */
#ifndef SKBSCOPE_TRACE_NETFILTER_LOADED_H
#define SKBSCOPE_TRACE_NETFILTER_LOADED_H

#include <stdbool.h>

/* A module that is loaded and live, or built in and known to sysfs: one look there. */
bool is_loaded(const char *module);
/* Built in, by what came with the kernel: for those that sysfs does not know. Reads a file. */
bool is_built_in(const char *module);

#endif
