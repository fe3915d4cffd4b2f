/* SPDX-License-Identifier: GPL-2.0 */
/* Label and value, a line each: what a detail is made of. */
#ifndef SKBSCOPE_TUI_WIDGETS_FACTS_H
#define SKBSCOPE_TUI_WIDGETS_FACTS_H

#include "canvas.h"

#define FACTS_MAX 48

struct facts {
	struct {
		enum role role;
		char label[24];
		char value[160];
	} v[FACTS_MAX];
	size_t n;
};

void facts_clear(struct facts *facts);
__attribute__((format(printf, 4, 5))) void facts_add(
	struct facts *facts, enum role role, const char *label, const char *fmt, ...);
void facts_draw(const struct facts *facts, struct canvas *cv, size_t row);
void facts_text(const struct facts *facts, size_t row, char *buf, size_t size);

#endif
