/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel as a source of events. */
#ifndef SKBSCOPE_TRACE_TRACER_H
#define SKBSCOPE_TRACE_TRACER_H

#include <stdbool.h>
#include <stddef.h>

#include "model/config_file.h"
#include "trace/filters.h"
#include "trace/source.h"

struct tracer_options {
	const char *backend;	 /* "auto" or a backend's name */
	int priority;		 /* 0-3 */
	bool layer[LAYER_COUNT]; /* on at the start */
	bool category[CATEGORY_COUNT];
	const char *functions;		    /* comma separated globs; NULL: all */
	const struct config_file *config;   /* NULL: none */
	const struct packet_filter *filter; /* NULL: none */
	const struct filter_parts *parts;   /* of filter, compiled */
	size_t max_functions;		    /* 0: no limit */
	size_t buffer;			    /* kernel ring buffer, bytes; a power of two of pages */
	size_t channel;			    /* what may wait for the reader, bytes */
	unsigned int snap;		    /* bytes of packets that are told (EVENT_BYTES), 0: none */
	bool drops;			    /* of netfilter only what drops is told */
	bool verbose;			    /* libbpf's own messages to stderr */
};

/* Why it did not open. */
enum tracer_failure {
	TRACER_FAILED,	  /* something went wrong */
	TRACER_WRONG_USE, /* an option does not fit this kernel's functions */
	TRACER_FORBIDDEN, /* this kernel or user may not trace */
};

/*
 * Looks at the kernel, discovers, selects, loads the programs. Nothing is
 * attached yet. NULL: err has one line, *failure says whose fault it is. Call it
 * before any other thread exists: it forks (attach/guard.h). The options are
 * asked again for modules that come later: they live as long as the source.
 */
struct source *tracer_open(
	const struct tracer_options *options, enum tracer_failure *failure, char *err, size_t err_size);

/* Starts the threads; attaching goes on in the background, NOTICE_READY tells when. 0 or -errno. */
int tracer_start(struct source *src);

/* The same selection without a kernel to trace: what skbscope list shows. */
int tracer_select(struct selection *sel, const struct probe_table *table,
	const struct tracer_options *options, char *err, size_t err_size);

/* After stop(): milliseconds that detaching took, -1 when it goes on in the background. */
int tracer_detach_ms(const struct source *src);

#endif
