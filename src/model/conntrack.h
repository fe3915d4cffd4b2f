/* SPDX-License-Identifier: GPL-2.0 */
/* What conntrack says of packets: the states that were seen, the oldest leave first. */
#ifndef SKBSCOPE_MODEL_CONNTRACK_H
#define SKBSCOPE_MODEL_CONNTRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

/* One state of one entry; many packets share it. */
struct conntrack {
	uint32_t no; /* 1, 2, 3 ... */
	uint32_t netns;
	uint64_t entry; /* address */
	uint32_t status, mark, timeout;
	uint16_t zone;
	uint8_t tcp_state;
	uint8_t info; /* enum ip_conntrack_info: state and direction of the packet that told it */
	struct wire_tuple original, reply;
};

/* "new", "established", "related", "untracked", "invalid"; as ct state in nft. */
const char *conntrack_state(unsigned int info);
bool conntrack_is_reply(unsigned int info); /* the packet goes in the reply's direction */
/* Addresses or ports are rewritten: the reply is not the original's mirror. */
bool conntrack_has_nat(const struct conntrack *ct);
/* "SNAT 10.1.0.2:4000 → 192.0.2.1:61001", both for both; "" without. Returns dst. */
char *conntrack_nat(const struct conntrack *ct, char *dst, size_t size);
/* "seen-reply assured confirmed snat ..."; returns dst. */
char *conntrack_status(uint32_t status, char *dst, size_t size);
/* "ESTABLISHED" ... of TCP; "" 0 or unknown. */
const char *conntrack_tcp(unsigned int tcp_state);

#endif
