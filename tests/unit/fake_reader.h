/* SPDX-License-Identifier: GPL-2.0 */
/* Recordings in memory, in the place of src/recording/reader.h: what a file may tell, at the times one likes.
 */
#ifndef SKBSCOPE_TESTS_FAKE_READER_H
#define SKBSCOPE_TESTS_FAKE_READER_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/reader.h"

#define FAKE_FILES 4
#define FAKE_ITEMS 256
#define FAKE_FUNCTIONS 8

struct fake_item {
	enum reader_type type;
	uint64_t ts;
	size_t size;
	_Alignas(8) uint8_t record[512];
	uint64_t hits[FAKE_FUNCTIONS];
	struct source_totals totals;
	struct packet_filter filter;
	struct run_figures run;
	bool retold, goes_on;
	size_t functions; /* known from here on; 0: as before */
};

struct fake_file {
	const char *path;
	struct reader_head head;
	struct probe probe[FAKE_FUNCTIONS];
	size_t nprobes, known; /* known at the start */
	bool wanted[FAKE_FUNCTIONS];
	struct fake_item item[FAKE_ITEMS];
	size_t n;
	struct reader_flaws flaws;
	int error; /* at the end */
};

struct reader {
	struct fake_file *file;
	struct probe_table probes;
	size_t at;
};

static struct fake_file *fake_files[FAKE_FILES];

int reader_open(struct reader **out, const char *path, char *err, size_t size)
{
	for (int i = 0; i < FAKE_FILES; i++) {
		struct fake_file *f = fake_files[i];

		if (!f || strcmp(f->path, path) != 0)
			continue;
		*out = calloc(1, sizeof(**out));
		(*out)->file = f;
		(*out)->probes.v = f->probe;
		(*out)->probes.cap = f->nprobes;
		(*out)->probes.n = f->known;
		return 0;
	}
	snprintf(err, size, "%s: not there", path);
	return -ENOENT;
}

void reader_close(struct reader *r)
{
	free(r);
}

const struct reader_head *reader_head(const struct reader *r)
{
	return &r->file->head;
}

struct probe_table *reader_probes(struct reader *r)
{
	return &r->probes;
}

const bool *reader_wanted(const struct reader *r)
{
	return r->file->wanted;
}

int reader_next(struct reader *r, struct reader_item *item)
{
	const struct fake_item *it = &r->file->item[r->at];

	if (r->at == r->file->n)
		return r->file->error;
	r->at++;
	if (it->functions)
		r->probes.n = it->functions;
	*item = (struct reader_item){
		.type = it->type,
		.ts = it->ts,
		.event = (const struct event *)(const void *)it->record,
		.size = it->size,
		.hits = it->hits,
		.totals = &it->totals,
		.filter = &it->filter,
		.run = &it->run,
		.retold = it->retold,
		.goes_on = it->goes_on,
	};
	return 1;
}

int reader_seek(struct reader *r, uint64_t ts)
{
	for (r->at = 0; r->at < r->file->n && r->file->item[r->at].ts < ts; r->at++)
		;
	return 0;
}

void reader_span(struct reader *r, uint64_t *first, uint64_t *last)
{
	*first = *last = 0;
	for (size_t i = 0; i < r->file->n; i++) {
		if (r->file->item[i].type != READER_EVENT)
			continue;
		*first = *first ? *first : r->file->item[i].ts;
		*last = r->file->item[i].ts;
	}
}

void reader_flaws(const struct reader *r, struct reader_flaws *out)
{
	*out = r->file->flaws;
}

#endif
