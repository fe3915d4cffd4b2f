/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule texts out of what "nft -s -a list ruleset" prints. That output may hold
 * anything that whoever may change the ruleset wants (names, comments, prefixes),
 * also what looks like other rules: handles that came by netlink say what is to
 * be found, and where more than one reading is possible a rule has no text.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_NFT_TEXT_H
#define SKBSCOPE_TRACE_NETFILTER_NFT_TEXT_H

#include <stddef.h>

#include "trace/netfilter/ruleset.h"

/*
 * Sets text of the rules of rs, without their comments, and .texts. 0; -ENOENT:
 * the output is of another ruleset, none has a text; -ENOMEM.
 */
int nft_text_match(struct ruleset *rs, const char *output, size_t len);

#endif
