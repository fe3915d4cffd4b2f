/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/symbol_line.h"

static const char *read_module(const char *p, const char *end, struct symbol_line *line)
{
	line->module_len = 0;
	line->module = p;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p < end && *p == '[') {
		line->module = ++p;
		while (p < end && *p != ']' && *p != '\n')
			p++;
		line->module_len = p - line->module;
	}
	while (p < end && *p != '\n')
		p++;
	return p < end ? p + 1 : p;
}

const char *symbol_line_read_name(const char *p, const char *end, struct symbol_line *line)
{
	line->name = p;
	while (p < end && *p != ' ' && *p != '\t' && *p != '\n')
		p++;
	line->name_len = p - line->name;
	return read_module(p, end, line);
}

/* By hand: sscanf takes half a second. */
const char *symbol_line_read(const char *p, const char *end, struct symbol_line *line)
{
	uint64_t addr = 0;

	for (; p < end && *p != ' ' && *p != '\n'; p++) {
		unsigned char c = *p;

		addr = addr << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	line->addr = addr;
	if (end - p < 3 || *p == '\n') {
		line->type = 0;
		line->name_len = 0;
		line->module_len = 0;
		return end - p > 1 ? p + 1 : end;
	}
	line->type = p[1];
	return symbol_line_read_name(p + 3, end, line);
}
