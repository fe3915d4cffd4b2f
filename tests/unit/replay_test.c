/* SPDX-License-Identifier: GPL-2.0 */
/* Replays: pace, what is switched off, filters, several files, what is wrong with them. */
#include "replay_world.h"

/* --- pace ------------------------------------------------------------------------- */

static void test_events_come_at_their_time(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	struct notice n;

	add_traffic(w.file[0]);
	start(&w, 1, false);
	assert_true(notice(&w, NOTICE_READY, &n));
	read_all(&w);
	assert_int_equal(count(&w, 1), 1); /* of the first microsecond only what is due */
	w.clock.now += SECOND / 2;
	assert_int_equal(read_all(&w), 3);
	assert_int_equal(place(&w).at, BEGUN + SECOND / 2);
	assert_int_equal(place(&w).wall, WALL + (int64_t)SECOND / 2);
	w.src->playback->speed(w.src, 4);
	w.clock.now += SECOND / 4;
	read_all(&w);
	assert_int_equal(count(&w, 2), 4);
	assert_int_equal(count(&w, 3), 0);
	assert_int_equal(place(&w).at, BEGUN + 3 * SECOND / 2);
	w.clock.now += SECOND;
	read_all(&w);
	assert_int_equal(count(&w, 3), 4);
	assert_true(place(&w).over);
	assert_true(readable(&w));
	assert_true(notice(&w, NOTICE_END, &n));
	assert_int_equal(n.error, 0);
	assert_false(notice(&w, NOTICE_END, &n));
	finish(&w);
}

static void test_pause_and_step(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	struct notice n;

	add_traffic(w.file[0]);
	start(&w, 1, true);
	while (w.src->ops->notice(w.src, &n))
		;
	w.clock.now += 10 * SECOND;
	read_all(&w);
	assert_int_equal(count(&w, 1), 1);
	assert_false(readable(&w));
	assert_true(place(&w).paused);
	w.src->playback->step(w.src);
	assert_true(readable(&w));
	assert_int_equal(read_all(&w), 1);
	assert_int_equal(w.seen.v[0].ev.func, NF_HOOK);
	assert_int_equal(place(&w).at, BEGUN + 1000);
	assert_int_equal(read_all(&w), 0);
	/* from there on again, not from where a clock would be */
	w.src->playback->pause(w.src, false);
	w.clock.now += 1000;
	assert_int_equal(read_all(&w), 1);
	assert_int_equal(place(&w).at, BEGUN + 2000);
	finish(&w);
}

static void test_jumps(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	struct notice n;

	add_traffic(w.file[0]);
	start(&w, 1, true);
	assert_int_equal(w.src->playback->jump(w.src, BEGUN + SECOND + 1500), 0);
	read_all(&w);
	assert_int_equal(count(&w, 1), 4);
	assert_int_equal(count(&w, 2), 2);
	/* back: everything from the beginning on, in another store */
	assert_int_equal(w.src->playback->jump(w.src, BEGUN + 1500), 1);
	read_all(&w);
	assert_int_equal(count(&w, 1), 2);
	assert_int_equal(w.seen.v[0].ev.type, EVENT_DEV);
	assert_int_equal(count(&w, 2), 0);
	/* beyond the end is the end */
	assert_int_equal(w.src->playback->jump(w.src, UINT64_MAX), 0);
	read_all(&w);
	assert_int_equal(count(&w, 3), 4);
	assert_true(place(&w).over);
	assert_true(notice(&w, NOTICE_END, &n));
	/* and from there back */
	assert_int_equal(w.src->playback->jump(w.src, 0), 1);
	assert_false(place(&w).over);
	assert_int_equal(place(&w).at, place(&w).first);
	w.src->playback->speed(w.src, 0);
	w.src->playback->pause(w.src, false);
	read_all(&w);
	assert_int_equal(w.seen.n, 13);
	assert_true(notice(&w, NOTICE_END, &n));
	finish(&w);
}

/* --- selection ---------------------------------------------------------------------- */

