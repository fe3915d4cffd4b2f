/* SPDX-License-Identifier: GPL-2.0 */
/* A table of legacy iptables as the kernel hands it out. No socket. */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_PARSE_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/netfilter/ruleset.h"

#define LEGACY_HOOKS 5

struct legacy_blob {
	uint8_t family; /* NFPROTO_IPV4 or _IPV6 */
	char name[32];	/* of the table, with its NUL */
	unsigned int valid_hooks;
	unsigned int hook_entry[LEGACY_HOOKS], underflow[LEGACY_HOOKS]; /* bytes in entries */
	const unsigned char *entries;
	size_t size;
};

/* Adds the table to rs. 0; -EBADMSG: entries are cut or wrong, what was right so far is there; -ENOMEM. */
int legacy_parse(struct ruleset *rs, const struct legacy_blob *blob);

#endif
