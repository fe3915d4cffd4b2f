/* SPDX-License-Identifier: GPL-2.0 */
#include "canvas.h"

#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "base/utf8.h"

#define RUN_MAX 256 /* characters handed to curses at once */

/* What stands for a character where only ASCII is to be had. */
static const struct {
	uint32_t from;
	char to;
} ascii_for[] = {
	{ 0x00b5, 'u' },
	{ 0x00b7, '|' },
	{ 0x00d7, 'x' },
	{ 0x2013, '-' },
	{ 0x2014, '-' },
	{ 0x2026, '~' },
	{ 0x2190, '<' },
	{ 0x2192, '>' },
	{ 0x2191, '^' },
	{ 0x2193, 'v' },
	{ 0x21aa, '>' },
	{ 0x2212, '-' },
	{ 0x2219, '.' },
	{ 0x2500, '-' },
	{ 0x2501, '=' },
	{ 0x2502, '|' },
	{ 0x2504, '-' },
	{ 0x250c, '+' },
	{ 0x2510, '+' },
	{ 0x2514, '+' },
	{ 0x2518, '+' },
	{ 0x251c, '+' },
	{ 0x2524, '+' },
	{ 0x252c, '+' },
	{ 0x2534, '+' },
	{ 0x253c, '+' },
	{ 0x255e, '|' },
	{ 0x2581, '_' },
	{ 0x2582, '.' },
	{ 0x2583, ',' },
	{ 0x2584, '-' },
	{ 0x2585, '=' },
	{ 0x2586, '+' },
	{ 0x2587, '*' },
	{ 0x2588, '#' },
	{ 0x2589, '#' },
	{ 0x258a, '#' },
	{ 0x258b, '#' },
	{ 0x258c, '=' },
	{ 0x258d, '-' },
	{ 0x258e, ':' },
	{ 0x258f, '.' },
	{ 0x25b4, '^' },
	{ 0x25b8, '>' },
	{ 0x25be, 'v' },
	{ 0x25c6, '#' },
	{ 0x25cb, 'o' },
	{ 0x25cf, '*' },
	{ 0x2717, 'X' },
	{ 0x22ef, ':' },
	{ 0x27f3, '~' },
	{ 0x29d7, '%' },
	{ 0x2260, '#' },
};

uint32_t utf8_next(const char **text)
{
	uint32_t c;
	size_t n;

	if (!**text)
		return 0;
	/* A character is at most four bytes, and the NUL ends a shorter one. */
	n = utf8_decode(*text, strnlen(*text, 4), &c);
	*text += n ? n : 1;
	return n ? c : 0xfffd;
}

static char to_ascii(uint32_t c)
{
	size_t i;

	for (i = 0; i < sizeof(ascii_for) / sizeof(ascii_for[0]); i++)
		if (ascii_for[i].from == c)
			return ascii_for[i].to;
	return '?';
}

/* What is drawn for c, and its width; 0 leaves it out (combining characters
 * and direction marks could change their neighbours). */
static wchar_t shown(const struct canvas *cv, uint32_t c, int *width)
{
	int w;

	*width = 1;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return L'?';
	if (c < 0x7f)
		return (wchar_t)c;
	if (cv->palette->ascii)
		return (wchar_t)to_ascii(c);
	w = wcwidth((wchar_t)c);
	if (w < 0 || !utf8_printable(c))
		return w ? L'?' : (wchar_t)(*width = 0);
	*width = w;
	return w ? (wchar_t)c : 0;
}

/* Colour pair for fg on bg; when the terminal has no more of them, the plain one. */
static short pair_for(struct palette *p, short fg, short bg)
{
	int i;

	if (fg == THEME_DEFAULT && bg == THEME_DEFAULT)
		return 0;
	for (i = 1; i < p->npairs; i++)
		if (p->pair[i].fg == fg && p->pair[i].bg == bg)
			return (short)i;
	if (p->npairs >= PAIRS_MAX || p->npairs >= p->pair_limit ||
		init_pair((short)p->npairs, fg, bg) == ERR)
		return 0;
	p->pair[p->npairs].fg = fg;
	p->pair[p->npairs].bg = bg;
	return (short)p->npairs++;
}

static void set_style(struct canvas *cv, enum role role)
{
	static const struct {
		unsigned int attribute;
		attr_t curses;
	} map[] = {
		{ THEME_BOLD, A_BOLD },
		{ THEME_DIM, A_DIM },
		{ THEME_REVERSE, A_REVERSE },
		{ THEME_UNDERLINE, A_UNDERLINE },
		{ THEME_ITALIC, A_ITALIC },
	};
	struct style s = theme_style(&cv->palette->theme, cv->palette->depth, role, cv->selected);
	attr_t attr = A_NORMAL;
	size_t i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (s.attributes & map[i].attribute)
			attr |= map[i].curses;
	attr_set(attr, pair_for(cv->palette, s.fg, s.bg), NULL);
}

struct canvas canvas_part(const struct canvas *cv, int x, int y, int w, int h)
{
	struct canvas part = *cv;

	if (x < 0) {
		w += x;
		x = 0;
	}
	if (y < 0) {
		h += y;
		y = 0;
	}
	if (x + w > cv->w)
		w = cv->w - x;
	if (y + h > cv->h)
		h = cv->h - y;
	part.x = cv->x + x;
	part.y = cv->y + y;
	part.w = w > 0 ? w : 0;
	part.h = h > 0 ? h : 0;
	return part;
}

