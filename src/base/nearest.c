/* SPDX-License-Identifier: GPL-2.0 */
#include "base/nearest.h"

#include <string.h>

#define LENGTH_MAX 40
#define FAR 48

/* How many letters must be put in, taken out or changed to get from a to b; the order of two counts one. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][FAR], i, k, la = strlen(a), lb = strlen(b);

	if (la > LENGTH_MAX || lb > LENGTH_MAX)
		return FAR;
	memset(row, 0, sizeof(row));
	for (k = 0; k <= lb; k++)
		row[0][k] = k;
	for (i = 1; i <= la; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = i;
		for (k = 1; k <= lb; k++) {
			now[k] = last[k - 1] + (a[i - 1] != b[k - 1]);
			now[k] = now[k] < last[k] + 1 ? now[k] : last[k] + 1;
			now[k] = now[k] < now[k - 1] + 1 ? now[k] : now[k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
				before[k - 2] + 1 < now[k])
				now[k] = before[k - 2] + 1;
		}
	}
	return row[la % 3][lb];
}

void nearest_try(struct nearest *n, const char *name)
{
	/* Who types the beginning of a name means that name. */
	size_t d = strncmp(n->word, name, strlen(n->word)) ? distance(n->word, name) : 1;

	if (n->best && d >= n->least)
		return;
	n->least = d;
	n->best = name;
}

const char *nearest_name(const struct nearest *n)
{
	return n->best && n->least < FAR && n->least <= strlen(n->word) / 3 + 1 ? n->best : NULL;
}
