/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ways that packets of a flow took: packets are of one path when they were
 * at the same functions in the same namespaces in the same order, in copies made
 * the same way, the same rules decided the same, and they came to the same end. And two packets side by side.
 *
 * What is asked for is computed from the store as it is now and owned by the
 * caller; ids of packets may have left the store later. Times are ns.
 */
#ifndef SKBSCOPE_MODEL_PATH_H
#define SKBSCOPE_MODEL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/store.h"

#define PATH_PACKETS_MAX 20000 /* looked at */
#define PATH_HOPS_MAX 4000000  /* and no more packets after so many of their hops */
#define PATHS_MAX 1000	       /* told apart; the packets of further ones are counted */
#define DIFF_HOPS_MAX 4096     /* of each packet */

enum path_flag {
	PATH_DROPPED = 1 << 0,
	PATH_RARE = 1 << 1, /* at most 5 % of the packets went there, and at least half went one way */
	PATH_LOST = 1 << 2, /* records are missing: it may be part of another path */
	PATH_LIVE = 1 << 3, /* its packets are still on their way */
};

struct path {
	uint64_t key; /* stays the same while the store lives: a row on a screen */
	uint64_t count;
	double share;		/* of the packets looked at, 0 ... 1 */
	uint64_t p50, p99, max; /* first record to last; p50 and p99 within 1/16 (base/histogram.h) */
	uint64_t first, last;	/* when the first and the last of them began */
	uint64_t example;	/* packet id of the newest one */
	uint64_t location;	/* PATH_DROPPED: kernel address, of the example */
	uint32_t reason;	/* PATH_DROPPED: drop reason number */
	uint32_t nhops;		/* records of the example */
	uint8_t fate;		/* enum fate */
	uint8_t flags;		/* enum path_flag */
	uint32_t nfuncs;	/* at most DIFF_HOPS_MAX */
	uint16_t *funcs;	/* of the example: probe table indexes in time order */
};

struct paths {
	struct path *v; /* most packets first */
	size_t n;
	uint64_t packets; /* looked at */
	uint64_t others;  /* of paths beyond PATHS_MAX */
};

/*
 * The paths of the newest packets of a flow, at most newest (0 and what is more
 * than PATH_PACKETS_MAX: that many). 0 or -ENOMEM; a flow that is gone has none.
 */
int paths_build(struct paths *paths, const struct store *store, uint32_t flow, size_t newest);
void paths_free(struct paths *paths); /* also one that is all zero */

/* Of the packets of that path, newest first, among those that paths_build() with the
 * same newest looks at: ids to out; how many were written. */
size_t path_packets(
	const struct store *store, uint32_t flow, size_t newest, uint64_t key, uint64_t *out, size_t max);

struct diff_row {
	int a, b; /* numbers of the hops that are the same, -1: the other has no such hop */
};

struct path_diff {
	struct diff_row *v;
	size_t n;
	size_t parted; /* the first row where one has no hop; n: they went the same way */
	bool cut;      /* one has more than DIFF_HOPS_MAX hops: those beyond are not compared */
};

/*
 * Puts the hops of two packets side by side, in the order of each: hops are the
 * same at the same function, chain or rule with the same decision and the same
 * depth of copies made of copies, or at the same end. 0, -ENOMEM, -ENOENT: one of them is gone.
 */
int path_diff(struct path_diff *diff, const struct store *store, uint64_t a, uint64_t b);
void path_diff_free(struct path_diff *diff); /* also one that is all zero */

#endif
