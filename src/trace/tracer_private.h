/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracer's inside, shared by its files only. Who touches what:
 *  - the drain thread: the ring buffer, the channel's producer side;
 *  - the worker thread: attaching, names of namespaces, slow counters;
 *  - the reader's thread: everything that source.h offers.
 */
#ifndef SKBSCOPE_TRACE_TRACER_PRIVATE_H
#define SKBSCOPE_TRACE_TRACER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "../../bpf/config.h"
#include "trace/attach/attach.h"
#include "trace/attach/kept_programs.h"
#include "trace/channel.h"
#include "trace/discover/discover.h"
#include "trace/discover/module_list.h"
#include "trace/filters.h"
#include "trace/netfilter/netfilter.h"
#include "trace/owners.h"
#include "trace/symbolizer.h"
#include "trace/tracer.h"

struct ring_buffer;
struct bpf_link;
struct bpf_program;

#define NOTICES 64
#define NETNS_QUEUE 64
#define END_HOOKS (6 + HOOKS) /* ends of life, one of them twice; drops; what is watched by trampolines */
#define FILTER_HOOKS 1	      /* sockets that begin */

struct notices {
	pthread_mutex_t lock;
	struct notice v[NOTICES];
	size_t first, n;
};

/* Namespaces seen by the drain thread whose name the worker looks up, and back. */
struct netns_queue {
	pthread_mutex_t lock;
	uint32_t ask[NETNS_QUEUE];
	size_t nask;
	struct event_netns answer[NETNS_QUEUE];
	size_t nanswer;
	uint32_t *known; /* drain thread only */
	size_t nknown;
};

struct tracer {
	struct source src; /* first */
	const struct tracer_options *options;
	struct discovery found;
	int types_fd; /* the excerpt of the kernel's types that programs are relocated by */
	struct kept_programs kept;
	struct skbscope_bpf *skel;
	struct skbscope_bpf *more; /* programs_more.c; NULL: not loaded */
	pthread_mutex_t more_lock;
	struct ring_buffer *ring;
	struct bpf_link *end_hook[END_HOOKS];
	struct bpf_link *filter_hook[FILTER_HOOKS];
	const struct attach_ops *backend;
	struct attacher *attacher;
	struct guard guard;
	struct channel channel;
	struct notices notices;
	struct netns_queue netns;
	struct owners owners;
	struct symbolizer *symbolizer;
	struct netfilter *netfilter; /* NULL: before the start, or it could not */
	struct filters filters;
	volatile struct skb_config *config;
	const struct cpu_stats *stats; /* mapped, one a seat */
	size_t stats_size;
	unsigned int cpus, seats;
	char host[64], kernel[65];

	pthread_mutex_t lock; /* selection, dirty, filter_wanted, stopping */
	pthread_cond_t wake;
	struct selection selection;
	bool dirty;
	bool rules_settled; /* netfilter has attached what was wanted */
	bool filter_wanted; /* a filter is set for the first time: its hooks are wanted */
	bool stopping;
	pthread_t drain_thread, worker_thread;
	pthread_t prepare_thread;
	bool drain_started, worker_started, prepare_started;
	_Atomic bool drain_stop;
	_Atomic bool cancel;	    /* stopping: attaching gives up */
	_Atomic bool netns_again;   /* names of namespaces are to be asked again */
	_Atomic bool programs_came; /* code that has a name of its own was made */
	_Atomic bool asked;	    /* names are wanted, by the drain thread (drain.c, ask_worker()) */

	_Atomic uint64_t recursion, missed_ends;
	_Atomic uint64_t attach_ns;
	_Atomic int detach_ms;
	bool verbose;
	uint64_t started;	    /* ns */
	bool functions_ready;	    /* worker only */
	bool ready;		    /* NOTICE_READY was told; worker only */
	bool *told;		    /* per probe: its refusal was said; worker only */
	struct module_list modules; /* as known; worker only */
	bool late;		    /* functions came after the start; worker only */
};

/* tracer_open.c: everything but the channel. 0, or -errno with a line in err, its kind in failure. */
int tracer_open_parts(struct tracer *t, const struct tracer_options *options, enum tracer_failure *failure,
	char *err, size_t err_size);

/* --verbose: how long after the start something was done, on stderr. */
void tracer_milestone(const struct tracer *t, const char *what);

void notices_init(struct notices *n);
bool notices_get(struct notices *n, struct notice *out);
/* Waits for nobody: the oldest leaves when it is full. Wakes the reader. */
void tracer_notice(struct tracer *t, const struct notice *notice);
__attribute__((format(printf, 3, 4))) void tracer_say(
	struct tracer *t, enum notice_type type, const char *fmt, ...);

/* What can be traced has changed: chooses anew, here and on the screen. The attached set is to follow. */
void tracer_follow(struct tracer *t);

/* choose.c: notes in an entry that comes later what the options say about it. */
void tracer_choose(const struct tracer_options *options, struct probe *p);
/* The function that drops are told at when they are met there, -1 none. */
int tracer_dropper(const struct probe_table *table);

/*
 * modules.c: modules that are loaded or unloaded meanwhile. modules_look() is called
 * every second by the worker and calls change() itself, between the functions
 * that went and those that came.
 */
void modules_begin(struct tracer *t);
void modules_look(struct tracer *t, void (*change)(struct tracer *));
void modules_free(struct tracer *t);

/* programs_open.c: the object; then what it wants of the kernel's types, and takes of them. 0 or -errno. */
int programs_open(struct tracer *t, char *err, size_t err_size);
struct btf_excerpt *programs_types(const struct tracer *t);
int programs_take_types(struct tracer *t, const struct btf_excerpt *types);
/* The object once more, after that. */
struct skbscope_bpf *programs_open_object(const struct tracer *t);
/* programs.c: load; attach the ends of life; read slow counters. */
int programs_load(struct tracer *t, const struct tracer_options *options, char *err, size_t err_size);
int programs_attach_ends(struct tracer *t);
/* For the two: leaves out all programs; attaches one by its section and hands it to the guard. */
void programs_choose_none(struct skbscope_bpf *skel);
int programs_attach_hook(struct tracer *t, struct bpf_program *prog, struct bpf_link **link);
void programs_free(struct tracer *t);
/* Calls of the function programs and of the end hooks that the kernel skipped. */
void programs_count_skipped(struct tracer *t);
void programs_forget_devices(const struct tracer *t);

/* programs_more.c, by any thread: loads them unless they are there. 0 or -errno. NULL: not loaded. */
int programs_load_more(struct tracer *t);
struct skbscope_bpf *programs_more(struct tracer *t);
/*
 * After they were loaded: hooks by which copies and fragments inherit what the
 * filter said, and new sockets are known. Attached once.
 */
int programs_attach_filter(struct tracer *t);

/* tracer_netfilter.c: the thread for rules, from the start to the end of tracing. */
void tracer_start_netfilter(struct tracer *t);
/* By who holds t->lock: what the selection wants of it. */
void tracer_follow_netfilter(struct tracer *t);

/* drain.c, worker.c: thread functions. */
void *drain_main(void *tracer);
void *worker_main(void *tracer);
int drain_open(struct tracer *t);
/* Opens the backend and lets it prepare in the background. 0 or -errno. */
int worker_prepare(struct tracer *t);
/* What the worker would do at its end, when it never began. */
void worker_abandon(struct tracer *t);

#endif
