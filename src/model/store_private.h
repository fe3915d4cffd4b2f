/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of the store: one array of equal cells that holds packets, hops
 * and flows alike, so that memory never has to be moved from one kind to
 * another. Cells name each other by index; index 0 is nobody.
 */
#ifndef SKBSCOPE_MODEL_STORE_PRIVATE_H
#define SKBSCOPE_MODEL_STORE_PRIVATE_H

#include "model/store.h"

#define CELL_SIZE 256u
#define CHUNK_HOPS 6u	/* hops in one cell */
#define INLINE_HOPS 2u	/* hops in the cell of the packet itself */
#define REORDER_MAX 16u /* hops that a late one is compared with */
#define RATE_BUCKETS 12u

struct chunk_cell {
	uint32_t next; /* also the link of free cells: a chain is freed at once */
	uint32_t prev; /* 0: the hops in the packet come before */
	struct hop hop[CHUNK_HOPS];
};

struct packet_cell {
	struct packet pub;
	uint32_t hash_next;
	uint32_t age_next;     /* the next younger one */
	uint32_t newer, older; /* in its flow */
	uint32_t flow;	       /* cell of its flow */
	uint32_t first_chunk, last_chunk;
	uint32_t pad;
	struct hop hop[INLINE_HOPS];
};

struct flow_cell {
	struct flow pub;
	uint32_t hash_next;
	uint32_t unseen_prev, unseen_next; /* all flows, longest unseen first */
	uint32_t newest;		   /* packet */
	uint32_t active_prev, active_next; /* flows with a rate */
	bool active;
	uint32_t bucket[RATE_BUCKETS]; /* packets that began in that time */
};

union cell {
	uint32_t free_next;
	struct chunk_cell chunk;
	struct packet_cell packet;
	struct flow_cell flow;
	unsigned char bytes[CELL_SIZE];
};

_Static_assert(sizeof(struct hop) == 40, "struct hop is 40 bytes");
_Static_assert(sizeof(union cell) == CELL_SIZE, "every kind fits into a cell");

struct flow_slot {
	uint32_t no;
	uint32_t cell;
};

struct store {
	union cell *cells;
	size_t cell_count;  /* of the array; number 0 is not used */
	size_t cells_fresh; /* the first one that was never used */
	size_t cells_used;
	uint32_t cells_free; /* list of those given back */
	size_t map_bytes;
	size_t fixed_bytes; /* everything but the cells in use */

	uint32_t *packet_heads; /* hash chains */
	size_t packet_mask;
	uint32_t oldest, youngest; /* packet */
	uint64_t *gone;		   /* ids evicted lately, by hash */
	size_t gone_mask;

	uint32_t *flow_heads;
	size_t flow_mask;
	uint64_t flow_seed;
	struct flow_slot *order; /* flows by number */
	size_t flow_count, flow_max;
	uint32_t last_no;
	uint32_t unseen_first, unseen_last; /* longest unseen ... just seen */
	uint32_t active;

	uint64_t bucket_start[RATE_BUCKETS]; /* 0: never begun */
	unsigned int bucket;

	struct names *names;
	struct store_totals totals;
};

/* A cell, evicting packets as needed. 0: the packet keep itself had to go. */
uint32_t cell_take(struct store *store, uint32_t keep);
void cell_give(struct store *store, uint32_t cell);

static inline struct packet_cell *packet_at(const struct store *store, uint32_t cell)
{
	return &store->cells[cell].packet;
}

static inline struct flow_cell *flow_at(const struct store *store, uint32_t cell)
{
	return &store->cells[cell].flow;
}

/* packet.c */
uint32_t packet_find(const struct store *store, uint64_t id);
uint32_t packet_create(struct store *store, const struct event *ev);
bool packet_was_evicted(const struct store *store, uint64_t id);
void packet_evict_oldest(struct store *store);
/* False: the packet had to go to make room, so there is nothing to add to. */
bool packet_add_hop(struct store *store, uint32_t cell, const struct event *ev);

/* flow.c */
/* Puts the packet into the flow its tuple tells. False: as in packet_add_hop(). */
bool flow_join(struct store *store, uint32_t packet, const struct event_full *full);
void flow_leave(struct store *store, struct packet_cell *packet);
void flow_seen(struct store *store, uint32_t cell, uint64_t ts, bool move);

#endif
