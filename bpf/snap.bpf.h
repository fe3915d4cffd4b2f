/* SPDX-License-Identifier: GPL-2.0 */
/* --snap: bytes of the packets themselves, for recordings. */
#ifndef SKBSCOPE_SNAP_BPF_H
#define SKBSCOPE_SNAP_BPF_H

#include "frame.bpf.h"

/* Before __ip_local_out() and ip6_send_skb(): they write the lengths, and the checksum. */
static __always_inline bool is_unfinished(const struct skb_copy *copy, __u32 network)
{
	__u8 b[8];

	if (!never_received(copy) || bpf_probe_read_kernel(b, sizeof(b), SKB(copy, head) + network))
		return false;
	return b[0] >> 4 == 4 ? !be16(b + 2) : b[0] >> 4 == 6 && !be16(b + 4);
}

/*
 * The bytes of the packet whose skb stands in this seat's scratch and whose full record
 * was just sent: what is linear, from its link layer header on. Verified by itself.
 */
__noinline __u32 snap_of(__u32 seat, __u64 ts, __u64 key, __u32 where)
{
	struct identity *id = bpf_map_lookup_elem(&identities, &key);
	struct event_bytes *rec = bpf_map_lookup_elem(&snaps, &seat);
	struct cpu_stats *st = this_stats(seat);
	const struct skb_copy *copy;
	__u32 network, from, tail, n, most = config.snap;

	if (!id || !rec || !st)
		return 0;
	copy = (const struct skb_copy *)st->scratch;
	network = network_offset(copy);
	tail = SKB(copy, tail);
	from = has_link_header(copy, network) ? SKB(copy, mac_header) : network;
	if (!network || network == HEADER_UNSET || tail <= network)
		return 0;
	if (is_unfinished(copy, network)) {
		id->head = 0; /* a full record again, and these */
		return 0;
	}
	n = tail - from;
	if (most > SNAP_MAX)
		most = SNAP_MAX;
	if (n > most)
		n = most;
	/* what is checked is what is used */
	asm volatile("" : "+r"(n));
	if (!n || n > SNAP_MAX || bpf_probe_read_kernel(rec->data, n, SKB(copy, head) + from))
		return 0;
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->ev.type = EVENT_BYTES;
	rec->ev.ts = ts;
	rec->ev.packet = id->id;
	rec->ev.skb = key;
	rec->ev.func = where;
	rec->ev.cpu = where >> 16;
	rec->ev.len = SKB(copy, len);
	rec->ev.ifindex = id->ifindex;
	rec->ev.netns = id->netns;
	rec->ev.copy = id->copy;
	rec->len = n;
	rec->l3 = network - from;
	rec->proto = ((const struct wire_tuple *)st->tuple)->l2proto;
	rec->cut = n == tail - from && SKB(copy, data_len);
	if (bpf_ringbuf_output(&events, rec, sizeof(*rec) + n, BPF_RB_NO_WAKEUP))
		st->lost[(__u16)where & (MAX_FUNCS - 1)]++;
	else
		id->snapped = id->addr_sum | 1;
	return 0;
}

#endif
