/* SPDX-License-Identifier: GPL-2.0 */
/* A table of legacy iptables as the kernel hands it out: where its chains and their rules are. No socket. */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_WALK_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/netfilter/legacy_entry.h"

#define LEGACY_HOOKS 5

struct legacy_blob {
	uint8_t family; /* NFPROTO_IPV4 or _IPV6 */
	char name[32];	/* of the table, with its NUL */
	unsigned int valid_hooks;
	unsigned int hook_entry[LEGACY_HOOKS], underflow[LEGACY_HOOKS]; /* bytes in entries */
	const unsigned char *entries;
	size_t size;
};

/* A chain: its rules are from first on, and at last is the entry that decides at its end. */
struct legacy_place {
	char name[32];
	uint64_t handle;
	size_t first, last; /* bytes */
	uint8_t hook;	    /* NF_NO_HOOK: a chain of the user */
	uint8_t policy;	    /* enum nf_decision, at a hook */
};

struct legacy_walk {
	const struct legacy_blob *blob;
	struct legacy_place *places; /* those at hooks, then the user's in the order of their places */
	size_t n, room;
	size_t hooks; /* how many of them are at hooks */
};

/* 0; -EBADMSG: entries are cut or wrong; -E2BIG: too many chains; -ENOMEM. Chains up to there are known. */
int legacy_walk_init(struct legacy_walk *w, const struct legacy_blob *blob);
void legacy_walk_fini(struct legacy_walk *w);

/* The entry at a place of the table. False: there is none. */
bool legacy_walk_read(const struct legacy_walk *w, size_t at, struct legacy_entry *e);
/* The chain of the user that begins there, NULL none. */
const struct legacy_place *legacy_walk_chain(const struct legacy_walk *w, size_t first);
/* Where a rule jumps or goes to, NULL nowhere. */
const struct legacy_place *legacy_walk_target(
	const struct legacy_walk *w, size_t at, const struct legacy_entry *e);

#endif
