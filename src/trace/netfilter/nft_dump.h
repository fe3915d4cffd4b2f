/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel tells of nftables, in the network namespace of the calling
 * thread. nf_tables must be loaded: asking would load it.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_NFT_DUMP_H
#define SKBSCOPE_TRACE_NETFILTER_NFT_DUMP_H

#include "trace/netfilter/ruleset.h"

/*
 * Everything but texts into an empty rs. 0 or -errno; -EINTR: it was changed
 * meanwhile, and what is there is not all (its statements are right as far as it goes).
 */
int nft_dump(struct ruleset *rs);

/* A socket that can be read when the ruleset of this namespace has changed, or -errno. It keeps the
 * namespace. */
int nft_events_open(void);
/* Reads what waits there. 0, or -errno: the socket is of no use any more. */
int nft_events_read(int fd);

#endif
