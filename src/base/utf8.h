/* SPDX-License-Identifier: GPL-2.0 */
/* Strict UTF-8: text from elsewhere is checked before it is shown or written. */
#ifndef SKBSCOPE_BASE_UTF8_H
#define SKBSCOPE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at s and how many bytes it takes; 0 when it is not
 * well-formed (overlong, surrogate, beyond U+10FFFF, cut off). */
size_t utf8_decode(const char *s, size_t len, uint32_t *cp);

/* False for what a terminal would obey instead of show: controls (C1 too), line
 * and paragraph ends, what turns the direction of text, what has no width of
 * its own, private use and noncharacters. */
bool utf8_printable(uint32_t cp);

#endif
