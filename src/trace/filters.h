/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The filter in force, and the thread that puts another one in its place: the
 * new programs go into the half of the slots that is not in use, then the
 * generation is counted up: one store makes the next packet meet the new one.
 */
#ifndef SKBSCOPE_TRACE_FILTERS_H
#define SKBSCOPE_TRACE_FILTERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "../../bpf/config.h"
#include "trace/filter/parts.h"
#include "trace/filter/slots.h"

struct tracer;

struct filters {
	pthread_mutex_t lock; /* wish, asked, now, stopping, looking_up */
	pthread_cond_t wake;
	struct packet_filter wish, now;
	bool asked;
	uint64_t asked_at; /* ns */
	bool stopping;
	pthread_t thread;
	bool started;
	/* the thread only, and before it starts its creator */
	struct filter_config config; /* of now */
	struct slots slots[2];	     /* for each way of attaching that is in use */
	size_t nslots;
	bool open; /* the programs of filters are loaded */
	unsigned int looks;
	bool gone_said;	  /* that a process, namespace or device of now has gone */
	bool device_seen; /* in our own namespace */
};

void filters_init(struct tracer *t);

/*
 * After the programs were loaded. parts belongs to f (which may be NULL: none);
 * it is in force when this returns. 0 or -errno with a line in err.
 */
int filters_open(struct tracer *t, const struct packet_filter *f, const struct filter_parts *parts, char *err,
	size_t size);
int filters_start(struct tracer *t);
void filters_close(struct tracer *t);

/* The ops of source.h. */
int filters_ask(struct tracer *t, const struct packet_filter *wish);
void filters_now(struct tracer *t, struct packet_filter *out);
int filters_check(const struct packet_filter *wish, char *err, size_t size);

#endif
