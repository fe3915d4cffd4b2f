/* SPDX-License-Identifier: GPL-2.0 */
/* What "skbscope trace --json" says of chains and rules. */
#include "calls.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../events/line.h"

static uint64_t hex(struct field f)
{
	uint64_t x = 0;

	for (size_t i = 2; i < f.n; i++)
		x = x << 4 | (uint64_t)(f.s[i] <= '9' ? f.s[i] - '0' : f.s[i] - 'a' + 10);
	return x;
}

#define TEXT(f) (int)(f).n, (f).s ? (f).s : ""

static void who_text(char *dst, size_t size, const struct field *f)
{
	int n = snprintf(dst, size, "%.*s %.*s %.*s %.*s: %.*s", TEXT(f[NETNS]), TEXT(f[FAMILY]),
		TEXT(f[TABLE]), TEXT(f[CHAIN]), TEXT(f[PROTO]));

	if (n > 0 && (size_t)n < size && f[SRC].s)
		n += snprintf(dst + n, size - (size_t)n, " %.*s %.*s", TEXT(f[SRC]), TEXT(f[DST]));
	if (n > 0 && (size_t)n < size && f[SPORT].s)
		snprintf(dst + n, size - (size_t)n, " %.*s %.*s", TEXT(f[SPORT]), TEXT(f[DPORT]));
}

static void chain_line(struct calls *calls, const struct field *f, uint64_t skb, uint64_t packet)
{
	struct call *call = calls_open(calls, skb, packet);
	bool enter = field_is(f[EVENT], "enter");
	char text[900];

	if (!f[DEPTH].s || !f[EVENT].s) {
		calls->bad++;
		return;
	}
	if (enter && !field_value(f[DEPTH]) &&
		!(call && call->what && !strcmp(call->what + call->len - 6, " goto\n"))) {
		who_text(text, sizeof(text), f);
		calls_begin(calls, skb, packet, text);
		return;
	}
	if (!call) {
		calls->bad++;
		return;
	}
	if (enter) {
		snprintf(text, sizeof(text), "> %.*s", TEXT(f[CHAIN]));
		calls_step(calls, call, text);
	} else if (!field_value(f[DEPTH])) {
		snprintf(text, sizeof(text), "= %.*s%s", TEXT(f[VERDICT]),
			field_is(f[POLICY], "true") ? " policy" : "");
		calls_step(calls, call, text);
		calls_end(calls, call);
	}
}

static void rule_line(struct calls *calls, const struct field *f, uint64_t skb, uint64_t packet)
{
	struct call *call = calls_open(calls, skb, packet);
	char text[900];

	if (!call) {
		calls->bad++;
		return;
	}
	/* a statement that acts before one that does not match: the kernel's trace is silent */
	if (field_is(f[VERDICT], "break"))
		return;
	snprintf(text, sizeof(text), "%s%.*s#%.*s %.*s", f[PARTLY].s ? "?" : "", TEXT(f[CHAIN]),
		TEXT(f[HANDLE]), TEXT(f[VERDICT]));
	calls_step(calls, call, text);
}

int seen_read(struct calls *calls, const char *path, const uint64_t *netns, int nnetns)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	if (!in)
		return -errno;
	setvbuf(in, NULL, _IOFBF, 1 << 20);
	while ((len = getline(&text, &size, in)) > 0) {
		bool chain = !strncmp(text, "{\"type\":\"chain\"", 15), known = false;
		struct line line;

		if (!chain && strncmp(text, "{\"type\":\"rule\"", 14) != 0)
			continue;
		if (text[len - 1] != '\n' || !line_split(&line, text, (size_t)len - 1)) {
			calls->bad++;
			continue;
		}
		for (int i = 0; i < nnetns && !known; i++)
			known = line.f[NETNS].s && field_value(line.f[NETNS]) == netns[i];
		if (!known)
			continue;
		(chain ? chain_line : rule_line)(
			calls, line.f, hex(line.f[SKB]), field_value(line.f[PACKET]));
	}
	free(text);
	fclose(in);
	return 0;
}