static void test_what_was_recorded_is_on(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	const struct selection *sel;
	struct fake_item *it;

	w.file[0]->wanted[NF_HOOK] = false;
	add_traffic(w.file[0]);
	/* a function that comes later, and is not said to be wanted */
	it = &w.file[0]->item[w.file[0]->n];
	add_hop(w.file[0], 3 * SECOND, 9, OVS, 0);
	it->functions = FUNCTIONS;
	start(&w, 0, true);
	sel = &w.src->selection;
	assert_int_equal(sel->count, 2);
	assert_true(sel->wanted[IP_RCV]);
	assert_false(sel->wanted[NF_HOOK]);
	w.src->playback->pause(w.src, false);
	read_all(&w);
	/* their records show what was traced */
	assert_int_equal(w.seen.n, 14);
	assert_int_equal(sel->count, 4);
	assert_int_equal(sel->priority, 2);
	finish(&w);
}

static void test_functions_that_are_off_leave_no_trace(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	const struct event_full *full;

	add_traffic(w.file[0]);
	start(&w, 0, true);
	command(&w, COMMAND_LAYER, LAYER_IPV4, false);
	w.src->playback->pause(w.src, false);
	read_all(&w);
	assert_int_equal(w.seen.n, 10);
	/* who it is was told by the function that is off */
	full = &w.seen.v[1].full;
	assert_int_equal(full->ev.type, EVENT_FUNC_FULL);
	assert_int_equal(full->ev.func, NF_HOOK);
	assert_int_equal(full->ev.seq, 0);
	assert_int_equal(full->ev.ts, BEGUN + 1000);
	assert_int_equal(full->tuple.dport, 80);
	assert_string_equal(full->comm, "curl");
	assert_int_equal(w.seen.v[2].ev.type, EVENT_FUNC);
	assert_int_equal(w.seen.v[2].ev.seq, 1);
	assert_int_equal(w.seen.v[3].ev.type, EVENT_END);
	assert_int_equal(w.seen.v[3].ev.seq, 2);
	finish(&w);
}

/* A drop without a function that is on: it says whose it is, and the numbers have no gap. */
static void test_a_drop_alone_says_whose(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };

	add_traffic(w.file[0]);
	start(&w, 0, true);
	command(&w, COMMAND_LAYER, LAYER_IPV4, false);
	command(&w, COMMAND_LAYER, LAYER_NETFILTER, false);
	command(&w, COMMAND_LAYER, LAYER_TCP, false);
	w.src->playback->pause(w.src, false);
	read_all(&w);
	assert_int_equal(count(&w, 1), 0);
	assert_int_equal(count(&w, 3), 3);
	assert_int_equal(w.seen.v[1].ev.type, EVENT_FUNC_FULL);
	assert_int_equal(w.seen.v[1].ev.seq, 0);
	assert_int_equal(w.seen.v[2].ev.type, EVENT_DROP);
	assert_int_equal(w.seen.v[2].ev.seq, 1);
	assert_int_equal(w.seen.v[3].ev.type, EVENT_END);
	assert_int_equal(w.seen.v[3].ev.seq, 2);
	finish(&w);
}

/* --- filter -------------------------------------------------------------------------- */

