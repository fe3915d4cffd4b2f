/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "export/formats.h"
#include "unit/pcapng_blocks.h"
#include "unit/sender.h"

static struct probe probes[] = {
	{ .name = "ip_rcv", .class = { LAYER_IPV4, CATEGORY_IP, 0 } },
	{ .name = "napi_gro_receive", .class = { LAYER_GRO, CATEGORY_GRO, 0 } },
	{ .name = "dev_hard_start_xmit", .class = { LAYER_XMIT, CATEGORY_NETDEV, 0 } },
};
static const struct probe_table table = { .v = probes, .n = 3 };
static const char *const reasons[] = { "NOT_DROPPED_YET", NULL, "NOT_SPECIFIED", "NETFILTER_DROP" };
static const struct source_info info = {
	.kernel = "6.12\x1b", .host = "lab", .reasons = reasons, .nreasons = 4
};

#define WALL 1700000000000000000

struct out {
	struct store *store;
	struct sink *sink;
	FILE *file;
	char *text, note[200];
	size_t len;
	struct sender s;
};

static void to_sink(void *ctx, const struct event *ev, size_t size)
{
	struct out *o = ctx;

	if (size >= sizeof(*ev))
		store_add(o->store, ev, size);
	assert_int_equal(o->sink->ops->event(o->sink, ev, size), 0);
}

static void out_open(struct out *o, FILE *file, bool per_hop)
{
	struct sink_options options = { .probes = &table,
		.info = &info,
		.per_hop = per_hop,
		.note = o->note,
		.note_size = sizeof(o->note) };

	assert_non_null(file);
	o->file = file;
	options.store = o->store = store_new(4 << 20);
	o->sink = sink_pcapng.open(file, &options);
	assert_non_null(o->sink);
	o->sink->wall = WALL;
	o->s = (struct sender){ .to = to_sink, .ctx = o, .packet = 1 };
}

static void out_close(struct out *o)
{
	o->sink->ops->close(o->sink);
	store_free(o->store);
	fclose(o->file);
	free(o->text);
}

static int setup(void **state, bool per_hop)
{
	struct out *o = calloc(1, sizeof(*o));

	out_open(o, open_memstream(&o->text, &o->len), per_hop);
	*state = o;
	return 0;
}

static int setup_packets(void **state)
{
	return setup(state, false);
}

static int setup_hops(void **state)
{
	return setup(state, true);
}

static int teardown(void **state)
{
	struct out *o = *state;

	out_close(o);
	free(o);
	return 0;
}

/* Number no of the blocks of that type, its form checked; fails when there is none. */
static struct pcapng_block block(struct out *o, uint32_t type, int no)
{
	struct pcapng_block b;

	assert_true(pcapng_find((uint8_t *)o->text, o->len, type, no, &b));
	return b;
}

static void finish(struct out *o)
{
	assert_int_equal(o->sink->ops->finish(o->sink, NULL), 0);
}

/* Of that type; the form of the whole file is checked. */
static int count(struct out *o, uint32_t type)
{
	struct pcapng_block b;
	size_t at = 0;
	int n = 0;

	while (pcapng_next((uint8_t *)o->text, o->len, &at, &b))
		n += b.type == type;
	assert_int_equal(at, o->len);
	return n;
}

static const char *option(const struct pcapng_block *b, uint16_t code)
{
	static char text[1 << 16];
	size_t len;
	const uint8_t *at = pcapng_option(b, code, &len);

	if (!at)
		return "(none)";
	memcpy(text, at, len);
	text[len] = '\0';
	return text;
}

static void names(struct out *o)
{
	struct event_dev dev = { .ev = { .type = EVENT_DEV, .netns = 7, .ifindex = 2 }, .name = "v\x1b" };
	struct event_netns netns = { .ev = { .type = EVENT_NETNS, .netns = 7 }, .name = "web" };

	to_sink(o, &dev.ev, sizeof(dev));
	to_sink(o, &netns.ev, sizeof(netns));
}

static void hop(struct out *o, uint16_t func, uint32_t copy, const struct wire_tuple *t)
{
	union record r = record(&o->s, t ? EVENT_FUNC_FULL : EVENT_FUNC, copy);

	r.ev.func = func;
	r.ev.netns = 7;
	r.ev.ifindex = 2;
	if (t) {
		r.full.tuple = *t;
		r.full.l3_len = 86;
	}
	put(&o->s, &r);
}

