/* SPDX-License-Identifier: GPL-2.0 */
/* The maps and settings that all programs share; defined in maps.bpf.c. */
#ifndef SKBSCOPE_MAPS_BPF_H
#define SKBSCOPE_MAPS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "config.h"
#include "event.h"

/*
 * What is remembered of a living packet: its id, and what the last full record
 * said, so that a short one is enough while nothing changed. One cache line.
 */
struct identity {
	__u64 id;
	__u64 head; /* 0: the next record must be a full one */
	__u64 dev;
	__u32 ifindex;
	__u32 netns;
	__u32 pid;
	__u32 addr_sum; /* of addresses and ports in the header: NAT changes it */
	__u16 network;
	__u16 transport;
	__u8 has_tuple;
	__u8 pad[11];
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
	__uint(max_entries, 1); /* the possible CPUs, set before loading */
	__type(key, __u32);
	__type(value, struct cpu_stats);
};

struct map_identities {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__type(key, __u64); /* address of the skb */
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

extern struct map_events events SEC(".maps");
extern struct map_stats stats SEC(".maps");
extern struct map_identities identities SEC(".maps");
extern struct map_devices devices SEC(".maps");
extern struct map_addresses addresses SEC(".maps");

extern volatile struct skb_config config;

static __always_inline struct cpu_stats *this_stats(__u32 cpu)
{
	return bpf_map_lookup_elem(&stats, &cpu);
}

#endif
