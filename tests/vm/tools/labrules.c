/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which rules did packets meet? The kernel's own trace of nftables ("meta nftrace
 * set 1" in a chain before all others) is the truth that "skbscope trace --json"
 * is compared with, call by call.
 *
 *   labrules truth FILE READY     what the kernel of this namespace traces into FILE,
 *                                 until it is ended; READY is made when it listens. Fails
 *                                 when anything was lost
 *   labrules compare [--shift N] INODE=FILE... TRACE.json
 *                                 "name value" lines: calls, and how many are equal; the
 *                                 first that differ go to stderr. INODE: of the namespace;
 *                                 --shift: the truth with wrong handles, which must be found
 *   labrules pretend INODE=FILE   the truth as skbscope would have to tell it
 *   labrules queue NUMBER READY   takes packets from a queue of netfilter and accepts them
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rules/calls.h"

#define NETNS_MAX 8

static volatile sig_atomic_t ended;

static void on_signal(int sig)
{
	ended = 1;
}

static int fail(const char *what)
{
	fprintf(stderr, "labrules: %s: %s\n", what, strerror(errno));
	return 1;
}

static int netfilter_socket(void)
{
	struct sockaddr_nl here = { .nl_family = AF_NETLINK };
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER),
	    size = 256 << 20;

	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
		bind(s, (struct sockaddr *)&here, sizeof(here))) {
		fail("netlink");
		exit(1);
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	return s;
}

static int make(const char *path)
{
	FILE *f = fopen(path, "w");

	return f && !fclose(f) ? 0 : fail(path);
}

/* Waits for something to read; false: the end was asked for and nothing is left. */
static bool wait_for(int s)
{
	struct pollfd p = { .fd = s, .events = POLLIN };

	while (poll(&p, 1, ended ? 0 : 50) <= 0) {
		if (ended)
			return poll(&p, 1, 0) > 0;
	}
	return true;
}

static int run_truth(char **arg)
{
	static char buf[1 << 18];
	int s = netfilter_socket(), group = NFNLGRP_NFTRACE;
	FILE *out = fopen(arg[0], "w");
	ssize_t n;

	if (!out || setsockopt(s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) || make(arg[1]))
		return fail("truth");
	while (wait_for(s)) {
		n = recv(s, buf, sizeof(buf), MSG_TRUNC);
		if (n > (ssize_t)sizeof(buf)) {
			fprintf(stderr, "labrules: a message is longer than %zu\n", sizeof(buf));
			return 1;
		}
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return fail("something was lost");
		if (n > 0 && fwrite(buf, 1, (size_t)n, out) != (size_t)n)
			return fail(arg[0]);
	}
	return fclose(out) ? fail(arg[0]) : 0;
}

struct queue_message {
	struct nlmsghdr h;
	struct nfgenmsg g;
	struct nlattr a;
	union {
		struct nfqnl_msg_config_cmd cmd;
		struct nfqnl_msg_config_params params;
		struct nfqnl_msg_verdict_hdr verdict;
		char space[12];
	};
};

static int tell_queue(int s, int type, int queue, int attr, const void *data, size_t len)
{
	struct queue_message m = {
		.h = { .nlmsg_type = (uint16_t)(NFNL_SUBSYS_QUEUE << 8 | type),
			.nlmsg_flags = NLM_F_REQUEST },
		.g = { .version = NFNETLINK_V0, .res_id = htons((uint16_t)queue) },
		.a = { .nla_type = (uint16_t)attr, .nla_len = (uint16_t)(sizeof(struct nlattr) + len) },
	};

	memcpy(m.space, data, len);
	m.h.nlmsg_len = (uint32_t)(NLMSG_ALIGN(sizeof(m.h) + sizeof(m.g)) + NLA_ALIGN(m.a.nla_len));
	return send(s, &m, m.h.nlmsg_len, 0) < 0 ? fail("queue") : 0;
}

/* A message of one packet: its number comes first (nfqnl_build_packet_message). */
static int run_queue(char **arg)
{
	struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = { .copy_mode = NFQNL_COPY_META };
	static _Alignas(8) char buf[1 << 16];
	int s = netfilter_socket(), queue = atoi(arg[0]), n = 0;

	if (tell_queue(s, NFQNL_MSG_CONFIG, queue, NFQA_CFG_CMD, &bind, sizeof(bind)) ||
		tell_queue(s, NFQNL_MSG_CONFIG, queue, NFQA_CFG_PARAMS, &params, sizeof(params)) ||
		make(arg[1]))
		return 1;
	while (wait_for(s)) {
		ssize_t len = recv(s, buf, sizeof(buf), 0);
		const struct queue_message *m = (const struct queue_message *)buf;
		struct nfqnl_msg_packet_hdr packet;
		struct nfqnl_msg_verdict_hdr verdict = { .verdict = htonl(NF_ACCEPT) };

		if (len < (ssize_t)(offsetof(struct queue_message, space) + sizeof(packet)) ||
			m->a.nla_type != NFQA_PACKET_HDR)
			continue;
		memcpy(&packet, m->space, sizeof(packet));
		verdict.id = packet.packet_id;
		if (tell_queue(s, NFQNL_MSG_VERDICT, queue, NFQA_VERDICT_HDR, &verdict, sizeof(verdict)))
			return 1;
		n++;
	}
	printf("%d\n", n);
	return 0;
}

static const char *parse_netns(const char *arg, uint64_t *inode)
{
	char *end;

	*inode = strtoull(arg, &end, 10);
	if (*end == '=' && end > arg)
		return end + 1;
	fprintf(stderr, "labrules: %s: INODE=FILE is wanted\n", arg);
	exit(2);
}

