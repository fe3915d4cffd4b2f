/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the time went, measured by the store when a packet is over (and what is
 * known of it when it leaves before that). A gap is the time from a function to
 * the next record of the same copy: it counts for the function it begins at, and
 * for its layer. The records of a socket and of netfilter do not end one: what waits there
 * waits behind the function that queued it. Gaps in which records were lost are
 * no times and are counted as skipped.
 *
 * All pointers are the store's, good until the next store_add(). Times are ns.
 */
#ifndef SKBSCOPE_MODEL_LATENCY_H
#define SKBSCOPE_MODEL_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "model/layers.h"

#define LATENCY_SLOWEST 64
#define LATENCY_BETWEEN 8

/* A packet that took long from its first record to its last; it may have left the store. */
struct slow_packet {
	uint64_t id;
	uint64_t first;
	uint64_t duration;
	uint32_t flow; /* number */
	uint32_t nhops;
	uint8_t fate; /* enum fate */
};

/* From the first time a packet is at one function to the first time behind that at the other. */
struct between {
	uint16_t from, to; /* probe table indexes */
	bool used;
	struct histogram time;
};

struct latency;
struct store;

/* NULL: no packet has ended, or the store is too small for it (less than 1 MiB). */
const struct latency *store_latency(const struct store *store);

/* Forgets all times; pairs stay. */
void store_latency_reset(struct store *store);

/*
 * Measures from one function to the other as well: in the newest 20,000 packets
 * that are over and still kept, and in those that end from now on. The pair's
 * number, 0 ... LATENCY_BETWEEN - 1 (that of the same pair when it is there);
 * -ENOSPC: there are that many already; -ENOMEM.
 */
int store_between(struct store *store, uint16_t from, uint16_t to);
void store_between_remove(struct store *store, int number);

/* NULL: nothing was measured. */
const struct histogram *latency_func(const struct latency *latency, uint16_t func);
const struct histogram *latency_layer(const struct latency *latency, enum layer layer);

/* From the first record to the last, of packets that are over and whose beginning was seen. */
const struct histogram *latency_packets(const struct latency *latency);

/* NULL: no such pair. */
const struct between *latency_between(const struct latency *latency, int number);

/* The slowest first; how many were written. */
size_t latency_slowest(const struct latency *latency, struct slow_packet *out, size_t max);

/* Gaps not counted: records were lost in them. */
uint64_t latency_skipped(const struct latency *latency);
/* Gaps of functions for which there was no memory; their layers have them. */
uint64_t latency_unkept(const struct latency *latency);

#endif
