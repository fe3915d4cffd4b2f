/* SPDX-License-Identifier: GPL-2.0 */
/* Reads pcapng of this machine's byte order; what has not the form of it is not found. */
#ifndef SKBSCOPE_TESTS_UNIT_PCAPNG_BLOCKS_H
#define SKBSCOPE_TESTS_UNIT_PCAPNG_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PCAPNG_SECTION = 0x0a0d0d0a, PCAPNG_INTERFACE = 1, PCAPNG_PACKET = 6 };

struct pcapng_block {
	uint32_t type;
	const uint8_t *body;
	size_t len; /* of the body */
};

static inline uint32_t pcapng_u32(const struct pcapng_block *b, size_t at)
{
	uint32_t n = 0;

	if (at + 4 <= b->len)
		memcpy(&n, b->body + at, 4);
	return n;
}

/* The next block behind *at. */
static inline bool pcapng_next(const uint8_t *file, size_t size, size_t *at, struct pcapng_block *b)
{
	uint32_t len, again;

	if (size - *at < 12)
		return false;
	memcpy(&b->type, file + *at, 4);
	memcpy(&len, file + *at + 4, 4);
	if (len % 4 || len < 12 || len > size - *at)
		return false;
	memcpy(&again, file + *at + len - 4, 4);
	b->body = file + *at + 8;
	b->len = len - 12;
	*at += len;
	return again == len;
}

/* Number no of those of that type. */
static inline bool pcapng_find(
	const uint8_t *file, size_t size, uint32_t type, int no, struct pcapng_block *b)
{
	size_t at = 0;

	while (pcapng_next(file, size, &at, b)) {
		if (b->type == type && !no--)
			return true;
	}
	return false;
}

/* NULL: it has none. */
static inline const uint8_t *pcapng_option(const struct pcapng_block *b, uint16_t code, size_t *len)
{
	size_t at = b->type == PCAPNG_SECTION ? 16 : b->type == PCAPNG_INTERFACE ? 8 : 20;
	uint16_t head[2];

	if (b->type == PCAPNG_PACKET)
		at += (pcapng_u32(b, 12) + 3) & ~3u;
	for (; at + 4 <= b->len; at += (4u + head[1] + 3) & ~3u) {
		memcpy(head, b->body + at, 4);
		if (!head[0] || head[1] > b->len - at - 4)
			return NULL;
		*len = head[1];
		if (head[0] == code)
			return b->body + at + 4;
	}
	return NULL;
}

#endif
