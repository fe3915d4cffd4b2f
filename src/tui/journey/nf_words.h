/* SPDX-License-Identifier: GPL-2.0 */
/* Words for what netfilter did: rules, chains, hooks, conntrack, and where packets were dropped. */
#ifndef SKBSCOPE_TUI_JOURNEY_NF_WORDS_H
#define SKBSCOPE_TUI_JOURNEY_NF_WORDS_H

#include "timeline.h"
#include "tui/theme.h"

struct ui;

#define NF_BODY_MAX 200

/* The text of a line in parts: lead and verdict are never cut. */
struct nf_text {
	char lead[24];		/* "#5" */
	char body[NF_BODY_MAX]; /* a rule without its verdict, a chain */
	char verdict[80];
	enum role body_role, verdict_role;
};

/* Of LINE_HOOK, LINE_CHAIN, LINE_RULE, LINE_CT. */
void nf_text(const struct ui *ui, const struct timeline *tl, const struct line *line, struct nf_text *out);

/* The parts with blanks between, the body cut at its end when it is longer than width columns. */
void nf_join(const struct nf_text *text, int width, char *buf, size_t size);

/* A record of that kind in one piece, whether the journey has a line for it or not. */
void nf_record_text(const struct ui *ui, const struct timeline *tl, uint32_t hop, char *buf, size_t size);

/* "drop", with its sign; what it looks like in *role. */
const char *words_decision(unsigned int decision, enum role *role, char *buf, size_t size);

/* The function at a kernel address: "nft_do_chain", exact "nft_do_chain+0x1a4 [nf_tables]"; else the address.
 */
const char *words_place(const struct ui *ui, uint64_t addr, bool exact, char *buf, size_t size);

/* "inet lab forwarding #5  tcp dport 9999 drop", "inet lab forwarding policy"; "" for 0 and forgotten ones.
 */
const char *words_rule(const struct ui *ui, uint32_t no, char *buf, size_t size);

#endif
