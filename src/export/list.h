/* SPDX-License-Identifier: GPL-2.0 */
/* The functions that were found, for people and as the file of --config. */
#ifndef SKBSCOPE_EXPORT_LIST_H
#define SKBSCOPE_EXPORT_LIST_H

#include <stdbool.h>
#include <stdio.h>

#include "model/probe.h"

/* Those with show[i], all when show is NULL. 0 or -errno. */
int list_text(FILE *out, const struct probe_table *probes, const bool *show);

/* The same in the format that config_read() reads; enabled[i] says which are
 * enabled, NULL: those that can be attached. */
int list_json(FILE *out, const struct probe_table *probes, const bool *show, const bool *enabled);

#endif
