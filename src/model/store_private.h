/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of the store: one array of equal cells that holds packets, hops
 * and flows alike, so that memory never has to be moved from one kind to
 * another. Cells name each other by index; index 0 is nobody.
 *
 * A packet is two cells, head and body, and chains of further cells for what
 * does not fit: hops (chunks), copies, changes. Copies and changes are named by
 * cell and slot; slot IN_PACKET is the one that a packet has room for itself.
 */
#ifndef SKBSCOPE_MODEL_STORE_PRIVATE_H
#define SKBSCOPE_MODEL_STORE_PRIVATE_H

#include "model/netfilter.h"
#include "model/bytes_ring.h"
#include "model/store.h"

#define CELL_SIZE 256u
#define CHUNK_HOPS 6u /* hops in one cell */
#define BODY_HOPS 4u
#define INLINE_HOPS (1 + BODY_HOPS) /* hops in the cells of the packet itself */
#define CELL_COPIES 3u
#define CELL_CHANGES 3u
#define IN_PACKET 3u	 /* the slot */
#define COPIES_MAX 2048u /* of one packet: finding one may be a walk over all */
#define REORDER_MAX 16u	 /* hops that a late one is compared with */
#define GAP_WALK 256u	 /* hops among which the gap is looked for that a late record fills */
#define RATE_BUCKETS 12u

struct chunk_cell {
	uint32_t next; /* also the link of free cells: a chain is freed at once */
	uint32_t prev; /* 0: the hops in the packet come before */
	struct hop hop[CHUNK_HOPS];
};

struct copy_slot {
	struct copy pub;
	uint32_t change; /* slot of the last one, 0 none */
	uint16_t next_seq;
	uint8_t last; /* enum fate_role of the function it was at last */
	uint8_t pad;
};

struct copies_cell {
	uint32_t next; /* the one filled before it */
	uint32_t pad;
	struct copy_slot copy[CELL_COPIES];
};

struct changes_cell {
	uint32_t next;
	uint32_t pad;
	struct change change[CELL_CHANGES];
};

struct packet_cell {
	struct packet pub;
	uint32_t hash_next;
	uint32_t age_next;     /* the next younger one */
	uint32_t newer, older; /* in its flow */
	uint32_t flow;	       /* cell of its flow */
	uint32_t body;
	uint32_t first_chunk, last_chunk;
	uint32_t first_changes, last_changes;
	uint32_t copies;    /* cell of the newest ones, when the body's is not all */
	uint32_t hint;	    /* slot of the copy that was seen last */
	uint64_t change_ts; /* the first change, with pub.tuple */
	uint64_t change_ct;
	uint16_t change_copy;
	uint16_t hint_index;
	uint32_t measured; /* hops that latency has counted */
	struct hop hop;
};

struct body_cell {
	struct copy_slot copy;
	struct hop hop[BODY_HOPS];
};

struct flow_cell {
	struct flow pub;
	uint32_t hash_next;
	uint32_t unseen_prev, unseen_next; /* all flows, longest unseen first */
	uint32_t newest;		   /* packet */
	uint32_t active_prev, active_next; /* flows with a rate */
	bool active;
	uint16_t bucket[RATE_BUCKETS]; /* packets that began in that time; a full one stays full */
};

union cell {
	uint32_t free_next;
	struct chunk_cell chunk;
	struct copies_cell copies;
	struct changes_cell changes;
	struct packet_cell packet;
	struct body_cell body;
	struct flow_cell flow;
	unsigned char bytes[CELL_SIZE];
};

_Static_assert(sizeof(struct hop) == 40, "struct hop is 40 bytes");
_Static_assert(sizeof(struct change) == 72, "struct change is 72 bytes");
_Static_assert(sizeof(union cell) == CELL_SIZE, "every kind fits into a cell");

struct flow_slot {
	uint32_t no;
	uint32_t cell;
};

/* What an ICMP error quotes. */
#define QUOTES_MAX 512u /* remembered */

struct quote {
	uint64_t error; /* packet id */
	uint64_t ts;
	struct wire_tuple tuple;
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

	const struct probe_table *probes;
	struct fate_roles roles;
	struct quote *quotes; /* a ring of quotes_max */
	size_t quotes_max;
	size_t nquotes;		 /* ever */
	struct latency *latency; /* NULL: nothing has ended */
	size_t latency_bytes;	 /* that it may take; 0: it cannot be had */
	struct names *names;
	struct bytes_ring bytes; /* in cells that were never used, from the first bytes on */
	bool bytes_begun;
	struct netfilter nf;
	size_t nf_bytes; /* that it may take */
	struct store_totals totals;
};

/* A cell, evicting packets as needed. 0: the packet keep itself had to go. */
uint32_t cell_take(struct store *store, uint32_t keep);
void cell_give(struct store *store, uint32_t cell);

