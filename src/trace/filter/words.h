/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of a tcpdump expression, cut where libpcap's scanner cuts them:
 * enough to say something about an expression before libpcap reads it.
 */
#ifndef SKBSCOPE_TRACE_FILTER_WORDS_H
#define SKBSCOPE_TRACE_FILTER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum word_type {
	WORD_END,
	WORD_SIGN,    /* one character, the names of && and || are two of them */
	WORD_KEYWORD, /* means something to libpcap: host, tcp, and */
	WORD_LITERAL, /* number, address, name of a number (tcp-syn) */
	WORD_NAME,    /* anything else: libpcap must find out what it stands for */
};

struct word {
	enum word_type type;
	const char *s; /* into the expression, not terminated */
	size_t len;
};

/* The word at s or behind the blanks there; go on at word.s + word.len. */
struct word word_at(const char *s);
bool word_is(const struct word *word, const char *text);

#endif
