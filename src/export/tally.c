/* SPDX-License-Identifier: GPL-2.0 */
#include "export/tally.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/reasons.h"

#define DROP_KINDS 1024u
#define RULES_MAX 65536u
#define RULES_TEXT (16u << 20) /* bytes */

int tally_init(struct tally *tally, const struct source_info *info)
{
	*tally = (struct tally){ .info = info };
	tally->names = names_new();
	tally->rules = rules_new(RULES_MAX, RULES_TEXT);
	tally->drops = drops_new(DROP_KINDS);
	return tally->names && tally->rules && tally->drops ? 0 : -ENOMEM;
}

void tally_fini(struct tally *tally)
{
	names_free(tally->names);
	rules_free(tally->rules);
	drops_free(tally->drops);
}

void tally_apply(struct tally *tally, const struct event *ev, size_t size)
{
	const struct event_chain *chain = (const struct event_chain *)ev;

	names_apply(tally->names, ev, size);
	if (ev->type < EVENT_HOOK)
		return;
	rules_apply(tally->rules, ev, size);
	if (ev->type == EVENT_CHAIN && size >= sizeof(*chain) && chain->what == CHAIN_LEAVE &&
		!chain->depth && chain->decision < NF_DECISIONS)
		tally->verdicts[chain->decision]++;
}

static void count_reason(struct tally *tally, uint32_t reason)
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

void tally_drop(struct tally *tally, const struct event *ev, size_t size, uint32_t rule)
{
	const struct event_drop *drop = (const struct event_drop *)ev;
	bool whole = size >= sizeof(*drop);

	count_reason(tally, whole ? drop->reason : 0);
	if (tally->drops)
		drops_add(tally->drops,
			&(struct drop_kind){ .reason = whole ? drop->reason : 0,
				.location = whole ? drop->location : 0,
				.rule = rule,
				.packet = ev->packet },
			ev->ts);
}

const char *reason_text(const struct source_info *info, uint32_t reason, char *buf, size_t size)
{
	if (!reason_name(info, reason, buf, size)[0])
		snprintf(buf, size, "unknown");
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

static uint64_t rule_hits(const struct rules *rules, uint32_t no)
{
	const struct rules_item *item = rules_item(rules, no);

	return item && item->kind == RULES_RULE ? item->hits : 0;
}

size_t top_rules(const struct rules *rules, uint32_t *top, size_t max)
{
	size_t all = rules_tree(rules, 0, NULL, 0), n = 0;
	uint32_t *no = malloc((all + 1) * sizeof(*no));

	if (no)
		rules_tree(rules, 0, no, all);
	for (size_t i = 0; no && max && i < all; i++) {
		uint64_t hits = rule_hits(rules, no[i]);
		size_t at = n;

		if (!hits || (n == max && rule_hits(rules, top[n - 1]) >= hits))
			continue;
		if (n < max)
			n++;
		else
			at = n - 1;
		for (; at && rule_hits(rules, top[at - 1]) < hits; at--)
			top[at] = top[at - 1];
		top[at] = no[i];
	}
	free(no);
	return n;
}

size_t top_drops(const struct drops *drops, const struct drop_kind **top, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; max && i < drops_count(drops); i++) {
		const struct drop_kind *kind = drops_at(drops, i);
		size_t at = n;

		if (n == max && top[n - 1]->count >= kind->count)
			continue;
		if (n < max)
			n++;
		else
			at = n - 1;
		for (; at && top[at - 1]->count < kind->count; at--)
			top[at] = top[at - 1];
		top[at] = kind;
	}
	return n;
}
