/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy_walk.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

#include "../../../bpf/event.h"

#define CHAINS_MAX 4096u

static const char *const hook_chains[LEGACY_HOOKS] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT",
	"POSTROUTING" };

bool legacy_walk_read(const struct legacy_walk *w, size_t at, struct legacy_entry *e)
{
	return at < w->blob->size &&
	       legacy_entry_read(e, w->blob->family, w->blob->entries + at, w->blob->size - at);
}

static bool is_head(const struct legacy_entry *e)
{
	return !strcmp(e->target.name, "ERROR");
}

/* NULL: no room, *err says why. */
static struct legacy_place *add_place(struct legacy_walk *w, int *err)
{
	if (w->n == CHAINS_MAX) {
		*err = -E2BIG;
		return NULL;
	}
	if (w->n == w->room) {
		size_t room = w->room ? w->room * 2 : 16;
		struct legacy_place *v = realloc(w->places, room * sizeof(*v));

		if (!v) {
			*err = -ENOMEM;
			return NULL;
		}
		w->places = v;
		w->room = room;
	}
	w->places[w->n] = (struct legacy_place){ .hook = NF_NO_HOOK };
	return &w->places[w->n++];
}

static int add_hook_chain(struct legacy_walk *w, unsigned int hook)
{
	const struct legacy_blob *b = w->blob;
	struct legacy_entry e;
	struct legacy_place *p;
	int verdict, err = 0;

	p = add_place(w, &err);
	if (!p)
		return err;
	memcpy(p->name, hook_chains[hook], strlen(hook_chains[hook]));
	p->handle = legacy_chain(hook);
	p->first = b->hook_entry[hook];
	p->last = b->underflow[hook];
	p->hook = (uint8_t)hook;
	p->policy = NF_DECIDED_ACCEPT;
	w->hooks = w->n;
	if (!legacy_walk_read(w, p->last, &e) || !legacy_entry_verdict(&e, &verdict))
		return -EBADMSG;
	if (verdict == -NF_DROP - 1)
		p->policy = NF_DECIDED_DROP;
	return 0;
}

/* A chain of the user begins with a head that has its name; the last head has none and ends the table. */
static int add_user_chains(struct legacy_walk *w)
{
	struct legacy_place *open = NULL;
	struct legacy_entry e;
	size_t before = 0;
	int err = 0;

	for (size_t at = 0; at < w->blob->size && !err; before = at, at += e.next) {
		size_t len;

		if (!legacy_walk_read(w, at, &e))
			return -EBADMSG;
		if (!is_head(&e))
			continue;
		if (open)
			open->last = before;
		open = NULL;
		if (at + e.next >= w->blob->size)
			break;
		open = add_place(w, &err);
		if (!open)
			break;
		len = strnlen((const char *)e.target.data, e.target.len < 30 ? e.target.len : 30);
		memcpy(open->name, e.target.data, len);
		open->handle = legacy_chain((uint32_t)(LEGACY_CHAINS + w->n - 1 - w->hooks));
		open->first = open->last = at + e.next;
	}
	return err;
}

int legacy_walk_init(struct legacy_walk *w, const struct legacy_blob *blob)
{
	int err = 0;

	*w = (struct legacy_walk){ .blob = blob };
	for (unsigned int hook = 0; hook < LEGACY_HOOKS && !err; hook++) {
		if (blob->valid_hooks & 1u << hook)
			err = add_hook_chain(w, hook);
	}
	return err ? err : add_user_chains(w);
}

void legacy_walk_fini(struct legacy_walk *w)
{
	free(w->places);
	*w = (struct legacy_walk){ 0 };
}

const struct legacy_place *legacy_walk_chain(const struct legacy_walk *w, size_t first)
{
	size_t lo = w->hooks, hi = w->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->places[mid].first < first)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < w->n && w->places[lo].first == first ? &w->places[lo] : NULL;
}

const struct legacy_place *legacy_walk_target(
	const struct legacy_walk *w, size_t at, const struct legacy_entry *e)
{
	int verdict;

	/* to the next entry: it has no target */
	if (!legacy_entry_verdict(e, &verdict) || verdict < 0 || (size_t)verdict == at + e->next)
		return NULL;
	return legacy_walk_chain(w, (size_t)verdict);
}
