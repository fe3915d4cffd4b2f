/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two packets side by side: the longest sequence of hops that both have. What is
 * the same at the begin and at the end is put aside first, which mostly leaves
 * little; for the rest every pair is looked at (two bits each).
 */
#include "model/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/store_private.h"

struct sequence {
	uint64_t v[DIFF_HOPS_MAX]; /* what the hops are to be compared by */
	size_t n;
	bool cut;
};

/* Which way from here to the begin. */
enum { WAY_A, WAY_B, WAY_BOTH };

struct table {
	unsigned char *ways; /* rows × columns, two bits each */
	size_t columns;
};

static void way_set(struct table *t, size_t row, size_t column, unsigned int way)
{
	size_t at = row * t->columns + column;

	t->ways[at / 4] |= (unsigned char)(way << at % 4 * 2);
}

static unsigned int way_get(const struct table *t, size_t row, size_t column)
{
	size_t at = row * t->columns + column;

	return t->ways[at / 4] >> at % 4 * 2 & 3;
}

/* 48 bits. */
static uint64_t place_of(const struct hop *hop)
{
	switch (hop_kind(hop)) {
	case EVENT_FUNC:
	case EVENT_SOCKET:
		return hop->func;
	case EVENT_HOOK: /* the family in the middle */
		return (uint64_t)hop->nf.what << 16 | (uint64_t)hop->nf.depth << 8 | hop->nf.decision;
	case EVENT_CHAIN:
	case EVENT_RULE:
		return (uint64_t)hop->no << 16 | (uint64_t)hop->nf.what << 8 | hop->nf.decision;
	default:
		return 0;
	}
}

static void read_packet(const struct store *store, uint32_t cell, struct sequence *seq)
{
	const struct packet_cell *p = packet_at(store, cell);
	uint8_t depth[COPIES_MAX];
	struct hop_reader reader;
	const struct hop *hop;

	copies_depth(store, p, depth);
	hops_from(store, p, 0, &reader);
	for (seq->n = 0; seq->n < DIFF_HOPS_MAX && (hop = hops_next(store, &reader)); seq->n++) {
		uint64_t deep = hop->copy < p->pub.ncopies ? depth[hop->copy] : 255;

		seq->v[seq->n] = deep << 56 | (uint64_t)hop_kind(hop) << 48 | place_of(hop);
	}
	seq->cut = p->pub.nhops > DIFF_HOPS_MAX;
}

/* The longest sequence of na and nb elements both have, as the ways from the end of both. */
static int fill_table(
	struct table *t, const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint16_t *length)
{
	t->columns = nb;
	t->ways = calloc(na * nb / 4 + 1, 1);
	if (!t->ways)
		return -ENOMEM;
	memset(length, 0, (nb + 1) * sizeof(*length));
	for (size_t i = 0; i < na; i++) {
		uint16_t diagonal = 0; /* length[j] of the row before */

		for (size_t j = 0; j < nb; j++) {
			uint16_t above = length[j + 1], left = length[j];

			if (a[i] == b[j]) {
				way_set(t, i, j, WAY_BOTH);
				length[j + 1] = (uint16_t)(diagonal + 1);
			} else if (left >= above) {
				way_set(t, i, j, WAY_B);
				length[j + 1] = left;
			}
			diagonal = above;
		}
	}
	return 0;
}

static void row_add(struct path_diff *diff, int a, int b)
{
	diff->v[diff->n++] = (struct diff_row){ a, b };
}

/* Rows of what fill_table() has compared, behind the first `same` hops: made from the end, then turned. */
static void add_rows(struct path_diff *diff, const struct table *t, size_t same, size_t na, size_t nb)
{
	size_t first = diff->n;

	while (na || nb) {
		unsigned int way = !na ? WAY_B : !nb ? WAY_A : way_get(t, na - 1, nb - 1);

		/* where both have hops of their own, a's stand before b's: b's come first here */
		if (way == WAY_BOTH)
			row_add(diff, (int)(same + --na), (int)(same + --nb));
		else if (way == WAY_A)
			row_add(diff, (int)(same + --na), -1);
		else
			row_add(diff, -1, (int)(same + --nb));
	}
	for (size_t i = first, j = diff->n; i + 1 < j; i++) {
		struct diff_row row = diff->v[i];

		diff->v[i] = diff->v[--j];
		diff->v[j] = row;
	}
}

static int compare(struct path_diff *diff, const struct sequence *a, const struct sequence *b)
{
	size_t na = a->n, nb = b->n, same = 0, tail = 0;
	struct table table = { 0 };
	uint16_t *length;
	int error = 0;

	while (same < na && same < nb && a->v[same] == b->v[same])
		same++;
	while (same + tail < na && same + tail < nb && a->v[na - tail - 1] == b->v[nb - tail - 1])
		tail++;
	na -= same + tail;
	nb -= same + tail;
	for (size_t i = 0; i < same; i++)
		row_add(diff, (int)i, (int)i);
	if (na && nb) {
		length = malloc((nb + 1) * sizeof(*length));
		error = length ? fill_table(&table, a->v + same, na, b->v + same, nb, length) : -ENOMEM;
		free(length);
	}
	if (error)
		return error;
	add_rows(diff, &table, same, na, nb);
	free(table.ways);
	for (size_t i = 0; i < tail; i++)
		row_add(diff, (int)(same + na + i), (int)(same + nb + i));
	diff->parted = same;
	diff->cut = a->cut || b->cut;
	return 0;
}

int path_diff(struct path_diff *diff, const struct store *store, uint64_t a, uint64_t b)
{
	uint32_t cell[2] = { packet_find(store, a), packet_find(store, b) };
	struct sequence *seq;
	int error = -ENOMEM;

	*diff = (struct path_diff){ 0 };
	if (!cell[0] || !cell[1])
		return -ENOENT;
	seq = malloc(2 * sizeof(*seq));
	if (!seq)
		return -ENOMEM;
	read_packet(store, cell[0], &seq[0]);
	read_packet(store, cell[1], &seq[1]);
	diff->v = malloc((seq[0].n + seq[1].n + 1) * sizeof(*diff->v));
	if (diff->v)
		error = compare(diff, &seq[0], &seq[1]);
	if (error)
		path_diff_free(diff);
	free(seq);
	return error;
}

void path_diff_free(struct path_diff *diff)
{
	free(diff->v);
	*diff = (struct path_diff){ 0 };
}
