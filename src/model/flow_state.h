/* SPDX-License-Identifier: GPL-2.0 */
/* How far a TCP conversation has come, by the flags that were seen. */
#ifndef SKBSCOPE_MODEL_FLOW_STATE_H
#define SKBSCOPE_MODEL_FLOW_STATE_H

#include <stdint.h>

#include "../../bpf/event.h"

enum flow_state {
	FLOW_UNKNOWN,	  /* no TCP header was seen */
	FLOW_NEW,	  /* SYN, and no answer that was acknowledged */
	FLOW_ESTABLISHED, /* also when its begin was not seen */
	FLOW_CLOSING,	  /* one end has said all */
	FLOW_CLOSED,	  /* both have */
	FLOW_RESET,
};

struct flow_progress {
	uint8_t state; /* enum flow_state */
	uint8_t fins;  /* bit by direction: FIN was seen */
};

/* What a header tells; direction 0 is from the client. Other headers than TCP's change nothing. */
void flow_state_seen(struct flow_progress *progress, const struct wire_tuple *tuple, unsigned int direction);

/* "new", "established" ...; "-" for FLOW_UNKNOWN. */
const char *flow_state_name(enum flow_state state);

#endif
