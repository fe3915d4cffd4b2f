/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sends packets that say who they are, so that a tracer's idea of a packet can
 * be compared with the truth: their length follows from a port or a sequence
 * number. Run it inside a network namespace.
 *
 *   labsend ping DST N             echo requests of 8 + seq % 1000 octets of data;
 *                                  waits for each answer; fails when one is missing
 *   labsend udp DST PORT N         from N sockets with ports from 20000 on,
 *                                  8 + port % 1000 octets of data
 *   labsend alternate PORT N DST.. one unconnected socket, to each DST in turn;
 *                                  to the K-th (from 0) port PORT + K and
 *                                  8 + (PORT + K) % 1000 octets
 *   labsend connected DST PORT N   one connected UDP socket, 8 + PORT % 1000 octets
 *   labsend numbered DST PORT N FLOWS  UDP from so many sockets in turn; the I-th
 *                                  datagram (from 0) has 8 + I % 1000 octets
 *   labsend burst DST PORT N       the same from one socket with 8 + I % 100 octets,
 *                                  as fast as it goes
 *   labsend messages DST PORT N FLOWS  TCP: in each of so many connections, at once,
 *                                  N messages with segments of their own, the I-th of
 *                                  them (from 0) with 200 + I octets; returns when the
 *                                  peer has taken all
 *   labsend take PORT              the peer: TCP, tells at the end of each connection
 *                                  how many octets came; until it is ended
 *   labsend ext DST6 SPORT DPORT KIND  UDP behind IPv6 extension headers; KIND is
 *                                  made of h (hop-by-hop) and d (destination
 *                                  options), D: large ones; n: none
 *   labsend sctp SRC DST SPORT DPORT   an SCTP common header from a raw socket
 *   labsend big DST PORT BYTES     one datagram, which the kernel cuts into fragments
 *   labsend corked DST PORT BYTES  one datagram, whose last half is added when a line
 *                                  comes from standard input
 *   labsend fragments SRC DST SPORT DPORT N [SUM]  UDP that is in N fragments of 64
 *                                  octets of data when the kernel gets it; SUM: its checksum
 *   labsend paged DEV MAC SRC DST DPORT BYTES  UDP whose headers are in pages of
 *                                  the skb, behind the Ethernet header
 *   labsend sink PORT...           receives UDP on these ports until it is ended
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATA_MAX 2048

static char data[DATA_MAX];

static int fail(const char *what)
{
	fprintf(stderr, "labsend: %s: %s\n", what, strerror(errno));
	return 1;
}

static socklen_t address(struct sockaddr_storage *to, const char *text, int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof(*v6);
	}
	fprintf(stderr, "labsend: %s: no address\n", text);
	exit(2);
}

static size_t length_for(int n)
{
	return 8 + (size_t)n % 1000;
}

/* A UDP socket at a port of its own; port 0: any. */
static int udp_socket(int family, int port)
{
	struct sockaddr_storage here;
	socklen_t len = address(&here, family == AF_INET ? "0.0.0.0" : "::", port);
	int s = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0 || bind(s, (struct sockaddr *)&here, len)) {
		fail("socket");
		exit(1);
	}
	return s;
}

static int send_udp(int s, const char *dst, int port, size_t n)
{
	struct sockaddr_storage to;
	socklen_t len = address(&to, dst, port);

	if (sendto(s, data, n, 0, (struct sockaddr *)&to, len) == (ssize_t)n)
		return 0;
	return fail(dst);
}