static void test_packet(void **state)
{
	struct out *o = *state;
	struct wire_tuple t = tuple(2, 4000), nat = tuple(9, 4000);
	struct pcapng_block b;
	size_t len;

	names(o);
	hop(o, 1, 0, &t);
	hop(o, 0, 0, &nat);
	hop(o, 2, 1, &nat);
	at_rule(&o->s, 0, 4, 5, NF_DECIDED_DROP);
	drop(&o->s, 0, 3);
	end(&o->s, 1, 0);
	finish(o);

	b = block(o, PCAPNG_SECTION, 0);
	assert_string_equal(option(&b, 1), "host lab");
	assert_string_equal(option(&b, 3), "Linux 6.12?");
	assert_string_equal(option(&b, 4), "skbscope " VERSION);
	b = block(o, PCAPNG_INTERFACE, 0);
	assert_string_equal(option(&b, 2), "web/v?");
	assert_string_equal(option(&b, 9), "\x09");
	assert_int_equal(pcapng_u32(&b, 0), 1); /* Ethernet */
	b = block(o, PCAPNG_PACKET, 0);
	assert_int_equal(pcapng_u32(&b, 0), 0);
	assert_int_equal((uint64_t)pcapng_u32(&b, 4) << 32 | pcapng_u32(&b, 8), WALL + 10);
	assert_int_equal(pcapng_u32(&b, 12), 38); /* to the ports */
	assert_int_equal(pcapng_u32(&b, 16), 100);
	assert_string_equal(option(&b, 1),
		"tcp 10.0.0.2:4000 > 10.1.0.1:80  transmitted (a copy was dropped: NETFILTER_DROP)\n"
		"+0.000000000 web/v? GRO napi_gro_receive\n"
		"now tcp 10.0.0.9:4000 > 10.1.0.1:80\n"
		"+0.000000010 web/v? IPv4 ip_rcv\n"
		"+0.000000020 web/v? [1] Xmit dev_hard_start_xmit\n"
		"+0.000000030 77/- rule drop  inet ? ? #5\n"
		"+0.000000040 -/- DROPPED NETFILTER_DROP at 0xabc3 by inet ? ? #5\n"
		"+0.000000050 -/- end dropped\n"
		"+0.000000060 -/- [1] end transmitted");
	assert_memory_equal(option(&b, 2), "\1\0\0\0", 4); /* in */
	assert_memory_equal(option(&b, 5), "\1\0\0\0\0\0\0\0", 8);
	assert_memory_equal(pcapng_option(&b, 2988, &len), "\xd9\x7e\0\0", 4); /* 32473 */
	assert_string_equal(
		option(&b, 2988) + 4, "skbscope packet=1 copies=2 fate=transmitted reason=NETFILTER_DROP");
	assert_int_equal(count(o, PCAPNG_PACKET), 1);
	assert_int_equal(count(o, PCAPNG_INTERFACE), 1);
}

static void test_hops(void **state)
{
	struct out *o = *state;
	struct wire_tuple t = tuple(2, 4000);
	struct pcapng_block b;

	names(o);
	hop(o, 0, 0, &t);
	at_rule(&o->s, 0, 4, 5, NF_DECIDED_ACCEPT);
	hop(o, 2, 0, NULL);
	end(&o->s, 0, 0);
	finish(o);
	assert_int_equal(count(o, PCAPNG_PACKET), 2);
	b = block(o, PCAPNG_PACKET, 0);
	assert_string_equal(option(&b, 1), "+0.000000000 web/v? IPv4 ip_rcv\n"
					   "+0.000000010 77/- rule accept  inet ? ? #5\n"
					   "tcp 10.0.0.2:4000 > 10.1.0.1:80");
	assert_string_equal(option(&b, 2988) + 4, "skbscope packet=1 copy=0 func=ip_rcv");
	b = block(o, PCAPNG_PACKET, 1);
	assert_int_equal(pcapng_u32(&b, 8) - (uint32_t)WALL, 30);
	assert_memory_equal(option(&b, 2), "\2\0\0\0", 4); /* out */
	assert_string_equal(option(&b, 1), "+0.000000020 web/v? Xmit dev_hard_start_xmit\n"
					   "+0.000000030 -/- end transmitted\n"
					   "tcp 10.0.0.2:4000 > 10.1.0.1:80");
}

