/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bounded owner of what was seen: packets with their copies, hops and
 * changes, and flows. The oldest packets leave first when the budget is used up;
 * flows and counters stay (up to a share of the budget). Everything that left is
 * counted.
 *
 * All pointers are the store's, good until the next store_add(): keep packet
 * ids, copy numbers and flow numbers. Times are ns of CLOCK_MONOTONIC. One thread.
 */
#ifndef SKBSCOPE_MODEL_STORE_H
#define SKBSCOPE_MODEL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "model/conntrack.h"
#include "model/drops.h"
#include "model/fate.h"
#include "model/flow_state.h"
#include "model/flow_times.h"
#include "model/names.h"
#include "model/probe.h"
#include "model/rules.h"
#include "model/bytes_ring.h"
#include "model/tuple.h"

#define COPY_UNKNOWN 0xffffu

/* A record of a packet: it was at a function, or what enum event_type says. 40 bytes. */
struct hop {
	uint64_t ts;
	uint32_t len;
	uint32_t ifindex;
	uint32_t netns;
	union {
		uint32_t mark;
		/* EVENT_RULE, EVENT_CHAIN: number of the rule or chain (model/rules.h), 0 unknown;
		 * EVENT_CT: of the state (store_conntrack()) */
		uint32_t no;
	};
	union {
		uint32_t pid;
		/* EVENT_HOOK, EVENT_CHAIN, EVENT_RULE: as in their records */
		struct {
			uint8_t decision; /* enum nf_decision */
			uint8_t depth;	  /* EVENT_HOOK: pf */
			uint8_t facts;	  /* enum chain_fact or hook_fact */
			uint8_t what;	  /* EVENT_CHAIN: enum chain_what; EVENT_HOOK: number of the hook */
		} nf;
	};
	uint16_t func; /* probe table index */
	uint16_t cpu;
	uint16_t copy; /* number of the copy in its packet; COPY_UNKNOWN: it had too many */
	uint16_t seq;  /* number of the record among those of its copy, wraps */
	uint8_t flags; /* enum event_flag */
	uint8_t type;  /* enum event_type */
	uint8_t lost;  /* records of the copy missing right before this one; 255: or more */
	uint8_t pad;
};

enum copy_fact {
	COPY_ENDED = 1 << 0,   /* freed: EVENT_END or EVENT_DROP */
	COPY_SOCKET = 1 << 1,  /* handed to a socket: inode, cgroup and uid are its */
	COPY_DROPPED = 1 << 2, /* reason and location are known */
	COPY_MERGED = 1 << 3,
	COPY_RULE = 1 << 4, /* dropped by a rule or a policy */
};

/*
 * One skb of a packet. Copies are numbered 0, 1, 2 ... as they were met: number
 * 0 is the skb that the packet began with when its id is 0 as well.
 */
struct copy {
	uint32_t id;	 /* event.copy */
	uint16_t parent; /* number of the copy it was made from; COPY_UNKNOWN: none, or it was not seen */
	uint8_t fate;	 /* enum fate; FATE_LIVE until it has ended */
	uint8_t facts;	 /* enum copy_fact */
	uint64_t skb;	 /* kernel address */
	uint64_t first, last;
	uint32_t nhops;
	uint32_t lost;	   /* records missing */
	uint32_t reason;   /* drop reason number */
	uint32_t uid;	   /* of the socket's owner */
	uint64_t location; /* kernel address that dropped it */
	uint64_t inode;	   /* of the socket; 0: it has no file */
	union {
		uint64_t cgroup; /* of the socket; 0 unknown */
		uint64_t into;	 /* FATE_MERGED: the packet that its data went on in; 0 unknown */
		/* COPY_RULE: number of the rule that dropped it, of the base chain whose policy did */
		uint64_t rule;
	};
};

/* What a packet looked like from here on. 72 bytes. */
struct change {
	uint64_t ts;
	uint64_t ct; /* conntrack entry | its enum ip_conntrack_info, 0 none so far */
	struct wire_tuple tuple;
	uint16_t copy;
	uint16_t pad[3];
};

struct flow {
	uint32_t no; /* 1, 2, 3 ... in order of appearance; 0 is no flow */
	struct flow_key key;
	uint8_t client;		       /* end of the key that was seen sending first */
	struct flow_progress progress; /* of TCP */
	uint64_t packets[2];	       /* by direction: [0] from the client */
	uint64_t bytes[2];	       /* IP length, or skb length without IP */
	uint64_t drops;		       /* packets dropped, and no copy of them got anywhere (so far) */
	uint64_t delivered;	       /* packets a socket took */
	uint64_t first, last;
	double rate;	 /* packets/s, smoothed; set by store_tick() */
	uint64_t stored; /* packets of it that can still be looked at */
	/* How long packets took from the first record to the last: those that are over and
	 * whose beginning was seen. */
	struct flow_times times;
};

