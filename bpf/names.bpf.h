/* SPDX-License-Identifier: GPL-2.0 */
/* Names of 16 bytes, zero to their end: devices and processes. */
#ifndef SKBSCOPE_NAMES_BPF_H
#define SKBSCOPE_NAMES_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

static __always_inline bool same_name(const volatile char *a, const char *b)
{
	const volatile __u64 *x = (const volatile __u64 *)a;
	const __u64 *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1];
}

/* comm of current ends with a zero; behind it may stand anything. */
static __always_inline bool is_current_comm(const volatile char *comm)
{
	char now[16] __attribute__((aligned(8)));
	bool end = false;

	if (bpf_get_current_comm(now, sizeof(now)))
		return false;
#pragma unroll
	for (int i = 0; i < 16; i++) {
		end = end || !now[i];
		if (end)
			now[i] = 0;
	}
	return same_name(comm, now);
}

#endif
