/* SPDX-License-Identifier: GPL-2.0 */
#include "filter/packets.h"

#include <stdbool.h>
#include <string.h>

enum { ARP = 0x806, IP4 = 0x800, IP6 = 0x86dd, VLAN = 0x8100, QINQ = 0x88a8, MPLS = 0x8847, PPPOE = 0x8864 };
enum {
	ICMP = 1,
	TCP = 6,
	UDP = 17,
	GRE = 47,
	ESP = 50,
	AH = 51,
	ICMP6 = 58,
	PIM = 103,
	VRRP = 112,
	SCTP = 132
};

/* --- headers --------------------------------------------------------------------- */

static void put(struct frame *f, uint64_t value, size_t bytes)
{
	while (bytes--)
		f->bytes[f->len++] = (uint8_t)(value >> 8 * bytes);
}

static void fill(struct frame *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(f, i * 37 + 11, 1);
}

static void ether(struct frame *f, uint64_t dst, unsigned int type)
{
	put(f, dst, 6);
	put(f, 0x020000000a01, 6);
	put(f, type, 2);
}

static void tag(struct frame *f, unsigned int id, unsigned int type)
{
	put(f, id, 2);
	put(f, type, 2);
}

/* options: words of them; fragment: the field with flags and offset */
static void ip4(struct frame *f, int proto, int options, unsigned int fragment, unsigned int payload)
{
	put(f, 0x40u | (5u + (unsigned int)options), 1);
	put(f, 0x10, 1);
	put(f, 20 + 4 * (unsigned int)options + payload, 2);
	put(f, 0xabcd, 2);
	put(f, fragment, 2);
	put(f, 64, 1);
	put(f, (uint64_t)proto, 1);
	put(f, 0, 2);
	put(f, 0x0a010002, 4); /* 10.1.0.2 */
	put(f, 0x0a020002, 4); /* 10.2.0.2 */
	for (int i = 0; i < options; i++)
		put(f, 0x01010101, 4);
}

static void ip6(struct frame *f, int next, unsigned int payload)
{
	put(f, 0x60000000, 4);
	put(f, payload, 2);
	put(f, (uint64_t)next, 1);
	put(f, 64, 1);
	put(f, 0xfd01000000000000, 8);
	put(f, 2, 8);
	put(f, 0xfd02000000000000, 8);
	put(f, 2, 8);
}

/* Hop-by-hop, routing or destination options: 8 bytes and 8 * more. */
static void extension(struct frame *f, int next, int more)
{
	put(f, (uint64_t)next, 1);
	put(f, (uint64_t)more, 1);
	fill(f, 6 + 8 * (size_t)more);
}

static void tcp(struct frame *f, unsigned int sport, unsigned int dport, unsigned int flags)
{
	put(f, sport, 2);
	put(f, dport, 2);
	put(f, 0x11223344, 4);
	put(f, 0x55667788, 4);
	put(f, 0x5000 | flags, 2);
	put(f, 0xffff, 2);
	put(f, 0, 4);
}

static void udp(struct frame *f, unsigned int sport, unsigned int dport, unsigned int payload)
{
	put(f, sport, 2);
	put(f, dport, 2);
	put(f, 8 + payload, 2);
	put(f, 0, 2);
}

static void sctp(struct frame *f)
{
	put(f, 36412, 2);
	put(f, 80, 2);
	put(f, 0x01020304, 4);
	put(f, 0, 4);
	put(f, 0x01000014, 4); /* INIT */
	fill(f, 16);
}

static void icmp(struct frame *f, int type, int code)
{
	put(f, (uint64_t)type, 1);
	put(f, (uint64_t)code, 1);
	put(f, 0, 2);
	put(f, 0x12340001, 4);
	fill(f, 32);
}

/* --- frames ------------------------------------------------------------------------ */

#define HOST 0x020000000a02
#define EVERYBODY 0xffffffffffff
#define GROUP 0x01005e000001

