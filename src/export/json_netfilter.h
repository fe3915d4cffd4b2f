/* SPDX-License-Identifier: GPL-2.0 */
/* What lines of netfilter, conntrack and drops tell beside their packet. */
#ifndef SKBSCOPE_EXPORT_JSON_NETFILTER_H
#define SKBSCOPE_EXPORT_JSON_NETFILTER_H

#include "export/live.h"
#include "export/words.h"

/* "hook", "chain", "rule", "ct"; NULL: it is no record of netfilter. */
const char *json_netfilter_type(const struct event *ev);

/* A record of these; nothing when it is cut. Returns the end. */
char *json_put_netfilter(char *p, const struct words *words, const struct event *ev, size_t size);
char *json_put_drop(char *p, const struct words *words, const struct event *ev, size_t size,
	const struct live_packet *packet);

#endif
