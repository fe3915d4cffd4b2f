/* SPDX-License-Identifier: GPL-2.0 */
/* Drop reasons of several kernels: the same name is the same reason, whatever its number is there. */
#ifndef SKBSCOPE_TRACE_REPLAY_MERGE_REASONS_H
#define SKBSCOPE_TRACE_REPLAY_MERGE_REASONS_H

#include "trace/replay/merge.h"

/* Fills in .info.reasons and .info.subsystems. 0 or -ENOMEM. */
int merge_reasons_init(struct merge *m);
void merge_reasons_fini(struct merge *m);

/* The number under which all know it. */
uint32_t merge_reason(struct merge *m, const struct run *run, uint32_t reason);

#endif
