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
#define OVERLAP_MARKS 64u /* calls at once on a CPU: interrupted ones; a power of two */
#define COST_SAMPLE 64u	  /* every 64th call on a CPU is timed; a power of two */

/*
 * Programs at functions work at a seat: counters, scratch and struct work of
 * their own. kprobe programs never nest (bpf_prog_active), and their seat is
 * their CPU. Trampoline programs are interrupted by others on their CPU, and
 * preempted: each CPU has so many seats for them, CPU + CPUs * level.
 */
#define SEAT_LEVELS 4u

/* Of an attached function: which it is, where its skb stands, how to treat it.
 * The address map holds it; a link's own cookie has its generation as well. */
#define COOKIE(func, pos, flags, gen)                                                                        \
	((__u64)(func) | (__u64)(pos) << 16 | (__u64)(flags) << 24 | (__u64)(gen) << 32)
#define COOKIE_FUNC(c) ((__u16)(c))
#define COOKIE_POS(c) ((__u8)((c) >> 16))   /* register of the skb, 1-6 */
#define COOKIE_FLAGS(c) ((__u8)((c) >> 24)) /* enum cookie_flag */
#define COOKIE_GEN(c) ((__u32)((c) >> 32))

/* Stands for the cookie in the program that trampolines get copies of: position 1, FUNC_LOOK. */
#define FENTRY_COOKIE 0x5eb5c09e0201c00dull
#define FENTRY_COOKIE_TEXT "0x5eb5c09e0201c00d"

#define COOKIE_WATCH(c) ((__u8)((c) >> 28) & 15) /* enum watch, the upper half of the flags */
#define FUNC_WATCH(watch) ((watch) << 4)

/*
 * What else is done at a function, whether it is traced or not. Arguments by
 * net/core/skbuff.c, net/ipv4/ip_output.c, net/ipv4/tcp_output.c, 5.10 to 6.18.
 */
enum watch {
	WATCH_NONE,
	WATCH_COPY,   /* (to, from): to becomes a copy of the same packet */
	WATCH_PART,   /* (to, from): the same, but a fragment that came in as one stays what it is */
	WATCH_TCP,    /* (sk, skb, clone_it): what is sent are clones of this one, if so */
	WATCH_SOCKET, /* (sk, skb): the socket gets it */
	WATCH_MERGE,  /* (held, skb): GRO puts the data of skb into held */
	WATCH_END,    /* (skb): its life is over; where trampolines cannot be attached */
	WATCH_STOLEN, /* (skb): the same, and its data went on */
};

enum cookie_flag {
	/* Runs on an skb whose life may be over already (skb_release_data,
	 * kfree_skbmem): an skb that is not known does not begin a packet here,
	 * or its address would carry that packet's id into its next life. */
	FUNC_NO_BIRTH = 1 << 0,
	/* Here a packet that the filter refused is looked at whether its headers
	 * have changed: at the important functions, one a layer and more. */
	FUNC_LOOK = 1 << 1,
};

enum tracing {
	TRACING_OFF, /* no event, no identity; counters stand still */
	TRACING_ON,
	TRACING_COUNT, /* hits are counted and nothing else: for measuring */
};

enum netfilter_tracing {
	NETFILTER_OFF,
	NETFILTER_ON,
	NETFILTER_DROPS, /* hits are counted, and only what drops is told */
};

/*
 * Which packets are shown. The parts that look at headers are programs in the
 * slots of a PROG_ARRAY; slots and flags of a filter change together with the
 * generation: its lowest bit says which half is in force.
 */
#define FILTER_FRAME 512u /* bytes of a packet that a filter can look at */

enum filter_slot {
	SLOT_EXPR = 0,	/* 0 and 1 */
	SLOT_INNER = 2, /* 2 and 3 */
	SLOT_RESUME = 4,
	SLOTS = 5,
};

enum filter_stage { STAGE_BEGIN, STAGE_EXPR, STAGE_INNER };

enum filter_result {
	FILTER_UNKNOWN = 0, /* not decided yet */
	FILTER_NO = 1,
	FILTER_YES = 2,
	FILTER_CUT = 3, /* bytes that it looks at are not in the linear area */
};

enum filter_flag {
	FILTER_EXPR = 1 << 0,
	FILTER_INNER = 1 << 1,
	FILTER_EXPR_VLAN = 1 << 2, /* put a tag that the device took out back */
	FILTER_EXPR_MAC = 1 << 3,  /* wait for the Ethernet addresses */
	FILTER_INNER_VLAN = 1 << 4,
	FILTER_IFINDEX = 1 << 5, /* device by name, below */
	FILTER_NETNS = 1 << 6,
	FILTER_MARK = 1 << 7,
	FILTER_SOCKET = 1 << 8, /* pid or comm: sockets in map owners, else current */
	FILTER_UID = 1 << 9,
	FILTER_CGROUP = 1 << 10,
	FILTER_COMM = 1 << 11,
	FILTER_PID = 1 << 12,
	FILTER_SAMPLE = 1 << 13,
	FILTER_EXPR_HOP = 1 << 14, /* the answer may be another one at the next device: TTL, lengths */
};

