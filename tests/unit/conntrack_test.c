/* SPDX-License-Identifier: GPL-2.0 */
/* The words of conntrack, and flows joined across NAT by what it tells. */
#include "unit/sender.h"

enum { CLIENT = 2, ROUTER = 1 }; /* 10.0.0.x; the server of sender.h's tuples is 10.1.0.1:80 */
enum { NEW = 2, ESTABLISHED = 0, REPLY = 3 };
enum { NETNS_ROUTER = 7, NETNS_OTHER = 8 };

static struct wire_tuple mirror(struct wire_tuple t)
{
	struct wire_tuple m = t;

	memcpy(m.saddr, t.daddr, 16);
	memcpy(m.daddr, t.saddr, 16);
	m.sport = t.dport;
	m.dport = t.sport;
	return m;
}

static struct wire_tuple with_flags(struct wire_tuple t, uint8_t tcp_flags)
{
	t.tcp_flags = tcp_flags;
	return t;
}

/* To a server at 10.1.0.last. */
static struct wire_tuple to_server(struct wire_tuple t, uint8_t last, uint16_t dport)
{
	t.daddr[3] = last;
	t.dport = dport;
	return t;
}

static void test_words(void **state)
{
	struct conntrack ct = { .original = tuple(CLIENT, 4000), .reply = mirror(tuple(CLIENT, 4000)) };
	char text[256], cut[20];

	assert_string_equal(conntrack_state(ESTABLISHED), "established");
	assert_string_equal(conntrack_state(REPLY), "established");
	assert_string_equal(conntrack_state(NEW), "new");
	assert_string_equal(conntrack_state(4), "related");
	assert_string_equal(conntrack_state(7), "untracked");
	assert_string_equal(conntrack_state(6), "invalid");
	assert_string_equal(conntrack_state(200), "invalid");
	assert_true(conntrack_is_reply(REPLY) && !conntrack_is_reply(NEW) && !conntrack_is_reply(7));
	assert_string_equal(conntrack_tcp(3), "ESTABLISHED");
	assert_string_equal(conntrack_tcp(0), "");
	assert_string_equal(conntrack_tcp(255), "");
	assert_string_equal(
		conntrack_status(1u << 1 | 1u << 2 | 1u << 4, text, 256), "seen-reply assured snat");
	assert_string_equal(conntrack_status(1u << 1 | 1u << 2, cut, 13), "seen-reply");
	assert_string_equal(conntrack_status(1u << 31, text, 256), "");
	assert_false(conntrack_has_nat(&ct));
	assert_string_equal(conntrack_nat(&ct, text, sizeof(text)), "");
	ct.reply = mirror(tuple(ROUTER, 61001));
	assert_true(conntrack_has_nat(&ct));
	assert_string_equal(conntrack_nat(&ct, text, sizeof(text)), "SNAT 10.0.0.2:4000 → 10.0.0.1:61001");
	ct.reply = mirror(to_server(tuple(CLIENT, 4000), 9, 8080));
	assert_string_equal(conntrack_nat(&ct, text, sizeof(text)), "DNAT 10.1.0.1:80 → 10.1.0.9:8080");
	ct.reply = mirror(to_server(tuple(ROUTER, 61001), 9, 80));
	assert_string_equal(conntrack_nat(&ct, text, sizeof(text)),
		"SNAT 10.0.0.2:4000 → 10.0.0.1:61001, DNAT 10.1.0.1:80 → 10.1.0.9:80");
	assert_string_equal(conntrack_nat(&ct, text, 50), "SNAT 10.0.0.2:4000 → 10.0.0.1:61001");
	assert_string_equal(conntrack_nat(&ct, cut, sizeof(cut)), "");
	ct.reply.flags = 0;
	assert_false(conntrack_has_nat(&ct));
}

/* An echo has one id on both sides. */
static void test_echo(void **state)
{
	struct wire_tuple t = { .saddr = { 10, 0, 0, CLIENT },
		.daddr = { 10, 1, 0, 1 },
		.sport = 77,
		.dport = 1,
		.proto = 1,
		.family = 4,
		.l2proto = 0x0800,
		.flags = TUPLE_IP | TUPLE_ICMP_ID };
	struct conntrack ct = { .original = t, .reply = mirror(t) };

	ct.reply.sport = 77;
	ct.reply.dport = 5;
	assert_false(conntrack_has_nat(&ct));
	ct.reply.sport = 78;
	assert_true(conntrack_has_nat(&ct));
}

static struct sender fresh(void)
{
	struct sender s = { .store = store_new(4 << 20), .packet = 0 };

	assert_non_null(s.store);
	return s;
}

/* A packet of that tuple in a namespace where it is tracked so: its flow's number. */
static uint32_t send(struct sender *s, struct wire_tuple t, uint8_t info, struct wire_tuple original,
	struct wire_tuple reply)
{
	memset(s->seq, 0, sizeof(s->seq));
	s->packet++;
	full(s, 0, 0, t, 0);
	at_ct(s, 0, NETNS_ROUTER, info, original, reply);
	end(s, 0, 0);
	return packet(s)->flow;
}

static uint32_t send_plain(struct sender *s, struct wire_tuple t)
{
	memset(s->seq, 0, sizeof(s->seq));
	s->packet++;
	full(s, 0, 0, t, 0);
	end(s, 0, 0);
	return packet(s)->flow;
}

