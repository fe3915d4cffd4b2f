/* SPDX-License-Identifier: GPL-2.0 */
/* Between rulesets.c, its thread and the reading of one namespace. */
#ifndef SKBSCOPE_TRACE_NETFILTER_RULESETS_PRIVATE_H
#define SKBSCOPE_TRACE_NETFILTER_RULESETS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "trace/netfilter/legacy_counts.h"
#include "trace/netfilter/libnftables.h"
#include "trace/netfilter/ruleset.h"
#include "trace/netfilter/rulesets.h"
#include "trace/netns_places.h"

#define SPACES_MAX 256u /* namespaces; others are not read, which is said */
#define SEEN_MAX 64u
#define WAITING_MAX (64u << 20) /* bytes of records that nobody has taken yet */
#define TORN_MAX 5		/* readings that were changed meanwhile, until one is told as it is */

/* One namespace. Thread only. */
struct space {
	uint32_t inode;
	char path[NETNS_PATH];
	int events;   /* socket that tells of changes, -1 none */
	bool own;     /* this process': never given up */
	bool read;    /* at least once */
	bool dirty;   /* to be read, not before .due */
	bool legacy;  /* has tables of legacy iptables */
	bool looked;  /* for them, at least once */
	bool counted; /* their counters are read: that tells when their rules are others */
	bool base;    /* what they have counted until the next reading is not told */
	int torn;     /* readings in a row that are not all of it */
	uint64_t due; /* ns */
	uint64_t hash, statements;
	size_t chains, items;
	struct legacy_counts *counts; /* NULL: there were never any, or no memory */
};

/* Records of one namespace that wait; the newest only. */
struct waiting {
	struct waiting *next;
	uint32_t inode;
	struct strbuf bytes;
};

enum said { SAID_LIBRARY, SAID_LISTING, SAID_READING, SAID_SPACES };

struct rulesets {
	struct rulesets_ops ops;
	pthread_t thread;
	bool started;
	int wake; /* eventfd */

	pthread_mutex_t lock; /* of what follows */
	uint32_t seen[SEEN_MAX];
	size_t nseen;
	struct waiting *waiting; /* in the order they came */
	size_t waiting_bytes;
	bool stop;
	bool count; /* hits of legacy iptables are wanted */

	_Atomic uint64_t statements;
	atomic_bool ready, any, any_legacy;

	/* the thread */
	struct space *spaces;
	size_t nspaces;
	int own;				  /* the namespace to come back to */
	int names;				  /* inotify */
	bool nft_built_in, nft, legacy4, legacy6; /* what is loaded */
	struct libnftables *lib;
	bool lib_tried;
	unsigned int said; /* bits: enum said */
	bool counting;	   /* count, as it was seen */
	uint64_t ticked, named_legacy;
};

void *rulesets_run(void *arg);

/* Reads one namespace again. False: it is not there any more. */
bool rulesets_read(struct rulesets *r, struct space *s);
/* What others may ask, and that it is something else than before; returns whether it is. */
bool rulesets_publish(struct rulesets *r);
/* Back from a namespace to this process' own. */
void rulesets_come_back(struct rulesets *r);
/* Reads the counters of legacy iptables alone. True: the rules are others, it must be read as a whole. */
bool rulesets_count(struct rulesets *r, struct space *s);
/* Hands over hits of legacy iptables that are news. */
void rulesets_tell_hits(struct rulesets *r, struct space *s);
/* Its records wait to be taken, in place of those before: of a ruleset, or of none. False: no room. */
bool rulesets_hand_over(struct rulesets *r, uint32_t inode, struct strbuf *records);
/* The same, behind those before. */
bool rulesets_hand_over_more(struct rulesets *r, uint32_t inode, const struct strbuf *records);
void rulesets_say(struct rulesets *r, enum said cause, const char *what, const char *why);

#endif
