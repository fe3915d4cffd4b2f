/* SPDX-License-Identifier: GPL-2.0 */
#include "facts.h"

#include <stdarg.h>
#include <stdio.h>

#define LABEL_WIDTH 16

void facts_clear(struct facts *f)
{
	f->n = 0;
}

void facts_add(struct facts *f, enum role role, const char *label, const char *fmt, ...)
{
	va_list ap;

	if (f->n == FACTS_MAX)
		return;
	f->v[f->n].role = role;
	snprintf(f->v[f->n].label, sizeof(f->v[f->n].label), "%s", label);
	va_start(ap, fmt);
	vsnprintf(f->v[f->n].value, sizeof(f->v[f->n].value), fmt, ap);
	va_end(ap);
	f->n++;
}

void facts_draw(const struct facts *f, struct canvas *cv, size_t row)
{
	int label = cv->w >= 50 ? LABEL_WIDTH : LABEL_WIDTH * 2 / 3;

	if (row >= f->n)
		return;
	canvas_cell(cv, 0, 0, label, false, ROLE_DIM, f->v[row].label);
	canvas_cell(cv, label + 1, 0, cv->w - label - 2, false, f->v[row].role, f->v[row].value);
}

void facts_text(const struct facts *f, size_t row, char *buf, size_t size)
{
	snprintf(buf, size, "%s %s", f->v[row].label, f->v[row].value);
}