static uint16_t checksum(const void *p, size_t n)
{
	const uint16_t *w = p;
	uint32_t sum = 0;

	for (; n > 1; n -= 2)
		sum += *w++;
	if (n)
		sum += *(const uint8_t *)w;
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* The answer of the request, among whatever else arrives. */
static bool wait_answer(int s, uint16_t id, uint16_t seq)
{
	struct pollfd p = { .fd = s, .events = POLLIN };
	unsigned char buf[DATA_MAX + 64];

	while (poll(&p, 1, 2000) > 0) {
		ssize_t n = recv(s, buf, sizeof(buf), 0);
		const struct icmphdr *h = (const struct icmphdr *)(buf + 20);

		if (n >= 28 && h->type == ICMP_ECHOREPLY && h->un.echo.id == id && h->un.echo.sequence == seq)
			return true;
	}
	return false;
}

static int run_ping(char **arg)
{
	int s = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	union {
		struct icmphdr h;
		char bytes[DATA_MAX];
	} packet = { .h = { .type = ICMP_ECHO, .un.echo.id = htons((uint16_t)getpid()) } };
	struct sockaddr_storage to;
	socklen_t len = address(&to, arg[0], 0);
	int n = atoi(arg[1]);

	if (s < 0)
		return fail("raw socket");
	for (int i = 1; i <= n; i++) {
		size_t size = sizeof(packet.h) + length_for(i & 0xffff);

		packet.h.un.echo.sequence = htons((uint16_t)i);
		packet.h.checksum = 0;
		packet.h.checksum = checksum(&packet, size);
		if (sendto(s, &packet, size, 0, (struct sockaddr *)&to, len) < 0)
			return fail("send");
		if (!wait_answer(s, packet.h.un.echo.id, packet.h.un.echo.sequence)) {
			fprintf(stderr, "labsend: no answer to %d\n", i);
			return 1;
		}
	}
	return 0;
}

static int run_udp(char **arg)
{
	int n = atoi(arg[2]), ret = 0;

	for (int i = 0; i < n && !ret; i++) {
		int s = udp_socket(strchr(arg[0], ':') ? AF_INET6 : AF_INET, 20000 + i);

		ret = send_udp(s, arg[0], atoi(arg[1]), length_for(20000 + i));
		close(s);
		if (i % 16 == 15)
			usleep(2000); /* the receiver and queues keep up */
	}
	return ret;
}

static int run_alternate(int argc, char **arg)
{
	int s = udp_socket(strchr(arg[2], ':') ? AF_INET6 : AF_INET, 0);
	int port = atoi(arg[0]), n = atoi(arg[1]), ret = 0;

	for (int i = 0; i < n && !ret; i++) {
		int k = i % (argc - 2);

		ret = send_udp(s, arg[2 + k], port + k, length_for(port + k));
		if (i % 16 == 15)
			usleep(2000);
	}
	return ret;
}

static int run_connected(char **arg)
{
	int s = udp_socket(strchr(arg[0], ':') ? AF_INET6 : AF_INET, 0);
	int port = atoi(arg[1]), n = atoi(arg[2]);
	struct sockaddr_storage to;
	socklen_t len = address(&to, arg[0], port);

	if (connect(s, (struct sockaddr *)&to, len))
		return fail("connect");
	for (int i = 0; i < n; i++) {
		if (send(s, data, length_for(port), 0) < 0)
			return fail("send");
	}
	return 0;
}

#define FLOWS_MAX 64

static int run_numbered(const char *dst, int port, int n, int flows, int lengths, bool fast)
{
	int s[FLOWS_MAX], ret = 0;

	if (flows < 1 || flows > FLOWS_MAX)
		return 2;
	for (int i = 0; i < flows; i++)
		s[i] = udp_socket(strchr(dst, ':') ? AF_INET6 : AF_INET, 0);
	for (int i = 0; i < n && !ret; i++) {
		ret = send_udp(s[i % flows], dst, port, 8 + (size_t)(i % lengths));
		if (!fast && i % 16 == 15)
			usleep(2000);
	}
	return ret;
}

/*
 * A message with its end marked (MSG_EOR) shares no skb with the next one, not
 * even when it is sent again.
 */
static int send_messages(const char *dst, int port, int n)
{
	struct sockaddr_storage to;
	socklen_t len = address(&to, dst, port);
	int s = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (s < 0 || connect(s, (struct sockaddr *)&to, len) ||
		setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		return fail("connection");
	for (int i = 0; i < n; i++) {
		size_t size = 200 + (size_t)i;

		if (size > sizeof(data) || send(s, data, size, MSG_EOR) != (ssize_t)size)
			return fail("send");
	}
	shutdown(s, SHUT_WR);
	if (recv(s, data, sizeof(data), 0))
		return fail("the peer");
	close(s);
	return 0;
}

static int run_messages(char **arg)
{
	int n = atoi(arg[2]), flows = atoi(arg[3]), ret = 0, status;

	for (int i = 0; i < flows; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(send_messages(arg[0], atoi(arg[1]), n));
		if (pid < 0)
			ret = fail("fork");
	}
	while (wait(&status) > 0)
		ret |= status != 0;
	return ret;
}

static _Noreturn void run_take(char **arg)
{
	struct sockaddr_storage here;
	socklen_t len = address(&here, "::", atoi(arg[0]));
	int s = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	signal(SIGCHLD, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
		bind(s, (struct sockaddr *)&here, len) || listen(s, FLOWS_MAX)) {
		fail("listen");
		exit(1);
	}
	for (;;) {
		struct sockaddr_in6 from;
		socklen_t from_len = sizeof(from);
		int c = accept4(s, (struct sockaddr *)&from, &from_len, SOCK_CLOEXEC);
		size_t all = 0;
		ssize_t n;

		if (c < 0)
			continue;
		if (!fork()) {
			while ((n = recv(c, data, sizeof(data), 0)) > 0)
				all += (size_t)n;
			printf("%zu\n", all);
			exit(0);
		}
		close(c);
	}
}

static int run_ext(char **arg)
{
	/* PadN fills what follows the two octets of the header */
	struct {
		uint8_t next, len, option, n, pad[36];
	} small = { .option = 1, .n = 4 }, large = { .len = 4, .option = 1, .n = 36 };
	int s = udp_socket(AF_INET6, atoi(arg[1]));

	for (const char *k = arg[3]; *k; k++) {
		int err = 0;

		if (*k == 'h')
			err = setsockopt(s, IPPROTO_IPV6, IPV6_HOPOPTS, &small, 8);
		else if (*k == 'd')
			err = setsockopt(s, IPPROTO_IPV6, IPV6_DSTOPTS, &small, 8);
		else if (*k == 'D')
			err = setsockopt(s, IPPROTO_IPV6, IPV6_DSTOPTS, &large, 40);
		if (err)
			return fail("extension header");
	}
	return send_udp(s, arg[0], atoi(arg[2]), 64);
}

static int run_sctp(char **arg)
{
	struct {
		uint16_t sport, dport;
		uint32_t tag, sum;
		uint8_t type, flags;
		uint16_t len;
		uint32_t body[4];
	} packet = { .sport = htons((uint16_t)atoi(arg[2])),
		.dport = htons((uint16_t)atoi(arg[3])),
		.type = 1,
		.len = htons(20) };
	struct sockaddr_storage from, to;
	socklen_t len = address(&from, arg[0], 0);
	int s = socket(from.ss_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_SCTP);

	if (s < 0 || bind(s, (struct sockaddr *)&from, len))
		return fail("raw socket");
	len = address(&to, arg[1], 0);
	return sendto(s, &packet, sizeof(packet), 0, (struct sockaddr *)&to, len) < 0 ? fail("send") : 0;
}

static int run_big(char **arg)
{
	static char large[65000];
	int s = udp_socket(strchr(arg[0], ':') ? AF_INET6 : AF_INET, 0);
	struct sockaddr_storage to;
	socklen_t len = address(&to, arg[0], atoi(arg[1]));
	int n = atoi(arg[2]);

	if (n < 0 || n > (int)sizeof(large))
		return 2;
	return sendto(s, large, (size_t)n, 0, (struct sockaddr *)&to, len) == n ? 0 : fail("send");
}

static int run_corked(char **arg)
{
	int s = udp_socket(strchr(arg[0], ':') ? AF_INET6 : AF_INET, 0), n = atoi(arg[2]) / 2;
	struct sockaddr_storage to;
	socklen_t len = address(&to, arg[0], atoi(arg[1]));

	if (n < 0 || n > (int)sizeof(data))
		return 2;
	if (sendto(s, data, (size_t)n, MSG_MORE, (struct sockaddr *)&to, len) != n)
		return fail("send");
	puts("corked");
	fflush(stdout);
	getchar();
	return sendto(s, data, (size_t)n, 0, (struct sockaddr *)&to, len) == n ? 0 : fail("send");
}

/* Each fragment is a packet of its own from the beginning: a raw socket sends the whole header. */
static int run_fragments(char **arg)
{
	struct {
		struct iphdr ip;
		uint16_t udp[4];
		char data[56];
	} packet = { .ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP } };
	struct sockaddr_storage to;
	socklen_t len = address(&to, arg[1], 0);
	int s = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), n = atoi(arg[4]);

	if (s < 0)
		return fail("raw socket");
	packet.ip.tot_len = htons(sizeof(packet));
	packet.ip.id = htons((uint16_t)getpid());
	inet_pton(AF_INET, arg[0], &packet.ip.saddr);
	inet_pton(AF_INET, arg[1], &packet.ip.daddr);
	packet.udp[0] = htons((uint16_t)atoi(arg[2]));
	packet.udp[1] = htons((uint16_t)atoi(arg[3]));
	packet.udp[2] = htons((uint16_t)(n * 64));
	packet.udp[3] = arg[5] ? htons((uint16_t)atoi(arg[5])) : 0; /* 0: no checksum */
	for (int i = 0; i < n; i++) {
		packet.ip.frag_off = htons((uint16_t)(i * 8 | (i + 1 < n ? 0x2000 : 0)));
		if (sendto(s, &packet, sizeof(packet), 0, (struct sockaddr *)&to, len) < 0)
			return fail("send");
		memset(packet.udp, 0, sizeof(packet.udp));
	}
	return 0;
}

