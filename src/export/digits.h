/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers into a buffer that has room (20 bytes), faster than printf; returns the end. */
#ifndef SKBSCOPE_EXPORT_DIGITS_H
#define SKBSCOPE_EXPORT_DIGITS_H

#include <stdint.h>
#include <string.h>

static inline char *put_u64(char *p, uint64_t n)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
				    "34353637383940414243444546474849505152535455565758596061626364656667"
				    "6869707172737475767778798081828384858687888990919293949596979899";
	char digits[20];
	char *d = digits + sizeof(digits);

	while (n >= 100) {
		d -= 2;
		memcpy(d, pairs + n % 100 * 2, 2);
		n /= 100;
	}
	if (n >= 10) {
		d -= 2;
		memcpy(d, pairs + n * 2, 2);
	} else {
		*--d = (char)('0' + n);
	}
	memcpy(p, d, (size_t)(digits + sizeof(digits) - d));
	return p + (digits + sizeof(digits) - d);
}

/* Without leading zeros and without 0x. */
static inline char *put_hex(char *p, uint64_t n)
{
	int shift = n ? (63 - __builtin_clzll(n)) & ~3 : 0;

	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[n >> shift & 15];
	return p;
}

static inline char *put_text(char *p, const char *s, size_t len)
{
	memcpy(p, s, len);
	return p + len;
}

#define put_literal(p, s) put_text(p, "" s, sizeof(s) - 1)

#endif
