/* SPDX-License-Identifier: GPL-2.0 */
/* What this kernel and this user may do, and what to do about it. */
#ifndef SKBSCOPE_TRACE_DISCOVER_KERNEL_H
#define SKBSCOPE_TRACE_DISCOVER_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where tracefs is mounted: /sys/kernel/tracing, or below debugfs on old systems. */
const char *tracefs_path(void);

/* Not switched off. Without it only the breakpoints of kprobes work. */
bool kernel_has_ftrace(void);

enum kernel_check_state { CHECK_OK, CHECK_MISSING_PART, CHECK_FATAL };

struct kernel_check {
	const char *what;
	enum kernel_check_state state;
	char found[160];  /* what was found */
	char remedy[200]; /* what to do; "" when nothing is to be done */
};

#define KERNEL_CHECKS_MAX 16

struct kernel_report {
	struct kernel_check check[KERNEL_CHECKS_MAX];
	size_t n;
	bool can_trace; /* no check is fatal */
};

/* Looks and tries (loads a program of two instructions); changes nothing. */
void kernel_look(struct kernel_report *report);

/* The same in a millisecond: only what makes tracing impossible, and nothing is loaded. */
void kernel_look_quickly(struct kernel_report *report);

/* Only the trial, which waits where another tracer is just detaching. */
void kernel_try(struct kernel_report *report);

/* As text, a line a check. */
void kernel_report_print(const struct kernel_report *report, FILE *out);

/* The first fatal check; NULL: none. */
const struct kernel_check *kernel_obstacle(const struct kernel_report *report);

#endif
