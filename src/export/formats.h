/* SPDX-License-Identifier: GPL-2.0 */
/* Sinks whose output is a file for other programs. */
#ifndef SKBSCOPE_EXPORT_FORMATS_H
#define SKBSCOPE_EXPORT_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "export/sink.h"

struct formats_options {
	int64_t wall;  /* ns since 1970 at time 0 of the events */
	bool per_hop;  /* pcapng: a block for each record at a function, else one for each packet */
	size_t memory; /* csv: bytes for what was seen */
	char *note;    /* finish() writes what found no place here, one line; "" nothing. NULL: not wanted */
	size_t note_size;
};

/*
 * As open() of struct sink_ops; what they return is used by its ops. probes, info and
 * the note live longer. NULL: no memory.
 */
typedef struct sink *(*formats_open_fn)(FILE *out, const struct probe_table *probes,
	const struct source_info *info, const struct formats_options *options);

/* The pcapng draft (draft-ietf-opsawg-pcapng); packets tell their story in comments. */
struct sink *pcapng_open(FILE *out, const struct probe_table *probes, const struct source_info *info,
	const struct formats_options *options);

/*
 * "dropped;ip_rcv;nf_hook_slow 4711": ns from the last function of the path to the next
 * record of the same copy, summed over all that went there and ended so. Copies that have
 * not ended are "live". All lines add up to how long all copies took, first record to last.
 */
struct sink *folded_open(FILE *out, const struct probe_table *probes, const struct source_info *info,
	const struct formats_options *options);

/* Flows as RFC 4180 lines, the first one names the columns. */
struct sink *csv_open(FILE *out, const struct probe_table *probes, const struct source_info *info,
	const struct formats_options *options);

#endif
