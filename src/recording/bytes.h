/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers and texts as bytes. A varint has seven bits a byte, the lowest first, the highest bit: more come.
 */
#ifndef SKBSCOPE_RECORDING_BYTES_H
#define SKBSCOPE_RECORDING_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VARINT_MAX 10u

static inline uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

/* Small numbers of both signs become small ones without. */
static inline uint64_t zigzag(uint64_t delta)
{
	return delta << 1 ^ (0 - (delta >> 63));
}

static inline uint64_t unzigzag(uint64_t v)
{
	return v >> 1 ^ (0 - (v & 1));
}

/* Little-endian, n bytes. */
static inline uint8_t *put_fixed(uint8_t *p, uint64_t v, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		*p++ = (uint8_t)(v >> 8 * i);
	return p;
}

static inline uint64_t get_fixed(const uint8_t *p, unsigned int n)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < n; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

/* What is read: once it was too short (or a varint too long) it is bad, and everything in it is 0. */
struct bytes {
	const uint8_t *p, *end;
	bool bad;
};

static inline size_t bytes_left(const struct bytes *b)
{
	return (size_t)(b->end - b->p);
}

static inline uint64_t bytes_spoil(struct bytes *b)
{
	b->p = b->end;
	b->bad = true;
	return 0;
}

static inline uint64_t bytes_varint(struct bytes *b)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 64 && b->p < b->end; shift += 7) {
		uint8_t byte = *b->p++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	return bytes_spoil(b);
}

/* NULL: there are not so many. */
static inline const uint8_t *bytes_take(struct bytes *b, size_t n)
{
	const uint8_t *at = b->p;

	if (n > bytes_left(b)) {
		bytes_spoil(b);
		return NULL;
	}
	b->p += n;
	return at;
}

static inline uint64_t bytes_fixed(struct bytes *b, unsigned int n)
{
	const uint8_t *at = bytes_take(b, n);

	return at ? get_fixed(at, n) : 0;
}

#endif
