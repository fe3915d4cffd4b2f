/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SKBSCOPE_BASE_TROFF_H
#define SKBSCOPE_BASE_TROFF_H

#include <stdio.h>

/* Text for a man page, without what troff takes for its own: the backslash, and the hyphen. */
void troff_puts(const char *text, FILE *out);

#endif
