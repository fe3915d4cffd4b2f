/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings as a source of events, like the kernel: without root, without BPF.
 * Several files are told in the order of their wall clocks; functions, reasons,
 * packets and namespaces of different ones are kept apart.
 */
#ifndef SKBSCOPE_TRACE_REPLAY_H
#define SKBSCOPE_TRACE_REPLAY_H

#include <stddef.h>

#include "base/clock.h"
#include "trace/source.h"

struct replay_options {
	double speed;		   /* 1: as it was; 0: as fast as it is read */
	bool paused;		   /* begins so */
	const struct clock *clock; /* drives it; NULL: the real one */
};

/* NULL: err has one line. Its playback is set (trace/source.h). */
struct source *replay_open(
	char *const *paths, size_t n, const struct replay_options *options, char *err, size_t size);

#endif
