/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/replay/track.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "model/names.h"

int track_init(struct track *t, struct reader *reader, const char *path)
{
	memset(t, 0, sizeof(*t));
	t->reader = reader;
	printable(t->name, sizeof(t->name), path, strlen(path));
	t->function = calloc(probe_capacity(reader_probes(reader)) + 1, sizeof(*t->function));
	return t->function ? 0 : -ENOMEM;
}

void track_fini(struct track *t)
{
	reader_close(t->reader);
	free(t->function);
	free(t->taken);
	memset(t, 0, sizeof(*t));
}

/* Of one function, what the file says of it now. */
static void copy_state(struct probe *to, const struct probe *from)
{
	to->state = from->state;
	to->error = from->error;
	to->addr = from->addr;
	to->why = from->why;
}

static int follow_functions(struct track *t, struct merge *m)
{
	const struct probe_table *theirs = reader_probes(t->reader);
	size_t n = theirs->n;
	bool changed = n > t->nfunctions || theirs->came != t->came;

	for (; t->nfunctions < n; t->nfunctions++) {
		int i = merge_function(m, &theirs->v[t->nfunctions], t->taken, t->nfunctions);

		if (i < 0)
			return i;
		t->function[t->nfunctions] = (uint16_t)i;
		t->taken[i] = true;
		t->plain &= (size_t)i == t->nfunctions;
	}
	if (!changed)
		return 0;
	t->came = theirs->came;
	for (size_t i = 0; i < n; i++)
		copy_state(&m->probes.v[t->function[i]], &theirs->v[i]);
	probe_table_changed(&m->probes);
	return 0;
}

int track_begin(struct track *t, struct merge *m, struct run *run, bool goes_on)
{
	t->run = run;
	t->goes_on = goes_on;
	t->plain = m->nruns == 1;
	t->taken = calloc(m->probes.cap + 1, sizeof(*t->taken));
	if (!t->taken)
		return -ENOMEM;
	track_peek(t, m);
	return t->error == -ENOMEM ? -ENOMEM : 0;
}

/* Its numbers become those of all. False: nothing of it can be used. */
static bool translate(struct track *t, struct merge *m)
{
	struct reader_item *item = &t->item;
	struct event *ev = (struct event *)(void *)t->record;

	if (item->size < sizeof(*ev) || item->size > sizeof(t->record) ||
		(event_is_function(item->event->type) && item->event->func >= t->nfunctions)) {
		t->strange++;
		return false;
	}
	t->name_before.ev.type = 0;
	if (t->plain)
		return true;
	memcpy(t->record, item->event, item->size);
	if (ev->func < t->nfunctions)
		ev->func = t->function[ev->func];
	merge_event(m, t->run, ev, item->size, &t->name_before);
	item->event = ev;
	return true;
}

bool track_peek(struct track *t, struct merge *m)
{
	int ret;

	while (!t->have && !t->over) {
		ret = reader_next(t->reader, &t->item);
		if (!ret || ret < 0) {
			t->error = ret;
			t->over = true;
			break;
		}
		ret = follow_functions(t, m);
		if (ret) {
			t->error = ret;
			t->over = true;
			break;
		}
		if (t->item.type == READER_EVENT && t->item.retold && t->goes_on)
			continue;
		t->item.ts += t->run->shift;
		t->have = t->item.type != READER_EVENT || translate(t, m);
	}
	return t->have;
}

void track_taken(struct track *t)
{
	t->have = false;
}

int track_rewind(struct track *t)
{
	t->have = t->over = false;
	t->error = 0;
	t->strange = t->reached = 0;
	return reader_seek(t->reader, 0);
}

static bool tell_broken(const struct reader_flaws *f, const struct track *t, char *buf, size_t size)
{
	char bytes[HUMAN_MAX];

	if (!f->broken)
		return false;
	snprintf(buf, size, "%s: %" PRIu64 " broken block%s left out (%sB of the file could not be used)",
		t->name, f->broken, f->broken == 1 ? " was" : "s were",
		human_bytes(bytes, sizeof(bytes), f->bytes));
	return true;
}

bool track_flaw(const struct track *t, unsigned int i, bool *bad, char *buf, size_t size)
{
	struct reader_flaws f;
	char bytes[HUMAN_MAX];

	reader_flaws(t->reader, &f);
	buf[0] = '\0';
	*bad = i != 3;
	switch (i) {
	case 0:
		if (f.unfinished && f.bytes && !f.broken)
			snprintf(buf, size, "%s: it was cut off: its last %sB could not be used", t->name,
				human_bytes(bytes, sizeof(bytes), f.bytes));
		else if (f.unfinished)
			snprintf(buf, size, "%s: it was not finished: how the run ended is not in it",
				t->name);
		return true;
	case 1:
		tell_broken(&f, t, buf, size);
		return true;
	case 2:
		if (f.missed)
			snprintf(buf, size,
				"%s: %" PRIu64 " events are missing: the recorder could not keep up", t->name,
				f.missed);
		return true;
	case 3:
		if (f.unknown)
			snprintf(buf, size,
				"%s: %" PRIu64 " records are of a kind that this version does not know",
				t->name, f.unknown);
		return true;
	case 4:
		if (t->strange)
			snprintf(buf, size, "%s: %" PRIu64 " records make no sense and were left out",
				t->name, t->strange);
		return true;
	case 5:
		if (t->error == -ENOSPC)
			snprintf(buf, size,
				"%s: the functions of all files are too many; it is left out from here on",
				t->name);
		else if (t->error)
			snprintf(buf, size, "%s: cannot be read any further: %s", t->name,
				strerror(-t->error));
		return true;
	default:
		return false;
	}
}
