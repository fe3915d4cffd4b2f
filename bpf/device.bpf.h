/* SPDX-License-Identifier: GPL-2.0 */
/* Which device and network namespace an skb is in, and the device's name, once. */
#ifndef SKBSCOPE_DEVICE_BPF_H
#define SKBSCOPE_DEVICE_BPF_H

#include <bpf/bpf_core_read.h>
#include "maps.bpf.h"
#include "skb.bpf.h"

/*
 * Inodes of namespaces: fs/proc/generic.c hands them out from 0xf0000000 on,
 * and 6.18 gave the first namespaces fixed ones just below. A smaller number
 * was not read from a namespace: skb->dev shares its place with other things
 * (dev_scratch of UDP's receive queue, rbnode of TCP's queues).
 */
#define NETNS_INODE_MIN 0xefffff00u
#define NETNS_INODE_MAX 0xfeffffffu /* the upper half of a kernel's pointer is larger */

static __always_inline bool is_netns(__u32 inum)
{
	return inum >= NETNS_INODE_MIN && inum <= NETNS_INODE_MAX;
}

static __always_inline __u32 netns_of_socket(const struct sock *sk)
{
	__u32 inum = 0;

	/* without CONFIG_NET_NS there is one, and no pointer to it */
	if (sk && bpf_core_field_exists(sk->__sk_common.skc_net.net))
		inum = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	return is_netns(inum) ? inum : 0;
}

static __always_inline void device_announce(const struct net_device *dev, const struct identity *id, __u64 ts)
{
	struct device_key key = { .netns = id->netns, .ifindex = id->ifindex };
	struct event_dev *rec;
	__u8 seen = 1;

	if (bpf_map_lookup_elem(&devices, &key))
		return;
	rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);
	if (!rec)
		return; /* the next packet there tries again */
	__builtin_memset(&rec->ev, 0, sizeof(rec->ev));
	rec->ev.type = EVENT_DEV;
	rec->ev.ts = ts;
	rec->ev.netns = key.netns;
	rec->ev.ifindex = key.ifindex;
	bpf_core_read(rec->name, sizeof(rec->name), &dev->name);
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	bpf_map_update_elem(&devices, &key, &seen, BPF_ANY);
}

/* The device's namespace and number, 0 when they cannot be read. */
static __always_inline __u32 device_read(const struct net_device *dev, int *ifindex)
{
	if (!bpf_core_field_exists(dev->nd_net.net))
		return 0;
	if (bpf_rdonly_cast) {
		const struct net_device *d = bpf_rdonly_cast(dev, type_ids.net_device);

		*ifindex = d->ifindex;
		return d->nd_net.net->ns.inum;
	}
	*ifindex = BPF_CORE_READ(dev, ifindex);
	return BPF_CORE_READ(dev, nd_net.net, ns.inum);
}

/* Called when skb->dev is another one than before. */
static __always_inline void device_enter(struct identity *id, __u64 dev, __u64 sk, __u64 ts)
{
	int ifindex = 0;
	__u32 inum;

	id->dev = dev;
	if (dev) {
		inum = device_read((const struct net_device *)dev, &ifindex);
		if (is_netns(inum) && ifindex > 0) {
			id->netns = inum;
			id->ifindex = ifindex;
			device_announce((const struct net_device *)dev, id, ts);
			return;
		}
	}
	id->ifindex = 0;
	inum = netns_of_socket((const struct sock *)sk);
	if (inum)
		id->netns = inum;
}

#endif
