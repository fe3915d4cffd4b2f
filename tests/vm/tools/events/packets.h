/* SPDX-License-Identifier: GPL-2.0 */
/* Packets and their copies, and what must not be said of them. */
#ifndef EVENTS_PACKETS_H
#define EVENTS_PACKETS_H

#include "line.h"

/* Everything that packets_print() tells under these names. */
enum count {
	CONTRADICTIONS, /* a packet's protocol, address or port is another one now: NAT and tunnels do that */
	LEN_CHANGED,	/* the length of its IP packet is: fragments and tunnels do that */
	AFTER_END,	/* a line of a copy that has ended */
	ENDED_TWICE,
	BACKWARDS,  /* a copy goes back in time */
	COPY_ORDER, /* a copy's number is not the next one; the first skb is 0, though it may be seen later */
	WITH_PARENT,	/* copies that say from which one they were made */
	PARENT_UNKNOWN, /* ... and it has not been seen, nor is it the first skb */
	PARENT_CHANGED, /* ... and did not say so at first, or say another one later */
	SKB_CHANGED,	/* a copy is in another skb now: it is the skb */
	SKB_TAKEN,	/* an skb is another copy's now, and the one before has not ended */
	FATE_MISSING,
	FATE_WRONG, /* dropped without a drop or the other way; delivered and no socket had it */
	COUNTS
};

void packets_line(const struct line *line);

/* Which fields make the way of a packet: "udp:netns_name,src,dst". False: no such field. */
bool packets_path(const char *arg);

void packets_print(void);

#endif
