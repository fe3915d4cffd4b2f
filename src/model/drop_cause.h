/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which rule dropped a copy: the last one that said so before the drop, if all
 * that came between is what the kernel does with a dropped skb. The same for
 * those that look forward (export) and back (store).
 */
#ifndef SKBSCOPE_MODEL_DROP_CAUSE_H
#define SKBSCOPE_MODEL_DROP_CAUSE_H

#include "../../bpf/event.h"
#include "model/fate.h"

enum drop_cause {
	CAUSE_NOT,   /* whatever was decided before: the packet went on */
	CAUSE_STAYS, /* says nothing: what was decided before holds */
	CAUSE_THIS,  /* the rule, or the chain by its policy, of this record */
};

/* role: of the function, when it is a record of one. what, facts: as in struct event_chain. */
static inline enum drop_cause drop_cause(
	uint8_t type, uint8_t decision, uint8_t what, uint8_t facts, enum fate_role role)
{
	switch (type) {
	case EVENT_FUNC:
	case EVENT_FUNC_FULL:
		return role == FATE_ROLE_FREES ? CAUSE_STAYS : CAUSE_NOT;
	case EVENT_CT:
		return CAUSE_STAYS;
	case EVENT_HOOK:
		return decision == NF_DECIDED_DROP ? CAUSE_STAYS : CAUSE_NOT;
	case EVENT_RULE:
		return decision == NF_DECIDED_DROP ? CAUSE_THIS : CAUSE_NOT;
	case EVENT_CHAIN:
		if (what != CHAIN_LEAVE || decision != NF_DECIDED_DROP)
			return CAUSE_NOT;
		return facts & CHAIN_BY_POLICY ? CAUSE_THIS : CAUSE_STAYS;
	default:
		return CAUSE_NOT;
	}
}

#endif
