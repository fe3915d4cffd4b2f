/* SPDX-License-Identifier: GPL-2.0 */
/* One rule of legacy iptables: where its parts are, and its text as iptables-save has it. */
#ifndef SKBSCOPE_TRACE_NETFILTER_LEGACY_ENTRY_H
#define SKBSCOPE_TRACE_NETFILTER_LEGACY_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

#define LEGACY_RETURN (-5) /* the verdict of the standard target: XT_RETURN of linux/netfilter/x_tables.h */

/* A match or target: its name, and what is behind its head. */
struct legacy_part {
	char name[30];
	unsigned int revision;
	const unsigned char *data;
	size_t len;
};

/* Parts of one entry, with all lengths checked. */
struct legacy_entry {
	uint8_t family;
	const unsigned char *head;    /* struct ipt_entry or ip6t_entry */
	const unsigned char *matches; /* to matches_end */
	const unsigned char *matches_end;
	struct legacy_part target;
	size_t next; /* bytes to the next entry */
};

/* What stands at the begin of bytes. False: it is cut or wrong. */
bool legacy_entry_read(struct legacy_entry *e, uint8_t family, const unsigned char *bytes, size_t len);

/* Steps over the matches from *at (begin with e->matches). False: there is none any more. */
bool legacy_entry_match(const struct legacy_entry *e, const unsigned char **at, struct legacy_part *match);

/* Of the standard target. False: it is another one. */
bool legacy_entry_verdict(const struct legacy_entry *e, int *verdict);
bool legacy_entry_is_goto(const struct legacy_entry *e);
/* What its target does, enum nf_decision; at: its place in the table, bytes. */
uint8_t legacy_entry_decision(const struct legacy_entry *e, size_t at);
/* How many packets fitted, of the entry that begins there. */
uint64_t legacy_entry_packets(uint8_t family, const unsigned char *head);

/* "-s 10.1.0.2/32 -i va -p tcp -m tcp --dport 80", and its comment if it has one. */
void legacy_entry_conditions(const struct legacy_entry *e, struct strbuf *text, struct strbuf *comment);
/* " -j REJECT --reject-with ..." of other than the standard target. */
void legacy_entry_target(const struct legacy_entry *e, struct strbuf *text);

#endif
