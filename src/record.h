/* SPDX-License-Identifier: GPL-2.0 */
/* The command record: a recorder beside the loop of src/live.c, and its line on a terminal. */
#ifndef SKBSCOPE_RECORD_H
#define SKBSCOPE_RECORD_H

#include "options.h"
#include "trace/source.h"

struct record;

/* Can -o and --rotate be? Nothing is made yet. 0 or -errno with a line in err. */
int record_check(const struct options *options, char *err, size_t size);

/* Begins the file. NULL with a line in err. The source lives longer. */
struct record *record_open(struct source *src, const struct options *options, char *err, size_t size);

/* False: so much waits for the disk that events should wait before they are taken. */
bool record_has_room(const struct record *r);

/* Of every event. */
void record_event(struct record *r, const struct event *ev, size_t size);

/* Now and then: does something once a second. -errno with a line in err: it cannot go on. */
int record_look(struct record *r, uint64_t now, char *err, size_t size);

/* Another filter is in force. */
void record_filter(struct record *r);

/* Before something else is printed on the terminal. */
void record_clear_line(struct record *r);

/* Counters once more, run as what it came to, and waits for the disk. 0 or -errno with a line in err. */
int record_finish(struct record *r, const struct run_figures *run, char *err, size_t size);

/* Ends it without figures when it was not finished. */
void record_free(struct record *r);

#endif
