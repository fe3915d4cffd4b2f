/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where events come from: the kernel, a recording, a generator in tests. What
 * reads a source knows only this contract.
 *
 * All calls come from one thread, the reader's. None of them blocks.
 */
#ifndef SKBSCOPE_TRACE_SOURCE_H
#define SKBSCOPE_TRACE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "model/packet_filter.h"
#include "model/probe.h"
#include "model/run_figures.h"
#include "model/selection.h"
#include "model/source_info.h"

struct source;

/* One event record (bpf/event.h), aligned to 8, valid during the call. */
typedef void (*source_event_fn)(void *ctx, const struct event *ev, size_t size);

enum notice_type {
	NOTICE_PROGRESS,       /* .done of .total; text says of what ("attaching") */
	NOTICE_READY,	       /* the wanted set is attached */
	NOTICE_MESSAGE,	       /* text for the user */
	NOTICE_ERROR,	       /* text for the user, something does not work */
	NOTICE_FILTER,	       /* another filter is in force: ask filter_now(); done: us since the wish */
	NOTICE_FILTER_REFUSED, /* the wish of filter() cannot be: text says why; the old one stays */
	NOTICE_END,	       /* no more events will come; .error is 0 or an errno */
};

struct notice {
	enum notice_type type;
	size_t done, total;
	int error;
	char text[240];
};

struct source_ops {
	/* Becomes readable when read() or notice() has something. */
	int (*fd)(struct source *src);
	/* Hands over events until about max_bytes are taken or none is left; returns the bytes taken. */
	size_t (*read)(struct source *src, size_t max_bytes, source_event_fn fn, void *ctx);
	/* The oldest notice not seen yet; false: none. */
	bool (*notice)(struct source *src, struct notice *out);
	/* 0 or -errno (-ENOTSUP: this source cannot). */
	int (*command)(struct source *src, const struct command *cmd);
	/*
	 * Which packets are shown from now on. The old filter stays until the new one
	 * runs: NOTICE_FILTER; or for good: NOTICE_FILTER_REFUSED. A later wish
	 * replaces one that still waits (for a resolver). 0 or -errno.
	 */
	int (*filter)(struct source *src, const struct packet_filter *wish);
	/* What is in force. */
	void (*filter_now)(struct source *src, struct packet_filter *out);
	/*
	 * Would this be taken? 0; -EINVAL with a line in err; -EAGAIN: only a
	 * resolver knows (a host name), filter() finds out. Takes about 1 ms.
	 */
	int (*check_filter)(struct source *src, const struct packet_filter *wish, char *err, size_t size);
	/* Hits and lost records per function, room for probe_capacity(probes); either may be NULL. */
	void (*counters)(struct source *src, uint64_t *hits, uint64_t *lost);
	void (*totals)(struct source *src, struct source_totals *out);
	/* Ends it: after the NOTICE_END that follows, read() has the last event. */
	void (*stop)(struct source *src);
	void (*free)(struct source *src);
};

/* Where a replay is; ns of the clock of its events. */
struct playback_place {
	uint64_t first, last, at;
	int64_t wall; /* of at: ns since 1970 */
	double speed; /* 1: as it was; 0: as fast as it is read */
	bool paused;  /* stands still */
	bool over;    /* nothing comes behind at */
	size_t files;
	char name[128]; /* printable: of the file, or of the first one */
};

/* What only a recording can do. */
struct playback_ops {
	void (*place)(struct source *src, struct playback_place *out);
	void (*speed)(struct source *src, double speed);
	void (*pause)(struct source *src, bool paused);
	/* Hands over what belongs to the next record of a packet, then it stands still. */
	void (*step)(struct source *src);
	/*
	 * Goes on from there: what lies between comes at once. Backwards it begins
	 * anew: 1 is returned, and the reader forgets all it has (a new store)
	 * before it reads on. 0 or -errno.
	 */
	int (*jump)(struct source *src, uint64_t to);
	/* How the recorded run ended; false: that is not in the file, *out is how far it got. */
	bool (*figures)(struct source *src, struct run_figures *out);
};

/* The first member of every source. */
struct source {
	const struct source_ops *ops;
	const struct playback_ops *playback; /* NULL: it is live */
	struct probe_table *probes;
	struct selection selection; /* as at the start; readers copy it */
	struct source_info info;
};

#endif
