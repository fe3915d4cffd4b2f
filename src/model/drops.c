/* SPDX-License-Identifier: GPL-2.0 */
#include "model/drops.h"

#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "model/rate.h"

/* The packets of a kind are kept apart: most programs never ask for them. */
struct kind {
	struct drop_kind pub;
	struct rate rate;
	uint64_t seen;	    /* packets ever remembered */
	uint64_t *recent;   /* a ring of DROPS_RECENT, NULL: no memory */
	uint32_t hash_next; /* index + 1 */
};

struct drops {
	struct kind *v; /* in order of appearance */
	uint32_t *heads;
	size_t n, max, mask;
	uint32_t last_no;
	uint64_t forgotten;
	size_t recents;		    /* rings in use */
	struct drop_reason *reason; /* sorted by number */
	size_t nreasons, reasons_max;
	uint64_t other, total;
};

/* Sums by reason take little: kernels know about a hundred. */
#define REASONS_MIN 64u
#define REASONS_MAX 512u

static size_t reasons_for(size_t max)
{
	return max < REASONS_MIN ? REASONS_MIN : max > REASONS_MAX ? REASONS_MAX : max;
}

#define RECENT_BYTES (DROPS_RECENT * sizeof(uint64_t))

struct drops *drops_new(size_t max)
{
	struct drops *drops = calloc(1, sizeof(*drops));
	size_t heads = 16;

	if (!drops)
		return NULL;
	drops->max = max ? max : 1;
	while (heads < drops->max)
		heads *= 2;
	drops->mask = heads - 1;
	drops->v = calloc(drops->max, sizeof(*drops->v));
	drops->heads = calloc(heads, sizeof(*drops->heads));
	drops->reasons_max = reasons_for(drops->max);
	drops->reason = calloc(drops->reasons_max, sizeof(*drops->reason));
	if (!drops->v || !drops->heads || !drops->reason) {
		drops_free(drops);
		return NULL;
	}
	return drops;
}

void drops_free(struct drops *drops)
{
	if (!drops)
		return;
	for (size_t i = 0; i < drops->n; i++)
		free(drops->v[i].recent);
	free(drops->v);
	free(drops->heads);
	free(drops->reason);
	free(drops);
}

size_t drops_bytes_max(size_t max)
{
	size_t heads = 16;

	max = max ? max : 1;
	while (heads < max)
		heads *= 2;
	return sizeof(struct drops) + reasons_for(max) * sizeof(struct drop_reason) +
	       max * (sizeof(struct kind) + RECENT_BYTES) + heads * sizeof(uint32_t);
}

size_t drops_bytes(const struct drops *drops)
{
	return sizeof(*drops) + drops->reasons_max * sizeof(*drops->reason) +
	       (drops->mask + 1) * sizeof(*drops->heads) + drops->n * sizeof(*drops->v) +
	       drops->recents * RECENT_BYTES;
}

static uint32_t *head_of(const struct drops *drops, const struct drop_kind *kind)
{
	uint64_t hash = hash_u64(kind->location ^ hash_u64((uint64_t)kind->rule << 32 | kind->reason));

	return &drops->heads[hash & drops->mask];
}

static struct kind *find(const struct drops *drops, const struct drop_kind *what)
{
	for (uint32_t i = *head_of(drops, what); i; i = drops->v[i - 1].hash_next) {
		struct kind *k = &drops->v[i - 1];

		if (k->pub.reason == what->reason && k->pub.location == what->location &&
			k->pub.rule == what->rule)
			return k;
	}
	return NULL;
}

static void index_all(struct drops *drops)
{
	memset(drops->heads, 0, (drops->mask + 1) * sizeof(*drops->heads));
	for (size_t i = 0; i < drops->n; i++) {
		uint32_t *head = head_of(drops, &drops->v[i].pub);

		drops->v[i].hash_next = *head;
		*head = (uint32_t)i + 1;
	}
}