/* Both directions, and what the server's side sees, are one row. */
static void joined(struct wire_tuple original, struct wire_tuple reply)
{
	struct sender s = fresh();
	const struct flow *f;

	assert_int_equal(send(&s, original, NEW, original, reply), 1);
	assert_int_equal(send(&s, reply, REPLY, original, reply), 1);
	assert_int_equal(packet(&s)->direction, 1);
	assert_int_equal(send_plain(&s, mirror(reply)), 1);
	assert_int_equal(packet(&s)->direction, 0);
	assert_int_equal(send_plain(&s, mirror(original)), 1);
	assert_int_equal(packet(&s)->direction, 1);
	/* another port: nothing that is known of */
	reply.dport++;
	assert_int_equal(send_plain(&s, reply), 2);
	f = store_flow(s.store, 1);
	assert_int_equal(f->packets[0], 2);
	assert_int_equal(f->packets[1], 2);
	store_free(s.store);
}

static void test_joined(void **state)
{
	struct wire_tuple t = tuple(CLIENT, 4000);

	joined(t, mirror(tuple(ROUTER, 61001)));
	joined(t, mirror(to_server(t, 9, 8080)));
	joined(t, mirror(to_server(tuple(ROUTER, 61001), 9, 8080)));
	joined(t, mirror(tuple(CLIENT, 61001)));
}

/* The reply is met first: the client is still the one that began. */
static void test_reply_first(void **state)
{
	struct wire_tuple original = tuple(CLIENT, 4000), reply = mirror(tuple(ROUTER, 61001));
	struct sender s = fresh();

	/* tracing began in the middle: that packet has a row of its own */
	assert_int_equal(send(&s, reply, REPLY, original, reply), 1);
	assert_int_equal(send_plain(&s, reply), 2);
	assert_int_equal(packet(&s)->direction, 1);
	assert_int_equal(send_plain(&s, original), 2);
	assert_int_equal(packet(&s)->direction, 0);
	assert_int_equal(store_flow(s.store, 2)->packets[1], 1);
	store_free(s.store);
}

static void test_twice(void **state)
{
	struct wire_tuple first = tuple(CLIENT, 4000), second = tuple(ROUTER, 61001),
			  third = tuple(99, 62002);
	struct sender s = fresh();

	assert_int_equal(send(&s, first, NEW, first, mirror(second)), 1);
	at_ct(&s, 0, NETNS_OTHER, NEW, second, mirror(third));
	assert_int_equal(send_plain(&s, mirror(third)), 1);
	assert_int_equal(packet(&s)->direction, 1);
	assert_int_equal(send_plain(&s, mirror(second)), 1);
	assert_int_equal(send_plain(&s, third), 1);
	assert_int_equal(packet(&s)->direction, 0);
	store_free(s.store);
}

static void test_never_joined(void **state)
{
	struct wire_tuple original = tuple(CLIENT, 4000), reply = mirror(tuple(ROUTER, 61001));
	struct wire_tuple own = tuple(ROUTER, 61001);
	struct sender s = fresh();

	/* without NAT nothing is joined */
	assert_int_equal(send(&s, original, NEW, original, mirror(original)), 1);
	assert_int_equal(send(&s, own, NEW, own, mirror(own)), 2);
	store_free(s.store);

	/* the same table has a connection of that tuple: the translated one is over */
	s = fresh();
	assert_int_equal(send(&s, original, NEW, original, reply), 1);
	assert_int_equal(send_plain(&s, reply), 1);
	at_ct(&s, 0, NETNS_ROUTER, NEW, own, mirror(own));
	assert_int_equal(send_plain(&s, own), 2);
	store_free(s.store);

	/* its time is over */
	s = fresh();
	assert_int_equal(send(&s, original, NEW, original, reply), 1);
	s.ts += 59000000000u;
	assert_int_equal(send_plain(&s, reply), 1);
	s.ts += 59000000000u; /* each packet begins it anew */
	assert_int_equal(send_plain(&s, reply), 1);
	s.ts += 61000000000u;
	assert_int_equal(send_plain(&s, reply), 2);
	store_free(s.store);

	/* whoever answers does not begin */
	s = fresh();
	assert_int_equal(send(&s, original, NEW, original, reply), 1);
	assert_int_equal(send_plain(&s, with_flags(reply, 0x12)), 1);
	assert_int_equal(send_plain(&s, with_flags(mirror(reply), 0x02)), 1);
	assert_int_equal(send_plain(&s, with_flags(reply, 0x02)), 2);
	store_free(s.store);
}

static void test_many(void **state)
{
	struct sender s = fresh();

	for (uint16_t port = 1; port < 5000; port++) {
		struct wire_tuple t = tuple(CLIENT, port);

		send(&s, t, NEW, t, mirror(tuple(ROUTER, port)));
	}
	assert_int_equal(send_plain(&s, mirror(tuple(ROUTER, 4999))), 4999);
	assert_int_equal(send_plain(&s, mirror(tuple(ROUTER, 1))), 5000); /* forgotten */
	assert_true(totals(&s).bytes <= totals(&s).budget);
	store_free(s.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_reply_first),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_never_joined),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
