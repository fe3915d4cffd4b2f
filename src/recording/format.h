/* SPDX-License-Identifier: GPL-2.0 */
/* The shape of a recording: doc/recording.md tells it in full. All numbers are little-endian. */
#ifndef SKBSCOPE_RECORDING_FORMAT_H
#define SKBSCOPE_RECORDING_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bodies of events are told as they lie in memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "recordings are little-endian");

/* --- the file begins with: magic, byte order, major, minor ----------------------- */
#define RECORDING_MAGIC_LEN 8u /* "\x89SKB\r\n\x1a\n" */
#define RECORDING_ORDER 0x1a2b3c4du
#define RECORDING_MAJOR 1u /* another one cannot be read */
#define RECORDING_MINOR 0u /* a greater one has things that may be left out */
#define RECORDING_START 16u

/* --- then blocks ------------------------------------------------------------------- */
#define BLOCK_MAGIC 0x4b4c4253u /* "SBLK" */
#define BLOCK_HEAD 48u
#define BLOCK_MAX (1u << 20) /* bytes of a block, stored as well as plain */

enum block_type {
	BLOCK_ABOUT = 1,  /* who recorded it: JSON */
	BLOCK_STATE = 2,  /* records of enum state_type */
	BLOCK_EVENTS = 3, /* events, by the codec */
	BLOCK_RETOLD = 4, /* the same: what was told before this file begins and is needed to understand it */
};

enum block_coding { CODING_PLAIN, CODING_ZLIB };

struct block_head {
	uint16_t type, coding;
	uint32_t stored;      /* bytes that follow */
	uint32_t plain;	      /* bytes that they are */
	uint32_t records;     /* in it */
	uint32_t crc;	      /* CRC-32 of what is stored */
	uint64_t first, last; /* earliest and latest time in it, ns; 0: it has none */
};

void block_head_write(uint8_t out[BLOCK_HEAD], const struct block_head *head);

/* False: no head of a block, or a broken one. */
bool block_head_read(const uint8_t in[BLOCK_HEAD], struct block_head *head);

void recording_start_write(uint8_t out[RECORDING_START]);

/* Does a file that begins so come from here, in whatever version? */
bool recording_is_ours(const uint8_t *start, size_t len);

/* NULL, or why it cannot be read: a static text. */
const char *recording_refusal(const uint8_t *start, size_t len);

/* --- records of BLOCK_STATE: type (1 byte), length (varint), bytes ---------------- */
enum state_type {
	STATE_FUNCTION = 1, /* of an index; again when its state or whether it is wanted has changed */
	STATE_COUNTERS = 2, /* those that have changed, and the totals */
	STATE_FILTER = 3,
	STATE_MISSED = 4,  /* events that were not recorded, since this file began */
	STATE_FIGURES = 5, /* how it ended: the last record of a whole file */
};

#endif
