/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Expressions → classic code. libpcap asks this file for addresses, so that it
 * is seen whether filter_needs_names() told so before.
 */
#include "trace/filter/compile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "model/packet_filter.h"

static char err[512];

/* --- in place of the resolver ------------------------------------------------------- */

static int asked;

/* Literals and ports are no questions; nothing else has an address here. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	static struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	static struct addrinfo literal = {
		.ai_family = AF_INET6, .ai_addrlen = sizeof(address), .ai_addr = (struct sockaddr *)&address
	};

	if (node && inet_pton(AF_INET6, node, &address.sin6_addr) == 1) {
		*out = &literal;
		return 0;
	}
	asked += node && !(hints && hints->ai_flags & AI_NUMERICHOST);
	return EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
}

struct netent *getnetbyname(const char *name)
{
	asked++;
	return NULL;
}

int ether_hostton(const char *name, struct ether_addr *out)
{
	asked++;
	return -1;
}

/* --- names --------------------------------------------------------------------------- */

static const char *const without_names[] = { "", "  ", "tcp", "tcp or udp", "host 10.0.0.1",
	"src host 10.1 and dst 10.2", "net 10.0.0.0/8", "net 10", "net 10.0.0.0 mask 255.0.0.0", "host ::1",
	"host fd01::2", "net fd00::/8", "src fe80::1:2 or dst ::ffff:10.0.0.1",
	"ether host 02:00:00:00:0a:01", "ether src 02-00-00-00-0a-01", "ether dst 0200.0000.0a01",
	"ether host 020000000a01", "port 80", "port http", "tcp port http or https", "src port ftp-data",
	"portrange 1-1023", "portrange ftp-ssh", "proto gre", "ip proto \\tcp", "ip6 proto \\udp",
	"ether proto \\arp", "proto 47", "vlan 100 and port domain", "icmp[icmptype] = icmp-echo",
	"icmp6[icmp6type] == icmp6-neighborsolicit", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
	"ip[6:2]&0x1fff=0", "tcp[13] = 2", "len > 100 && greater 50", "not port ssh and not port domain",
	"(port http or ssh) and tcp", "port (http or https)", "mpls 100 and pppoes 5",
	"ether broadcast or ip multicast", "host 0x0a.1", "ether[0:4] - 5 = ip[1]", "ip protochain tcp",
	"on eth0", "type mgt subtype beacon", "10.0.0.1", "geneve 7", "llc snap", "tcp-",
	"stp or ipx or netbeui", "es-is or is-is", "host 02:00" };

static const char *const with_names[] = { "host web", "src web", "dst host www.example.org", "net home",
	"gateway router", "ether host box", "ether src box", "arp host box", "tcp and web", "src or dst web",
	"host 10.0.0.1 or web", "host 1.2.3.4.5", "host 10.0.0.1x", "host (10.0.0.1 or web)",
	"port 80 and host web", "host web and port 80", "not host web", "!host web", "tcp&&host web",
	"host HOST", "host \\tcp", "host a and (port 80) or b", "port http and src web", "ip6 host web",
	"src net home", "host abcdef", "host ab-cd", "vlan and host web", "(((host web)))",
	"ip host web or (port 80 or 443)" };

static void needs_names(void **state)
{
	size_t no = sizeof(without_names) / sizeof(without_names[0]),
	       yes = sizeof(with_names) / sizeof(with_names[0]);

	asked = 0;
	for (size_t i = 0; i < no; i++) {
		if (filter_needs_names(without_names[i]))
			fail_msg("\"%s\": names are not needed", without_names[i]);
	}
	for (size_t i = 0; i < yes; i++) {
		if (!filter_needs_names(with_names[i]))
			fail_msg("\"%s\": names are needed", with_names[i]);
	}
	assert_int_equal(asked, 0);
	print_message("%zu expressions\n", no + yes);
}

static void asks_only_when_told(void **state)
{
	size_t no = sizeof(without_names) / sizeof(without_names[0]),
	       yes = sizeof(with_names) / sizeof(with_names[0]);
	int asking = 0;

	for (size_t i = 0; i < no + yes; i++) {
		const char *expr = i < no ? without_names[i] : with_names[i - no];
		struct filter_code code = { 0 };

		asked = 0;
		filter_compile(expr, &code, err, sizeof(err));
		filter_code_free(&code);
		if (asked && i < no)
			fail_msg("\"%s\": libpcap asked for an address", expr);
		asking += asked > 0;
	}
	/* with_names has some of which libpcap dislikes the rest first */
	assert_true(asking > (int)yes * 2 / 3);
	print_message("libpcap asked in %d of %zu\n", asking, yes);
}

/* --- what comes out --------------------------------------------------------------------- */

static struct filter_code compiled(const char *expr)
{
	struct filter_code code = { 0 };

