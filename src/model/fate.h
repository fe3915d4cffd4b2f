/* SPDX-License-Identifier: GPL-2.0 */
/* How a copy of a packet ended, and the packet as a whole. */
#ifndef SKBSCOPE_MODEL_FATE_H
#define SKBSCOPE_MODEL_FATE_H

#include <stdbool.h>
#include <stdint.h>

/* In order of weight: a packet's fate is the greatest of its copies'. */
enum fate {
	FATE_LIVE,	  /* no end was seen */
	FATE_CONSUMED,	  /* freed as done with, and nothing more is known */
	FATE_MERGED,	  /* its data went on in another skb (GRO) */
	FATE_DROPPED,	  /* the kernel said so, with a reason */
	FATE_TRANSMITTED, /* freed behind a device's transmission */
	FATE_DELIVERED,	  /* a socket took it */
	FATE_COUNT
};

/* What was seen of a copy until it was freed. */
struct fate_facts {
	bool socket;	  /* EVENT_SOCKET, and no drop behind it */
	bool dropped;	  /* EVENT_DROP */
	bool merged;	  /* EVENT_MERGED at its end */
	bool transmitted; /* its last function was one of LAYER_XMIT */
};

enum fate fate_of(const struct fate_facts *facts);

/* "delivered", "dropped" ... as in JSON; "live" for FATE_LIVE. */
const char *fate_name(enum fate fate);

#endif
