/* SPDX-License-Identifier: GPL-2.0 */
/* One event as one line: aligned columns, plain ASCII but for names, coloured when asked. */
#ifndef SKBSCOPE_EXPORT_TEXT_COLUMNS_H
#define SKBSCOPE_EXPORT_TEXT_COLUMNS_H

#include "export/live.h"
#include "export/style.h"
#include "export/words.h"

struct text_columns {
	const struct probe_table *probes;
	struct words words;
	bool color, wall;
	int64_t wall_offset; /* as in struct sink; may change between two lines */
	uint64_t start;	     /* ts of the first event; set by who has it */
	bool headed;	     /* the names of the columns were written */
	int64_t second;	     /* wall: that clock and date show */
	char clock[9];	     /* "21:48:26" */
	char date[11];	     /* "2026-11-21" */
	char shown[11];	     /* the date that was written last */
	char **func;	     /* columns of a function, made when it is first met */
	uint32_t *func_len;
};

/* 0 or -ENOMEM. */
int text_columns_init(struct text_columns *columns, const struct sink_options *options);
void text_columns_fini(struct text_columns *columns);

/* EVENT_FUNC ... EVENT_CT have one. */
bool text_has_line(const struct event *ev);

/* These write to p, which has room for BLOCK_LINE, and return the end. */

/* The names of the columns before the first line, the date before the first line of another day. */
char *text_put_header(char *p, struct text_columns *columns, uint64_t ts);
/* packet NULL: its packet has no identity. */
char *text_put_line(char *p, struct text_columns *columns, const struct event *ev, size_t size,
	const struct live_packet *packet);

/* The tuple in words, of an ICMP error with that of the packet it is about. At most LIVE_TEXT bytes. */
char *text_put_packet(char *p, const struct live_packet *packet);

char *text_put_style(char *p, const struct text_columns *columns, enum style style);
char *text_put_style_end(char *p, const struct text_columns *columns, enum style style);

#endif