	if (filter_compile(expr, &code, err, sizeof(err)))
		fail_msg("\"%s\": %s", expr, err);
	assert_true(code.n > 0);
	return code;
}

static void check_flags(const char *expr, bool vlan, bool mac)
{
	struct filter_code code = compiled(expr);

	if (code.vlan != vlan || code.mac != mac)
		fail_msg("\"%s\": vlan %d, mac %d", expr, code.vlan, code.mac);
	filter_code_free(&code);
}

static void flags(void **state)
{
	check_flags("tcp", false, false);
	check_flags("vlan", true, false);
	check_flags("tcp or (vlan 100 and udp)", true, false);
	check_flags("ether host 02:00:00:00:0a:01", false, true);
	check_flags("ether broadcast", false, true);
	check_flags("ether[11] = 1", false, true);
	check_flags("ether[12:2] = 0x800", false, false);
	check_flags("ether[10:4] = 0x800", false, true);
	check_flags("vlan and ether src 02:00:00:00:0a:01", true, true);
	check_flags("ether[ip[0]] = 5", false, true);
	check_flags("tcp[tcp[12]] = 5 and host fd01::2 or len > 5", false, false);
}

static const char *const steady[] = { "tcp", "icmp", "icmp6", "arp", "udp port 9", "port 80", "host 10.0.0.1",
	"host fd01::2", "net 10.0.0.0/8", "src net fd00::/8 and tcp dst port 80 or 443", "not port 22", "ip6",
	"ip proto 47", "tcp[13] = 2", "icmp[0] = 8", "ip[6:2] & 0x1fff = 0", "ip[9] = 6",
	"tcp[tcpflags] & tcp-syn != 0 and host 10.0.0.1", "ip6[6] = 44", "ip6[8:4] = 0xfd010000",
	"ether proto 0x88cc", "udp portrange 1-1023", "" };

static const char *const not_steady[] = { "ip[8] < 5", "ip[8:4] = 1", "ip[1] = 16", "ip[10:2] = 0",
	"ip[2:2] > 500", "ip6[7] = 64", "ip6[0:4] & 0x0ff00000 != 0", "ip6[4:2] > 100", "len > 100",
	"less 200", "vlan 5", "vlan and tcp", "ether host 02:00:00:00:0a:01", "ether broadcast",
	"tcp[tcp[12]] = 5", "tcp and ip[8] = 1", "host fd01::2 or ip[8] = 1", "ether[14:2] = 1" };

/* Fills a packet of one kind with numbers that a seed tells. */
static void make_frame(unsigned char *frame, size_t size, int kind, unsigned int seed)
{
	static const unsigned char types[][2] = { { 8, 0 }, { 0x86, 0xdd }, { 8, 6 }, { 0x88, 0xcc } };

	for (size_t i = 0; i < size; i++)
		frame[i] = (seed = seed * 1103515245 + 12345) >> 16;
	memcpy(frame + 12, types[kind], 2);
	frame[14] = kind == 1 ? 0x60 : 0x45;
	frame[20] = kind == 1 ? (seed & 1 ? 6 : 17) : 0;
	frame[21] = kind ? frame[21] : 0;
	if (!kind)
		frame[23] = seed & 1 ? 6 : seed & 2 ? 17 : 1;
	/* what the expressions ask for is there now and then */
	if (seed & 4)
		memcpy(frame + (kind == 1 ? 22 : 26),
			kind == 1 ? "\xfd\1\0\0\0\0\0\0\0\0\0\0\0\0\0\2" : "\xa\0\0\1", kind == 1 ? 16 : 4);
	if (seed & 8)
		memcpy(frame + (kind == 1 ? 56 : 36), seed & 16 ? "\0P" : "\0\t", 2);
	if (!kind && frame[23] == 6)
		frame[47] = seed & 32 ? 2 : 16;
}

/* What routers and the stack write. */
static void travel(unsigned char *frame, int kind, unsigned int seed)
{
	memset(frame, seed, 12);
	if (kind == 0) {
		frame[15] = frame[16] = frame[17] = frame[22] = seed;
		frame[24] = frame[25] = ~seed;
	} else if (kind == 1) {
		frame[14] = 0x60 | (seed & 15);
		frame[15] = frame[16] = frame[17] = frame[18] = frame[19] = frame[21] = seed;
	}
}

static unsigned int answer(const struct filter_code *code, const unsigned char *frame, size_t size)
{
	return bpf_filter((const struct bpf_insn *)code->v, frame, size, size);
}