#define FRAME(...)                                                                                           \
	do {                                                                                                 \
		struct frame *f = &frames[n++];                                                              \
		memset(f, 0, sizeof(*f));                                                                    \
		__VA_ARGS__;                                                                                 \
	} while (0)
#define NAME(s) f->name = (s)

static size_t make_ip4(struct frame *frames)
{
	size_t n = 0;

	FRAME(NAME("arp"), ether(f, EVERYBODY, ARP), put(f, 0x0001080006040001, 8), put(f, 0x020000000a01, 6),
		put(f, 0x0a010002, 4), put(f, 0, 6), put(f, 0x0a010001, 4), fill(f, 18));
	FRAME(NAME("arp reply"), ether(f, HOST, ARP), put(f, 0x0001080006040002, 8),
		put(f, 0x020000000a01, 6), put(f, 0x0a010001, 4), put(f, 0x020000000a02, 6),
		put(f, 0x0a010002, 4));
	FRAME(NAME("rarp"), ether(f, EVERYBODY, 0x8035), put(f, 0x0001080006040003, 8), fill(f, 20));
	FRAME(NAME("tcp syn"), ether(f, HOST, IP4), ip4(f, TCP, 0, 0x4000, 20), tcp(f, 50122, 80, 2));
	FRAME(NAME("tcp ack"), ether(f, HOST, IP4), ip4(f, TCP, 0, 0x4000, 120), tcp(f, 443, 50122, 0x18),
		fill(f, 100));
	FRAME(NAME("tcp options"), ether(f, HOST, IP4), ip4(f, TCP, 3, 0, 30), tcp(f, 22, 50122, 0x11),
		fill(f, 10));
	FRAME(NAME("tcp all options"), ether(f, HOST, IP4), ip4(f, TCP, 10, 0, 30), tcp(f, 22, 80, 4),
		fill(f, 10));
	FRAME(NAME("udp"), ether(f, HOST, IP4), ip4(f, UDP, 0, 0, 28), udp(f, 5353, 53, 20), fill(f, 20));
	FRAME(NAME("udp broadcast"), ether(f, EVERYBODY, IP4), ip4(f, UDP, 0, 0, 308), udp(f, 68, 67, 300),
		fill(f, 300));
	FRAME(NAME("udp multicast"), ether(f, GROUP, IP4), ip4(f, UDP, 1, 0, 8), udp(f, 1985, 1985, 0));
	FRAME(NAME("ping"), ether(f, HOST, IP4), ip4(f, ICMP, 0, 0, 40), icmp(f, 8, 0));
	FRAME(NAME("pong"), ether(f, HOST, IP4), ip4(f, ICMP, 2, 0, 40), icmp(f, 0, 0));
	FRAME(NAME("unreachable"), ether(f, HOST, IP4), ip4(f, ICMP, 0, 0, 40), icmp(f, 3, 3));
	FRAME(NAME("sctp"), ether(f, HOST, IP4), ip4(f, SCTP, 0, 0, 32), sctp(f));
	FRAME(NAME("esp"), ether(f, HOST, IP4), ip4(f, ESP, 0, 0, 40), fill(f, 40));
	FRAME(NAME("ah"), ether(f, HOST, IP4), ip4(f, AH, 0, 0, 40), fill(f, 40));
	FRAME(NAME("vrrp"), ether(f, GROUP, IP4), ip4(f, VRRP, 0, 0, 20), fill(f, 20));
	FRAME(NAME("pim"), ether(f, GROUP, IP4), ip4(f, PIM, 0, 0, 20), fill(f, 20));
	FRAME(NAME("first fragment"), ether(f, HOST, IP4), ip4(f, UDP, 0, 0x2000, 208),
		udp(f, 5353, 53, 1400), fill(f, 200));
	FRAME(NAME("middle fragment"), ether(f, HOST, IP4), ip4(f, UDP, 0, 0x20b9, 100), fill(f, 100));
	FRAME(NAME("last fragment"), ether(f, HOST, IP4), ip4(f, TCP, 0, 0x0172, 60), fill(f, 60));
	FRAME(NAME("large tcp"), ether(f, HOST, IP4), ip4(f, TCP, 0, 0x4000, 700), tcp(f, 80, 50122, 0x10),
		fill(f, 680));
	return n;
}