/* Makes room: of the half that was not seen for longest, the rarest goes. */
static void forget_one(struct drops *drops)
{
	uint64_t oldest = UINT64_MAX, newest = 0, middle;
	size_t victim = drops->n;

	for (size_t i = 0; i < drops->n; i++) {
		oldest = drops->v[i].pub.last < oldest ? drops->v[i].pub.last : oldest;
		newest = drops->v[i].pub.last > newest ? drops->v[i].pub.last : newest;
	}
	middle = oldest + (newest - oldest) / 2;
	for (size_t i = 0; i < drops->n; i++) {
		const struct drop_kind *k = &drops->v[i].pub;

		if (k->last <= middle && (victim == drops->n || k->count < drops->v[victim].pub.count))
			victim = i;
	}
	drops->forgotten += drops->v[victim].pub.count;
	drops->recents -= drops->v[victim].recent != NULL;
	free(drops->v[victim].recent);
	memmove(&drops->v[victim], &drops->v[victim + 1], (--drops->n - victim) * sizeof(*drops->v));
	index_all(drops);
}

static struct kind *kind_new(struct drops *drops, const struct drop_kind *what, uint64_t ts)
{
	struct kind *k;
	uint32_t *head;

	if (drops->n == drops->max)
		forget_one(drops);
	k = &drops->v[drops->n++];
	*k = (struct kind){ .pub = *what, .rate = { .at = ts } };
	k->pub.no = ++drops->last_no;
	k->pub.count = 0;
	k->pub.rate = 0;
	k->pub.first = k->pub.last = ts;
	k->recent = calloc(1, RECENT_BYTES);
	drops->recents += k->recent != NULL;
	head = head_of(drops, what);
	k->hash_next = *head;
	*head = (uint32_t)drops->n;
	return k;
}

static void count_reason(struct drops *drops, uint32_t reason)
{
	size_t lo = 0, hi = drops->nreasons;

	drops->total++;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (drops->reason[mid].reason < reason)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < drops->nreasons && drops->reason[lo].reason == reason) {
		drops->reason[lo].count++;
	} else if (drops->nreasons == drops->reasons_max) {
		drops->other++;
	} else {
		memmove(&drops->reason[lo + 1], &drops->reason[lo],
			(drops->nreasons - lo) * sizeof(*drops->reason));
		drops->reason[lo] = (struct drop_reason){ .reason = reason, .count = 1 };
		drops->nreasons++;
	}
}

void drops_add(struct drops *drops, const struct drop_kind *what, uint64_t ts)
{
	struct kind *k = find(drops, what);

	count_reason(drops, what->reason);
	if (!k)
		k = kind_new(drops, what, ts);
	k->pub.count++;
	k->pub.flow = what->flow;
	k->pub.packet = what->packet;
	if (ts < k->pub.first)
		k->pub.first = ts;
	if (ts > k->pub.last)
		k->pub.last = ts;
	if (!what->packet || !k->recent)
		return;
	/* copies of one packet that are dropped together are one line */
	if (k->seen && k->recent[(k->seen - 1) % DROPS_RECENT] == what->packet)
		return;
	k->recent[k->seen++ % DROPS_RECENT] = what->packet;
}

void drops_tick(struct drops *drops, uint64_t now)
{
	for (size_t i = 0; i < drops->n; i++)
		drops->v[i].pub.rate = rate_update(&drops->v[i].rate, drops->v[i].pub.count, now);
}

size_t drops_count(const struct drops *drops)
{
	return drops->n;
}

const struct drop_kind *drops_at(const struct drops *drops, size_t index)
{
	return index < drops->n ? &drops->v[index].pub : NULL;
}

static const struct kind *kind_by_no(const struct drops *drops, uint32_t no)
{
	size_t lo = 0, hi = drops->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (drops->v[mid].pub.no < no)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < drops->n && drops->v[lo].pub.no == no ? &drops->v[lo] : NULL;
}

const struct drop_kind *drops_kind(const struct drops *drops, uint32_t no)
{
	const struct kind *k = kind_by_no(drops, no);

	return k ? &k->pub : NULL;
}

size_t drops_recent(const struct drops *drops, uint32_t no, uint64_t *packets, size_t max)
{
	const struct kind *k = kind_by_no(drops, no);
	uint64_t have = k && k->recent ? k->seen : 0;
	size_t n = 0;

	for (; n < max && n < have && n < DROPS_RECENT; n++)
		packets[n] = k->recent[(have - 1 - n) % DROPS_RECENT];
	return n;
}

uint64_t drops_forgotten(const struct drops *drops)
{
	return drops->forgotten;
}

const struct drop_reason *drops_reasons(const struct drops *drops, size_t *n)
{
	*n = drops->nreasons;
	return drops->reason;
}

uint64_t drops_other_reasons(const struct drops *drops)
{
	return drops->other;
}

uint64_t drops_total(const struct drops *drops)
{
	return drops->total;
}
