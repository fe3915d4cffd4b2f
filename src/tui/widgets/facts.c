/* SPDX-License-Identifier: GPL-2.0 */
#include "facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	f->v[f->n].packet = 0;
	snprintf(f->v[f->n].label, sizeof(f->v[f->n].label), "%s", label);
	va_start(ap, fmt);
	vsnprintf(f->v[f->n].value, sizeof(f->v[f->n].value), fmt, ap);
	va_end(ap);
	f->n++;
}

void facts_wrap(struct facts *f, enum role role, const char *label, int width, size_t lines, const char *text)
{
	char line[sizeof(f->v[0].value)], cut[sizeof(line) + 8];
	const char *space;
	size_t len;

	do {
		text_cut(cut, sizeof(cut), text, width);
		len = strlen(cut);
		if (text_width(text) > width && lines > 1) {
			/* Without the sign that something is left out: it follows. */
			len -= strlen("…");
			snprintf(line, sizeof(line), "%.*s", (int)len, text);
			space = strrchr(line, ' ');
			len = space && space > line ? (size_t)(space - line) : strlen(line);
			snprintf(cut, sizeof(cut), "%.*s", (int)len, line);
		}
		facts_add(f, role, label, "%s", cut);
		label = "";
		text += len < strlen(text) ? len : strlen(text);
		text += *text == ' ';
	} while (*text && --lines);
}

void facts_link(struct facts *f, uint64_t packet)
{
	if (f->n)
		f->v[f->n - 1].packet = packet;
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
