/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/symbol_line.h"

#include <string.h>

#define HEX_DIGITS 16 /* of an address, as the kernel prints it */

static void read_name(const char *p, const char *stop, struct symbol_line *line)
{
	const char *open = stop > p && stop[-1] == ']' ? memrchr(p, '[', (size_t)(stop - p)) : NULL;

	line->module = p;
	line->module_len = 0;
	if (open && open > p && (open[-1] == '\t' || open[-1] == ' ')) {
		line->module = open + 1;
		line->module_len = (size_t)(stop - 1 - line->module);
		for (stop = open; stop > p && (stop[-1] == '\t' || stop[-1] == ' ');)
			stop--;
	}
	line->name = p;
	line->name_len = (size_t)(stop - p);
}

static const char *end_of_line(const char *p, const char *end)
{
	const char *stop = memchr(p, '\n', (size_t)(end - p));

	return stop ? stop : end;
}

const char *symbol_line_read_name(const char *p, const char *end, struct symbol_line *line)
{
	const char *stop = end_of_line(p, end);

	read_name(p, stop, line);
	return stop < end ? stop + 1 : end;
}

/* There are 150,000 of them: sscanf takes half a second, one character after the other an eighth. */
const char *symbol_line_read(const char *p, const char *end, struct symbol_line *line)
{
	const char *stop = end_of_line(p, end), *next = stop < end ? stop + 1 : end;
	const char *space = stop - p > HEX_DIGITS && p[HEX_DIGITS] == ' '
				    ? p + HEX_DIGITS
				    : memchr(p, ' ', (size_t)(stop - p));

	*line = (struct symbol_line){ .address = p, .name = p, .module = p };
	if (!space || stop - space < 3)
		return next;
	line->type = space[1];
	read_name(space + 3, stop, line);
	return next;
}

uint64_t symbol_line_address(const struct symbol_line *line)
{
	uint64_t addr = 0;

	for (const char *p = line->address; *p != ' '; p++) {
		unsigned char c = *p;

		addr = addr << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return addr;
}
