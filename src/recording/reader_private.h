/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SKBSCOPE_RECORDING_READER_PRIVATE_H
#define SKBSCOPE_RECORDING_READER_PRIVATE_H

#include "recording/about.h"
#include "recording/blocks.h"
#include "recording/codec.h"
#include "recording/reader.h"
#include "recording/state.h"

#define READER_WHYS 64 /* different reasons why functions cannot be attached */

struct reader_place {
	uint64_t at;
	uint64_t first, last; /* of events; 0: it holds none */
	bool state;
};

struct reader {
	struct blocks blocks;
	struct about_read *about;
	struct reader_head head;

	/* as far as was read */
	struct probe_table probes;
	size_t cap;
	bool *wanted;
	uint64_t *hits, *lost;
	char *why[READER_WHYS];
	size_t nwhys;
	struct source_totals totals;
	struct packet_filter filter;
	struct run_figures run;
	uint64_t counters_ts, filter_ts, run_ts;
	bool goes_on, finished, ended;
	uint64_t unknown, missed;

	/* of a seek: what was passed */
	bool filter_waits, counters_wait;

	/* the block that is read */
	struct block_head block;
	uint64_t at;
	struct bytes in;
	struct codec codec;
	struct state_record record;
	uint64_t ts;
	_Alignas(8) uint8_t event[CODEC_EVENT_MAX];

	/* the index; n == 0 and !indexed: not made yet */
	struct reader_place *place;
	size_t nplaces, room;
	bool indexed;
	uint64_t first, last;
};

/* The next block of a kind that is known, into .in: 1, 0: the end; -errno. */
int reader_block(struct reader *r);

/* The next record of the state block: 1 when it was for *type, 0: nothing to be told; the rest of a broken
 * block is left out. */
int reader_state(struct reader *r, enum reader_type *type);

#endif
