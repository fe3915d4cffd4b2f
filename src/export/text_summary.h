/* SPDX-License-Identifier: GPL-2.0 */
/* What the text output says at the end. */
#ifndef SKBSCOPE_EXPORT_TEXT_SUMMARY_H
#define SKBSCOPE_EXPORT_TEXT_SUMMARY_H

#include <stdio.h>

#include "export/sink.h"
#include "export/tally.h"

/* Sorts the tally. Errors stay in out, as with fprintf(). */
void text_summary_write(
	FILE *out, const struct probe_table *probes, const struct sink_stats *stats, struct tally *tally);

#endif
