/* SPDX-License-Identifier: GPL-2.0 */
#include "base/troff.h"

void troff_puts(const char *text, FILE *out)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\')
			fputs("\\e", out);
		else if (*p == '-')
			fputs("\\-", out);
		else
			fputc(*p, out);
	}
}