/* What comes when the block of its hop is written has one of its own. */
static void test_late(void **state)
{
	struct out *o = *state;
	struct wire_tuple t = tuple(2, 4000);
	struct pcapng_block b;

	hop(o, 0, 0, &t);
	for (o->s.packet = 2; o->s.packet < 1030; o->s.packet++)
		hop(o, 0, 0, &t);
	o->s.packet = 1;
	end(&o->s, 0, 0);
	finish(o);
	assert_int_equal(count(o, PCAPNG_PACKET), 1030);
	b = block(o, PCAPNG_PACKET, 1029);
	assert_string_equal(option(&b, 1), "+0.000010290 -/- end consumed\ntcp 10.0.0.2:4000 > 10.1.0.1:80");
}

static void bytes(struct out *o, uint16_t l3, uint16_t proto, const char *hex, uint16_t len)
{
	struct event_bytes *e = calloc(1, sizeof(*e) + 256);

	e->ev = record(&o->s, EVENT_BYTES, 0).ev;
	e->len = len;
	e->l3 = l3;
	e->proto = proto;
	for (size_t i = 0; hex[2 * i]; i++)
		sscanf(hex + 2 * i, "%2hhx", &e->data[i]);
	to_sink(o, &e->ev, sizeof(*e) + strlen(hex) / 2);
	free(e);
}

