/* SPDX-License-Identifier: GPL-2.0 */
/* What a source of events tells about itself. */
#ifndef SKBSCOPE_MODEL_SOURCE_INFO_H
#define SKBSCOPE_MODEL_SOURCE_INFO_H

#include <stddef.h>
#include <stdint.h>

struct reason_subsystem;

/* What does not change while a source runs. Strings belong to the source. */
struct source_info {
	const char *host;    /* host name */
	const char *kernel;  /* release */
	const char *backend; /* "kprobe-multi", "kprobe", "replay" ... */
	unsigned int cpus;
	const char *const *reasons; /* names of the core's drop reasons by number (model/reasons.h) */
	size_t nreasons;
	const struct reason_subsystem *subsystems; /* by number; 0 is the core */
	size_t nsubsystems;
};

/* Exact figures, read from the kernel's counters and the source's own. */
struct source_totals {
	uint64_t events;	 /* records sent by the kernel */
	uint64_t hits;		 /* of all functions */
	uint64_t lost_ring;	 /* records for which the kernel buffer had no room */
	uint64_t lost_channel;	 /* records for which the reader's memory had no room */
	uint64_t lost_recursion; /* calls that the kernel did not hand to us (nested) */
	uint64_t lost_identity;	 /* hits of packets that found no room for an identity */
	uint64_t null_skb;	 /* calls with a NULL skb: no packet to show */
	uint64_t after_free;	 /* hits on an skb whose life was over: counted, no record */
	uint64_t waiting;	 /* bytes read from the kernel and not yet taken by the reader */
	uint64_t cost_ns;	 /* CPU time of our programs in the kernel, estimated */
	uint64_t own_ns;	 /* CPU time of this process */
	uint64_t attach_ns;	 /* how long the first attachment took */
	uint64_t filtered_out;	 /* packets that ended without having matched the filter */
	uint64_t sampled_out;	 /* packets that matched and were not chosen: 1 in N */
	uint64_t unfiltered;	 /* decisions left out because the filter's program was not there */
	uint64_t undecided;	 /* of filtered_out: headers that the filter looks at could not be read */
	size_t attached;
	size_t wanted;
	size_t refused;
};

#endif