static inline struct packet_cell *packet_at(const struct store *store, uint32_t cell)
{
	return &store->cells[cell].packet;
}

static inline struct body_cell *body_at(const struct store *store, const struct packet_cell *p)
{
	return &store->cells[p->body].body;
}

static inline uint32_t slot_ref(uint32_t cell, uint32_t slot)
{
	return cell << 2 | slot;
}

static inline struct copy_slot *copy_at(const struct store *store, uint32_t ref)
{
	union cell *cell = &store->cells[ref >> 2];

	return (ref & 3) == IN_PACKET ? &cell->body.copy : &cell->copies.copy[ref & 3];
}

static inline struct flow_cell *flow_at(const struct store *store, uint32_t cell)
{
	return &store->cells[cell].flow;
}

/* A packet's fate is another one now, or the same: the sums follow, and stay when it leaves. */
static inline void packet_set_fate(struct store *store, struct packet_cell *p, uint8_t fate)
{
	store->totals.fates[p->pub.fate]--;
	store->totals.fates[fate]++;
	p->pub.fate = fate;
}

/* packet.c */
uint32_t packet_find(const struct store *store, uint64_t id);
uint32_t packet_create(struct store *store, const struct event *ev);
bool packet_was_evicted(const struct store *store, uint64_t id);
void packet_evict_oldest(struct store *store);
/*
 * These return false when the packet had to go to make room, so that there is
 * nothing to add to. copy NULL: the record is of a copy too many.
 */
bool packet_add_hop(struct store *store, uint32_t cell, struct copy_slot *copy, uint16_t index,
	const struct event *ev, size_t size);

/* From the last hop to the first; starts when there is room for one more behind it. */
struct hop_walk {
	uint32_t chunk, left;
};

struct hop *hop_walk_back(
	const struct store *store, struct packet_cell *p, struct hop_walk *w); /* NULL: no more */

/* The hops from number from on, one by one; NULL behind the last. */
struct hop_reader {
	struct packet_cell *packet;
	uint32_t chunk, next;
};

void hops_from(
	const struct store *store, const struct packet_cell *p, uint32_t from, struct hop_reader *reader);
struct hop *hops_next(const struct store *store, struct hop_reader *reader);

/* copy.c */
/* The copy that the event is of, made when it is new. *index may be COPY_UNKNOWN, *copy NULL then. */
bool copy_get(
	struct store *store, uint32_t cell, const struct event *ev, struct copy_slot **copy, uint16_t *index);
/* Takes the record's number: how many are missing before it; -1: it comes late. */
int copy_count(struct copy_slot *copy, uint16_t seq);
void copy_parent(struct store *store, struct packet_cell *p, struct copy_slot *copy, uint32_t parent);
/* What the event tells about the copy's fate, and so about the packet's. */
void copy_fate(struct store *store, struct packet_cell *p, struct copy_slot *copy, const struct event *ev,
	size_t size);
/* How many copies were made one from the other until each of them: at most 254; of all p has. */
void copies_depth(const struct store *store, const struct packet_cell *p, uint8_t *depth);
void copies_free(struct store *store, const struct packet_cell *p);

/* Functions and ends are told apart; whether a record of a function was full is not. */
static inline uint8_t hop_kind(const struct hop *hop)
{
	return hop->type == EVENT_FUNC_FULL ? EVENT_FUNC : hop->type;
}

/* netfilter.c */
/* The number of the rule or base chain that the copy was dropped by, as the records right before tell; 0
 * none. The drop is the last record of the packet that was added. */
uint32_t packet_drop_cause(
	struct store *store, struct packet_cell *p, uint16_t index, const struct event *drop);

/* change.c */
bool change_note(struct store *store, uint32_t cell, struct copy_slot *copy, uint16_t index,
	const struct event_full *full);
void changes_free(struct store *store, const struct packet_cell *p);

/* latency.c */
/* What latency may take of a budget; 0: it is too small. */
size_t latency_reserve(size_t budget);
size_t latency_bytes(const struct latency *latency); /* that it takes now */
void latency_free(struct latency *latency);
/* Counts the times of its hops that were not counted yet, and its own when it is over. */
void packet_measure(struct store *store, struct packet_cell *p);

/* flow.c */
/* Puts the packet into the flow its tuple tells. */
bool flow_join(struct store *store, uint32_t packet, const struct event_full *full);
const struct flow *flow_of_tuple(const struct store *store, const struct wire_tuple *tuple); /* NULL: none */
void flow_leave(struct store *store, struct packet_cell *packet);
/* The packet's fate so far was before: counts it with its flow, and in the totals, as what it is now. */
void flow_fate(struct store *store, const struct packet_cell *packet, enum fate before);
void flow_seen(struct store *store, uint32_t cell, uint64_t ts, bool move);

/* quote.c */
void quote_add(struct store *store, const struct event_quote *quote);

#endif
