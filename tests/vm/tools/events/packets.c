/* SPDX-License-Identifier: GPL-2.0 */
#include "packets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATHS 4
#define PATH_FIELDS 6
#define PATH_MAX_LEN 1024
#define FATES 8

struct copy {
	uint64_t last, skb;
	int64_t parent; /* -1: it does not say */
	uint32_t no, ends;
	bool socket, drop;
};

struct packet {
	uint64_t id, len;
	char *face[5]; /* proto, src, dst, sport, dport */
	char *path;
	struct copy *copies;
	uint32_t ncopies;
};

/* Which copy an skb was last. */
struct skb {
	uint64_t address, packet;
	uint32_t copy;
};

struct fate {
	char name[16];
	uint64_t n;
};

/* What makes the way of a packet of this protocol. */
struct path {
	char proto[16];
	int field[PATH_FIELDS], nfields;
};

static const char *const count_name[COUNTS] = {
	[CONTRADICTIONS] = "contradictions",
	[LEN_CHANGED] = "len_changed",
	[AFTER_END] = "after_end",
	[ENDED_TWICE] = "ended_twice",
	[BACKWARDS] = "backwards",
	[COPY_ORDER] = "copy_order",
	[WITH_PARENT] = "with_parent",
	[PARENT_UNKNOWN] = "parent_unknown",
	[PARENT_CHANGED] = "parent_changed",
	[SKB_CHANGED] = "skb_changed",
	[SKB_TAKEN] = "skb_taken",
	[FATE_MISSING] = "fate_missing",
	[FATE_WRONG] = "fate_wrong",
};

static uint64_t count[COUNTS];
static int shown[COUNTS];

static struct packet *packets;
static size_t npackets, packets_max;
static struct skb *skbs;
static size_t nskbs, skbs_max;
static struct fate fates[FATES];
static struct path paths[PATHS];
static int npaths;

static void wrong(enum count what, const struct line *line)
{
	count[what]++;
	example(&shown[what], count_name[what], line);
}

static void *more(void *v, size_t n, size_t size)
{
	v = realloc(v, n * size);
	if (!v)
		exit(2);
	return v;
}

