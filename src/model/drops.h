/* SPDX-License-Identifier: GPL-2.0 */
/* Drops summed up: reason × place × rule. Filled by the store. */
#ifndef SKBSCOPE_MODEL_DROPS_H
#define SKBSCOPE_MODEL_DROPS_H

#include <stddef.h>
#include <stdint.h>

#define DROPS_RECENT 256u /* packets remembered of a kind */

/* Of drops that have the three in common. */
struct drop_kind {
	uint32_t no;	   /* 1, 2, 3 ... */
	uint32_t reason;   /* number */
	uint64_t location; /* kernel address (names_symbol()) */
	uint32_t rule;	   /* number (model/rules.h), 0 no rule; a base chain: its policy did it */
	uint32_t flow;	   /* of the last one, 0 none */
	uint64_t packet;   /* the last one */
	uint64_t count;	   /* dropped skbs */
	uint64_t first, last;
	double rate; /* a second, smoothed */
};

/* All drops of that reason, also of kinds that left. */
struct drop_reason {
	uint32_t reason; /* number */
	uint64_t count;	 /* dropped skbs */
};

struct drops;

/* At most max kinds, the rarest of long ago leave; NULL: no memory. */
struct drops *drops_new(size_t max);
void drops_free(struct drops *drops);
size_t drops_bytes(const struct drops *drops); /* in use */
size_t drops_bytes_max(size_t max);

void drops_add(struct drops *drops, const struct drop_kind *what, uint64_t ts);
void drops_tick(struct drops *drops, uint64_t now);

size_t drops_count(const struct drops *drops);
const struct drop_kind *drops_at(const struct drops *drops, size_t index);  /* in order of appearance */
const struct drop_kind *drops_kind(const struct drops *drops, uint32_t no); /* NULL: gone */
/* Packets of the kind, newest first; returns how many were written. */
size_t drops_recent(const struct drops *drops, uint32_t no, uint64_t *packets, size_t max);
uint64_t drops_forgotten(const struct drops *drops); /* drops of kinds that left */

/* Exact sums by reason, by number of the reason; *n of them. Good until the next drops_add(). */
const struct drop_reason *drops_reasons(const struct drops *drops, size_t *n);
uint64_t drops_other_reasons(const struct drops *drops); /* drops of reasons that found no room there */
uint64_t drops_total(const struct drops *drops);	 /* all drops */

#endif
