/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of BLOCK_STATE: what is true of a run beside its events. Written into
 * a buffer with room for STATE_MAX bytes, each returns the end of what it wrote.
 */
#ifndef SKBSCOPE_RECORDING_STATE_H
#define SKBSCOPE_RECORDING_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/packet_filter.h"
#include "model/probe.h"
#include "model/run_figures.h"
#include "recording/bytes.h"
#include "recording/format.h"

#define STATE_MAX (8u << 10)
#define STATE_TEXT 255u	  /* bytes of a name */
#define STATE_COUNTS 256u /* functions in one record of counters */

/* What changes of a function, in one number: the recorder compares. */
uint32_t state_of(const struct probe *p, bool wanted);

uint8_t *state_put_function(uint8_t *p, uint32_t index, const struct probe *probe, bool wanted);

struct state_count {
	uint32_t index;
	uint64_t hits, lost;
};

/* more: others follow, and the totals (NULL then) stand in the last one. n: at most STATE_COUNTS. */
uint8_t *state_put_counters(
	uint8_t *p, uint64_t ts, const struct state_count *v, size_t n, const struct source_totals *totals);
uint8_t *state_put_filter(uint8_t *p, uint64_t ts, const struct packet_filter *filter);
uint8_t *state_put_missed(uint8_t *p, uint64_t ts, uint64_t missed);
/* goes_on: in another file. */
uint8_t *state_put_figures(uint8_t *p, uint64_t ts, const struct run_figures *run, bool goes_on);

/* One that was read: any bytes. */
struct state_record {
	uint8_t type; /* enum state_type, or an unknown one */
	uint64_t ts;  /* 0: none */
	uint32_t index;
	struct probe probe; /* name, module, why: texts below */
	bool wanted;
	char name[STATE_TEXT + 1], module[STATE_TEXT + 1], why[STATE_TEXT + 1]; /* printable */
	struct bytes counts;							/* for state_get_count() */
	bool more; /* counters: the next record belongs to it */
	struct source_totals totals;
	struct packet_filter filter;
	uint64_t missed;
	struct run_figures run;
	bool goes_on;
};

/* 1; 0: no more; -EINVAL: broken, and what follows cannot be read; -ENOTSUP: nothing that is known. */
int state_get(struct bytes *in, struct state_record *out);
bool state_get_count(struct bytes *counts, struct state_count *out);

#endif