static size_t make_ip6(struct frame *frames)
{
	size_t n = 0;

	FRAME(NAME("tcp6"), ether(f, HOST, IP6), ip6(f, TCP, 20), tcp(f, 50122, 80, 2));
	FRAME(NAME("udp6"), ether(f, HOST, IP6), ip6(f, UDP, 28), udp(f, 53, 5353, 20), fill(f, 20));
	FRAME(NAME("ping6"), ether(f, HOST, IP6), ip6(f, ICMP6, 40), icmp(f, 128, 0));
	FRAME(NAME("solicitation"), ether(f, 0x3333ff000002, IP6), ip6(f, ICMP6, 40), icmp(f, 135, 0));
	FRAME(NAME("sctp6"), ether(f, HOST, IP6), ip6(f, SCTP, 32), sctp(f));
	FRAME(NAME("hop-by-hop"), ether(f, HOST, IP6), ip6(f, 0, 28), extension(f, TCP, 0),
		tcp(f, 22, 50122, 16));
	FRAME(NAME("routing"), ether(f, HOST, IP6), ip6(f, 43, 52), extension(f, UDP, 2), udp(f, 53, 53, 20),
		fill(f, 20));
	FRAME(NAME("two extensions"), ether(f, HOST, IP6), ip6(f, 0, 56), extension(f, 60, 0),
		extension(f, ICMP6, 0), icmp(f, 129, 0));
	FRAME(NAME("fragment6"), ether(f, HOST, IP6), ip6(f, 44, 36), put(f, 0x1100000112345678, 8),
		udp(f, 5353, 53, 20), fill(f, 20));
	FRAME(NAME("last fragment6"), ether(f, HOST, IP6), ip6(f, 44, 36), put(f, 0x0600058012345678, 8),
		fill(f, 28));
	FRAME(NAME("esp6"), ether(f, HOST, IP6), ip6(f, ESP, 40), fill(f, 40));
	return n;
}

