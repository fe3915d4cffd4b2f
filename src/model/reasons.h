/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of drop reasons. The upper half of a number is that of a subsystem (enum
 * skb_drop_reason_subsys, since 6.4): 0 are the core's, those of others are
 * enumerated in their modules.
 */
#ifndef SKBSCOPE_MODEL_REASONS_H
#define SKBSCOPE_MODEL_REASONS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define REASON_SUBSYSTEMS 16u /* that can be told; 6.18 has five */
#define REASON_TEXT_MAX 64u   /* bytes that are enough for a name, with the NUL */

static inline uint32_t reason_subsystem(uint32_t reason)
{
	return reason >> 16;
}

/* By the lower half of the number; a NULL is a gap. */
struct reason_list {
	size_t n;
	char *name[];
};

struct reason_subsystem {
	const char *name;			  /* "OPENVSWITCH"; NULL: there is none of that number */
	_Atomic(const struct reason_list *) list; /* NULL: not known, or not yet: a module may come later */
};

struct source_info;

/*
 * "NETFILTER_DROP", "OVS_DROP_EXPLICIT"; of a subsystem without names "MAC80211:7",
 * of others "0x30001". "" when this kernel tells no reason (before 5.17). info may be
 * NULL. Returns buf; control characters are replaced.
 */
const char *reason_name(const struct source_info *info, uint32_t reason, char *buf, size_t size);

/* The same, "unknown" where the kernel tells none. */
const char *reason_text(const struct source_info *info, uint32_t reason, char *buf, size_t size);

#endif
