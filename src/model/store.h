/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bounded owner of what was seen: packets with their hops, and flows. The
 * oldest packets leave first when the budget is used up; flows and counters
 * stay (up to a share of the budget). Everything that left is counted.
 *
 * Nobody outside keeps pointers between two calls of store_add(): keep packet
 * ids and flow numbers.
 */
#ifndef SKBSCOPE_MODEL_STORE_H
#define SKBSCOPE_MODEL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "model/fate.h"
#include "model/names.h"
#include "model/probe.h"
#include "model/tuple.h"

/* A packet at one function. 40 bytes. */
struct hop {
	uint64_t ts; /* ns, CLOCK_MONOTONIC */
	uint32_t len;
	uint32_t ifindex;
	uint32_t netns;
	uint32_t mark;
	uint32_t pid;
	uint16_t func; /* probe table index */
	uint16_t cpu;
	uint8_t flags; /* enum event_flag */
	uint8_t type;  /* enum event_type */
	uint8_t pad[6];
};

struct flow {
	uint32_t no;	      /* 1, 2, 3 ... in order of appearance; 0 is no flow */
	struct flow_key key;
	uint8_t client;	      /* end of the key that was seen sending first */
	uint64_t packets[2];  /* by direction: [0] from the client */
	uint64_t bytes[2];    /* IP length, or skb length without IP */
	uint64_t drops;
	uint64_t first, last; /* ns */
	double rate;	      /* packets/s, smoothed; set by store_tick() */
	uint64_t stored;      /* packets of it that can still be looked at */
};

enum packet_state { PACKET_LIVE, PACKET_ENDED, PACKET_DROPPED };

struct packet {
	uint64_t id;
	uint64_t skb;
	uint64_t first, last;	   /* ns */
	uint32_t flow;		   /* number, 0 before the headers were seen */
	uint32_t nhops;
	struct wire_tuple tuple;   /* the newest that was seen */
	char comm[16];		   /* printable; process that was current when first seen */
	uint32_t pid;
	uint8_t state;		   /* enum packet_state */
	uint8_t direction;	   /* 0: from the client of its flow */
	bool cut;		   /* hops before the first one shown may be missing */
	uint32_t reason;	   /* PACKET_DROPPED: drop reason number */
	uint64_t location;	   /* PACKET_DROPPED: kernel address */
};

struct store_totals {
	uint64_t events;
	uint64_t packets; /* ever seen */
	uint64_t ended;	  /* EVENT_END seen, dropped ones too */
	uint64_t dropped;
	uint64_t evicted_packets, evicted_hops, evicted_flows;
	uint64_t orphans;   /* events of packets that had left already, ends of packets never seen */
	uint64_t bytes;	    /* in use now */
	uint64_t budget;
	size_t flows, live_packets; /* kept now, ended packets too */
};

struct store;

struct store *store_new(size_t budget_bytes); /* NULL: no memory */
void store_free(struct store *store);

/* A source_event_fn: ctx is the store. */
void store_add(void *store, const struct event *ev, size_t size);

/* About once a second or faster: rates. now in ns, CLOCK_MONOTONIC. */
void store_tick(struct store *store, uint64_t now);

void store_totals(const struct store *store, struct store_totals *out);
const struct names *store_names(const struct store *store);

/* Flows in order of appearance; index 0 ... totals.flows - 1. */
const struct flow *store_flow_at(const struct store *store, size_t index);
const struct flow *store_flow(const struct store *store, uint32_t no); /* NULL: gone */

const struct packet *store_packet(const struct store *store, uint64_t id); /* NULL: gone */
/* Packets of a flow, newest first; NULL: no more. Start with NULL. */
const struct packet *store_flow_packet(const struct store *store, uint32_t flow, const struct packet *after);

/* Copies hops [from, from + max) of the packet; returns how many there were. */
size_t store_hops(const struct store *store, const struct packet *packet, size_t from, struct hop *out,
	size_t max);

#endif
