/* SPDX-License-Identifier: GPL-2.0 */
/* Words for what the lines of a journey, the detail of a hop and the lists show. */
#ifndef SKBSCOPE_TUI_JOURNEY_WORDS_H
#define SKBSCOPE_TUI_JOURNEY_WORDS_H

#include "timeline.h"
#include "tui/theme.h"

struct ui;

#define WORDS_MAX 240 /* bytes of a line's text */

const char *words_func(const struct ui *ui, const struct hop *hop);
const char *words_netns(const struct ui *ui, uint32_t netns, char *buf, size_t size);
const char *words_device(const struct ui *ui, const struct hop *hop, char *buf, size_t size);
const char *words_reason(const struct ui *ui, uint32_t reason, char *buf, size_t size);
const char *words_time(uint64_t ns, char *buf, size_t size);

/* How long ago that was, in the picture: "now", "12s", "3m". */
const char *words_seen(const struct ui *ui, uint64_t ts, char *buf, size_t size);

/* "curl (1234)", "socket of nobody", "a socket". */
const char *words_owner(const struct ui *ui, uint64_t inode, char *buf, size_t size);

/* "✗ DROPPED NO_SOCKET", "● delivered", "○ still in flight"; what it looks like in *role. */
const char *words_fate(
	const struct ui *ui, enum fate fate, uint32_t reason, enum role *role, char *buf, size_t size);

/* What a line says, without its place and time; what it looks like in *role. */
void words_line(const struct ui *ui, const struct timeline *tl, const struct line *line, enum role *role,
	char *buf, size_t size);

/* "tcp 10.1.0.2:4000 → 10.2.0.2:80"; "?" when it is gone. */
const char *words_flow(const struct ui *ui, uint32_t flow, char *buf, size_t size);

/* enum ip_conntrack_info, in words. */
const char *words_ct(unsigned int info);

/* look.c: what has become of the headers, as "10.1.0.2:4000 → 192.0.2.1:61001  SNAT". */
void words_change(
	const struct wire_tuple *before, const struct wire_tuple *now, int more, char *buf, size_t size);

static inline uint64_t since(uint64_t later, uint64_t earlier)
{
	return later > earlier ? later - earlier : 0;
}

#endif
