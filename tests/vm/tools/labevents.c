/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads what "skbscope trace --json" wrote and tells what is in it, as lines
 * "name value" that a scenario reads into a table. Most of it are things that
 * must be 0: a packet with two faces, an event after a packet's end, counts
 * that differ from those of the kernel. Examples of each go to stderr.
 *
 * usage: labevents [--truth PROTO:FIELD:BASE]... FILE
 *   --truth  len of a packet at a function of the IP layers is
 *            BASE + FIELD % 1000, 20 more over IPv6; FIELD is sport or dport
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLES 5
#define TRUTHS 4
#define NAMES 8192u /* a power of two */

struct field {
	const char *s;
	size_t n;
};

/* The fields of a line that are looked at. */
enum { TYPE, TS, PACKET, FUNC, LAYER, LEN, PROTO, SRC, DST, SPORT, DPORT, FRAGMENT, NETNS_NAME, FIELDS };
static const char *const field_name[FIELDS] = { "type", "ts", "packet", "func", "layer", "len", "proto",
	"src", "dst", "sport", "dport", "fragment", "netns_name" };

struct packet {
	uint64_t id, last;
	uint32_t events, ends;
	char *face[5]; /* proto, src, dst, sport, dport */
};

struct name {
	char *text;
	uint64_t n;
};

struct truth {
	char proto[16];
	int field;
	uint64_t base;
};

static struct packet *packets;
static size_t packets_n, packets_max;
static struct name funcs[NAMES], layers[NAMES];
static struct truth truths[TRUTHS];
static int ntruths;
static uint64_t lines, bad, nfunction, nend, ndrop, nstats, contradictions, after_end, ended_twice, backwards,
	wrong_len, true_len, nameless, layers_differ, functions_differ;
/* *shown: how many of this kind were shown before. */
static void example(int *shown, const char *what, const char *line, size_t len)
{
	if ((*shown)++ < EXAMPLES)
		fprintf(stderr, "%s: %.*s\n", what, (int)len, line);
}

