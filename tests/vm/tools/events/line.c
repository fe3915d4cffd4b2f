/* SPDX-License-Identifier: GPL-2.0 */
#include "line.h"

#include <stdio.h>
#include <string.h>

#define EXAMPLES 5

static const char *const field_name[FIELDS] = {
	[TYPE] = "type",
	[TS] = "ts",
	[PACKET] = "packet",
	[COPY] = "copy",
	[PARENT] = "parent",
	[SKB] = "skb",
	[FUNC] = "func",
	[LAYER] = "layer",
	[LEN] = "len",
	[PROTO] = "proto",
	[SRC] = "src",
	[DST] = "dst",
	[SPORT] = "sport",
	[DPORT] = "dport",
	[FRAGMENT] = "fragment",
	[NETNS_NAME] = "netns_name",
	[IFNAME] = "ifname",
	[FATE] = "fate",
	[NETNS] = "netns",
	[FAMILY] = "family",
	[TABLE] = "table",
	[CHAIN] = "chain",
	[EVENT] = "event",
	[DEPTH] = "depth",
	[VERDICT] = "verdict",
	[POLICY] = "policy",
	[PARTLY] = "partly",
	[HANDLE] = "handle",
};

int field_number(const char *name, size_t n)
{
	for (int i = 0; i < FIELDS; i++) {
		if (name[0] == field_name[i][0] && !strncmp(field_name[i], name, n) && !field_name[i][n])
			return i;
	}
	return -1;
}

/* Behind the string whose first character this is. */
static const char *skip_string(const char *s, const char *end)
{
	while (s < end && *s != '"')
		s += *s == '\\' ? 2 : 1;
	return s + 1;
}

/* Behind a number, or an object or list with all that is in it. */
static const char *skip_value(const char *s, const char *end)
{
	int depth = 0;

	while (s < end && (depth || (*s != ',' && *s != '}'))) {
		if (*s == '"') {
			s = skip_string(s + 1, end);
			continue;
		}
		depth += (*s == '{' || *s == '[') - (*s == '}' || *s == ']');
		s++;
	}
	return s;
}

bool line_split(struct line *line, const char *text, size_t len)
{
	const char *s = text, *end = text + len;

	line->text = text;
	line->len = len;
	memset(line->f, 0, sizeof(line->f));
	if (s >= end || *s++ != '{')
		return false;
	while (s < end && *s == '"') {
		const char *key = ++s, *value;
		size_t klen, vlen;
		int i;

		while (s < end && *s != '"')
			s++;
		klen = (size_t)(s - key);
		if (s + 2 >= end || s[1] != ':')
			return false;
		s += 2;
		if (*s == '"') {
			value = ++s;
			s = skip_string(s, end);
			vlen = (size_t)(s - value) - 1;
		} else {
			value = s;
			s = skip_value(s, end);
			vlen = (size_t)(s - value);
		}
		i = field_number(key, klen);
		if (i >= 0)
			line->f[i] = (struct field){ value, vlen };
		if (s < end && *s == '}')
			return s + 1 == end;
		if (s >= end || *s++ != ',')
			return false;
	}
	return false;
}

bool field_is(struct field f, const char *text)
{
	return f.n == strlen(text) && !memcmp(f.s, text, f.n);
}

uint64_t field_value(struct field f)
{
	uint64_t x = 0;

	for (size_t i = 0; i < f.n; i++)
		x = x * 10 + (uint64_t)(f.s[i] - '0');
	return x;
}

bool line_at_ip(const struct line *line)
{
	static const char *const names[] = { "ip_rcv", "ip_rcv_core", "ip_forward", "ip_output",
		"__ip_local_out", "ip_finish_output2", "ip_local_deliver", "ip_finish_output",
		"ip_forward_finish", "ipv6_rcv", "ip6_output", "ip6_forward", "ip6_finish_output2" };

	for (size_t i = 0; line->f[FUNC].s && i < sizeof(names) / sizeof(names[0]); i++) {
		if (field_is(line->f[FUNC], names[i]))
			return true;
	}
	return false;
}

void example(int *shown, const char *what, const struct line *line)
{
	if ((*shown)++ < EXAMPLES)
		fprintf(stderr, "%s: %.*s\n", what, (int)line->len, line->text);
}

const char *flatten(const char *s, char *path, size_t at, size_t size)
{
	size_t n;

	if (*s == '{' || *s == '[') {
		char close = *s == '{' ? '}' : ']';
		unsigned int i = 0;

		s++;
		while (*s && *s != close) {
			n = at;
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
	n = strcspn(s, ",}]");
	printf("%s %.*s\n", path, (int)n, s);
	return s + n;
}
