/* SPDX-License-Identifier: GPL-2.0 */
/* Sinks whose output is a file for other programs. */
#ifndef SKBSCOPE_EXPORT_FORMATS_H
#define SKBSCOPE_EXPORT_FORMATS_H

#include "export/sink.h"

/* The pcapng draft (draft-ietf-opsawg-pcapng); packets tell their story in comments. */
extern const struct sink_ops sink_pcapng;

/*
 * "dropped;ip_rcv;nf_hook_slow 4711": ns from the last function of the path to the next
 * record of the same copy, summed over all that went there and ended so. Copies that have
 * not ended are "live". All lines add up to how long all copies took, first record to last.
 */
extern const struct sink_ops sink_folded;

/* Flows as RFC 4180 lines, the first one names the columns. */
extern const struct sink_ops sink_csv;

#endif
