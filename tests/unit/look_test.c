/* SPDX-License-Identifier: GPL-2.0 */
/* What is said of headers that changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "tui/journey/words.h"

static struct wire_tuple tuple(
	uint8_t proto, const char *src, uint16_t sport, const char *dst, uint16_t dport)
{
	struct wire_tuple t = { .proto = proto, .flags = TUPLE_IP };

	t.family = strchr(src, ':') ? 6 : 4;
	t.l2proto = t.family == 6 ? 0x86dd : 0x0800;
	if (sport || dport)
		t.flags |= TUPLE_PORTS;
	t.sport = sport;
	t.dport = dport;
	assert_int_equal(inet_pton(t.family == 6 ? AF_INET6 : AF_INET, src, t.saddr), 1);
	assert_int_equal(inet_pton(t.family == 6 ? AF_INET6 : AF_INET, dst, t.daddr), 1);
	return t;
}

static void check(const struct wire_tuple *before, const struct wire_tuple *now, int more, const char *want)
{
	char text[200];

	words_change(before, now, more, text, sizeof(text));
	assert_string_equal(text, want);
}

static void nat_by_what_was_rewritten(void **state)
{
	struct wire_tuple a = tuple(6, "10.1.0.2", 4000, "10.2.0.2", 80);
	struct wire_tuple snat = tuple(6, "192.0.2.1", 61001, "10.2.0.2", 80);
	struct wire_tuple port = tuple(6, "10.1.0.2", 4000, "10.2.0.2", 8080);
	struct wire_tuple both = tuple(6, "192.0.2.1", 4000, "10.3.0.3", 80);
	struct wire_tuple back = tuple(6, "10.2.0.2", 80, "10.1.0.2", 4000);

	check(&a, &snat, 0, "10.1.0.2:4000 → 192.0.2.1:61001  SNAT");
	check(&a, &port, 0, "10.2.0.2:80 → 10.2.0.2:8080  DNAT");
	check(&a, &both, 0, "tcp 192.0.2.1:4000 → 10.3.0.3:80  NAT");
	check(&a, &back, 0, "tcp 10.2.0.2:80 → 10.1.0.2:4000  turned round");
}

static void tunnels_by_their_outer_header(void **state)
{
	struct wire_tuple in = tuple(6, "10.9.0.1", 5000, "10.9.0.2", 80);
	struct wire_tuple udp = tuple(17, "10.9.0.1", 5000, "10.9.0.2", 53);
	struct wire_tuple vxlan = tuple(17, "10.1.0.2", 45555, "192.0.2.9", 4789);
	struct wire_tuple gre = tuple(47, "10.1.0.2", 0, "192.0.2.9", 0);
	struct wire_tuple six = tuple(6, "fd01::1", 5000, "fd01::2", 80);

	check(&in, &vxlan, 50, "udp 10.1.0.2:45555 → 192.0.2.9:4789  VXLAN encapsulated +50");
	check(&vxlan, &in, -50, "tcp 10.9.0.1:5000 → 10.9.0.2:80  VXLAN decapsulated -50");
	check(&udp, &vxlan, 50, "udp 10.1.0.2:45555 → 192.0.2.9:4789  VXLAN encapsulated +50");
	check(&vxlan, &udp, -50, "udp 10.9.0.1:5000 → 10.9.0.2:53  VXLAN decapsulated -50");
	check(&in, &gre, 24, "gre 10.1.0.2 → 192.0.2.9  GRE encapsulated +24");
	check(&in, &six, 20, "tcp [fd01::1]:5000 → [fd01::2]:80  encapsulated +20");
	check(&in, &six, 0, "tcp [fd01::1]:5000 → [fd01::2]:80  translated");
}

static void what_is_neither(void **state)
{
	struct wire_tuple a = tuple(17, "10.1.0.2", 4000, "10.2.0.2", 53), tagged = a, piece = a;
	struct wire_tuple arp = { .l2proto = 0x0806 };

	tagged.flags |= TUPLE_VLAN;
	tagged.vlan = 5;
	piece.flags |= TUPLE_FRAGMENT;
	piece.frag_off = 1480;
	check(&a, &tagged, 4, "VLAN 5");
	check(&tagged, &a, -4, "VLAN 5 taken off");
	check(&a, &piece, 0, "fragment at byte 1480");
	check(&piece, &a, 0, "fragments joined");
	check(&arp, &a, 0, "udp 10.1.0.2:4000 → 10.2.0.2:53");
	check(&a, &arp, 0, "arp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nat_by_what_was_rewritten),
		cmocka_unit_test(tunnels_by_their_outer_header),
		cmocka_unit_test(what_is_neither),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
