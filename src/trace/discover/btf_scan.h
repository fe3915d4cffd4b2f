/* SPDX-License-Identifier: GPL-2.0 */
/* BTF of the kernel and its modules → functions that take a struct sk_buff *. */
#ifndef SKBSCOPE_TRACE_DISCOVER_BTF_SCAN_H
#define SKBSCOPE_TRACE_DISCOVER_BTF_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/discover/btf_excerpt.h"
#include "trace/discover/btf_reasons.h"
#include "trace/discover/targets.h"

/* Registers that carry integer arguments (x86-64 psABI 3.2.3). */
#define ARG_REGISTERS 6

/* Functions that trampolines are attached to, where the kernel has them. */
enum hook {
	HOOK_RELEASE,	  /* skb_release_head_state */
	HOOK_STATELESS,	  /* __consume_stateless_skb */
	HOOK_STOLEN,	  /* napi_skb_free_stolen_head */
	HOOK_FRAGS,	  /* napi_get_frags */
	HOOK_COPY,	  /* __copy_skb_header */
	HOOK_FRAG4,	  /* ip_copy_metadata */
	HOOK_FRAG6,	  /* ip6_copy_metadata */
	HOOK_TRANSMIT,	  /* __tcp_transmit_skb */
	HOOK_UDP,	  /* __udp_enqueue_schedule_skb */
	HOOK_QUEUE,	  /* sock_queue_rcv_skb_reason */
	HOOK_ESTABLISHED, /* tcp_rcv_established */
	HOOK_STATE,	  /* tcp_rcv_state_process */
	HOOK_SOCKET,	  /* sock_alloc_file */
	HOOKS
};

struct candidate {
	char *name;
	const char *module;   /* NULL for vmlinux; owned by the scan */
	int arg;	      /* register of the skb, 1-6; beyond: it is on the stack */
	bool guessed;	      /* arg comes from the name */
	bool twin;	      /* BTF has the name before already */
	unsigned int listed;  /* times the kernel lists it as traceable */
	unsigned int symbols; /* times kallsyms has the name */
	uint64_t addr;	      /* the first one */
	uint32_t btf_id;      /* of the function in its BTF; 0 unknown */
	bool at_end;	      /* nothing of its module's code has a name behind it */
};

struct btf_scan {
	struct targets targets;
	struct candidate *v;
	size_t n, cap;
	char **modules;
	size_t nmodules;
	size_t without_btf; /* loaded modules of which there is no BTF */
	struct btf_reasons reasons;
	unsigned int kfree_skb_args; /* of the tracepoint: 2, 3 (5.17+) or 4 (6.11+); 0 unknown */
	bool multi;		     /* kprobe.multi was built in */
	bool trampolines;	     /* with what a program at a function's trampoline needs */
	uint32_t hook_id[HOOKS];     /* BTF ids of the functions for trampolines, 0: not there */
	struct btf_excerpt *excerpt; /* filled too; may be NULL */
};

/* The hook of a function's name, -1 none. */
int hook_of(const char *function);

/* 0; -ENOENT: no BTF here; other -errno. Call btf_scan_fini in any case. */
int btf_scan(struct btf_scan *scan, struct btf_excerpt *excerpt);
/* The same of these modules only. */
int btf_scan_modules(struct btf_scan *scan, const char *const *modules, size_t n);
void btf_scan_fini(struct btf_scan *scan);

/* Adds a function that BTF does not tell about. 0 or -ENOMEM. */
int btf_scan_add(struct btf_scan *scan, const char *name, const char *module, int arg, bool guessed);

#endif