static uint64_t hash(uint64_t x)
{
	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

static struct packet *packet_slot(struct packet *v, size_t max, uint64_t id)
{
	size_t i = hash(id) & (max - 1);

	while (v[i].id && v[i].id != id)
		i = (i + 1) & (max - 1);
	return &v[i];
}

static struct packet *packet_of(uint64_t id)
{
	struct packet *p;

	if (npackets * 2 >= packets_max) {
		size_t max = packets_max ? packets_max * 2 : 16384;
		struct packet *v = calloc(max, sizeof(*v));

		if (!v)
			exit(2);
		for (size_t i = 0; i < packets_max; i++) {
			if (packets[i].id)
				*packet_slot(v, max, packets[i].id) = packets[i];
		}
		free(packets);
		packets = v;
		packets_max = max;
	}
	p = packet_slot(packets, packets_max, id);
	if (!p->id) {
		p->id = id;
		npackets++;
	}
	return p;
}

static struct skb *skb_slot(struct skb *v, size_t max, uint64_t address)
{
	size_t i = hash(address) & (max - 1);

	while (v[i].address && v[i].address != address)
		i = (i + 1) & (max - 1);
	return &v[i];
}

static struct skb *skb_of(uint64_t address)
{
	struct skb *s;

	if (nskbs * 2 >= skbs_max) {
		size_t max = skbs_max ? skbs_max * 2 : 4096;
		struct skb *v = calloc(max, sizeof(*v));

		if (!v)
			exit(2);
		for (size_t i = 0; i < skbs_max; i++) {
			if (skbs[i].address)
				*skb_slot(v, max, skbs[i].address) = skbs[i];
		}
		free(skbs);
		skbs = v;
		skbs_max = max;
	}
	s = skb_slot(skbs, skbs_max, address);
	if (!s->address) {
		s->address = address;
		nskbs++;
	}
	return s;
}

/* NULL: it has not been seen. */
static struct copy *find_copy(const struct packet *p, uint32_t no)
{
	for (uint32_t i = p->ncopies; i-- > 0;) {
		if (p->copies[i].no == no)
			return &p->copies[i];
	}
	return NULL;
}

static struct copy *new_copy(struct packet *p, uint32_t no, int64_t parent, const struct line *line)
{
	uint32_t most = 0;
	struct copy *c;

	for (uint32_t i = 0; i < p->ncopies; i++)
		most = p->copies[i].no > most ? p->copies[i].no : most;
	if (no && no != most + 1)
		wrong(COPY_ORDER, line);
	if (parent >= 0) {
		count[WITH_PARENT]++;
		if (parent == no || (parent && !find_copy(p, (uint32_t)parent)))
			wrong(PARENT_UNKNOWN, line);
	}
	p->copies = more(p->copies, p->ncopies + 1, sizeof(*p->copies));
	c = &p->copies[p->ncopies++];
	*c = (struct copy){ .no = no, .parent = parent };
	return c;
}

static struct copy *copy_of(struct packet *p, const struct line *line)
{
	uint32_t no = (uint32_t)field_value(line->f[COPY]);
	int64_t parent = line->f[PARENT].s ? (int64_t)field_value(line->f[PARENT]) : -1;
	struct copy *c = find_copy(p, no);

	if (!c)
		return new_copy(p, no, parent, line);
	if (parent >= 0 && parent != c->parent)
		wrong(PARENT_CHANGED, line);
	return c;
}

/* What is known once never changes; something may become known later. */
static void look_at_face(struct packet *p, const struct line *line)
{
	static const int part[5] = { PROTO, SRC, DST, SPORT, DPORT };
	bool differs = false;

	if (!line->f[SRC].s)
		return;
	for (int i = 0; i < 5; i++) {
		struct field v = line->f[part[i]];

		if (!v.s)
			continue;
		if (!p->face[i])
			p->face[i] = strndup(v.s, v.n);
		else if (!field_is(v, p->face[i]))
			differs = true;
	}
	if (!differs)
		return;
	if (shown[CONTRADICTIONS] < 5)
		fprintf(stderr, "contradictions: packet %llu was %s %s %s %s %s\n", (unsigned long long)p->id,
			p->face[0], p->face[1], p->face[2], p->face[3] ? p->face[3] : "-",
			p->face[4] ? p->face[4] : "-");
	wrong(CONTRADICTIONS, line);
}

static void look_at_len(struct packet *p, const struct line *line)
{
	uint64_t len = field_value(line->f[LEN]);

	if (!line->f[SRC].s || line->f[FRAGMENT].s || !line_at_ip(line))
		return;
	if (!p->len)
		p->len = len;
	else if (len != p->len)
		wrong(LEN_CHANGED, line);
}

/* A skb is one copy after the other: the next begins after the end of the one before. */
static void look_at_skb(const struct packet *p, struct copy *c, const struct line *line)
{
	uint64_t address = line->f[SKB].s ? strtoull(line->f[SKB].s, NULL, 16) : 0;
	struct skb *s;

	if (!address)
		return;
	if (!c->skb)
		c->skb = address;
	else if (c->skb != address)
		wrong(SKB_CHANGED, line);
	s = skb_of(address);
	if (s->packet && (s->packet != p->id || s->copy != c->no)) {
		const struct copy *before = find_copy(packet_slot(packets, packets_max, s->packet), s->copy);

		if (before && !before->ends)
			wrong(SKB_TAKEN, line);
	}
	s->packet = p->id;
	s->copy = c->no;
}

/*
 * What TCP frees of its queue counts as a drop for the kernel (QUEUE_PURGE); what
 * was sent of it is its clones.
 */
static bool fate_fits(const struct packet *p, const struct copy *c, struct field fate)
{
	bool dropped = field_is(fate, "dropped");

	if (field_is(fate, "delivered") && !c->socket)
		return false;
	return dropped == c->drop || (!dropped && !c->no && p->ncopies > 1);
}

static void count_fate(const struct packet *p, const struct copy *c, const struct line *line)
{
	struct field fate = line->f[FATE];

	if (!fate.s) {
		wrong(FATE_MISSING, line);
		return;
	}
	if (!fate_fits(p, c, fate))
		wrong(FATE_WRONG, line);
	for (int i = 0; i < FATES; i++) {
		if (!fates[i].name[0] && fate.n < sizeof(fates[i].name))
			memcpy(fates[i].name, fate.s, fate.n);
		if (field_is(fate, fates[i].name)) {
			fates[i].n++;
			return;
		}
	}
}

static const struct path *path_of(const struct line *line)
{
	for (int i = 0; i < npaths && line->f[SRC].s && line->f[PROTO].s; i++) {
		if (field_is(line->f[PROTO], paths[i].proto))
			return &paths[i];
	}
	return NULL;
}

/* A step that was made before is not made again: copies go the same way. */
static bool was_there(const char *path, const char *step, size_t n)
{
	for (const char *s = strchr(path, ':') + 1; (s = strstr(s, step)); s += n) {
		if ((s[-1] == '>' || s[-1] == ':') && (!s[n] || s[n] == '>'))
			return true;
	}
	return false;
}

static void add_step(struct packet *p, const struct line *line)
{
	const struct path *way = path_of(line);
	char step[256];
	size_t n = 0, len;

	if (!way || !field_is(line->f[TYPE], "function") || !line_at_ip(line))
		return;
	for (int i = 0; i < way->nfields; i++) {
		struct field f = line->f[way->field[i]];

		if (f.n + n + 4 >= sizeof(step))
			return;
		n += (size_t)snprintf(step + n, sizeof(step) - n, "%s%.*s", i ? "," : "", f.s ? (int)f.n : 1,
			f.s ? f.s : "-");
	}
	if (!p->path) {
		p->path = more(NULL, sizeof(way->proto) + n + 2, 1);
		sprintf(p->path, "%s:%s", way->proto, step);
		return;
	}
	len = strlen(p->path);
	if (was_there(p->path, step, n) || len + n >= PATH_MAX_LEN)
		return;
	p->path = more(p->path, len + n + 2, 1);
	p->path[len] = '>';
	memcpy(p->path + len + 1, step, n + 1);
}

void packets_line(const struct line *line)
{
	uint64_t ts = field_value(line->f[TS]);
	bool end = field_is(line->f[TYPE], "end");
	struct packet *p;
	struct copy *c;

	if (!line->f[PACKET].s)
		return;
	p = packet_of(field_value(line->f[PACKET]));
	c = copy_of(p, line);
	if (c->ends)
		wrong(end ? ENDED_TWICE : AFTER_END, line);
	if (ts < c->last)
		wrong(BACKWARDS, line);
	c->last = ts;
	if (!c->ends)
		look_at_skb(p, c, line);
	if (end && !c->ends)
		count_fate(p, c, line);
	c->ends += end;
	c->drop |= field_is(line->f[TYPE], "drop");
	c->socket |= field_is(line->f[TYPE], "socket");
	look_at_face(p, line);
	look_at_len(p, line);
	add_step(p, line);
}

bool packets_path(const char *arg)
{
	struct path *way = &paths[npaths];
	size_t n = strcspn(arg, ":");

	if (npaths == PATHS || !arg[n] || n >= sizeof(way->proto))
		return false;
	memcpy(way->proto, arg, n);
	for (arg += n + 1; way->nfields < PATH_FIELDS && *arg; way->nfields++) {
		n = strcspn(arg, ",");
		way->field[way->nfields] = n ? field_number(arg, n) : -1;
		if (way->field[way->nfields] < 0)
			return false;
		arg += n + (arg[n] == ',');
	}
	npaths++;
	return !*arg;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp((*(struct packet *const *)a)->path, (*(struct packet *const *)b)->path);
}

/* "path.udp:A>B N": packets of this way; "path_copies.udp:A>B N": all their copies. */
static void print_paths(void)
{
	struct packet **v = more(NULL, npackets + 1, sizeof(struct packet *));
	size_t n = 0, all = 0, ncopies = 0;

	for (size_t i = 0; i < packets_max; i++) {
		if (packets[i].path)
			v[n++] = &packets[i];
	}
	qsort(v, n, sizeof(struct packet *), compare_paths);
	for (size_t i = 0; i < n; i++) {
		all++;
		ncopies += v[i]->ncopies;
		if (i + 1 < n && !strcmp(v[i]->path, v[i + 1]->path))
			continue;
		printf("path.%s %zu\npath_copies.%s %zu\n", v[i]->path, all, v[i]->path, ncopies);
		all = ncopies = 0;
	}
	free(v);
}

void packets_print(void)
{
	size_t ncopies = 0, copies_ended = 0, ended = 0, most = 0;

	for (size_t i = 0; i < packets_max; i++) {
		const struct packet *p = &packets[i];
		size_t n = 0;

		for (uint32_t k = 0; k < p->ncopies; k++)
			n += p->copies[k].ends > 0;
		ncopies += p->ncopies;
		copies_ended += n;
		ended += p->ncopies && n == p->ncopies;
		if (p->ncopies > most)
			most = p->ncopies;
	}
	printf("packets %zu\ncopies %zu\ncopies_most %zu\n", npackets, ncopies, most);
	printf("addresses %zu\n", nskbs);
	printf("ended %zu\ncopies_ended %zu\n", ended, copies_ended);
	for (int i = 0; i < COUNTS; i++)
		printf("%s %llu\n", count_name[i], (unsigned long long)count[i]);
	for (int i = 0; i < FATES && fates[i].name[0]; i++)
		printf("fate.%s %llu\n", fates[i].name, (unsigned long long)fates[i].n);
	print_paths();
}
