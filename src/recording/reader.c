/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/reader_private.h"

#define FUNCTIONS 8192u /* when the file does not say how many there may be */

/* --- functions ----------------------------------------------------------------- */

/* Texts that live as long as the table. */
static const char *keep_why(struct reader *r, const char *why)
{
	if (!why)
		return NULL;
	for (size_t i = 0; i < r->nwhys; i++) {
		if (!strcmp(r->why[i], why))
			return r->why[i];
	}
	if (r->nwhys == READER_WHYS)
		return "unknown";
	r->why[r->nwhys] = strdup(why);
	return r->why[r->nwhys] ? r->why[r->nwhys++] : NULL;
}

/* Those of a block that is broken keep their places: numbers must mean the same behind it. */
static void fill_gap(struct reader *r, uint32_t until)
{
	while (r->probes.n < until) {
		char name[32];
		struct probe p = { .name = name, .class = classify("", NULL) };

		snprintf(name, sizeof(name), "unknown_%zu", (size_t)r->probes.n);
		if (probe_add(&r->probes, &p) < 0)
			break;
	}
}

static void take_function(struct reader *r)
{
	const struct state_record *rec = &r->record;
	struct probe p = rec->probe;

	if (rec->index >= r->cap) {
		r->unknown += r->blocks.fresh;
		return;
	}
	p.why = keep_why(r, p.why);
	if (rec->index >= r->probes.n) {
		fill_gap(r, rec->index);
		if (probe_add(&r->probes, &p) < 0)
			return;
		probe_table_changed(&r->probes);
	} else if (atomic_load(&r->probes.v[rec->index].state) != p.state) {
		atomic_store(&r->probes.v[rec->index].error, p.error);
		atomic_store(&r->probes.v[rec->index].state, p.state);
		probe_table_changed(&r->probes);
	}
	r->wanted[rec->index] = rec->wanted;
}

static void take_counters(struct reader *r)
{
	struct state_count c;

	while (state_get_count(&r->record.counts, &c)) {
		if (c.index >= r->cap)
			continue;
		r->hits[c.index] = c.hits;
		r->lost[c.index] = c.lost;
	}
	if (!r->record.more)
		r->totals = r->record.totals;
}

/* --- blocks -------------------------------------------------------------------- */

static void spoil(struct reader *r)
{
	blocks_spoilt(&r->blocks, &r->block);
	r->in.p = r->in.end;
}

static int apply(struct reader *r, enum reader_type *type)
{
	const struct state_record *rec = &r->record;

	switch (rec->type) {
	case STATE_FUNCTION:
		take_function(r);
		return 0;
	case STATE_COUNTERS:
		take_counters(r);
		r->counters_ts = rec->ts;
		*type = READER_COUNTERS;
		return !rec->more;
	case STATE_FILTER:
		r->filter = rec->filter;
		r->filter_ts = rec->ts;
		*type = READER_FILTER;
		return 1;
	case STATE_MISSED:
		if (rec->missed > r->missed)
			r->missed = rec->missed;
		return 0;
	default:
		r->run = rec->run;
		r->run_ts = rec->ts;
		r->goes_on = rec->goes_on;
		r->finished = true;
		*type = READER_FIGURES;
		return 1;
	}
}

int reader_state(struct reader *r, enum reader_type *type)
{
	int ret = state_get(&r->in, &r->record);

	if (ret == 1)
		return apply(r, type);
	if (ret == -EINVAL)
		spoil(r);
	else if (ret == -ENOTSUP)
		r->unknown += r->blocks.fresh;
	return 0;
}

int reader_block(struct reader *r)
{
	int ret;

	r->in = (struct bytes){ 0 };
	for (;;) {
		ret = blocks_next(&r->blocks, &r->block, &r->at);
		if (ret <= 0)
			return ret;
		if (r->block.type < BLOCK_ABOUT || r->block.type > BLOCK_RETOLD ||
			r->block.coding > CODING_ZLIB) {
			r->unknown += r->blocks.fresh;
			continue;
		}
		ret = blocks_load(&r->blocks, &r->block, r->at);
		if (ret < 0)
			return ret;
		if (!ret || r->block.type == BLOCK_ABOUT) /* which was read when the file was opened */
			continue;
		r->in = (struct bytes){ .p = r->blocks.plain, .end = r->blocks.plain + r->block.plain };
		codec_reset(&r->codec);
		return 1;
	}
}

/* --- opening ------------------------------------------------------------------- */

static int make_tables(struct reader *r)
{
	const struct about *about = about_of(r->about);

	r->cap = about->functions ? about->functions : FUNCTIONS;
	r->head = (struct reader_head){
		.info = about->info,
		.options = about->options,
		.version = about->version,
		.file = about->file,
		.begun = about->begun,
		.wall = about->wall,
	};
	r->probes.cap = r->cap;
	r->probes.v = calloc(r->cap, sizeof(*r->probes.v));
	r->wanted = calloc(r->cap, sizeof(*r->wanted));
	r->hits = calloc(r->cap, sizeof(*r->hits));
	r->lost = calloc(r->cap, sizeof(*r->lost));
	return r->probes.v && r->wanted && r->hits && r->lost ? 0 : -ENOMEM;
}

