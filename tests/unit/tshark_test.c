/* SPDX-License-Identifier: GPL-2.0 */
/* tshark reads what pcapng_open() writes without complaint, and sees the tuples that went in. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "export/formats.h"
#include "unit/sender.h"

static struct probe probes[] = {
	{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
	{ .name = "dev_hard_start_xmit", .class = { LAYER_XMIT, CATEGORY_NETDEV, 0 } },
};
static const struct probe_table table = { .v = probes, .n = 2 };
static const struct source_info info = { .kernel = "6.12", .host = "lab" };

#define FIELDS                                                                                               \
	"-e vlan.id -e ip.src -e ip.dst -e ipv6.src -e ipv6.dst -e ip.proto -e tcp.srcport -e tcp.dstport "  \
	"-e udp.srcport -e udp.dstport -e sctp.srcport -e sctp.dstport -e icmp.type -e icmp.code "           \
	"-e icmp.ident -e icmp.seq -e icmpv6.type -e icmpv6.code -e icmpv6.echo.identifier "                 \
	"-e icmpv6.echo.sequence_number -e ip.frag_offset -e ip.flags.mf -e ipv6.fraghdr.offset "            \
	"-e _ws.malformed -e frame.len"

struct kind {
	uint8_t family, proto, flags, icmp_type;
	uint16_t frag_off, l2proto;
	uint32_t len;
	const char *seen; /* of the fields; ports of SCTP and of what is put together again stand in a cut
			     header */
};

#define PORTS (TUPLE_IP | TUPLE_PORTS)
#define ECHO (TUPLE_IP | TUPLE_ICMP | TUPLE_ICMP_ID)
#define A4 "10.0.0.1|10.1.0.1||"
#define A6 "||fd01::1|fd01::2"

