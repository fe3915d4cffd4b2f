/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A copy's path is kept until it ends: only then its first frame, the fate, is known. Then
 * its times go to a tree of paths that all copies share. Both are bounded: what finds no room
 * there is "(other)".
 */
#include "export/formats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "export/live.h"
#include "export/story.h"
#include "model/names.h"

#define WAYS_MAX 65536u	       /* copies under way */
#define STEPS_MAX 256u	       /* functions of a path */
#define STEPS_TOTAL (4u << 20) /* of all that are under way */
#define NODES_MAX (1u << 20)   /* of the tree */
#define NAME_SIZE 512u

struct step {
	uint64_t ns;
	uint16_t func;
};

struct way {
	uint64_t packet, last; /* ns, of the newest record */
	uint64_t before;       /* until its first function */
	uint64_t other;	       /* of functions that found no room */
	uint32_t copy;
	uint32_t prev, next; /* oldest first; next: of the unused ones as well */
	uint16_t n, cap;
	bool full; /* from here on its time is (other) */
	struct step *steps;
};

struct node {
	uint64_t ns;
	uint32_t parent; /* 0: func is a fate */
	uint16_t func;
};

struct folded_sink {
	struct sink sink;
	FILE *out;
	struct sink_options options;
	struct live *live;
	const struct rules *rules;
	struct way *ways; /* from 1 on */
	struct hashmap by_copy;
	uint32_t fresh, unused, oldest, newest;
	size_t steps;	    /* of all ways: room taken */
	struct node *nodes; /* from 1 on */
	size_t nnodes, cap;
	struct hashmap by_path;	 /* parent << 16 | func */
	uint64_t other, crowded; /* crowded: copies that were given up */
};

static uint64_t key_of(const struct event *ev)
{
	return ev->packet * 0x9e3779b97f4a7c15ull + ev->copy * 0xc2b2ae3d27d4eb4full;
}

static uint64_t key_of_way(const struct way *w)
{
	return key_of(&(struct event){ .packet = w->packet, .copy = w->copy });
}

/* The node of func behind parent; 0: no room. */
static uint32_t node_of(struct folded_sink *fs, uint32_t parent, uint16_t func)
{
	uint64_t key = (uint64_t)parent << 16 | func;
	uint32_t no = hashmap_get(&fs->by_path, key);

	if (no || fs->nnodes == NODES_MAX)
		return no;
	if (fs->nnodes + 1 >= fs->cap) {
		size_t cap = fs->cap ? 2 * fs->cap : 1024;
		struct node *nodes = realloc(fs->nodes, cap * sizeof(*nodes));

		if (!nodes)
			return 0;
		fs->nodes = nodes;
		fs->cap = cap;
	}
	if (hashmap_put(&fs->by_path, key, (uint32_t)fs->nnodes + 1))
		return 0;
	fs->nodes[++fs->nnodes] = (struct node){ .parent = parent, .func = func };
	return (uint32_t)fs->nnodes;
}

static void unlink_way(struct folded_sink *fs, uint32_t at)
{
	struct way *w = &fs->ways[at];

	if (w->prev)
		fs->ways[w->prev].next = w->next;
	else
		fs->oldest = w->next;
	if (w->next)
		fs->ways[w->next].prev = w->prev;
	else
		fs->newest = w->prev;
}

/* Its times go to the tree. */
static void settle(struct folded_sink *fs, uint32_t at, enum fate fate)
{
	struct way *w = &fs->ways[at];
	uint32_t node = node_of(fs, 0, (uint16_t)fate);

	if (node)
		fs->nodes[node].ns += w->before;
	else
		fs->other += w->before;
	fs->other += w->other;
	for (uint16_t i = 0; i < w->n; i++) {
		node = node ? node_of(fs, node, w->steps[i].func) : 0;
		if (node)
			fs->nodes[node].ns += w->steps[i].ns;
		else
			fs->other += w->steps[i].ns;
	}
	fs->steps -= w->cap;
	free(w->steps);
	w->steps = NULL;
	hashmap_del(&fs->by_copy, key_of_way(w));
	unlink_way(fs, at);
	w->next = fs->unused;
	fs->unused = at;
}

static struct way *begin(struct folded_sink *fs, const struct event *ev)
{
	uint32_t at;

	if (!fs->unused && fs->fresh > WAYS_MAX) {
		settle(fs, fs->oldest, FATE_LIVE);
		fs->crowded++;
	}
	at = fs->unused ? fs->unused : fs->fresh;
	if (hashmap_put(&fs->by_copy, key_of(ev), at))
		return NULL;
	if (fs->unused)
		fs->unused = fs->ways[at].next;
	else
		fs->fresh++;
	fs->ways[at] = (struct way){ .packet = ev->packet, .copy = ev->copy, .last = ev->ts };
	fs->ways[at].prev = fs->newest;
	if (fs->newest)
		fs->ways[fs->newest].next = at;
	else
		fs->oldest = at;
	fs->newest = at;
	return &fs->ways[at];
}

/* Without room its time is (other) from here on. */
static void step(struct folded_sink *fs, struct way *w, uint16_t func)
{
	if (w->n == w->cap && !w->full) {
		uint16_t cap = w->cap ? 2 * w->cap : 16;
		struct step *steps = NULL;

		if (w->n < STEPS_MAX && fs->steps + cap - w->cap <= STEPS_TOTAL)
			steps = realloc(w->steps, cap * sizeof(*steps));
		w->full = !steps;
		if (steps) {
			fs->steps += cap - w->cap;
			w->steps = steps;
			w->cap = cap;
		}
	}
	if (!w->full)
		w->steps[w->n++] = (struct step){ .func = func };
}

