/* SPDX-License-Identifier: GPL-2.0 */
/* demo_record FILE SECONDS [FLOWS]: the demo as a recording, for tests of the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "demo_source.h"
#include "recording/recorder.h"

#define SLICE_NS 100000000ull

static void tick(struct source *src, struct recorder *r, uint64_t *counts, struct run_figures *run)
{
	size_t cap = probe_capacity(src->probes);

	src->ops->totals(src, &run->totals);
	src->ops->counters(src, counts, counts + cap);
	recorder_tick(r, demo_source_now(src), counts, counts + cap, &run->totals, src->selection.wanted);
}

static int fail(const char *what)
{
	fprintf(stderr, "demo_record: %s\n", what);
	return 1;
}

int main(int argc, char **argv)
{
	struct demo_options demo = { .start = 1000000000000ull, .netfilter = true };
	struct recorder_options options = { .options = "" };
	struct run_figures run = { .attach_ms = -1, .detach_ms = -1 };
	struct packet_filter filter = { 0 };
	struct recorder_status status;
	struct recorder *r;
	struct source *src;
	uint64_t *counts;
	char err[300] = "no memory";

	if (argc < 3)
		return fail("FILE SECONDS [FLOWS]");
	options.path = argv[1];
	run.seconds = atof(argv[2]);
	demo.flows = argc > 3 ? (unsigned int)atoi(argv[3]) : 0;
	src = demo_source_new(&demo);
	counts = calloc(2 * probe_capacity(src->probes) + 1, sizeof(*counts));
	r = recorder_new(&src->info, src->probes);
	if (!counts || !r || recorder_start(r, &options, &filter, src->selection.wanted, err, sizeof(err)))
		return fail(err);
	for (unsigned int i = 0; i < run.seconds * 10; i++) {
		demo_source_advance(src, SLICE_NS);
		while (src->ops->read(src, 1 << 20, recorder_event, r))
			;
		tick(src, r, counts, &run);
		/* the demo is faster than any disk */
		for (recorder_status(r, &status); status.waiting; recorder_status(r, &status))
			usleep(1000);
	}
	if (recorder_stop(r, &run, err, sizeof(err)))
		return fail(err);
	recorder_status(r, &status);
	printf("%llu events, %llu bytes, %llu missed\n", (unsigned long long)status.events,
		(unsigned long long)status.bytes, (unsigned long long)status.missed);
	recorder_free(r);
	free(counts);
	src->ops->free(src);
	return 0;
}
