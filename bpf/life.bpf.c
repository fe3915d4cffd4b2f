// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a packet's identity. The end hooks are trampolines
 * (fentry, fexit): unlike kprobes they are not skipped when they interrupt
 * another of our programs, and an end that is missed would hand the packet's id
 * to the next user of the same memory. They are skipped when they interrupt
 * themselves: the kernel counts that, and it is shown as lost identities.
 */
#include "maps.bpf.h"
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "names.bpf.h"
#include "watch.bpf.h"

static __always_inline int watched(enum watch watch, __u64 first, __u64 second, __u64 third)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_stats *st = this_stats(cpu);

	if (!st || config.on != TRACING_ON)
		return 0;
	if (watch == WATCH_SOCKET)
		watch_socket(st, first, second, (MAX_FUNCS - 1) | cpu << 16);
	else
		watch_before(st, watch, first, second, third, cpu);
	return 0;
}

/*
 * What is watched by probes elsewhere (watch.bpf.h), for the backend that has
 * trampolines only.
 */
SEC("fentry/__copy_skb_header")
int BPF_PROG(watch_copy_skb, struct sk_buff *to, const struct sk_buff *from)
{
	return watched(WATCH_COPY, (__u64)to, (__u64)from, 0);
}

SEC("fentry/ip_copy_metadata")
int BPF_PROG(watch_frag, struct sk_buff *to, struct sk_buff *from)
{
	return watched(WATCH_PART, (__u64)to, (__u64)from, 0);
}

SEC("fentry/ip6_copy_metadata")
int BPF_PROG(watch_frag6, struct sk_buff *to, struct sk_buff *from)
{
	return watched(WATCH_PART, (__u64)to, (__u64)from, 0);
}

SEC("fentry/__tcp_transmit_skb")
int BPF_PROG(watch_transmit, struct sock *sk, struct sk_buff *skb, int clone_it)
{
	return watched(WATCH_TCP, (__u64)sk, (__u64)skb, clone_it);
}

SEC("fentry/__udp_enqueue_schedule_skb")
int BPF_PROG(watch_udp, struct sock *sk, struct sk_buff *skb)
{
	return watched(WATCH_SOCKET, (__u64)sk, (__u64)skb, 0);
}

SEC("fentry/sock_queue_rcv_skb_reason")
int BPF_PROG(watch_queue, struct sock *sk, struct sk_buff *skb)
{
	return watched(WATCH_SOCKET, (__u64)sk, (__u64)skb, 0);
}

SEC("fentry/tcp_rcv_established")
int BPF_PROG(watch_established, struct sock *sk, struct sk_buff *skb)
{
	return watched(WATCH_SOCKET, (__u64)sk, (__u64)skb, 0);
}

SEC("fentry/tcp_rcv_state_process")
int BPF_PROG(watch_state, struct sock *sk, struct sk_buff *skb)
{
	return watched(WATCH_SOCKET, (__u64)sk, (__u64)skb, 0);
}

/* fexit: the destructors that it calls take the skb as well. */
SEC("fexit/skb_release_head_state")
int BPF_PROG(end_release, struct sk_buff *skb)
{
	return packet_end((__u64)skb, 0);
}

/*
 * The same once more: an interrupt that frees skbs while the one is running
 * finds it busy, and the other idle.
 */
SEC("fexit/skb_release_head_state")
int BPF_PROG(end_release_nested, struct sk_buff *skb)
{
	return packet_end((__u64)skb, 0);
}

SEC("fentry/__consume_stateless_skb")
int BPF_PROG(end_stateless, struct sk_buff *skb)
{
	return packet_end((__u64)skb, 0);
}

SEC("fentry/napi_skb_free_stolen_head")
int BPF_PROG(end_stolen, struct sk_buff *skb)
{
	return packet_end((__u64)skb, EVENT_MERGED);
}

/* napi_reuse_skb keeps an skb whose data was merged: it comes back as the next packet. */
SEC("fexit/napi_get_frags")
int BPF_PROG(end_frags, void *napi, struct sk_buff *skb)
{
	return skb ? packet_end((__u64)skb, EVENT_MERGED) : 0;
}

/*
 * A socket gets its file in its creator's context: a process that is asked for
 * owns it from its first packet on. Those that were there before are looked up
 * in /proc, and so are those that were handed on.
 */
SEC("fexit/sock_alloc_file")
int BPF_PROG(owner_begin, struct socket *sock, int flags, const char *name, struct file *file)
{
	const volatile struct filter_config *f = &config.filter[config.filter_generation & 1];
	__u64 inode;
	__u8 one = 1;

	if (!(f->flags & FILTER_SOCKET) || (__u64)file >= (__u64)-4096)
		return 0;
	if ((f->flags & FILTER_PID) && bpf_get_current_pid_tgid() >> 32 != f->pid)
		return 0;
	if ((f->flags & FILTER_COMM) && !is_current_comm(f->comm))
		return 0;
	inode = BPF_CORE_READ(file, f_inode, i_ino);
	bpf_map_update_elem(&owners, &inode, &one, BPF_ANY);
	return 0;
}
