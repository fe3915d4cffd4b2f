/* SPDX-License-Identifier: GPL-2.0 */
/* What numbers of events are put into words with. */
#ifndef SKBSCOPE_EXPORT_WORDS_H
#define SKBSCOPE_EXPORT_WORDS_H

#include "export/sink.h"

struct words {
	const struct source_info *info;
	const struct names *names;
	const struct rules *rules;
};

static inline struct words words_of(const struct sink_options *options)
{
	return (struct words){
		.info = options->info,
		.names = store_names(options->store),
		.rules = store_rules(options->store),
	};
}

#endif
