/* SPDX-License-Identifier: GPL-2.0 */
/* How a copy of a packet ended, and the packet as a whole. */
#ifndef SKBSCOPE_MODEL_FATE_H
#define SKBSCOPE_MODEL_FATE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/probe.h"

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

enum fate_role {
	FATE_ROLE_UNKNOWN, /* not looked up yet */
	FATE_ROLE_OTHER,
	FATE_ROLE_XMIT,	 /* hands it to a device */
	FATE_ROLE_GRO,	 /* looks whether it goes on in another one */
	FATE_ROLE_FREES, /* says nothing: it frees any */
};

/* What was seen of a copy until it was freed. */
struct fate_facts {
	bool socket;	  /* EVENT_SOCKET, and no drop behind it */
	bool dropped;	  /* EVENT_DROP */
	bool merged;	  /* EVENT_MERGED at its end */
	enum fate_role last; /* of its last function but those that free it */
};

/* What a function tells about the end, when it was the last one. Looked up by name: keep it. */
enum fate_role fate_role(const struct probe *probe);

/* The roles of a table, looked up once. Zeroed but for probes (NULL: none is known). */
#define FATE_FUNCS 4096u

struct fate_roles {
	const struct probe_table *probes;
	uint8_t role[FATE_FUNCS]; /* enum fate_role */
};

static inline enum fate_role fate_role_at(struct fate_roles *roles, uint16_t func)
{
	if (func >= FATE_FUNCS || !roles->probes || func >= roles->probes->n)
		return FATE_ROLE_OTHER;
	if (!roles->role[func])
		roles->role[func] = (uint8_t)fate_role(&roles->probes->v[func]);
	return (enum fate_role)roles->role[func];
}

enum fate fate_of(const struct fate_facts *facts);

/* "delivered", "dropped" ... as in JSON; "live" for FATE_LIVE. */
const char *fate_name(enum fate fate);

#endif
