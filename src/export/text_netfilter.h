/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of netfilter, conntrack and drops: what stands in the columns, and what behind them. */
#ifndef SKBSCOPE_EXPORT_TEXT_NETFILTER_H
#define SKBSCOPE_EXPORT_TEXT_NETFILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "export/live.h"
#include "export/words.h"

#define TEXT_TAIL_MAX 5120u /* bytes that what stands behind the columns takes at most, with the NUL */

/* For EVENT_HOOK ... EVENT_CT: the columns of the layer and the function. */
const char *text_netfilter_kind(const struct event *ev);
char *text_netfilter_word(char *buf, size_t bufsize, const struct event *ev, size_t size);

/* The packet does not go on because of it: a drop was decided. */
bool text_netfilter_drops(const struct event *ev, size_t size);

/* What stands instead of the tuple: the rule, the chain, the functions at the hook, the connection. */
char *text_netfilter_tail(
	char *buf, size_t bufsize, const struct words *words, const struct event *ev, size_t size);

/* Of a drop, behind the tuple: where, and by which rule; "" nothing known. */
char *text_drop_tail(char *buf, size_t bufsize, const struct words *words, const struct event *ev,
	size_t size, const struct live_packet *packet);

#endif