/* Draws text[0 .. end) at x and returns the column after it. */
static int draw_run(struct canvas *cv, int x, int y, enum role role, const char *text, const char *end)
{
	wchar_t run[RUN_MAX], c;
	int at = x < 0 ? 0 : x, n = 0, width;

	set_style(cv, role);
	while (text < end && *text) {
		c = shown(cv, utf8_next(&text), &width);
		if (!width)
			continue;
		if (x >= 0 && x + width <= cv->w && n < RUN_MAX)
			run[n++] = c;
		x += width;
	}
	if (n && y >= 0 && y < cv->h && at < cv->w)
		mvaddnwstr(cv->y + y, cv->x + at, run, n);
	return x;
}

int canvas_text(struct canvas *cv, int x, int y, enum role role, const char *text)
{
	const char *hit = cv->highlight ? text_find(text, cv->highlight) : NULL;
	const char *end = text + strlen(text);
	int at = x;

	if (hit) {
		at = draw_run(cv, at, y, role, text, hit);
		text = hit + strlen(cv->highlight);
		at = draw_run(cv, at, y, ROLE_MARKED, hit, text);
	}
	return draw_run(cv, at, y, role, text, end) - x;
}

int canvas_printf(struct canvas *cv, int x, int y, enum role role, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return canvas_text(cv, x, y, role, text);
}

int text_width(const char *text)
{
	int width = 0, w;
	uint32_t c;

	while ((c = utf8_next(&text))) {
		w = c < 0x300 ? 1 : wcwidth((wchar_t)c);
		width += w < 0 ? 1 : w;
	}
	return width;
}

/* Bytes of text that fill at most width columns. */
static size_t prefix_bytes(const char *text, int width)
{
	const char *s = text, *before = text;
	uint32_t c;
	int w;

	while ((c = utf8_next(&s))) {
		w = c < 0x300 ? 1 : wcwidth((wchar_t)c);
		width -= w < 0 ? 1 : w;
		if (width < 0)
			return (size_t)(before - text);
		before = s;
	}
	return (size_t)(before - text);
}

char *text_shorten(char *dst, size_t size, const char *src, int width)
{
	int full = text_width(src), tail;
	const char *end;
	size_t head;

	if (full <= width || width < 3) {
		head = width < 1 ? 0 : prefix_bytes(src, width);
		snprintf(dst, size, "%.*s", (int)head, src);
		return dst;
	}
	/* The beginning says the subsystem, the end says what is done: keep a bit more of the beginning. */
	tail = (width - 1) * 2 / 5;
	head = prefix_bytes(src, width - 1 - tail);
	for (end = src + head; text_width(end) > tail; utf8_next(&end))
		;
	snprintf(dst, size, "%.*s…%s", (int)head, src, end);
	return dst;
}

char *text_cut(char *dst, size_t size, const char *src, int width)
{
	if (text_width(src) <= width)
		snprintf(dst, size, "%s", src);
	else if (width < 1)
		dst[0] = '\0';
	else
		snprintf(dst, size, "%.*s…", (int)prefix_bytes(src, width - 1), src);
	return dst;
}

const char *text_find(const char *text, const char *needle)
{
	size_t len = strlen(needle);

	if (!len)
		return NULL;
	for (; *text; text++)
		if (!strncasecmp(text, needle, len))
			return text;
	return NULL;
}

void canvas_cell(struct canvas *cv, int x, int y, int w, bool right, enum role role, const char *text)
{
	char buf[512];
	int width = text_width(text);

	if (w <= 0)
		return;
	if (width > w) {
		text = text_shorten(buf, sizeof(buf), text, w);
		width = text_width(text);
	}
	canvas_text(cv, right ? x + w - width : x, y, role, text);
}

void canvas_fill(struct canvas *cv, int x, int y, int w, enum role role, const char *ch)
{
	wchar_t run[RUN_MAX], c;
	const char *s = ch;
	int i, n, width;

	if (x < 0) {
		w += x;
		x = 0;
	}
	if (x + w > cv->w)
		w = cv->w - x;
	if (w <= 0 || y < 0 || y >= cv->h)
		return;
	c = shown(cv, utf8_next(&s), &width);
	for (i = 0; i < RUN_MAX; i++)
		run[i] = c;
	set_style(cv, role);
	for (; w > 0; w -= n, x += n) {
		n = w < RUN_MAX ? w : RUN_MAX;
		mvaddnwstr(cv->y + y, cv->x + x, run, n);
	}
}

void canvas_graph(struct canvas *cv, int x, int y, int w, enum role role, const double *values, int n)
{
	static const char *const level[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	double max = 0;
	int i, l;

	for (i = 0; i < n; i++)
		if (values[i] > max)
			max = values[i];
	for (i = 0; i < w; i++) {
		int v = n - w + i;

		if (v < 0 || values[v] < 0)
			continue;
		l = max > 0 ? (int)(values[v] / max * 6 + 0.5) : 0;
		/* Something is never drawn as nothing. The full block is left out:
		 * it would touch the row above. */
		if (values[v] > 0 && l == 0)
			l = 1;
		canvas_text(cv, x + i, y, values[v] > 0 ? role : ROLE_DIM, level[l]);
	}
}

void canvas_bar(struct canvas *cv, int x, int y, int w, enum role role, double share)
{
	static const char *const part[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	int eighths = share <= 0 ? 0 : share >= 1 ? w * 8 : (int)(share * w * 8 + 0.5);

	if (share > 0 && !eighths)
		eighths = 1;
	canvas_fill(cv, x, y, eighths / 8, role, "█");
	if (eighths % 8)
		canvas_text(cv, x + eighths / 8, y, role, part[eighths % 8]);
}
