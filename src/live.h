/* SPDX-License-Identifier: GPL-2.0 */
/* Events as lines instead of a screen. */
#ifndef SKBSCOPE_LIVE_H
#define SKBSCOPE_LIVE_H

#include "export/sink.h"
#include "options.h"

/*
 * Runs src into the sink until Ctrl-C, --duration, --count or a closed output.
 * 0, or -errno with a line in err.
 */
int live_run(struct source *src, const struct options *options, const struct sink_ops *ops, char *err,
	size_t err_size);

/* Lines or statistics, as text or as JSON. */
const struct sink_ops *live_sink(const struct options *options);

/* Makes the file that says that every function is attached. 0 or -errno with a line in err. */
int live_ready(const char *path, char *err, size_t err_size);

#endif
