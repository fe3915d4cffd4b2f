/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small process that holds a second descriptor of everything attached, and
 * lets go when it is told to or when we are gone, however we went.
 *
 * Why: the kernel detaches when the last descriptor is closed, and that takes
 * a tenth of a second a link, more with many probes; whoever closes last
 * waits. So the prompt comes back at once, and after a kill -9 the guard still
 * removes what the kernel would leave behind (probe definitions in tracefs,
 * a raised rcu_expedited).
 */
#ifndef SKBSCOPE_TRACE_ATTACH_GUARD_H
#define SKBSCOPE_TRACE_ATTACH_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct guard {
	int sock; /* -1: there is none, we do it ourselves */
	pid_t pid;
	uint32_t next;
	uint32_t seq;
};

/* Forks: call it before any thread and any BPF object exists. 0 or -errno. */
int guard_start(struct guard *guard);

/* At the end the lanes are let go side by side, each in the order of holding. */
enum guard_lane { GUARD_HOOKS, GUARD_NETFILTER, GUARD_FUNCTIONS, GUARD_LANES };

/* Hands a copy of fd to the guard; *id names it. 0 or -errno. */
int guard_hold(struct guard *guard, int fd, enum guard_lane lane, uint32_t *id);

/* Lets the guard close it (close your own first) and waits until the kernel has detached. 0 or -errno. */
int guard_drop(struct guard *guard, uint32_t id);

/* While probes come or go: grace periods in a hurry, no optimizer; and back. */
void guard_expedite(struct guard *guard, bool on);

/*
 * Lets go of everything and waits up to timeout_ms; returns the milliseconds
 * it took, -1 when it goes on in the background. Close your own links first.
 */
int guard_finish(struct guard *guard, int timeout_ms);

/* Name of the group of our definitions in kprobe_events: "skbscope_PID". */
void guard_group(char *buf, size_t size, pid_t pid);

/* Removes definitions left by processes that are gone. Returns how many. */
int guard_remove_leftovers(void);

#endif