static int read_about(struct reader *r)
{
	struct block_head head;
	uint64_t at;
	int ret = blocks_next(&r->blocks, &head, &at);
	bool have = ret == 1 && head.type == BLOCK_ABOUT && head.coding <= CODING_ZLIB;

	if (have)
		ret = blocks_load(&r->blocks, &head, at);
	if (ret < 0)
		return ret;
	r->about = about_read((const char *)r->blocks.plain, have && ret ? head.plain : 0);
	return r->about ? make_tables(r) : -ENOMEM;
}

/* Functions are known before the first event: what the file begins with is read twice. */
static int read_beginning(struct reader *r)
{
	enum reader_type type;
	int ret;

	r->blocks.quiet = true;
	ret = read_about(r);
	r->blocks.pos = RECORDING_START;
	while (!ret) {
		ret = reader_block(r);
		if (ret <= 0 || r->block.type != BLOCK_STATE)
			break;
		while (r->in.p < r->in.end)
			reader_state(r, &type);
		ret = 0;
	}
	r->blocks.quiet = false;
	r->blocks.pos = RECORDING_START;
	r->in = (struct bytes){ 0 };
	/* of a file that holds no events all was applied: as if it had not been */
	r->finished = false;
	memset(r->hits, 0, r->cap * sizeof(*r->hits));
	memset(r->lost, 0, r->cap * sizeof(*r->lost));
	memset(&r->totals, 0, sizeof(r->totals));
	r->unknown = r->missed = 0;
	return ret < 0 ? ret : 0;
}

int reader_open(struct reader **out, const char *path, char *err, size_t size)
{
	struct reader *r = calloc(1, sizeof(*r));
	int ret;

	if (!r) {
		snprintf(err, size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	ret = blocks_open(&r->blocks, path, err, size);
	if (!ret) {
		ret = read_beginning(r);
		if (ret)
			snprintf(err, size, "recording: %s", strerror(-ret));
	}
	if (ret) {
		reader_close(r);
		return ret;
	}
	*out = r;
	return 0;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	blocks_close(&r->blocks);
	about_free(r->about);
	probe_table_free(&r->probes);
	for (size_t i = 0; i < r->nwhys; i++)
		free(r->why[i]);
	free(r->wanted);
	free(r->hits);
	free(r->lost);
	free(r->place);
	free(r);
}

const struct reader_head *reader_head(const struct reader *r)
{
	return &r->head;
}

struct probe_table *reader_probes(struct reader *r)
{
	return &r->probes;
}

const bool *reader_wanted(const struct reader *r)
{
	return r->wanted;
}

/* --- items --------------------------------------------------------------------- */

static void tell(struct reader *r, enum reader_type type, struct reader_item *item)
{
	*item = (struct reader_item){ .type = type };
	switch (type) {
	case READER_EVENT:
		break;
	case READER_COUNTERS:
		item->ts = r->counters_ts;
		item->hits = r->hits;
		item->lost = r->lost;
		item->totals = &r->totals;
		break;
	case READER_FILTER:
		item->ts = r->filter_ts;
		item->filter = &r->filter;
		break;
	case READER_FIGURES:
		item->ts = r->run_ts;
		item->run = &r->run;
		item->goes_on = r->goes_on;
		break;
	}
}

static bool next_event(struct reader *r, struct reader_item *item)
{
	struct event *ev = (struct event *)(void *)r->event;
	size_t size = codec_get(&r->codec, &r->in, ev);

	if (!size) {
		spoil(r);
		return false;
	}
	*item = (struct reader_item){
		.type = READER_EVENT,
		.event = ev,
		.size = size,
		.retold = r->block.type == BLOCK_RETOLD,
	};
	if (item->retold) /* told again now, whenever it was */
		r->ts = r->head.begun;
	else if (ev->ts)
		r->ts = ev->ts;
	item->ts = r->ts;
	return true;
}

int reader_next(struct reader *r, struct reader_item *item)
{
	enum reader_type type;
	int ret;

	for (;;) {
		if (r->filter_waits || r->counters_wait) {
			type = r->filter_waits ? READER_FILTER : READER_COUNTERS;
			r->counters_wait &= r->filter_waits;
			r->filter_waits = false;
			tell(r, type, item);
			return 1;
		}
		if (r->in.p == r->in.end) {
			ret = reader_block(r);
			if (ret <= 0) {
				r->ended |= !ret;
				return ret;
			}
		} else if (r->block.type != BLOCK_STATE) {
			if (next_event(r, item))
				return 1;
		} else if (reader_state(r, &type)) {
			tell(r, type, item);
			return 1;
		}
	}
}

void reader_flaws(const struct reader *r, struct reader_flaws *out)
{
	*out = (struct reader_flaws){
		.unfinished = r->ended && !r->finished,
		.broken = r->blocks.broken,
		.bytes = r->blocks.bytes,
		.unknown = r->unknown,
		.missed = r->missed,
	};
}
