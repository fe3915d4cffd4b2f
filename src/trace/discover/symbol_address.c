/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/symbol_address.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "trace/discover/symbol_line.h"

uint64_t symbol_address(const char *name)
{
	const size_t len = strlen(name);
	uint64_t addr = 0;
	const char *p, *end;
	char *text;
	size_t n;

	if (file_read("/proc/kallsyms", &text, &n))
		return 0;
	end = text + n;
	for (p = text; p < end && !addr;) {
		struct symbol_line line;

		p = symbol_line_read(p, end, &line);
		if (line.type && !line.module_len && line.name_len == len && !memcmp(line.name, name, len))
			addr = symbol_line_address(&line);
	}
	free(text);
	return addr;
}
