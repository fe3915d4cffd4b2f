/* SPDX-License-Identifier: GPL-2.0 */
/* The last line of --json. */
#ifndef SKBSCOPE_EXPORT_JSON_STATS_H
#define SKBSCOPE_EXPORT_JSON_STATS_H

#include <stdio.h>

#include "export/sink.h"
#include "export/tally.h"

/* Sorts the tally. 0 or -errno. */
int json_stats_write(
	FILE *out, const struct probe_table *probes, const struct sink_stats *stats, struct tally *tally);

#endif
