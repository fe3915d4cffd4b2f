/* SPDX-License-Identifier: GPL-2.0 */
/* A pcapng file: who made it, the interfaces as they are met, the packets. */
#ifndef SKBSCOPE_EXPORT_PCAPNG_CAPTURE_H
#define SKBSCOPE_EXPORT_PCAPNG_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hashmap.h"
#include "export/pcapng/blocks.h"
#include "model/names.h"
#include "model/source_info.h"

#define CAPTURE_INTERFACES 4096u /* told apart; the others share one */

struct capture {
	struct blocks blocks;
	const struct names *names;
	int64_t wall;		      /* ns since 1970 at time 0 of the events; set before packets are put */
	struct hashmap interfaces;    /* by namespace and ifindex: number + 1 */
	uint32_t ninterfaces, others; /* others: number of theirs + 1, 0 none */
	uint64_t crowded;	      /* packets of those */
};

enum capture_direction { CAPTURE_UNKNOWN, CAPTURE_IN, CAPTURE_OUT };

struct capture_packet {
	uint64_t ts; /* ns of the clock of the events */
	uint64_t id; /* the same packet has the same wherever it is met */
	uint32_t netns, ifindex;
	enum capture_direction direction;
	const uint8_t *data;
	uint32_t len, whole;	     /* bytes of data, of the packet itself */
	const char *comment, *facts; /* UTF-8; facts: "key=value ..." for programs */
};

/* 0 or -errno; capture_fini() also then. out and names are borrowed. */
int capture_init(struct capture *c, FILE *out, const struct names *names, const struct source_info *info);
void capture_fini(struct capture *c);

/* 0 or -errno. */
int capture_put(struct capture *c, const struct capture_packet *packet);

#endif