static const char *data(const struct pcapng_block *b)
{
	static char hex[512];
	uint32_t len = pcapng_u32(b, 12);

	hex[0] = '\0';
	for (uint32_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", b->body[20 + i]);
	return hex;
}

static void test_bytes(void **state)
{
	struct out *o = *state;
	struct wire_tuple t = tuple(2, 4000);
	struct pcapng_block b;

	/* with a link layer header; the tag stands beside it */
	t.flags |= TUPLE_VLAN;
	t.vlan = 5;
	hop(o, 0, 0, &t);
	bytes(o, 14, 0x0800, "0102030405060708090a0b0c0800450000", 17);
	o->s.packet++;
	/* without */
	t.flags &= (uint8_t)~TUPLE_VLAN;
	hop(o, 0, 0, &t);
	bytes(o, 0, 0x0800, "450001", 3);
	bytes(o, 0, 0x0800, "450002", 3); /* of later */
	o->s.packet++;
	/* of another link layer */
	hop(o, 0, 0, &t);
	bytes(o, 16, 0x0800, "ffffffffffffffffffffffffffffeeee450001", 19);
	o->s.packet++;
	/* lengths that cannot be: none */
	hop(o, 0, 0, &t);
	bytes(o, 0, 0x0800, "450001", 4);
	bytes(o, 3, 0x0800, "450001", 3);
	bytes(o, 0, 0x0800, "", 0);
	finish(o);
	b = block(o, PCAPNG_PACKET, 0);
	assert_string_equal(data(&b), "0102030405060708090a0b0c810000050800450000");
	assert_int_equal(pcapng_u32(&b, 16), 18 + 86);
	b = block(o, PCAPNG_PACKET, 1);
	assert_string_equal(data(&b), "0000000000000000000000000800450001");
	assert_int_equal(pcapng_u32(&b, 16), 14 + 86);
	b = block(o, PCAPNG_PACKET, 2);
	assert_string_equal(data(&b), "0000000000000000000000000800450001");
	b = block(o, PCAPNG_PACKET, 3);
	assert_int_equal(pcapng_u32(&b, 12), 38);
}

/* Bytes belong to the hop before and to those behind, until the headers are others. */
static void test_bytes_of_hops(void **state)
{
	struct out *o = *state;
	struct wire_tuple t = tuple(2, 4000), nat = tuple(9, 4000);
	static const uint32_t lens[] = { 17, 17, 38, 38 };
	struct pcapng_block b;

	hop(o, 0, 0, &t);
	bytes(o, 0, 0x0800, "450001", 3);
	hop(o, 0, 0, NULL);
	hop(o, 0, 0, &nat);
	hop(o, 0, 0, NULL);
	finish(o);
	for (int i = 0; i < 4; i++) {
		b = block(o, PCAPNG_PACKET, i);
		assert_int_equal(pcapng_u32(&b, 12), lens[i]);
	}
}

static void test_long_story(void **state)
{
	struct out *o = *state;
	struct wire_tuple t = tuple(2, 4000);
	struct pcapng_block b;
	const char *comment;

	hop(o, 0, 0, &t);
	for (int i = 0; i < 5000; i++)
		hop(o, 0, 0, NULL);
	end(&o->s, 0, 0);
	finish(o);
	b = block(o, PCAPNG_PACKET, 0);
	comment = option(&b, 1);
	assert_in_range(strlen(comment), 50000, 65535);
	assert_non_null(strstr(comment, "\n... cut: "));
	assert_non_null(strstr(comment, "more lines found no room"));
	assert_non_null(strstr(comment, "  consumed\n"));
}

/* More than may wait: the oldest are written, and those that come again have another block. */
static void test_many(void **state)
{
	struct out *o = *state;
	struct wire_tuple t = tuple(2, 4000);
	struct pcapng_block b;

	for (; o->s.packet <= 32768 + 10; o->s.packet++)
		hop(o, 0, 0, &t);
	o->s.packet = 3;
	end(&o->s, 0, 0);
	finish(o);
	assert_int_equal(count(o, PCAPNG_PACKET), 32768 + 11);
	b = block(o, PCAPNG_PACKET, 32768 + 10);
	assert_string_equal(option(&b, 2988) + 4, "skbscope packet=3 copies=1 fate=consumed continued=1");
	b = block(o, PCAPNG_PACKET, 2);
	assert_string_equal(option(&b, 2988) + 4, "skbscope packet=3 copies=1 fate=live");
}

/* Any records at all: the file keeps its form, and comments show no control characters. */
static void test_anything(void **state)
{
	struct out *o = *state;
	union {
		struct event ev;
		uint8_t b[1024];
	} r;
	struct pcapng_block b;
	uint32_t seed = 3;

	for (int i = 0; i < 20000; i++) {
		for (size_t n = 0; n < sizeof(r); n++) {
			seed = seed * 1664525 + 1013904223;
			r.b[n] = (uint8_t)(seed >> 24);
		}
		r.ev.type = (uint8_t)(seed >> 8) % 20;
		r.ev.packet = (seed >> 16) % 50;
		r.ev.copy %= 3;
		r.ev.netns %= 4;
		r.ev.ifindex %= 40;
		to_sink(o, &r.ev, seed >> 4 & 1 ? sizeof(r) : (seed >> 9) % sizeof(r));
	}
	finish(o);
	assert_true(count(o, PCAPNG_PACKET) > 40);
	for (int i = 0; pcapng_find((uint8_t *)o->text, o->len, PCAPNG_PACKET, i, &b) && i < 500; i++) {
		for (const char *c = option(&b, 1); *c; c++)
			assert_true((unsigned char)*c >= ' ' || *c == '\n');
		assert_true(pcapng_u32(&b, 16) >= pcapng_u32(&b, 12));
	}
}

static void test_output_full(void **state)
{
	struct wire_tuple t = tuple(2, 4000);
	struct out o = { 0 };

	out_open(&o, fopen("/dev/full", "w"), false);
	hop(&o, 0, 0, &t);
	assert_int_equal(o.sink->ops->finish(o.sink, NULL), -ENOSPC);
	out_close(&o);
}

int main(void)
{
#define PACKETS(f) cmocka_unit_test_setup_teardown(f, setup_packets, teardown)
#define HOPS(f) cmocka_unit_test_setup_teardown(f, setup_hops, teardown)
	const struct CMUnitTest tests[] = {
		PACKETS(test_packet),
		HOPS(test_hops),
		HOPS(test_late),
		PACKETS(test_bytes),
		HOPS(test_bytes_of_hops),
		PACKETS(test_long_story),
		PACKETS(test_many),
		PACKETS(test_anything),
		HOPS(test_anything),
		cmocka_unit_test(test_output_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
