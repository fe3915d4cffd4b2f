/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A filter asked of records instead of packets: as far as they tell. Expressions
 * are libpcap's, on the recorded bytes where there are (--snap), else on a frame
 * that is made of the recorded headers.
 */
#ifndef SKBSCOPE_TRACE_REPLAY_QUESTION_H
#define SKBSCOPE_TRACE_REPLAY_QUESTION_H

#include "../../../bpf/event.h"
#include "model/names.h"
#include "model/packet_filter.h"
#include "trace/filter/compile.h"

struct question {
	struct packet_filter filter;
	struct filter_code code; /* n 0: no expression */
	uint32_t netns;		 /* inode; 0: by name, or any */
	uint64_t cgroup;	 /* id */
};

/* What held at some record of a packet; the rest is looked at in each record. */
enum answer {
	ANSWER_EXPR = 1 << 0,
	ANSWER_COMM = 1 << 1,
	ANSWER_PID = 1 << 2,
	ANSWER_UID = 1 << 3,
	ANSWER_CGROUP = 1 << 4,
};

/* 0, or -EINVAL / -ENOMEM with a line in err: also what only a kernel can be asked. */
int question_compile(struct question *q, const struct packet_filter *f, char *err, size_t size);
void question_free(struct question *q);

/* What the packet's answers are after this record of it. */
unsigned int question_ask(const struct question *q, const struct names *names, unsigned int answers,
	const struct event *ev, size_t size);

/* All that is asked holds at this record. */
bool question_holds(
	const struct question *q, const struct names *names, unsigned int answers, const struct event *ev);

#endif
