/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the made-up source share: its state, its traffic, its filter. */
#ifndef SKBSCOPE_TESTS_DEMO_PRIVATE_H
#define SKBSCOPE_TESTS_DEMO_PRIVATE_H

#include "demo_source.h"

#define MS 1000000ULL
#define SECOND 1000000000ULL
#define DEMO_BUFFER ((size_t)4 * 1024 * 1024)
#define DEMO_NOTICES 32
#define DEMO_TALKS 16 /* at most */
#define DEMO_SCRIPTS 8
#define DEMO_ITEMS 32 /* tables, chains and rules */

/* What a packet of the traffic is, for the filter. */
struct demo_packet {
	const char *proto;
	const char *client, *server; /* NULL: has no addresses */
	unsigned int sport, dport;
};

struct demo {
	struct source source; /* first */
	struct demo_options options;
	struct probe_table table;
	struct source_totals totals;
	uint64_t *hits;
	uint64_t now, started, attached_at;
	uint64_t next[DEMO_TALKS], next_script[DEMO_SCRIPTS], played[DEMO_SCRIPTS];
	uint64_t packet, random;
	bool changing, ready_said, named, stopped;
	int timer;
	unsigned char *buf;
	size_t len;
	struct notice notices[DEMO_NOTICES];
	size_t notice_from, notice_to;
	struct packet_filter filter, wish;
	uint64_t wish_at; /* when it is to be fulfilled, 0: there is none */
	uint64_t matched;
	uint64_t next_hits, rule_hits[DEMO_ITEMS][NF_DECISIONS];
};

/* demo_traffic.c */
void demo_traffic_advance(struct demo *d); /* what is sent in this moment */
void demo_traffic_flood(struct demo *d);
void demo_traffic_name_things(struct demo *d);
void demo_push(struct demo *d, const void *ev, size_t size);
uint32_t demo_random(struct demo *d, uint32_t below);
uint32_t demo_netns(int device);
uint32_t demo_ifindex(int device);

/* demo_journeys.c */
void demo_journeys_advance(struct demo *d);
void demo_journeys_owners(struct demo *d);

/* demo_netfilter.c */
void demo_netfilter_advance(struct demo *d); /* rulesets, and what their rules have hit */
/* What is said of a packet at that function; ts and seq of ev go on. dropped: the packet is, at r. */
void demo_netfilter(
	struct demo *d, struct event *ev, const struct wire_tuple *tuple, const char *func, bool dropped);
void demo_netfilter_drop(struct demo *d, struct event_drop *drop); /* where, with the stack */

/* demo_filter.c: the ops, and what they are there for. */
int demo_filter(struct source *src, const struct packet_filter *wish);
void demo_filter_now(struct source *src, struct packet_filter *out);
int demo_check_filter(struct source *src, const struct packet_filter *wish, char *err, size_t size);
void demo_filter_advance(struct demo *d); /* a wish whose time has come is fulfilled */
bool demo_filter_passes(struct demo *d, const struct demo_packet *packet); /* and counts those that do not */

#endif
