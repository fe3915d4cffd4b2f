/* SPDX-License-Identifier: GPL-2.0 */
/* Label and value, a line each: what a detail is made of. */
#ifndef SKBSCOPE_TUI_WIDGETS_FACTS_H
#define SKBSCOPE_TUI_WIDGETS_FACTS_H

#include <stdint.h>

#include "canvas.h"

#define FACTS_MAX 112

struct facts {
	struct {
		enum role role;
		char label[24];
		char value[160];
		uint64_t packet; /* that Enter opens, 0 none */
	} v[FACTS_MAX];
	size_t n;
};

void facts_clear(struct facts *facts);
__attribute__((format(printf, 4, 5))) void facts_add(
	struct facts *facts, enum role role, const char *label, const char *fmt, ...);
/* A long text in lines of at most width columns, wrapped at spaces; so many lines, then it ends with "…". */
void facts_wrap(
	struct facts *facts, enum role role, const char *label, int width, size_t lines, const char *text);
/* Enter on the last one added opens that packet. */
void facts_link(struct facts *facts, uint64_t packet);
void facts_draw(const struct facts *facts, struct canvas *cv, size_t row);
void facts_text(const struct facts *facts, size_t row, char *buf, size_t size);

#endif
