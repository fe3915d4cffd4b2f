/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers → words: devices, network namespaces, processes that own sockets,
 * functions at kernel addresses.
 * They arrive as events and are remembered here, so many of each; then the
 * oldest are forgotten. Every name is made printable when it is stored: no
 * control character leaves this file.
 */
#ifndef SKBSCOPE_MODEL_NAMES_H
#define SKBSCOPE_MODEL_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

struct names;

struct names *names_new(void); /* NULL: no memory */
void names_free(struct names *names);

/* Remembers what an EVENT_DEV, EVENT_NETNS, EVENT_OWNER or EVENT_SYMBOL tells; other events are ignored. */
void names_apply(struct names *names, const struct event *ev, size_t size);

/* NULL when unknown. */
const char *names_device(const struct names *names, uint32_t netns, uint32_t ifindex);
const char *names_netns(const struct names *names, uint32_t netns);

/* The process that owns the socket: its name, *pid its tgid. NULL: nobody has looked
 * yet; "" and *pid 0: no process was found. Socket 0 is no socket. */
const char *names_owner(const struct names *names, uint64_t inode, uint32_t *pid);

/* The function at a kernel address, *module "" for the kernel's own, *offset of the
 * address in it. NULL: not known (yet). Any of the two pointers may be NULL. */
const char *names_symbol(const struct names *names, uint64_t addr, const char **module, uint32_t *offset);

/* Copies at most size - 1 bytes of src (len bytes, may lack a NUL); everything
 * that is not printable ASCII or well-formed printable UTF-8 becomes '?'. Returns dst. */
const char *printable(char *dst, size_t size, const char *src, size_t len);

#endif