static uint64_t hash(uint64_t x)
{
	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

static struct packet *slot(struct packet *v, size_t max, uint64_t id)
{
	size_t i = hash(id) & (max - 1);

	while (v[i].id && v[i].id != id)
		i = (i + 1) & (max - 1);
	return &v[i];
}

static struct packet *packet_of(uint64_t id)
{
	struct packet *p;

	if (packets_n * 2 >= packets_max) {
		size_t max = packets_max ? packets_max * 2 : 16384;
		struct packet *v = calloc(max, sizeof(*v));

		if (!v)
			exit(2);
		for (size_t i = 0; i < packets_max; i++) {
			if (packets[i].id)
				*slot(v, max, packets[i].id) = packets[i];
		}
		free(packets);
		packets = v;
		packets_max = max;
	}
	p = slot(packets, packets_max, id);
	if (!p->id) {
		p->id = id;
		packets_n++;
	}
	return p;
}

static struct name *name_of(struct name *table, const char *s, size_t n)
{
	uint64_t h = 5381;
	size_t i;

	for (i = 0; i < n; i++)
		h = h * 33 ^ (unsigned char)s[i];
	for (i = hash(h) & (NAMES - 1); table[i].text; i = (i + 1) & (NAMES - 1)) {
		if (!strncmp(table[i].text, s, n) && !table[i].text[n])
			return &table[i];
	}
	table[i].text = strndup(s, n);
	return &table[i];
}

static uint64_t number(struct field f)
{
	uint64_t x = 0;

	for (size_t i = 0; i < f.n; i++)
		x = x * 10 + (uint64_t)(f.s[i] - '0');
	return x;
}

/* A flat object; false when it is none. Values that no test reads are skipped. */
static bool split(const char *s, const char *end, struct field f[FIELDS])
{
	memset(f, 0, FIELDS * sizeof(*f));
	if (s >= end || *s++ != '{')
		return false;
	while (s < end && *s == '"') {
		const char *key = ++s, *value;
		size_t klen, vlen;

		while (s < end && *s != '"')
			s++;
		klen = (size_t)(s - key);
		if (s + 2 >= end || s[1] != ':')
			return false;
		s += 2;
		if (*s == '"') {
			value = ++s;
			while (s < end && *s != '"')
				s += *s == '\\' ? 2 : 1;
			vlen = (size_t)(s++ - value);
		} else {
			value = s;
			while (s < end && *s != ',' && *s != '}')
				s++;
			vlen = (size_t)(s - value);
		}
		for (int i = 0; i < FIELDS; i++) {
			if (key[0] == field_name[i][0] && !strncmp(field_name[i], key, klen) &&
				!field_name[i][klen]) {
				f[i] = (struct field){ value, vlen };
				break;
			}
		}
		if (s < end && *s == '}')
			return s + 1 == end;
		if (s >= end || *s++ != ',')
			return false;
	}
	return false;
}

static bool is(struct field f, const char *text)
{
	return f.n == strlen(text) && !memcmp(f.s, text, f.n);
}

/* What is known once never changes; something may become known later. */
static void look_at_face(struct packet *p, const struct field f[FIELDS], const char *line, size_t len)
{
	static const int part[5] = { PROTO, SRC, DST, SPORT, DPORT };
	static int shown;
	bool differs = false;

	if (!f[SRC].s)
		return;
	for (int i = 0; i < 5; i++) {
		struct field v = f[part[i]];

		if (!v.s)
			continue;
		if (!p->face[i])
			p->face[i] = strndup(v.s, v.n);
		else if (!is(v, p->face[i]))
			differs = true;
	}
	if (!differs)
		return;
	contradictions++;
	if (shown < EXAMPLES)
		fprintf(stderr, "packet %llu was %s %s %s %s %s\n", (unsigned long long)p->id, p->face[0],
			p->face[1], p->face[2], p->face[3] ? p->face[3] : "-", p->face[4] ? p->face[4] : "-");
	example(&shown, "and now it is", line, len);
}

/* Functions at which skb->data is the IP header. */
static bool at_ip(struct field func)
{
	static const char *const names[] = { "ip_rcv", "ip_rcv_core", "ip_forward", "ip_output",
		"__ip_local_out", "ip_finish_output2", "ip_local_deliver", "ip_finish_output",
		"ip_forward_finish", "ipv6_rcv", "ip6_output", "ip6_forward", "ip6_finish_output2" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (is(func, names[i]))
			return true;
	}
	return false;
}

static void look_at_len(const struct field f[FIELDS], const char *line, size_t len)
{
	static int shown;

	for (int i = 0; i < ntruths; i++) {
		const struct truth *t = &truths[i];

		if (!f[PROTO].s || !f[SRC].s || !is(f[PROTO], t->proto) || !f[t->field].s || f[FRAGMENT].s ||
			!at_ip(f[FUNC]))
			continue;
		true_len++;
		/* IPv6's header is longer */
		if (number(f[LEN]) ==
			t->base + number(f[t->field]) % 1000 + (memchr(f[SRC].s, ':', f[SRC].n) ? 20 : 0))
			continue;
		wrong_len++;
		example(&shown, "length", line, len);
	}
}

static void event_line(const struct field f[FIELDS], const char *line, size_t len)
{
	static int shown_end, shown_ts;
	struct packet *p = f[PACKET].s ? packet_of(number(f[PACKET])) : NULL;
	uint64_t ts = number(f[TS]);
	bool end = is(f[TYPE], "end");

	if (is(f[TYPE], "function")) {
		nfunction++;
		if (!f[FUNC].s || !f[LAYER].s)
			bad++;
		if (f[FUNC].s)
			name_of(funcs, f[FUNC].s, f[FUNC].n)->n++;
		if (f[LAYER].s)
			name_of(layers, f[LAYER].s, f[LAYER].n)->n++;
		if (!f[NETNS_NAME].s)
			nameless++;
		look_at_len(f, line, len);
	} else if (end) {
		nend++;
	} else if (is(f[TYPE], "drop")) {
		ndrop++;
	} else {
		bad++;
	}
	if (!p)
		return;
	if (p->ends) {
		if (end)
			ended_twice++;
		else
			after_end++;
		example(&shown_end, "after the end", line, len);
	}
	if (ts < p->last) {
		backwards++;
		example(&shown_ts, "backwards", line, len);
	}
	p->last = ts;
	p->events++;
	p->ends += end;
	look_at_face(p, f, line, len);
}

/* Prints a nested object with the path of each value: "stats.lost.ring 0". */
static const char *flatten(const char *s, char *path, size_t at, size_t size)
{
	if (*s == '{' || *s == '[') {
		char close = *s == '{' ? '}' : ']';
		unsigned int i = 0;

		s++;
		while (*s && *s != close) {
			size_t n = at;

			if (*s == ',')
				s++;
			if (close == '}') {
				const char *key = ++s;

				while (*s && *s != '"')
					s++;
				n += (size_t)snprintf(path + at, size - at, ".%.*s", (int)(s - key), key);
				s += 2;
			} else {
				n += (size_t)snprintf(path + at, size - at, ".%u", i++);
			}
			s = flatten(s, path, n, size);
		}
		path[at] = '\0';
		return *s ? s + 1 : s;
	}
	if (*s == '"') {
		const char *text = ++s;

		while (*s && *s != '"')
			s += *s == '\\' && s[1] ? 2 : 1;
		printf("%s %.*s\n", path, (int)(s - text), text);
		return *s ? s + 1 : s;
	}
	size_t n = strcspn(s, ",}]");

	printf("%s %.*s\n", path, (int)n, s);
	return s + n;
}

/* "layers":{"IPv4":48,...} against the lines that were counted. */
static void compare_layers(const char *stats)
{
	const char *s = strstr(stats, "\"layers\":{");
	uint64_t known = 0;

	if (!s)
		return;
	for (s += 10; *s == '"' || *s == ',';) {
		const char *name;
		size_t len;
		uint64_t n, mine;

		s += *s == ',' ? 2 : 1;
		name = s;
		len = strcspn(s, "\"");
		n = strtoull(s + len + 2, (char **)&s, 10);
		mine = name_of(layers, name, len)->n;
		known += mine;
		if (n != mine) {
			layers_differ++;
			fprintf(stderr, "layer %.*s: the kernel counted %llu, lines %llu\n", (int)len, name,
				(unsigned long long)n, (unsigned long long)mine);
		}
	}
	if (known != nfunction) {
		layers_differ++;
		fprintf(stderr, "%llu lines are of layers that the stats do not have\n",
			(unsigned long long)(nfunction - known));
	}
}

static void compare_functions(const char *stats)
{
	const char *s = strstr(stats, "\"top_functions\":[");

	if (!s)
		return;
	while ((s = strstr(s, "{\"func\":\"")) != NULL) {
		size_t len = strcspn(s + 9, "\"");
		const char *hits = strstr(s, "\"hits\":");
		uint64_t n = hits ? strtoull(hits + 7, NULL, 10) : 0, mine = name_of(funcs, s + 9, len)->n;

		if (n != mine) {
			functions_differ++;
			fprintf(stderr, "%.*s: the kernel counted %llu, lines %llu\n", (int)len, s + 9,
				(unsigned long long)n, (unsigned long long)mine);
		}
		s += 9;
	}
}

static void stats_line(char *line)
{
	char path[512] = "stats";

	nstats++;
	flatten(line, path, 5, sizeof(path));
	compare_layers(line);
	compare_functions(line);
}

static int parse_truth(const char *arg)
{
	struct truth *t = &truths[ntruths];
	char field[8];
	unsigned long base;

	if (ntruths == TRUTHS || sscanf(arg, "%15[^:]:%7[^:]:%lu", t->proto, field, &base) != 3)
		return -EINVAL;
	t->field = !strcmp(field, "sport") ? SPORT : DPORT;
	t->base = base;
	ntruths++;
	return 0;
}

static void print(const char *name, uint64_t n)
{
	printf("%s %llu\n", name, (unsigned long long)n);
}

static void print_result(void)
{
	uint64_t ended = 0;

	for (size_t i = 0; i < packets_max; i++)
		ended += packets[i].ends > 0;
	print("lines", lines);
	print("bad", bad);
	print("function", nfunction);
	print("end", nend);
	print("drop", ndrop);
	print("stats", nstats);
	print("packets", packets_n);
	print("ended", ended);
	print("contradictions", contradictions);
	print("after_end", after_end);
	print("ended_twice", ended_twice);
	print("backwards", backwards);
	print("true_len", true_len);
	print("wrong_len", wrong_len);
	print("nameless", nameless);
	print("layers_differ", layers_differ);
	print("functions_differ", functions_differ);
	for (size_t i = 0; i < NAMES; i++) {
		if (funcs[i].text)
			printf("func.%s %llu\n", funcs[i].text, (unsigned long long)funcs[i].n);
		if (layers[i].text)
			printf("layer.%s %llu\n", layers[i].text, (unsigned long long)layers[i].n);
	}
}

int main(int argc, char **argv)
{
	struct field f[FIELDS];
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *in;
	int i, shown = 0;

	for (i = 1; i + 1 < argc && !strcmp(argv[i], "--truth"); i += 2) {
		if (parse_truth(argv[i + 1]))
			return 2;
	}
	in = i + 1 == argc ? fopen(argv[i], "r") : NULL;
	if (!in) {
		fprintf(stderr, "usage: labevents [--truth PROTO:FIELD:BASE]... FILE\n");
		return 2;
	}
	setvbuf(in, NULL, _IOFBF, 1 << 20);
	while ((len = getline(&line, &size, in)) > 0) {
		lines++;
		if (line[len - 1] != '\n') {
			bad++;
			example(&shown, "cut off", line, (size_t)len);
			continue;
		}
		line[--len] = '\0';
		if (!strncmp(line, "{\"type\":\"stats\"", 15)) {
			stats_line(line);
		} else if (split(line, line + len, f) && f[TYPE].s && f[TS].s) {
			event_line(f, line, (size_t)len);
		} else {
			bad++;
			example(&shown, "no JSON object", line, (size_t)len);
		}
	}
	print_result();
	return 0;
}
