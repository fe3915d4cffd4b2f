/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many events a second become a recording and come back from it, and how many
 * bytes each takes: the flood of flood.h, into FILE (a temporary one without).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flood.h"
#include "recording/codec.h"
#include "recording/reader.h"
#include "recording/recorder.h"

enum { EVENTS = 4000000, ROUND = 4096, BLOCK_EVENTS = 40000, HELD = 8 };

static void die(const char *what)
{
	fprintf(stderr, "recording_bench: %s\n", what);
	exit(1);
}

static double wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Nothing in a machine happens at even times: every hop takes 90 to 345 ns, and CPUs take turns as it comes.
 */
static void make_events(struct generator *g, union record *events, size_t *size, int n)
{
	static uint64_t seed = 88172645463325252u;

	for (int i = 0; i < n; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		g->ts += seed >> 24 & 0xff;
		next_event(g, &events[i], &size[i]);
	}
}

static void print_rate(const char *what, uint64_t ns)
{
	printf("%s: %.1f M events/s (%.0f ns each)\n", what, EVENTS * 1e3 / (double)ns, (double)ns / EVENTS);
}

/* The codec alone, block by block. */
static void bench_codec(void)
{
	static _Alignas(8) uint8_t back[CODEC_EVENT_MAX];
	struct codec *c = malloc(sizeof(*c));
	uint8_t *out = malloc(BLOCK_EVENTS * (size_t)CODEC_PUT_MAX);
	union record *events = malloc(BLOCK_EVENTS * sizeof(*events));
	size_t *size = malloc(BLOCK_EVENTS * sizeof(*size));
	struct generator g = { .ts = 1 };
	uint64_t put = 0, get = 0, bytes = 0;

	if (!c || !out || !events || !size)
		die("no memory");
	for (uint64_t done = 0; done < EVENTS; done += BLOCK_EVENTS) {
		uint64_t start;
		uint8_t *end = out;
		struct bytes in = { .p = out };

		make_events(&g, events, size, BLOCK_EVENTS);
		start = spent_now();
		codec_reset(c);
		for (int i = 0; i < BLOCK_EVENTS; i++)
			end = codec_put(c, &events[i].ev, size[i], end);
		put += spent_now() - start;
		bytes += (uint64_t)(end - out);
		in.end = end;
		start = spent_now();
		codec_reset(c);
		for (int i = 0; i < BLOCK_EVENTS; i++) {
			if (codec_get(c, &in, (struct event *)(void *)back) != size[i])
				die("an event did not come back");
		}
		get += spent_now() - start;
	}
	print_rate("codec_put", put);
	print_rate("codec_get", get);
	printf("codec: %.1f bytes an event, before zlib\n", (double)bytes / EVENTS);
	free(c);
	free(out);
	free(events);
	free(size);
}

/* As src/live.c does: what the disk cannot take waits. */
static void wait_for_room(const struct recorder *r)
{
	struct recorder_status status;

	for (;;) {
		recorder_status(r, &status);
		if (status.waiting < HELD)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

static void bench_write(const char *path)
{
	static struct probe probes[100];
	static char names[100][32];
	static bool wanted[100];
	struct probe_table table = { .v = probes, .n = 100 };
	struct source_info info = { .host = "bench", .kernel = "0" };
	struct recorder_options options = { .path = path, .options = "" };
	struct packet_filter filter = { 0 };
	struct generator g = { .ts = 1 };
	struct recorder_status status;
	struct recorder *r;
	static union record events[ROUND];
	static size_t size[ROUND];
	uint64_t spent, made = 0;
	double begun, took = 0;
	char err[256];

	for (int i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "some_kernel_function_%d", i);
		probes[i].name = names[i];
	}
	r = recorder_new(&info, &table);
	if (!r || recorder_start(r, &options, &filter, wanted, err, sizeof(err)))
		die(r ? err : "no memory");
	spent = spent_now();
	begun = wall_now();
	for (uint64_t done = 0; done < EVENTS; done += ROUND) {
		uint64_t start = spent_now();

		make_events(&g, events, size, ROUND);
		made += spent_now() - start;
		wait_for_room(r);
		for (int i = 0; i < ROUND; i++)
			recorder_event(r, &events[i].ev, size[i]);
	}
	if (recorder_stop(r, NULL, err, sizeof(err)))
		die(err);
	took = wall_now() - begun;
	spent = spent_now() - spent; /* both threads; the generator was on the first */
	recorder_status(r, &status);
	print_rate("record, CPU time of both threads", spent > made ? spent - made : 0);
	printf("record: %.1f M events/s by the clock, %.2f bytes an event, %llu missed\n",
		EVENTS / took / 1e6, (double)status.bytes / (double)status.events,
		(unsigned long long)status.missed);
	recorder_free(r);
}

static void bench_read(const char *path)
{
	struct reader_item item;
	struct reader *r;
	uint64_t spent = spent_now(), events = 0;
	char err[256];

	if (reader_open(&r, path, err, sizeof(err)))
		die(err);
	while (reader_next(r, &item) == 1)
		events += item.type == READER_EVENT;
	spent = spent_now() - spent;
	if (events < EVENTS)
		die("events are missing");
	print_rate("reader_next", spent);
	reader_close(r);
}

int main(int argc, char **argv)
{
	char path[] = "/tmp/recording_bench-XXXXXX";

	int fd = argc < 2 ? mkstemp(path) : -1;

	if (argc < 2 && fd < 0)
		die("no temporary file");
	if (fd >= 0)
		close(fd);
	bench_codec();
	bench_write(argc > 1 ? argv[1] : path);
	bench_read(argc > 1 ? argv[1] : path);
	if (argc < 2)
		unlink(path);
	return 0;
}
