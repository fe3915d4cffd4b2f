/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records from the thread that drains the kernel to the thread that reads: one
 * producer, one consumer, copied by value, no lock. What finds no room is
 * counted. Memory is touched only as far as the backlog ever reached.
 */
#ifndef SKBSCOPE_TRACE_CHANNEL_H
#define SKBSCOPE_TRACE_CHANNEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel {
	unsigned char *base;
	size_t size; /* bytes */
	int eventfd; /* readable when the consumer asked to be woken */
	/* producer's line */
	_Alignas(64) _Atomic uint64_t head; /* bytes ever put, gaps included */
	uint64_t tail_seen;
	_Atomic uint64_t lost; /* records */
	/* consumer's line */
	_Alignas(64) _Atomic uint64_t tail; /* bytes ever taken */
	_Alignas(64) _Atomic bool asleep;   /* the consumer waits on eventfd */
};

typedef void (*channel_fn)(void *ctx, const void *record, size_t size);

/* 0 or -errno. size is rounded up to whole pages. */
int channel_init(struct channel *ch, size_t size);
void channel_fini(struct channel *ch);

/* Producer: copies a record (size up to 4096). false: no room, counted. */
bool channel_put(struct channel *ch, const void *record, size_t size);
/* Producer: after a batch, wakes the consumer when it sleeps. */
void channel_wake(struct channel *ch);

/* Anybody: makes the eventfd readable (something else than a record waits). */
void channel_poke(struct channel *ch);

/* Consumer: hands over records until max bytes are taken or none is left; returns the bytes. */
size_t channel_take(struct channel *ch, size_t max, channel_fn fn, void *ctx);
/* Consumer: bytes that wait. */
size_t channel_waiting(const struct channel *ch);

#endif
