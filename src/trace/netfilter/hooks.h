/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs of netfilter (bpf/nft.bpf.c) and where they are attached: at
 * nf_hook_slow(), at nft_do_chain(), and at the statements that rulesets use.
 * One thread.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_HOOKS_H
#define SKBSCOPE_TRACE_NETFILTER_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/attach/guard.h"
#include "trace/attach/kept_programs.h"
#include "trace/discover/targets.h"

struct skbscope_bpf;
struct nft_bpf;
struct legacy_bpf;

/* In the order of attaching. */
enum nf_program {
	NF_HOOK_BEGIN,
	NF_HOOK_END,
	NF_STATEMENT,
	NF_LOOKUP,
	NF_IMMEDIATE,
	NF_DROP_FIRST,
	NF_DROP_SECOND,
	NF_CHAIN_END,
	NF_CHAIN_BEGIN, /* last: a call that has begun is seen with all that is attached */
	NF_LEGACY_END,
	NF_LEGACY_BEGIN,
	NF_LEGACY6_END,
	NF_LEGACY6_BEGIN,
	NF_PROGRAMS
};

/* What is loaded together: when the types that it needs are there. */
enum nf_group { NF_GROUP_HOOKS, NF_GROUP_CHAINS, NF_GROUP_LEGACY, NF_GROUP_LEGACY6, NF_GROUPS };

#define NF_ATTACHED_MAX 128

struct nf_attached {
	enum nf_program program;
	char function[64];
	int prog, link;
	uint32_t held;
};

struct nf_hooks {
	struct skbscope_bpf *main; /* whose maps are shared */
	struct nft_bpf *nft[2];	   /* hooks, and chains with them or when they came later */
	struct legacy_bpf *legacy[2];
	uint64_t per_cpu; /* address of __per_cpu_offset, 0 not looked up */
	bool loaded[NF_GROUPS];
	int counters;	      /* descriptor of a map, -1 none */
	unsigned char *calls; /* the slots of nft_call.bpf.h, mapped; NULL none */
	size_t call_size, ncalls;
	struct guard *guard;
	struct kept_programs *kept;
	struct program_copy copy[NF_PROGRAMS];
	struct nf_attached v[NF_ATTACHED_MAX];
	size_t n;
	uint64_t skipped; /* by those that are gone */
};

struct nf_wanted {
	bool hooks;	     /* nf_hook_slow() */
	bool chains;	     /* nft_do_chain() and rules */
	bool legacy;	     /* iptables' own tables */
	uint64_t statements; /* by the table of statements */
};

struct nf_hooks_ops {
	void (*progress)(void *ctx, size_t done, size_t total);
	void (*refused)(void *ctx, const char *function, int error);
	bool (*cancelled)(void *ctx);
	void *ctx;
};

void nf_hooks_init(
	struct nf_hooks *h, struct skbscope_bpf *main, struct guard *guard, struct kept_programs *kept);
/*
 * Loads, once, the programs at hooks and those whose types are there: chains says
 * whether nf_tables' are. 0 or -errno.
 */
int nf_hooks_load(struct nf_hooks *h, bool chains);
/* The same for legacy iptables, of the one family or the other. */
int nf_hooks_load_legacy(struct nf_hooks *h, bool six);
/* Makes what is attached equal to what is wanted. 0; -ECANCELED; -errno of what does not work at all. */
int nf_hooks_set(struct nf_hooks *h, const struct targets *targets, const struct nf_wanted *wanted,
	const struct nf_hooks_ops *ops);
/* Descriptor of the map of counters (struct rule_key → struct rule_count per CPU); -1: not loaded. */
int nf_hooks_counters(const struct nf_hooks *h);
/* Calls of nft_do_chain() whose end the kernel did not hand to us are forgotten after some seconds. */
void nf_hooks_forget_calls(const struct nf_hooks *h, uint64_t now);
uint64_t nf_hooks_skipped(const struct nf_hooks *h);
/* Closes our descriptors: the guard has others. */
void nf_hooks_close(struct nf_hooks *h);
/* After that: unloads. */
void nf_hooks_free(struct nf_hooks *h);

#endif