struct packet {
	uint64_t id;
	uint64_t skb; /* of the first copy met */
	uint64_t first, last;
	uint32_t flow;		 /* number, 0 before the headers were seen */
	uint32_t nhops;		 /* of all copies */
	struct wire_tuple tuple; /* the first complete one: what the flow is known by */
	char comm[16];		 /* printable; process that was current when first seen */
	uint32_t pid;
	uint32_t reason;   /* of the first copy that was dropped: reason number */
	uint32_t rule;	   /* and rule or base chain, 0 none */
	uint32_t lost;	   /* records missing, of all copies */
	uint64_t location; /* and kernel address */
	uint32_t nchanges;
	uint16_t ncopies;
	uint16_t drops;	   /* copies dropped; 65535: or more */
	uint16_t live;	   /* copies without an end */
	uint8_t fate;	   /* enum fate; FATE_LIVE while a copy has no end */
	uint8_t so_far;	   /* enum fate: the greatest of the copies that have ended */
	uint8_t direction; /* 0: from the client of its flow */
	bool cut;	   /* hops before the first one shown may be missing */
};

struct store_totals {
	uint64_t events;
	uint64_t packets;		 /* ever seen */
	uint64_t copies;		 /* ever seen */
	uint64_t ended;			 /* packets all of whose copies have ended, dropped ones too */
	uint64_t dropped, delivered;	 /* packets, as in struct flow */
	uint64_t fates[FATE_COUNT];	 /* packets by fate, as in struct packet; those that left too */
	uint64_t verdicts[NF_DECISIONS]; /* of base chains when they were left, by enum nf_decision */
	uint64_t lost;			 /* records missing; those that came late are taken back */
	uint64_t copies_over;		 /* records of copies that were too many for their packet */
	uint64_t evicted_packets, evicted_hops, evicted_flows;
	uint64_t orphans; /* events of packets that had left already, ends of packets never seen */
	uint64_t bytes;	  /* in use now */
	uint64_t budget;
	size_t flows, live_packets; /* kept now, ended packets too */
};

struct store;

struct store *store_new(size_t budget_bytes); /* NULL: no memory */
void store_free(struct store *store);

/*
 * The functions that events name by index: tells which of them transmit. The
 * table must outlive the store; NULL: nothing is known about them.
 */
void store_probes(struct store *store, const struct probe_table *probes);

/* A source_event_fn: ctx is the store. */
void store_add(void *store, const struct event *ev, size_t size);

/* About once a second or faster: rates. now in ns, CLOCK_MONOTONIC. */
void store_tick(struct store *store, uint64_t now);

void store_totals(const struct store *store, struct store_totals *out);
const struct names *store_names(const struct store *store);

const struct rules *store_rules(const struct store *store);
const struct drops *store_drops(const struct store *store);
/* Bytes of a packet as it was at ts, by the id of a copy (bytes_ring_find()); NULL: none, or they left. */
const struct packet_bytes *store_bytes(
	const struct store *store, uint64_t packet, uint32_t copy, uint64_t ts);
uint64_t store_bytes_gone(const struct store *store); /* how often bytes had to leave */
const struct conntrack *store_conntrack(const struct store *store, uint32_t no); /* NULL: none, or it left */
/* What conntrack said of the copy of a hop until then, in the hop's namespace; NULL: nothing known. */
const struct conntrack *store_conntrack_at(
	const struct store *store, const struct packet *packet, const struct hop *hop);
/* The stack of the drop of a copy, from the caller of kfree_skb outwards: at most max addresses to out. */
size_t store_stack(
	const struct store *store, const struct packet *packet, size_t copy, uint64_t *out, size_t max);

/* Flows in order of appearance; index 0 ... totals.flows - 1. */
const struct flow *store_flow_at(const struct store *store, size_t index);
const struct flow *store_flow(const struct store *store, uint32_t no); /* NULL: gone */

const struct packet *store_packet(const struct store *store, uint64_t id); /* NULL: gone */
/* Packets of a flow, newest first; NULL: no more. Start with NULL. */
const struct packet *store_flow_packet(const struct store *store, uint32_t flow, const struct packet *after);

/* Copies hops [from, from + max) of the packet, in time order; returns how many there were. */
size_t store_hops(
	const struct store *store, const struct packet *packet, size_t from, struct hop *out, size_t max);

/* Copy number index, 0 ... packet->ncopies - 1; NULL: no such. Near the last one it is found fastest. */
const struct copy *store_copy(const struct store *store, const struct packet *packet, size_t index);

/*
 * What the headers were at first and what became of them: at most max changes
 * to out, in time order; returns how many were written (packet->nchanges is how
 * many there are). A copy starts with what its parent was at that time.
 */
size_t store_changes(const struct store *store, const struct packet *packet, struct change *out, size_t max);

/* What the headers were at a hop: what its copy, or what that was made of, looked like then. False: nobody
 * knew them yet. */
bool store_change_at(
	const struct store *store, const struct packet *packet, const struct hop *hop, struct change *out);

#endif
