/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of a recording is handed over: packets that match a filter, and of them
 * the functions that are switched on. What is held back leaves no trace: later
 * records are numbered as if it had never been there, and the first one that is
 * handed over tells who the packet is.
 */
#ifndef SKBSCOPE_TRACE_REPLAY_SIEVE_H
#define SKBSCOPE_TRACE_REPLAY_SIEVE_H

#include "base/keyring.h"
#include "model/selection.h"
#include "trace/replay/question.h"

#define SIEVE_PACKETS (1u << 18) /* that it knows; the oldest are forgotten: 5 MiB */
#define SIEVE_COPIES (1u << 16)	 /* 11 MiB */

typedef void (*sieve_fn)(void *ctx, const struct event *ev, size_t size);

struct sieve_copy;

struct sieve {
	struct names *names; /* of all records, held back or not */
	struct question question;
	bool filtered; /* the question asks something */
	bool thinned;  /* functions may be switched off */
	bool ready;    /* the rings are there */
	struct keyring packets, copies;
	uint16_t *answers; /* per packet */
	struct sieve_copy *copy;
	struct event_quote quote; /* comes before the record that it belongs to */
	uint64_t filtered_out, sampled_out;
};

/* 0 or -ENOMEM. */
int sieve_init(struct sieve *s);
void sieve_fini(struct sieve *s);

/* Forgets every packet and name. */
int sieve_reset(struct sieve *s);

/* Takes the question over; on errors (-ENOMEM) it stays the caller's. */
int sieve_filter(struct sieve *s, struct question *q, bool filtered);
/* Functions may be switched off from now on. 0 or -ENOMEM. */
int sieve_thin(struct sieve *s);

/* on: the function of the record is to be shown. True: a record of a packet was handed over. */
bool sieve_pass(struct sieve *s, const struct event *ev, size_t size, bool on, sieve_fn fn, void *ctx);

#endif
