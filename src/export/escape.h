/* SPDX-License-Identifier: GPL-2.0 */
/* Any bytes as the inside of a JSON string. */
#ifndef SKBSCOPE_EXPORT_ESCAPE_H
#define SKBSCOPE_EXPORT_ESCAPE_H

#include <stddef.h>

#define ESCAPE_MAX 6 /* bytes that one byte can become */

/*
 * Writes at most len * ESCAPE_MAX bytes to p and returns the end. Ends at a NUL
 * or after len bytes. What is not printable becomes \uXXXX, so that looking at
 * the file is harmless too; what is not UTF-8 becomes \ufffd.
 */
char *json_escape(char *p, const char *s, size_t len);

#endif
