/* SPDX-License-Identifier: GPL-2.0 */
/* The statistics of a run as one line of JSON: the last one of --json. */
#ifndef SKBSCOPE_EXPORT_JSON_STATS_H
#define SKBSCOPE_EXPORT_JSON_STATS_H

#include <stdio.h>

#include "model/summary.h"

/* 0 or -errno. */
int json_stats_write(FILE *out, const struct summary_of *of);

#endif
