/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of base chains by packets, as two witnesses tell them: the kernel's own
 * trace and skbscope. A call is who (netns, base chain, the packet's addresses
 * and ports) and what (a line for each step), both text, so that equal is equal.
 */
#ifndef RULES_CALLS_H
#define RULES_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call {
	uint64_t owner, more; /* of one that is not over: whose it is */
	uint32_t at;	      /* its place among all of this witness */
	bool over;
	char *who;
	char *what; /* NULL: no step yet */
	size_t len;
};

struct calls {
	struct call *v;
	uint32_t n, max;
	uint32_t *open; /* places in v */
	uint32_t nopen, open_max;
	uint64_t steps, bad; /* bad: a step of no call */
};

/* A call that begins; who is copied. One of the same owner may be open: a rule sends the packet elsewhere. */
struct call *calls_begin(struct calls *calls, uint64_t owner, uint64_t more, const char *who);
/* The newest open one of this owner; NULL: none. */
struct call *calls_open(struct calls *calls, uint64_t owner, uint64_t more);
/* A step, without its newline; "?" before it: the other witness may not tell it. */
void calls_step(struct calls *calls, struct call *call, const char *step);
void calls_end(struct calls *calls, struct call *call);

struct calls_result {
	uint64_t equal, different, missing, extra; /* missing: only in the truth */
};

/* The k-th call of each "who" with the k-th of the other; the first that differ go to stderr. */
struct calls_result calls_compare(struct calls *truth, struct calls *seen);

/* Netlink messages of NFNLGRP_NFTRACE, one after the other. 0, -errno. shift: added to all handles. */
int truth_read(struct calls *calls, const char *path, uint64_t netns, uint64_t shift);
/* Lines of "skbscope trace --json", of these namespaces only. */
int seen_read(struct calls *calls, const char *path, const uint64_t *netns, int nnetns);

/* "accept" ... of a verdict's code as nft says it. */
const char *verdict_name(int32_t code);

/* Aborts without memory: the test is over then. */
void *grow(void *p, size_t n, size_t size);

#endif