static size_t make_tunnels(struct frame *frames)
{
	size_t n = 0;

	FRAME(NAME("vlan tcp"), ether(f, HOST, VLAN), tag(f, 0x6064, IP4), ip4(f, TCP, 0, 0, 20),
		tcp(f, 80, 50122, 18));
	FRAME(NAME("vlan arp"), ether(f, EVERYBODY, VLAN), tag(f, 5, ARP), put(f, 0x0001080006040001, 8),
		fill(f, 20));
	FRAME(NAME("vlan udp6"), ether(f, HOST, VLAN), tag(f, 100, IP6), ip6(f, UDP, 28),
		udp(f, 53, 5353, 20), fill(f, 20));
	FRAME(NAME("qinq"), ether(f, HOST, QINQ), tag(f, 200, VLAN), tag(f, 100, IP4), ip4(f, ICMP, 0, 0, 40),
		icmp(f, 8, 0));
	FRAME(NAME("vlan twice"), ether(f, HOST, VLAN), tag(f, 100, VLAN), tag(f, 200, IP4),
		ip4(f, UDP, 1, 0, 28), udp(f, 5353, 53, 20), fill(f, 20));
	FRAME(NAME("mpls"), ether(f, HOST, MPLS), put(f, 0x000641ff, 4), ip4(f, TCP, 0, 0, 20),
		tcp(f, 22, 80, 16));
	FRAME(NAME("mpls twice"), ether(f, HOST, MPLS), put(f, 0x000640ff, 4), put(f, 0x004001ff, 4),
		ip4(f, UDP, 0, 0, 28), udp(f, 53, 53, 20), fill(f, 20));
	FRAME(NAME("pppoe ip"), ether(f, HOST, PPPOE), put(f, 0x110000270030, 6), put(f, 0x0021, 2),
		ip4(f, TCP, 0, 0, 20), tcp(f, 50122, 443, 2));
	FRAME(NAME("pppoe ip6"), ether(f, HOST, PPPOE), put(f, 0x110000270040, 6), put(f, 0x0057, 2),
		ip6(f, UDP, 28), udp(f, 53, 5353, 20), fill(f, 20));
	FRAME(NAME("pppoe discovery"), ether(f, EVERYBODY, 0x8863), put(f, 0x110900000008, 6), fill(f, 8));
	FRAME(NAME("gre"), ether(f, HOST, IP4), ip4(f, GRE, 0, 0, 44), put(f, 0x00000800, 4),
		ip4(f, TCP, 0, 0, 20), tcp(f, 50122, 80, 2));
	FRAME(NAME("ipip"), ether(f, HOST, IP4), ip4(f, 4, 0, 0, 48), ip4(f, UDP, 0, 0, 28),
		udp(f, 53, 53, 20), fill(f, 20));
	FRAME(NAME("6in4"), ether(f, HOST, IP4), ip4(f, 41, 0, 0, 60), ip6(f, TCP, 20), tcp(f, 50122, 80, 2));
	FRAME(NAME("vxlan"), ether(f, HOST, IP4), ip4(f, UDP, 0, 0, 106), udp(f, 40000, 4789, 98),
		put(f, 0x0800000000002a00, 8), ether(f, HOST, IP4), ip4(f, ICMP, 0, 0, 40), icmp(f, 8, 0),
		fill(f, 16));
	FRAME(NAME("geneve"), ether(f, HOST, IP4), ip4(f, UDP, 0, 0, 66), udp(f, 40000, 6081, 58),
		put(f, 0x0100655800002a00, 8), put(f, 0x01020304, 4), ether(f, HOST, IP4),
		ip4(f, TCP, 0, 0, 20), tcp(f, 50122, 80, 2));
	return n;
}

static size_t make_odd(struct frame *frames)
{
	size_t n = 0;

	FRAME(NAME("802.3 with LLC"), put(f, 0x0180c2000000, 6), put(f, 0x020000000a01, 6), put(f, 38, 2),
		put(f, 0x424203, 3), fill(f, 43));
	FRAME(NAME("SNAP"), put(f, EVERYBODY, 6), put(f, 0x020000000a01, 6), put(f, 36, 2),
		put(f, 0xaaaa03, 3), put(f, 0x0000000800, 5), ip4(f, UDP, 0, 0, 8), udp(f, 53, 53, 0));
	FRAME(NAME("IPX"), put(f, EVERYBODY, 6), put(f, 0x020000000a01, 6), put(f, 30, 2), put(f, 0xffff, 2),
		fill(f, 28));
	FRAME(NAME("unknown type"), ether(f, HOST, 0x9999), fill(f, 46));
	FRAME(NAME("only addresses"), put(f, HOST, 6), put(f, HOST, 6));
	FRAME(NAME("one byte"), put(f, 2, 1));
	FRAME(NAME("nothing"), f->len = 0);
	FRAME(NAME("ip without payload"), ether(f, HOST, IP4), ip4(f, TCP, 0, 0, 0));
	FRAME(NAME("half a tcp header"), ether(f, HOST, IP4), ip4(f, TCP, 0, 0, 3), put(f, 0x005000, 3));
	FRAME(NAME("zeros"), f->len = 60);
	FRAME(NAME("header length 0"), ether(f, HOST, IP4), put(f, 0x40, 1), fill(f, 50));
	return n;
}

size_t packets_make(struct frame *frames)
{
	size_t n = make_ip4(frames);

	n += make_ip6(frames + n);
	n += make_tunnels(frames + n);
	n += make_odd(frames + n);
	return n;
}