/* Time since its record before; one of another CPU can be a little older. */
static void pass(struct way *w, uint64_t ts)
{
	uint64_t ns = ts > w->last ? ts - w->last : 0;

	w->last += ns;
	if (w->full)
		w->other += ns;
	else if (w->n)
		w->steps[w->n - 1].ns += ns;
	else
		w->before += ns;
}

static uint32_t find(const struct folded_sink *fs, const struct event *ev)
{
	uint32_t at = hashmap_get(&fs->by_copy, key_of(ev));

	return at && fs->ways[at].packet == ev->packet && fs->ways[at].copy == ev->copy ? at : 0;
}

static int folded_event(struct sink *sink, const struct event *ev, size_t size)
{
	struct folded_sink *fs = (struct folded_sink *)sink;
	struct live_packet *packet;
	struct way *w;
	uint32_t at;
	bool changed;

	if (size < sizeof(*ev) || !story_tells(ev))
		return 0;
	packet = live_note(fs->live, fs->rules, ev, size, &changed);
	if (!packet || packet->ended)
		return 0;
	at = find(fs, ev);
	w = at ? &fs->ways[at] : begin(fs, ev);
	if (!w)
		return -ENOMEM;
	pass(w, ev->ts);
	if (event_is_function(ev->type))
		step(fs, w, ev->func);
	if (ev->type != EVENT_END)
		return 0;
	settle(fs, (uint32_t)(w - fs->ways), fate_of(&packet->facts));
	live_end(fs->live, packet);
	return 0;
}

static int folded_flush(struct sink *sink, uint64_t now)
{
	errno = 0;
	if (fflush(((struct folded_sink *)sink)->out))
		return errno ? -errno : -EIO;
	return 0;
}

/* What the format gives a meaning to cannot stand in a frame's name. */
static void put_name(struct strbuf *line, const struct probe_table *probes, uint16_t func)
{
	char name[NAME_SIZE];

	if (func >= probes->n) {
		strbuf_addf(line, "function_%u", func);
		return;
	}
	printable(name, sizeof(name), probes->v[func].name, strlen(probes->v[func].name));
	for (char *p = name; *p; p++) {
		if (*p == ';' || *p == ' ')
			*p = '_';
	}
	strbuf_puts(line, name);
}

static void put_path(struct strbuf *line, const struct folded_sink *fs, uint32_t no)
{
	uint16_t funcs[STEPS_MAX];
	size_t n = 0;

	for (; fs->nodes[no].parent; no = fs->nodes[no].parent)
		funcs[n++] = fs->nodes[no].func;
	strbuf_puts(line, fate_name((enum fate)fs->nodes[no].func));
	while (n) {
		strbuf_putc(line, ';');
		put_name(line, fs->options.probes, funcs[--n]);
	}
}

static int put_tree(struct folded_sink *fs)
{
	struct strbuf line = STRBUF_INIT;
	int err = 0;

	for (uint32_t no = 1; !err && no <= fs->nnodes; no++) {
		if (!fs->nodes[no].ns)
			continue;
		strbuf_clear(&line);
		put_path(&line, fs, no);
		strbuf_addf(&line, " %" PRIu64 "\n", fs->nodes[no].ns);
		errno = 0;
		if (line.failed)
			err = -ENOMEM;
		else if (fwrite(line.s, 1, line.len, fs->out) != line.len)
			err = errno ? -errno : -EIO;
	}
	strbuf_fini(&line);
	return err;
}

static int folded_finish(struct sink *sink, const struct summary_of *of)
{
	struct folded_sink *fs = (struct folded_sink *)sink;
	int err;

	while (fs->oldest)
		settle(fs, fs->oldest, FATE_LIVE);
	err = put_tree(fs);
	errno = 0;
	if (!err && fs->other && fprintf(fs->out, "(other) %" PRIu64 "\n", fs->other) < 0)
		err = errno ? -errno : -EIO;
	if (fs->options.note && fs->crowded)
		snprintf(fs->options.note, fs->options.note_size,
			"folded: %" PRIu64 " copies were taken as live: more than %u were under way",
			fs->crowded, WAYS_MAX);
	return err ? err : folded_flush(sink, 0);
}

static void folded_close(struct sink *sink)
{
	struct folded_sink *fs = (struct folded_sink *)sink;

	if (!fs)
		return;
	while (fs->ways && fs->oldest) {
		free(fs->ways[fs->oldest].steps);
		fs->oldest = fs->ways[fs->oldest].next;
	}
	free(fs->ways);
	free(fs->nodes);
	hashmap_fini(&fs->by_copy);
	hashmap_fini(&fs->by_path);
	live_free(fs->live);
	free(fs);
}

static struct sink *folded_open(FILE *out, const struct sink_options *options)
{
	struct folded_sink *fs = calloc(1, sizeof(*fs));

	if (!fs)
		return NULL;
	fs->sink.ops = &sink_folded;
	fs->out = out;
	fs->options = *options;
	fs->rules = store_rules(options->store);
	fs->fresh = 1;
	fs->ways = calloc(WAYS_MAX + 1, sizeof(*fs->ways));
	fs->live = live_new(options->probes);
	if (!fs->ways || !fs->live || hashmap_init(&fs->by_copy, 1024) || hashmap_init(&fs->by_path, 1024)) {
		folded_close(&fs->sink);
		return NULL;
	}
	return &fs->sink;
}

const struct sink_ops sink_folded = {
	.name = "folded",
	.open = folded_open,
	.event = folded_event,
	.flush = folded_flush,
	.finish = folded_finish,
	.close = folded_close,
};
