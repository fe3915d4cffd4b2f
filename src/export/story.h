/* SPDX-License-Identifier: GPL-2.0 */
/* What happened to a packet as lines of text, a record a line: comments in files for other programs. */
#ifndef SKBSCOPE_EXPORT_STORY_H
#define SKBSCOPE_EXPORT_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "export/live.h"
#include "export/text_netfilter.h"
#include "export/words.h"

#define STORY_LINE_MAX (TEXT_TAIL_MAX + 1024u) /* bytes of a line at most */

struct story_of {
	const struct probe_table *probes;
	struct words words;
};

/* A function, hook, chain, rule, conntrack state, socket, drop or end. */
bool story_tells(const struct event *ev);

/* "tcp 10.1.0.2:4000 > 10.2.0.2:443 vlan 5"; about: what an ICMP error is about, family 0: none.
 * LIVE_TEXT bytes are enough. Returns buf. */
char *story_tuple(char *buf, size_t size, const struct wire_tuple *tuple, const struct wire_tuple *about);

/* "a/va": namespace and device as far as they are known, printable. Returns buf. */
char *story_place(char *buf, size_t size, const struct names *names, uint32_t netns, uint32_t ifindex);
#define STORY_PLACE_MAX 160

/*
 * Adds "+0.000012345 a/va [1] IPv4 ip_rcv" with a newline: time since start, the copy when it
 * is not the first one, what text output says in its columns. packet: behind live_note(), may be NULL.
 */
void story_line(struct strbuf *out, const struct story_of *of, const struct event *ev, size_t size,
	const struct live_packet *packet, uint64_t start);

#endif
