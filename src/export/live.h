/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a sink remembers of packets under way, one entry for each of their
 * copies: a short record does not repeat who the packet is. Bounded: when it is
 * full the oldest is forgotten, and later lines of that packet lack what only
 * its full records told.
 */
#ifndef SKBSCOPE_EXPORT_LIVE_H
#define SKBSCOPE_EXPORT_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "model/fate.h"
#include "model/rules.h"

#define LIVE_MAX 131072u
#define LIVE_ENDED 1024u /* ended ones that are kept: records of another CPU may come late */
#define LIVE_TEXT 560
#define LIVE_NO_PARENT UINT32_MAX

struct live_packet {
	uint64_t id;
	uint64_t first;	 /* ns */
	uint64_t no;	 /* of the packet: 1, 2, 3 ... in order of appearance */
	uint32_t copy;	 /* as in the events */
	uint32_t number; /* the same as lines tell it: 0 the first skb, others in order of appearance */
	uint32_t parent; /* number of the copy it was made from, LIVE_NO_PARENT */
	uint32_t root;	 /* entry of the packet's first copy, which counts them: */
	uint32_t copies, open;
	struct fate_facts facts;
	struct wire_tuple tuple;
	struct wire_tuple about; /* an ICMP error's; family 0: none */
	uint32_t prev, next;
	uint32_t pid;	   /* whose comm it is */
	uint16_t cpu;	   /* where it was current: every CPU has its own pid 0 */
	uint32_t rule;	   /* number of the one that dropped it, of the base chain by its policy; 0 none */
	uint32_t ct_netns; /* where what conntrack said was said */
	uint8_t ct_info;   /* enum ip_conntrack_info */
	bool ct_known;
	bool known; /* a full record was seen */
	bool ended;
	bool told; /* root: its lines were written before its end, or behind it come more */
	char comm[16];
	uint16_t text_len;
	char text[LIVE_TEXT]; /* the tuple in the words of the sink */
};

struct live;

/* probes: for the fates, may be NULL. NULL: no memory. */
struct live *live_new(const struct probe_table *probes);
void live_free(struct live *live);

/* The copy of the packet of the event, new ones included; NULL for packet 0 and
 * for the end of one that is not known. */
struct live_packet *live_get(struct live *live, const struct event *ev);

/* EVENT_QUOTE: what the lines of the packet tell from now on. */
void live_quote(struct live *live, const struct event *ev, size_t size);

/* Takes over what a full record tells; true when the tuple is another one now. */
bool live_update(struct live_packet *packet, const struct event *ev, size_t size);

/* What conntrack said of it last in the namespace of ev: "established" ...; NULL: nothing. */
const char *live_conntrack(const struct live_packet *packet, const struct event *ev);

/* Whether comm is the name of the process that is current at ev. */
bool live_comm_fits(const struct live_packet *packet, const struct event *ev);

void live_end(struct live *live, struct live_packet *packet);

/* live_get() and live_update(), and what the packet's end and drop will be of; rules know the record
 * already. changed says whether text must be made anew. */
struct live_packet *live_note(
	struct live *live, const struct rules *rules, const struct event *ev, size_t size, bool *changed);

/* The entry of its first copy, which counts them; itself when that one was forgotten. */
struct live_packet *live_root(struct live *live, struct live_packet *packet);

#endif
