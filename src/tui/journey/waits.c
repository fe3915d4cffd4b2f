/* SPDX-License-Identifier: GPL-2.0 */
#include "waits.h"

#include <fnmatch.h>

/* The first row is for records that say that a socket was given the packet. */
static const struct {
	const char *func;
	const char *name;
	enum wait_place place;
	const char *next; /* only when it goes on there, or ends; NULL: anywhere */
} waits[] = {
	{ "", "receive queue", WAIT_AT_SOCKET },
	{ "dev_qdisc_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "*fifo*_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "*codel*_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "*_qdisc_enqueue*", "qdisc", WAIT_AT_DEVICE },
	{ "htb_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "fq_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "netem_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "tbf_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "prio_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "sfq_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "cake_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "red_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "hfsc_enqueue", "qdisc", WAIT_AT_DEVICE },
	{ "qdisc_enqueue*", "qdisc", WAIT_AT_DEVICE },
	{ "enqueue_to_backlog", "backlog", WAIT_AT_CPU },
	{ "netif_rx*", "backlog", WAIT_AT_CPU },
	{ "napi_gro_receive", "GRO", WAIT_AT_DEVICE },
	{ "dev_gro_receive", "GRO", WAIT_AT_DEVICE },
	{ "tcp_add_backlog", "backlog", WAIT_AT_SOCKET },
	{ "tcp_queue_rcv", "receive queue", WAIT_AT_SOCKET },
	{ "tcp_data_queue*", "receive queue", WAIT_AT_SOCKET },
	{ "__udp_enqueue_schedule_skb", "receive queue", WAIT_AT_SOCKET },
	{ "*sock_queue_rcv_skb*", "receive queue", WAIT_AT_SOCKET },
	/* what TCP does not keep goes on to IP from there */
	{ "__tcp_transmit_skb", "send queue, for the acknowledgement", WAIT_SOMEWHERE, "*tcp_*" },
	{ "nf_queue", "queue of a program (nfqueue)", WAIT_SOMEWHERE },
	{ "ip_frag_queue", "queue of fragments", WAIT_SOMEWHERE },
	{ "ip_defrag", "queue of fragments", WAIT_SOMEWHERE },
	{ "*frag_queue*", "queue of fragments", WAIT_SOMEWHERE },
	{ "neigh_resolve_output", "queue of the neighbour that is asked for its address", WAIT_SOMEWHERE },
	{ "__neigh_event_send", "queue of the neighbour that is asked for its address", WAIT_SOMEWHERE },
};

#define NWAITS (sizeof(waits) / sizeof(waits[0]))

_Static_assert(NWAITS < 255, "a number of a byte names each");

uint8_t wait_at(const struct hop *hop, const char *func, const char *next)
{
	if (hop->type == EVENT_SOCKET)
		return 1;
	for (size_t i = 1; i < NWAITS; i++)
		if (!fnmatch(waits[i].func, func, 0))
			return !next || !waits[i].next || !fnmatch(waits[i].next, next, 0) ? (uint8_t)(i + 1)
											   : 0;
	return 0;
}

const char *wait_name(uint8_t wait)
{
	return wait && wait <= NWAITS ? waits[wait - 1].name : "";
}

enum wait_place wait_place(uint8_t wait)
{
	return wait && wait <= NWAITS ? waits[wait - 1].place : WAIT_SOMEWHERE;
}
