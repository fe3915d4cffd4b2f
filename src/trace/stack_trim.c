/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/stack_trim.h"

#include <string.h>

void stack_trim(struct event_drop *rec, size_t size)
{
	__u32 first = 0, n;

	if (size < sizeof(*rec) || !rec->location)
		return;
	n = rec->depth < DROP_STACK ? rec->depth : DROP_STACK;
	while (first < n && rec->stack[first] != rec->location)
		first++;
	if (first == n)
		return;
	rec->depth = n - first;
	memmove(rec->stack, rec->stack + first, rec->depth * sizeof(rec->stack[0]));
	memset(rec->stack + rec->depth, 0, (DROP_STACK - rec->depth) * sizeof(rec->stack[0]));
}