static const struct kind kinds[] = {
	{ 4, 6, PORTS, 0, 0, 0x0800, 60, "|" A4 "|6|4000|80|||||||||||||0|0|||74" },
	{ 4, 6, PORTS | TUPLE_VLAN, 0, 0, 0x0800, 60, "5|" A4 "|6|4000|80|||||||||||||0|0|||78" },
	{ 4, 17, PORTS, 0, 0, 0x0800, 28, "|" A4 "|17|||4000|80|||||||||||0|0|||42" },
	{ 4, 17, PORTS, 0, 0, 0x0800, 1500, "|" A4 "|17|||4000|80|||||||||||0|0|||1514" },
	{ 4, 17, PORTS, 0, 0, 0x0800, 70000, "|" A4 "|17|||4000|80|||||||||||0|0|||70014" },
	{ 4, 17, PORTS | TUPLE_FRAGMENT, 0, 0, 0x0800, 1500, "|" A4 "|17|||4000|80|||||||||||0|1|||1514" },
	{ 4, 17, TUPLE_IP | TUPLE_FRAGMENT, 0, 1480, 0x0800, 500, "|" A4 "|17|||||||||||||||185|0|||514" },
	{ 4, 1, ECHO, 8, 0, 0x0800, 84, "|" A4 "|1|||||||8|0|4000|80|||||0|0|||98" },
	{ 4, 1, ECHO, 0, 0, 0x0800, 28, "|" A4 "|1|||||||0|0|4000|80|||||0|0|||42" },
	{ 4, 1, TUPLE_IP | TUPLE_ICMP, 3, 0, 0x0800, 84, "|" A4 "|1|||||||3|0|||||||0|0|||98" },
	{ 4, 132, PORTS, 0, 0, 0x0800, 100, "|" A4 "|132|||||||||||||||0|0|||114" },
	{ 4, 47, TUPLE_IP, 0, 0, 0x0800, 100, "|" A4 "|47|||||||||||||||0|0|||114" },
	{ 4, 6, TUPLE_IP | TUPLE_CUT, 0, 0, 0x0800, 100, "|" A4 "|6|||||||||||||||0|0|||114" },
	{ 6, 6, PORTS, 0, 0, 0x86dd, 80, "|" A6 "||4000|80|||||||||||||||||94" },
	{ 6, 17, PORTS, 0, 0, 0x86dd, 80, "|" A6 "||||4000|80|||||||||||||||94" },
	{ 6, 17, PORTS, 0, 0, 0x86dd, 70000, "|" A6 "||||4000|80|||||||||||||||70014" },
	{ 6, 17, PORTS | TUPLE_FRAGMENT, 0, 0, 0x86dd, 1500, "|" A6 "||||||||||||||||||0||1514" },
	{ 6, 17, TUPLE_IP | TUPLE_FRAGMENT, 0, 1448, 0x86dd, 500, "|" A6 "||||||||||||||||||181||514" },
	{ 6, 58, ECHO, 128, 0, 0x86dd, 48, "|" A6 "||||||||||||128|0|0x0fa0|80|||||62" },
	{ 6, 58, TUPLE_IP | TUPLE_ICMP, 135, 0, 0x86dd, 72, "|" A6 "||||||||||||135|0|||||||86" },
	{ 0, 0, 0, 0, 0, 0x0806, 28, "||||||||||||||||||||||||42" },
	{ 0, 0, TUPLE_VLAN, 0, 0, 0x88cc, 60, "5||||||||||||||||||||||||78" },
	{ 0, 0, 0, 0, 0, 0, 60, "||||||||||||||||||||||||74" },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void to_sink(void *sink, const struct event *ev, size_t size)
{
	struct sink *s = sink;

	assert_int_equal(s->ops->event(s, ev, size), 0);
}

static struct wire_tuple tuple_of(const struct kind *k)
{
	struct wire_tuple t = tuple(1, 4000);

	t.family = k->family;
	t.proto = k->proto;
	t.flags = k->flags;
	t.l2proto = k->l2proto;
	t.icmp_type = k->icmp_type;
	t.frag_off = k->frag_off;
	t.vlan = 5;
	if (k->family == 6) {
		assert_int_equal(inet_pton(AF_INET6, "fd01::1", t.saddr), 1);
		assert_int_equal(inet_pton(AF_INET6, "fd01::2", t.daddr), 1);
	}
	return t;
}

static void write_file(const char *path, bool per_hop)
{
	struct store *store = store_new(4 << 20);
	struct sink_options options = { .probes = &table, .info = &info, .store = store, .per_hop = per_hop };
	FILE *out = fopen(path, "w");
	struct sink *sink = sink_pcapng.open(out, &options);
	struct sender s = { .to = to_sink, .ctx = sink, .packet = 1 };

	sink->wall = 1700000000000000000;
	for (size_t i = 0; i < KINDS; i++, s.packet++, s.seq[0] = 0) {
		union record r = record(&s, EVENT_FUNC_FULL, 0);

		r.full.ev.len = r.full.l3_len = kinds[i].len;
		r.full.tuple = tuple_of(&kinds[i]);
		put(&s, &r);
		drop(&s, 0, 3);
	}
	assert_int_equal(sink->ops->finish(sink, NULL), 0);
	sink->ops->close(sink);
	store_free(store);
	fclose(out);
}

/* What tshark says, nothing of the user's in it: no profile, no names. */
static FILE *tshark(const char *path, const char *arguments)
{
	char command[1200];
	FILE *in;

	snprintf(command, sizeof(command), "HOME=/nonexistent tshark -n -r %s %s 2>/dev/null", path,
		arguments);
	in = popen(command, "r");
	assert_non_null(in);
	return in;
}

static void check(bool per_hop)
{
	char path[] = "/tmp/skbscope-tshark-XXXXXX", line[1024];
	int fd = mkstemp(path);
	FILE *in;

	assert_true(fd >= 0);
	close(fd);
	write_file(path, per_hop);
	in = tshark(path, "-T fields -E separator='|' " FIELDS);
	for (size_t i = 0; i < KINDS; i++) {
		assert_non_null(fgets(line, sizeof(line), in));
		line[strcspn(line, "\n")] = '\0';
		assert_string_equal(line, kinds[i].seen);
	}
	assert_null(fgets(line, sizeof(line), in));
	assert_int_equal(pclose(in), 0);
	in = tshark(path, "-q -z expert,error");
	while (fgets(line, sizeof(line), in)) {
		if (strstr(line, "Errors"))
			fail_msg("%s", line);
	}
	assert_int_equal(pclose(in), 0);
	unlink(path);
}

static int setup(void **state)
{
	if (!system("command -v tshark >/dev/null"))
		return 0;
	print_message("skipped: tshark is not there (scripts/need test)\n");
	exit(0);
}

static void test_packets(void **state)
{
	check(false);
}

static void test_hops(void **state)
{
	check(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_hops),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
