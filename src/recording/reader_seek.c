/* SPDX-License-Identifier: GPL-2.0 */
/* Where in the file what time is: by the heads of the blocks, looked at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recording/reader_private.h"

#define PLACES_MAX (1u << 20) /* of more blocks the last ones are not told apart */

static int add_place(struct reader *r, const struct reader_place *place)
{
	struct reader_place *more;
	size_t room = r->room ? r->room * 2 : 256;

	if (r->nplaces == r->room) {
		more = realloc(r->place, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		r->place = more;
		r->room = room;
	}
	r->place[r->nplaces++] = *place;
	return 0;
}

static int look(struct reader *r)
{
	uint64_t pos = r->blocks.pos;
	struct block_head head;
	struct reader_place place;
	int ret;

	if (r->indexed)
		return 0;
	r->nplaces = 0;
	r->first = r->last = 0;
	r->blocks.quiet = true;
	r->blocks.pos = RECORDING_START;
	while ((ret = blocks_next(&r->blocks, &head, &place.at)) == 1) {
		if (head.type != BLOCK_STATE && head.type != BLOCK_EVENTS)
			continue;
		place.state = head.type == BLOCK_STATE;
		place.first = place.state ? 0 : head.first;
		place.last = place.state ? 0 : head.last;
		if (place.first && (!r->first || place.first < r->first))
			r->first = place.first;
		if (place.last > r->last)
			r->last = place.last;
		if (r->nplaces < PLACES_MAX)
			ret = add_place(r, &place);
		if (ret < 0)
			break;
	}
	r->blocks.quiet = false;
	r->blocks.pos = pos;
	r->indexed = !ret;
	return ret;
}

/* What stands in a state block between here and there holds there too. */
static int pass(struct reader *r, uint64_t at)
{
	enum reader_type type;
	int ret;

	r->blocks.pos = at;
	ret = reader_block(r);
	if (ret <= 0)
		return ret;
	if (r->at != at || r->block.type != BLOCK_STATE) { /* it is broken */
		r->in.p = r->in.end;
		return 0;
	}
	while (r->in.p < r->in.end) {
		if (!reader_state(r, &type))
			continue;
		r->filter_waits |= type == READER_FILTER;
		r->counters_wait |= type == READER_COUNTERS;
	}
	return 0;
}

static void forget_state(struct reader *r)
{
	memset(r->hits, 0, r->cap * sizeof(*r->hits));
	memset(r->lost, 0, r->cap * sizeof(*r->lost));
	memset(&r->totals, 0, sizeof(r->totals));
	memset(&r->filter, 0, sizeof(r->filter));
	r->filter_waits = r->counters_wait = false;
}

/* To the very beginning: names and all. */
static int begin_anew(struct reader *r)
{
	forget_state(r);
	r->blocks.pos = RECORDING_START;
	r->in = (struct bytes){ 0 };
	r->ended = false;
	return 0;
}

int reader_seek(struct reader *r, uint64_t ts)
{
	int ret = ts ? look(r) : begin_anew(r);
	uint64_t from = r->blocks.pos;
	size_t to = 0, behind = 0;

	if (ret || !ts)
		return ret;
	while (to < r->nplaces && (r->place[to].state || r->place[to].last < ts)) {
		to++;
		if (!r->place[to - 1].state)
			behind = to;
	}
	if (to == r->nplaces) /* behind all events: how it ended is still told */
		to = behind;
	if (to < r->nplaces && r->place[to].at < from) {
		from = RECORDING_START;
		forget_state(r);
	} else if (r->in.p < r->in.end && r->block.type == BLOCK_STATE) {
		from = r->at;
	}
	r->in = (struct bytes){ 0 };
	for (size_t i = 0; !ret && i < to; i++) {
		if (r->place[i].state && r->place[i].at >= from)
			ret = pass(r, r->place[i].at);
	}
	if (to < r->nplaces)
		r->blocks.pos = r->place[to].at;
	else if (to)
		r->blocks.pos = r->blocks.size;
	r->in = (struct bytes){ 0 };
	r->ended = false;
	return ret;
}

void reader_span(struct reader *r, uint64_t *first, uint64_t *last)
{
	if (look(r))
		r->first = r->last = 0;
	*first = r->first;
	*last = r->last;
}