/* A packet socket that is told where the headers end puts only those beside the skb (net/packet, packet_snd).
 */
static int run_paged(char **arg)
{
	struct {
		struct virtio_net_hdr vnet;
		struct ether_header ether;
		struct iphdr ip;
		uint16_t udp[4];
		char data[8192];
	} __attribute__((packed)) packet = { .vnet.hdr_len = sizeof(packet.ether),
		.ether.ether_type = htons(ETHERTYPE_IP),
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP } };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	int s, one = 1, n = atoi(arg[5]);
	const struct ether_addr *mac = ether_aton(arg[1]);
	size_t len = sizeof(packet) - sizeof(packet.data) + (size_t)n;
	uint32_t sum = 0;

	if (!mac || n < 0 || n > (int)sizeof(packet.data))
		return 2;
	s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s < 0 || setsockopt(s, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)))
		return fail("packet socket");
	to.sll_ifindex = (int)if_nametoindex(arg[0]);
	memcpy(packet.ether.ether_dhost, mac, sizeof(*mac));
	packet.ip.tot_len = htons((uint16_t)(sizeof(packet.ip) + sizeof(packet.udp) + (size_t)n));
	inet_pton(AF_INET, arg[2], &packet.ip.saddr);
	inet_pton(AF_INET, arg[3], &packet.ip.daddr);
	for (size_t i = 0; i < sizeof(packet.ip) / 2; i++) {
		uint16_t word;

		memcpy(&word, (const char *)&packet.ip + i * 2, sizeof(word));
		sum += word;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	packet.ip.check = (uint16_t) ~(sum + (sum >> 16));
	packet.udp[0] = packet.udp[1] = htons((uint16_t)atoi(arg[4]));
	packet.udp[2] = htons((uint16_t)(sizeof(packet.udp) + (size_t)n));
	return sendto(s, &packet, len, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)len ? 0
											      : fail("send");
}

