/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/replay/question.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/frame.h"

#define ETHERNET 14u

_Static_assert(sizeof(struct cbpf_insn) == sizeof(struct bpf_insn), "both are struct sock_filter");

/* A number and nothing behind it. */
static bool read_number(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return !errno && !*end && *out <= max;
}

static int refuse(char *err, size_t size, const char *key, const char *value, const char *why)
{
	char line[300];

	snprintf(line, sizeof(line), "\"%s=%.60s\": %s", key, value, why);
	printable(err, size, line, sizeof(line));
	return -EINVAL;
}

static int compile_places(struct question *q, char *err, size_t size)
{
	const struct packet_filter *f = &q->filter;
	uint64_t n;

	if (f->inner[0])
		return refuse(err, size, "inner", f->inner,
			"what a tunnel carries is not in a recording (record with it instead)");
	if (f->cgroup[0] && !read_number(f->cgroup, UINT64_MAX, &q->cgroup))
		return refuse(err, size, "cgroup", f->cgroup,
			"paths of cgroups are not in a recording, only their numbers");
	if (!f->netns[0])
		return 0;
	if (read_number(f->netns, UINT32_MAX, &n)) {
		q->netns = (uint32_t)n;
		return 0;
	}
	if (strchr(f->netns, '/') || strchr(f->netns, ':'))
		return refuse(err, size, "netns", f->netns,
			"a recording knows namespaces by their names and inodes only");
	return 0;
}

int question_compile(struct question *q, const struct packet_filter *f, char *err, size_t size)
{
	int ret;

	memset(q, 0, sizeof(*q));
	q->filter = *f;
	ret = compile_places(q, err, size);
	if (ret || !f->expr[0])
		return ret;
	if (filter_needs_names(f->expr)) {
		snprintf(err, size, "names of hosts are not looked up for a recording: give their addresses");
		return -EINVAL;
	}
	return filter_compile(f->expr, &q->code, err, size);
}

void question_free(struct question *q)
{
	filter_code_free(&q->code);
	memset(q, 0, sizeof(*q));
}

static bool run(const struct filter_code *code, const uint8_t *data, uint32_t whole, uint32_t len)
{
	return bpf_filter((const struct bpf_insn *)(const void *)code->v, data, whole, len) != 0;
}

/* The headers that the record tells, as a frame. */
static bool asks_tuple(const struct filter_code *code, const struct event_full *full)
{
	struct wire_tuple tuple = full->tuple;
	struct frame frame;

	/* nobody knew them yet, or only the sender's frame has them */
	if ((!tuple.l2proto && !(tuple.flags & TUPLE_IP)) || code->mac)
		return false;
	if (!code->vlan)
		tuple.flags &= (uint8_t)~TUPLE_VLAN;
	frame_build(&frame, &tuple, full->l3_len ? full->l3_len : full->ev.len, FRAME_WHOLE);
	return run(code, frame.data, frame.whole, frame.len);
}

/* Without a link layer header one is put before them. */
static bool asks_bytes(const struct filter_code *code, const struct event_bytes *bytes, size_t size)
{
	uint8_t data[ETHERNET + SNAP_MAX] = { 0 };
	uint32_t len = bytes->len, at = bytes->l3 ? 0 : ETHERNET, whole = bytes->ev.len;

	if (len > size - sizeof(*bytes) || len > SNAP_MAX)
		return false;
	memcpy(data + at, bytes->data, len);
	if (at) {
		data[12] = (uint8_t)(bytes->proto >> 8);
		data[13] = (uint8_t)bytes->proto;
	}
	whole = whole < len ? len : whole;
	return run(code, data, whole + at, len + at);
}

static bool same_comm(const char *wanted, const char *comm, size_t size)
{
	char text[24];

	return comm && !strcmp(wanted, printable(text, sizeof(text), comm, strnlen(comm, size)));
}

static unsigned int ask_full(const struct question *q, unsigned int answers, const struct event_full *full)
{
	const struct packet_filter *f = &q->filter;

	answers &= ~(unsigned int)ANSWER_EXPR;
	if (!q->code.n || asks_tuple(&q->code, full))
		answers |= ANSWER_EXPR;
	if (same_comm(f->comm, full->comm, sizeof(full->comm)))
		answers |= ANSWER_COMM;
	if (f->pid && full->ev.pid == f->pid)
		answers |= ANSWER_PID;
	return answers;
}

static unsigned int ask_socket(const struct question *q, const struct names *names, unsigned int answers,
	const struct event_socket *socket)
{
	const struct packet_filter *f = &q->filter;
	uint32_t pid = 0;
	const char *comm = socket->inode ? names_owner(names, socket->inode, &pid) : NULL;

	if (f->by_uid && socket->uid == f->uid)
		answers |= ANSWER_UID;
	if (q->cgroup && socket->cgroup == q->cgroup)
		answers |= ANSWER_CGROUP;
	if (f->pid && pid == f->pid)
		answers |= ANSWER_PID;
	if (same_comm(f->comm, comm, sizeof(f->comm)))
		answers |= ANSWER_COMM;
	return answers;
}

unsigned int question_ask(const struct question *q, const struct names *names, unsigned int answers,
	const struct event *ev, size_t size)
{
	if (!q->code.n)
		answers |= ANSWER_EXPR;
	if (ev->type == EVENT_FUNC_FULL && size >= sizeof(struct event_full))
		return ask_full(q, answers, (const struct event_full *)ev);
	if (ev->type == EVENT_SOCKET && size >= sizeof(struct event_socket))
		return ask_socket(q, names, answers, (const struct event_socket *)ev);
	if (ev->type == EVENT_BYTES && size >= sizeof(struct event_bytes) && q->code.n) {
		answers &= ~(unsigned int)ANSWER_EXPR;
		if (asks_bytes(&q->code, (const struct event_bytes *)ev, size))
			answers |= ANSWER_EXPR;
	}
	return answers;
}

static bool in_netns(const struct question *q, const struct names *names, uint32_t netns)
{
	const char *name;

	if (q->netns)
		return netns == q->netns;
	name = names_netns(names, netns);
	return name && !strcmp(name, q->filter.netns);
}

bool question_holds(
	const struct question *q, const struct names *names, unsigned int answers, const struct event *ev)
{
	const struct packet_filter *f = &q->filter;
	unsigned int wanted = ANSWER_EXPR | (f->comm[0] ? ANSWER_COMM : 0) | (f->pid ? ANSWER_PID : 0) |
			      (f->by_uid ? ANSWER_UID : 0) | (f->cgroup[0] ? ANSWER_CGROUP : 0);
	const char *device;

	if ((answers & wanted) != wanted)
		return false;
	if (f->mark_mask && (ev->type == EVENT_END || (ev->mark & f->mark_mask) != f->mark))
		return false;
	if (f->netns[0] && !in_netns(q, names, ev->netns))
		return false;
	if (!f->interface[0])
		return true;
	device = names_device(names, ev->netns, ev->ifindex);
	return device && !strcmp(device, f->interface);
}
