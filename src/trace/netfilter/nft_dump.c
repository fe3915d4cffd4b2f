/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/nft_dump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "trace/netfilter/nft_parse.h"

#define BUFFER (64u << 10) /* the kernel sends at most 32 kB at once */

struct asking {
	struct mnl_socket *socket;
	struct ruleset *rs;
	struct nft_parse parse;
	uint32_t seq;
	char *buf;
};

static int send_request(struct asking *a, uint16_t type, uint16_t flags)
{
	char buf[NLMSG_SPACE(sizeof(struct nfgenmsg))] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *head = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *body;

	head->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	head->nlmsg_flags = NLM_F_REQUEST | flags;
	head->nlmsg_seq = ++a->seq;
	body = mnl_nlmsg_put_extra_header(head, sizeof(*body));
	body->nfgen_family = NFPROTO_UNSPEC;
	body->version = NFNETLINK_V0;
	return mnl_socket_sendto(a->socket, head, head->nlmsg_len) < 0 ? -errno : 0;
}

/* 1: that was the last one. */
static int read_message(struct asking *a, const struct nlmsghdr *head, bool *torn)
{
	const struct nlmsgerr *err;

	if (head->nlmsg_seq != a->seq)
		return 0;
	if (head->nlmsg_flags & NLM_F_DUMP_INTR)
		*torn = true;
	switch (head->nlmsg_type) {
	case NLMSG_DONE:
		return 1;
	case NLMSG_ERROR:
		err = mnl_nlmsg_get_payload(head);
		if (mnl_nlmsg_get_payload_len(head) < sizeof(*err))
			return -EBADMSG;
		return err->error ? err->error : 1;
	default:
		return nft_parse_message(&a->parse, a->rs, head);
	}
}

static int ask(struct asking *a, uint16_t type, uint16_t flags)
{
	bool torn = false;
	int err = send_request(a, type, flags);

	while (!err) {
		ssize_t got = mnl_socket_recvfrom(a->socket, a->buf, BUFFER);
		const struct nlmsghdr *head = (const struct nlmsghdr *)a->buf;
		int len = (int)got;

		if (got < 0) {
			err = errno == EINTR ? 0 : -errno;
			continue;
		}
		for (; !err && mnl_nlmsg_ok(head, len); head = mnl_nlmsg_next(head, &len))
			err = read_message(a, head, &torn);
	}
	if (err < 0)
		return err;
	return torn ? -EINTR : 0;
}

static int open_socket(struct asking *a)
{
	/* the kernel answers at once: this is for a kernel that does not */
	const struct timeval patience = { .tv_sec = 2 };

	a->buf = malloc(BUFFER);
	a->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!a->buf || !a->socket)
		return a->buf ? -errno : -ENOMEM;
	if (mnl_socket_bind(a->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	setsockopt(mnl_socket_get_fd(a->socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return 0;
}

int nft_dump(struct ruleset *rs)
{
	struct asking a = { .rs = rs };
	int err = open_socket(&a);
	uint32_t before;

	if (!err)
		err = ask(&a, NFT_MSG_GETGEN, NLM_F_ACK);
	before = a.parse.generation;
	if (!err)
		err = ask(&a, NFT_MSG_GETTABLE, NLM_F_DUMP);
	if (!err)
		err = ask(&a, NFT_MSG_GETCHAIN, NLM_F_DUMP);
	if (!err && rs->nchains)
		err = ask(&a, NFT_MSG_GETRULE, NLM_F_DUMP);
	if (!err)
		err = ask(&a, NFT_MSG_GETGEN, NLM_F_ACK);
	if (!err && before != a.parse.generation)
		err = -EINTR;
	rs->generation = a.parse.generation;
	if (a.socket)
		mnl_socket_close(a.socket);
	free(a.buf);
	return err ? err : rs->error;
}

int nft_events_open(void)
{
	/* what does not fit tells as much as what does: something has changed */
	const int group = NFNLGRP_NFTABLES, small = 4096;
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	int err = 0;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
		setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int nft_events_read(int fd)
{
	char byte;

	/* of each message one byte is taken, the rest is dropped; ENOBUFS: some were lost */
	while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0 || errno == ENOBUFS || errno == EINTR)
		;
	return errno == EAGAIN ? 0 : -errno;
}
