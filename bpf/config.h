/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes down to the kernel and the counters that are read back: shared by
 * bpf/ and src/. Both are mapped into the tracing process, so a setting takes
 * effect with the next packet and reading a counter costs no system call.
 */
#ifndef SKBSCOPE_CONFIG_H
#define SKBSCOPE_CONFIG_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define MAX_FUNCS 4096u /* functions attached at once; a power of two */
/* struct sk_buff was 216-240 bytes from 5.10 to 6.18; a larger one is read up
 * to here, and the verifier refuses a field beyond it. */
#define SKB_COPY_MAX 256u
#define COST_SAMPLE 64u /* every 64th call on a CPU is timed; a power of two */

/* An attach cookie: which function, where its skb stands, how to treat it,
 * which generation of the attachment. Without cookies the address map holds it. */
#define COOKIE(func, pos, flags, gen)                                                                        \
	((__u64)(func) | (__u64)(pos) << 16 | (__u64)(flags) << 24 | (__u64)(gen) << 32)
#define COOKIE_FUNC(c) ((__u16)(c))
#define COOKIE_POS(c) ((__u8)((c) >> 16))   /* register of the skb, 1-6 */
#define COOKIE_FLAGS(c) ((__u8)((c) >> 24)) /* enum cookie_flag */
#define COOKIE_GEN(c) ((__u32)((c) >> 32))

enum cookie_flag {
	/* Runs on an skb whose life may be over already (skb_release_data,
	 * kfree_skbmem): an skb that is not known does not begin a packet here,
	 * or its address would carry that packet's id into its next life. */
	FUNC_NO_BIRTH = 1 << 0,
};

/* One writer (the tracing thread), many readers (the programs). */
struct skb_config {
	__u32 generation;   /* hits of links of another generation are not ours */
	__u32 on;	    /* 0: no event, no identity; counters stand still */
	__u32 wakeup_every; /* records of a CPU between two wake-ups of the reader */
	__u32 cpus;	    /* possible CPUs: packet ids of different CPUs never meet */
	__u8 enabled[MAX_FUNCS];
};

/* One a CPU, written only by that CPU. Counters of the function programs and
 * of the identity hooks are apart: the two can interrupt each other. */
struct cpu_stats {
	__u64 hits[MAX_FUNCS]; /* enabled function called with an skb */
	__u64 lost[MAX_FUNCS]; /* record not reserved: ring full */
	__u64 null_skb;	       /* function called with a NULL skb */
	__u64 id_full;	       /* no room for another packet in the identity map */
	__u64 events;	       /* records sent by the function programs */
	__u64 cost_ns;	       /* time in the handler, extrapolated from the timed calls */
	__u64 calls;	       /* of the handler by an enabled function */
	__u64 next_id;
	__u64 since_wakeup;
	__u64 full;	  /* of events: those with a tuple */
	__u64 end_events; /* records sent by the end hooks */
	__u64 end_lost;	  /* records of the end hooks not reserved */
	__u64 after_free; /* calls on an skb whose life was over: counted in hits, no record */
	__u64 unread;	  /* calls with a pointer to no skb: counted in hits, no record */
	__u64 pad[4];
	/* the skb being looked at: too large for the programs' stack, and the
	 * function programs never interrupt each other on a CPU */
	__u64 scratch[SKB_COPY_MAX / 8];
};

#endif
