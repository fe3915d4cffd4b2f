/* SPDX-License-Identifier: GPL-2.0 */
/* The map with the expressions of the filter, for programs that run them themselves. */
#ifndef SKBSCOPE_TRACE_FILTER_CODES_H
#define SKBSCOPE_TRACE_FILTER_CODES_H

#include <stddef.h>

#include "trace/filter/parts.h"

/* Puts the parts into one half; what stood there goes. 0, or -errno with a line in err. */
int codes_fill(int map_fd, unsigned int half, const struct filter_parts *parts, char *err, size_t size);

#endif
