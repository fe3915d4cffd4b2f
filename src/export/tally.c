/* SPDX-License-Identifier: GPL-2.0 */
#include "export/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/names.h"

void tally_drop(struct tally *tally, uint32_t reason)
{
	size_t lo = 0, hi = tally->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (tally->v[mid].reason < reason)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < tally->n && tally->v[lo].reason == reason) {
		tally->v[lo].n++;
	} else if (tally->n == TALLY_REASONS) {
		tally->rest++;
	} else {
		memmove(&tally->v[lo + 1], &tally->v[lo], (tally->n - lo) * sizeof(tally->v[0]));
		tally->v[lo] = (struct tally_reason){ .reason = reason, .n = 1 };
		tally->n++;
	}
}

const char *reason_text(const struct source_info *info, uint32_t reason, char *buf, size_t size)
{
	const char *name = info && reason < info->nreasons ? info->reasons[reason] : NULL;

	if (name)
		printable(buf, size, name, strlen(name));
	else if (!info || !info->nreasons)
		snprintf(buf, size, "unknown"); /* a kernel before 5.17 tells none */
	else
		snprintf(buf, size, "0x%x", reason);
	return buf;
}

static int by_count(const void *a, const void *b)
{
	const struct tally_reason *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->reason < y->reason ? -1 : 1;
}

void tally_sort(struct tally *tally)
{
	qsort(tally->v, tally->n, sizeof(tally->v[0]), by_count);
}

void layer_hits(const struct probe_table *probes, const uint64_t *hits, uint64_t sums[LAYER_COUNT])
{
	memset(sums, 0, LAYER_COUNT * sizeof(*sums));
	for (size_t i = 0; hits && i < probes->n; i++)
		sums[probes->v[i].class.layer] += hits[i];
}

size_t top_functions(const struct probe_table *probes, const uint64_t *hits, size_t *top, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; hits && i < probes->n; i++) {
		size_t at = n;

		if (!hits[i] || (n == max && (!max || hits[top[n - 1]] >= hits[i])))
			continue;
		if (n < max)
			n++;
		else
			at = n - 1;
		for (; at && hits[top[at - 1]] < hits[i]; at--)
			top[at] = top[at - 1];
		top[at] = i;
	}
	return n;
}
