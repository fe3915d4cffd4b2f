/* SPDX-License-Identifier: GPL-2.0 */
/* Matches and targets of legacy iptables as text: those that are known with their arguments. */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_EXTENSIONS_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_EXTENSIONS_H

#include "trace/netfilter/legacy_entry.h"

/* " -m tcp --dport 80" */
void legacy_match_text(const struct legacy_part *m, struct strbuf *text);
/* " -j LOG --log-prefix \"a\"" */
void legacy_target_text(const struct legacy_part *t, uint8_t family, struct strbuf *text);

#endif
