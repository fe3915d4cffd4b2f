/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of packets that wait until their packet has ended, so that they can be told together. Bounded. */
#ifndef SKBSCOPE_EXPORT_GROUPS_H
#define SKBSCOPE_EXPORT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fate.h"

#define GROUPS_MAX 16384u	 /* packets */
#define GROUPS_BYTES (32u << 20) /* of their lines */
#define GROUP_HEAD 560		 /* LIVE_TEXT */

struct group {
	uint64_t id; /* of the packet */
	uint64_t no;
	uint64_t first, last; /* ts of the lines */
	size_t lines, len, cap;
	char *text;
	enum fate fate; /* the greatest of the copies that have ended */
	bool again;	/* lines of it were told before */
	uint32_t prev, next;
	uint16_t head_len;
	char head[GROUP_HEAD]; /* what the packet was first: its tuple in words */
};

struct groups;

/* NULL: no memory. */
struct groups *groups_new(void);
void groups_free(struct groups *groups);

/* The group of that packet, a new one (no 0) when there is none. NULL: no room: tell the oldest and take it.
 */
struct group *groups_get(struct groups *groups, uint64_t packet);
/* Adds a line. False: no room. */
bool groups_add(struct groups *groups, struct group *group, uint64_t ts, const char *line, size_t len);
/* The one that nothing came for the longest; NULL: there are none. */
struct group *groups_oldest(struct groups *groups);
/* It was told. */
void groups_remove(struct groups *groups, struct group *group);

#endif
