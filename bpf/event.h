/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records that go up from the kernel: shared by bpf/ and src/.
 *
 * Every record starts with struct event. A record of type EVENT_FUNC is just
 * that head; EVENT_FUNC_FULL appends struct event_full. A full record is sent
 * when a packet is first seen and whenever what it tells has changed, so a
 * reader that remembers the last full record of a packet id knows everything
 * about every later short one.
 */
#ifndef SKBSCOPE_EVENT_H
#define SKBSCOPE_EVENT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

enum event_type {
	EVENT_FUNC = 1,	     /* a packet at a function; struct event */
	EVENT_FUNC_FULL = 2, /* the same and who it is; struct event_full */
	EVENT_END = 3,	     /* the skb was freed; struct event */
	EVENT_DROP = 4,	     /* kfree_skb: struct event_drop; EVENT_END follows */
	EVENT_DEV = 5,	     /* name of a device just met: struct event_dev */
	EVENT_NETNS = 6,     /* name of a network namespace, by user space: struct event_netns */
	EVENT_SOCKET = 7,    /* the skb is handed to a socket: struct event_socket */
	EVENT_OWNER = 8,     /* whose socket that is, by user space: struct event_owner */
	EVENT_QUOTE = 9,     /* which packet an ICMP error is about: struct event_quote */
};

enum event_flag {
	EVENT_HEAD_UNREAD = 1 << 0, /* no network header here (before it is set) */
	EVENT_NO_DEV = 1 << 1,	    /* skb->dev was NULL: ifindex 0 */
	EVENT_BY_SOCKET = 1 << 2,   /* a process filter matched the owner of its socket */
	EVENT_BY_CURRENT = 1 << 3,  /* it had no socket: the filter matched the running process */
	EVENT_MERGED = 1 << 4,	    /* EVENT_END: its data went on in another skb (GRO) */
	EVENT_QUEUED = 1 << 5,	    /* waits in TCP's queue, and was sent: its end is no drop of the packet */
};

/*
 * A packet is one thing from its birth to its death, in as many skbs as the
 * kernel makes of it: clones, copies, segments, fragments. They share the packet
 * id and have a copy number each.
 *
 * 56 bytes; with the ring buffer's own 8 byte header one cache line.
 */
struct event {
	__u64 ts;     /* ns, CLOCK_MONOTONIC (bpf_ktime_get_ns) */
	__u64 packet; /* packet id; never used again for another packet */
	__u64 skb;    /* kernel address */
	__u16 func;   /* index in the probe table */
	__u16 cpu;
	__u8 type;  /* enum event_type */
	__u8 flags; /* enum event_flag */
	__u16 seq;     /* number of this record among those of its copy; a gap: records were lost */
	__u32 len;     /* skb->len, bytes */
	__u32 ifindex; /* skb->dev->ifindex, 0 without a device */
	__u32 netns;   /* inode of the network namespace, 0 unknown */
	__u32 mark;    /* skb->mark, host order */
	__u32 pid;     /* tgid of current: context, not the owner of the packet */
	__u32 copy;    /* which skb of the packet: 0 the first, others any number that is its own */
};

enum tuple_flag {
	TUPLE_IP = 1 << 0,	 /* saddr, daddr, proto are valid */
	TUPLE_PORTS = 1 << 1,	 /* sport, dport are valid */
	TUPLE_FRAGMENT = 1 << 2, /* a fragment: offset != 0 or more to come */
	TUPLE_VLAN = 1 << 3,	 /* vlan is valid (tag in the skb or in the frame) */
	TUPLE_SOCKET = 1 << 4,	 /* from the socket: no header was built yet */
	TUPLE_CUT = 1 << 5,	 /* headers are not in the linear area or cut off */
	TUPLE_ICMP_ID = 1 << 6,	 /* sport is the ICMP echo id, dport its sequence number */
	TUPLE_ICMP = 1 << 7,	 /* icmp_type and icmp_code are valid */
};

/* IPv4 addresses stand in the first four bytes. Addresses in network order,
 * everything else in host order. 48 bytes. */
struct wire_tuple {
	__u8 saddr[16];
	__u8 daddr[16];
	__u16 sport;
	__u16 dport;
	__u16 l2proto; /* ethertype below the tags: 0x0800, 0x86dd, 0x0806 ... 0 unknown */
	__u16 vlan;    /* outermost VLAN id, 12 bit */
	__u8 proto;    /* IP protocol, after IPv6 extension headers */
	__u8 family;   /* 4, 6 or 0 */
	__u8 flags;    /* enum tuple_flag */
	__u8 tcp_flags;
	__u8 icmp_type;
	__u8 icmp_code;
	__u16 frag_off; /* in bytes */
};

struct event_full {
	struct event ev;
	struct wire_tuple tuple;
	char comm[16]; /* of current; not always terminated */
	__u32 l3_len;  /* total length of the IP packet by its header, 0 unknown */
	__u32 parent;  /* the copy that this one was made from; of copy 0: 0 */
	__u64 ct;      /* skb->_nfct: address of the conntrack entry | its enum ip_conntrack_info; 0 none */
};

struct event_drop {
	struct event ev;
	__u64 location; /* kernel address that called kfree_skb */
	__u32 reason;	/* enum skb_drop_reason of this kernel; 0 when it has none */
	__u32 reserved;
};

/* A drop may follow: then the socket did not take it. */
struct event_socket {
	struct event ev;
	__u64 inode;  /* of the socket, as in /proc/PID/fd; 0: it has no file */
	__u64 cgroup; /* id, 0 unknown */
	__u32 uid;
	__u32 parent; /* as in struct event_full: the copy may have had no record before */
};

/* Comes right before the first full record that tells the packet's own tuple. */
struct event_quote {
	struct event ev;
	struct wire_tuple tuple; /* of the packet that it is about, as it was there */
};

struct event_owner {
	struct event ev; /* pid; 0: no process was found */
	__u64 inode;
	char comm[16];
};

struct event_dev {
	struct event ev; /* netns and ifindex say which device */
	char name[16];
};

struct event_netns {
	struct event ev; /* netns */
	char name[64];
};

/*
 * EVENT_END of one that was merged, as EVENT_MERGED or a last hop in GRO tell: the
 * packet that its data went on in, 0 unknown. No length is told there. Of another:
 * what GRO tried in vain.
 */
static inline __u64 event_into(const struct event *ev)
{
	return ev->len | (__u64)ev->mark << 32;
}

_Static_assert(sizeof(struct event) == 56, "struct event is 56 bytes");
_Static_assert(sizeof(struct wire_tuple) == 48, "struct wire_tuple is 48 bytes");
_Static_assert(sizeof(struct event_full) == 136, "struct event_full is 136 bytes");
_Static_assert(sizeof(struct event_drop) == 72, "struct event_drop is 72 bytes");

#endif
