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
	EVENT_FUNC = 1,	       /* a packet at a function; struct event */
	EVENT_FUNC_FULL = 2,   /* the same and who it is; struct event_full */
	EVENT_END = 3,	       /* the skb was freed; struct event */
	EVENT_DROP = 4,	       /* kfree_skb: struct event_drop; EVENT_END follows */
	EVENT_DEV = 5,	       /* name of a device just met: struct event_dev */
	EVENT_NETNS = 6,       /* name of a network namespace, by user space: struct event_netns */
	EVENT_SOCKET = 7,      /* the skb is handed to a socket: struct event_socket */
	EVENT_OWNER = 8,       /* whose socket that is, by user space: struct event_owner */
	EVENT_QUOTE = 9,       /* which packet an ICMP error is about: struct event_quote */
	EVENT_HOOK = 10,       /* the functions at a netfilter hook have decided: struct event_hook */
	EVENT_CHAIN = 11,      /* a chain was entered or left: struct event_chain */
	EVENT_RULE = 12,       /* a rule acted: struct event_rule */
	EVENT_CT = 13,	       /* the conntrack entry of the packet: struct event_ct */
	EVENT_CHAIN_NAME = 14, /* a chain that is just met: struct event_chain_name; before it is entered */
	/* by user space */
	EVENT_RULESET = 15,   /* the ruleset of a namespace begins or is whole: struct event_ruleset */
	EVENT_RULE_TEXT = 16, /* between the two: a table, chain or rule: struct event_rule_text */
	EVENT_RULE_HITS = 17, /* what the kernel has counted at a rule or chain: struct event_rule_hits */
	EVENT_SYMBOL = 18,    /* the function at a kernel address: struct event_symbol */
	EVENT_BYTES = 19,     /* --snap: bytes of the packet behind a full record of it: struct event_bytes */
};

/* It was at a function: in short, or with all that may have changed. */
static inline int event_is_function(__u32 type)
{
	return type == EVENT_FUNC || type == EVENT_FUNC_FULL;
}

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
	__u8 type;     /* enum event_type */
	__u8 flags;    /* enum event_flag */
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

#define DROP_STACK 24u

