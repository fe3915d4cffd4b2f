/* SPDX-License-Identifier: GPL-2.0 */
#include "model/flow_state.h"

#include <netinet/in.h>
#include <stdbool.h>

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };

static bool has_tcp_flags(const struct wire_tuple *t)
{
	return t->family && t->proto == IPPROTO_TCP && t->flags & TUPLE_PORTS && !(t->flags & TUPLE_SOCKET) &&
	       t->tcp_flags;
}

void flow_state_seen(struct flow_progress *p, const struct wire_tuple *t, unsigned int direction)
{
	bool over = p->state == FLOW_CLOSED || p->state == FLOW_RESET;

	if (!has_tcp_flags(t))
		return;
	if (t->tcp_flags & TCP_SYN) {
		/* the same ports once more; a late second SYN changes nothing */
		if (!(t->tcp_flags & TCP_ACK) && (over || p->state == FLOW_UNKNOWN))
			*p = (struct flow_progress){ .state = FLOW_NEW };
		else if (p->state == FLOW_UNKNOWN)
			p->state = FLOW_NEW;
		return;
	}
	if (t->tcp_flags & TCP_RST) {
		if (p->state != FLOW_CLOSED)
			p->state = FLOW_RESET;
		return;
	}
	if (t->tcp_flags & TCP_FIN)
		p->fins |= 1u << direction;
	if (over)
		return;
	if (p->fins)
		p->state = p->fins == 3 ? FLOW_CLOSED : FLOW_CLOSING;
	else
		p->state = FLOW_ESTABLISHED;
}

const char *flow_state_name(enum flow_state state)
{
	static const char *const names[] = {
		[FLOW_UNKNOWN] = "-",
		[FLOW_NEW] = "new",
		[FLOW_ESTABLISHED] = "established",
		[FLOW_CLOSING] = "closing",
		[FLOW_CLOSED] = "closed",
		[FLOW_RESET] = "reset",
	};

	return (unsigned int)state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}
