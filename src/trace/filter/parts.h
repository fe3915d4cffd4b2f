/* SPDX-License-Identifier: GPL-2.0 */
/* The expressions of a packet_filter, compiled. */
#ifndef SKBSCOPE_TRACE_FILTER_PARTS_H
#define SKBSCOPE_TRACE_FILTER_PARTS_H

#include "model/packet_filter.h"
#include "trace/filter/compile.h"

struct filter_parts {
	struct filter_code expr, inner; /* n 0: none */
};

/* May wait for a resolver. 0 or -EINVAL with a line in err; then nothing is to be freed. */
int filter_parts_compile(struct filter_parts *parts, const struct packet_filter *f, char *err, size_t size);

/*
 * The same in a thread of its own when there are names to look up: asks
 * give_up() now and then whether something else is wanted meanwhile, and
 * returns -ECANCELED then. The resolver's answer is thrown away when it comes.
 */
int filter_parts_look_up(struct filter_parts *parts, const struct packet_filter *f,
	bool (*give_up)(void *ctx), void *ctx, char *err, size_t size);

bool filter_parts_need_names(const struct packet_filter *f);
void filter_parts_free(struct filter_parts *parts);

#endif