static void print(const char *name, uint64_t n)
{
	printf("%s %" PRIu64 "\n", name, n);
}

/* How many calls have such a step; "rule": any at all. */
static void print_kinds(const struct calls *calls)
{
	static const char *const kinds[] = { " accept\n", " drop\n", " continue\n", " jump\n", " goto\n",
		" return\n", " queue\n", "= accept policy\n", "= drop policy\n", "#" };
	static const char *const names[] = { "accept", "drop", "continue", "jump", "goto", "return", "queue",
		"policy_accept", "policy_drop", "rule" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint64_t n = 0;

		for (uint32_t k = 0; k < calls->n; k++)
			n += calls->v[k].what && strstr(calls->v[k].what, kinds[i]) != NULL;
		printf("calls.%s %" PRIu64 "\n", names[i], n);
	}
}

static int run_compare(int argc, char **arg)
{
	struct calls truth = { 0 }, seen = { 0 };
	uint64_t netns[NETNS_MAX], shift = 0;
	struct calls_result r;
	int i = 0, n = 0, err = 0;

	if (argc > 2 && !strcmp(arg[0], "--shift")) {
		shift = strtoull(arg[1], NULL, 10);
		i = 2;
	}
	for (; i + 1 < argc && n < NETNS_MAX && !err; i++, n++) {
		const char *path = parse_netns(arg[i], &netns[n]);

		err = truth_read(&truth, path, netns[n], shift);
	}
	if (!err && i + 1 == argc)
		err = seen_read(&seen, arg[i], netns, n);
	if (err || i + 1 != argc) {
		fprintf(stderr, "labrules: %s\n", err ? strerror(-err) : "usage");
		return 2;
	}
	print("truth.open", truth.nopen);
	print("seen.open", seen.nopen);
	r = calls_compare(&truth, &seen);
	print("truth.calls", truth.n);
	print("truth.steps", truth.steps);
	print("truth.bad", truth.bad);
	print("seen.calls", seen.n);
	print("seen.steps", seen.steps);
	print("seen.bad", seen.bad);
	print("equal", r.equal);
	print("different", r.different);
	print("missing", r.missing);
	print("extra", r.extra);
	print_kinds(&truth);
	return 0;
}

/* Fields of "who" as truth_read() writes them: netns family table chain: proto src dst sport dport. */
static void pretend_call(const struct call *call, uint32_t no)
{
	char head[600], family[16], table[256], chain[256], proto[16], src[64], dst[64], tuple[256] = "";
	unsigned int sport, dport;
	uint64_t netns;
	int n = sscanf(call->who, "%" SCNu64 " %15s %255s %255[^:]: %15s %63s %63s %u %u", &netns, family,
		table, chain, proto, src, dst, &sport, &dport);
	const char *end;

	if (n >= 7)
		snprintf(tuple, sizeof(tuple), ",\"src\":\"%s\",\"dst\":\"%s\"", src, dst);
	if (n == 9)
		sprintf(tuple + strlen(tuple), ",\"sport\":%u,\"dport\":%u", sport, dport);
	snprintf(head, sizeof(head),
		"\"packet\":%u,\"skb\":\"0x%x\",\"netns\":%" PRIu64 ",\"proto\":\"%s\"%s,"
		"\"family\":\"%s\",\"table\":\"%s\"",
		no, no, netns, proto, tuple, family, table);
	printf("{\"type\":\"chain\",%s,\"chain\":\"%s\",\"event\":\"enter\",\"depth\":0}\n", head, chain);
	for (const char *s = call->what; s && *s; s = end + 1) {
		unsigned long handle;
		char name[256], verdict[16];

		end = strchr(s, '\n');
		if (*s == '>' && sscanf(s, "> %255s", name) == 1)
			printf("{\"type\":\"chain\",%s,\"chain\":\"%s\",\"event\":\"enter\",\"depth\":1}\n",
				head, name);
		else if (*s == '=' && sscanf(s, "= %15s", verdict) == 1)
			printf("{\"type\":\"chain\",%s,\"chain\":\"%s\",\"event\":\"leave\",\"depth\":0,"
			       "\"verdict\":\"%s\"%s}\n",
				head, chain, verdict,
				memmem(s, (size_t)(end - s), " policy", 7) ? ",\"policy\":true" : "");
		else if (sscanf(s, "%255[^#]#%lu %15s", name, &handle, verdict) == 3)
			printf("{\"type\":\"rule\",%s,\"chain\":\"%s\",\"handle\":%lu,\"depth\":0,"
			       "\"verdict\":\"%s\"}\n",
				head, name, handle, verdict);
	}
}

static int run_pretend(char **arg)
{
	struct calls truth = { 0 };
	uint64_t netns;
	const char *path = parse_netns(arg[0], &netns);

	if (truth_read(&truth, path, netns, 0))
		return 1;
	for (uint32_t i = 0; i < truth.n; i++)
		pretend_call(&truth.v[i], i + 1);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "truth"))
		return run_truth(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "queue"))
		return run_queue(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "pretend"))
		return run_pretend(argv + 2);
	if (argc > 3 && !strcmp(argv[1], "compare"))
		return run_compare(argc - 2, argv + 2);
	fprintf(stderr, "usage: labrules truth FILE READY | compare [--shift N] INODE=FILE... TRACE | "
			"pretend INODE=FILE | queue NUMBER READY\n");
	return 2;
}
