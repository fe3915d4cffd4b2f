/* SPDX-License-Identifier: GPL-2.0 */
/* The maps and settings that all programs share; defined in maps.bpf.c. */
#ifndef SKBSCOPE_MAPS_BPF_H
#define SKBSCOPE_MAPS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "config.h"
#include "event.h"

/*
 * What is remembered of a living skb: which packet and copy it is, and what the
 * last full record said, so that a short one is enough while nothing changed.
 */
struct identity {
	__u64 id;
	__u64 head; /* 0: the next record must be a full one */
	__u64 dev;
	__u32 ifindex;
	__u32 netns;
	__u32 pid;
	__u32 addr_sum;	  /* of addresses and ports in the header: NAT changes it; while refused: look_of() */
	__u32 tag;	  /* ethertype and VLAN tag, mixed */
	__u32 generation; /* of the filter that the following are of */
	__u8 verdict;	  /* enum filter_result; FILTER_YES stays until it ends */
	__u8 expr, inner; /* the same of the parts that look at headers */
	__u8 notes;	  /* enum identity_note */
	__u16 network;
	__u8 has_tuple;
	__u8 decided;	/* by a chain at the hook: enum nf_decision, 0 not */
	__u32 known_at; /* seat + 1 where it is known as refused; 0 nowhere */
	__u32 copy;	/* which skb of the packet, 0 the first */
	__u32 parent;	/* the copy that it was made from */
	__u16 seq;	/* records of it so far, lost ones too */
	__u8 hook;	/* its number + 1 while the packet is at a netfilter hook, 0 it is not */
	__u8 pf;	/* of the hook */
	__u64 into;	/* packet that GRO merged it into, 0 none */
	__u64 hooks;	/* struct nf_hook_entries at the hook, while it is there */
	__u64 call;	/* of nft_do_chain() that it is in: its slot + 1; 0 none */
	__u64 ct;	/* as the last EVENT_CT told */
	__u32 ct_sum;	/* of its state */
	__u32 snapped;	/* addr_sum | 1 of the headers whose bytes were sent, 0 none (snap.bpf.h) */
};

enum identity_note {
	NOTE_SHOWN = 1 << 0,   /* a record was sent: its end is told as well */
	NOTE_CUT = 1 << 1,     /* the filter could not read all that it looks at */
	NOTE_SAMPLED = 1 << 2, /* matched, and not chosen */
	NOTE_SOCKET = 1 << 3,  /* matched by the owner of its socket */
	NOTE_CURRENT = 1 << 4, /* matched by the running process */
	NOTE_QUEUE = 1 << 5,   /* waits in TCP's queue, and its clones go: or the first of those */
};

struct device_key {
	__u32 netns;
	__u32 ifindex;
};

struct map_events {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
};

struct map_stats {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the seats, set before loading */
	__type(key, __u32);
	__type(value, struct cpu_stats);
};

struct map_identities {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072); /* by the number of CPUs, set before loading */
	__type(key, __u64);	     /* address of the skb */
	__type(value, struct identity);
};

/* Devices whose name was sent. Emptied by user space now and then: renames. */
struct map_devices {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct device_key);
	__type(value, __u8);
};

/* Probe address → cookie, for attachments that carry none. */
struct map_addresses {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_FUNCS);
	__type(key, __u64);
	__type(value, __u64);
};

/*
 * Where the parts of a filter go on: enum filter_slot. Programs of kprobe.multi
 * and of kprobes have slots of their own: since 6.18, and in the stable kernels
 * that took it over, those of one map must be attached in the same way
 * (kernel/bpf/core.c, __bpf_prog_map_compatible).
 */
struct map_slots {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u32);
};

struct map_works {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the seats, set before loading */
	__type(key, __u32);
	__type(value, struct work);
};

/* --snap: records being made. */
struct snap {
	__u64 v[(sizeof(struct event_bytes) + SNAP_MAX) / 8];
};

struct map_snaps {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the seats, when bytes are wanted; set before loading */
	__type(key, __u32);
	__type(value, struct snap);
};

/* The same for programs that run expressions themselves; made only for those. */
struct map_codes {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOT_RESUME);
	__type(key, __u32);
	__type(value, struct classic_code);
};

/* Inodes of the sockets of the processes that are asked for. */
struct map_owners {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, __u8);
};

/* enum event_flag */
static __always_inline __u8 flags_of(const struct identity *id)
{
	return (id->ifindex ? 0 : EVENT_NO_DEV) | (id->has_tuple ? 0 : EVENT_HEAD_UNREAD) |
	       (id->notes & NOTE_SOCKET ? EVENT_BY_SOCKET : 0) |
	       (id->notes & NOTE_CURRENT ? EVENT_BY_CURRENT : 0) |
	       (id->notes & NOTE_QUEUE && !id->copy ? EVENT_QUEUED : 0);
}

extern struct map_events events SEC(".maps");
extern struct map_stats stats SEC(".maps");
extern struct map_identities identities SEC(".maps");
extern struct map_devices devices SEC(".maps");
extern struct map_addresses addresses SEC(".maps");
extern struct map_slots slots_multi SEC(".maps");
extern struct map_slots slots_kprobe SEC(".maps");
extern struct map_works works SEC(".maps");
extern struct map_snaps snaps SEC(".maps");
extern struct map_codes codes SEC(".maps");
extern struct map_owners owners SEC(".maps");

extern volatile struct skb_config config;

static __always_inline struct cpu_stats *this_stats(__u32 seat)
{
	return bpf_map_lookup_elem(&stats, &seat);
}

#endif
