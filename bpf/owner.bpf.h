/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose packet it is. On the way in the running process is anybody: the owner
 * of the socket is asked, and the running process only for a packet that has no
 * socket and was not received.
 */
#ifndef SKBSCOPE_OWNER_BPF_H
#define SKBSCOPE_OWNER_BPF_H

#include "config.h"
#include "maps.bpf.h"
#include "names.bpf.h"
#include "skb.bpf.h"
#include "tuple.bpf.h"

#define CGROUP_LEVELS 12 /* deeper ones are not seen as below */

enum owner { OWNER_NOBODY, OWNER_SOCKET, OWNER_CURRENT };

static __always_inline enum owner owner_of(const struct skb_copy *copy)
{
	const struct sock *sk = SKB(copy, sk);
	__u8 state;

	if (!sk)
		return SKB(copy, skb_iif) ? OWNER_NOBODY : OWNER_CURRENT;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state == SOCK_TIME_WAIT || state == SOCK_NEW_SYN_RECV)
		return OWNER_NOBODY; /* no full socket: the fields below are not there */
	return OWNER_SOCKET;
}

static __always_inline bool socket_is_theirs(const struct sock *sk)
{
	__u64 inode = BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);

	return inode && bpf_map_lookup_elem(&owners, &inode);
}

static __always_inline const struct kernfs_node *parent_of(const struct kernfs_node *kn)
{
	const struct kernfs_node___old *old = (const void *)kn;

	if (bpf_core_field_exists(old->parent))
		return BPF_CORE_READ(old, parent);
	return BPF_CORE_READ(kn, __parent);
}

/* The group itself or one above it. */
static __always_inline bool is_in_cgroup(const struct kernfs_node *kn, __u64 id)
{
	for (int i = 0; i < CGROUP_LEVELS && kn; i++) {
		if (BPF_CORE_READ(kn, id) == id)
			return true;
		kn = parent_of(kn);
	}
	return false;
}

static __always_inline bool is_current_cgroup(__u64 id)
{
	const struct task_struct *task = (const void *)bpf_get_current_task();

	return is_in_cgroup(BPF_CORE_READ(task, cgroups, dfl_cgrp, kn), id);
}

/* Do pid, comm, uid and cgroup hold, as far as they are asked for? */
static __always_inline bool owner_matches(
	const volatile struct filter_config *f, __u32 flags, enum owner owner, const struct sock *sk)
{
	if (owner == OWNER_NOBODY)
		return false;
	if (owner == OWNER_SOCKET) {
		if ((flags & FILTER_SOCKET) && !socket_is_theirs(sk))
			return false;
		if ((flags & FILTER_UID) && BPF_CORE_READ(sk, sk_uid.val) != f->uid)
			return false;
		return !(flags & FILTER_CGROUP) ||
		       (bpf_core_field_exists(sk->sk_cgrp_data.cgroup) &&
			       is_in_cgroup(BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn), f->cgroup));
	}
	if ((flags & FILTER_PID) && bpf_get_current_pid_tgid() >> 32 != f->pid)
		return false;
	if ((flags & FILTER_COMM) && !is_current_comm(f->comm))
		return false;
	if ((flags & FILTER_UID) && (__u32)bpf_get_current_uid_gid() != f->uid)
		return false;
	return !(flags & FILTER_CGROUP) || is_current_cgroup(f->cgroup);
}

#endif