struct event_drop {
	struct event ev;
	__u64 location; /* kernel address that called kfree_skb */
	__u32 reason;	/* enum skb_drop_reason of this kernel; 0 when it has none */
	__u32 depth;	/* of the stack, at most DROP_STACK */
	/*
	 * Return addresses, from the caller of kfree_skb outwards. The kernel's own begin
	 * with what took the stack, about four: the reader of the ring cuts them off.
	 */
	__u64 stack[DROP_STACK];
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
 * Netfilter. Tables, chains and rules are known by their handles: the kernel
 * gives a table's once in a namespace, a chain's and a rule's once in their
 * table (net/netfilter/nf_tables_api.c), so together they are never used again.
 * Legacy iptables has no handles: legacy_table(), legacy_chain(), legacy_rule().
 */
enum nf_decision {
	NF_DECIDED_NOT, /* the rule's end was reached: the next rule is evaluated */
	NF_DECIDED_ACCEPT,
	NF_DECIDED_DROP,
	NF_DECIDED_STOLEN, /* taken by a rule or hook: it goes on elsewhere, or is gone */
	NF_DECIDED_QUEUE,  /* to user space */
	NF_DECIDED_REPEAT,
	NF_DECIDED_JUMP,
	NF_DECIDED_GOTO,
	NF_DECIDED_RETURN,
	NF_DECIDED_BREAK, /* a statement acted and then one, as limit, did not match */
	NF_DECISIONS,
};

/* The hook's number where there is none, as of a chain that is only jumped to. */
#define NF_NO_HOOK 0xff

enum hook_fact {
	HOOK_BY_CHAIN = 1 << 0, /* a chain of nftables or iptables has decided: its records come before */
};

#define HOOK_FUNCS 8u
#define EVENT_HOOK_SHORT 64u /* bytes of the record of a hook that accepted: without func */

/* The verdict drop comes before EVENT_DROP. */
struct event_hook {
	struct event ev;
	__u8 decision; /* enum nf_decision */
	__u8 hook;     /* enum nf_inet_hooks, nf_br... by pf */
	__u8 pf;       /* NFPROTO_* */
	__u8 facts;    /* enum hook_fact */
	__u16 queue;   /* NF_DECIDED_QUEUE: its number */
	__u16 nfuncs;  /* functions at the hook; at most HOOK_FUNCS are told, and only when it did not accept
			*/
	__u64 func[HOOK_FUNCS];
};

enum chain_what { CHAIN_ENTER, CHAIN_LEAVE };

enum chain_fact {
	CHAIN_BY_POLICY = 1 << 0, /* left with the policy's verdict */
	CHAIN_LEGACY = 1 << 1,	  /* of legacy iptables */
	CHAIN_BASE = 1 << 2,	  /* at a hook */
	RULE_PARTLY = 1 << 3, /* of a rule: matches stand behind its last statement, and nobody knows whether
				 they fit */
};

struct event_chain {
	struct event ev; /* netns: the ruleset's */
	__u64 table, chain;
	__u8 what;     /* enum chain_what */
	__u8 decision; /* enum nf_decision, when it is left */
	__u8 depth;    /* 0: the base chain */
	__u8 facts;    /* enum chain_fact */
	__u8 family;   /* NFPROTO_* of the table */
	__u8 hook, pf; /* where it was called */
	__u8 reserved;
};

struct event_rule {
	struct event ev;
	__u64 table, chain, handle; /* handle 0: the rule could not be found */
	__u64 to;		    /* NF_DECIDED_JUMP, _GOTO: the chain */
	__u8 decision;
	__u8 depth;
	__u8 facts;
	__u8 family;
	__u16 queue;
	__u16 reserved;
};

/* Sent when it is another one for this packet, or has changed: state, status, mark. */
struct event_ct {
	struct event ev; /* netns: the entry's */
	__u64 ct;	 /* skb->_nfct: address of the entry | enum ip_conntrack_info */
	__u32 status;	 /* bits of enum ip_conntrack_status */
	__u32 mark;
	__u32 timeout; /* seconds it has left; 0 unknown */
	__u16 zone;
	__u8 tcp_state; /* enum tcp_conntrack; 0 none or not TCP */
	__u8 reserved;
	struct wire_tuple original, reply;
};

#define NF_NAME 128u /* of a table or chain as told: longer ones (the kernel allows 255 bytes) are cut */

struct event_chain_name {
	struct event ev;
	__u64 table, chain;
	__u8 family, hook, facts, policy; /* policy: enum nf_decision, of a base chain */
	__s32 priority;
	char table_name[NF_NAME], chain_name[NF_NAME]; /* end with a NUL; any bytes */
};

/*
 * What user space has read of a namespace's ruleset: all of it comes between a
 * begin and an end with the same generation, tables first, a chain before its
 * rules, rules in their order. What is not among it is not there any more.
 */
enum ruleset_what { RULESET_BEGIN, RULESET_END };

struct event_ruleset {
	struct event ev; /* netns */
	__u32 generation;
	__u8 what;  /* enum ruleset_what */
	__u8 texts; /* 0: libnftables is not there, or failed: rules have no text */
	__u16 reserved;
	__s32 error; /* -errno: what follows is not all */
	__u32 reserved2;
};

enum rule_text_kind { RULE_TEXT_TABLE, RULE_TEXT_CHAIN, RULE_TEXT_RULE };

struct event_rule_text {
	struct event ev;	    /* netns */
	__u64 table, chain, handle; /* 0 where it has none */
	__u8 kind;		    /* enum rule_text_kind */
	__u8 family;		    /* NFPROTO_* */
	__u8 hook, facts, policy;   /* of a chain, as in struct event_chain_name */
	__u8 reserved[3];
	__s32 priority;
	__u16 table_len, chain_len, text_len, comment_len; /* bytes in names[], one after the other */
	__u32 reserved2;
	char names[]; /* any bytes; the whole record has at most RULE_TEXT_MAX */
};

#define RULE_TEXT_MAX 4096u

/* Since the start. Of a chain: entered is n[NF_DECIDED_NOT], the others are its policy's verdicts. */
struct event_rule_hits {
	struct event ev; /* netns */
	__u64 table, handle;
	__u64 n[NF_DECISIONS];
};

struct event_symbol {
	struct event ev;
	__u64 addr;
	__u32 offset; /* of addr in the function */
	__u32 reserved;
	char name[64], module[32]; /* "": unknown; vmlinux */
};

#define SNAP_MAX 2048u

/* Sent behind a full record when the packet is met and when its headers became others; no hop of its own. */
struct event_bytes {
	struct event ev; /* len: skb->len there */
	__u16 len;	 /* bytes in data */
	__u16 l3;    /* of them before the network header: 14 and more with a link layer header, 0 without */
	__u16 proto; /* ethertype of the network header, host order */
	__u16 cut;   /* not 0: bytes beyond lay in fragments of the skb and were not read */
	__u8 data[];
};

/*
 * Legacy iptables. Tables have a name in their family (NFPROTO_*), and rules a
 * place in the table, bytes, a multiple of eight. In one table no chain has the
 * number of a rule.
 */
#define LEGACY_NAME 32u /* of a table, with its NUL: XT_TABLE_MAXNAMELEN */

/* FNV-1a of family and name; the highest bit is set: no handle of nftables. */
static inline __u64 legacy_table(__u8 family, const char *name)
{
	__u64 h = (0xcbf29ce484222325ull ^ family) * 0x100000001b3ull;

	/* cppcheck-suppress [arrayIndexOutOfBounds, arrayIndexOutOfBoundsCond] */
	for (unsigned int i = 0; i < LEGACY_NAME && name[i]; i++)
		/* cppcheck-suppress [arrayIndexOutOfBounds, arrayIndexOutOfBoundsCond] */
		h = (h ^ (__u8)name[i]) * 0x100000001b3ull;
	return h | 1ull << 63;
}

/* Of a hook; chains that the user made are numbered behind the hooks, from LEGACY_CHAINS on. */
#define LEGACY_CHAINS 8u

static inline __u64 legacy_chain(__u32 number)
{
	return number * 8ull + 2;
}

static inline __u64 legacy_rule(__u32 offset)
{
	return offset + 1ull;
}

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
_Static_assert(sizeof(struct event_drop) == 264, "struct event_drop is 264 bytes");
_Static_assert(sizeof(struct event_hook) == 128, "struct event_hook is 128 bytes");
_Static_assert(sizeof(struct event_chain) == 80, "struct event_chain is 80 bytes");
_Static_assert(sizeof(struct event_rule) == 96, "struct event_rule is 96 bytes");
_Static_assert(sizeof(struct event_rule_text) == 104, "struct event_rule_text ends where its names begin");
_Static_assert(sizeof(struct event_bytes) == 64, "struct event_bytes ends where its data begin");
_Static_assert(sizeof(struct event_ct) == 176, "struct event_ct is 176 bytes");

#endif
