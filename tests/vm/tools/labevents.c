/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads what "skbscope trace --json" wrote and tells what is in it, as lines
 * "name value" that a scenario reads into a table. Most of it are things that
 * must be 0: a packet with two faces, an event after a packet's end, counts
 * that differ from those of the kernel. Examples of each go to stderr.
 *
 * usage: labevents [--truth PROTO:FIELD:BASE]... [--path PROTO:FIELD,...]... FILE
 *   --truth  len of a packet at a function of the IP layers is
 *            BASE + FIELD % 1000, 20 more over IPv6; FIELD is sport or dport
 *   --path   the different values that these fields take on the way of a packet
 *            of this protocol through the IP layers, in order; how many packets
 *            went each way
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/line.h"
#include "events/packets.h"

#define TRUTHS 4
#define NAMES 8192u /* a power of two */

struct name {
	char *text;
	uint64_t n;
};

struct truth {
	char proto[16];
	int field;
	uint64_t base;
};

static struct name funcs[NAMES], layers[NAMES];
static struct truth truths[TRUTHS];
static int ntruths;
static uint64_t lines, bad, nfunction, nend, ndrop, nsocket, nnetfilter, nstats, wrong_len, true_len,
	nameless, layers_differ, functions_differ;

static uint32_t hash(uint32_t x)
{
	x *= 0x9e3779b1u;
	return x ^ x >> 15;
}

static struct name *name_of(struct name *table, const char *s, size_t n)
{
	uint32_t h = 5381;
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

static void look_at_len(const struct line *line)
{
	const struct field *f = line->f;
	static int shown;

	for (int i = 0; i < ntruths; i++) {
		const struct truth *t = &truths[i];

		if (!f[PROTO].s || !f[SRC].s || !field_is(f[PROTO], t->proto) || !f[t->field].s ||
			f[FRAGMENT].s || !line_at_ip(line))
			continue;
		true_len++;
		/* IPv6's header is longer */
		if (field_value(f[LEN]) == t->base + field_value(f[t->field]) % 1000 +
						   (memchr(f[SRC].s, ':', f[SRC].n) ? 20 : 0))
			continue;
		wrong_len++;
		example(&shown, "wrong_len", line);
	}
}

static void event_line(const struct line *line)
{
	const struct field *f = line->f;

	if (field_is(f[TYPE], "function")) {
		nfunction++;
		if (!f[FUNC].s || !f[LAYER].s)
			bad++;
		if (f[FUNC].s)
			name_of(funcs, f[FUNC].s, f[FUNC].n)->n++;
		if (f[LAYER].s)
			name_of(layers, f[LAYER].s, f[LAYER].n)->n++;
		if (!f[NETNS_NAME].s)
			nameless++;
		look_at_len(line);
	} else if (field_is(f[TYPE], "end")) {
		nend++;
	} else if (field_is(f[TYPE], "drop")) {
		ndrop++;
	} else if (field_is(f[TYPE], "socket")) {
		nsocket++;
	} else if (field_is(f[TYPE], "hook") || field_is(f[TYPE], "chain") || field_is(f[TYPE], "rule") ||
		   field_is(f[TYPE], "ct")) {
		nnetfilter++;
	} else {
		bad++;
	}
	packets_line(line);
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
			fprintf(stderr, "layers_differ: %.*s: the kernel counted %llu, lines %llu\n",
				(int)len, name, (unsigned long long)n, (unsigned long long)mine);
		}
	}
	if (known != nfunction) {
		layers_differ++;
		fprintf(stderr, "layers_differ: %llu lines are of layers that the stats do not have\n",
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
			fprintf(stderr, "functions_differ: %.*s: the kernel counted %llu, lines %llu\n",
				(int)len, s + 9, (unsigned long long)n, (unsigned long long)mine);
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
	print("lines", lines);
	print("bad", bad);
	print("events", nfunction + nend + ndrop + nsocket + nnetfilter);
	print("function", nfunction);
	print("end", nend);
	print("drop", ndrop);
	print("socket", nsocket);
	print("netfilter", nnetfilter);
	print("stats", nstats);
	packets_print();
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

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--truth"))
		return !parse_truth(value);
	return !strcmp(name, "--path") && packets_path(value);
}

int main(int argc, char **argv)
{
	struct line line;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *in;
	int i, shown = 0;

	for (i = 1; i + 1 < argc && option(argv[i], argv[i + 1]); i += 2)
		;
	in = i + 1 == argc ? fopen(argv[i], "r") : NULL;
	if (!in) {
		fprintf(stderr,
			"usage: labevents [--truth PROTO:FIELD:BASE]... [--path PROTO:FIELD,...]... FILE\n");
		return 2;
	}
	setvbuf(in, NULL, _IOFBF, 1 << 20);
	while ((len = getline(&text, &size, in)) > 0) {
		lines++;
		line = (struct line){ .text = text, .len = (size_t)len };
		if (text[len - 1] != '\n') {
			bad++;
			example(&shown, "bad", &line);
			continue;
		}
		text[--len] = '\0';
		if (!strncmp(text, "{\"type\":\"stats\"", 15)) {
			stats_line(text);
		} else if (line_split(&line, text, (size_t)len) && line.f[TYPE].s && line.f[TS].s) {
			event_line(&line);
		} else {
			bad++;
			example(&shown, "bad", &line);
		}
	}
	print_result();
	return 0;
}
