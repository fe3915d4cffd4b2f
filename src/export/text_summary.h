/* SPDX-License-Identifier: GPL-2.0 */
/* The statistics of a run as text: the end of trace, and --stats. */
#ifndef SKBSCOPE_EXPORT_TEXT_SUMMARY_H
#define SKBSCOPE_EXPORT_TEXT_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "model/summary.h"

/* color: SGR sequences. Errors stay in out, as with fprintf(). */
void text_summary_write(FILE *out, const struct summary_of *of, bool color);

#endif
