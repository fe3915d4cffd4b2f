/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Growing text. Running out of memory is remembered instead of being returned
 * from every call: ask once, when the text is complete.
 */
#ifndef SKBSCOPE_BASE_STRBUF_H
#define SKBSCOPE_BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *s; /* always terminated; NULL while nothing was added */
	size_t len, cap;
	bool failed;
};

#define STRBUF_INIT                                                                                          \
	{                                                                                                    \
		0                                                                                            \
	}

void strbuf_fini(struct strbuf *sb);
void strbuf_clear(struct strbuf *sb); /* keeps the memory */
void strbuf_add(struct strbuf *sb, const char *s, size_t len);
void strbuf_puts(struct strbuf *sb, const char *s);
void strbuf_putc(struct strbuf *sb, char c);
__attribute__((format(printf, 2, 3))) void strbuf_addf(struct strbuf *sb, const char *fmt, ...);

/* The text, "" when empty. */
const char *strbuf_str(const struct strbuf *sb);

#endif
