/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose sockets those are that packets are delivered to: inode → process, by
 * /proc/PID/fd. The drain thread says which it met and takes the answers, the
 * worker looks; a look reads the descriptors of all processes.
 */
#ifndef SKBSCOPE_TRACE_OWNERS_H
#define SKBSCOPE_TRACE_OWNERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

#define OWNERS_QUEUE 256u  /* asked for at once; others are asked for by a later packet */
#define OWNERS_KNOWN 8192u /* sockets that were asked for; a power of two */

struct owners {
	pthread_mutex_t lock;
	uint64_t ask[OWNERS_QUEUE];
	size_t nask;
	struct event_owner answer[OWNERS_QUEUE];
	size_t nanswer;
	uint64_t looked;	      /* ns, when; worker only */
	uint64_t known[OWNERS_KNOWN]; /* by hash of the inode; drain thread only */
};

void owners_init(struct owners *o);

/* Drain thread. True: somebody is to be woken for owners_look(). */
bool owners_met(struct owners *o, uint64_t inode);
void owners_take(struct owners *o, void (*put)(void *ctx, const void *record, size_t size), void *ctx);

/* Worker: at most once a second, and only when something was asked. now in ns. */
void owners_look(struct owners *o, uint64_t now);

#endif
