/* SPDX-License-Identifier: GPL-2.0 */
/* A line of "skbscope trace --json", taken apart. */
#ifndef EVENTS_LINE_H
#define EVENTS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct field {
	const char *s; /* NULL: the line does not have it */
	size_t n;
};

/* The fields that are looked at. */
enum {
	TYPE,
	TS,
	PACKET,
	COPY,
	PARENT,
	SKB,
	FUNC,
	LAYER,
	LEN,
	PROTO,
	SRC,
	DST,
	SPORT,
	DPORT,
	FRAGMENT,
	NETNS_NAME,
	IFNAME,
	FATE,
	NETNS,
	FAMILY,
	TABLE,
	CHAIN,
	EVENT,
	DEPTH,
	VERDICT,
	POLICY,
	PARTLY,
	HANDLE,
	FIELDS
};

struct line {
	const char *text;
	size_t len;
	struct field f[FIELDS];
};

/* The number of a field's name, -1 when there is none. */
int field_number(const char *name, size_t n);

/* An object; false when it is none. Values that no test reads are skipped. */
bool line_split(struct line *line, const char *text, size_t len);

bool field_is(struct field f, const char *text);
uint64_t field_value(struct field f);

/* Whether the line is about a function at which skb->data is the IP header. */
bool line_at_ip(const struct line *line);

/* The first few of a kind go to stderr; *shown: how many there were before. */
void example(int *shown, const char *what, const struct line *line);

/* Prints a nested object with the path of each value: "stats.lost.ring 0". */
const char *flatten(const char *s, char *path, size_t at, size_t size);

#endif
