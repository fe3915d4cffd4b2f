/* SPDX-License-Identifier: GPL-2.0 */
/* Who talks to whom: words for a wire_tuple and the key of a flow. */
#ifndef SKBSCOPE_MODEL_TUPLE_H
#define SKBSCOPE_MODEL_TUPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

/*
 * Both directions of a conversation have the same key: the lower end stands
 * first. Everything without an IP header is told apart by ethertype alone.
 */
struct flow_key {
	uint8_t addr[2][16];
	uint16_t port[2]; /* ICMP echo: the id in both */
	uint16_t l2proto;
	uint8_t family; /* 4, 6 or 0 */
	uint8_t proto;
};

/* Key of tuple; returns true when tuple's source is end 1 of the key. */
bool flow_key_from(struct flow_key *key, const struct wire_tuple *tuple);
uint64_t flow_key_hash(const struct flow_key *key);
bool flow_key_equal(const struct flow_key *a, const struct flow_key *b);

/* Says enough to know the flow. */
bool tuple_complete(const struct wire_tuple *tuple);

/* Whether tuple tells less about a packet than before did: a socket's addresses
 * after a header's, or no IP header after one. It replaces nothing then. */
bool tuple_less(const struct wire_tuple *tuple, const struct wire_tuple *before);

/* Whether the headers say something else: addresses, ports, protocol, tag,
 * fragment. What one of the two does not know is no difference. */
bool tuple_changed(const struct wire_tuple *before, const struct wire_tuple *now);

/* "tcp", "icmp6", "arp" ...; "-" when nothing is known. */
const char *tuple_proto_name(uint8_t family, uint8_t proto, uint16_t l2proto, char *buf, size_t size);

/* Address as text, without port. Returns buf. */
const char *addr_text(const uint8_t addr[16], uint8_t family, char *buf, size_t size);

/* "10.1.0.2:4000", "[fd01::1]:53", "10.1.0.2 #305" (ICMP id), "10.1.0.2". Returns buf. */
const char *endpoint_text(const struct wire_tuple *tuple, bool source, char *buf, size_t size);
const char *flow_endpoint_text(const struct flow_key *key, int end, char *buf, size_t size);

#define ENDPOINT_TEXT_MAX 64

#endif