static _Noreturn void run_sink(int argc, char **arg)
{
	struct pollfd p[64];
	int n = argc < 64 ? argc : 64;

	for (int i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = udp_socket(AF_INET6, atoi(arg[i])), .events = POLLIN };
	for (;;) {
		poll(p, (nfds_t)n, -1);
		for (int i = 0; i < n; i++) {
			while (p[i].revents && recv(p[i].fd, data, sizeof(data), MSG_DONTWAIT) >= 0)
				;
		}
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc - 2;
	char **arg = argv + 2;

	if (!strcmp(what, "ping") && n == 2)
		return run_ping(arg);
	if (!strcmp(what, "udp") && n == 3)
		return run_udp(arg);
	if (!strcmp(what, "alternate") && n >= 3)
		return run_alternate(n, arg);
	if (!strcmp(what, "connected") && n == 3)
		return run_connected(arg);
	if (!strcmp(what, "numbered") && n == 4)
		return run_numbered(arg[0], atoi(arg[1]), atoi(arg[2]), atoi(arg[3]), 1000, false);
	if (!strcmp(what, "burst") && n == 3)
		return run_numbered(arg[0], atoi(arg[1]), atoi(arg[2]), 1, 100, true);
	if (!strcmp(what, "messages") && n == 4)
		return run_messages(arg);
	if (!strcmp(what, "take") && n == 1)
		run_take(arg);
	if (!strcmp(what, "ext") && n == 4)
		return run_ext(arg);
	if (!strcmp(what, "sctp") && n == 4)
		return run_sctp(arg);
	if (!strcmp(what, "big") && n == 3)
		return run_big(arg);
	if (!strcmp(what, "corked") && n == 3)
		return run_corked(arg);
	if (!strcmp(what, "fragments") && (n == 5 || n == 6))
		return run_fragments(arg);
	if (!strcmp(what, "paged") && n == 6)
		return run_paged(arg);
	if (!strcmp(what, "sink") && n >= 1)
		run_sink(n, arg);
	fprintf(stderr, "usage: see tests/vm/tools/labsend.c\n");
	return 2;
}