struct filter_config {
	__u32 flags; /* enum filter_flag; 0: everything is shown */
	__u32 netns; /* inode */
	__u32 mark, mark_mask;
	__u32 pid, uid;
	__u32 sample; /* 1 in so many */
	__u32 pad;
	__u64 cgroup;	    /* id */
	char interface[16]; /* zero to its end */
	char comm[16];
};

/*
 * An expression as it came from libpcap (struct sock_filter), for programs
 * that run it themselves. One for each of the slots SLOT_EXPR and SLOT_INNER.
 */
#define CLASSIC_MAX 4096u /* the kernel's own limit for classic programs */
#define CLASSIC_MEMORY 16u

struct classic_insn {
	__u16 code;
	__u8 jt, jf;
	__u32 k;
};

struct classic_code {
	__u32 n; /* 0: none */
	__u32 pad;
	struct classic_insn v[CLASSIC_MAX];
};

/* Registers of an expression that is run. */
struct classic_state {
	__u32 a, x, at; /* at: the next instruction */
	__u32 pad;
	__u32 m[CLASSIC_MEMORY];
};

/* What the programs hand each other while one packet is decided. One a seat. */
struct work {
	__u64 skb, ts, cookie;
	__u32 caplen;  /* bytes of frame that are there, at most FILTER_FRAME */
	__u32 wirelen; /* length of the whole frame */
	__u32 result;  /* enum filter_result, by the program in the slot */
	__u32 stage;   /* enum filter_stage: what the result answers */
	__u32 generation;
	__u32 resume;		  /* SLOT_RESUME, where the program in the slot goes on */
	__u8 frame[FILTER_FRAME]; /* from the Ethernet header on */
	__u8 slack[64];		  /* so that a read of the frame's end stays inside */
	struct classic_state classic;
};

/* BTF ids of structs that programs lay over memory (bpf_rdonly_cast()). */
struct type_ids {
	__u32 sk_buff, net_device, iphdr, timespec64;
};

/* One writer (the tracing thread), many readers (the programs). */
struct skb_config {
	__u32 next_generation; /* of the link that takes over; 0: there is one link */
	__u32 on;	       /* enum tracing */
	__u32 wakeup_every;    /* records of a CPU between two wake-ups of the reader */
	__u32 cpus;	       /* possible CPUs */
	__u32 seats;	       /* packet ids given at different seats never meet */
	__u32 filter_generation;
	__u32 netfilter; /* enum netfilter_tracing */
	__u32 drop_seat; /* drops alone: the first of their seats, one a CPU */
	__u32 drop_func; /* and the function that they are told at */
	__u32 snap;	 /* bytes of packets that are sent, 0: none; at most SNAP_MAX */
	struct filter_config filter[2]; /* by the lowest bit of filter_generation */
	__u8 enabled[MAX_FUNCS];
};

/* A packet that the filter refused, so that the next functions need not look it up. */
#define REFUSED_KNOWN 4u /* at once; a power of two */

struct refused {
	__u64 skb; /* address; lowest bit: whatever it looks like */
	__u32 generation;
	__u32 look; /* look_of(): while it looks the same */
};

/* One a seat, written only by the program that has it. Counters of the function
 * programs and of the identity hooks are apart: the two can interrupt each other. */
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
	__u64 full;	   /* of events: those with a tuple */
	__u64 end_events;  /* records sent by the end hooks */
	__u64 end_lost;	   /* records of the end hooks not reserved */
	__u64 after_free;  /* calls on an skb whose life was over: counted in hits, no record */
	__u64 unread;	   /* calls with a pointer to no skb: counted in hits, no record */
	__u64 refused;	   /* packets that ended without having matched the filter */
	__u64 sampled_out; /* packets that matched and were not chosen */
	__u64 undecided;   /* of refused: a part of the headers could not be read */
	__u64 unfiltered;  /* packets shown because the filter's program was not there */
	/* the skb being looked at: too large for the programs' stack, and the
	 * function programs never interrupt each other on a CPU */
	__u64 scratch[SKB_COPY_MAX / 8];
	__u64 tuple[6];			     /* struct wire_tuple of that skb */
	__u64 quote[6];			     /* struct wire_tuple of the packet that it is about */
	__u64 spare[2];			     /* scratch, too */
	struct refused known[REFUSED_KNOWN]; /* the end of a packet, anywhere, clears its place */
	__u64 overlap[OVERLAP_MARKS];	     /* calls that the new link of two has counted */
	__u64 busy;			     /* a trampoline program sits here */
	__u64 crowded; /* first seat of a CPU: calls skipped because all seats were taken */
	__u64 next_copy;
	__u64 copies_full; /* no room for a copy in the identity map */
	__u64 pad[6];	   /* to whole cache lines */
};

#endif