static void keeps_its_answer(void **state)
{
	unsigned int compared = 0, fits = 0;

	for (size_t i = 0; i < sizeof(not_steady) / sizeof(not_steady[0]); i++) {
		struct filter_code code = compiled(not_steady[i]);

		if (code.steady)
			fail_msg("\"%s\" is said to be steady", not_steady[i]);
		filter_code_free(&code);
	}
	for (size_t i = 0; i < sizeof(steady) / sizeof(steady[0]); i++) {
		struct filter_code code = compiled(steady[i]);

		if (!code.steady)
			fail_msg("\"%s\" is not said to be steady", steady[i]);
		for (unsigned int seed = 0; seed < 4000; seed++, compared++) {
			unsigned char frame[96];
			unsigned int before;

			make_frame(frame, sizeof(frame), seed & 3, seed * 2654435761u);
			before = answer(&code, frame, sizeof(frame));
			travel(frame, seed & 3, seed >> 2);
			if (before != answer(&code, frame, sizeof(frame)))
				fail_msg("\"%s\": another answer after a hop (packet %u)", steady[i], seed);
			fits += before > 0;
		}
		filter_code_free(&code);
	}
	assert_true(fits > compared / 100);
	print_message("%u packets, %u fit\n", compared, fits);
}

static void everything_matches(void **state)
{
	static const char *const texts[] = { "", "   " };

	for (size_t i = 0; i < 2; i++) {
		struct filter_code code = compiled(texts[i]);

		assert_int_equal(code.n, 1);
		assert_int_equal(code.v[0].code, 6); /* ret #k */
		assert_int_not_equal(code.v[0].k, 0);
		filter_code_free(&code);
	}
}

static void refused(const char *expr, const char *what)
{
	struct filter_code code = { .n = 77 };
	struct timespec from, to;

	err[0] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(filter_compile(expr, &code, err, sizeof(err)), -EINVAL);
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (!strstr(err, what) || strchr(err, '\n') || strchr(err, '\x1b'))
		fail_msg("%.60s: \"%s\" does not tell \"%s\"", expr, err, what);
	assert_int_equal(code.n, 77);
	assert_true(to.tv_sec - from.tv_sec < 5);
}

static void messages(void **state)
{
	refused("tcp and", "syntax error");
	refused("foo bar", "syntax error");
	refused("host \x1b[2J", "syntax error");
	refused("port nosuchport", "nosuchport");
	refused("host web", "web");
	refused("ip and ip6", "rejects all packets");
	refused("net 10.0.0.1/8", "non-network bits");
	refused("host 10.0.0.256", "10.0.0.256");
}

static char *repeat(char *buf, size_t size, const char *head, const char *part, int times, const char *tail)
{
	size_t len = (size_t)snprintf(buf, size, "%s", head);

	while (times--)
		len += (size_t)snprintf(buf + len, size - len, "%s", part);
	snprintf(buf + len, size - len, "%s", tail);
	return buf;
}

static void too_much(void **state)
{
	struct filter_code code;
	char buf[16384], copy[sizeof(buf)];

	refused(repeat(buf, sizeof(buf), "", "(", 1000, "tcp"), "inside each other");
	refused(repeat(buf, sizeof(buf), "", "(", 65, "tcp"), "more than 64");
	refused(repeat(buf, sizeof(buf), "", "ip[", 300, "0"), "inside each other");
	refused(repeat(buf, sizeof(buf), "", "not ", 250, "tcp"), "\"not\" in a row");
	refused(repeat(buf, sizeof(buf), "", "!", 1000, "tcp"), "\"not\" in a row");
	refused(repeat(buf, sizeof(buf), "", "not ", 1000, "tcp"), "4003 bytes, at most 1023");
	refused(repeat(buf, sizeof(buf), "tcp", " ", FILTER_EXPR_MAX - 3, ""), "1024 bytes, at most 1023");
	refused(repeat(buf, sizeof(buf), "len > ", "-", 1000, ""), "syntax error");
	refused(repeat(buf, sizeof(buf), "tcp", " or tcp", 144, " or"), "syntax error");
	/* the longest that are taken: they end, and soon */
	repeat(buf, sizeof(buf), "", "not (", 64, "tcp");
	code = compiled(repeat(buf, sizeof(buf), strcpy(copy, buf), ")", 64, ""));
	filter_code_free(&code);
	code = compiled(repeat(buf, sizeof(buf), "tcp", " or tcp[5]=1", 80, ""));
	filter_code_free(&code);
	code = compiled(repeat(buf, sizeof(buf), "port 1", " or port 53", 90, ""));
	filter_code_free(&code);
	code = compiled(repeat(buf, sizeof(buf), "host 1.1.1.1", " or src fd01::2", 65, ""));
	filter_code_free(&code);
	code = compiled(repeat(buf, sizeof(buf), "len = 5", "+len", 250, ""));
	filter_code_free(&code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_names),
		cmocka_unit_test(asks_only_when_told),
		cmocka_unit_test(flags),
		cmocka_unit_test(keeps_its_answer),
		cmocka_unit_test(everything_matches),
		cmocka_unit_test(messages),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
