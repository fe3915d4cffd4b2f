/* SPDX-License-Identifier: GPL-2.0 */
/* The PROG_ARRAY through which programs that are attached in one way reach the filter's parts. */
#ifndef SKBSCOPE_TRACE_FILTER_SLOTS_H
#define SKBSCOPE_TRACE_FILTER_SLOTS_H

#include <stddef.h>

#include "../../../bpf/config.h"
#include "trace/filter/parts.h"

struct slots {
	int map_fd, works_fd;
	unsigned int attach_type; /* enum bpf_attach_type of the programs; 0 kprobes */
	int fd[SLOT_RESUME];	  /* program in each; -1 none */
};

/* resume: the program of SLOT_RESUME. The descriptors stay the caller's. 0 or -errno. */
int slots_open(struct slots *slots, int map_fd, int works_fd, unsigned int attach_type, int resume);

/* Puts programs for parts into one half; what stood there goes. 0, or -errno with a line in err. */
int slots_fill(
	struct slots *slots, unsigned int half, const struct filter_parts *parts, char *err, size_t size);

void slots_close(struct slots *slots);

#endif
