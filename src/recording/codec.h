/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events as few bytes: what a record has in common with the one before of the
 * same skb, of the same CPU, or with what followed last time, is not told. Any
 * record comes back as it was. Both sides remember the same; a block begins with
 * nothing remembered, so that each can be read alone.
 */
#ifndef SKBSCOPE_RECORDING_CODEC_H
#define SKBSCOPE_RECORDING_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "recording/bytes.h"

#define CODEC_EVENT_MAX 4096u /* bytes of a record */
#define CODEC_PUT_MAX 4352u   /* bytes that codec_put() may write */
#define CODEC_SLOTS 2048u
#define CODEC_CPUS 256u
#define CODEC_FUNCS 4096u
#define CODEC_TYPES 32u
#define CODEC_BODY 256u /* bytes of a body that are compared with the one before */

/* These are predictions only: what shares a place is told in more bytes. */
struct codec {
	struct event slot[CODEC_SLOTS]; /* by packet and copy: the last record */
	uint16_t of_cpu[CODEC_CPUS];	/* the slot of its last record */
	uint16_t next[CODEC_FUNCS];	/* the function that came behind */
	uint8_t type[CODEC_FUNCS];	/* of the last record of a function */
	uint16_t size[CODEC_TYPES];	/* of the last record of a type, behind struct event */
	uint8_t body[CODEC_TYPES][CODEC_BODY];
	uint64_t ts;
	uint16_t cpu;
};

/* At the beginning of a block. */
void codec_reset(struct codec *c);

/* size: from sizeof(struct event) to CODEC_EVENT_MAX. Returns the end of what was written. */
uint8_t *codec_put(struct codec *c, const struct event *ev, size_t size, uint8_t *out);

/* Into ev, which has room for CODEC_EVENT_MAX bytes: its size; 0: these bytes are no record. */
size_t codec_get(struct codec *c, struct bytes *in, struct event *ev);

#endif
