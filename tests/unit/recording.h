/* SPDX-License-Identifier: GPL-2.0 */
/* A run to be recorded: functions, reasons, some names, packets; and what a file of it says. */
#ifndef SKBSCOPE_TESTS_UNIT_RECORDING_H
#define SKBSCOPE_TESTS_UNIT_RECORDING_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "recording/reader.h"
#include "recording/recorder.h"

enum { RUN_FUNCS = 40, RUN_CAP = 64 };

struct run {
	char folder[64], path[96];
	struct probe probes[RUN_CAP];
	char names[RUN_CAP][32];
	struct probe_table table;
	struct source_info info;
	bool wanted[RUN_CAP];
	uint64_t hits[RUN_CAP], lost[RUN_CAP];
	struct source_totals totals;
	struct packet_filter filter;
	struct recorder *recorder;
	char err[512];
	uint64_t ts;
	bool noise; /* every event has a mark of its own, which takes room */
};

static const char *const run_reasons[] = { "NOT_SPECIFIED", NULL, "NETFILTER_DROP", "NO_\033[31mSOCKET" };

static inline void run_init(struct run *r)
{
	memset(r, 0, sizeof(*r));
	snprintf(r->folder, sizeof(r->folder), "/tmp/recording-XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	snprintf(r->path, sizeof(r->path), "%s/run", r->folder);
	for (int i = 0; i < RUN_CAP; i++) {
		snprintf(r->names[i], sizeof(r->names[i]), "function_%d", i);
		r->probes[i].name = r->names[i];
		r->probes[i].class.layer = (enum layer)(i % LAYER_COUNT);
		r->probes[i].class.category = (enum category)(i % CATEGORY_COUNT);
		r->probes[i].class.priority = i % 4;
		r->wanted[i] = i % 3 == 0;
	}
	r->probes[3].module = "nf_tables";
	atomic_store(&r->probes[4].state, PROBE_UNUSABLE);
	r->probes[4].why = "no skb";
	atomic_store(&r->probes[5].state, PROBE_REFUSED);
	atomic_store(&r->probes[5].error, ENOENT);
	r->table.v = r->probes;
	r->table.n = RUN_FUNCS;
	r->table.cap = RUN_CAP;
	r->info = (struct source_info){
		.host = "ho\033st",
		.kernel = "6.12.1",
		.backend = "kprobe-multi",
		.cpus = 8,
		.reasons = run_reasons,
		.nreasons = sizeof(run_reasons) / sizeof(run_reasons[0]),
	};
	r->recorder = recorder_new(&r->info, &r->table);
	assert_non_null(r->recorder);
	r->ts = 1000000000;
}

static inline void run_fini(struct run *r)
{
	char command[128];

	recorder_free(r->recorder);
	snprintf(command, sizeof(command), "rm -rf %s", r->folder);
	assert_int_equal(system(command), 0);
}

static inline int run_start(struct run *r, uint64_t rotate_size, unsigned int rotate_count)
{
	struct recorder_options options = {
		.path = r->path,
		.rotate_size = rotate_size,
		.rotate_count = rotate_count,
		.options = "record -o run",
	};

	r->err[0] = '\0';
	return recorder_start(r->recorder, &options, &r->filter, r->wanted, r->err, sizeof(r->err));
}

/* A packet with so many hops and an end. */
static inline void run_packet(struct run *r, uint64_t packet, unsigned int hops)
{
	struct event_full full = {
		.ev = { .packet = packet, .skb = 0xffff888000000000ull + packet * 256, .netns = 4026531840u },
	};

	for (unsigned int i = 0; i <= hops; i++) {
		full.ev.ts = r->ts += 1000;
		full.ev.type = i == hops ? EVENT_END : i ? EVENT_FUNC : EVENT_FUNC_FULL;
		full.ev.func = (uint16_t)((i * 7 + packet) % RUN_FUNCS);
		full.ev.seq = (uint16_t)i;
		full.ev.mark = r->noise ? (uint32_t)(r->ts * 0x9e3779b97f4a7c15ull >> 17) : 0;
		full.tuple.sport = (uint16_t)packet;
		full.l3_len = 1500;
		r->hits[full.ev.func]++;
		recorder_event(r->recorder, &full.ev, i ? sizeof(full.ev) : sizeof(full));
	}
}

/* Until the disk has all: what is written faster than that would be missed, rightly. */
static inline void run_settle(struct run *r)
{
	struct recorder_status status;

	for (int i = 0; i < 20000; i++) {
		recorder_status(r->recorder, &status);
		if (!status.waiting)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
	}
	fail_msg("the writer does not come to an end");
}

static inline void run_tick(struct run *r)
{
	r->totals.events = r->ts / 1000;
	recorder_tick(r->recorder, r->ts, r->hits, r->lost, &r->totals, r->wanted);
	run_settle(r);
}

static inline void run_stop(struct run *r)
{
	struct run_figures run = { .seconds = 2.5, .attach_ms = 12, .detach_ms = -1, .totals = r->totals };

	assert_int_equal(recorder_stop(r->recorder, &run, r->err, sizeof(r->err)), 0);
}

/* What a file says, counted. */
struct told {
	int opened;
	char err[512];
	uint64_t events, retold, counters, filters, figures;
	uint64_t sum;	     /* over the bytes of all events that are not retold */
	uint64_t packets[2]; /* lowest and highest */
	bool goes_on;
	struct reader_flaws flaws;
};

static inline void told_event(struct told *t, const struct reader_item *item)
{
	const uint8_t *bytes = (const uint8_t *)item->event;

	if (item->retold) {
		t->retold++;
		return;
	}
	t->events++;
	for (size_t i = 0; i < item->size; i++)
		t->sum = (t->sum ^ bytes[i]) * 0x100000001b3ull;
	if (!item->event->packet)
		return;
	if (!t->packets[0] || item->event->packet < t->packets[0])
		t->packets[0] = item->event->packet;
	if (item->event->packet > t->packets[1])
		t->packets[1] = item->event->packet;
}

static inline struct told told_by(const char *path)
{
	struct told t = { 0 };
	struct reader_item item;
	struct reader *r = NULL;
	int ret;

	t.opened = reader_open(&r, path, t.err, sizeof(t.err));
	if (t.opened)
		return t;
	while ((ret = reader_next(r, &item)) == 1) {
		if (item.type == READER_EVENT)
			told_event(&t, &item);
		t.counters += item.type == READER_COUNTERS;
		t.filters += item.type == READER_FILTER;
		t.figures += item.type == READER_FIGURES;
		if (item.type == READER_FIGURES)
			t.goes_on = item.goes_on;
	}
	assert_int_equal(ret, 0);
	reader_flaws(r, &t.flaws);
	reader_close(r);
	return t;
}

static inline bool told_whole(const struct told *t)
{
	return !t->opened && !t->flaws.unfinished && !t->flaws.broken && !t->flaws.bytes &&
	       !t->flaws.unknown && !t->flaws.missed;
}

/* The file's bytes; free them. */
static inline uint8_t *file_bytes(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	uint8_t *bytes;

	assert_true(fd >= 0 && !fstat(fd, &st));
	*len = (size_t)st.st_size;
	bytes = malloc(*len + 1);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, *len), *len);
	close(fd);
	return bytes;
}

static inline void file_make(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

#endif