static void test_filter_chooses_packets(void **state)
{
	static const struct {
		const char *text;
		size_t packets; /* bits: which are shown */
	} cases[] = {
		{ "tcp port 53", 2 },
		{ "port 80", 1 | 4 },
		{ "not port 80", 2 },
		{ "src host 10.0.0.1 and ip", 7 },
		{ "ip6", 0 },
		{ "if=eth0", 7 },
		{ "if=eth1", 0 },
		{ "netns=100 port 53", 2 },
		{ "netns=101", 0 },
		{ "mark=0x5", 4 },
		{ "comm=curl", 7 },
		{ "comm=wget", 0 },
		{ "pid=77", 4 },
		{ "uid=1000", 2 },
		{ "cgroup=12", 2 },
		{ "vlan", 0 },
		{ "ether host 02:00:00:00:00:01", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w = { .file = { make_file("a", "web1") } };
		struct source_totals totals;
		size_t shown = 0, matched = 0;

		add_traffic(w.file[0]);
		for (size_t k = 0; k < w.file[0]->n; k++) {
			struct event *ev = (struct event *)(void *)w.file[0]->item[k].record;

			if (ev->packet == 3 && ev->type == EVENT_FUNC_FULL) {
				ev->mark = 5;
				ev->pid = 77;
			}
			if (ev->packet == 2 && ev->type == EVENT_FUNC && ev->seq == 2) {
				struct event_socket *s = (struct event_socket *)(void *)ev;

				s->ev.type = EVENT_SOCKET;
				s->uid = 1000;
				s->cgroup = 12;
				w.file[0]->item[k].size = sizeof(*s);
			}
		}
		start(&w, 0, true);
		filter(&w, cases[i].text);
		w.src->playback->pause(w.src, false);
		read_all(&w);
		for (size_t p = 0; p < 3; p++) {
			shown |= (count(&w, p + 1) > 0) << p;
			matched += cases[i].packets >> p & 1;
		}
		if (shown != cases[i].packets)
			fail_msg("\"%s\": packets %zx, not %zx", cases[i].text, shown, cases[i].packets);
		w.src->ops->totals(w.src, &totals);
		assert_int_equal(totals.filtered_out, 3 - matched);
		finish(&w);
	}
}

/* What matched late is told who it is first; its records are numbered from 0. */
static void test_filter_that_matches_late(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	struct event *ev;

	add_traffic(w.file[0]);
	ev = (struct event *)(void *)w.file[0]->item[2].record;
	assert_int_equal(ev->func, NF_HOOK);
	ev->mark = 9;
	start(&w, 0, true);
	filter(&w, "mark=9");
	w.src->playback->pause(w.src, false);
	read_all(&w);
	assert_int_equal(count(&w, 1), 3);
	assert_int_equal(w.seen.v[1].ev.type, EVENT_FUNC_FULL);
	assert_int_equal(w.seen.v[1].ev.func, NF_HOOK);
	assert_int_equal(w.seen.v[1].ev.seq, 0);
	assert_int_equal(w.seen.v[1].full.tuple.dport, 80);
	assert_int_equal(w.seen.v[2].ev.seq, 1);
	finish(&w);
}

static void test_filter_looks_at_bytes(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	static const uint8_t udp[] = { 0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0,
		1, 0, 53, 0, 12, 0, 0, 'q', 0, 0, 0 };
	struct event_bytes *bytes;

	add_full(w.file[0], 0, 1, IP_RCV, 0, "10.0.0.1", 80);
	bytes = add_record(w.file[0], 0, EVENT_BYTES, sizeof(*bytes) + sizeof(udp));
	bytes->ev.packet = 1;
	bytes->ev.len = bytes->len = sizeof(udp);
	bytes->proto = 0x0800;
	memcpy(bytes->data, udp, sizeof(udp));
	add_hop(w.file[0], 1000, 1, TCP_RCV, 1);
	/* one that says it had more than there is */
	bytes = add_record(w.file[0], 2000, EVENT_BYTES, sizeof(*bytes) + 4);
	bytes->ev.packet = 2;
	bytes->len = 2000;
	start(&w, 0, true);
	filter(&w, "udp[8] = 0x71");
	w.src->playback->pause(w.src, false);
	read_all(&w);
	assert_int_equal(count(&w, 1), 1);
	assert_int_equal(w.seen.v[0].ev.type, EVENT_FUNC_FULL);
	assert_int_equal(w.seen.v[0].ev.func, TCP_RCV);
	assert_int_equal(count(&w, 2), 0);
	finish(&w);
}

static void test_filter_refusals(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	struct packet_filter recorded = { .netns = "pid:5" }, now;
	char err[200];

	add_item(w.file[0], READER_FILTER, 0)->filter = recorded;
	add_traffic(w.file[0]);
	start(&w, 0, false);
	read_all(&w);
	refused(&w, "inner='tcp'", "inner");
	refused(&w, "netns=pid:9", "netns=pid:9");
	refused(&w, "netns=/run/netns/a", "names and inodes");
	refused(&w, "cgroup=/a", "cgroup");
	refused(&w, "host a.example", "addresses");
	refused(&w, "port 80 and", "syntax error");
	/* but what was in force when it was recorded holds */
	w.src->ops->filter_now(w.src, &now);
	assert_string_equal(now.netns, "pid:5");
	assert_int_equal(w.src->ops->check_filter(w.src, &now, err, sizeof(err)), 0);
	filter(&w, "port 53");
	w.src->ops->filter_now(w.src, &now);
	assert_string_equal(now.expr, "port 53");
	/* and it is asked of all of it after a way back */
	assert_int_equal(w.src->playback->jump(w.src, 0), 1);
	read_all(&w);
	assert_int_equal(count(&w, 1), 0);
	assert_int_equal(count(&w, 2), 4);
	finish(&w);
}

/* --- several files ------------------------------------------------------------------- */

/* Another machine, its clock elsewhere, another kernel: half a second later on the wall. */
static struct fake_file *other_machine(void)
{
	struct fake_file *f = make_file("b", "web2");
	struct probe first = f->probe[IP_RCV];

	f->head.info.kernel = "6.12";
	f->head.info.reasons = other_core;
	f->head.begun = 900 * SECOND;
	f->head.wall = WALL + (int64_t)SECOND / 2;
	f->probe[IP_RCV] = f->probe[TCP_RCV];
	f->probe[TCP_RCV] = first;
	return f;
}

static void test_two_kernels(void **state)
{
	struct world w = { .file = { make_file("a", "web1"), other_machine() } };
	struct event_netns *netns;
	struct event_drop *drop;
	uint64_t last = 0, other = 0;
	bool named = false, renamed = false, dropped = false;

	for (int i = 0; i < 2; i++) {
		netns = add_record(w.file[i], 0, EVENT_NETNS, sizeof(*netns));
		memcpy(netns->name, "host", 5);
	}
	add_traffic(w.file[0]);
	add_traffic(w.file[1]);
	drop = add_record(w.file[1], 3 * SECOND, EVENT_DROP, sizeof(*drop));
	drop->ev.packet = 3;
	drop->reason = 1;
	drop->location = 0xffffffff81000010ull;
	start(&w, 0, false);
	read_all(&w);
	assert_string_equal(w.src->info.host, "web1 and 1 more");
	assert_int_equal(w.src->probes->n, 3);
	for (size_t i = 0; i < w.seen.n; i++) {
		const struct event *ev = &w.seen.v[i].ev;

		assert_true(ev->ts >= last);
		last = ev->ts;
		if (ev->type == EVENT_FUNC_FULL)
			assert_string_equal(
				w.src->probes->v[ev->func].name, ev->packet > 3 ? "tcp_v4_rcv" : "ip_rcv");
		if (ev->packet > 3)
			other = ev->netns;
		if (ev->type == EVENT_NETNS && ev->netns == 100)
			named |= !strcmp(w.seen.v[i].netns.name, "host@web1");
		if (ev->type == EVENT_NETNS && ev->netns != 100)
			renamed |= !strcmp(w.seen.v[i].netns.name, "host@web2");
		if (ev->type == EVENT_DROP && ev->packet > 3) {
			assert_string_equal(w.src->info.reasons[w.seen.v[i].drop.reason],
				ev->ts == place(&w).last ? "SOMETHING_NEW" : "NO_SOCKET");
			assert_true(w.seen.v[i].drop.location != 0xffffffff81000010ull);
			dropped = true;
		}
	}
	assert_true(named && renamed && dropped);
	assert_true(other && other != 100);
	assert_int_equal(count(&w, 1), 4);
	assert_int_equal(place(&w).last - place(&w).first, 3 * SECOND + SECOND / 2);
	finish(&w);
}

/* A rotation: the second file goes on with the packets of the first. */
static void test_files_of_one_run(void **state)
{
	struct world w = { .file = { make_file("a", "web1"), make_file("b", "web1") } };
	struct fake_item *it;
	uint64_t hits[FAKE_FUNCTIONS];
	struct run_figures figures;

	w.file[0]->head.file = 1;
	w.file[0]->head.begun += SECOND / 2;
	w.file[0]->head.wall += SECOND / 2;
	add_full(w.file[1], 0, 1, IP_RCV, 0, "10.0.0.1", 80);
	it = add_item(w.file[1], READER_FIGURES, 2000);
	it->run.seconds = 1;
	it->goes_on = true;
	/* who is under way is told again, for who has the second file alone */
	it = &w.file[0]->item[w.file[0]->n];
	add_full(w.file[0], 0, 1, IP_RCV, 0, "10.0.0.1", 80);
	it->retold = true;
	add_hop(w.file[0], SECOND / 2, 1, TCP_RCV, 1);
	add_item(w.file[1], READER_COUNTERS, 1000)->hits[IP_RCV] = 5;
	it = add_item(w.file[0], READER_COUNTERS, SECOND + 1000);
	it->hits[IP_RCV] = 8;
	it = add_item(w.file[0], READER_FIGURES, SECOND + 2000);
	it->run.seconds = 2.5;
	start(&w, 0, false);
	read_all(&w);
	assert_int_equal(w.seen.n, 2);
	assert_int_equal(count(&w, 1), 2);
	assert_int_equal(w.seen.v[1].ev.func, TCP_RCV);
	w.src->ops->counters(w.src, hits, NULL);
	assert_int_equal(hits[IP_RCV], 8);
	assert_true(w.src->playback->figures(w.src, &figures));
	assert_true(figures.seconds > 2 && figures.seconds < 3);
	finish(&w);
}

/* --- figures and flaws ----------------------------------------------------------------- */

static void test_figures(void **state)
{
	struct world w = { .file = { make_file("a", "web1") } };
	uint64_t hits[FAKE_FUNCTIONS];
	struct run_figures figures;
	struct fake_item *it;

	add_traffic(w.file[0]);
	it = add_item(w.file[0], READER_COUNTERS, 2 * SECOND + 5000);
	it->hits[IP_RCV] = 30;
	it->totals.hits = 90;
	it = add_item(w.file[0], READER_FIGURES, 3 * SECOND);
	it->run = (struct run_figures){ .seconds = 3.25, .attach_ms = 12, .detach_ms = 7, .totals.hits = 91 };
	start(&w, 0, true);
	assert_false(w.src->playback->figures(w.src, &figures));
	assert_int_equal(figures.totals.hits, 0);
	/* what comes behind the last event comes with it */
	assert_int_equal(w.src->playback->jump(w.src, UINT64_MAX), 0);
	read_all(&w);
	w.src->ops->counters(w.src, hits, NULL);
	assert_int_equal(hits[IP_RCV], 30);
	assert_true(w.src->playback->figures(w.src, &figures));
	assert_int_equal(figures.totals.hits, 91);
	assert_true(figures.seconds > 3.2 && figures.attach_ms > 11 && figures.detach_ms > 6);
	finish(&w);
}

static void test_flaws_are_told_once(void **state)
{
	struct world w = { .file = { make_file("a\033[2J", "web1") } };
	static const char *const lines[] = { "a?[2J: it was not finished", "3 broken blocks",
		"12 events are missing", "1 records make no sense",
		"cannot be read any further: Input/output error" };
	struct event *ev;
	struct notice n;

	add_traffic(w.file[0]);
	ev = add_hop(w.file[0], 2 * SECOND, 4, 6, 0); /* no such function */
	assert_int_equal(ev->func, 6);
	w.file[0]->flaws =
		(struct reader_flaws){ .unfinished = true, .broken = 3, .bytes = 4000, .missed = 12 };
	w.file[0]->error = -EIO;
	start(&w, 0, false);
	read_all(&w);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_true(notice(&w, NOTICE_ERROR, &n));
		if (!strstr(n.text, lines[i]))
			fail_msg("%s, not %s", n.text, lines[i]);
	}
	assert_true(notice(&w, NOTICE_END, &n));
	assert_int_equal(w.src->playback->jump(w.src, 0), 1);
	read_all(&w);
	assert_false(notice(&w, NOTICE_ERROR, &n));
	finish(&w);
}

static void test_a_file_that_is_not_there(void **state)
{
	char *path[] = { "nowhere" }, err[200];
	struct replay_options options = { .speed = 1 };

	assert_null(replay_open(path, 1, &options, err, sizeof(err)));
	assert_string_equal(err, "nowhere: not there");
	assert_null(replay_open(path, 0, &options, err, sizeof(err)));
	assert_non_null(strstr(err, "0 files"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_come_at_their_time),
		cmocka_unit_test(test_pause_and_step),
		cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_what_was_recorded_is_on),
		cmocka_unit_test(test_functions_that_are_off_leave_no_trace),
		cmocka_unit_test(test_a_drop_alone_says_whose),
		cmocka_unit_test(test_filter_chooses_packets),
		cmocka_unit_test(test_filter_that_matches_late),
		cmocka_unit_test(test_filter_looks_at_bytes),
		cmocka_unit_test(test_filter_refusals),
		cmocka_unit_test(test_two_kernels),
		cmocka_unit_test(test_files_of_one_run),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_flaws_are_told_once),
		cmocka_unit_test(test_a_file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
